"""What is sold, how much of it is there, and the movement that explains every unit."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from core.database.columns import Big, choice, key, metadata, minor, moment, ref, rule, switch, words

categories = Table(
    "categories",
    metadata,
    key(),
    Column("slug", String(60), nullable=False, unique=True),
    words("name_en"),
    words("name_km"),
    words("emoji", 16),
    Column("position", Integer, nullable=False, server_default="0"),
    switch("active", default=True),
    sqlite_autoincrement=True,
)

products = Table(
    "products",
    metadata,
    key(),
    ref("category_id", "categories", index=True),
    Column("slug", String(80), nullable=False, unique=True),
    words("name_en"),
    words("name_km"),
    Column("description_en", Text, nullable=False, server_default=""),
    Column("description_km", Text, nullable=False, server_default=""),
    *choice("badge", "new", "best_seller", "sale", "limited", nullable=True),
    words("photo", 300),
    Column("position", Integer, nullable=False, server_default="0"),
    switch("active", default=True),
    moment("updated_at"),
    sqlite_autoincrement=True,
)

variants = Table(
    "variants",
    metadata,
    key(),
    ref("product_id", "products", index=True),
    Column("sku", String(60), nullable=False, unique=True),
    words("name_en", 80),
    words("name_km", 80),
    minor("price"),
    minor("old_price", nullable=True),
    minor("cost", nullable=True),
    Column("position", Integer, nullable=False, server_default="0"),
    switch("active", default=True),
    rule("price > 0", "price_positive"),
    rule("old_price IS NULL OR old_price > price", "old_price_above"),
    rule("cost IS NULL OR cost >= 0", "cost_range"),
    sqlite_autoincrement=True,
)

stock = Table(
    "stock",
    metadata,
    Column("variant_id", Big, ForeignKey("variants.id"), primary_key=True),
    Column("on_hand", Integer, nullable=False, server_default="0"),
    Column("held", Integer, nullable=False, server_default="0"),
    Column("allocated", Integer, nullable=False, server_default="0"),
    moment("low_told_at", nullable=True),
    rule("held >= 0 AND allocated >= 0 AND held + allocated <= on_hand", "never_oversold"),
    Index("ix_stock_low", "variant_id", sqlite_where=text("low_told_at IS NOT NULL"),
          postgresql_where=text("low_told_at IS NOT NULL")),
)  # fmt: skip

stock_movements = Table(
    "stock_movements",
    metadata,
    key(),
    ref("variant_id", "variants", index=True),
    *choice("kind", "received", "held", "committed", "shipped", "released", "returned", "adjusted"),
    Column("on_hand", Integer, nullable=False, server_default="0"),
    Column("held", Integer, nullable=False, server_default="0"),
    Column("allocated", Integer, nullable=False, server_default="0"),
    ref("order_id", "orders", nullable=True, index=True),
    Column("actor_id", Big, ForeignKey("people.id")),
    moment("at"),
    rule("on_hand <> 0 OR held <> 0 OR allocated <> 0", "moves_something"),
)

goods_receipts = Table(
    "goods_receipts",
    metadata,
    key(),
    ref("variant_id", "variants", index=True),
    Column("quantity", Integer, nullable=False),
    minor("unit_cost", nullable=True),
    words("note", 300),
    Column("actor_id", Big, ForeignKey("people.id")),
    moment("at"),
    rule("quantity > 0 AND (unit_cost IS NULL OR unit_cost >= 0)", "amounts"),
)
"""Goods that came in: how many, what one cost in USD cents where it is known, from whom. Its units are a movement."""

holds = Table(
    "holds",
    metadata,
    key(),
    ref("order_id", "orders"),
    ref("variant_id", "variants", index=True),
    Column("quantity", Integer, nullable=False),
    *choice("state", "active", "committed", "shipped", "released"),
    rule("quantity > 0", "quantity_positive"),
    UniqueConstraint("order_id", "variant_id"),
)

product_photos = Table(
    "product_photos",
    metadata,
    key(),
    ref("product_id", "products"),
    Column("position", Integer, nullable=False),
    Column("path", String(300), nullable=False),
    UniqueConstraint("product_id", "position"),
)
"""The further photos of a product, in order; the first is ``products.photo``."""

reviews = Table(
    "reviews",
    metadata,
    key(),
    Column("order_line_id", Big, ForeignKey("order_lines.id"), nullable=False, unique=True),
    ref("product_id", "products"),
    ref("person_id", "people", index=True),
    Column("stars", Integer, nullable=False),
    words("text", 500),
    switch("hidden", default=False),
    moment("created_at"),
    moment("updated_at"),
    rule("stars BETWEEN 1 AND 5", "stars_range"),
    Index("ix_reviews_shown", "product_id", "id", sqlite_where=text("NOT hidden"), postgresql_where=text("NOT hidden")),
)
"""What buyers say, one a delivered line; hidden ones by staff."""
