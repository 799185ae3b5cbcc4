"""Promo codes, and each use of one by an order."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, text

from core.database.columns import Big, choice, key, metadata, minor, moment, ref, rule, switch

promo_codes = Table(
    "promo_codes",
    metadata,
    key(),
    Column("code", String(32), nullable=False, unique=True),
    *choice("kind", "percent", "fixed"),
    Column("value", Big, nullable=False),
    minor("cap", nullable=True),
    minor("minimum", server_default="0"),
    moment("starts_at", nullable=True),
    moment("ends_at", nullable=True),
    Column("use_limit", Integer),
    Column("person_limit", Integer),
    Column("used", Integer, nullable=False, server_default="0"),
    switch("active", default=True),
    moment("created_at"),
    rule("value > 0 AND (kind <> 'percent' OR value <= 100)", "value_range"),
    rule("minimum >= 0 AND (cap IS NULL OR cap > 0)", "amounts"),
    rule("used >= 0", "used_range"),
    rule("code = upper(code)", "code_upper"),
)

promo_uses = Table(
    "promo_uses",
    metadata,
    key(),
    ref("promo_id", "promo_codes"),
    ref("person_id", "people"),
    Column("order_id", Big, ForeignKey("orders.id"), nullable=False, unique=True),
    minor("discount"),
    moment("used_at"),
    moment("returned_at", nullable=True),
    rule("discount >= 0", "amount"),
    Index("ix_promo_uses_standing", "promo_id", "person_id", sqlite_where=text("returned_at IS NULL"),
          postgresql_where=text("returned_at IS NULL")),
)  # fmt: skip
"""A use that was given back, with its order, keeps its row: it explains the count."""
