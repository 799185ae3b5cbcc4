"""Finds what stands in a message: staff reply to one in a group that has a card of every order."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_message_refs_message", "message_refs", ["chat_id", "message_id"])


def downgrade() -> None:
    op.drop_index("ix_message_refs_message", table_name="message_refs")
