"""The ancestor's pictures and videos: found below the folder that was named, looked at, copied whole or not at all."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from PIL import Image, UnidentifiedImageError

from core.files import write_atomically
from core.imports.madamda import Dump
from core.imports.mapping import slug
from core.imports.rules import Row, Trouble, line

PICTURES, VIDEOS = (".jpg", ".jpeg", ".png", ".webp", ".gif"), (".mp4", ".webm", ".mov")
OURS = "madamda-"
"""How the names of files that came along begin here."""
MOST = {"image": 20 * 2**20, "video": 50 * 2**20}
"""Bytes; a bot sends files of 50 MB at most (Bot API, "Sending files")."""
FOLDERS = {("product", "image"): "products", ("heroslide", "image"): "hero_slides",
           ("heroslide", "video"): "hero_slides/videos"}  # fmt: skip
"""Which fields name a file, and where ours lie below the media folder (design.md, decision 8)."""


@dataclass(slots=True)
class Pictures:
    """Files that rows name: ``found`` under their names here, ``sources`` by those names; ``absent`` with a cause."""

    found: dict[tuple[str, str, str], str] = field(default_factory=dict)
    sources: dict[str, Path] = field(default_factory=dict)
    absent: list[tuple[Row, str]] = field(default_factory=list)

    def of(self, row: Row, name: str) -> str:
        """Where the file of a row's field lies below the media folder; empty for none."""
        return self.found.get((row.model, row.key, name), "")

    def missing(self, model: str) -> Iterator[tuple[Row, str]]:
        """The rows of a model whose file is not there or cannot be used, and why."""
        return ((row, cause) for row, cause in self.absent if row.model == model)


def look(dump: Dump, folder: Path | None) -> Pictures:
    """Find every file that the rows name below ``folder``; none is looked for without one."""
    pictures = Pictures()
    for (model, name), ours in FOLDERS.items() if folder else ():
        for row in dump.rows[model]:
            path = line(row.fields, name, 300)
            try:
                source = _source(folder or Path(), path, name) if path else None
            except Trouble as trouble:
                pictures.absent.append((row, trouble.cause))
                continue
            if source is not None:
                target = _target(ours, source)
                pictures.found[model, row.key, name] = target
                pictures.sources[target] = source
    return pictures


def copy(pictures: Pictures, media: Path) -> list[Path]:
    """Bring files that are not here yet; returns those that were written. ``OSError`` passes; try again after it."""
    written = []
    for name, source in pictures.sources.items():
        target = media / name
        if not (target.is_file() and target.stat().st_size == source.stat().st_size):
            target.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(target, source.read_bytes())
            written.append(target)
    return written


def _source(folder: Path, path: str, kind: str) -> Path:
    """The file a row means; ``Trouble`` where it is not there, lies elsewhere, is too large, or is no picture."""
    parts = PurePosixPath(path.replace("\\", "/")).parts
    found = folder.joinpath(*(part for part in parts if part != "/"))
    if not found.resolve().is_relative_to(folder.resolve()):
        raise Trouble("file_outside")
    if not found.is_file():
        raise Trouble("file_missing")
    if found.stat().st_size > MOST[kind]:
        raise Trouble("file_large")
    if found.suffix.lower() not in (PICTURES if kind == "image" else VIDEOS):
        raise Trouble("file_kind")
    if kind == "image":
        _must_be_picture(found)
    return found


def _must_be_picture(path: Path) -> None:
    try:
        with Image.open(path) as picture:
            picture.verify()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise Trouble("file_kind") from None


def _target(folder: str, source: Path) -> str:
    """Its name here: what it was called, and what is in it, so that another picture never takes its place."""
    with source.open("rb") as file:
        inside = hashlib.file_digest(file, "sha256").hexdigest()[:10]
    return f"{folder}/{OURS}{slug(source.stem, 40) or 'file'}-{inside}{source.suffix.lower()}"
