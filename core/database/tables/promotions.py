"""Promo codes and each use of one by an order; loyalty points."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, text

from core.database.columns import Big, choice, key, metadata, minor, moment, ref, rule, switch, words

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
    ref("promoter_id", "promoters", nullable=True, index=True),
    words("description_en", 300),
    words("description_km", 300),
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
    Column("kind", String(32)),
    Column("value", Big),
    minor("cap", nullable=True),
    minor("minimum", server_default="0"),
    moment("used_at"),
    moment("returned_at", nullable=True),
    rule("discount >= 0", "amount"),
    Index("ix_promo_uses_standing", "promo_id", "person_id", sqlite_where=text("returned_at IS NULL"),
          postgresql_where=text("returned_at IS NULL")),
)  # fmt: skip
"""A use that was given back, with its order, keeps its row: it explains the count.

``kind``, ``value``, ``cap`` and ``minimum`` are the code's as the order used it: what the code is later moves no order.
"""

point_entries = Table(
    "point_entries",
    metadata,
    key(),
    ref("person_id", "people"),
    *choice("kind", "earned", "referral", "friend", "redeemed", "returned", "expired", "adjusted"),
    Column("points", Integer, nullable=False),
    Column("remaining", Integer, nullable=False),
    Column("order_id", Big, ForeignKey("orders.id"), index=True),
    moment("expires_at", nullable=True),
    moment("at"),
    rule("points <> 0", "points_move"),
    rule("remaining >= 0 AND (remaining = 0 OR remaining <= points)", "remaining_range"),
    Index("uq_point_entries_once", "order_id", "person_id", "kind", unique=True,
          sqlite_where=text("kind IN ('earned', 'referral', 'friend')"),
          postgresql_where=text("kind IN ('earned', 'referral', 'friend')")),
    Index("ix_point_entries_person", "person_id"),
    Index("ix_point_entries_living", "expires_at", sqlite_where=text("remaining > 0"),
          postgresql_where=text("remaining > 0")),
)  # fmt: skip
"""The ledger of points: positive entries are lots, of which ``remaining`` can still be spent."""
