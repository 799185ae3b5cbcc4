"""The settings' file ``.env``: some lines changed, every other kept; whole or not at all, for its owner only."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from core.files import write_atomically

_LINE = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=")
_PLAIN = re.compile(r"[A-Za-z0-9_./:,@+-]*")
MODE = 0o600


def quoted(value: str) -> str:
    """Write a value so that it is read back as it is; ``ValueError`` where no quotes can do that."""
    if _PLAIN.fullmatch(value):
        return value
    if "${" in value or any(one in value for one in "\r\n\0"):
        raise ValueError("a value of .env is one line, and holds no ${")
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def merged(text: str, values: Mapping[str, str]) -> str:
    """Change these names where they stand, add the others at the end; a name that stands twice stands once."""
    left, lines = dict(values), []
    for line in text.splitlines():
        found = _LINE.match(line)
        name = found["name"] if found else ""
        if name not in values:
            lines.append(line)
        elif name in left:
            lines.append(f"{name}={quoted(left.pop(name))}")
    lines += [f"{name}={quoted(value)}" for name, value in left.items()]
    return "\n".join(lines) + "\n"


def write(path: Path, values: Mapping[str, str]) -> None:
    """Change the file; nobody but its owner reads it, not even for a moment. ``OSError`` passes."""
    before = path.read_text("utf-8") if path.exists() else ""
    was = os.umask(0o777 & ~MODE)
    try:
        write_atomically(path, merged(before, values).encode())
    finally:
        os.umask(was)
