"""A note to the shop, on the cart and on the order it becomes."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("carts", "orders"):
        op.add_column(table, sa.Column("note", sa.String(length=300), server_default="", nullable=False))


def downgrade() -> None:
    for table in ("orders", "carts"):
        op.drop_column(table, "note")
