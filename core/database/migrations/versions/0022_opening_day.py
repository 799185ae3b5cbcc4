"""Goods that come in and what they cost; files to import; news to many."""

import sqlalchemy as sa
from alembic import op

from core.database import columns

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "broadcasts",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("author_id", columns.Big, nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("segment", columns.Json, nullable=False),
        sa.Column("content", columns.Json, nullable=False),
        sa.Column("created_at", columns.Moment, nullable=False),
        sa.Column("started_at", columns.Moment, nullable=True),
        sa.Column("finished_at", columns.Moment, nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'sending', 'paused', 'done', 'cancelled')", name=op.f("ck_broadcasts_state")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_broadcasts_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
    )
    op.create_table(
        "import_files",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("person_id", columns.Big, nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("counts", columns.Json, nullable=True),
        sa.Column("at", columns.Moment, nullable=False),
        sa.Column("applied_at", columns.Moment, nullable=True),
        sa.CheckConstraint("kind IN ('products', 'promo_codes')", name=op.f("ck_import_files_kind")),
        sa.CheckConstraint("state IN ('shown', 'applied', 'dropped')", name=op.f("ck_import_files_state")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_import_files_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_files")),
    )
    op.create_table(
        "broadcast_sends",
        sa.Column("broadcast_id", columns.Big, nullable=False),
        sa.Column("person_id", columns.Big, nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("at", columns.Moment, nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'blocked', 'left', 'failed', 'unsure')",
            name=op.f("ck_broadcast_sends_state"),
        ),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name=op.f("fk_broadcast_sends_broadcast_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_broadcast_sends_person_id")),
        sa.PrimaryKeyConstraint("broadcast_id", "person_id", name=op.f("pk_broadcast_sends")),
    )
    op.create_index("ix_broadcast_sends_person", "broadcast_sends", ["person_id"], unique=False)
    op.create_index(
        "ix_broadcast_sends_waiting",
        "broadcast_sends",
        ["broadcast_id", "person_id"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'sending')"),
        postgresql_where=sa.text("state IN ('waiting', 'sending')"),
    )
    op.create_table(
        "goods_receipts",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("variant_id", columns.Big, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_cost", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(length=300), server_default="", nullable=False),
        sa.Column("actor_id", columns.Big, nullable=True),
        sa.Column("at", columns.Moment, nullable=False),
        sa.CheckConstraint(
            "quantity > 0 AND (unit_cost IS NULL OR unit_cost >= 0)", name=op.f("ck_goods_receipts_amounts")
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["people.id"], name=op.f("fk_goods_receipts_actor_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_goods_receipts_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goods_receipts")),
    )
    op.create_index(op.f("ix_goods_receipts_variant_id"), "goods_receipts", ["variant_id"], unique=False)
    cost = "cost BIGINT CONSTRAINT ck_variants_cost_range CHECK (cost IS NULL OR cost >= 0)"
    op.execute(f"ALTER TABLE variants ADD COLUMN {cost}")  # SQLite takes a CHECK only with its column


def downgrade() -> None:
    op.drop_column("variants", "cost")
    op.drop_index(op.f("ix_goods_receipts_variant_id"), table_name="goods_receipts")
    op.drop_table("goods_receipts")
    op.drop_index(
        "ix_broadcast_sends_waiting",
        table_name="broadcast_sends",
        sqlite_where=sa.text("state IN ('waiting', 'sending')"),
        postgresql_where=sa.text("state IN ('waiting', 'sending')"),
    )
    op.drop_index("ix_broadcast_sends_person", table_name="broadcast_sends")
    op.drop_table("broadcast_sends")
    op.drop_table("import_files")
    op.drop_table("broadcasts")
