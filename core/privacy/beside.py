"""Who was forgotten, in a file beside the data: an older backup does not know it, and the database may be gone.

``forgotten.json`` holds no name and no Telegram id: a row's number, its birth, a fingerprint and when.
"""

import json
import logging
from datetime import datetime
from pathlib import Path

from core.files import write_atomically
from core.privacy.rules import Tombstone

log = logging.getLogger(__name__)
FILE = "forgotten.json"


def read(folder: Path) -> list[Tombstone]:
    """Read the file of a data folder; none where there is none, and none, with a warning, where it is damaged."""
    try:
        found = json.loads((folder / FILE).read_bytes())
        return [
            Tombstone(int(one["person"]), _moment(one["joined"]), str(one["hash"]), _moment(one["at"])) for one in found
        ]
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError, OSError) as error:
        log.warning("%s cannot be read: %s", FILE, type(error).__name__)
        return []


def write(folder: Path, known: list[Tombstone]) -> None:
    """Write the file so that it lasts; ``OSError`` where the folder takes nothing."""
    plain = [
        {"person": one.person_id, "joined": one.joined_at.isoformat(), "hash": one.person_hash,
         "at": one.at.isoformat()} for one in known
    ]  # fmt: skip
    write_atomically(folder / FILE, (json.dumps(plain, indent=1) + "\n").encode())


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment
