"""Promo codes and their uses; a cart remembers the code that was typed, an order the one it got."""

import sqlalchemy as sa
from alembic import op

from core.database import columns

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "promo_codes",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("value", columns.Big, nullable=False),
        sa.Column("cap", sa.BigInteger(), nullable=True),
        sa.Column("minimum", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("starts_at", columns.Moment, nullable=True),
        sa.Column("ends_at", columns.Moment, nullable=True),
        sa.Column("use_limit", sa.Integer(), nullable=True),
        sa.Column("person_limit", sa.Integer(), nullable=True),
        sa.Column("used", sa.Integer(), server_default="0", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", columns.Moment, nullable=False),
        sa.CheckConstraint("kind IN ('percent', 'fixed')", name=op.f("ck_promo_codes_kind")),
        sa.CheckConstraint(
            "value > 0 AND (kind <> 'percent' OR value <= 100)", name=op.f("ck_promo_codes_value_range")
        ),
        sa.CheckConstraint("code = upper(code)", name=op.f("ck_promo_codes_code_upper")),
        sa.CheckConstraint("minimum >= 0 AND (cap IS NULL OR cap > 0)", name=op.f("ck_promo_codes_amounts")),
        sa.CheckConstraint("used >= 0", name=op.f("ck_promo_codes_used_range")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promo_codes")),
        sa.UniqueConstraint("code", name=op.f("uq_promo_codes_code")),
    )
    op.create_table(
        "promo_uses",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("promo_id", columns.Big, nullable=False),
        sa.Column("person_id", columns.Big, nullable=False),
        sa.Column("order_id", columns.Big, nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("used_at", columns.Moment, nullable=False),
        sa.Column("returned_at", columns.Moment, nullable=True),
        sa.CheckConstraint("discount >= 0", name=op.f("ck_promo_uses_amount")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_promo_uses_order_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_promo_uses_person_id")),
        sa.ForeignKeyConstraint(["promo_id"], ["promo_codes.id"], name=op.f("fk_promo_uses_promo_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promo_uses")),
        sa.UniqueConstraint("order_id", name=op.f("uq_promo_uses_order_id")),
    )
    op.create_index(
        "ix_promo_uses_standing",
        "promo_uses",
        ["promo_id", "person_id"],
        unique=False,
        sqlite_where=sa.text("returned_at IS NULL"),
        postgresql_where=sa.text("returned_at IS NULL"),
    )
    promo = sa.ForeignKey("promo_codes.id", name=op.f("fk_carts_promo_id"))
    op.add_column("carts", sa.Column("promo_id", columns.Big, promo, nullable=True), inline_references=True)
    op.add_column("orders", sa.Column("promo_code", sa.String(length=32), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("orders", "promo_code")
    with op.batch_alter_table("carts") as carts:
        carts.drop_column("promo_id")
    op.drop_table("promo_uses")
    op.drop_table("promo_codes")
