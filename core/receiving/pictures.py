"""A product's picture as it comes in: believed only once it was decoded, kept below the media folder under a new name.

The name is of the content: the same picture sent again is the same file, so that its product is known by it.
"""

import asyncio
import hashlib
from pathlib import Path

from core.errors import Refused
from core.files import write_atomically
from core.people.rules import Person, Rank
from core.pictures.files import PictureRefused, check_photo
from core.shop import Shop
from core.storage import service as storage

FOLDER = "products"
MOST, KINDS = "5 MB", "JPG, PNG, WebP, GIF"
_ENDS = {"jpeg": "jpg"}


async def keep(shop: Shop, person: Person, data: bytes) -> str:
    """Keep a picture; returns its path below the media folder. ``Refused`` says why it is not taken; admins only."""
    person.must_be(Rank.ADMIN)
    try:
        kind, _, _ = await asyncio.to_thread(check_photo, data)
    except PictureRefused as error:
        raise Refused(f"picture_{error.reason}", kinds=KINDS, most=MOST) from error
    name = f"{hashlib.sha256(data).hexdigest()[:32]}.{_ENDS.get(kind, kind)}"
    file = shop.config.media_dir / FOLDER / name
    try:
        fresh = await asyncio.to_thread(_write, file, data)
    except OSError as error:
        raise Refused("picture_no_room") from error
    if fresh:
        await storage.written(shop, file, len(data))
    return f"{FOLDER}/{name}"


def _write(file: Path, data: bytes) -> bool:
    """Write it unless it is there; what lay there for long is as new, so that no sweep takes it before it is named."""
    if file.is_file():
        file.touch()
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, data)
    return True
