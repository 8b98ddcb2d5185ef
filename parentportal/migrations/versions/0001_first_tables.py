"""The first tables.

Revision 0001, after nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_digest", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("action", "subject_digest", name=op.f("uq_attempt_action_subject_digest")),
    )
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_role", sa.Text(), nullable=False),
        sa.Column("about_kind", sa.Text(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=True),
        sa.Column("pupil_id", sa.Uuid(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("content_digest", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("row_hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
        sa.UniqueConstraint("board_id", "number", name=op.f("uq_audit_event_board_id_number")),
        sa.UniqueConstraint("board_id", "previous_hash", name=op.f("uq_audit_event_board_id_previous_hash")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_event_pupil_id"), ["pupil_id"], unique=False)

    op.create_table(
        "board",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board")),
        sa.UniqueConstraint("code", name=op.f("uq_board_code")),
    )
    op.create_table(
        "outbox_mail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("adult_id", sa.Uuid(), nullable=True),
        sa.Column("to_address", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("context", sa.JSON(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_mail")),
    )
    with op.batch_alter_table("outbox_mail", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_mail_due", ["sent_at", "dead_at", "not_before"], unique=False)

    op.create_table(
        "submission",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
    )
    op.create_table(
        "adult",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("initials", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("surname", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("deceased", sa.Boolean(), nullable=False),
        sa.Column("organisation", sa.Boolean(), nullable=False),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("merged_by_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(merged_at IS NULL) = (merged_by_id IS NULL)", name=op.f("ck_adult_merged_at_with_by")),
        sa.CheckConstraint("(merged_at IS NULL) = (merged_into_id IS NULL)", name=op.f("ck_adult_merged_at_with_into")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_adult_board_id")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["adult.id"], name=op.f("fk_adult_merged_into_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adult")),
    )
    with op.batch_alter_table("adult", schema=None) as batch_op:
        batch_op.create_index("ix_adult_board", ["board_id", "surname"], unique=False)

    op.create_table(
        "board_policy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_board_policy_board_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_policy")),
        sa.UniqueConstraint("board_id", "version", name=op.f("uq_board_policy_board_id_version")),
    )
    op.create_table(
        "consent_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "subject",
            sa.Enum("child", "adult", name="subject", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "rule",
            sa.Enum("one", "all", name="rule", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by_id IS NULL)", name=op.f("ck_consent_item_revoked_at_with_by")
        ),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_consent_item_board_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_item")),
        sa.UniqueConstraint("board_id", "code", name=op.f("uq_consent_item_board_id_code")),
    )
    op.create_table(
        "item_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("field_code", sa.Text(), nullable=False),
        sa.Column("old_digest", sa.LargeBinary(), nullable=True),
        sa.Column("new_digest", sa.LargeBinary(), nullable=True),
        sa.Column("delivery_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_item_change_board_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_change")),
    )
    with op.batch_alter_table("item_change", schema=None) as batch_op:
        batch_op.create_index("ix_item_change_board_person", ["board_id", "person_id"], unique=False)

    op.create_table(
        "school",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("brin", sa.Text(), nullable=True),
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("bao", "sbo", "so", "vso", name="schoolkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_school_board_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school")),
        sa.UniqueConstraint("board_id", "name", "place", name=op.f("uq_school_board_id_name_place")),
    )
    with op.batch_alter_table("school", schema=None) as batch_op:
        batch_op.create_index("uq_school_brin_branch", ["brin", "branch"], unique=True)

    op.create_table(
        "tombstone",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("field_code", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("line_id", sa.Uuid(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_tombstone_board_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tombstone")),
    )
    with op.batch_alter_table("tombstone", schema=None) as batch_op:
        batch_op.create_index("ix_tombstone_board_person", ["board_id", "person_id", "field_code"], unique=False)

    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("adult_id", sa.Uuid(), nullable=False),
        sa.Column("sign_in_name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("email_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=False),
        sa.Column("totp_last_step", sa.Integer(), nullable=False),
        sa.Column("stamp", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("blocked_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(blocked_at IS NULL) = (blocked_by_id IS NULL)", name=op.f("ck_account_blocked_at_with_by")
        ),
        sa.ForeignKeyConstraint(["adult_id"], ["adult.id"], name=op.f("fk_account_adult_id")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_account_board_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("board_id", "adult_id", name=op.f("uq_account_board_id_adult_id")),
        sa.UniqueConstraint("sign_in_name", name=op.f("uq_account_sign_in_name")),
    )
    op.create_table(
        "activation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("adult_id", sa.Uuid(), nullable=False),
        sa.Column(
            "audience",
            sa.Enum("guardian", "staff", name="audience", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("code_digest", sa.LargeBinary(), nullable=False),
        sa.Column("desk", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by_id", sa.Uuid(), nullable=True),
        sa.Column("carrier_digest", sa.LargeBinary(), nullable=True),
        sa.Column("child_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sign_in_name", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("email_code_digest", sa.LargeBinary(), nullable=True),
        sa.Column("email_code_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("email_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("totp_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_step", sa.Integer(), nullable=True),
        sa.Column("recovery_codes", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["adult_id"], ["adult.id"], name=op.f("fk_activation_adult_id")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_activation_board_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_activation_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activation")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_activation_code_digest")),
    )
    with op.batch_alter_table("activation", schema=None) as batch_op:
        batch_op.create_index("ix_activation_board_adult", ["board_id", "adult_id"], unique=False)

    op.create_table(
        "consent_wording",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("material", sa.Boolean(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_consent_wording_board_id")),
        sa.ForeignKeyConstraint(["item_id"], ["consent_item.id"], name=op.f("fk_consent_wording_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_wording")),
        sa.UniqueConstraint(
            "board_id",
            "item_id",
            "language",
            "version",
            name=op.f("uq_consent_wording_board_id_item_id_language_version"),
        ),
    )
    op.create_table(
        "pupil",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("call_name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("surname", sa.Text(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column(
            "enrolment",
            sa.Enum(
                "applied",
                "enrolled",
                "left",
                "unknown",
                name="enrolment",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("enrolled_on", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("missing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_pupil_board_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_pupil_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pupil")),
    )
    with op.batch_alter_table("pupil", schema=None) as batch_op:
        batch_op.create_index("ix_pupil_board_school", ["board_id", "school_id"], unique=False)

    op.create_table(
        "school_group",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("school_year", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("home", "combined", name="groupkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("year_group", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_school_group_board_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_school_group_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_group")),
        sa.UniqueConstraint(
            "board_id",
            "school_id",
            "school_year",
            "kind",
            "name",
            name=op.f("uq_school_group_board_id_school_id_school_year_kind_name"),
        ),
    )
    with op.batch_alter_table("school_group", schema=None) as batch_op:
        batch_op.create_index("ix_school_group_board_school", ["board_id", "school_id", "school_year"], unique=False)

    op.create_table(
        "source",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("system_name", sa.Text(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("last_delivery_id", sa.Uuid(), nullable=True),
        sa.Column("column_set", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_source_board_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_source_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("board_id", "school_id", "kind", name=op.f("uq_source_board_id_school_id_kind")),
    )
    op.create_table(
        "staff_role",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("adult_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                "guardian",
                "teacher",
                "support",
                "administration",
                "director",
                "board",
                "coordinator",
                "officer",
                "technical",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("on_leave", sa.Boolean(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name=op.f("ck_staff_role_ended_at_with_by")),
        sa.ForeignKeyConstraint(["adult_id"], ["adult.id"], name=op.f("fk_staff_role_adult_id")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_staff_role_board_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_staff_role_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_role")),
    )
    with op.batch_alter_table("staff_role", schema=None) as batch_op:
        batch_op.create_index("ix_staff_role_board_adult", ["board_id", "adult_id"], unique=False)
        batch_op.create_index("ix_staff_role_board_school", ["board_id", "school_id", "role"], unique=False)

    op.create_table(
        "authority",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("pupil_id", sa.Uuid(), nullable=False),
        sa.Column("adult_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "joint",
                "joint_separated",
                "sole",
                "without",
                "legal_guardian",
                "institution",
                "under_supervision",
                "mandated",
                "carer",
                "self",
                name="relation",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("relation_word", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=True),
        sa.Column(
            "declared",
            sa.Enum(
                "yes",
                "no",
                "unknown",
                "contradictory",
                name="mark",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "unknown",
                "confirmed",
                "ended",
                "suspended",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column(
            "evidence",
            sa.Enum(
                "enrolment",
                "declaration",
                "register",
                "ruling",
                "mandate",
                "delivery",
                "birth_date",
                name="evidence",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by_id", sa.Uuid(), nullable=True),
        sa.Column("suspended_reason", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Uuid(), nullable=True),
        sa.Column("no_contact", sa.Boolean(), nullable=False),
        sa.Column("secret_address", sa.Boolean(), nullable=False),
        sa.Column("no_location", sa.Boolean(), nullable=False),
        sa.Column("flagged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("flagged_by_id", sa.Uuid(), nullable=True),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_by_id IS NULL)", name=op.f("ck_authority_confirmed_at_with_by")
        ),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (evidence IS NULL)", name=op.f("ck_authority_confirmed_at_with_evidence")
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name=op.f("ck_authority_ended_at_with_by")),
        sa.CheckConstraint(
            "(flagged_at IS NULL) = (flagged_by_id IS NULL)", name=op.f("ck_authority_flagged_at_with_by")
        ),
        sa.CheckConstraint("confirmed_at IS NULL OR kind IS NOT NULL", name=op.f("ck_authority_confirmed_with_kind")),
        sa.ForeignKeyConstraint(["adult_id"], ["adult.id"], name=op.f("fk_authority_adult_id")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_authority_board_id")),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupil.id"], name=op.f("fk_authority_pupil_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_authority_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authority")),
    )
    with op.batch_alter_table("authority", schema=None) as batch_op:
        batch_op.create_index("ix_authority_board_adult", ["board_id", "adult_id"], unique=False)
        batch_op.create_index("ix_authority_board_pupil", ["board_id", "pupil_id"], unique=False)

    op.create_table(
        "consent_hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("pupil_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_consent_hold_board_id")),
        sa.ForeignKeyConstraint(["item_id"], ["consent_item.id"], name=op.f("fk_consent_hold_item_id")),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupil.id"], name=op.f("fk_consent_hold_pupil_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_hold")),
    )
    with op.batch_alter_table("consent_hold", schema=None) as batch_op:
        batch_op.create_index("ix_consent_hold_board_pupil", ["board_id", "pupil_id"], unique=False)

    op.create_table(
        "consent_receipt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("pupil_id", sa.Uuid(), nullable=False),
        sa.Column("adult_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["adult_id"], ["adult.id"], name=op.f("fk_consent_receipt_adult_id")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_consent_receipt_board_id")),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupil.id"], name=op.f("fk_consent_receipt_pupil_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_receipt")),
        sa.UniqueConstraint("number", name=op.f("uq_consent_receipt_number")),
    )
    with op.batch_alter_table("consent_receipt", schema=None) as batch_op:
        batch_op.create_index("ix_consent_receipt_board_adult", ["board_id", "adult_id"], unique=False)

    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("school_year", sa.Text(), nullable=True),
        sa.Column("reference_on", sa.Date(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "preview",
                "held",
                "applied",
                "refused",
                name="deliverystate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_by", sa.Text(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_by", sa.Text(), nullable=True),
        sa.CheckConstraint("(applied_at IS NULL) = (applied_by IS NULL)", name=op.f("ck_delivery_applied_at_with_by")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_delivery_board_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_delivery_school_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_delivery_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index("ix_delivery_board_school", ["board_id", "school_id", "received_at"], unique=False)

    op.create_table(
        "item",
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "person_kind",
            sa.Enum("pupil", "adult", name="personkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("field_code", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=True),
        sa.Column(
            "origin",
            sa.Enum(
                "parent",
                "school",
                "government",
                "previous_school",
                "care",
                name="origin",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("system_name", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "presence",
            sa.Enum(
                "current", "lapsed", "missing", name="presence", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("marked_secret", sa.Boolean(), nullable=False),
        sa.Column("disputed", sa.Boolean(), nullable=False),
        sa.Column("decided_value", sa.Text(), nullable=True),
        sa.Column("decided_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("decided_line_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(value IS NULL) <> (sealed IS NULL)", name=op.f("ck_item_one_of_value_and_sealed")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_item_board_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_item_source_id")),
        sa.PrimaryKeyConstraint("board_id", "person_id", "id", name=op.f("pk_item")),
        sa.UniqueConstraint(
            "board_id", "person_id", "field_code", "ordinal", name=op.f("uq_item_board_id_person_id_field_code_ordinal")
        ),
        sa.UniqueConstraint("id", name=op.f("uq_item_id")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "placement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("pupil_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_placement_dates_in_order")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_placement_board_id")),
        sa.ForeignKeyConstraint(["group_id"], ["school_group.id"], name=op.f("fk_placement_group_id")),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupil.id"], name=op.f("fk_placement_pupil_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement")),
        sa.UniqueConstraint(
            "board_id",
            "pupil_id",
            "group_id",
            "starts_on",
            name=op.f("uq_placement_board_id_pupil_id_group_id_starts_on"),
        ),
    )
    with op.batch_alter_table("placement", schema=None) as batch_op:
        batch_op.create_index("ix_placement_board_group", ["board_id", "group_id"], unique=False)
        batch_op.create_index("ix_placement_board_pupil", ["board_id", "pupil_id"], unique=False)

    op.create_table(
        "privacy_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("pupil_id", sa.Uuid(), nullable=True),
        sa.Column("adult_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "access",
                "rectification",
                "completion",
                "erasure",
                "restriction",
                "objection",
                "portability",
                "withdrawal_follow_up",
                "unlawful_special",
                "remove_publication",
                "question",
                "information_377c",
                "parent_image",
                "breach",
                "complaint",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "assigned",
                "identity_needed",
                "in_progress",
                "information_needed",
                "proposed",
                "decided",
                "executing",
                "settled",
                "closed",
                "withdrawn",
                "reopened",
                "objection_pending",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "addressee",
            sa.Enum(
                "guardian",
                "teacher",
                "support",
                "administration",
                "director",
                "board",
                "coordinator",
                "officer",
                "technical",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "handler_role",
            sa.Enum(
                "guardian",
                "teacher",
                "support",
                "administration",
                "director",
                "board",
                "coordinator",
                "officer",
                "technical",
                name="handler_role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("handler_id", sa.Uuid(), nullable=True),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("about_staff_id", sa.Uuid(), nullable=True),
        sa.Column("explanation", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("policy_due_on", sa.Date(), nullable=True),
        sa.Column("legal_due_on", sa.Date(), nullable=True),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("picked_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proposed_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Uuid(), nullable=True),
        sa.Column("excluded_id", sa.Uuid(), nullable=True),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by_id IS NULL)", name=op.f("ck_privacy_request_closed_at_with_by")
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL)", name=op.f("ck_privacy_request_decided_at_with_by")
        ),
        sa.CheckConstraint(
            "(picked_up_at IS NULL) = (handler_id IS NULL)", name=op.f("ck_privacy_request_picked_up_at_with_by")
        ),
        sa.CheckConstraint(
            "(proposed_at IS NULL) = (proposed_by_id IS NULL)", name=op.f("ck_privacy_request_proposed_at_with_by")
        ),
        sa.CheckConstraint(
            "(received_at IS NULL) = (policy_due_on IS NULL)", name=op.f("ck_privacy_request_received_at_with_due")
        ),
        sa.ForeignKeyConstraint(["adult_id"], ["adult.id"], name=op.f("fk_privacy_request_adult_id")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_privacy_request_board_id")),
        sa.ForeignKeyConstraint(["group_id"], ["school_group.id"], name=op.f("fk_privacy_request_group_id")),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupil.id"], name=op.f("fk_privacy_request_pupil_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_privacy_request_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_request")),
        sa.UniqueConstraint("number", name=op.f("uq_privacy_request_number")),
    )
    with op.batch_alter_table("privacy_request", schema=None) as batch_op:
        batch_op.create_index("ix_privacy_request_board_adult", ["board_id", "adult_id"], unique=False)
        batch_op.create_index("ix_privacy_request_board_school", ["board_id", "school_id", "state"], unique=False)

    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_recovery_code_board_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_recovery_code_code_digest")),
    )
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.create_index("ix_recovery_code_board_account", ["board_id", "account_id"], unique=False)

    op.create_table(
        "sign_in_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column(
            "level",
            sa.Enum("password", "full", name="sessionlevel", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("stamp", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "guardian",
                "teacher",
                "support",
                "administration",
                "director",
                "board",
                "coordinator",
                "officer",
                "technical",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_failures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sign_in_session_account_id")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_sign_in_session_board_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_sign_in_session_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_session")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_sign_in_session_token_digest")),
    )
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_session_board_account", ["board_id", "account_id"], unique=False)

    op.create_table(
        "source_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_source_key_board_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_source_key_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_key")),
        sa.UniqueConstraint(
            "board_id", "source_id", "kind", "value", name=op.f("uq_source_key_board_id_source_id_kind_value")
        ),
    )
    with op.batch_alter_table("source_key", schema=None) as batch_op:
        batch_op.create_index("ix_source_key_board_object", ["board_id", "object_id"], unique=False)

    op.create_table(
        "teacher_assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("adult_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assigned_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_teacher_assignment_dates_in_order")
        ),
        sa.ForeignKeyConstraint(["adult_id"], ["adult.id"], name=op.f("fk_teacher_assignment_adult_id")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_teacher_assignment_board_id")),
        sa.ForeignKeyConstraint(["group_id"], ["school_group.id"], name=op.f("fk_teacher_assignment_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teacher_assignment")),
    )
    with op.batch_alter_table("teacher_assignment", schema=None) as batch_op:
        batch_op.create_index("ix_teacher_assignment_board_adult", ["board_id", "adult_id"], unique=False)
        batch_op.create_index("ix_teacher_assignment_board_group", ["board_id", "group_id"], unique=False)

    op.create_table(
        "unknown_field",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_unknown_field_board_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_unknown_field_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unknown_field")),
        sa.UniqueConstraint("board_id", "source_id", "path", name=op.f("uq_unknown_field_board_id_source_id_path")),
    )
    op.create_table(
        "consent_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("pupil_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("adult_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=True),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.Column(
            "answer",
            sa.Enum(
                "given",
                "renewed",
                "refused",
                "withdrawn",
                "objected",
                "asked",
                "deferred",
                "revoked",
                "expired",
                "invalid",
                "ended",
                name="answer",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "previous",
            sa.Enum(
                "given",
                "renewed",
                "refused",
                "withdrawn",
                "objected",
                "asked",
                "deferred",
                "revoked",
                "expired",
                "invalid",
                "ended",
                name="previous",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("wording_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "portal",
                "paper",
                "desk",
                "enrolment",
                "import",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("receipt_id", sa.Uuid(), nullable=True),
        sa.Column("session_digest", sa.Text(), nullable=False),
        sa.Column("child_age", sa.Integer(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["adult_id"], ["adult.id"], name=op.f("fk_consent_event_adult_id")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_consent_event_board_id")),
        sa.ForeignKeyConstraint(["item_id"], ["consent_item.id"], name=op.f("fk_consent_event_item_id")),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupil.id"], name=op.f("fk_consent_event_pupil_id")),
        sa.ForeignKeyConstraint(["receipt_id"], ["consent_receipt.id"], name=op.f("fk_consent_event_receipt_id")),
        sa.ForeignKeyConstraint(["wording_id"], ["consent_wording.id"], name=op.f("fk_consent_event_wording_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_event")),
    )
    with op.batch_alter_table("consent_event", schema=None) as batch_op:
        batch_op.create_index("ix_consent_event_board_pupil", ["board_id", "pupil_id", "item_id"], unique=False)
        batch_op.create_index("ix_consent_event_board_receipt", ["board_id", "receipt_id"], unique=False)

    op.create_table(
        "request_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column(
            "event",
            sa.Enum(
                "save",
                "submit",
                "register",
                "route",
                "reassign",
                "doubt_identity",
                "accept_proof",
                "miss_proof",
                "pick_up",
                "ask",
                "answer",
                "stop_waiting",
                "propose",
                "return",
                "accept",
                "decide",
                "extend",
                "convert",
                "merge",
                "split",
                "withdraw",
                "execute",
                "send_letter",
                "finish",
                "close",
                "disagree",
                "object",
                "find_new_fact",
                "note",
                name="event",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "assigned",
                "identity_needed",
                "in_progress",
                "information_needed",
                "proposed",
                "decided",
                "executing",
                "settled",
                "closed",
                "withdrawn",
                "reopened",
                "objection_pending",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column(
            "by_role",
            sa.Enum(
                "guardian",
                "teacher",
                "support",
                "administration",
                "director",
                "board",
                "coordinator",
                "officer",
                "technical",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "visibility",
            sa.Enum("parent", "staff", name="visibility", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_request_event_board_id")),
        sa.ForeignKeyConstraint(["request_id"], ["privacy_request.id"], name=op.f("fk_request_event_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_event")),
    )
    with op.batch_alter_table("request_event", schema=None) as batch_op:
        batch_op.create_index("ix_request_event_board_request", ["board_id", "request_id"], unique=False)

    op.create_table(
        "request_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("field_code", sa.Text(), nullable=False),
        sa.Column("systems", sa.Text(), nullable=False),
        sa.Column("old_value", sa.LargeBinary(), nullable=True),
        sa.Column("new_value", sa.LargeBinary(), nullable=True),
        sa.Column(
            "proposal_outcome",
            sa.Enum(
                "granted",
                "partly",
                "refused",
                "statement_added",
                "restricted",
                "not_present",
                "referred",
                "not_identifiable",
                name="proposal_outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "proposal_ground",
            sa.Enum(
                "legal_duty",
                "public_task",
                "archive",
                "legal_claim",
                "free_expression",
                "public_health",
                "proved_right",
                "professional_judgement",
                "rights_of_others",
                "child_safety",
                "working_note",
                "compelling_grounds",
                "unfounded",
                "excessive",
                "not_entitled",
                "not_applicable",
                name="proposal_ground",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("proposal_reason", sa.LargeBinary(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "granted",
                "partly",
                "refused",
                "statement_added",
                "restricted",
                "not_present",
                "referred",
                "not_identifiable",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "ground",
            sa.Enum(
                "legal_duty",
                "public_task",
                "archive",
                "legal_claim",
                "free_expression",
                "public_health",
                "proved_right",
                "professional_judgement",
                "rights_of_others",
                "child_safety",
                "working_note",
                "compelling_grounds",
                "unfounded",
                "excessive",
                "not_entitled",
                "not_applicable",
                name="ground",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("law", sa.Text(), nullable=False),
        sa.Column("retention_class", sa.Text(), nullable=False),
        sa.Column("erase_on", sa.Date(), nullable=True),
        sa.Column("officer_advised", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("decided_value", sa.LargeBinary(), nullable=True),
        sa.Column("executed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_request_line_board_id")),
        sa.ForeignKeyConstraint(["request_id"], ["privacy_request.id"], name=op.f("fk_request_line_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_line")),
    )
    with op.batch_alter_table("request_line", schema=None) as batch_op:
        batch_op.create_index("ix_request_line_board_request", ["board_id", "request_id"], unique=False)

    op.create_table(
        "task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "fix_source",
                "erase_source",
                "replace_document",
                "annotate_document",
                "remove_publication",
                "stop_printed",
                "renew_list",
                "forward_preference",
                "erase_at_processor",
                "inform_recipient",
                "check_after_import",
                name="taskkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "done",
                "reasoned",
                "not_yet_processed",
                name="taskstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "role",
            sa.Enum(
                "guardian",
                "teacher",
                "support",
                "administration",
                "director",
                "board",
                "coordinator",
                "officer",
                "technical",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("pupil_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("consent_item_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("line_id", sa.Uuid(), nullable=True),
        sa.Column("field_code", sa.Text(), nullable=False),
        sa.Column("system_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_delivery_id", sa.Uuid(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("(done_at IS NULL) = (done_by_id IS NULL)", name=op.f("ck_task_done_at_with_by")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_task_board_id")),
        sa.ForeignKeyConstraint(["consent_item_id"], ["consent_item.id"], name=op.f("fk_task_consent_item_id")),
        sa.ForeignKeyConstraint(["line_id"], ["request_line.id"], name=op.f("fk_task_line_id")),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupil.id"], name=op.f("fk_task_pupil_id")),
        sa.ForeignKeyConstraint(["request_id"], ["privacy_request.id"], name=op.f("fk_task_request_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_task_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.create_index("ix_task_board_request", ["board_id", "request_id"], unique=False)
        batch_op.create_index("ix_task_board_school", ["board_id", "school_id", "state"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.drop_index("ix_task_board_school")
        batch_op.drop_index("ix_task_board_request")

    op.drop_table("task")
    with op.batch_alter_table("request_line", schema=None) as batch_op:
        batch_op.drop_index("ix_request_line_board_request")

    op.drop_table("request_line")
    with op.batch_alter_table("request_event", schema=None) as batch_op:
        batch_op.drop_index("ix_request_event_board_request")

    op.drop_table("request_event")
    with op.batch_alter_table("consent_event", schema=None) as batch_op:
        batch_op.drop_index("ix_consent_event_board_receipt")
        batch_op.drop_index("ix_consent_event_board_pupil")

    op.drop_table("consent_event")
    op.drop_table("unknown_field")
    with op.batch_alter_table("teacher_assignment", schema=None) as batch_op:
        batch_op.drop_index("ix_teacher_assignment_board_group")
        batch_op.drop_index("ix_teacher_assignment_board_adult")

    op.drop_table("teacher_assignment")
    with op.batch_alter_table("source_key", schema=None) as batch_op:
        batch_op.drop_index("ix_source_key_board_object")

    op.drop_table("source_key")
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.drop_index("ix_sign_in_session_board_account")

    op.drop_table("sign_in_session")
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.drop_index("ix_recovery_code_board_account")

    op.drop_table("recovery_code")
    with op.batch_alter_table("privacy_request", schema=None) as batch_op:
        batch_op.drop_index("ix_privacy_request_board_school")
        batch_op.drop_index("ix_privacy_request_board_adult")

    op.drop_table("privacy_request")
    with op.batch_alter_table("placement", schema=None) as batch_op:
        batch_op.drop_index("ix_placement_board_pupil")
        batch_op.drop_index("ix_placement_board_group")

    op.drop_table("placement")
    op.drop_table("item")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index("ix_delivery_board_school")

    op.drop_table("delivery")
    with op.batch_alter_table("consent_receipt", schema=None) as batch_op:
        batch_op.drop_index("ix_consent_receipt_board_adult")

    op.drop_table("consent_receipt")
    with op.batch_alter_table("consent_hold", schema=None) as batch_op:
        batch_op.drop_index("ix_consent_hold_board_pupil")

    op.drop_table("consent_hold")
    with op.batch_alter_table("authority", schema=None) as batch_op:
        batch_op.drop_index("ix_authority_board_pupil")
        batch_op.drop_index("ix_authority_board_adult")

    op.drop_table("authority")
    with op.batch_alter_table("staff_role", schema=None) as batch_op:
        batch_op.drop_index("ix_staff_role_board_school")
        batch_op.drop_index("ix_staff_role_board_adult")

    op.drop_table("staff_role")
    op.drop_table("source")
    with op.batch_alter_table("school_group", schema=None) as batch_op:
        batch_op.drop_index("ix_school_group_board_school")

    op.drop_table("school_group")
    with op.batch_alter_table("pupil", schema=None) as batch_op:
        batch_op.drop_index("ix_pupil_board_school")

    op.drop_table("pupil")
    op.drop_table("consent_wording")
    with op.batch_alter_table("activation", schema=None) as batch_op:
        batch_op.drop_index("ix_activation_board_adult")

    op.drop_table("activation")
    op.drop_table("account")
    with op.batch_alter_table("tombstone", schema=None) as batch_op:
        batch_op.drop_index("ix_tombstone_board_person")

    op.drop_table("tombstone")
    with op.batch_alter_table("school", schema=None) as batch_op:
        batch_op.drop_index("uq_school_brin_branch")

    op.drop_table("school")
    with op.batch_alter_table("item_change", schema=None) as batch_op:
        batch_op.drop_index("ix_item_change_board_person")

    op.drop_table("item_change")
    op.drop_table("consent_item")
    op.drop_table("board_policy")
    with op.batch_alter_table("adult", schema=None) as batch_op:
        batch_op.drop_index("ix_adult_board")

    op.drop_table("adult")
    op.drop_table("submission")
    with op.batch_alter_table("outbox_mail", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_mail_due")

    op.drop_table("outbox_mail")
    op.drop_table("board")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_event_pupil_id"))

    op.drop_table("audit_event")
    op.drop_table("attempt")
