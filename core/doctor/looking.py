"""Look at the machine: folders, disk, logs, fonts, the settings' file. Nothing changes but a file made and removed."""

import base64
import json
import os
import re
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.config import ROOT, Config
from core.maintenance.logs import listing
from core.pictures.shaping import shape
from core.storage.usage import disk, sqlite_file

STATIC, TEMPLATES = ROOT / "web" / "static", ROOT / "web" / "templates"
ENV = ROOT / ".env"
_ASKED = re.compile(r"static\(['\"]([\w.-]+)['\"]\)")
_ERROR = re.compile(r"(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}),\d{3} (?:ERROR|CRITICAL) ([\w.]+):")
WORD = "ស្រី"
"""Five letters that stand as two glyphs side by side only where they are shaped: the R goes before its consonant."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What was seen; bytes and counts. ``mode`` is that of ``.env``, None where there is none."""

    closed: tuple[str, ...]
    static_missing: tuple[str, ...]
    static_count: int
    khmer: bool
    disk_free: int
    disk_total: int
    inodes_free: int
    inodes_total: int
    logs: int
    errors: int
    errors_where: str
    mode: int | None
    wal: int


def look(config: Config, midnight: datetime) -> Machine:
    """Look at everything once; ``midnight`` is when the shop's day began."""
    space = disk(config)
    free_inodes, all_inodes = inodes(config.data_dir)
    asked = static_files()
    errors = tuple(errors_since(config, midnight))
    return Machine(
        closed(config), tuple(name for name in asked if not _filled(STATIC / name)), len(asked), khmer_is_shaped(),
        space.free, space.total, free_inodes, all_inodes,
        sum(one.bytes for one in listing(config.log_dir, config.zone)), len(errors), errors[-1] if errors else "",
        mode(ENV), wal(config),
    )  # fmt: skip


def closed(config: Config) -> tuple[str, ...]:
    """Name the folders that take no file; root is asked by writing, for it may by its rights alone."""
    media = config.media_dir
    folders = (config.data_dir, media, media / "products", media / "qr_codes", config.log_dir, config.backup_dir)
    return tuple(folder.name for folder in folders if not _takes_a_file(folder))


def _takes_a_file(folder: Path) -> bool:
    trial = folder / f".doctor-{secrets.token_hex(4)}.tmp"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        trial.write_bytes(b"x")
    except OSError:
        return False
    finally:
        with suppress(OSError):
            trial.unlink(missing_ok=True)
    return True


def room(config: Config) -> tuple[int, int]:
    """Bytes of the disk that are free, and all of them."""
    space = disk(config)
    return space.free, space.total


def inodes(folder: Path) -> tuple[int, int]:
    """How many files the disk may still have, of how many; 0 of 0 where nobody counts."""
    if sys.platform == "win32":
        return 0, 0
    found = os.statvfs(folder)
    return found.f_favail, found.f_files


def static_files() -> tuple[str, ...]:
    """Every file that a page asks for by name."""
    pages = (path.read_text("utf-8") for path in TEMPLATES.glob("*.html"))
    return tuple(sorted({name for page in pages for name in _ASKED.findall(page)}))


def _filled(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def khmer_is_shaped() -> bool:
    """Draw a word: shaped, its letters stand in another order than they are written in, in fewer glyphs, none a box."""
    try:
        glyphs = shape(WORD, 400).glyphs
    except (OSError, RuntimeError, ValueError, KeyError):
        return False
    return 0 < len(glyphs) < len(WORD) and all(glyph.index for glyph in glyphs)


def errors_since(config: Config, since: datetime) -> Iterator[str]:
    """Who logged each error since a moment; of what was rotated away today, what is not packed yet counts too."""
    for file in listing(config.log_dir, config.zone):
        if file.log != "app" or file.kind not in {"live", "turned"}:
            continue
        with suppress(FileNotFoundError), file.path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                found = _ERROR.match(line)
                if found and datetime.strptime(found[1], "%Y-%m-%d %H:%M:%S").astimezone() >= since:
                    yield found[2]


def log_file(config: Config) -> str:
    """Where the log stands: from the working folder where it is below that, else from the root, as in a container."""
    file, here = (config.log_dir / "app.log").resolve(), Path.cwd()
    below = file.is_relative_to(here) and here != Path(here.anchor)
    return str(file.relative_to(here) if below else file)


def mode(file: Path) -> int | None:
    """A file's mode; None where there is no file, or modes mean nothing."""
    if sys.platform == "win32" or not file.exists():
        return None
    return file.stat().st_mode & 0o7777


def wal(config: Config) -> int:
    """Bytes of SQLite's write-ahead log; 0 where there is none."""
    file = sqlite_file(config)
    if file is None:
        return 0
    log = file.with_name(f"{file.name}-wal")
    return log.stat().st_size if log.exists() else 0


def token_ends(token: str) -> datetime | None:
    """When a JSON web token ends, as it says itself (RFC 7519, ``exp``); nothing of it is checked or kept."""
    parts: Sequence[str] = token.split(".")
    try:
        body = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return datetime.fromtimestamp(int(body["exp"]), UTC)
    except (IndexError, ValueError, TypeError, KeyError, OverflowError, OSError):
        return None
