"""What staff add to an order and to each other: notes, parcels, verdicts, topics, nudges, invitations."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table

from core.database.columns import Big, Json, choice, key, metadata, moment, ref, words

order_notes = Table(
    "order_notes",
    metadata,
    key(),
    ref("order_id", "orders", index=True),
    ref("author_id", "people"),
    words("text", 500),
    moment("at"),
)
"""What staff tell each other about an order; its customer never sees it."""

shipments = Table(
    "shipments",
    metadata,
    Column("order_id", Big, ForeignKey("orders.id"), primary_key=True),
    *choice("carrier", "jt", "vet", "cambodia_post", "other"),
    words("tracking_number", 40),
    ref("by_id", "people"),
    moment("at"),
)
"""Who carries a parcel that the shop does not bring itself, and their number for it."""

order_checks = Table(
    "order_checks",
    metadata,
    Column("order_id", Big, ForeignKey("orders.id"), primary_key=True),
    Column("flags", Json, nullable=False),
    *choice("verdict", "verified", "suspicious", "rejected", nullable=True),
    ref("by_id", "people", nullable=True),
    moment("at"),
    moment("decided_at", nullable=True),
)
"""Orders that a rule found suspicious, which rules, and what staff decided."""

nudges = Table(
    "nudges",
    metadata,
    Column("order_id", Big, ForeignKey("orders.id"), primary_key=True),
    Column("status", String(32), primary_key=True),
    moment("at"),
)
"""Each order is nudged about once for each status in which it stands too long."""

topics = Table(
    "topics",
    metadata,
    key(),
    Column("chat_id", BigInteger, nullable=False),
    *choice("topic", "orders", "delivery", "problems", "reports"),
    Column("thread_id", Integer, nullable=False),
    moment("at"),
    Index("uq_topics_chat_topic", "chat_id", "topic", unique=True),
)
"""Where in a group with topics the shop writes what."""

invitations = Table(
    "invitations",
    metadata,
    key(),
    Column("code_hash", String(64), nullable=False),
    *choice("role", "owner", "admin", "staff", "courier"),
    ref("created_by", "people"),
    moment("created_at"),
    moment("expires_at"),
    ref("used_by", "people", nullable=True),
    moment("used_at", nullable=True),
    moment("revoked_at", nullable=True),
    Index("uq_invitations_code_hash", "code_hash", unique=True),
)
"""Links that make whoever opens one first staff; only a hash of the code is kept."""
