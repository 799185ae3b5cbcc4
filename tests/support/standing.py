"""Backups that stand in a shop's folder without a process having written them: small, whole, of any day."""

import base64
import random
from datetime import UTC, timedelta
from pathlib import Path

from core.backups import archive
from core.backups.manifest import Manifest
from core.config import Config
from core.shop import Shop


def much() -> str:
    """A word that no packing makes small: two tables of one such row are a backup of two parts."""
    return base64.b64encode(random.Random(7).randbytes(3 << 20)).decode()


def put(shop: Shop, ago: timedelta = timedelta(), rows: int = 3, text: str = "first") -> str:
    """Write a database backup made ``ago``; returns its name."""
    at = shop.clock.now() - ago
    name = f"db_backup_{at.astimezone(shop.config.zone):%Y%m%d_%H%M%S}"
    folder = shop.config.backup_dir / name
    (folder / "data").mkdir(parents=True)
    lines = [f'[{number},"{text}"]\n'.encode() for number in range(rows)]
    tables = tuple(archive.write_table(folder, table, ("id", "word"), lines) for table in ("orders", "people"))
    archive.write_manifest(folder, Manifest(at.astimezone(UTC).isoformat(), "0021", "sqlite", tables))
    return name


def stored(root: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path there."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def with_store(shop: Shop, address: str, **more: object) -> Config:
    """Let the shop copy to a store."""
    shop.config = shop.config.model_copy(update={"backup_store": address, **more})
    return shop.config
