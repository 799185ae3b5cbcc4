"""A file's rows, whatever it is written as; read a row at a time, so that memory does not grow with a file of text.

xlsx is read by calamine and written by xlsxwriter; csv, tsv and JSON by the standard library. A cell that a spreadsheet
would take for a formula is written with an apostrophe before it, which is taken away again when it is read.
"""

import codecs
import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

import xlsxwriter

from core.errors import Refused
from core.imports import reading
from core.sheets import workbook
from core.sheets.rules import LONGEST_CELL, MONEY, MOST_BYTES, MOST_COLUMNS, MOST_ROWS, Format, safe, shown, unsafe

_PACKED, _GZIP, _OLD = b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SIGNS = ",;\t"
_HEAD, _WIDEST = 2**16, 48
LONGEST_LINE = 2**18
"""Characters; a cell is refused from 20,000 on, so no honest line comes near."""

Cells = tuple[int, list[object]]
"""Where a row stands in its file, and its cells."""


def is_sheet(name: str) -> bool:
    """Whether a file may be a list, by its name."""
    return name.lower().rpartition(".")[2] in {*Format, "txt"}


def lay_out(path: Path, to: Path) -> bool:
    """Write the rows of a workbook to a file, for :func:`rows`; False for a text, which is read as it is.

    So who reads them waits for no other process: a transaction, and on PostgreSQL all that the shop does beside it.
    """
    if is_workbook := _head(path)[:4] == _PACKED:
        workbook.lay_out(path, to)
    return is_workbook


def _head(path: Path) -> bytes:
    if path.stat().st_size > MOST_BYTES:
        raise Refused("sheet_large", most=MOST_BYTES // 2**20)
    with path.open("rb") as file:
        return file.read(_HEAD)


def rows(path: Path, laid_out: Path | None = None) -> Iterator[Cells]:
    """Give the headings, then every row that says anything; what it is written as is seen from what is in it.

    ``Refused`` says why it cannot be read: too large, no text, broken, a workbook with formulas in it.
    """
    head = _head(path)
    if head[:4] == _PACKED:
        read = workbook.laid_out(laid_out) if laid_out else workbook.rows(path)
        found: Iterator[Cells] = ((at, [unsafe(one) if isinstance(one, str) else one for one in cells])
                                  for at, cells in read)  # fmt: skip
    elif not head.strip() or head[:2] == _GZIP or head[:4] == _OLD:
        raise Refused("sheet_empty" if not head.strip() else "sheet_broken")
    else:
        encoding = _encoding(path, head)
        began = codecs.getincrementaldecoder(encoding)("replace").decode(head).lstrip("\ufeff \t\r\n")
        found = _listed(path) if began[:1] == "[" else _parted(path, encoding, began)
    return (one for one in map(_fitting, found) if any(cell not in ("", None) for cell in one[1]))


def _fitting(row: Cells) -> Cells:
    number, cells = row
    if len(cells) > MOST_COLUMNS:
        raise Refused("sheet_wide", most=MOST_COLUMNS)
    if any(isinstance(cell, str) and len(cell) > LONGEST_CELL for cell in cells):
        raise Refused("sheet_cell", line=number)
    return row


def _encoding(path: Path, head: bytes) -> str:
    """How a text is written: by its mark; else UTF-8 where all of it is; else as Windows writes Latin letters."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if b"\0" in head:
        raise Refused("sheet_broken")
    for name in ("utf-8", "cp1252"):
        decoder = codecs.getincrementaldecoder(name)()
        try:
            with path.open("rb") as file:
                while piece := file.read(2**18):
                    decoder.decode(piece)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return name
    raise Refused("sheet_broken")


# ── text ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _parted(path: Path, encoding: str, began: str) -> Iterator[Cells]:
    sign = _sign(began)
    try:
        with path.open(encoding=encoding, newline="") as file:
            found, line = csv.reader(_lines(file), delimiter=sign, strict=True), 1
            for at, cells in enumerate(found):
                if at > 2 * MOST_ROWS:  # of lines that say nothing, too
                    raise Refused("sheet_long", most=f"{MOST_ROWS:,}")
                yield line, [unsafe(cell.lstrip("\ufeff") if line == 1 else cell) for cell in cells]
                line = found.line_num + 1
    except (csv.Error, UnicodeError):
        raise Refused("sheet_broken") from None


def _lines(file: TextIO) -> Iterator[str]:
    """Give the lines of a text; what goes on and on without an end is refused before it is cut into cells."""
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise Refused("sheet_wide", most=MOST_COLUMNS)
        yield line


def _sign(began: str) -> str:
    """What parts the cells: the one of ``, ; tab`` that the heading has most of, outside quotes."""
    inside, counts = False, dict.fromkeys(_SIGNS, 0)
    for char in began:
        inside ^= char == '"'
        if char in "\r\n" and not inside:
            break
        if char in counts and not inside:
            counts[char] += 1
    return max(_SIGNS, key=lambda sign: counts[sign])


def _listed(path: Path) -> Iterator[Cells]:
    """Rows of a JSON list of objects; the headings are all names that the first rows have."""
    found = enumerate(reading.rows(path), 1)
    first = [(number, _object(one, number)) for number, one in chain.from_iterable([_some(found, _WIDEST)])]
    if not first:
        raise Refused("sheet_empty")
    headings = list(dict.fromkeys(name for _, one in first for name in one))
    yield 0, list(headings)
    for number, one in chain(first, ((number, _object(one, number)) for number, one in found)):
        if one.keys() - set(headings):
            raise Refused("sheet_uneven", line=number)
        yield number, [one.get(name) for name in headings]


def _some(found: Iterator[tuple[int, Any]], most: int) -> Iterator[tuple[int, Any]]:
    for _ in range(most):
        one = next(found, None)
        if one is None:
            return
        yield one


def _object(one: Any, number: int) -> dict[str, Any]:
    if not isinstance(one, dict) or any(isinstance(value, dict | list) for value in one.values()):
        raise Refused("sheet_uneven", line=number)
    if len(one) > MOST_COLUMNS:
        raise Refused("sheet_wide", most=MOST_COLUMNS)
    return one


# ── out ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
Values = Sequence[Any]


def write(path: Path, how: Format, headings: Sequence[str], rows: Iterable[Values]) -> int:
    """Write a file anew; returns how many rows it has. Money are cents, moments have their zone."""
    writers = {Format.XLSX: _write_workbook, Format.JSON: _write_list}
    counted = _Counted(rows)
    if how in writers:
        writers[how](path, headings, counted)
    else:
        _write_parted(path, headings, counted, "\t" if how is Format.TSV else ",")
    return counted.count


class _Counted:
    """Rows that are counted as they pass."""

    def __init__(self, rows: Iterable[Values]) -> None:
        self._rows, self.count = rows, 0

    def __iter__(self) -> Iterator[Values]:
        for row in self._rows:
            self.count += 1
            yield row


def _write_parted(path: Path, headings: Sequence[str], rows: Iterable[Values], sign: str) -> None:
    """With the mark by which Excel knows UTF-8."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file, delimiter=sign)
        out.writerow(headings)
        out.writerows([safe(shown(name, value)) for name, value in zip(headings, row, strict=True)] for row in rows)


def _write_list(path: Path, headings: Sequence[str], rows: Iterable[Values]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("[")
        for at, row in enumerate(rows):
            one = {name: _as_json(name, value) for name, value in zip(headings, row, strict=True)}
            file.write((",\n" if at else "\n") + json.dumps(one, ensure_ascii=False))
        file.write("\n]\n")


def _as_json(name: str, value: Any) -> Any:
    return shown(name, value) if isinstance(value, datetime) or (name in MONEY and value is not None) else value


def _write_workbook(path: Path, headings: Sequence[str], rows: Iterable[Values]) -> None:
    """Row by row, so that memory does not grow; texts stay texts, whatever they look like."""
    plain = {"constant_memory": True, "strings_to_formulas": False, "strings_to_numbers": False,
             "strings_to_urls": False, "tmpdir": str(path.parent)}  # fmt: skip
    book = xlsxwriter.Workbook(str(path), plain)
    sheet = book.add_worksheet()
    dollars, bold = book.add_format({"num_format": "0.00"}), book.add_format({"bold": True})
    sheet.freeze_panes(1, 0)
    for at, name in enumerate(headings):
        sheet.write_string(0, at, name, bold)
    for number, row in enumerate(rows, 1):
        for at, (name, value) in enumerate(zip(headings, row, strict=True)):
            if name in MONEY and value is not None:
                sheet.write_number(number, at, value / 100, dollars)
            elif isinstance(value, int) and not isinstance(value, bool):
                sheet.write_number(number, at, value)
            elif text := shown(name, value):
                sheet.write_string(number, at, safe(text))
    book.close()
