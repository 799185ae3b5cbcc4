"""Lists made to do harm, or made without care: refused in little memory, or each row named with its cause."""

import io
import sys
import threading
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from core.errors import Refused
from core.imports import reading
from core.sheets import formats, service
from core.sheets.rules import MOST_ROWS, Format, Kind
from core.shop import Shop
from tests.support import builders

SHEET = "xl/worksheets/sheet1.xml"
FAR = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
LINE = b"<row>" + b'<c t="s"><v>3</v></c>' * 100 + b"</row>"


def book(path: Path, rows: list[list[Any]], more: Callable[[Any, Any], None] = lambda _book, _sheet: None) -> Path:
    """Write a workbook."""
    made = xlsxwriter.Workbook(str(path))
    sheet = made.add_worksheet()
    for at, row in enumerate(rows):
        sheet.write_row(at, 0, row)
    more(made, sheet)
    made.close()
    return path


def forged(path: Path, before: bytes, after: bytes, cell: object = "x") -> Path:
    """Write a workbook, then something else into its sheet."""
    plain = book(path.with_suffix(".plain"), [["sku", "name", "price"], [cell, "Rose", 5]])
    with zipfile.ZipFile(plain) as was, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in was.namelist():
            data = was.read(name)
            new.writestr(name, data.replace(before, after) if name == SHEET else data)
    return path


def why(path: Path) -> str:
    """Read a list to its end; returns the key of the refusal."""
    with pytest.raises(Refused) as refused:
        list(formats.rows(path))
    return refused.value.key.removeprefix("errors.")


@pytest.mark.parametrize(
    ("after", "key"),
    [(FAR, "sheet_bomb"), (FAR.replace(b"XFD1048576", b"A1048576"), "sheet_long"),
     (LINE * 600 + b"</sheetData>", "sheet_bomb")],
    ids=["a cell far away", "a row far away", "one long text in every cell"],
)  # fmt: skip
def test_a_workbook_that_asks_for_more_memory_than_there_is(tmp_path: Path, after: bytes, key: str) -> None:
    """Some kilobytes that its reader would make gigabytes of: a sentence, and this process is still there to say it."""
    path = forged(tmp_path / "list.xlsx", b"</sheetData>", after, "y" * 32_000)
    assert path.stat().st_size < 30_000
    assert why(path) == key


async def test_no_transaction_waits_for_the_process_that_reads(sqlite_shop: Shop, tmp_path: Path) -> None:
    """A workbook is laid out by a thread of its own before the database is asked, and nothing of it stays behind."""
    began: list[str] = []
    looking = True
    sys.addaudithook(lambda event, _: began.append(threading.current_thread().name)
                     if looking and event == "subprocess.Popen" else None)  # fmt: skip
    path = book(tmp_path / "list.xlsx", [["sku", "name", "price"], ["ROSE", "Rose", 5]])
    assert (await service.take(sqlite_shop, path)).new == 1
    looking = False
    assert [name.partition("_")[0] for name in began] == ["asyncio"]
    assert list((sqlite_shop.config.data_dir / service.FOLDER).iterdir()) == []


def test_a_lie_about_its_size_does_no_harm(tmp_path: Path) -> None:
    """A sheet that calls itself as large as sheets can be is read as what it is."""
    path = forged(tmp_path / "list.xlsx", b'ref="A1:C2"', b'ref="A1:XFD1048576"')
    assert [cells for _, cells in formats.rows(path)] == [["sku", "name", "price"], ["x", "Rose", 5.0]]


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"sku,name\n" + b"," * 3_000_000, "sheet_wide"), (b"sku,name\n" + b"\n" * (2 * MOST_ROWS + 2), "sheet_long"),
        (b",".join(b"c%d" % at for at in range(5000)) + b"\n1\n", "sheet_wide"),
        (b"[{" + b",".join(b'"k%d":1' % at for at in range(5000)) + b"}]", "sheet_wide"),
        (b"[" * 500_000, "import_no_json"), ("sku,name\n1,ផ្កា\n".encode("utf-16-le"), "sheet_broken"),
    ],
    ids=["one line", "nothing said", "columns", "names", "depth", "no mark"],
)  # fmt: skip
def test_a_text_without_end_is_refused_in_little_memory(tmp_path: Path, data: bytes, key: str) -> None:
    """A line, lines, columns, names or brackets that go on and on; UTF-16 without its mark."""
    (tmp_path / "list.csv").write_bytes(data)
    tracemalloc.start()
    try:
        assert why(tmp_path / "list.csv") == key
        assert tracemalloc.get_traced_memory()[1] < 6 * 2**20
    finally:
        tracemalloc.stop()


def test_a_long_value_is_not_read_over_and_over() -> None:
    """Each try reads as much again as there is: a value of 8 MB takes some tries, not one for each piece of it."""

    class Counted(io.StringIO):
        tries = 0

        def read(self, size: int | None = -1, /) -> str:
            self.tries += 1
            return super().read(size)

    file = Counted('["' + "x" * 2**23 + '"]')
    assert [len(one) for one in reading._values(file)] == [2**23]
    assert file.tries < 12


def test_a_list_without_line_feeds(tmp_path: Path) -> None:
    """As old Macs end lines."""
    (tmp_path / "list.csv").write_bytes(b"sku,name\rA,b\rB,c\r")
    assert [cells for _, cells in formats.rows(tmp_path / "list.csv")] == [["sku", "name"], ["A", "b"], ["B", "c"]]


async def test_goods_written_without_care(sqlite_shop: Shop, tmp_path: Path) -> None:
    """Merged cells, numbers as text, dollars with thousands, riel, Khmer digits, a price of 0, stock below 0, twice."""

    def more(made: Any, sheet: Any) -> None:
        sheet.merge_range(10, 0, 11, 0, "M-1", made.add_format())
        sheet.write_row(10, 1, ["Merged", 5, 1])
        sheet.write_row(11, 1, ["Below it", 5, 1])

    path = book(tmp_path / "list.xlsx", [
        ["sku", "name", "price", "stock"], ["A-1", "Text", "1,234.50", "12"], ["A-2", "Khmer", "១២.៥០", "៣"],
        ["A-3", "Riel", "49,200៛", 1], ["A-4", "Free", 0, 1], ["A-5", "Below", 5, -1], ["A-1", "Twice", 5, 1],
        ["A-6", "Comma", "12,50", 1], ["A-7", "Sign", "-5", 1], ["A-8", "Parts", 5, 1.5],
    ], more)  # fmt: skip
    report = await service.take(sqlite_shop, path)
    assert [(one.line, one.cause, one.about) for one in report.broken] == [
        (4, "riel", "price"), (5, "money", "price"), (6, "number", "stock"), (7, "twice", "sku"),
        (8, "money", "price"), (9, "money", "price"), (10, "number", "stock"),
    ]  # fmt: skip
    goods = {one.sku: (one.price.amount, one.left) for found in
             (await sqlite_shop.catalogue.now()).products.values() for one in found.variants}  # fmt: skip
    assert goods == {"A-1": (123450, 12), "A-2": (1250, 3), "M-1": (500, 1), "below-it": (500, 1)}


async def test_codes_written_without_care(sqlite_shop: Shop, tmp_path: Path) -> None:
    """A day as Excel keeps it is a day, a bare number none; limits of 0 and below what is used; fixed loses its cap."""
    shop = sqlite_shop
    await builders.promo(shop, use_limit=3)
    await builders.promo(shop, "CAP", 10, cap=500)
    rose = await builders.product(shop)
    for number in (1001, 1002):
        person = await builders.customer(shop, number)
        cart_id = await builders.cart(shop, person, (rose, 1))
        await builders.type_promo(shop, person, cart_id, "ROSE10")
        await builders.place(shop, person, cart_id)

    def more(made: Any, sheet: Any) -> None:
        sheet.write_datetime(1, 3, date(2026, 12, 31), made.add_format({"num_format": "dd/mm/yy"}))

    path = book(tmp_path / "list.xlsx", [
        ["code", "type", "value", "valid_until", "usage_limit", "person_limit"], ["DAY", "percent", 5],
        ["SERIAL", "percent", 5, 46387], ["rose ១០", "", "", "", 0], ["ZERO", "percent", 5, "", "", 0],
        ["EACH", "percent", 5, "", 2, 3], ["ALL", "percent", 101], ["PART", "percent", 0.15], ["CAP", "fixed", 5],
    ], more)  # fmt: skip
    report = await service.take(shop, path)
    assert [(one.line, one.cause, one.about) for one in report.broken] == [
        (3, "date", "valid_until"), (4, "limit_zero", "usage_limit"), (5, "limit_zero", "person_limit"),
        (6, "limit_each", "person_limit"), (7, "percent", "discount_value"), (8, "percent", "discount_value"),
    ]  # fmt: skip
    assert (report.new, report.changed, report.first[1].fields[-1]) == (1, 1, ("max_discount", "5.00", ""))
    (tmp_path / "used.csv").write_text("code,usage_limit\nROSE10,1\n", "utf-8")
    assert [one.cause for one in (await service.take(shop, tmp_path / "used.csv")).broken] == ["limit_used"]


@pytest.mark.parametrize("how", [Format.CSV, Format.TSV, Format.XLSX])
async def test_no_formula_leaves_the_shop(sqlite_shop: Shop, tmp_path: Path, how: Format) -> None:
    """A name that a spreadsheet would run stands in the file as a text, in each format that a spreadsheet opens."""
    await builders.product(sqlite_shop, name_en="=HYPERLINK(1)", description_en="@SUM(1)\n+1")
    path = tmp_path / f"list.{how}"
    await service.export(sqlite_shop, Kind.PRODUCTS, how, path)
    if how is Format.XLSX:
        with zipfile.ZipFile(path) as archive:
            texts = "".join(archive.read(name).decode() for name in archive.namelist() if "strings" in name.lower())
            sheet = archive.read(SHEET).decode()
        assert ("<f>" in sheet, ">'=HYPERLINK(1)<" in texts + sheet, ">'@SUM" in texts + sheet) == (False, True, True)
    else:
        text = path.read_text("utf-8-sig")
        assert ("'=HYPERLINK(1)" in text, '"\'@SUM(1)\n+1"' in text) == (True, True)
        assert not [
            part for part in text.replace('"', "").split("\t" if how is Format.TSV else ",") if part[:1] in {"=", "@"}
        ]
