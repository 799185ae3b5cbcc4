"""The process that writes a backup, below everybody else's priority: ``python -m core.storage.worker``.

It reads one JSON object from standard input (an address with a password never stands on a command line) and writes one
to standard output: ``{"path", "manifest"}``, or ``{"refused", "values"}`` with exit status 1.
"""

import errno
import json
import os
import sqlite3
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy.exc import SQLAlchemyError

from core.errors import Refused
from core.storage import backup
from core.storage.snapshot import Source

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}


def reason(error: OSError | sqlite3.Error) -> str:
    """Name the sentence for what the disk said."""
    if isinstance(error, OSError):
        if error.errno in _FULL:
            return "storage_full"
        return "storage_read_only" if error.errno in _READ_ONLY else "storage_failed"
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}:
        return "storage_full"
    return "storage_read_only" if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN} else "storage_failed"


def run(order: dict[str, Any]) -> dict[str, Any]:
    """Carry out one order."""
    source = Source(order["dialect"], order["where"])
    try:
        place, _manifest = backup.make(
            source, Path(order["folder"]), datetime.fromisoformat(order["at"]), order["number"]
        )
    except Refused as error:
        return {"refused": error.args[0], "values": error.values}
    except (OSError, sqlite3.Error) as error:
        return {"refused": reason(error), "values": {"folder": Path(order["folder"]).name}}
    except (SQLAlchemyError, asyncpg.PostgresError) as error:
        sys.stderr.write(f"The database refused to be read: {type(error).__name__}.\n")  # its text may hold rows
        return {"refused": "storage_failed", "values": {"folder": Path(order["folder"]).name}}
    return {"path": str(place)}


def main() -> int:
    """Read the order, carry it out, write the answer."""
    if hasattr(os, "nice"):
        os.nice(10)
    answer = run(json.load(sys.stdin))
    json.dump(answer, sys.stdout)
    return int("refused" in answer)


if __name__ == "__main__":
    sys.exit(main())
