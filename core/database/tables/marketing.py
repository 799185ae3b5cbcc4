"""Who brings customers, and what is shown to them: promoters, hero slides, subscribers of the newsletter."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, text

from core.database.columns import Big, Json, choice, key, metadata, moment, ref, rule, switch, words

promoters = Table(
    "promoters",
    metadata,
    key(),
    words("name"),
    Column("phone", String(20), nullable=False, server_default=""),
    words("email"),
    Column("rate", Integer, nullable=False),
    switch("active", default=True),
    words("note", 300),
    moment("created_at"),
    rule("rate BETWEEN 0 AND 10000", "rate_range"),
)
"""``rate`` is their commission in hundredths of a percent: 1,000 is 10 %."""

hero_slides = Table(
    "hero_slides",
    metadata,
    key(),
    *choice("kind", "image", "video", "url"),
    words("file", 300),
    Column("url", Text, nullable=False, server_default=""),
    words("title_en"),
    words("title_km"),
    words("subtitle_en", 300),
    words("subtitle_km", 300),
    Column("position", Integer, nullable=False, server_default="0"),
    switch("active", default=True),
    moment("created_at"),
    rule("file <> '' OR url <> ''", "shows_something"),
)

broadcasts = Table(
    "broadcasts",
    metadata,
    key(),
    ref("author_id", "people"),
    *choice("state", "draft", "sending", "paused", "done", "cancelled"),
    Column("segment", Json, nullable=False),
    Column("content", Json, nullable=False),
    moment("created_at"),
    moment("started_at", nullable=True),
    moment("finished_at", nullable=True),
)
"""News to many: ``content`` is what is sent in each language, ``segment`` to whom."""

broadcast_sends = Table(
    "broadcast_sends",
    metadata,
    Column("broadcast_id", Big, ForeignKey("broadcasts.id"), primary_key=True),
    Column("person_id", Big, ForeignKey("people.id"), primary_key=True),
    *choice("state", "waiting", "sending", "sent", "blocked", "left", "failed", "unsure"),
    moment("at"),
    Index("ix_broadcast_sends_waiting", "broadcast_id", "person_id",
          sqlite_where=text("state IN ('waiting', 'sending')"),
          postgresql_where=text("state IN ('waiting', 'sending')")),
    Index("ix_broadcast_sends_person", "person_id"),
)  # fmt: skip
"""One person's copy of a broadcast: ``left`` wants no news any more, ``unsure`` may have come and is not sent again."""

subscribers = Table(
    "subscribers",
    metadata,
    key(),
    words("email"),
    Column("phone", String(20), nullable=False, server_default=""),
    words("name"),
    switch("active", default=True),
    moment("subscribed_at"),
    moment("unsubscribed_at", nullable=True),
    rule("email <> '' OR phone <> ''", "can_be_reached"),
    Index("uq_subscribers_email", "email", unique=True, sqlite_where=text("email <> ''"),
          postgresql_where=text("email <> ''")),
)  # fmt: skip
"""Who asked for news outside Telegram; in Telegram it is ``people.wants_news``."""
