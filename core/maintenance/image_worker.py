"""The process that makes photos smaller, below everybody else's priority: ``python -m core.maintenance.image_worker``.

It reads one JSON object from standard input: the media folder, the photos' names below it, and whether to write. For
each it writes one line of JSON to standard output (:class:`Look`). Originals are only read; what is new has a new name.
"""

import hashlib
import json
import os
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from core.files import reason, write_atomically
from core.pictures import files
from core.pictures.files import PictureRefused
from core.storage import candidates

WIDTH = 1600
"""Pixels; the widest the shop ever shows is 1,080."""
HEAVY = 500_000
"""Bytes from which a photo is looked into whatever its width."""
GAIN = 0.10
"""At least so much smaller it must be."""
KINDS = {".jpg", ".jpeg", ".png", ".webp", ".gif"}
FULL = "storage_full"


@dataclass(frozen=True, slots=True)
class Look:
    """One photo: ``word`` is ``made``, ``fine``, ``animated``, ``little`` (gained), or why it cannot be read.

    ``before`` and ``after`` are bytes, ``new`` the new name below the media folder; ``mtime_ns`` and ``inode`` say
    which original it was made from.
    """

    name: str
    word: str
    before: int = 0
    after: int = 0
    new: str = ""
    mtime_ns: int = 0
    inode: int = 0


def look(media: Path, name: str, *, write: bool) -> Look:
    """Look at one photo and, where it is worth it, make it smaller; ``OSError`` when the disk takes nothing."""
    path = media / name
    seen = candidates.look(path, "photo")
    if seen and seen.size > files.LARGEST_KEPT:
        return Look(name, files.Refusal.TOO_BIG.value, seen.size, seen.size)
    if seen is None or path.resolve() != path or not path.is_relative_to(media) or not path.is_file():
        return Look(name, "missing")
    found = Look(name, "fine", seen.size, seen.size, "", seen.mtime_ns, seen.inode)
    try:
        return _reduced(found, media, path, write=write) if path.suffix.lower() in KINDS else found
    except PictureRefused as error:
        return replace(found, word=error.reason.value)


def _reduced(found: Look, media: Path, path: Path, *, write: bool) -> Look:
    data = path.read_bytes()
    if len(data) <= HEAVY and files.measure(data)[0] <= WIDTH:
        return found
    smaller = files.kept(data, WIDTH)
    if smaller is None:
        return replace(found, word="animated")
    if len(smaller) > len(data) * (1 - GAIN):
        return replace(found, word="little")
    files.check_photo(smaller)  # read back, whole
    new = _free(path, smaller)
    if write and not new.exists():
        write_atomically(new, smaller)
    return replace(found, word="made", after=len(smaller), new=new.relative_to(media).as_posix())


def _free(path: Path, data: bytes) -> Path:
    """Name the new file: beside the old one, in WebP's name, by its contents where that is taken by another."""
    plain = path.with_suffix(".webp")
    if plain != path and (not plain.exists() or plain.read_bytes() == data):
        return plain
    return path.with_name(f"{path.stem}-{hashlib.sha256(data).hexdigest()[:8]}.webp")


def main() -> int:
    """Read the order, look at one photo after the other; a disk that takes nothing ends it."""
    if hasattr(os, "nice"):
        os.nice(10)
    order = json.load(sys.stdin)
    for name in order["names"]:
        try:
            found = look(Path(order["media"]), name, write=order["write"])
        except OSError as error:
            found = Look(name, reason(error))
        print(json.dumps(asdict(found)), flush=True)  # noqa: T201 - what the other process reads
        if found.word == FULL:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
