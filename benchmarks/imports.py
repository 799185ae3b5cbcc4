"""The ancestor's dump taken in, beside reading the same file as JSON and nothing else.

    python benchmarks/imports.py [--orders 1000] [--rounds 3]

`parse` is ``json.loads`` of the whole file; `read` is what ``core.imports`` reads and sorts, a row at a time; `show` is
the difference, `take` the import itself, `again` the same file a second time. Each runs in a process of its own; the
start of Python and of the shop is not counted. Figures are medians beside `parse`; memory is the process's highest
(VmHWM) over what it was before.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a file: the project is not yet on the path

from core import shop as core_shop
from core.config import Config
from core.imports import madamda, service
from core.payments.bakong import ManualBank
from tests.support import madamda as made

WAYS = ("parse", "read", "show", "take", "again")


def memory() -> float:
    """The most memory this process ever had, in MB."""
    said = Path("/proc/self/status").read_text("utf-8").split("VmHWM:")[1]
    return int(said.split()[0]) / 1024


def measured(way: str, folder: Path) -> tuple[float, float]:
    """Do it once; returns seconds and MB."""
    file = folder / "dump.json"

    async def run() -> tuple[float, float]:
        (folder / "data").mkdir(exist_ok=True)
        config = Config(_env_file=None, data_dir=folder / "data", backup_dir=folder / "backups", port=0)
        shop = await core_shop.open_shop(config, ManualBank())
        before, begin = memory(), time.perf_counter()
        if way == "parse":
            assert json.loads(file.read_bytes())
        elif way == "read":
            assert madamda.read(file).rows["order"]
        else:
            await service.from_madamda(shop, file, apply=way != "show")
        found = time.perf_counter() - begin, memory() - before
        await shop.close()
        return found

    return asyncio.run(run())


def main() -> None:
    """Make the dump, run every way some times in turn, say how they compare."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--orders", type=int, default=1000)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--one", nargs=2)
    words = asked.parse_args()
    if words.one:
        print(json.dumps(measured(words.one[0], Path(words.one[1]))))
        return
    found: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    for _ in range(words.rounds):
        with tempfile.TemporaryDirectory() as folder:
            made.write(Path(folder) / "dump.json", made.dump(words.orders))
            for way in WAYS:
                command = [sys.executable, __file__, "--one", way, folder]
                found[way].append(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))
    base = median(seconds for seconds, _ in found["parse"])
    for way, figures in found.items():
        seconds, most = (median(column) for column in zip(*figures, strict=True))
        print(f"{way:6} {seconds / base:8.1f} × parse  {words.orders / seconds:10,.0f} orders/s  {most:6.1f} MB")


if __name__ == "__main__":
    main()
