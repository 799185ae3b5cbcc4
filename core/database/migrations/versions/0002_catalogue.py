"""What is sold."""

import sqlalchemy as sa
from alembic import op

from core.database import columns

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "categories",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=200), server_default="", nullable=False),
        sa.Column("name_km", sa.String(length=200), server_default="", nullable=False),
        sa.Column("emoji", sa.String(length=16), server_default="", nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
        sa.UniqueConstraint("slug", name=op.f("uq_categories_slug")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "products",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("category_id", columns.Big, nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=200), server_default="", nullable=False),
        sa.Column("name_km", sa.String(length=200), server_default="", nullable=False),
        sa.Column("description_en", sa.Text(), server_default="", nullable=False),
        sa.Column("description_km", sa.Text(), server_default="", nullable=False),
        sa.Column("badge", sa.String(length=32), nullable=True),
        sa.Column("photo", sa.String(length=300), server_default="", nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("updated_at", columns.Moment, nullable=False),
        sa.CheckConstraint("badge IN ('new', 'best_seller', 'sale', 'limited')", name=op.f("ck_products_badge")),
        sa.ForeignKeyConstraint(["category_id"], ["categories.id"], name=op.f("fk_products_category_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint("slug", name=op.f("uq_products_slug")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_products_category_id"), "products", ["category_id"], unique=False)
    op.create_table(
        "variants",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("product_id", columns.Big, nullable=False),
        sa.Column("sku", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=80), server_default="", nullable=False),
        sa.Column("name_km", sa.String(length=80), server_default="", nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("old_price", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.CheckConstraint("old_price IS NULL OR old_price > price", name=op.f("ck_variants_old_price_above")),
        sa.CheckConstraint("price > 0", name=op.f("ck_variants_price_positive")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_variants_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variants")),
        sa.UniqueConstraint("sku", name=op.f("uq_variants_sku")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_variants_product_id"), "variants", ["product_id"], unique=False)
    op.create_table(
        "stock",
        sa.Column("variant_id", columns.Big, nullable=False),
        sa.Column("on_hand", sa.Integer(), server_default="0", nullable=False),
        sa.Column("held", sa.Integer(), server_default="0", nullable=False),
        sa.Column("allocated", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "held >= 0 AND allocated >= 0 AND held + allocated <= on_hand", name=op.f("ck_stock_never_oversold")
        ),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_stock_variant_id")),
        sa.PrimaryKeyConstraint("variant_id", name=op.f("pk_stock")),
    )


def downgrade() -> None:
    op.drop_table("stock")
    op.drop_index(op.f("ix_variants_product_id"), table_name="variants")
    op.drop_table("variants")
    op.drop_index(op.f("ix_products_category_id"), table_name="products")
    op.drop_table("products")
    op.drop_table("categories")
