"""The money of a day and what is running low are each found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TOLD = sa.text("low_told_at IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_settlements_at", "settlements", ["at"])
    op.create_index("ix_stock_low", "stock", ["variant_id"], sqlite_where=TOLD, postgresql_where=TOLD)


def downgrade() -> None:
    op.drop_index("ix_stock_low", table_name="stock", sqlite_where=TOLD, postgresql_where=TOLD)
    op.drop_index("ix_settlements_at", table_name="settlements")
