"""Screen → Telegram calls: the only place. A tap costs one edit and one answer, sent together; a picture one upload."""

import asyncio
import html
import logging
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from markupsafe import Markup, escape
from telegram import (
    Bot,
    CallbackQuery,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    KeyboardButton,
    KeyboardButtonRequestUsers,
    LinkPreviewOptions,
    LoginUrl,
    Message,
    PhotoSize,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
    WebAppInfo,
)
from telegram.constants import MessageLimit, ParseMode
from telegram.error import BadRequest, NetworkError, TelegramError

from bot.late import Late
from bot.pacing import BULK
from bot.pictures import Pictures
from bot.screen import Ask, Button, Copy, Document, Picture, Rows, Screen, Sharing
from core.messages.rules import MessageRef

T = TypeVar("T")
log = logging.getLogger(__name__)

GROUP_ROOM = 20
"""What Telegram lets into a group in a minute."""
REMEMBERED = 5_000
SAME = "message is not modified"
GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")
NO_TEXT = "there is no text in the message"
NO_CAPTION = "there is no caption in the message"
BAD_FILE = re.compile(r"(wrong|invalid)\b.*\bfile", re.IGNORECASE)
FILE = "picture"
TOAST = 200
"""Telegram's limit for the answer to a tap."""
_TAG = re.compile(r"<[^<>]*>")
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
ARRIVED = "\N{OK HAND SIGN}"


class Gone(Exception):
    """The message that should be edited is not there any more."""


class Show:
    """Draws screens, and remembers what each message shows so that nothing is sent twice.

    ``alone``: no other process draws in the same chats; otherwise nothing that is remembered can be relied on.
    ``late`` knows which groups are full, and draws there later.
    """

    def __init__(self, bot: Bot, pictures: Pictures, *, alone: bool, late: Late | None = None) -> None:
        self._bot, self._pictures, self._alone = bot, pictures, alone
        self.late = late or Late(lambda _chat: GROUP_ROOM, lambda _chat: 0.0)
        self._shown: OrderedDict[tuple[int, int], Screen] = OrderedDict()
        self._editing: WeakValueDictionary[tuple[int, int], asyncio.Lock] = WeakValueDictionary()

    @property
    def pictures(self) -> Pictures:
        """Which pictures Telegram has."""
        return self._pictures

    async def answer_tap(
        self, query: CallbackQuery, ref: MessageRef | None, screen: Screen, *, owed: bool = False, soon: str = ""
    ) -> None:
        """Redraw the tapped message and answer the tap, both at once; a screen that must be new is sent below.

        In a full group only the answer goes at once, with the word ``soon`` where it would say nothing: whoever tapped
        goes on. The redraw follows; where the outbox owes the same card (``owed``), from there.
        """
        chat_id = ref.chat_id if ref else query.from_user.id
        stands = ref if not screen.fresh and screen.sharing is None else None
        full, thread = self.late.is_full(chat_id), thread_of(query.message)
        answer = query.answer((screen.toast or (soon if full else ""))[:TOAST] or None, show_alert=screen.alert or None)
        if screen.stays:
            await _done(answer)
            return
        if full and owed and stands is not None:
            self.late.drop(chat_id, stands.message_id)
        elif full:
            self._draw_later(chat_id, stands, screen, thread)
        if full:
            await _done(answer)
        else:
            await _done(self._draw(chat_id, stands, screen, thread), answer)

    async def reply(self, chat_id: int, screen: Screen, thread: int = 0) -> None:
        """Send a screen as a new message; in a full group as soon as there is room."""
        if screen.stays:
            return
        if self.late.is_full(chat_id):
            self._draw_later(chat_id, None, screen, thread)
        else:
            await self.send(chat_id, screen, thread)

    def _draw_later(self, chat_id: int, ref: MessageRef | None, screen: Screen, thread: int) -> None:
        message_id = ref.message_id if ref else None
        self.late.put(chat_id, message_id, lambda: self._draw(chat_id, ref, screen, thread), screen.under)

    async def _draw(self, chat_id: int, ref: MessageRef | None, screen: Screen, thread: int) -> None:
        """Make a message show a screen; without one, or where it is gone, send it."""
        if ref is not None:
            with suppress(Gone):
                await self.edit(ref, screen)
                return
        await self.send(chat_id, screen, thread)

    async def close(self) -> None:
        """Give up the redraws that still wait; an order's card is drawn by the outbox all the same."""
        await self.late.close()

    async def send(self, chat_id: int, screen: Screen, thread: int = 0, *, bulk: bool = False) -> Message:
        """Send a screen as a new message, into a ``thread`` of a group with topics; 0 is none.

        ``bulk``: one of very many, behind everybody else's.
        """
        if screen.thanks:
            await self.put_away(chat_id, screen.thanks)
        markup = _sharing(screen.sharing) if screen.sharing else _keyboard(screen)
        place = _below(screen.reply_to, thread)
        common: dict[str, Any] = {"parse_mode": ParseMode.HTML, "reply_markup": markup, **place}
        if bulk and getattr(self._bot, "rate_limiter", None) is not None:
            common["rate_limit_args"] = BULK
        if screen.document is not None:
            sent = await self._send_document(chat_id, screen.document, screen.text, common)
        elif screen.picture is None:
            text = fitted(screen.text, MessageLimit.MAX_TEXT_LENGTH)
            sent = await self._bot.send_message(chat_id, text, link_preview_options=_NO_PREVIEW, **common)
        else:
            caption = fitted(screen.text, MessageLimit.CAPTION_LENGTH)
            sent = await self._with_picture(
                screen.picture,
                lambda photo: self._bot.send_photo(chat_id, photo, caption=caption, filename=FILE, **common),
            )
        if not bulk:
            self._remember(chat_id, sent.message_id, screen)
        return sent

    async def _send_document(self, chat_id: int, document: Document, text: Markup, common: dict[str, Any]) -> Message:
        """Send a file; one of an order's papers is drawn and uploaded once."""

        async def send(file: str | bytes) -> Message:
            caption = fitted(text, MessageLimit.CAPTION_LENGTH)
            return await self._bot.send_document(chat_id, file, caption, filename=document.name, **common)

        if document.paper is None:
            return await send(document.content)
        sent: Message = await self._with_picture(document.paper, send)
        return sent

    async def put_away(self, chat_id: int, sentence: str) -> None:
        """Take the keyboard under the composer away; only a new message can."""
        await self._bot.send_message(chat_id, sentence, reply_markup=ReplyKeyboardRemove())

    async def copy(self, chat_id: int, copy: Copy, thread: int = 0) -> int:
        """Send somebody's message again; returns the copy's number."""
        more: dict[str, Any] = _below(copy.reply_to, thread)
        if copy.caption is not None:
            more |= {"caption": fitted(copy.caption, MessageLimit.CAPTION_LENGTH), "parse_mode": ParseMode.HTML}
        if copy.rows:
            more["reply_markup"] = InlineKeyboardMarkup([list(_row(row)) for row in copy.rows])
        return (await self._bot.copy_message(chat_id, copy.chat_id, copy.message_id, **more)).message_id

    async def mark(self, chat_id: int, message_id: int) -> None:
        """Show the author of a message that it arrived; a nicety, so that no failure of it matters."""
        try:
            await self._bot.set_message_reaction(chat_id, message_id, ARRIVED)
        except TelegramError as error:
            log.info("message not marked: %s", error.message)

    async def edit(self, ref: MessageRef, screen: Screen, *, owed: bool = False) -> None:
        """Make a message show a screen; ``Gone`` when it is not there any more. What it shows already is not sent.

        ``owed``: nobody asked for it now, so that a page that was opened over this very card meanwhile stays open.
        """
        key = (ref.chat_id, ref.message_id)
        self.late.drop(*key, but=screen.look if owed else None)
        async with self._editing.setdefault(key, asyncio.Lock()):  # two edits under way could arrive in any order
            before = self._shown.pop(key, None) if self._alone else None
            if owed and before is not None and before.under == screen.look:
                screen = before
            elif before is None or before.look != screen.look:
                await self._redraw(ref, screen, before)
            self._remember(*key, screen)

    async def _redraw(self, ref: MessageRef, screen: Screen, before: Screen | None) -> None:
        """Edit, and once more where no answer came: to edit twice is to edit once."""
        try:
            await _once_more(lambda: self._edit(ref, screen, before))
        except BadRequest as error:
            if any(sign in error.message.lower() for sign in GONE):
                raise Gone from error
            if SAME not in error.message.lower():
                raise

    async def _edit(self, ref: MessageRef, screen: Screen, before: Screen | None) -> None:
        where: dict[str, Any] = {
            "chat_id": ref.chat_id,
            "message_id": ref.message_id,
            "reply_markup": _keyboard(screen),
        }
        if screen.picture is None:
            await self._edit_words(screen.text, where, photo=ref.has_photo)
        elif before is not None and before.picture == screen.picture:
            await self._edit_words(screen.text, where, photo=True)
        else:
            caption = fitted(screen.text, MessageLimit.CAPTION_LENGTH)
            await self._with_picture(
                screen.picture,
                lambda photo: self._bot.edit_message_media(
                    InputMediaPhoto(_known(photo), caption, ParseMode.HTML, filename=FILE), **where
                ),
            )

    async def _edit_words(self, text: Markup, where: dict[str, Any], *, photo: bool) -> None:
        """Edit the caption of a photo or the text of a message; where it turns out to be the other, that."""
        try:
            if photo:
                caption = fitted(text, MessageLimit.CAPTION_LENGTH)
                await self._bot.edit_message_caption(caption=caption, parse_mode=ParseMode.HTML, **where)
            else:
                words = fitted(text, MessageLimit.MAX_TEXT_LENGTH)
                await self._bot.edit_message_text(
                    words, parse_mode=ParseMode.HTML, link_preview_options=_NO_PREVIEW, **where
                )
        except BadRequest as error:
            if (NO_CAPTION if photo else NO_TEXT) not in error.message.lower():
                raise
            await self._edit_words(text, where, photo=not photo)

    async def _with_picture(self, picture: Picture, call: Callable[[str | bytes], Awaitable[Message | bool]]) -> Any:
        """Call with a picture as Telegram knows it; with the picture itself where it knows it no longer."""
        photo = await self._pictures.ready(picture)
        try:
            message = await call(photo)
        except BadRequest as error:
            if not (isinstance(photo, str) and BAD_FILE.search(error.message)):
                raise
            self._pictures.forget(picture)
            message = await call(await self._pictures.ready(picture))
        if isinstance(message, Message):
            await self._pictures.learn(picture, message)
        return message

    async def download(self, file_id: str) -> bytes:
        """What Telegram has under a file's name; up to 20 MB, it gives no more to a bot."""
        return bytes(await (await self._bot.get_file(file_id)).download_as_bytearray())

    async def has_topics(self, chat_id: int) -> bool:
        """Tell whether a group has topics."""
        return bool((await self._bot.get_chat(chat_id)).is_forum)

    async def begin_topic(self, chat_id: int, name: str) -> int:
        """Begin a topic; returns its thread."""
        return (await self._bot.create_forum_topic(chat_id, name)).message_thread_id

    async def pin(self, chat_id: int, message_id: int) -> None:
        """Pin a message, in silence."""
        await self._bot.pin_chat_message(chat_id, message_id, disable_notification=True)

    def _remember(self, chat_id: int, message_id: int, screen: Screen) -> None:
        self._shown[chat_id, message_id] = screen
        self._shown.move_to_end((chat_id, message_id))
        if len(self._shown) > REMEMBERED:
            self._shown.popitem(last=False)


def _known(photo: str | bytes) -> PhotoSize | bytes:
    """Give PTB a file's id as one: of a bare string it asks the disk first whether a file of ours is called so."""
    return photo if isinstance(photo, bytes) else PhotoSize(photo, "", 0, 0)


async def _done(*calls: Awaitable[object]) -> None:
    """Make calls at once; what Telegram refuses is logged."""
    for result in await asyncio.gather(*calls, return_exceptions=True):
        if isinstance(result, TelegramError):
            log.warning("tap not fully answered: %s", result.message)
        elif isinstance(result, BaseException):
            raise result


async def _once_more(call: Callable[[], Awaitable[T]]) -> T:
    """Call again at once where the network failed: a connection kept open for long is often found dead."""
    try:
        return await call()
    except NetworkError as error:
        if isinstance(error, BadRequest):
            raise
        return await call()


def fitted(text: Markup, longest: int) -> Markup:
    """Cut a text that Telegram would refuse: a net below the screens, which keep their texts short themselves.

    Telegram counts characters after parsing. The beginning and the end stay, without their tags.
    """
    if len(text) <= longest:
        return text
    plain = html.unescape(_TAG.sub("", text))
    if len(plain) <= longest:
        return text
    log.warning("a text of %d characters was cut", len(plain))
    head = longest * 2 // 3
    return escape(plain[:head] + "\n…\n" + plain[head + 3 - longest :])


def thread_of(message: object) -> int:
    """The topic that a message of a group stands in, 0 for none; a reply has a thread too, which is none."""
    return (getattr(message, "is_topic_message", None) and getattr(message, "message_thread_id", None)) or 0


def _below(message_id: int | None, thread: int) -> dict[str, Any]:
    """Stand in a topic, and below a message of the chat; by itself where that is gone."""
    place: dict[str, Any] = {"message_thread_id": thread} if thread else {}
    if message_id is not None:
        place["reply_parameters"] = ReplyParameters(message_id, allow_sending_without_reply=True)
    return place


def _keyboard(screen: Screen) -> InlineKeyboardMarkup | None:
    return keyboard(screen.rows)


def keyboard(rows: Rows) -> InlineKeyboardMarkup | None:
    """Turn rows of buttons into Telegram's keyboard; None for none."""
    return InlineKeyboardMarkup([list(_row(row)) for row in rows]) if rows else None


def _row(row: Iterable[Button]) -> Iterable[InlineKeyboardButton]:
    for button in row:
        more: dict[str, Any] = {"api_kwargs": {"style": button.style.value}} if button.style else {}
        if button.tap is not None:
            yield InlineKeyboardButton(button.text, callback_data=button.tap.pack(), **more)
        elif button.url is not None:
            yield InlineKeyboardButton(button.text, url=button.url, **more)
        elif button.share is not None:
            yield InlineKeyboardButton(button.text, switch_inline_query=button.share, **more)
        elif button.app is not None:
            yield InlineKeyboardButton(button.text, web_app=WebAppInfo(button.app), **more)
        elif button.login is not None:
            yield InlineKeyboardButton(button.text, login_url=LoginUrl(button.login), **more)
        else:
            yield InlineKeyboardButton(button.text, copy_text=CopyTextButton(button.copy or ""), **more)


def _sharing(sharing: Sharing) -> ReplyKeyboardMarkup:
    kinds: dict[Ask, dict[str, Any]] = {
        Ask.CONTACT: {"request_contact": True},
        Ask.LOCATION: {"request_location": True},
        Ask.PERSON: {"request_users": KeyboardButtonRequestUsers(1, user_is_bot=False, request_name=True)},
    }
    key = KeyboardButton(sharing.text, **kinds[sharing.ask])
    return ReplyKeyboardMarkup(
        [[key]], resize_keyboard=True, one_time_keyboard=True, input_field_placeholder=sharing.placeholder
    )
