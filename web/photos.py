"""Product photos and hero slides: where a picture may come from, and its sizes for the web.

Only the folders named in ``PUBLIC`` are ever shown: beside them lie payment QR codes, whose names can be guessed.
"""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from core.pictures.files import webp
from web.finished import FOR_EVER, NEVER_WITHOUT_ASKING, Finished, finish
from web.memory import Made

PUBLIC = ("products", "hero_slides")
WIDTHS = (320, 640, 1080)
"""Widths in pixels a picture is offered in."""
LIGHT = 48 * 1024
"""Bytes up to which a WebP goes as it is: reducing it would save little."""
TYPES = {".webp": "image/webp", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif"}
_LONGEST = 300


def find(media: Path, name: str) -> Path | None:
    """Find a public picture by its path below the media folder; None for anything else, wherever it points."""
    parts = name.split("/")
    odd = any(part.startswith(".") or not part for part in parts) or any(letter in name for letter in "\\:\0")
    if odd or len(name) > _LONGEST or parts[0] not in PUBLIC or Path(name).suffix.lower() not in TYPES:
        return None
    path = (media / name).resolve()
    below = (media / parts[0]).resolve()
    return path if path.is_relative_to(below) and path.is_file() else None


def version(path: Path) -> str:
    """Name the state of a file: when it was written and how long it is."""
    seen = path.stat()
    return f"{seen.st_mtime_ns:x}-{seen.st_size:x}"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that is there, in one state of its file."""

    name: str
    version: str

    def at(self, width: int) -> str:
        """Write its address at one of ``WIDTHS``."""
        return f"/media/{quote(self.name)}?w={width}&v={self.version}"

    def sizes(self, *widths: int) -> str:
        """Write a ``srcset``."""
        return ", ".join(f"{self.at(width)} {width}w" for width in widths)


def picture(media: Path, name: str) -> Picture | None:
    """Look for a public picture by its path below the media folder; None when there is none."""
    path = find(media, name) if name else None
    return Picture(name, version(path)) if path else None


def make(path: Path, width: int | None, *, versioned: bool) -> Made[Finished]:
    """Read a picture, reduced to ``width`` if one is given and it is worth it; takes 30-80 ms.

    ``PictureRefused`` if it is damaged.
    """
    data, kind = path.read_bytes(), path.suffix.lower()
    cache = FOR_EVER if versioned else NEVER_WITHOUT_ASKING
    if width is None or (kind == ".webp" and len(data) <= LIGHT):
        return finish(data, TYPES[kind], cache=cache)
    return finish(webp(data, width), "image/webp", cache=cache)
