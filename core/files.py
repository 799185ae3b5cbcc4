"""Files that last: written whole or not at all, names synced too (DESIGN, decision 8); and how many may be open."""

import contextlib
import errno
import hashlib
import os
import secrets
import sqlite3
from pathlib import Path

try:
    import resource
except ImportError:  # Windows counts no open files
    resource = None  # type: ignore[assignment]

UNLIMITED = 1_000_000
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_ENTRY = {errno.EROFS, errno.EACCES, errno.EPERM}


def most_open() -> int:
    """How many files and sockets this process may have open, after raising that as far as the system lets us.

    A login shell's soft limit is often 1,024, of which every visitor of a live page takes one.
    """
    if resource is None:
        return UNLIMITED
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for wanted in () if soft == hard else (hard, 10_240):  # some systems say "no limit" and take only so many
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
            break
    return UNLIMITED if soft == resource.RLIM_INFINITY else soft


def write_atomically(path: Path, data: bytes) -> None:
    """Write ``data`` so that ``path`` holds the old file or the whole new one, whatever happens; ``OSError`` passes.

    The file is synced before it takes its name, and its folder after, so that a power cut undoes neither.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def digest(path: Path) -> tuple[int, str]:
    """A file's bytes and SHA-256 in hex."""
    with path.open("rb") as file:
        return os.fstat(file.fileno()).st_size, hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last; Windows has no such thing and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def reason(error: OSError | sqlite3.Error) -> str:
    """Name the sentence for what the disk said."""
    if isinstance(error, OSError):
        if error.errno in _NO_ROOM:
            return "storage_full"
        return "storage_read_only" if error.errno in _NO_ENTRY else "storage_failed"
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}:
        return "storage_full"
    return "storage_read_only" if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN} else "storage_failed"
