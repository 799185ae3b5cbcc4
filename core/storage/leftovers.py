"""What was being written when something was killed: hidden names that end in ``.tmp`` or ``.partial``, and are old.

Whoever writes a file whole gives it its name last (``core/files``); until then it has such a one.
"""

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from core.config import Config
from core.storage import candidates
from core.storage.candidates import Candidate

OLD = timedelta(days=1)
"""Younger ones may be somebody's who is writing just now; of a folder the youngest file in it counts."""
_NAMES = re.compile(r"\..+\.(?:tmp|partial)")


def plan(config: Config, now: float | None = None) -> tuple[Candidate, ...]:
    """List those a day old by the machine's own clock (seconds since the epoch), by path."""
    before = ((time.time() if now is None else now) - OLD.total_seconds()) * 1e9
    found = (candidates.look(path, "leftover, never finished") for path in _named(config))
    return tuple(sorted((one for one in found if one and one.mtime_ns < before), key=lambda one: one.path))


def _named(config: Config) -> Iterator[Path]:
    data, backups = config.data_dir.resolve(), config.backup_dir.resolve()
    for folder in {data, backups, config.log_dir.resolve()}:
        yield from _direct(folder)
    yield from _deep(config.media_dir.resolve())
    yield from _deep(data / "quarantine")


def _direct(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (path for path in folder.iterdir() if _NAMES.fullmatch(path.name))


def _deep(folder: Path) -> Iterator[Path]:
    """Below a folder, too: no link is followed, and what is in a folder that goes goes with it."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if _NAMES.fullmatch(path.name):
            yield path
        elif path.is_dir() and not path.is_symlink():
            yield from _deep(path)
