"""Remove old QR pictures: ``plan`` says which and why, ``apply`` looks at each again before it goes.

Nothing outside the media folder is touched, no link is followed, no name that is not ours is considered. They are drawn
again whenever somebody wants one; only the picture of an order that may be being paid just now stays at any age.
"""

import re
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from core.storage import candidates
from core.storage.candidates import Candidate, Cleanup, Tick

NAMES = re.compile(r"(?P<kind>qr|tracking_qr)_(?P<number>[A-Za-z]+[0-9]+)(?:-[0-9]+)?\.(?:png|webp)")
FOLDER = "qr_codes"


def numbers(media: Path) -> frozenset[str]:
    """Which orders have a QR picture."""
    names = (NAMES.fullmatch(path.name) for path in _folder(media).glob("*qr_*"))
    return frozenset(name["number"] for name in names if name)


def plan(
    media: Path, older_than: datetime | None, live: Collection[str], *, strays: Collection[str] = (),
    strays_before: datetime | None = None,
) -> tuple[Candidate, ...]:  # fmt: skip
    """List the QR pictures of orders not in ``live`` written before ``older_than`` (None: of any age), by path.

    Those of ``strays``, numbers that no order has, go when they were written before ``strays_before``.
    """
    folder = _folder(media)
    if folder.is_symlink() or not folder.is_dir():
        return ()
    found = []
    for path, status in candidates.below(folder):
        name = NAMES.fullmatch(path.name)
        if name is None or name["number"] in live or path.parent != folder:
            continue
        stray = name["number"] in strays and strays_before is not None
        if older_than is None or status.st_mtime < older_than.timestamp():
            why = "forced" if older_than is None else "expired"
        elif stray and strays_before and status.st_mtime < strays_before.timestamp():
            why = "without an order"
        else:
            continue
        found.append(candidates.seen(path, status, f"{name['kind']} {why}"))
    return tuple(sorted(found, key=lambda candidate: candidate.path))


def apply(found: Collection[Candidate], live: Collection[str], tick: Tick = bool) -> Cleanup:
    """Remove what is still as it was planned; ``OSError`` when not one file could be removed for the folder's sake."""

    def may(candidate: Candidate) -> bool:
        name = NAMES.fullmatch(candidate.path.name)
        return name is not None and name["number"] not in live

    return candidates.remove(found, may, tick)


def _folder(media: Path) -> Path:
    return media.resolve() / FOLDER
