"""What lies beside the database: media files, copies of backups elsewhere; and which rows came from elsewhere."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, UniqueConstraint

from core.database.columns import Big, Json, choice, key, metadata, moment, ref, rule

media_files = Table(
    "media_files",
    metadata,
    Column("path", String(300), primary_key=True),
    *choice("kind", "products", "qr_codes", "hero_slides", "videos", "other"),
    Column("bytes", BigInteger, nullable=False),
    moment("written_at"),
    rule("bytes >= 0", "bytes_range"),
    Index("ix_media_files_kind", "kind", "bytes"),
)
"""One row a file below the media folder: what the disk holds, known without a walk; put right every night."""

backup_copies = Table(
    "backup_copies",
    metadata,
    key(),
    Column("backup", String(80), nullable=False),
    *choice("target", "store", "chat"),
    *choice("state", "waiting", "uploaded", "verified", "failed"),
    Column("bytes", BigInteger, nullable=False, server_default="0"),
    Column("parts", Json),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("trouble", String(120)),
    moment("at"),
    moment("verified_at", nullable=True),
    UniqueConstraint("backup", "target"),
)
"""A backup's copy off this server; ``parts`` says where its pieces are (keys, or Telegram's file ids)."""

import_files = Table(
    "import_files",
    metadata,
    key(),
    *choice("kind", "products", "promo_codes"),
    ref("person_id", "people", nullable=True),
    *choice("state", "shown", "applied", "dropped"),
    Column("name", String(200), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("counts", Json),
    moment("at"),
    moment("applied_at", nullable=True),
)
"""A file that was shown as a difference and may be confirmed; its bytes lie below the data folder until then."""

imported_rows = Table(
    "imported_rows",
    metadata,
    Column("source", String(20), primary_key=True),
    Column("model", String(40), primary_key=True),
    Column("key", String(80), primary_key=True),
    Column("subject_id", Big, nullable=False),
    Column("digest", String(64), nullable=False),
    moment("at"),
)
"""Which row of ours a row from elsewhere became, and what it said then: so an import can be repeated."""
