"""Updates received, messages owed, where each card stands, and which pictures Telegram already has."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, UniqueConstraint, text

from core.database.columns import Big, Json, choice, key, metadata, moment, ref, switch, words

inbox = Table(
    "inbox",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("person", BigInteger, nullable=False),
    Column("payload", Text, nullable=False),
    *choice("state", "new", "done", "failed", "restored"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("claimed_by", String(80)),
    moment("claimed_until", nullable=True),
    moment("received_at"),
    Index("ix_inbox_new", "update_id", sqlite_where=text("state = 'new'"), postgresql_where=text("state = 'new'")),
    Index("ix_inbox_received", "received_at"),
)

outbox = Table(
    "outbox",
    metadata,
    key(),
    Column("chat_id", BigInteger, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("subject_id", Big, nullable=False, server_default="0"),
    Column("data", Json, nullable=False),
    *choice("state", "pending", "sending", "sent", "failed", "restored"),
    moment("due_at"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("claimed_by", String(80)),
    words("error", 300),
    moment("created_at"),
    moment("sent_at", nullable=True),
    Index("ix_outbox_due", "due_at", "id", sqlite_where=text("state IN ('pending', 'sending')"),
          postgresql_where=text("state IN ('pending', 'sending')")),
    Index("ix_outbox_sent", "sent_at"),
    Index("ix_outbox_coalesce", "chat_id", "kind", "subject_id", unique=True,
          sqlite_where=text("state = 'pending'"), postgresql_where=text("state = 'pending'")),
)  # fmt: skip

message_refs = Table(
    "message_refs",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(40), primary_key=True),
    Column("subject_id", Big, primary_key=True, autoincrement=False),
    Column("message_id", BigInteger, nullable=False),
    switch("has_photo", default=False),
    moment("updated_at"),
    Index("ix_message_refs_message", "chat_id", "message_id"),
)

uploads = Table(
    "uploads",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("picture", String(120), primary_key=True),
    Column("file_id", String(200), nullable=False),
    moment("at"),
)

help_threads = Table(
    "help_threads",
    metadata,
    key(),
    ref("person_id", "people", unique=True),
    *choice("state", "open", "closed"),
    ref("order_id", "orders", nullable=True),
    moment("opened_at"),
    moment("updated_at"),
    Index("ix_help_threads_open", "id", sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'")),
)
"""One talk of a customer with the shop; the order is the one it was opened from last."""

help_messages = Table(
    "help_messages",
    metadata,
    key(),
    ref("thread_id", "help_threads", index=True),
    *choice("side", "customer", "shop"),
    ref("author_id", "people"),
    words("text", 4096),
    words("media", 16),
    Column("chat_id", BigInteger, nullable=False),
    Column("message_id", BigInteger, nullable=False),
    Column("reply_to", BigInteger),
    Column("copy_chat_id", BigInteger),
    Column("copy_message_id", BigInteger),
    moment("at"),
    moment("copied_at", nullable=True),
    UniqueConstraint("chat_id", "message_id"),
    Index("ix_help_messages_copy", "copy_chat_id", "copy_message_id"),
)
"""What was said: the message as its author sent it, and its copy on the other side; ``copied_at`` alone: given up.

``reply_to`` is the message, in the chat where the copy goes, that it answers.
"""
