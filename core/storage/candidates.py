"""Files that may go: how each was when it was looked at, and that it goes only if it still is so.

No link is followed, neither as the thing itself nor on the way to it.
"""

import os
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Candidate:
    """One file, or one folder with all in it, as it was when it was looked at; and why it may go.

    ``size`` is bytes, ``mtime_ns`` nanoseconds since the epoch (of a folder the newest in it), ``inode`` its own.
    """

    path: Path
    size: int
    mtime_ns: int
    inode: int
    reason: str

    @property
    def kind(self) -> str:
        """The first word of the reason: by it a report is summed up."""
        return self.reason.partition(" ")[0]


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
        return total(self.found)

    @property
    def freed(self) -> int:
        """Bytes that are free again."""
        return total(self.removed)


Tick = Callable[[Candidate], object]
"""Called after each candidate: what a progress bar wants."""


def total(candidates: Iterable[Candidate]) -> int:
    """Bytes of all of them."""
    return sum(candidate.size for candidate in candidates)


def kinds(candidates: Iterable[Candidate]) -> dict[str, tuple[int, int]]:
    """How many files and bytes of each kind, by its name."""
    found: dict[str, tuple[int, int]] = {}
    for candidate in candidates:
        files, size = found.get(candidate.kind, (0, 0))
        found[candidate.kind] = files + 1, size + candidate.size
    return dict(sorted(found.items()))


def below(folder: Path, *, hidden: bool = True) -> Iterator[tuple[Path, os.stat_result]]:
    """Every regular file below ``folder``; what vanishes meanwhile is passed over, ``hidden`` names if not wanted."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        if entry.name.startswith(".") and not hidden:
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from below(Path(entry.path), hidden=hidden)
        elif entry.is_file(follow_symlinks=False):
            try:
                yield Path(entry.path), os.lstat(entry.path)  # not the entry's own: on Windows it has no inode
            except FileNotFoundError:
                continue


def look(path: Path, reason: str) -> Candidate | None:
    """Look at a regular file or a folder; None for a link, a device, and what is not there."""
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if stat.S_ISREG(status.st_mode):
        return seen(path, status, reason)
    if not stat.S_ISDIR(status.st_mode):
        return None
    inside = [found for _, found in below(path)]
    newest = max([status.st_mtime_ns, *(found.st_mtime_ns for found in inside)])
    return Candidate(path, sum(found.st_size for found in inside), newest, status.st_ino, reason)


def seen(path: Path, status: os.stat_result, reason: str) -> Candidate:
    """Write down a file as it was just seen."""
    return Candidate(path, status.st_size, status.st_mtime_ns, status.st_ino, reason)


def unchanged(candidate: Candidate) -> bool:
    """Tell whether it still is what was looked at, at a place that no link leads to."""
    parent = candidate.path.parent
    return look(candidate.path, candidate.reason) == candidate and parent == parent.resolve()


def remove(found: Iterable[Candidate], may: Tick = bool, tick: Tick = bool) -> Cleanup:
    """Remove what is unchanged and ``may`` still go; ``OSError`` when nothing could be removed for the disk's sake."""
    return each(found, lambda one: bool(may(one)) and unchanged(one) and _gone(one.path), tick)


def each(found: Iterable[Candidate], deed: Callable[[Candidate], bool], tick: Tick = bool) -> Cleanup:
    """Do to each what takes it away; ``OSError`` when the disk let not one of them go."""
    found = tuple(found)
    removed: list[Candidate] = []
    kept: list[Candidate] = []
    trouble: OSError | None = None
    for candidate in found:
        try:
            gone = deed(candidate)
        except FileNotFoundError:
            gone = False
        except OSError as error:
            gone, trouble = False, error
        (removed if gone else kept).append(candidate)
        tick(candidate)
    if trouble is not None and not removed:
        raise trouble
    return Cleanup(found, tuple(removed), tuple(kept))


def _gone(path: Path) -> bool:
    """Remove it; a folder loses its name first, so that half of it never stands where a whole one did."""
    if not path.is_dir():
        path.unlink()
        return True
    partial = path if path.name.endswith(".partial") else path.with_name(f".{path.name}.partial")
    path.rename(partial)
    shutil.rmtree(partial)
    return True
