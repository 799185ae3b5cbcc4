"""What a message of a talk with the shop holds, and which message it answers."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("help_messages", sa.Column("media", sa.String(length=16), server_default="", nullable=False))
    op.add_column("help_messages", sa.Column("reply_to", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("help_messages", "reply_to")
    op.drop_column("help_messages", "media")
