"""The operator acts too, and is no adult: an act keeps its moment where no adult can be named.

Revision 0004, after 0003.
"""

from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ACTS = {"adult": ("merged",), "authority": ("confirmed", "ended", "flagged")}
#: The operator in the older schema, which asks for somebody with every act.
OPERATOR = UUID(int=0)


def upgrade() -> None:
    for table, acts in ACTS.items():
        with op.batch_alter_table(table) as batch:
            for act in acts:
                batch.drop_constraint(op.f(f"ck_{table}_{act}_at_with_by"), type_="check")
                batch.create_check_constraint(
                    op.f(f"ck_{table}_{act}_by_with_at"), f"{act}_by_id IS NULL OR {act}_at IS NOT NULL"
                )
        for act in acts:
            _rename(table, act, OPERATOR, None)


def downgrade() -> None:
    for table, acts in ACTS.items():
        for act in acts:
            _rename(table, act, None, OPERATOR)
        with op.batch_alter_table(table) as batch:
            for act in acts:
                batch.drop_constraint(op.f(f"ck_{table}_{act}_by_with_at"), type_="check")
                batch.create_check_constraint(
                    op.f(f"ck_{table}_{act}_at_with_by"), f"({act}_at IS NULL) = ({act}_by_id IS NULL)"
                )


def _rename(table: str, act: str, old: UUID | None, new: UUID | None) -> None:
    """Put another name to the acts of the operator; comparing with None looks for what is empty."""
    moment, person = sa.column(f"{act}_at"), sa.column(f"{act}_by_id", sa.Uuid())
    rows = sa.table(table, moment, person)
    op.execute(sa.update(rows).where(moment.is_not(None), person == old).values({person.name: new}))
