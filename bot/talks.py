"""Talks brought over: one message after the other, each once as far as can be known, below the talk's card."""

import logging

from telegram.error import BadRequest

from bot.screen import Copy, Screen
from bot.screens import helping as screens
from bot.show import Show
from bot.threads import Threads
from core.help import service
from core.help.rules import News, Piece
from core.i18n import Translator, translator
from core.messages import store as messages
from core.messages.rules import MessageKind, MessageRef, Owed
from core.people import store as people
from core.shop import Shop

log = logging.getLogger(__name__)

UNKNOWN_CHAT = "chat not found"
NO_COPY = ("message to copy not found", "can't be copied", "message_id_invalid")


class Talks:
    """Pays what is owed to a chat of a talk's other side."""

    def __init__(self, shop: Shop, show: Show, threads: Threads) -> None:
        self._shop, self._show, self._threads = shop, show, threads

    async def go_on(self, owed: Owed) -> None:
        """Bring the next message of a talk, if one waits; when it is there its author sees a mark on it."""
        shop, now = self._shop, self._shop.clock.now()
        await shop.refresh()
        piece = await service.next_piece(shop, owed)
        if piece is None:
            await shop.db.write(messages.sent, owed, now, None)
            return
        try:
            copy_id = await self._bring(owed, piece)
        except BadRequest as error:
            if not _is_the_messages(owed, error):
                raise
            log.warning("message %d of a talk cannot be brought: %s", piece.said.id, error.message)
            await shop.db.write(service.lost, shop.policy, owed, piece.said, now)
        else:
            await shop.db.write(service.brought, owed, piece.said, copy_id, now)
            await self._show.mark(piece.said.chat_id, piece.said.message_id)

    async def _bring(self, owed: Owed, piece: Piece) -> int:
        said = piece.said
        t, shop_name = await reads(self._shop, owed.chat_id), self._shop.policy.shop_name
        what: Screen | Copy = Copy(said.chat_id, said.message_id)
        if owed.kind is MessageKind.HELP_ANSWERED:
            what = screens.answer(t, shop_name, said, piece.talk.order_id)
        else:
            what = Copy(said.chat_id, said.message_id, reply_to=piece.card_id or await self._card(owed, t))
        if isinstance(what, Copy):
            return await self._threads.within(owed, lambda thread: self._show.copy(owed.chat_id, what, thread))
        return (await self._show.send(owed.chat_id, what)).message_id

    async def _card(self, owed: Owed, t: Translator) -> int | None:
        """Send a talk's card where it does not stand yet, and know at once where it does."""
        found = await service.card(self._shop, owed.subject_id)
        if found is None:
            return None
        card = screens.card(t, found)
        sent = await self._threads.within(owed, lambda thread: self._show.send(owed.chat_id, card, thread))
        ref = MessageRef(owed.chat_id, sent.message_id, has_photo=False)
        now = self._shop.clock.now()
        await self._shop.db.write(messages.remember, MessageKind.HELP_CARD, owed.subject_id, ref, now)
        return sent.message_id


def _is_the_messages(owed: Owed, error: BadRequest) -> bool:
    """Tell whether Telegram refuses this one message, or the chat as a whole."""
    reason = error.message.lower()
    if owed.kind is MessageKind.HELP_ANSWERED:
        return UNKNOWN_CHAT not in reason
    return any(sign in reason for sign in NO_COPY)


async def reads(shop: Shop, chat_id: int) -> Translator:
    """The language of a chat: the person's own, or the staff's."""
    person = await shop.db.read(people.by_telegram, chat_id) if chat_id > 0 else None
    return translator(person.language if person else shop.policy.staff_language)


async def screen_of(shop: Shop, owed: Owed) -> Screen | None:
    """Draw a talk's card, or the news of it; None where the talk is gone."""
    found = await service.card(shop, owed.subject_id)
    if found is None:
        return None
    t = await reads(shop, owed.chat_id)
    if owed.kind is MessageKind.HELP_CARD:
        return screens.card(t, found)
    ref = await shop.db.read(messages.ref, owed.chat_id, MessageKind.HELP_CARD, owed.subject_id)
    return screens.told(t, found, News(owed.data["news"]), ref.message_id if ref else None)
