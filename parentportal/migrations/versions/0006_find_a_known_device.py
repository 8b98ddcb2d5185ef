"""A known device is found by its token alone, before anybody says which account it is about.

Revision 0006, after 0005.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INDEX = "ix_known_device_token_digest"


def upgrade() -> None:
    op.create_index(INDEX, "known_device", ["token_digest"])


def downgrade() -> None:
    op.drop_index(INDEX, "known_device")
