"""What tidying at night costs a shop that goes on selling, and what rotating its logs loses.

    python benchmarks/maintenance.py [--megabytes 60] [--seconds 5] [--lines 20000]

A database of so many megabytes, most of them free again, is tidied as every night (``core/maintenance/optimise.tidy``)
while a writer commits 100 times a second; then the reference: the same file in one ``VACUUM``. Told is the writer's
longest wait beside the longest of as many seconds idle (goal: ≤ 12 ms more; reference: storage.md).

Then four processes write lines while the log is rotated as often as can be: ours, and as reference the standard
library's ``TimedRotatingFileHandler``, which every process turns for itself, once a second (goal: none lost).
"""

import argparse
import asyncio
import gzip
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a file: the project is not yet on the path
ROOT = Path(__file__).resolve().parents[1]

from sqlalchemy import Connection, insert, text  # noqa: E402

from core.config import Config  # noqa: E402
from core.database import tidying  # noqa: E402
from core.database.tables import audit  # noqa: E402
from core.maintenance import logs, optimise  # noqa: E402
from core.payments.bakong import ManualBank  # noqa: E402
from core.shop import Shop, open_shop  # noqa: E402

PER_SECOND, PROCESSES = 100, 4
LOGGER = """
import logging, logging.handlers, sys
from pathlib import Path
from core import logs
folder, who, lines, ours = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4] == "ours"
log = logging.getLogger("core")
if ours:
    logs.open_logs(folder, "INFO")
else:
    log.addHandler(logging.handlers.TimedRotatingFileHandler(folder / "app.log", when="S"))
    log.setLevel("INFO")
for number in range(lines):
    log.info("writer %s line %s %s", who, number, "x" * 60)
"""


def fill(tx: Connection, megabytes: int) -> None:
    """Write rows of a kilobyte each."""
    row = {"at": datetime.now(UTC), "action": "fill", "subject": "x", "detail": {"said": "y" * 850}}
    tx.execute(insert(audit), [row] * (megabytes * 1000))


def empty(tx: Connection) -> None:
    """Leave every fifth row."""
    tx.execute(text("DELETE FROM audit WHERE action = 'fill' AND id % 5 <> 0"))


def note(tx: Connection) -> None:
    """One small row, as any tap writes."""
    tx.execute(insert(audit), {"at": datetime.now(UTC), "action": "note", "subject": "x"})


async def waits(shop: Shop, until: asyncio.Event) -> list[float]:
    """Commit 100 times a second until told to stop; returns how long each took, in milliseconds."""
    took, due = [], time.perf_counter()
    while not until.is_set():
        begun = time.perf_counter()
        await shop.db.write(note)
        took.append((time.perf_counter() - begun) * 1000)
        due += 1 / PER_SECOND
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
    return took


async def beside(shop: Shop, work: object) -> tuple[list[float], float]:
    """Let the writer write while ``work`` is awaited; returns its waits and the work's seconds."""
    over = asyncio.Event()
    writer = asyncio.create_task(waits(shop, over))
    await asyncio.sleep(0.2)
    begun = time.perf_counter()
    await work  # type: ignore[misc]
    seconds = time.perf_counter() - begun
    over.set()
    return await writer, seconds


async def tidied(folder: Path, megabytes: int, seconds: float) -> None:
    """Measure idle, a night's tidying, and one VACUUM, each from the same state."""
    worst: dict[str, float] = {}
    for name in ("idle", "tidy", "vacuum"):
        shop = await open_shop(Config(_env_file=None, data_dir=folder / name, port=0), ManualBank())
        await shop.db.write(fill, megabytes)
        await shop.db.write(empty)
        await shop.db.apart("PRAGMA wal_checkpoint(TRUNCATE)")
        before = await shop.db.read(tidying.size)
        work = {"idle": lambda: asyncio.sleep(seconds), "tidy": lambda s=shop: optimise.tidy(s),
                "vacuum": lambda s=shop: s.db.apart("VACUUM")}[name]  # fmt: skip
        took, spent = await beside(shop, work())
        after = await shop.db.read(tidying.size)
        worst[name] = max(took)
        print(f"{name:7} {spent:6.1f} s, {before / 1e6:.0f} MB to {after / 1e6:.0f} MB: the writer waited "
              f"{max(took):.1f} ms at most, {quantiles(took, n=100)[98]:.1f} ms at the 99th percent")  # fmt: skip
        await shop.close()
    more = worst["tidy"] - worst["idle"]
    print(f"longest wait while tidied: {more:+.1f} ms against idle (goal ≤ +12), "
          f"{worst['tidy'] / worst['vacuum']:.2f} of a VACUUM's")  # fmt: skip


def rotated(folder: Path, lines: int, kind: str) -> None:
    """Let four processes write while logs are rotated; count what is there afterwards."""
    folder.mkdir()
    command = [sys.executable, "-c", LOGGER, str(folder)]
    writers = [subprocess.Popen([*command, str(n), str(lines), kind], cwd=ROOT, stderr=subprocess.DEVNULL)
               for n in range(PROCESSES)]  # fmt: skip
    turns = 0
    while any(writer.poll() is None for writer in writers):
        if kind == "ours":
            done = logs.rotate_folder(folder, datetime.now(UTC), ZoneInfo("UTC"), 10**10, now=True)
            turns += bool(done and done.turned)
        time.sleep(0.02)
    found = b"".join(gzip.decompress(p.read_bytes()) if p.suffix == ".gz" else p.read_bytes()
                     for p in folder.iterdir() if p.name.startswith("app"))  # fmt: skip
    there = {tuple(line.split()[-5:-1]) for line in found.decode().splitlines() if line.endswith("x" * 60)}
    lost = 1 - len(there) / (PROCESSES * lines)
    times = turns if kind == "ours" else len(list(folder.iterdir())) - 1
    print(f"{kind:7} {times} rotations under four writers: {lost:.1%} of {PROCESSES * lines:,} lines lost")


def main() -> None:
    """Measure both."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--megabytes", type=int, default=60)
    asked.add_argument("--seconds", type=float, default=5.0)
    asked.add_argument("--lines", type=int, default=20_000)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as place:
        asyncio.run(tidied(Path(place), given.megabytes, given.seconds))
        for kind in ("ours", "stdlib"):
            rotated(Path(place) / kind, given.lines, kind)


if __name__ == "__main__":
    main()
