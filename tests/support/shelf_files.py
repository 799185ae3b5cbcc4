"""Files of any age and size below a shop's folders, photos that are real, and what became of them."""

import io
import os
import random
from datetime import datetime, timedelta
from pathlib import Path

from PIL import Image
from sqlalchemy import Connection, insert, select

from core.database import tables as t
from core.shop import Shop


def put(folder: Path, name: str, size: int = 100, *, age: timedelta = timedelta(), now: datetime | None = None) -> Path:
    """Write a file of ``size`` bytes, written ``age`` before ``now`` (the machine's)."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    written = (now or datetime.now().astimezone()).timestamp() - age.total_seconds()
    os.utime(path, (written, written))
    return path


def names(folder: Path) -> list[str]:
    """Every file below a folder by its path, hidden ones too; nothing where there is no folder."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def photo(width: int, height: int, kind: str = "JPEG", **how: object) -> bytes:
    """Draw a photo with so much in it that a codec has work: grain over gradients, always the same."""
    across = Image.linear_gradient("L").resize((width, height))
    along = Image.radial_gradient("L").resize((width, height))
    grain = Image.frombytes("L", (width, height), random.Random(7).randbytes(width * height))
    picture = Image.merge("RGB", (across, along, Image.blend(across, grain, 0.4)))
    out = io.BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


def shelve(tx: Connection, now: datetime, *paths: str) -> None:
    """Put one product on sale for each of these photos; the last two are a further photo and a hero slide."""
    tx.execute(insert(t.categories).values(id=1, slug="soap", name_en="Soap", name_km="សាប៊ូ"))
    for i, path in enumerate(paths, 1):
        tx.execute(insert(t.products).values(id=i, category_id=1, slug=f"p{i}", photo=path, updated_at=now))


async def audited(shop: Shop) -> list[tuple[str, int | None, dict[str, object]]]:
    """Every line of the audit about storage: what, who, and the figures."""
    query = select(t.audit).where(t.audit.c.subject == "storage").order_by(t.audit.c.id)
    rows = await shop.db.read(lambda tx: tx.execute(query).all())
    return [(row.action, row.actor_id, row.detail) for row in rows]
