"""A tombstone names the row that was emptied; nothing wrote one before."""

import sqlalchemy as sa
from alembic import op

from core.database import columns

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("tombstones")
    op.create_table(
        "tombstones",
        sa.Column("person_id", columns.Big, autoincrement=False, nullable=False),
        sa.Column("joined_at", columns.Moment, nullable=False),
        sa.Column("person_hash", sa.String(length=64), nullable=False),
        sa.Column("at", columns.Moment, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "joined_at", name=op.f("pk_tombstones")),
    )
    op.create_index(op.f("ix_tombstones_person_hash"), "tombstones", ["person_hash"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_tombstones_person_hash"), table_name="tombstones")
    op.drop_table("tombstones")
    op.create_table(
        "tombstones",
        sa.Column("person_hash", sa.String(length=64), nullable=False),
        sa.Column("at", columns.Moment, nullable=False),
        sa.PrimaryKeyConstraint("person_hash", name=op.f("pk_tombstones")),
    )
