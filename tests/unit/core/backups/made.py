"""A small shop on a SQLite file, written once for a whole module, and a way to back it up without a process."""

from datetime import UTC, datetime
from pathlib import Path

import pyrage
from sqlalchemy import create_engine, insert
from sqlalchemy.pool import NullPool

from core.backups import backup
from core.backups.backup import About
from core.backups.snapshot import Source
from core.database import tables as t
from tests.support.rows import fill

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SECRET = pyrage.x25519.Identity.generate()
RECIPIENT = str(SECRET.to_public())


def filled(template: Path, place: Path, people: int = 12) -> Source:
    """Write a filled shop at ``place``."""
    place.write_bytes(template.read_bytes())
    engine = create_engine(f"sqlite:///{place}", poolclass=NullPool)
    with engine.begin() as tx:
        fill(tx, NOW, people)
        tx.execute(insert(t.counters).values(name="shop", value=77))
    engine.dispose()
    return Source("sqlite", str(place))


def made(source: Source, folder: Path, **about: str | int) -> Path:
    """Write a backup into ``folder``."""
    return backup.make(source, folder, NOW, About(**about))[0]
