"""A delivery keeps which guesses a person agreed to, and who and when.

Revision 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ACT = "ck_delivery_guesses_at_with_by"


def upgrade() -> None:
    with op.batch_alter_table("delivery") as table:
        # Files of before asked nothing: a default for their rows, taken away again below.
        table.add_column(sa.Column("guesses", sa.JSON(), server_default="[]", nullable=False))
        table.add_column(sa.Column("guesses_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("guesses_by", sa.Text(), nullable=True))
        table.create_check_constraint(op.f(ACT), "(guesses_at IS NULL) = (guesses_by IS NULL)")
    with op.batch_alter_table("delivery") as table:
        table.alter_column("guesses", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("delivery") as table:
        table.drop_constraint(op.f(ACT), type_="check")
        for column in ("guesses_by", "guesses_at", "guesses"):
            table.drop_column(column)
