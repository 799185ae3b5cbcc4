"""Finds the talks that are open, which the board counts."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    op.create_index("ix_help_threads_open", "help_threads", ["id"], sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    op.drop_index("ix_help_threads_open", table_name="help_threads", sqlite_where=OPEN, postgresql_where=OPEN)
