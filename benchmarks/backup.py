"""A verified backup beside a plain copy, SQLite's backup API and a Django-like dump; and what a shop feels meanwhile.

    python benchmarks/backup.py [--orders 20000] [--rounds 3] [--django PYTHON] [--json FILE]

`haang` is the process that the shop starts (core/backups/worker.py): snapshot, every table as lines, zstd, digests,
fsync, all read back. `copy` is ``shutil.copyfile`` and fsync, `api` ``sqlite3.Connection.backup`` and fsync: neither
checks anything. `dump` does what Django's ``dumpdata`` does, in plain Python: every row as a dictionary in one
list, ``json.dumps`` of it into a StringIO, written and synced; no models are made of rows. With a Python that has
Django, `dumpdata` is that one's own command (`benchmarks/django_peer.py`).
Each runs in a process of its own at the same low priority, its start included; rounds alternate, figures are medians,
memory is the process's highest (VmHWM). A busy machine distorts the processor's seconds least.
Goals (reference: storage.md): ≥ 12 × faster than dumpdata, under 100 MB.

Then the shop itself backs up while a writer commits 100 times a second: its longest wait beside the longest of as many
seconds idle (≤ + 25 ms), how late the event loop wakes (≤ 20 ms), and how far the write-ahead log grows (≤ 10 MB).
"""

import argparse
import asyncio
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a file: the project is not yet on the path
ROOT = Path(__file__).resolve().parents[1]
PER_SECOND = 100


@dataclass
class Contender:
    """One way to keep a copy: seconds and processor seconds of each round, the most memory in MB, bytes written."""

    name: str
    seconds: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    memory: float = 0.0
    bytes: int = 0


# ── the references, each in a process of its own ─────────────────────────────────────────────────────────────────────
def copy(source: Path, target: Path) -> None:
    """Copy the file."""
    shutil.copyfile(source, target)
    _sync(target)


def api(source: Path, target: Path) -> None:
    """Copy by SQLite's backup API."""
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as new:
        live.backup(new)
    _sync(target)


def dump(source: Path, target: Path) -> None:
    """Dump rows as dictionaries, all of them at once."""
    every: list[dict[str, object]] = []
    with closing(sqlite3.connect(source)) as database:
        database.row_factory = sqlite3.Row
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in names:
            for number, row in enumerate(database.execute(f"SELECT * FROM {name}")):
                every.append({"model": f"haang.{name}", "pk": number, "fields": dict(row)})
    stream = io.StringIO()
    for piece in json.JSONEncoder(ensure_ascii=False).iterencode(every):
        stream.write(piece)
    target.write_text(stream.getvalue(), "utf-8")
    _sync(target)


REFERENCES: dict[str, Callable[[Path, Path], None]] = {"copy": copy, "api": api, "dump": dump}


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


# ── rounds ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def measure(contender: Contender, command: list[str], folder: Path, order: str) -> None:
    """Run one contender once, and look at its memory while it runs."""
    before = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert process.stdin
    process.stdin.write(order.encode())
    process.stdin.close()
    ended, status, used = 0, 0, None
    while not ended:
        contender.memory = max(contender.memory, _memory(process.pid))
        time.sleep(0.005)
        ended, status, used = os.wait4(process.pid, os.WNOHANG)
    process.returncode = status
    contender.seconds.append(time.perf_counter() - before)
    contender.work.append(used.ru_utime + used.ru_stime)
    assert status == 0, contender.name
    contender.bytes = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    shutil.rmtree(folder)
    folder.mkdir()


def _memory(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii", errors="replace")
    except OSError:
        return 0.0
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(found[0]) / 1024 if found else 0.0


def commands(source: Path, target: Path, django: str | None) -> dict[str, list[str]]:
    """How each contender is started."""
    places = ["--source", str(source), "--target", str(target)]
    found = {name: [sys.executable, __file__, "--only", name, *places] for name in REFERENCES}
    if django:
        found["dumpdata"] = [django, str(ROOT / "benchmarks/django_peer.py"), "dump", str(source), f"{target}.json"]
    return {"haang": [sys.executable, "-m", "core.backups.worker"]} | found


def compare(source: Path, folder: Path, rounds: int, django: str | None) -> list[Contender]:
    """Run all of them, in turn."""
    from core.backups import postgres  # noqa: PLC0415 - a reference's process starts without it

    about = {"order_number": 1, "series": "manual"}
    exports = [(export.table, export.columns, export.query) for export in postgres.exports()]
    where = {"dialect": "sqlite", "where": str(source), "folder": str(folder)}
    at = datetime.now(UTC).isoformat()
    order = json.dumps({"do": "backup", **where, "about": about, "exports": exports, "at": at})
    ways = commands(source, folder / "x", django)
    found = [Contender(name) for name in ways]
    for _ in range(rounds):
        for contender in found:
            measure(contender, ways[contender.name], folder, order)
    return found


# ── meanwhile ────────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass
class Felt:
    """The longest wait of a writer and the latest waking of the event loop, in milliseconds; the log's growth in MB."""

    writer: float = 0.0
    loop: float = 0.0
    log: float = 0.0


async def meanwhile(place: Path) -> tuple[Felt, Felt, float]:
    """Write 100 times a second, idle and while the shop backs up; returns both and the backup's seconds."""
    from core.backups import service  # noqa: PLC0415
    from core.config import Config  # noqa: PLC0415
    from core.payments.bakong import ManualBank  # noqa: PLC0415
    from core.shop import open_shop  # noqa: PLC0415

    config = Config(_env_file=None, data_dir=place, backup_dir=place / "backups", port=0)
    shop = await open_shop(config, ManualBank())
    try:
        await service.backup(shop)  # its number, and what is loaded once
        before = time.perf_counter()
        working = asyncio.create_task(service.backup(shop))
        busy = await _felt(shop, place, working)
        seconds = time.perf_counter() - before
        return await _felt(shop, place, asyncio.create_task(asyncio.sleep(seconds))), busy, seconds
    finally:
        await shop.close()


async def _felt(shop: object, place: Path, until: "asyncio.Task[object]") -> Felt:
    felt, log = Felt(), place / "haang.sqlite3-wal"
    start = log.stat().st_size if log.exists() else 0

    async def lag() -> None:
        while not until.done():
            before = time.perf_counter()
            await asyncio.sleep(0.005)
            felt.loop = max(felt.loop, (time.perf_counter() - before - 0.005) * 1000)

    watching = asyncio.create_task(lag())
    while not until.done():
        before = time.perf_counter()
        await shop.db.write(_write, shop.clock.now())  # type: ignore[attr-defined]
        took = time.perf_counter() - before
        felt.writer = max(felt.writer, took * 1000)
        felt.log = max(felt.log, (log.stat().st_size - start) / 1e6)
        await asyncio.sleep(max(0.0, 1 / PER_SECOND - took))
    await watching
    await until
    return felt


def _write(tx: object, now: datetime) -> None:
    from sqlalchemy import insert  # noqa: PLC0415

    from core.database.tables import audit  # noqa: PLC0415

    tx.execute(insert(audit).values(at=now, action="benchmark", subject="order"))  # type: ignore[attr-defined]


# ── the whole ────────────────────────────────────────────────────────────────────────────────────────────────────────
def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--django", help="a Python that has Django: its dumpdata is measured, too")
    parser.add_argument("--json", type=Path, help="write the ratios there, too")
    parser.add_argument("--only", choices=REFERENCES, help=argparse.SUPPRESS)
    parser.add_argument("--source", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--target", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only:
        os.nice(10)  # as low as ours: on a busy machine the ratio would be the others'
        REFERENCES[given.only](given.source, given.target)
        return
    with tempfile.TemporaryDirectory(prefix="haang-backup-") as folder:
        report(Path(folder), given)


def report(folder: Path, given: argparse.Namespace) -> None:
    """Build the shop, run everything, say the ratios."""
    from benchmarks import corpus  # noqa: PLC0415 - not for a reference's process

    (folder / "out").mkdir()
    source = corpus.build(folder / "haang.sqlite3", given.orders)
    print(f"{given.orders:,} orders, {source.stat().st_size / 1e6:.0f} MB")
    found = {one.name: one for one in compare(source, folder / "out", given.rounds, given.django)}
    ours, work = median(found["haang"].seconds), median(found["haang"].work)
    for one in found.values():
        size = f"{one.memory:6.0f} MB   {one.bytes / 1e6:6.1f} MB written"
        took = f"{median(one.seconds) / ours:7.2f} × our time {median(one.work) / work:7.2f} × our processor's"
        print(f"{one.name:8} {took}   {size}")
    idle, busy, _ = asyncio.run(meanwhile(folder))
    print(f"a writer waited {busy.writer:.0f} ms at the most, {idle.writer:.0f} when idle; ", end="")
    print(f"the loop woke {busy.loop:.0f} ms late, {idle.loop:.0f}; the log grew {busy.log:.1f} MB, {idle.log:.1f}")
    if given.json:
        ratios = {name: round(median(one.seconds) / ours, 2) for name, one in found.items()}
        given.json.write_text(json.dumps({"ratios": ratios, "memory": found["haang"].memory, "busy": asdict(busy),
                                          "idle": asdict(idle)}), "utf-8")  # fmt: skip


if __name__ == "__main__":
    main()
