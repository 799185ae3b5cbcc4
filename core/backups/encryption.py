"""Backups for one reader: age (C2SP, age-encryption.org/v1) through pyrage, a stream at a time.

The shop knows the public key alone (``HAANG_BACKUP_RECIPIENT``): who takes the server takes no backup. Anything here
is read by the stock tool: ``age --decrypt --identity key.txt file.age``.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import pyrage

from core.errors import Refused

END = ".age"


def encrypt(reader: Any, writer: Any, recipient: str) -> None:
    """Encrypt all that ``reader.read(size)`` gives into ``writer.write``; ``recipient`` is an ``age1…`` key."""
    pyrage.encrypt_io(reader, writer, [pyrage.x25519.Recipient.from_str(recipient)])


def read_identity(path: Path) -> str:
    """Read a secret key from a file as ``age-keygen`` writes it; ``Refused`` for one that holds none, or several."""
    try:
        lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
        (key,) = [line for line in lines if line and not line.startswith("#")]
        pyrage.x25519.Identity.from_str(key)
    except (OSError, ValueError, pyrage.IdentityError):
        raise Refused("backup_no_identity", name=path.name, begins="AGE-SECRET-KEY-1") from None
    return key


@contextmanager
def decrypted(path: Path, identity: str, name: str = "") -> Iterator[IO[bytes]]:
    """Open an encrypted file for reading; no plain text is ever on the disk. ``name``: of the backup it is part of.

    ``Refused("backup_wrong_key")`` for another's key, ``pyrage.DecryptError`` at the end of a damaged one.
    """
    name = name or path.name
    reading, writing = os.pipe()
    trouble: list[Exception] = []
    thread = threading.Thread(target=_decrypt, args=(path, writing, identity, trouble), daemon=True)
    thread.start()
    try:
        with os.fdopen(reading, "rb") as file:
            yield cast("IO[bytes]", _Whole(file, name, thread, trouble))
    finally:
        thread.join()
    _pass_on(trouble, name)


class _Whole:
    """A pipe's end whose end is believed only when the other side came to its own."""

    def __init__(self, file: IO[bytes], name: str, thread: threading.Thread, trouble: list[Exception]) -> None:
        self._file, self._name, self._thread, self._trouble = file, name, thread, trouble

    def read(self, size: int = -1) -> bytes:
        found = self._file.read(size)
        if not found:
            self._thread.join()
            _pass_on(self._trouble, self._name)
        return found


def _pass_on(trouble: list[Exception], name: str) -> None:
    for error in trouble:
        if isinstance(error, BrokenPipeError):  # who reads has read enough
            continue
        if isinstance(error, pyrage.DecryptError) and "matching keys" in str(error):
            raise Refused("backup_wrong_key", name=name)
        raise error


def _decrypt(path: Path, writing: int, identity: str, trouble: list[Exception]) -> None:
    try:
        with os.fdopen(writing, "wb", buffering=0) as target, path.open("rb") as source:
            pyrage.decrypt_io(source, target, [pyrage.x25519.Identity.from_str(identity)])
    except (OSError, pyrage.DecryptError, pyrage.IdentityError) as error:
        trouble.append(error)
