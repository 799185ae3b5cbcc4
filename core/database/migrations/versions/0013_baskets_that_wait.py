"""Finds the baskets that wait and that nobody was reminded of."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'open' AND kind = 'basket' AND reminded_at IS NULL")


def upgrade() -> None:
    op.create_index("ix_carts_waiting", "carts", ["updated_at"], sqlite_where=WAITING, postgresql_where=WAITING)


def downgrade() -> None:
    op.drop_index("ix_carts_waiting", table_name="carts", sqlite_where=WAITING, postgresql_where=WAITING)
