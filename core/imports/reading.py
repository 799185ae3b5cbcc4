"""Read a file of rows as it is, a piece at a time: what is in a row is somebody else's business (``madamda``).

A JSON array, plain or really gzipped whatever its name says; UTF-8 with or without its mark, or UTF-16 with one, as
PowerShell writes what is sent into a file. Only one row and one piece are held: the memory does not grow with the file.
"""

import gzip
import json
import zlib
from collections.abc import Iterator
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from typing import IO, Any

from core.errors import Refused

MOST = 2**30
"""Characters, unpacked: what is larger is no shop's dump, or was packed to fill a disk."""
ROW = 2**24
"""As many characters a row may have."""
PIECE = 2**18
_GZIP, _UTF16 = b"\x1f\x8b", (b"\xff\xfe", b"\xfe\xff")
_SPACE = " \t\r\n"


def rows(path: Path) -> Iterator[Any]:
    """Give the values of a file's array one by one.

    ``Refused`` says what it is instead: no file, no text, no JSON, cut short, too large.
    """
    try:
        with path.open("rb") as raw, _text(raw) as file:
            yield from _values(file)
    except UnicodeDecodeError:
        raise Refused("import_no_json", place=0) from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise Refused("import_cut_short") from None
    except OSError as error:
        raise Refused("import_unreadable", reason=error.strerror or type(error).__name__) from None


def _text(raw: BufferedReader) -> IO[str]:
    """Unpack what is packed, and read letters by the mark the file begins with."""
    packed: Any = gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == _GZIP else raw
    stream = BufferedReader(packed) if packed is not raw else raw
    return TextIOWrapper(stream, encoding="utf-16" if stream.peek(2)[:2] in _UTF16 else "utf-8-sig")


class _Pieces:
    """What was read and is not used up yet; ``place`` counts the characters before it."""

    def __init__(self, file: IO[str]) -> None:
        self._file, self.left, self.at, self.place = file, "", 0, 0

    def more(self) -> bool:
        """Read on, as much again as one value has by now, which is tried anew each time; False at the file's end."""
        piece = self._file.read(max(PIECE, len(self.left) - self.at))
        self.place += self.at
        self.left, self.at = self.left[self.at :] + piece, 0
        if self.place + len(self.left) > MOST:
            raise Refused("import_too_large", most=MOST // 2**20)
        return bool(piece)

    def sign(self) -> str:
        """Step over spaces and look at the next character; empty at the end."""
        while True:
            while self.at < len(self.left) and self.left[self.at] in _SPACE:
                self.at += 1
            if self.at < len(self.left) or not self.more():
                return self.left[self.at : self.at + 1]

    def wrong(self) -> Refused:
        """Say where it is no JSON."""
        return Refused("import_no_json", place=self.place + self.at)

    def ended(self) -> Refused:
        """Say of a file that came to its end within a value what is likelier: cut short, or no JSON."""
        return self.wrong() if self.left.rstrip(_SPACE).endswith("]") else Refused("import_cut_short")

    def value(self, decoder: json.JSONDecoder) -> Any:
        """Take one whole value."""
        while True:
            try:
                found, end = decoder.raw_decode(self.left, self.at)
            except (ValueError, RecursionError) as error:
                if isinstance(error, RecursionError) or len(self.left) - self.at > ROW:
                    raise self.wrong() from None
                if not self.more():
                    raise self.ended() from None
                continue
            begin = self.at
            if end == len(self.left):  # a number may go on in the next piece
                if self.more():
                    continue
                end -= begin
            self.at = end
            return found


def _values(file: IO[str]) -> Iterator[Any]:
    decoder, pieces = json.JSONDecoder(), _Pieces(file)
    if pieces.sign() != "[":
        raise Refused("import_no_list")
    pieces.at += 1
    if pieces.sign() == "]":
        return
    while True:
        pieces.sign()
        yield pieces.value(decoder)
        after = pieces.sign()
        pieces.at += 1
        if after == "]":
            return
        if after != ",":
            pieces.at -= 1
            raise Refused("import_cut_short") if not after else pieces.wrong()
