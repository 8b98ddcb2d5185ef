"""A fresh second factor may also be for saying who has authority over a child.

Revision 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ACTS = ("reveal", "ways_in", "address", "roles", "recovery")
NEW = "guardians"


def upgrade() -> None:
    _allow(*ACTS, NEW)


def downgrade() -> None:
    # Such a proof stands ten minutes; the older schema has no word for it.
    op.execute(sa.text("DELETE FROM step_up WHERE act = :act").bindparams(act=NEW))
    _allow(*ACTS)


def _allow(*acts: str) -> None:
    with op.batch_alter_table("step_up") as table:
        table.drop_constraint(op.f("ck_step_up_act"), type_="check")
        table.create_check_constraint(op.f("ck_step_up_act"), sa.column("act").in_(acts))
