"""A list of goods taken in and written, beside the bare libraries reading and writing the same rows.

    python benchmarks/sheets.py [--rows 10000] [--rounds 3]

For each format: `bare` is calamine, ``csv`` or ``json`` going through the file and nothing else; `show` is the
difference to an empty shop, `take` the import itself, `again` the same file a second time, `write` the export, `pen`
the bare library writing those rows. Each runs in a process of its own; the start of Python and of the shop is not
counted. Memory is the process's highest (VmHWM) over what it was before. A tenth of the rows goes before.
"""

import argparse
import asyncio
import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a file: the project is not yet on the path

from core import shop as core_shop
from core.config import Config
from core.payments.bakong import ManualBank
from core.sheets import formats, service
from core.sheets.rules import Format, Kind

WAYS = ("bare", "show", "take", "again", "write", "pen")
NAMES = ["sku", "product", "category", "name", "name_kh", "variant", "price", "stock", "badge", "description"]


def made(rows: int) -> Iterator[list[Any]]:
    """Goods as a shop has them: two variants a product, Khmer beside English, a line of description."""
    for i in range(rows):
        number = i // 2
        yield [f"SKU-{i:06}", f"thing-{number}", f"Shelf {number % 20}", f"Rose Serum No. {number}",
               f"សេរ៉ូមកុលាប លេខ {number}", f"{30 + 20 * (i % 2)} ml", 500 + i % 4000, i % 90,
               "new" if number % 7 == 0 else "", "A light serum with rose water that sinks in within seconds. " * 2,
               ]  # fmt: skip


def memory() -> float:
    """The most memory this process ever had, in MB."""
    said = Path("/proc/self/status").read_text("utf-8").split("VmHWM:")[1]
    return int(said.split()[0]) / 1024


def bare(file: Path, how: Format) -> int:
    """Go through a file by the bare library."""
    if how is Format.XLSX:
        return sum(1 for _ in CalamineWorkbook.from_path(file).get_sheet_by_index(0).iter_rows())
    if how is Format.JSON:
        return len(json.loads(file.read_text("utf-8")))
    with file.open(encoding="utf-8-sig", newline="") as text:
        return sum(1 for _ in csv.reader(text, delimiter="\t" if how is Format.TSV else ","))


def pen(file: Path, how: Format, rows: int) -> None:
    """Write the rows by the bare library."""
    if how is Format.XLSX:
        book = xlsxwriter.Workbook(str(file), {"constant_memory": True})
        sheet = book.add_worksheet()
        for at, row in enumerate(made(rows)):
            sheet.write_row(at, 0, row)
        book.close()
    elif how is Format.JSON:
        file.write_text(json.dumps([dict(zip(NAMES, row, strict=True)) for row in made(rows)], ensure_ascii=False))
    else:
        with file.open("w", encoding="utf-8", newline="") as text:
            csv.writer(text, delimiter="\t" if how is Format.TSV else ",").writerows(made(rows))


async def measured(way: str, folder: Path, how: Format, rows: int) -> tuple[float, float]:
    """Do it once; returns seconds and MB."""
    config = Config(_env_file=None, data_dir=folder / f"data-{how}", backup_dir=folder / "backups", port=0)
    shop = await core_shop.open_shop(config, ManualBank())
    file = folder / f"in.{how}"
    before, begin = memory(), time.perf_counter()
    if way == "bare":
        assert bare(file, how) >= rows
    elif way == "write":
        assert await service.export(shop, Kind.PRODUCTS, how, folder / f"out.{how}") == rows
    elif way == "pen":
        pen(folder / f"pen.{how}", how, rows)
    else:
        report = await (service.look if way == "show" else service.take)(shop, file)
        assert (report.new, report.same, report.failed) == ((0, rows, 0) if way == "again" else (rows, 0, 0))
    found = time.perf_counter() - begin, memory() - before
    await shop.close()
    return found


def main() -> None:
    """Make the lists, go every way some times in turn, say how they compare."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--rows", type=int, default=10_000)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--one", nargs=4)
    words = asked.parse_args()
    if words.one:
        way, folder, how, rows = words.one
        print(json.dumps(asyncio.run(measured(way, Path(folder), Format(how), int(rows)))))
        return
    for rows in (words.rows // 10, words.rows):
        found: dict[tuple[str, str], list[tuple[float, float]]] = {}
        for _ in range(words.rounds):
            with tempfile.TemporaryDirectory() as folder:
                for how in Format:
                    formats.write(Path(folder) / f"in.{how}", how, NAMES, made(rows))
                    for way in WAYS:
                        command = [sys.executable, __file__, "--one", way, folder, how, str(rows)]
                        done = subprocess.run(command, check=True, capture_output=True)
                        found.setdefault((how, way), []).append(json.loads(done.stdout))
        for (how, way), figures in found.items():
            seconds, most = (median(column) for column in zip(*figures, strict=True))
            alone = median(one for one, _ in found[how, "pen" if way in {"write", "pen"} else "bare"])
            print(f"{rows:6,} {how:5} {way:6} {seconds:7.2f} s {seconds / alone:8.1f} × bare {most:7.1f} MB")


if __name__ == "__main__":
    main()
