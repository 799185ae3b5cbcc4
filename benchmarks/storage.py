"""What the storage figures cost with very many media files, beside walks over the same files in the same run.

    python benchmarks/storage.py [--files 100000] [--rounds 5]

The references: ``os.scandir`` with a stat for each file, the best walk there is, and ``Path.rglob``, as it is usually
written. Rounds are interleaved and the fastest counts: what else runs on the machine only adds. Caches are warm. Only
the ratios travel.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a file: the project is not yet on the path
from core import shop as core_shop
from core.config import Config
from core.payments.bakong import ManualBank
from core.shop import Shop
from core.storage import accounting, store
from tests.support.databases import migrated_sqlite

FOLDERS = ("products", "qr_codes", "hero_slides", "hero_slides/videos", "elsewhere")
IN_ONE = 1000
"""Files of one folder."""


def fill(media: Path, files: int) -> None:
    """Make so many small files, a thousand in each folder, over all kinds."""
    for start in range(0, files, IN_ONE):
        folder = media / FOLDERS[start // IN_ONE % len(FOLDERS)] / f"{start // IN_ONE:04d}"
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(start, min(start + IN_ONE, files)):
            with (folder / f"picture-{number:06d}.webp").open("wb") as file:
                file.write(b"x" * (number % 50))


def scandir(folder: Path | str) -> int:
    """Add up all bytes with scandir."""
    total = 0
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            total += scandir(entry.path)
        elif entry.is_file(follow_symlinks=False):
            total += entry.stat(follow_symlinks=False).st_size
    return total


def rglob(folder: Path) -> int:
    """Add up all bytes with rglob."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    """Seconds that it takes."""
    begun = time.perf_counter()
    await work()
    return time.perf_counter() - begun


async def compare(shop: Shop, rounds: int) -> dict[str, float]:
    """Seconds of each way, after the first count."""
    media = shop.config.media_dir

    async def walk(way: Callable[[Path], int]) -> int:
        return await asyncio.to_thread(way, media)

    took = {"first count": await timed(lambda: accounting.reconcile(shop))}
    kinds = await shop.db.read(store.media_kinds)
    assert sum(kind.bytes for kind in kinds) == scandir(media) == rglob(media)
    ways: dict[str, Callable[[], Awaitable[object]]] = {
        "rglob": lambda: walk(rglob), "scandir": lambda: walk(scandir),
        "totals from SQL": lambda: shop.db.read(store.media_kinds), "the whole report": lambda: accounting.report(shop),
        "count again": lambda: accounting.reconcile(shop),
    }  # fmt: skip
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            found[name].append(await timed(way))
    return took | {name: min(each) for name, each in found.items()}


async def main(files: int, rounds: int) -> None:
    """Compare, and print how many times as long as scandir each takes."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        fill(data / "media", files)
        migrated_sqlite(data / "haang.sqlite3")
        config = Config(_env_file=None, data_dir=data, backup_dir=data / "backups")
        shop = await core_shop.open_shop(config, ManualBank())
        try:
            took = await compare(shop, rounds)
        finally:
            await shop.close()
    print(f"{files:,} media files; scandir = 1")
    for name, seconds in took.items():
        print(f"  {name:<17} {seconds / took['scandir']:8.4f}   (scandir takes {took['scandir'] / seconds:6.1f} times)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    asyncio.run(main(given.files, given.rounds))
