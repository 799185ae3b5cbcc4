"""How long it takes to bring a shop back: ours with every check, beside rows saved one by one, as `loaddata` does.

    python benchmarks/restore.py --orders 5000 [--django PYTHON]

The reference is Django-like, on the same tables and the same driver: the whole dump is one JSON list of objects in
memory, and every object is saved by itself, first an UPDATE by its key and, as that finds nothing, an INSERT, in one
transaction. It checks nothing but the foreign keys. With a Python that has Django, ``loaddata`` itself reads what
``dumpdata`` wrote of the same shop, into a migrated file that is empty (`benchmarks/django_peer.py`). Ours reads the
backup whole, compares it with its digests, loads it into a fresh file, reads every row back and compares, and runs
integrity_check and foreign_key_check.
"""

import argparse
import asyncio
import json
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sqlalchemy import Connection, Table, create_engine, event, insert, update  # noqa: E402
from sqlalchemy.pool import StaticPool  # noqa: E402

from benchmarks import corpus  # noqa: E402
from core.backups import backup, contents  # noqa: E402
from core.backups.contents import Contents  # noqa: E402
from core.backups.snapshot import Source  # noqa: E402
from core.clock import SteppedClock  # noqa: E402
from core.config import Config  # noqa: E402
from core.database.columns import Moment  # noqa: E402
from core.database.migrate import upgrade  # noqa: E402
from core.database.tables import metadata  # noqa: E402
from core.privacy import service as privacy  # noqa: E402
from tests.support import databases  # noqa: E402

NOW = SteppedClock().now()
FILE = "haang.sqlite3"
PEER = Path(__file__).parent / "django_peer.py"


def main() -> None:
    """Build the shop, bring it back in both ways, print the ratio."""
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--orders", type=int, default=5000)
    wanted.add_argument("--rounds", type=int, default=3)
    wanted.add_argument("--django", help="a Python that has Django: its loaddata is measured, too")
    asked = wanted.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="haang-restore-"))
    try:
        found = backed_up(folder, asked.orders)
        dump = folder / "dump.json"
        dump.write_text(json.dumps(list(objects(found)), ensure_ascii=False), "utf-8")
        print(f"{found.manifest.rows:,} rows")
        ours = best(asked.rounds, lambda number: restored(folder, number))
        theirs = best(1, lambda number: loaded(folder / f"theirs{number}.sqlite3", dump))
        print(f"ours, every check: {ours:.2f} s; saved one by one: {theirs:.2f} s; {theirs / ours:.0f} times faster")
        if asked.django:
            subprocess.run([asked.django, PEER, "dump", folder / "live.sqlite3", folder / "peer.json"], check=True)
            databases.migrated_sqlite(folder / "peer.sqlite3")
            peer = best(1, lambda _: django(asked.django, folder))
            print(f"Django's own loaddata: {peer:.2f} s; {peer / ours:.0f} times faster")
    finally:
        shutil.rmtree(folder)


def backed_up(folder: Path, orders: int) -> Contents:
    """A shop with so many orders, and its backup."""
    live = corpus.build(folder / "live.sqlite3", orders)
    made, _ = backup.make(Source("sqlite", str(live)), folder / "backups", NOW)
    return contents.opened(made)


def best(rounds: int, work: Callable[[int], None]) -> float:
    """The least of some rounds, in seconds of the processor: what else the machine does is not counted."""
    took = []
    for number in range(rounds):
        begun = processor()
        work(number)
        took.append(processor() - begun)
    return min(took)


def processor() -> float:
    """Seconds of the processor so far, with those of processes that have ended."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def restored(folder: Path, number: int) -> None:
    """Bring the backup back into an empty folder, by the command's own way."""
    (path,) = (path for path in (folder / "backups").iterdir() if not path.name.startswith("."))
    data = folder / f"ours{number}"
    data.mkdir()
    config = Config(_env_file=None, data_dir=data, backup_dir=folder / "none")
    done = asyncio.run(privacy.bring_back(config, contents.opened(path), NOW))
    with closing(sqlite3.connect(data / FILE)) as file:
        assert file.execute("SELECT count(*) FROM orders").fetchone()[0], done


# ── the reference ────────────────────────────────────────────────────────────────────────────────────────────────────
def objects(found: Contents) -> Iterator[dict[str, Any]]:
    """The rows as a dump has them: one object each, with its table's name."""
    for file, blocks in found.walk():
        for line in b"".join(blocks).splitlines():
            yield {"model": file.table, "fields": dict(zip(file.columns, json.loads(line), strict=True))}


def loaded(path: Path, dump: Path) -> None:
    """Save every object of the dump by itself."""
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        engine = create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool)
        event.listen(engine, "begin", lambda tx: tx.exec_driver_sql("BEGIN"))
        raw.execute("PRAGMA journal_mode=WAL")
        with engine.begin() as tx:
            upgrade(tx)
        with engine.begin() as tx:
            for each in json.loads(dump.read_text("utf-8")):
                save(tx, metadata.tables[each["model"]], each["fields"])
        assert raw.execute("PRAGMA foreign_key_check").fetchone() is None


def django(python: str, folder: Path) -> None:
    """Let Django load what it dumped (done before: only loading is measured)."""
    subprocess.run([python, PEER, "load", folder / "peer.sqlite3", folder / "peer.json"], check=True)


def save(tx: Connection, table: Table, fields: dict[str, Any]) -> None:
    """UPDATE by the key, and INSERT where there was nothing: what saving an object with a key does."""
    row = {name: value(table, name, given) for name, given in fields.items()}
    keys = [column.name for column in table.primary_key.columns]
    rest = {name: given for name, given in row.items() if name not in keys}
    if rest:
        where = [table.columns[key] == row[key] for key in keys]
        if tx.execute(update(table).where(*where).values(rest)).rowcount:
            return
    tx.execute(insert(table).values(row))


def value(table: Table, name: str, given: Any) -> Any:
    """Make of JSON what the column takes."""
    moment = given is not None and isinstance(table.columns[name].type, Moment)
    return datetime.fromisoformat(given) if moment else given


if __name__ == "__main__":
    main()
