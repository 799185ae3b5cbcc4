"""Who they are, what they may do, where they live, and what they are being asked."""

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, String, Table, text

from core.database.columns import Big, Json, choice, key, metadata, moment, ref, switch, words

people = Table(
    "people",
    metadata,
    key(),
    Column("telegram_id", BigInteger, unique=True),
    words("name"),
    words("username", 64),
    *choice("language", "en", "km", nullable=True),
    Column("phone", String(20), index=True),
    switch("phone_confirmed", default=False),
    switch("blocked", default=False),
    switch("wants_news", default=False),
    switch("wants_reminders", default=True),
    moment("created_at"),
    moment("seen_at"),
    Column("referral_code", String(16)),
    ref("referrer_id", "people", nullable=True),
    Index("uq_people_referral_code", "referral_code", unique=True),
    sqlite_autoincrement=True,
)

roles = Table(
    "roles",
    metadata,
    Column("person_id", Big, ForeignKey("people.id"), primary_key=True),
    *choice("role", "owner", "admin", "staff", "courier"),
    moment("granted_at"),
    Column("granted_by", Big, ForeignKey("people.id")),
)

addresses = Table(
    "addresses",
    metadata,
    key(),
    ref("person_id", "people", index=True),
    words("recipient"),
    Column("phone", String(20), nullable=False),
    words("province_code", 4),
    words("district_code", 8),
    words("commune_code", 8),
    words("street", 300),
    Column("latitude", Float),
    Column("longitude", Float),
    switch("active", default=True),
    moment("created_at"),
    moment("used_at"),
)

questions = Table(
    "questions",
    metadata,
    Column("person_id", Big, ForeignKey("people.id"), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("data", Json, nullable=False),
    moment("asked_at"),
)

favourites = Table(
    "favourites",
    metadata,
    Column("person_id", Big, ForeignKey("people.id"), primary_key=True),
    Column("product_id", Big, ForeignKey("products.id"), primary_key=True),
    moment("at"),
)

waitlist = Table(
    "waitlist",
    metadata,
    key(),
    ref("person_id", "people"),
    ref("variant_id", "variants"),
    moment("asked_at"),
    moment("told_at", nullable=True),
    Index("uq_waitlist_waiting", "variant_id", "person_id", unique=True, sqlite_where=text("told_at IS NULL"),
          postgresql_where=text("told_at IS NULL")),
    Index("ix_waitlist_person", "person_id"),
)  # fmt: skip
"""Who wants to hear when a variant is back; told once, in the order of their keys."""

tombstones = Table(
    "tombstones",
    metadata,
    Column("person_id", Big, primary_key=True, autoincrement=False),
    moment("joined_at", primary_key=True),
    Column("person_hash", String(64), nullable=False, index=True),
    moment("at"),
)
"""Who asked to be forgotten: the row that was emptied, by id and birth, so that every restore empties it again; and a
keyed hash of the Telegram id, by which somebody who comes back is known to have been here. Its key is in no backup."""
