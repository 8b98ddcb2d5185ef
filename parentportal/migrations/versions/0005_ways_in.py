"""Passkeys, several codes apps, known devices and step-up; resets, new addresses and help at the counter.

The key of the one codes app moves to a row of its own, still sealed for its account.

Revision 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "passkey_challenge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("holder_digest", sa.LargeBinary(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "activate",
                "add",
                "sign_in",
                "step_up",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey_challenge")),
        sa.UniqueConstraint("challenge", name=op.f("uq_passkey_challenge_challenge")),
    )
    with op.batch_alter_table("passkey_challenge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_passkey_challenge_holder_digest"), ["holder_digest"], unique=False)

    op.create_table(
        "reset_wish",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reset_wish")),
    )
    op.create_table(
        "paper_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("adult_id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("printed_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(printed_at IS NULL) = (printed_by_id IS NULL)", name=op.f("ck_paper_notice_printed_at_with_by")
        ),
        sa.ForeignKeyConstraint(["adult_id"], ["adult.id"], name=op.f("fk_paper_notice_adult_id")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_paper_notice_board_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_paper_notice_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_notice")),
    )
    with op.batch_alter_table("paper_notice", schema=None) as batch_op:
        batch_op.create_index("ix_paper_notice_board_school", ["board_id", "school_id", "printed_at"], unique=False)

    op.create_table(
        "address_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("new_address", sa.Text(), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("old_address", sa.Text(), nullable=True),
        sa.Column("old_name", sa.Text(), nullable=True),
        sa.Column("undo_digest", sa.LargeBinary(), nullable=True),
        sa.Column("undo_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_address_change_account_id")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_address_change_board_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_change")),
        sa.UniqueConstraint("undo_digest", name=op.f("uq_address_change_undo_digest")),
    )
    with op.batch_alter_table("address_change", schema=None) as batch_op:
        batch_op.create_index("ix_address_change_board_account", ["board_id", "account_id"], unique=False)

    op.create_table(
        "codes_app",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_codes_app_account_id")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_codes_app_board_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_codes_app")),
    )
    with op.batch_alter_table("codes_app", schema=None) as batch_op:
        batch_op.create_index("ix_codes_app_board_account", ["board_id", "account_id"], unique=False)

    op.create_table(
        "known_device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("stamp", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_known_device_account_id")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_known_device_board_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_device")),
        sa.UniqueConstraint("account_id", "token_digest", name=op.f("uq_known_device_account_id_token_digest")),
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("maker", sa.Text(), nullable=False),
        sa.Column("transports", sa.Text(), nullable=False),
        sa.Column("is_synced", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_passkey_account_id")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_passkey_board_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    with op.batch_alter_table("passkey", schema=None) as batch_op:
        batch_op.create_index("ix_passkey_board_account", ["board_id", "account_id"], unique=False)

    op.create_table(
        "password_reset",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("stamp", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_password_reset_account_id")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_password_reset_board_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_reset")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_password_reset_token_digest")),
    )
    with op.batch_alter_table("password_reset", schema=None) as batch_op:
        batch_op.create_index("ix_password_reset_board_account", ["board_id", "account_id"], unique=False)

    op.create_table(
        "counter_recovery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("adult_id", sa.Uuid(), nullable=False),
        sa.Column(
            "identity",
            sa.Enum("document", "known", name="identity", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("on_paper", sa.Boolean(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by_id", sa.Uuid(), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_by_id", sa.Uuid(), nullable=True),
        sa.Column("activation_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_by_id IS NULL)", name=op.f("ck_counter_recovery_confirmed_at_with_by")
        ),
        sa.CheckConstraint(
            "(stopped_at IS NULL) = (stopped_by_id IS NULL)", name=op.f("ck_counter_recovery_stopped_at_with_by")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_counter_recovery_account_id")),
        sa.ForeignKeyConstraint(["activation_id"], ["activation.id"], name=op.f("fk_counter_recovery_activation_id")),
        sa.ForeignKeyConstraint(["adult_id"], ["adult.id"], name=op.f("fk_counter_recovery_adult_id")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_counter_recovery_board_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_counter_recovery_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counter_recovery")),
    )
    with op.batch_alter_table("counter_recovery", schema=None) as batch_op:
        batch_op.create_index("ix_counter_recovery_board_school", ["board_id", "school_id", "asked_at"], unique=False)

    op.create_table(
        "pending_app",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_pending_app_board_id")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sign_in_session.id"], name=op.f("fk_pending_app_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_app")),
        sa.UniqueConstraint("session_id", name=op.f("uq_pending_app_session_id")),
    )
    op.create_table(
        "step_up",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column(
            "act",
            sa.Enum(
                "reveal",
                "ways_in",
                "address",
                "roles",
                "recovery",
                name="act",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_step_up_board_id")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sign_in_session.id"], name=op.f("fk_step_up_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step_up")),
        sa.UniqueConstraint("session_id", "act", name=op.f("uq_step_up_session_id_act")),
    )
    _move_keys_out()
    with op.batch_alter_table("account") as table:
        table.add_column(sa.Column("email_changed_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("cautious_until", sa.DateTime(timezone=True), nullable=True))
        table.alter_column("password_hash", existing_type=sa.Text(), nullable=True)
        table.drop_column("totp_last_step")
        table.drop_column("totp_secret")
    with op.batch_alter_table("activation") as table:
        table.add_column(sa.Column("account_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(op.f("fk_activation_account_id"), "account", ["account_id"], ["id"])
    op.create_index("ix_audit_event_board_about", "audit_event", ["board_id", "about_id"])
    op.add_column("outbox_mail", sa.Column("sealed", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("sign_in_session") as table:
        table.add_column(sa.Column("known_device_id", sa.Uuid(), nullable=True))
        # Sessions of before go on as they are: a default for their rows, taken away again below.
        table.add_column(sa.Column("must_add", sa.Boolean(), server_default=sa.false(), nullable=False))
        table.create_foreign_key(
            op.f("fk_sign_in_session_known_device_id"),
            "known_device",
            ["known_device_id"],
            ["id"],
            ondelete="SET NULL",
        )
    with op.batch_alter_table("sign_in_session") as table:
        table.alter_column("must_add", existing_type=sa.Boolean(), server_default=None)


def downgrade() -> None:
    _remove_who_could_not_sign_in()
    with op.batch_alter_table("sign_in_session") as table:
        table.drop_constraint(op.f("fk_sign_in_session_known_device_id"), type_="foreignkey")
        table.drop_column("must_add")
        table.drop_column("known_device_id")
    op.drop_column("outbox_mail", "sealed")
    op.drop_index("ix_audit_event_board_about", "audit_event")
    # Cases at the counter point at activations, and have no place in the older schema.
    op.drop_index("ix_counter_recovery_board_school", "counter_recovery")
    op.drop_table("counter_recovery")
    with op.batch_alter_table("activation") as table:
        table.drop_constraint(op.f("fk_activation_account_id"), type_="foreignkey")
        table.drop_column("account_id")
    with op.batch_alter_table("account") as table:
        table.add_column(sa.Column("totp_secret", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("totp_last_step", sa.Integer(), nullable=True))
    _move_keys_back()
    with op.batch_alter_table("account") as table:
        table.alter_column("totp_secret", existing_type=sa.LargeBinary(), nullable=False)
        table.alter_column("totp_last_step", existing_type=sa.Integer(), nullable=False)
        table.alter_column("password_hash", existing_type=sa.Text(), nullable=False)
        table.drop_column("cautious_until")
        table.drop_column("email_changed_at")
    for index, name in (
        (None, "step_up"),
        (None, "pending_app"),
        ("ix_password_reset_board_account", "password_reset"),
        ("ix_passkey_board_account", "passkey"),
        (None, "known_device"),
        ("ix_codes_app_board_account", "codes_app"),
        ("ix_address_change_board_account", "address_change"),
        ("ix_paper_notice_board_school", "paper_notice"),
        (None, "reset_wish"),
        (op.f("ix_passkey_challenge_holder_digest"), "passkey_challenge"),
    ):
        if index:
            op.drop_index(index, name)
        op.drop_table(name)


ACCOUNT = sa.table(
    "account",
    sa.column("id", sa.Uuid()),
    sa.column("board_id", sa.Uuid()),
    sa.column("password_hash", sa.Text()),
    sa.column("totp_secret", sa.LargeBinary()),
    sa.column("totp_last_step", sa.Integer()),
    sa.column("created_at", sa.DateTime(timezone=True)),
)
APP = sa.table(
    "codes_app",
    sa.column("id", sa.Uuid()),
    sa.column("board_id", sa.Uuid()),
    sa.column("account_id", sa.Uuid()),
    sa.column("secret", sa.LargeBinary()),
    sa.column("last_step", sa.Integer()),
    sa.column("name", sa.Text()),
    sa.column("made_at", sa.DateTime(timezone=True)),
)


def _move_keys_out() -> None:
    """Each account's key becomes the app with the same id."""
    keys = sa.select(
        ACCOUNT.c.id,
        ACCOUNT.c.board_id,
        ACCOUNT.c.id,
        ACCOUNT.c.totp_secret,
        ACCOUNT.c.totp_last_step,
        sa.literal(""),
        ACCOUNT.c.created_at,
    )
    names = ["id", "board_id", "account_id", "secret", "last_step", "name", "made_at"]
    op.execute(sa.insert(APP).from_select(names, keys))


def _move_keys_back() -> None:
    """The oldest app of each account; a second one has no place in the older schema."""
    oldest = sa.select(APP.c.id).where(APP.c.account_id == ACCOUNT.c.id).order_by(APP.c.made_at, APP.c.id).limit(1)
    for name, source in (("totp_secret", APP.c.secret), ("totp_last_step", APP.c.last_step)):
        value = sa.select(source).where(APP.c.id == oldest.correlate(ACCOUNT).scalar_subquery()).scalar_subquery()
        op.execute(sa.update(ACCOUNT).values({name: value}))


def _remove_who_could_not_sign_in() -> None:
    """The older schema knows password and app alone: whoever has no such pair gets a new letter after this step."""
    has_app = sa.exists().where(APP.c.account_id == ACCOUNT.c.id).correlate(ACCOUNT)
    lost = sa.select(ACCOUNT.c.id).where(sa.or_(ACCOUNT.c.password_hash.is_(None), ~has_app))
    op.execute(sa.delete(sa.table("counter_recovery")))
    op.execute(sa.update(_with_account("activation")).values(account_id=None))
    for name in ("sign_in_session", "recovery_code", "known_device", "passkey", "password_reset", "address_change"):
        rows = _with_account(name)
        op.execute(sa.delete(rows).where(rows.c.account_id.in_(lost)))
    op.execute(sa.delete(APP).where(APP.c.account_id.in_(lost)))
    op.execute(sa.delete(ACCOUNT).where(sa.or_(ACCOUNT.c.password_hash.is_(None), ~has_app)))


def _with_account(table: str) -> sa.TableClause:
    return sa.table(table, sa.column("account_id", sa.Uuid()))
