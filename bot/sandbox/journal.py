"""The sandbox's memory on disk: one JSON line for every change, handed to the operating system before it is answered.

So a killed process loses nothing. At start the lines are replayed and written anew, shortened. Files lie beside the
journal by the SHA-256 of their content. With no folder all of it lives in memory.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class JournalError(RuntimeError):
    """The journal cannot be read; the text says where, for the person at the desk."""


class Journal:
    """A journal in `folder`, or in memory only when it is None."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._blobs: dict[str, bytes] = {}
        self._handle: int | None = None
        if folder:
            (folder / "files").mkdir(parents=True, exist_ok=True)

    def read(self) -> list[dict[str, Any]]:
        """Return the entries written so far; a last line cut short by a killed process is left out."""
        path = self._path
        if path is None or not path.exists():
            return []
        *lines, tail = path.read_bytes().split(b"\n")
        entries = []
        for number, line in enumerate(lines, 1):
            try:
                entries.append(json.loads(line))
            except ValueError as error:
                raise JournalError(f"{path}: line {number} is not JSON; move the file away to start afresh") from error
        if tail:
            entries += _whole(tail)
        return entries

    def start(self, entries: Iterable[dict[str, Any]]) -> None:
        """Write a fresh journal that begins with `entries`, and keep it open for more."""
        path = self._path
        if path is None:
            return
        self.close()
        fresh = path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.writelines(encode(entry).encode() + b"\n" for entry in entries)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        self._handle = os.open(path, os.O_WRONLY | os.O_APPEND)

    @staticmethod
    def line(entry: dict[str, Any]) -> bytes:
        """Return an entry as a line; raise UnicodeEncodeError for half a surrogate pair, which no UTF-8 can carry."""
        return encode(entry).encode() + b"\n"

    def write(self, line: bytes) -> None:
        """Append one entry's line."""
        if self._handle is not None:
            os.write(self._handle, line)

    def keep(self, data: bytes) -> str:
        """Store a file's content; return its name, the SHA-256 in hex."""
        name = hashlib.sha256(data).hexdigest()
        if self._folder is None:
            self._blobs[name] = data
            return name
        path = self._folder / "files" / name
        if not path.exists():
            fresh = path.with_suffix(".new")
            fresh.write_bytes(data)
            fresh.replace(path)
        return name

    def content(self, name: str) -> bytes | None:
        """Return a file's content by its name, None if there is no such file."""
        if self._folder is None:
            return self._blobs.get(name)
        path = self._folder / "files" / name
        return path.read_bytes() if path.is_file() else None

    def holds(self, name: str) -> bool:
        """Whether there is a file's content of this name."""
        return name in self._blobs if self._folder is None else (self._folder / "files" / name).is_file()

    def close(self) -> None:
        """Close the file; nothing is written any more."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    @property
    def _path(self) -> Path | None:
        return self._folder / "journal.jsonl" if self._folder else None


def _whole(tail: bytes) -> list[dict[str, Any]]:
    try:
        return [json.loads(tail)]
    except ValueError:
        return []
