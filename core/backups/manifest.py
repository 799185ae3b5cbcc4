"""What a backup says of itself. It imports little: the process that writes backups starts with it.

A manifest ends with a digest of all before it, over the very bytes that are written: one changed byte is seen, and one
that an older Haang wrote, with fewer fields, is whole as it is.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from core.errors import Refused

FORMAT = 1
SERIES = ("database", "manual", "pre_restore")
"""By the schedule, by hand, before a restore: each is kept and pruned by itself."""


@dataclass(frozen=True, slots=True)
class TableFile:
    """One table of a backup: sizes in bytes, digests in hex.

    In the open manifest of an encrypted backup ``bytes`` is 0 and ``sha256`` empty: a digest of what was written would
    let anybody try whether they guess it. In a readable file ``packed_…`` are so: there is but one file.
    """

    table: str
    columns: tuple[str, ...]
    rows: int
    bytes: int
    sha256: str
    packed_bytes: int = 0
    packed_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: when it was made (ISO, UTC), of which schema (Alembic revision) and engine.

    ``order_number``: no order had a higher one when it was made. ``app`` is Haang's version, ``shop`` the number that
    the shop was given at its birth. ``recipient`` is the age key that it is encrypted for; then ``sealed`` is the
    SHA-256 of the whole manifest beside it, which is encrypted too. 0 or empty: a backup that does not say.
    """

    made_at: str
    schema: str
    dialect: str
    tables: tuple[TableFile, ...]
    format: int = field(default=FORMAT)
    order_number: int = 0
    app: str = ""
    series: str = "database"
    shop: int = 0
    note: str = ""
    recipient: str = ""
    sealed: str = ""

    @property
    def rows(self) -> int:
        """Rows in all tables."""
        return sum(table.rows for table in self.tables)

    def to_bytes(self) -> bytes:
        """Write it, with its digest."""
        plain = asdict(self)
        return _json(plain | {"digest": hashlib.sha256(_json(plain)).hexdigest()})

    def in_the_open(self, sealed: str) -> "Manifest":
        """Leave out what must not be read without the key; ``sealed`` is the digest of the whole one."""
        return replace(self, tables=tuple(replace(t, bytes=0, sha256="") for t in self.tables), sealed=sealed)


def parse(raw: bytes, name: str) -> Manifest:
    """Read a manifest; ``Refused`` when it is of another format or not as it was written."""
    try:
        plain: dict[str, Any] = json.loads(raw)
        if plain["format"] != FORMAT:
            raise Refused("backup_format", name=name)
        digest = plain.pop("digest")
        whole = _json(plain | {"digest": hashlib.sha256(_json(plain)).hexdigest()})
        tables = tuple(TableFile(**t | {"columns": tuple(t["columns"])}) for t in plain.pop("tables"))
        manifest = Manifest(**plain, tables=tables)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Refused("backup_damaged", name=name) from None
    if whole != raw or not digest:
        raise Refused("backup_damaged", name=name)
    return manifest


def _json(plain: dict[str, Any]) -> bytes:
    return (json.dumps(plain, indent=1, ensure_ascii=False) + "\n").encode()
