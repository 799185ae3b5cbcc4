"""What was done already: a basket's last tap; messages and updates that a restore set aside."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

STATES = {"inbox": "'new', 'done', 'failed'", "outbox": "'pending', 'sending', 'sent', 'failed'"}


def upgrade() -> None:
    op.add_column("carts", sa.Column("last_update", sa.BigInteger(), nullable=True))
    for table, states in STATES.items():
        _allow(table, f"{states}, 'restored'")


def downgrade() -> None:
    for table, states in STATES.items():
        op.execute(f"DELETE FROM {table} WHERE state = 'restored'")
        _allow(table, states)
    op.drop_column("carts", "last_update")


def _allow(table: str, states: str) -> None:
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(op.f(f"ck_{table}_state"), type_="check")
        batch.create_check_constraint(op.f(f"ck_{table}_state"), f"state IN ({states})")
