"""Goods that come in, read from what is not typed: a list as a file, and pictures of the codes on boxes and labels.

A picture of a list in words is not read: nothing here guesses at letters.
"""

import asyncio
import io
import tempfile
from pathlib import Path

import zxingcpp
from PIL import Image
from sqlalchemy import Connection

from core.catalog import store as catalog
from core.errors import Refused
from core.people.rules import Person, Rank
from core.pictures.files import PictureRefused, check_photo
from core.receiving import rules
from core.receiving.pictures import KINDS, MOST
from core.receiving.rules import Listed
from core.sheets import formats
from core.shop import Shop

SIDE = 2_000
"""Pixels: a picture is looked at no larger, which is enough for a dozen labels and takes 4 MB."""


async def codes(person: Person, data: bytes) -> list[str]:
    """Read every bar code and QR of a picture (5 MB at most), which is not kept; ``Refused`` where there is none."""
    person.must_be(Rank.ADMIN)
    try:
        found = await asyncio.to_thread(_codes, data)
    except PictureRefused as error:
        raise Refused(f"picture_{error.reason}", kinds=KINDS, most=MOST) from error
    if not found:
        raise Refused("scan_nothing")
    return found


def _codes(data: bytes) -> list[str]:
    check_photo(data)
    with Image.open(io.BytesIO(data)) as photo:
        photo.draft("L", (SIDE, SIDE))
        grey = photo.convert("L")
    grey.thumbnail((SIDE, SIDE))
    return [code.text.strip() for code in zxingcpp.read_barcodes(grey) if code.text.strip()]


async def listed(shop: Shop, person: Person, content: bytes) -> str | None:
    """Write a file's rows as the lines that somebody would type, each where it stands; None for another kind of list.

    A row is known by its article number, else by a name that only one product has, which has no further variants.
    ``Refused`` says why a file cannot be read, or that it is too long.
    """
    person.must_be(Rank.ADMIN)
    rows = await asyncio.to_thread(_rows, content)
    return rules.written(await shop.db.read(_numbered, rows)) if rows is not None else None


def _rows(content: bytes) -> list[Listed] | None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:  # Windows opens no open file again
        path = Path(folder, "list")
        path.write_bytes(content)
        return rules.listed(formats.rows(path))


def _numbered(tx: Connection, rows: list[Listed]) -> list[Listed]:
    return [row if row.sku else row.numbered(_sku_of(tx, row.name)) for row in rows]


def _sku_of(tx: Connection, name: str) -> str:
    meant = catalog.product_of(tx, names=(name,))
    (found,) = catalog.goods(tx, [meant]) if meant else (None,)
    return found.variants[0].sku if found is not None and len(found.variants) == 1 else ""
