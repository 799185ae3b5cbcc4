"""The process that reads a workbook in little memory, or not: ``python -m core.sheets.unpacking PATH COLUMNS ROWS``.

A workbook of a few kilobytes can name a cell at its far corner, or one long text a million times: its reader then asks
for more memory than there is, and the operating system ends the process. So that is never the shop's own. Each row is a
line of JSON on standard output, ``[number, cells]``; a moment is ``{"at": ISO 8601}``. What is refused is a last line
``{"refused": key, …}``. Only the standard library and the reader are loaded.
"""

import json
import os
import sys
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

MEMORY, SECONDS = 2**30, 120
"""Bytes of address space and seconds of processor time: a list of 20,000 rows takes a fifth of either."""


def main(path: str, columns: int, rows: int) -> None:
    """Write the rows of the first sheet that is seen."""
    with CalamineWorkbook.from_path(path) as book:
        seen = [one.name for one in book.sheets_metadata
                if one.typ == SheetTypeEnum.WorkSheet and one.visible == SheetVisibleEnum.Visible]  # fmt: skip
        if not seen:
            return _say({"refused": "sheet_empty"})
        sheet = book.get_sheet_by_name(seen[0])
        if sheet.total_width > columns:
            return _say({"refused": "sheet_wide", "most": columns})
        if sheet.height > 2 * rows:
            return _say({"refused": "sheet_long", "most": f"{rows:,}"})
        begin = sheet.start[0] + 1 if sheet.start else 1
        for at, row in enumerate(sheet.iter_rows()):
            _say([begin + at, [_plain(cell) for cell in row]])
    return None


def _plain(cell: Any) -> Any:
    if isinstance(cell, datetime | date):
        return {"at": cell.isoformat()}
    return cell if isinstance(cell, str | float | int) else str(cell)


def _say(line: Any) -> None:
    sys.stdout.write(json.dumps(line) + "\n")


def _frugal() -> None:
    """Be ended by the system rather than take all of it; where it sets no such limits (Windows) go without."""
    with suppress(ImportError):
        import resource  # noqa: PLC0415 - not on every system

        for limit, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_CORE, 0)):
            resource.setrlimit(limit, (most, most))


if __name__ == "__main__":
    _frugal()
    try:
        main(sys.argv[1], *map(int, sys.argv[2:4]))
        sys.stdout.flush()
    except CalamineError:
        _say({"refused": "sheet_broken"})
        sys.stdout.flush()
    except BrokenPipeError:  # nobody wants the rest
        os._exit(0)
