"""Copies of backups in the admins' chat: each message is read back after it was sent; and brought back from there."""

from telegram.error import TelegramError

from bot.screen import Document, Screen
from bot.screens import copies as screens
from bot.show import Show
from bot.talks import reads
from bot.threads import Threads
from core.backups.copies import chat, parts
from core.backups.copies.chat import Incoming
from core.i18n import Translator
from core.messages import store as messages
from core.messages.rules import Owed
from core.people.rules import Person
from core.shop import Shop


class Copying:
    """Pays what is owed of a copy to the chat."""

    def __init__(self, shop: Shop, show: Show, threads: Threads) -> None:
        self._shop, self._show, self._threads = shop, show, threads

    async def go_on(self, owed: Owed) -> None:
        """Send one part, or the manifest, and read it back; ``TelegramError`` where what comes back is another."""
        wanted = await chat.piece(self._shop, owed)
        if wanted is None:
            await self._shop.db.write(messages.sent, owed, self._shop.clock.now(), None)
            return
        document = Document(wanted.name, await chat.content(self._shop, wanted))
        screen = screens.piece(await reads(self._shop, owed.chat_id), wanted, document)
        sent = await self._threads.within(owed, lambda thread: self._show.send(owed.chat_id, screen, thread))
        file_id = sent.document.file_id if sent.document else ""
        if not await chat.arrived(self._shop, owed, wanted, file_id, await self._show.download(file_id)):
            raise TelegramError("a part of a backup came back as another")


def is_manifest(name: str) -> bool:
    """Whether a file that somebody sends is the last message of a copy, by its name."""
    return name.endswith(parts.MANIFEST_END)


async def bring_back(shop: Shop, show: Show, person: Person, t: Translator, file_id: str) -> Screen:
    """Fetch the parts that a manifest names into the backup folder; admins only, and nothing half is left."""
    incoming = Incoming(shop, await show.download(file_id), person)
    try:
        for part in incoming.parts:
            await incoming.take(part, await show.download(part.file_id))
        path = await incoming.finish()
    finally:
        incoming.drop()
    return screens.brought(t, path.name)
