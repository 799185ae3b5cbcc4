"""Offers → the answer to an inline query: a photo that Telegram has already, else words with their page's preview."""

import re
from typing import Any

from telegram import (
    InlineQuery,
    InlineQueryResult,
    InlineQueryResultArticle,
    InlineQueryResultCachedPhoto,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
)
from telegram.constants import MessageLimit, ParseMode
from telegram.error import BadRequest

from bot.pictures import Pictures
from bot.screen import Offer, Offers
from bot.show import fitted, keyboard
from core.doors import HOME

CACHED = 10
"""Seconds that Telegram may answer the same question again: a price moves."""
BAD_PICTURE = re.compile(r"(wrong|invalid)\b.*\bfile|PHOTO_INVALID|FILE_REFERENCE", re.IGNORECASE)


async def answer(query: InlineQuery, offers: Offers, pictures: Pictures) -> None:
    """Answer for this person only, whose invitation is in each link; without photos where one is not known any more."""
    button = InlineQueryResultsButton(offers.button, start_parameter=HOME) if offers.button else None
    more: dict[str, Any] = {"cache_time": CACHED, "is_personal": True, "next_offset": offers.more, "button": button}
    known = {one.key: pictures.known(one.picture) for one in offers.offers if one.picture}
    try:
        await query.answer([_result(one, known.get(one.key)) for one in offers.offers], **more)
    except BadRequest as error:
        if not (any(known.values()) and BAD_PICTURE.search(error.message)):
            raise
        for one in offers.offers:
            if one.picture:
                pictures.forget(one.picture)
        await query.answer([_result(one, None) for one in offers.offers], **more)


def _result(offer: Offer, photo: str | None) -> InlineQueryResult:
    if photo:
        return InlineQueryResultCachedPhoto(
            offer.key, photo, offer.title, offer.detail, fitted(offer.text, MessageLimit.CAPTION_LENGTH),
            keyboard(offer.rows), parse_mode=ParseMode.HTML,
        )  # fmt: skip
    seen = offer.page.startswith("https://")  # what Telegram's servers can reach
    preview = LinkPreviewOptions(url=offer.page, prefer_large_media=True, show_above_text=True) if seen else None
    text = InputTextMessageContent(
        offer.text, ParseMode.HTML, link_preview_options=preview or LinkPreviewOptions(is_disabled=True)
    )
    return InlineQueryResultArticle(
        offer.key, offer.title, text, keyboard(offer.rows), description=offer.detail, thumbnail_url=offer.small or None
    )
