"""Which rows name a file below the media folder: what nobody names is an orphan, what is named moves with its name."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePosixPath

from sqlalchemy import Column, Connection, delete, select, update

from core import changes
from core.database.tables import hero_slides, orders, product_photos, products, uploads

PATHS: tuple[Column[str], ...] = (products.c.photo, product_photos.c.path, hero_slides.c.file)
"""Every column that holds a path below the media folder; a test finds the one that is missing."""
NO_PATHS = frozenset({"media_files.path", "uploads.picture", "uploads.file_id", "message_refs.has_photo"})
"""Columns that sound like it and are none: what the disk holds, and how Telegram calls a picture."""
UPLOAD = "media:"
"""What a picture of the media folder begins with in the memory of what Telegram has (``bot.screen.ProductPhoto``)."""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Named:
    """All that rows name, as :func:`plain` writes it."""

    paths: frozenset[str]

    def __contains__(self, path: str) -> bool:
        """Tell whether a row names this path, given below the media folder."""
        return plain(path) in self.paths


def plain(path: str) -> str:
    """Write a path as it is compared: no ``./``, no slash in front, letters composed, small and capital the same.

    A name that differs only so may well be the same file on some disk: rather one orphan too few.
    """
    name = unicodedata.normalize("NFC", path.replace("\\", "/")).casefold()
    return PurePosixPath(name).as_posix().lstrip("/").removeprefix("media/")


def named(tx: Connection) -> Named:
    """Read every path that some row names."""
    return Named(frozenset(plain(path) for path in written(tx)))


def written(tx: Connection) -> list[str]:
    """Read every path as its row writes it, each once, in order."""
    return sorted({path for column in PATHS for path in tx.execute(select(column).where(column != "")).scalars()})


def rename(tx: Connection, old: str, new: str) -> int:
    """Let every row that names ``old`` name ``new``, with what Telegram has of it; how many rows of the shop's did."""
    ids = set(tx.execute(select(products.c.id).where(products.c.photo == old)).scalars())
    ids |= set(tx.execute(select(product_photos.c.product_id).where(product_photos.c.path == old)).scalars())
    rows = sum(tx.execute(update(c.table).where(c == old).values({c: new})).rowcount for c in PATHS)
    for product_id in sorted(ids):
        changes.note(tx, "product", product_id)
    if rows:
        tx.execute(delete(uploads).where(uploads.c.picture == UPLOAD + new))
        tx.execute(update(uploads).where(uploads.c.picture == UPLOAD + old).values(picture=UPLOAD + new))
    return rows


def without_an_order(tx: Connection, numbers: Collection[str]) -> frozenset[str]:
    """Of these order numbers, those that no order has."""
    missing, asked = set(numbers), sorted(numbers)
    for first in range(0, len(asked), _AT_ONCE):
        some = orders.c.number.in_(asked[first : first + _AT_ONCE])
        missing -= set(tx.execute(select(orders.c.number).where(some)).scalars())
    return frozenset(missing)
