"""What a backup's copy consists of: files under keys of their own, the manifest last. Reads files, calls nobody.

A database backup lies below ``db/<name>/<id>/``; the id is of its manifest's content, so that a copy that was broken
off goes on where it was, and two backups of one name (another server's) never mix. Blobs of media have their content's
name already and are shared by all media backups.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from core.backups import archive
from core.backups.media import backup as media
from core.files import digest

DATABASE, MEDIA = "db", "media"


@dataclass(frozen=True, slots=True)
class Piece:
    """One file of a copy: its key in the store, where it lies here, bytes, SHA-256 in hex."""

    key: str
    path: Path
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """A backup as it is copied; the last piece is its manifest."""

    name: str
    pieces: tuple[Piece, ...]

    @property
    def bytes(self) -> int:
        """Bytes of all pieces."""
        return sum(piece.bytes for piece in self.pieces)

    @property
    def parts(self) -> list[list[str | int]]:
        """What is written down of them: key, bytes, SHA-256."""
        return [[piece.key, piece.bytes, piece.sha256] for piece in self.pieces]


def of_database(path: Path) -> Bundle:
    """Read a database backup's files, or the one that it is; ``OSError`` when they are not there any more."""
    manifest = path / archive.MANIFEST if path.is_dir() else path
    rest = sorted(file for file in path.rglob("*") if file.is_file() and file != manifest) if path.is_dir() else []
    prefix = f"{DATABASE}/{path.name}/{hashlib.sha256(manifest.read_bytes()).hexdigest()[:12]}"
    root = path if path.is_dir() else path.parent
    return Bundle(path.name, tuple(_piece(prefix, root, file) for file in (*rest, manifest)))


def of_media(path: Path) -> Bundle:
    """Name a media backup's contents, each once; its blobs are not read, for their names say what is in them."""
    manifest = media.read_manifest(path)
    contents = {file.sha256: file.bytes for file in manifest.files}
    blobs = [Piece(blob_key(sha), media.blob_path(path.parent, sha), size, sha) for sha, size in contents.items()]
    return Bundle(path.stem, (*blobs, Piece(f"{MEDIA}/{path.name}", path, *digest(path))))


def blob_key(sha256: str) -> str:
    """Where the store keeps a content of media."""
    return f"{MEDIA}/{media.BLOBS}/{sha256[:2]}/{sha256}"


def _piece(prefix: str, folder: Path, path: Path) -> Piece:
    return Piece(f"{prefix}/{path.relative_to(folder).as_posix()}", path, *digest(path))
