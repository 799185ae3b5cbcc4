"""A place to bring a backup back into, out of sight until it is whole; one at a time in a folder."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.environment import alone
from core.errors import Refused
from core.files import sync_folder

LOCK = ".fetching.lock"


@contextmanager
def staged(root: Path, name: str) -> Iterator[Path]:
    """Give an empty folder below ``root``, gone afterwards; what a killed try left there goes first.

    ``Refused("copy_taken")`` while another process brings one back: a lock that dies with its process.
    """
    root.mkdir(parents=True, exist_ok=True)
    partial, lock = root / f".{name}.partial", alone(root / LOCK, wait=False)
    try:
        lock.__enter__()
    except BlockingIOError:
        raise Refused("copy_taken", name=name) from None
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        yield partial
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        with suppress(OSError):  # Windows removes nothing that is open
            (root / LOCK).unlink()
        lock.__exit__(None, None, None)
    sync_folder(root)
