"""A photo from somebody who runs the shop: fetched, checked, and laid before them as what it would become.

The photos of an album arrive one by one, in order: each joins the draft that its first one began, whose preview is
drawn again where it stands.
"""

from contextlib import suppress

from markupsafe import Markup
from telegram import Message
from telegram.error import TelegramError

from bot.handlers.admin import drafts, products, receiving
from bot.me import Me
from bot.screen import Screen
from bot.show import Gone, Show
from core.catalog import service
from core.catalog.captions import Caption
from core.catalog.goods import Draft
from core.errors import Refused
from core.help.rules import Media
from core.messages.rules import MessageRef
from core.people.rules import SILENT, Question, Rank
from core.pictures.files import LARGEST_PHOTO
from core.receiving import pictures

OURS = SILENT | {drafts.KIND, products.LIST, products.FIELD, products.PHOTO, products.VARIANT,  receiving.SHELF,
                 receiving.DELIVERY, "policy", "province", "province_name", "holiday"}  # fmt: skip
"""Questions beside which a photo is a product; beside any other it is an answer to that."""

WORDED = frozenset({"promo_new", "promo_edit", "promoter_new", "promoter_edit", "news_product", "cash_taken",
                    "cash_counted", "reference", "order_note", "tracking"})  # fmt: skip
"""Questions that a line of words alone answers, each with its name under ``awaited.`` in the translations."""

OTHER = frozenset({Media.VIDEO, Media.ANIMATION, Media.DOCUMENT, Media.VIDEO_NOTE, Media.VOICE, Media.AUDIO})
"""What says nothing of goods, whatever stands below it."""

DONE = Screen(Markup(), stays=True)
"""Nothing more is said: the preview was drawn already."""


def is_picture(message: Message) -> bool:
    """Tell whether somebody sent a picture, as a photo or as a file."""
    file = message.document
    return bool(message.photo) or (file is not None and (file.mime_type or "").startswith("image/"))


def is_product(message: Message, me: Me, question: Question | None) -> bool:
    """Tell whether a picture is meant for the shelf: who runs the shop sent it, and was asked for nothing else."""
    ours = question is None or question.kind in OURS
    return is_picture(message) and me.person.rank >= Rank.ADMIN and ours


def must_be_picture(me: Me, question: Question | None) -> None:
    """Refuse what is no picture from who runs the shop, where one becomes a product; whatever is asked stands."""
    media = me.wrote.media if me.wrote else None
    if media in OTHER and me.person.rank >= Rank.ADMIN and (question is None or question.kind in OURS):
        raise Refused("picture_wrong_format", kinds=pictures.KINDS)


def must_be_words(message: Message, me: Me, question: Question | None) -> None:
    """Refuse what has no words where they are waited for, and say which; whatever is asked stands."""
    if question is None or question.kind not in WORDED or message.text:
        return
    goods = is_picture(message) and me.person.rank >= Rank.ADMIN
    raise Refused("words_not_goods" if goods else "words_alone", what=me.reader.t(f"awaited.{question.kind}"))


async def is_priced(message: Message, me: Me) -> bool:
    """Tell whether what stands below a picture names goods: among admins others are just looked at."""
    return _priced(await service.read_caption(me.shop, message.caption or ""))


def _priced(said: Caption) -> bool:
    return said.price is not None or said.units is not None or bool(said.sku)


async def received(show: Show, me: Me, message: Message, question: Question | None) -> Screen:
    """Take a picture: one more of a product that asked for it, one more of a draft, or the first of a new draft."""
    caption = message.caption or ""
    asked = question if question is not None and question.asked_in(me.chat_id) else None
    if asked is not None and asked.kind == products.PHOTO:
        path = await _kept(show, me, message)
        return await products.photo_came(path, me, asked)
    draft = Draft.read(asked.data) if asked is not None and asked.kind == drafts.KIND else None
    joins = draft is not None and (message.media_group_id == draft.album if message.media_group_id else not caption)
    said = await service.read_caption(me.shop, caption)
    if asked is not None and asked.kind == receiving.DELIVERY and not said.names_goods:
        return await receiving.scanned(await _fetched(show, message), said.units, me, asked)
    if not me.private and not joins and not _priced(said):
        return DONE  # people talk there too
    path = await _kept(show, me, message)
    if asked is None or draft is None or not joins:
        fresh = Draft(said, album=message.media_group_id or "").with_photo(path)
        asked, fresh = await drafts.begin(me, fresh)
        await _preview(show, me, asked, fresh, None)
        return DONE
    more = (draft.corrected(said) if caption else draft).with_photo(path)
    asked = await drafts.keep(me, asked, more)
    await _preview(show, me, asked, more, draft.message_id or None)
    return DONE


async def _preview(show: Show, me: Me, asked: Question, draft: Draft, stands: int | None) -> None:
    """Show the draft, where its preview stands already or below; where it stands is remembered with it."""
    screen = await drafts.draw(me, asked, draft)
    if stands is not None:
        with suppress(Gone):
            await show.edit(MessageRef(me.chat_id, stands, has_photo=True), screen)
            return
    sent = await show.send(me.chat_id, screen, me.thread)
    await drafts.keep(me, asked, Draft.read({**draft.written(), "message_id": sent.message_id}))


async def _kept(show: Show, me: Me, message: Message) -> str:
    """Fetch a picture and keep it."""
    return await pictures.keep(me.shop, me.person, await _fetched(show, message))


async def _fetched(show: Show, message: Message) -> bytes:
    """Fetch a picture; its size is known before."""
    file = message.photo[-1] if message.photo else message.document
    if file is None or (file.file_size or 0) > LARGEST_PHOTO:
        raise Refused("picture_too_big", most=pictures.MOST)
    try:
        return await show.download(file.file_id)
    except TelegramError as error:
        raise Refused("picture_not_fetched") from error
