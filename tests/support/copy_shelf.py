"""The gallery's screens of copies in the admins' chat: a part, the file that names them, what came back."""

from bot.screen import Document, Screen
from bot.screens import copies
from core.backups.copies.chat import Piece
from core.backups.copies.parts import MANIFEST_END, Part
from core.backups.ledger import Copy
from core.i18n import Translator
from tests.support.furnished import House

NAME = "db_backup_20261121_030000_2"


async def screens(house: House, t: Translator) -> list[Screen]:
    """The first and the last of many parts, the manifest, and a backup that was brought back."""
    copy = Copy(7, NAME, "chat", "waiting", 4 << 30, None, 1, "", house.shop.clock.now(), None)
    sent = [Piece(copy, number, 999, Part(1, ""), f"{NAME}.part") for number in (0, 998)]
    last = Piece(copy, 999, 999, Part(1, ""), NAME + MANIFEST_END)
    drawn = [copies.piece(t, one, Document(one.name, b"?")) for one in (*sent, last)]
    return [*drawn, copies.brought(t, f"{NAME}.tar.age")]
