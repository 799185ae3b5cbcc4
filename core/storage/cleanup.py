"""Remove old QR pictures: ``plan`` says which and why, ``apply`` looks at each again before it goes.

Nothing outside the media folder is touched, no link is followed, no name that is not ours is considered.
"""

import os
import re
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

NAMES = re.compile(r"(?P<kind>qr|tracking_qr)_(?P<number>[A-Za-z]+[0-9]+)(?:-[0-9]+)?\.(?:png|webp)")
FOLDER = "qr_codes"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One file as it was when it was looked at: bytes, nanoseconds since the epoch, inode; and why it may go."""

    path: Path
    size: int
    mtime_ns: int
    inode: int
    reason: str


@dataclass(frozen=True, slots=True)
class Cleanup:
    """What would go (a dry run) or went: ``freed`` bytes of ``removed``; ``kept`` changed or could not be removed."""

    found: tuple[Candidate, ...]
    removed: tuple[Candidate, ...] = ()
    kept: tuple[Candidate, ...] = ()
    dry_run: bool = False

    @property
    def bytes(self) -> int:
        """Bytes of everything found."""
        return sum(candidate.size for candidate in self.found)

    @property
    def freed(self) -> int:
        """Bytes that are free again."""
        return sum(candidate.size for candidate in self.removed)


def plan(media: Path, older_than: datetime | None, live: Collection[str]) -> tuple[Candidate, ...]:
    """List the QR pictures of orders not in ``live`` written before ``older_than`` (None: of any age), by path."""
    folder = media.resolve() / FOLDER
    if folder.is_symlink() or not folder.is_dir():
        return ()
    found = []
    for path, status in _regular(folder):
        name = NAMES.fullmatch(path.name)
        if name is None or name["number"] in live:
            continue
        reason = "forced" if older_than is None else "expired"
        if older_than is None or status.st_mtime < older_than.timestamp():
            found.append(Candidate(path, status.st_size, status.st_mtime_ns, status.st_ino, f"{name['kind']} {reason}"))
    return tuple(sorted(found, key=lambda candidate: candidate.path))


def apply(found: Collection[Candidate], live: Collection[str]) -> Cleanup:
    """Remove what is still as it was planned; ``OSError`` when not one file could be removed for the folder's sake."""
    removed: list[Candidate] = []
    kept: list[Candidate] = []
    trouble: OSError | None = None
    for candidate in found:
        try:
            gone = _unchanged(candidate, live) and _unlink(candidate)
        except FileNotFoundError:
            gone = False
        except OSError as error:
            gone, trouble = False, error
        (removed if gone else kept).append(candidate)
    if trouble is not None and not removed:
        raise trouble
    return Cleanup(tuple(found), tuple(removed), tuple(kept))


def _regular(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for entry in os.scandir(folder):
        if entry.is_file(follow_symlinks=False):
            yield Path(entry.path), os.lstat(entry.path)  # not the entry's own: on Windows it has no inode


def _unchanged(candidate: Candidate, live: Collection[str]) -> bool:
    name = NAMES.fullmatch(candidate.path.name)
    now = candidate.path.lstat()
    same = (now.st_size, now.st_mtime_ns, now.st_ino) == (candidate.size, candidate.mtime_ns, candidate.inode)
    in_place = not candidate.path.parent.is_symlink() and stat.S_ISREG(now.st_mode)
    return name is not None and name["number"] not in live and same and in_place


def _unlink(candidate: Candidate) -> bool:
    candidate.path.unlink()
    return True
