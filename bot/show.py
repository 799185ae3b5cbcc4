"""Screen → Telegram calls: the only place. A tap costs one edit and one answer, sent together; a picture one upload."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from telegram import (
    Bot,
    CallbackQuery,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    KeyboardButton,
    LinkPreviewOptions,
    Message,
    ReplyKeyboardMarkup,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, TelegramError

from bot.pictures import Pictures
from bot.screen import Ask, Button, Screen, Sharing
from core.messages.rules import MessageRef

log = logging.getLogger(__name__)

REMEMBERED = 5_000
SAME = "message is not modified"
GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")
FILE = "picture"
TOAST = 200
"""Telegram's limit for the answer to a tap."""
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Gone(Exception):
    """The message that should be edited is not there any more."""


class Show:
    """Draws screens, and remembers what each message shows so that nothing is sent twice."""

    def __init__(self, bot: Bot, pictures: Pictures) -> None:
        self._bot, self._pictures = bot, pictures
        self._shown: OrderedDict[tuple[int, int], Screen] = OrderedDict()

    async def answer_tap(self, query: CallbackQuery, ref: MessageRef | None, screen: Screen) -> None:
        """Redraw the tapped message and answer the tap, both at once; a screen that must be new is sent below."""
        chat_id = ref.chat_id if ref else query.from_user.id
        new = ref is None or screen.fresh or screen.sharing is not None
        draw = self.send(chat_id, screen) if new else self._edit_or_send(ref, screen)
        answer = query.answer(screen.toast[:TOAST] or None, show_alert=screen.alert or None)
        for result in await asyncio.gather(draw, answer, return_exceptions=True):
            if isinstance(result, TelegramError):
                log.warning("tap not fully answered: %s", result.message)
            elif isinstance(result, BaseException):
                raise result

    async def send(self, chat_id: int, screen: Screen, **more: Any) -> Message:
        """Send a screen as a new message."""
        markup = _sharing(screen.sharing) if screen.sharing else _keyboard(screen)
        common: dict[str, Any] = {"parse_mode": ParseMode.HTML, "reply_markup": markup, **more}
        if screen.picture is None:
            sent = await self._bot.send_message(chat_id, screen.text, link_preview_options=_NO_PREVIEW, **common)
        else:
            photo = await self._pictures.ready(screen.picture)
            sent = await self._bot.send_photo(chat_id, photo, caption=screen.text, filename=FILE, **common)
            await self._pictures.learn(screen.picture, sent)
        self._remember(chat_id, sent.message_id, screen)
        return sent

    async def edit(self, ref: MessageRef, screen: Screen, **more: Any) -> None:
        """Make a message show a screen; ``Gone`` when it is not there any more. What it shows already is not sent."""
        before = self._shown.get((ref.chat_id, ref.message_id))
        if before is not None and (before.text, before.rows, before.picture) == (
            screen.text,
            screen.rows,
            screen.picture,
        ):
            return
        try:
            await self._edit(ref, screen, before, more)
        except BadRequest as error:
            if any(sign in error.message.lower() for sign in GONE):
                raise Gone from error
            if SAME not in error.message.lower():
                raise
        self._remember(ref.chat_id, ref.message_id, screen)

    async def _edit(self, ref: MessageRef, screen: Screen, before: Screen | None, more: dict[str, Any]) -> None:
        where: dict[str, Any] = {
            "chat_id": ref.chat_id,
            "message_id": ref.message_id,
            "reply_markup": _keyboard(screen),
        }
        where |= more
        if screen.picture is None and ref.has_photo:
            await self._bot.edit_message_caption(caption=screen.text, parse_mode=ParseMode.HTML, **where)
        elif screen.picture is None:
            await self._bot.edit_message_text(
                screen.text, parse_mode=ParseMode.HTML, link_preview_options=_NO_PREVIEW, **where
            )
        elif before is not None and before.picture == screen.picture:
            await self._bot.edit_message_caption(caption=screen.text, parse_mode=ParseMode.HTML, **where)
        else:
            photo = await self._pictures.ready(screen.picture)
            media = InputMediaPhoto(photo, screen.text, ParseMode.HTML, filename=FILE)
            edited = await self._bot.edit_message_media(media, **where)
            if isinstance(edited, Message):
                await self._pictures.learn(screen.picture, edited)

    async def _edit_or_send(self, ref: MessageRef | None, screen: Screen) -> None:
        if ref is None:  # pragma: no cover - answer_tap sends then
            return
        try:
            await self.edit(ref, screen)
        except Gone:
            await self.send(ref.chat_id, screen)

    def shows(self, ref: MessageRef) -> Screen | None:
        """What a message is known to show."""
        return self._shown.get((ref.chat_id, ref.message_id))

    def _remember(self, chat_id: int, message_id: int, screen: Screen) -> None:
        self._shown[chat_id, message_id] = screen
        self._shown.move_to_end((chat_id, message_id))
        if len(self._shown) > REMEMBERED:
            self._shown.popitem(last=False)


def _keyboard(screen: Screen) -> InlineKeyboardMarkup | None:
    return InlineKeyboardMarkup([list(_row(row)) for row in screen.rows]) if screen.rows else None


def _row(row: Iterable[Button]) -> Iterable[InlineKeyboardButton]:
    for button in row:
        more: dict[str, Any] = {"api_kwargs": {"style": button.style.value}} if button.style else {}
        if button.tap is not None:
            yield InlineKeyboardButton(button.text, callback_data=button.tap.pack(), **more)
        elif button.url is not None:
            yield InlineKeyboardButton(button.text, url=button.url, **more)
        else:
            yield InlineKeyboardButton(button.text, copy_text=CopyTextButton(button.copy or ""), **more)


def _sharing(sharing: Sharing) -> ReplyKeyboardMarkup:
    contact = sharing.ask is Ask.CONTACT
    key = KeyboardButton(sharing.text, request_contact=contact or None, request_location=None if contact else True)
    return ReplyKeyboardMarkup(
        [[key]], resize_keyboard=True, one_time_keyboard=True, input_field_placeholder=sharing.placeholder
    )
