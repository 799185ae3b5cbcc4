"""Carts, orders, holds, stock movements and payment attempts."""

import sqlalchemy as sa
from alembic import op

from core.database import columns

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "carts",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("person_id", columns.Big, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("address_id", columns.Big, nullable=True),
        sa.Column("created_at", columns.Moment, nullable=False),
        sa.Column("updated_at", columns.Moment, nullable=False),
        sa.CheckConstraint("kind IN ('basket', 'buy_now')", name=op.f("ck_carts_kind")),
        sa.CheckConstraint("state IN ('open', 'ordered', 'dropped')", name=op.f("ck_carts_state")),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name=op.f("fk_carts_address_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_carts_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carts")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_carts_person_id"), "carts", ["person_id"], unique=False)
    op.create_index(
        "uq_carts_one_open",
        "carts",
        ["person_id", "kind"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "cart_lines",
        sa.Column("cart_id", columns.Big, nullable=False),
        sa.Column("variant_id", columns.Big, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("seen_price", sa.BigInteger(), nullable=False),
        sa.Column("added_at", columns.Moment, nullable=False),
        sa.CheckConstraint("quantity BETWEEN 1 AND 999", name=op.f("ck_cart_lines_quantity_range")),
        sa.ForeignKeyConstraint(["cart_id"], ["carts.id"], name=op.f("fk_cart_lines_cart_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_cart_lines_variant_id")),
        sa.PrimaryKeyConstraint("cart_id", "variant_id", name=op.f("pk_cart_lines")),
    )
    op.create_table(
        "orders",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("cart_id", columns.Big, nullable=False),
        sa.Column("person_id", columns.Big, nullable=False),
        sa.Column("tracking_token", sa.String(length=32), nullable=False),
        sa.Column("parcel_token", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("payment_method", sa.String(length=32), nullable=False),
        sa.Column("payment_status", sa.String(length=32), nullable=False),
        sa.Column("currency", sa.String(length=32), nullable=False),
        sa.Column("subtotal", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("delivery_fee", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("riel_rate", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("recipient", sa.String(length=200), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("address", columns.Json, nullable=False),
        sa.Column("expires_at", columns.Moment, nullable=True),
        sa.Column("holder_id", columns.Big, nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("placed_at", columns.Moment, nullable=False),
        sa.Column("updated_at", columns.Moment, nullable=False),
        sa.Column("delivered_at", columns.Moment, nullable=True),
        sa.CheckConstraint("currency IN ('USD', 'KHR')", name=op.f("ck_orders_currency")),
        sa.CheckConstraint("language IN ('en', 'km')", name=op.f("ck_orders_language")),
        sa.CheckConstraint("payment_method IN ('khqr', 'cod')", name=op.f("ck_orders_payment_method")),
        sa.CheckConstraint(
            "payment_status IN ('unpaid', 'due', 'paid', 'review', 'refund_due', 'refunded')",
            name=op.f("ck_orders_payment_status"),
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'confirmed', 'preparing', 'ready_for_delivery', 'out_for_delivery', 'delivered', 'returned', 'cancelled', 'expired')",
            name=op.f("ck_orders_status"),
        ),
        sa.CheckConstraint("subtotal > 0 AND discount >= 0 AND delivery_fee >= 0", name=op.f("ck_orders_amounts")),
        sa.CheckConstraint("total = subtotal - discount + delivery_fee", name=op.f("ck_orders_total_adds_up")),
        sa.ForeignKeyConstraint(["cart_id"], ["carts.id"], name=op.f("fk_orders_cart_id")),
        sa.ForeignKeyConstraint(["holder_id"], ["people.id"], name=op.f("fk_orders_holder_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_orders_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("cart_id", name=op.f("uq_orders_cart_id")),
        sa.UniqueConstraint("number", name=op.f("uq_orders_number")),
        sa.UniqueConstraint("parcel_token", name=op.f("uq_orders_parcel_token")),
        sa.UniqueConstraint("tracking_token", name=op.f("uq_orders_tracking_token")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_orders_expiring",
        "orders",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_index("ix_orders_person_placed", "orders", ["person_id", "placed_at"], unique=False)
    op.create_index(op.f("ix_orders_phone"), "orders", ["phone"], unique=False)
    op.create_index("ix_orders_status_placed", "orders", ["status", "placed_at"], unique=False)
    op.create_table(
        "holds",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("order_id", columns.Big, nullable=False),
        sa.Column("variant_id", columns.Big, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.CheckConstraint("state IN ('active', 'committed', 'shipped', 'released')", name=op.f("ck_holds_state")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_holds_quantity_positive")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_holds_order_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_holds_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
        sa.UniqueConstraint("order_id", "variant_id", name=op.f("uq_holds_order_id_variant_id")),
    )
    op.create_index(op.f("ix_holds_variant_id"), "holds", ["variant_id"], unique=False)
    op.create_table(
        "order_events",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("order_id", columns.Big, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("from_status", sa.String(length=32), nullable=True),
        sa.Column("to_status", sa.String(length=32), nullable=True),
        sa.Column("actor_id", columns.Big, nullable=True),
        sa.Column("actor_name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("detail", columns.Json, nullable=True),
        sa.Column("at", columns.Moment, nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["people.id"], name=op.f("fk_order_events_actor_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_events_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_events")),
    )
    op.create_index(op.f("ix_order_events_order_id"), "order_events", ["order_id"], unique=False)
    op.create_table(
        "order_lines",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("order_id", columns.Big, nullable=False),
        sa.Column("variant_id", columns.Big, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sku", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=200), server_default="", nullable=False),
        sa.Column("name_km", sa.String(length=200), server_default="", nullable=False),
        sa.Column("variant_en", sa.String(length=80), server_default="", nullable=False),
        sa.Column("variant_km", sa.String(length=80), server_default="", nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0 AND unit_price > 0", name=op.f("ck_order_lines_positive")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_lines_order_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_order_lines_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_lines")),
        sa.UniqueConstraint("order_id", "variant_id", name=op.f("uq_order_lines_order_id_variant_id")),
    )
    op.create_index(op.f("ix_order_lines_variant_id"), "order_lines", ["variant_id"], unique=False)
    op.create_table(
        "payment_attempts",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("order_id", columns.Big, nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("currency", sa.String(length=32), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("bill_number", sa.String(length=25), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("md5", sa.String(length=32), nullable=False),
        sa.Column("deeplink", sa.Text(), nullable=True),
        sa.Column("created_at", columns.Moment, nullable=False),
        sa.Column("expires_at", columns.Moment, nullable=False),
        sa.Column("next_check_at", columns.Moment, nullable=True),
        sa.Column("checks", sa.Integer(), server_default="0", nullable=False),
        sa.Column("answered_at", columns.Moment, nullable=True),
        sa.Column("bank_hash", sa.String(length=128), nullable=True),
        sa.Column("paid_at", columns.Moment, nullable=True),
        sa.Column("note", sa.String(length=300), server_default="", nullable=False),
        sa.CheckConstraint("currency IN ('USD', 'KHR')", name=op.f("ck_payment_attempts_currency")),
        sa.CheckConstraint(
            "state IN ('new', 'pending', 'expired', 'superseded', 'paid', 'review', 'late', 'duplicate', 'refund_due', 'refund_sent', 'refunded', 'claimed', 'rejected', 'closed')",
            name=op.f("ck_payment_attempts_state"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_attempts_amount_positive")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_payment_attempts_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_attempts")),
        sa.UniqueConstraint("bank_hash", name=op.f("uq_payment_attempts_bank_hash")),
        sa.UniqueConstraint("bill_number", name=op.f("uq_payment_attempts_bill_number")),
        sa.UniqueConstraint("md5", name=op.f("uq_payment_attempts_md5")),
    )
    op.create_index(
        "ix_payment_attempts_due",
        "payment_attempts",
        ["next_check_at"],
        unique=False,
        sqlite_where=sa.text("next_check_at IS NOT NULL"),
        postgresql_where=sa.text("next_check_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_payment_attempts_order_id"), "payment_attempts", ["order_id"], unique=False)
    op.create_index(
        "uq_payment_attempts_one_live",
        "payment_attempts",
        ["order_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('new', 'pending')"),
        postgresql_where=sa.text("state IN ('new', 'pending')"),
    )
    op.create_table(
        "stock_movements",
        sa.Column("id", columns.Big, autoincrement=True, nullable=False),
        sa.Column("variant_id", columns.Big, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("on_hand", sa.Integer(), server_default="0", nullable=False),
        sa.Column("held", sa.Integer(), server_default="0", nullable=False),
        sa.Column("allocated", sa.Integer(), server_default="0", nullable=False),
        sa.Column("order_id", columns.Big, nullable=True),
        sa.Column("actor_id", columns.Big, nullable=True),
        sa.Column("at", columns.Moment, nullable=False),
        sa.CheckConstraint(
            "kind IN ('received', 'held', 'committed', 'shipped', 'released', 'returned', 'adjusted')",
            name=op.f("ck_stock_movements_kind"),
        ),
        sa.CheckConstraint(
            "on_hand <> 0 OR held <> 0 OR allocated <> 0", name=op.f("ck_stock_movements_moves_something")
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["people.id"], name=op.f("fk_stock_movements_actor_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_stock_movements_order_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_stock_movements_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_movements")),
    )
    op.create_index(op.f("ix_stock_movements_order_id"), "stock_movements", ["order_id"], unique=False)
    op.create_index(op.f("ix_stock_movements_variant_id"), "stock_movements", ["variant_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_stock_movements_variant_id"), table_name="stock_movements")
    op.drop_index(op.f("ix_stock_movements_order_id"), table_name="stock_movements")
    op.drop_table("stock_movements")
    op.drop_index(
        "uq_payment_attempts_one_live",
        table_name="payment_attempts",
        sqlite_where=sa.text("state IN ('new', 'pending')"),
        postgresql_where=sa.text("state IN ('new', 'pending')"),
    )
    op.drop_index(op.f("ix_payment_attempts_order_id"), table_name="payment_attempts")
    op.drop_index(
        "ix_payment_attempts_due",
        table_name="payment_attempts",
        sqlite_where=sa.text("next_check_at IS NOT NULL"),
        postgresql_where=sa.text("next_check_at IS NOT NULL"),
    )
    op.drop_table("payment_attempts")
    op.drop_index(op.f("ix_order_lines_variant_id"), table_name="order_lines")
    op.drop_table("order_lines")
    op.drop_index(op.f("ix_order_events_order_id"), table_name="order_events")
    op.drop_table("order_events")
    op.drop_index(op.f("ix_holds_variant_id"), table_name="holds")
    op.drop_table("holds")
    op.drop_index("ix_orders_status_placed", table_name="orders")
    op.drop_index(op.f("ix_orders_phone"), table_name="orders")
    op.drop_index("ix_orders_person_placed", table_name="orders")
    op.drop_index(
        "ix_orders_expiring",
        table_name="orders",
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.drop_table("orders")
    op.drop_table("cart_lines")
    op.drop_index(
        "uq_carts_one_open",
        table_name="carts",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_index(op.f("ix_carts_person_id"), table_name="carts")
    op.drop_table("carts")
