"""History is added, never edited: the database itself refuses (controls D05, U03).

Revision 0002, after 0001.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NEVER_CHANGED = (
    "audit_event",
    "board_policy",
    "consent_event",
    "consent_receipt",
    "consent_wording",
    "item_change",
    "request_event",
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in NEVER_CHANGED:
            op.execute(
                f"CREATE TRIGGER {table}_is_added BEFORE UPDATE ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'history is added, never edited'); END"
            )
        op.execute(
            "CREATE TRIGGER audit_event_stays BEFORE DELETE ON audit_event "
            "BEGIN SELECT RAISE(ABORT, 'history is added, never edited'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION history_is_added() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'history is added, never edited'; END $$"
    )
    for table in NEVER_CHANGED:
        op.execute(
            f"CREATE TRIGGER {table}_is_added BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION history_is_added()"
        )
    op.execute(
        "CREATE TRIGGER audit_event_stays BEFORE DELETE ON audit_event FOR EACH ROW EXECUTE FUNCTION history_is_added()"
    )


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for trigger, table in [
        *((f"{table}_is_added", table) for table in NEVER_CHANGED),
        ("audit_event_stays", "audit_event"),
    ]:
        op.execute(f"DROP TRIGGER {trigger}" if sqlite else f"DROP TRIGGER {trigger} ON {table}")
    if not sqlite:
        op.execute("DROP FUNCTION history_is_added()")
