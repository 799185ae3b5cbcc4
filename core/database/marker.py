"""What says that there was a shop, should its database be gone: ``shop.json`` in the data folder, pictures, backups.

A SQLite file that is not there is made anew by whoever opens it, so a start must ask before: an empty shop that opens
where a full one was is the loss nobody notices.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from core.config import Config
from core.errors import StartRefused
from core.files import write_atomically

FILE = "shop.json"
BACKUPS = "db_backup_*"
READABLE = (".json", ".json.gz")


@dataclass(frozen=True, slots=True)
class Marker:
    """``order_number``: no order of this shop ever had a higher one, whatever its database says after a restore."""

    order_number: int = 0


def read(folder: Path) -> Marker | None:
    """Read the marker of a data folder; one that cannot be read still says that there was a shop."""
    try:
        found = json.loads((folder / FILE).read_bytes())
        return Marker(int(found["order_number"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, OSError):
        return Marker()


def number(folder: Path) -> int:
    """No order had a higher number, as far as the data folder knows; 0 where it knows nothing."""
    return (read(folder) or Marker()).order_number


def write(folder: Path, marker: Marker) -> None:
    """Write the marker so that it lasts; ``OSError`` where the folder takes nothing."""
    write_atomically(folder / FILE, json.dumps(asdict(marker)).encode())


def refuse_an_empty_start(config: Config, database: Path) -> None:
    """Raise ``StartRefused`` where the file ``database`` is not there, or empty, but a shop was."""
    if database.exists() and (not database.is_file() or database.stat().st_size):
        return
    backups = sorted(path for path in config.backup_dir.glob(BACKUPS) if path.is_dir() or path.name.endswith(READABLE))
    marker = config.data_dir / FILE
    signs = [path for path in (marker, config.media_dir) if path.is_file() or _holds_files(path)]
    if not signs and not backups:
        return
    there = ", ".join(str(path) for path in [*signs, *backups[-1:]])
    newest = backups[-1] if backups else "<the folder of a backup>"
    raise StartRefused(
        f"The database {database} is not there, but a shop was: {there}. Nothing was changed. "
        f"To get it back: python run.py restore {newest}. To begin a new shop on purpose, move {there} elsewhere first."
    )


def _holds_files(folder: Path) -> bool:
    return any(path.is_file() for path in folder.rglob("*"))
