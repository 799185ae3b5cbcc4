"""The process that writes and checks backups, below everybody else's priority: ``python -m core.backups.worker``.

It reads one JSON object from standard input (an address with a password never stands on a command line) and writes
lines of JSON to standard output: ``{"table", "done", "of"}`` as it goes, and last ``{"path"}``, ``{"faults"}``, or
``{"refused", "values"}`` with exit status 1.
"""

import json
import os
import sqlite3
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from core.backups import backup, contents, forms
from core.backups.snapshot import Export, Source
from core.errors import Refused
from core.files import reason


def run(order: dict[str, Any], told: backup.Told = lambda *_: None) -> dict[str, Any]:
    """Carry out one order."""
    try:
        return _DO[order["do"]](order, told)
    except Refused as error:
        if kind := getattr(error, "kind", ""):
            sys.stderr.write(f"The database refused to be read: {kind}.\n")
        return {"refused": error.args[0], "values": error.values}
    except (OSError, sqlite3.Error) as error:
        return {"refused": reason(error), "values": {"folder": Path(order["folder"]).name}}


def _back_up(order: dict[str, Any], told: backup.Told) -> dict[str, Any]:
    exports = tuple(Export(table, tuple(columns), query) for table, columns, query in order["exports"])
    source = Source(order["dialect"], order["where"], exports)
    at, about = datetime.fromisoformat(order["at"]), backup.About(**order["about"])
    place, _ = backup.make(source, Path(order["folder"]), at, about, told)
    return {"path": str(place)}


def _check(order: dict[str, Any], _told: backup.Told) -> dict[str, Any]:
    path, identity = Path(order["path"]), order["identity"]
    contents.peek(path, identity)  # it may come from anywhere
    return {"faults": [asdict(fault) for fault in forms.faults(path, identity)]}


def _drill(order: dict[str, Any], _told: backup.Told) -> dict[str, Any]:
    from core.backups import drill  # noqa: PLC0415 - a second of imports that a backup needs none of

    return drill.carry_out(order)


_DO = {"backup": _back_up, "check": _check, "drill": _drill}


def main() -> int:
    """Read the order, carry it out, write how it goes and the answer."""
    if hasattr(os, "nice"):
        os.nice(10)

    def told(table: str, done: int, of: int) -> None:
        print(json.dumps({"table": table, "done": done, "of": of}), flush=True)  # noqa: T201 - to who ordered it

    answer = run(json.load(sys.stdin), told)
    print(json.dumps(answer))  # noqa: T201
    return int("refused" in answer)


if __name__ == "__main__":
    sys.exit(main())
