"""States kept under a name: lines as the journal's, in the sandbox's folder, or in memory where it has none.

Files lie beside the journal by their content and are never thrown away there, so a kept state only names them.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bot.sandbox.journal import Journal
from bot.sandbox.state import Entry, State

NAME = re.compile(r"[a-z0-9-]{1,40}")


class SaveError(ValueError):
    """A state that cannot be kept or put back; `status` is the HTTP status for the one who asked."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


class Saves:
    """The shelf of kept states, below `folder`."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder / "saves" if folder else None
        self._kept: dict[str, bytes] = {}

    def names(self) -> list[str]:
        """Return the names, sorted."""
        if self._folder is None:
            return sorted(self._kept)
        return sorted(path.stem for path in self._folder.glob("*.jsonl") if NAME.fullmatch(path.stem))

    def keep(self, name: str, entries: Iterable[Entry]) -> None:
        """Keep a state; raise SaveError for a name that is none."""
        _check(name)
        data = b"".join(Journal.line(entry) for entry in entries)
        if self._folder is None:
            self._kept[name] = data
            return
        self._folder.mkdir(exist_ok=True)
        fresh = self._folder / f"{name}.new"
        fresh.write_bytes(data)
        fresh.replace(self._folder / f"{name}.jsonl")

    def read(self, name: str) -> State:
        """Return a kept state; raise SaveError when there is none of the name or it is broken."""
        _check(name)
        data = self._kept.get(name) if self._folder is None else _content(self._folder / f"{name}.jsonl")
        if data is None:
            raise SaveError(f"no state is kept as {name}", 404)
        state = State()
        for number, line in enumerate(data.split(b"\n")[:-1], 1):
            try:
                state.apply(json.loads(line))
            except (AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
                raise SaveError(f"the state kept as {name} is broken in line {number}; nothing was changed") from error
        if not data.endswith(b"\n"):
            raise SaveError(f"the state kept as {name} is cut short; nothing was changed")
        return state


def _check(name: Any) -> None:
    if not NAME.fullmatch(name):
        raise SaveError("a name is 1 to 40 of a-z, 0-9 and -")


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
