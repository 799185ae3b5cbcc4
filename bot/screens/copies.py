"""What is said with copies of backups in the admins' chat."""

from bot.screen import Document, Screen
from core.backups.copies.chat import Piece
from core.i18n import Translator


def piece(t: Translator, sent: Piece, document: Document) -> Screen:
    """One message of a copy: a part, or the file that names them all."""
    if sent.is_manifest:
        return Screen(t.html("copies.manifest", name=sent.copy.backup, of=sent.of), document=document)
    text = t.html("copies.part", name=sent.copy.backup, number=sent.number + 1, of=sent.of)
    return Screen(text, document=document)


def brought(t: Translator, name: str) -> Screen:
    """A backup is back from the chat, still encrypted: what to type where the key is."""
    return Screen(t.html("copies.brought", name=name))
