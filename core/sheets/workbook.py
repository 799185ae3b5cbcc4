"""A workbook as it came from somebody: looked at before any of it is read, since it is a packed archive of anything."""

import json
import re
import sys
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import IO

from core.config import ROOT
from core.errors import Refused
from core.sheets.rules import MOST_COLUMNS, MOST_ROWS

MOST_UNPACKED, MOST_PARTS = 100 * 2**20, 500
"""Bytes of all parts together, and how many parts there may be: a shop's largest list has a tenth of either."""
PIECE = 2**16
_LOCAL, _ENCRYPTED, _HEADER = b"PK\x03\x04", 0x1, 30
_ELSEWHERE = ("xl/externallinks/", "xl/vbaproject", "xl/macrosheets/", "xl/connections", "xl/embeddings/",
              "xl/querytables/", "xl/activex/")  # fmt: skip
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_TAIL = 24


def rows(path: Path) -> Iterator[tuple[int, list[object]]]:
    """Give the rows of the first sheet that is seen, each with its number; ``Refused`` as :func:`_lines`."""
    return map(_row, _lines(path))


def lay_out(path: Path, to: Path) -> None:
    """Write its rows to a file, for :func:`laid_out` to give; ``Refused`` as :func:`_lines`, and above a limit."""
    with to.open("wb") as file, closing(_lines(path)) as lines:
        for line in lines:
            file.write(line)
            if file.tell() > MOST_UNPACKED:
                raise Refused("sheet_bomb")


def laid_out(path: Path) -> Iterator[tuple[int, list[object]]]:
    """Give the rows that :func:`lay_out` wrote."""
    with path.open("rb") as file:
        yield from map(_row, file)


def _lines(path: Path) -> Generator[bytes]:
    """Look at the archive, then give the rows as the process that reads it says them.

    ``Refused`` says what is wrong: no workbook, packed to burst, formulas, macros or ways to other files in it. It is
    read in a process of its own (``unpacking.py``), which ends where there is more of it than fits.
    """
    look(path)
    command = [sys.executable, "-m", "core.sheets.unpacking", str(path.resolve()), str(MOST_COLUMNS), str(MOST_ROWS)]
    with Popen(command, cwd=ROOT, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL) as reader:
        try:
            for line in reader.stdout or ():
                if line[:1] == b"{":
                    said = json.loads(line)
                    raise Refused(said.pop("refused"), **said)
                yield line
            if reader.wait():
                raise Refused("sheet_bomb")
        finally:
            reader.kill()


def _row(line: bytes) -> tuple[int, list[object]]:
    try:
        said = json.loads(line)
    except ValueError:  # it was ended in the middle
        raise Refused("sheet_bomb") from None
    number, cells = said
    return number, [_cell(one) for one in cells]


def _cell(one: object) -> object:
    if not isinstance(one, dict):
        return one
    text = str(one["at"])
    return date.fromisoformat(text) if len(text) == len("2026-01-01") else datetime.fromisoformat(text)


def look(path: Path) -> None:
    """Refuse an archive that is none, or holds what a list has no need of; every byte of it is unpacked and counted."""
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as file:
            parts = archive.infolist()
            names = [part.filename.lower().replace("\\", "/") for part in parts]
            if len(parts) > MOST_PARTS or len(set(names)) < len(names):
                raise Refused("sheet_bomb")
            if any(name.startswith(_ELSEWHERE) for name in names):
                raise Refused("sheet_elsewhere")
            left = MOST_UNPACKED
            for part, name in zip(parts, names, strict=True):
                is_sheet = name.startswith("xl/worksheets/") and name.endswith(".xml")
                left = _unpacked(file, part, left, formulas=is_sheet)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError):
        raise Refused("sheet_broken") from None


def _unpacked(file: IO[bytes], part: zipfile.ZipInfo, left: int, *, formulas: bool) -> int:
    """Unpack one part and forget it; returns what room is left. What the archive says of its size is not believed."""
    tail = b""
    for piece in _pieces(file, part):
        left -= len(piece)
        if left < 0:
            raise Refused("sheet_bomb")
        if formulas and _FORMULA.search(tail + piece):
            raise Refused("sheet_formulas")
        tail = piece[-_TAIL:]
    return left


def _pieces(file: IO[bytes], part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Unpack a part by what the archive's list says of it: the very bytes that a reader of it would take."""
    file.seek(part.header_offset)
    header = file.read(_HEADER)
    if header[:4] != _LOCAL or part.flag_bits & _ENCRYPTED or part.compress_type not in {0, zipfile.ZIP_DEFLATED}:
        raise zipfile.BadZipFile
    file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    inflate = zlib.decompressobj(-15) if part.compress_type else None
    todo = part.compress_size
    while todo > 0 and (packed := file.read(min(PIECE, todo))):
        todo -= len(packed)
        while packed and inflate is not None:
            yield inflate.decompress(packed, PIECE * 4)
            packed = inflate.unconsumed_tail
        if packed:
            yield packed
