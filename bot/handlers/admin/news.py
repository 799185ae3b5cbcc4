"""News to many, by those who run the shop: written, looked at, sent, steered; and what the outbox brings of it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bot import taps
from bot.handlers.admin.home import must_run
from bot.me import Me
from bot.screen import Screen
from bot.screens import news as screens
from bot.taps.news import Field
from core.broadcasts import rules
from core.broadcasts import service as broadcasts
from core.broadcasts.rules import Bought, Broadcast, Goal, State, Words
from core.errors import NotFound, OutOfDate, Refused
from core.help.rules import Media
from core.i18n import LANGUAGES, Translator, translator
from core.messages.rules import MessageRef, Owed
from core.people import service as people
from core.people.rules import Question
from core.shop import Shop

LONGEST_NAME = 100

About = (
    taps.OpenBroadcast | taps.AskNewsWords | taps.DropNewsWords | taps.PreviewNews | taps.NewsSegment | taps.NewsChoices
    | taps.NarrowNews | taps.NewsGoal | taps.PointNews | taps.AskNewsProduct | taps.NewsOtherwise | taps.SureNews
    | taps.SendNews | taps.DiscardNews | taps.SteerNews
)  # fmt: skip


async def command(_text: str, me: Me) -> Screen:
    """``/news``: the newest broadcasts."""
    return await open_news(taps.OpenNews(), me)


async def open_news(tap: taps.OpenNews, me: Me) -> Screen:
    """List the newest broadcasts."""
    _ = tap
    must_run(me)
    return screens.listing(me.reader.t, await broadcasts.newest(me.shop, me.person), me.shop.config.zone)


async def begin(tap: taps.BeginNews, me: Me) -> Screen:
    """Begin a draft."""
    _ = tap
    must_run(me)
    return await _draft(await broadcasts.draft(me.shop, me.person), me)


async def open_broadcast(tap: About, me: Me) -> Screen:
    """Show a draft, or how far a broadcast is."""
    must_run(me)
    found = await broadcasts.get(me.shop, me.person, tap.broadcast_id)
    if found.broadcast.state is State.DRAFT:
        return await _draft(found.broadcast, me)
    return screens.card(me.reader.t, found, me.shop.config.zone, quiet=broadcasts.is_quiet(me.shop))


async def _draft(one: Broadcast, me: Me) -> Screen:
    audience = await broadcasts.audience(me.shop, me.person, one)
    if not one.content.words:  # what is sent now is its words, and no product
        await people.ask(me.shop, me.person, "news_words", chat_id=me.chat_id, broadcast_id=one.id, language="")
    return screens.draft(me.reader.t, one, audience, await me.shop.catalogue.now(), private=me.private)


def is_open(question: Question | None) -> bool:
    """Tell whether what somebody sends next is the first words of their draft, in whichever language."""
    return question is not None and question.kind == "news_words" and not question.data["language"]


async def _drafted(me: Me, broadcast_id: int, language: str = "") -> Broadcast:
    """Read a broadcast that can still be changed, or its words in a language; ``OutOfDate`` for any other."""
    must_run(me)
    found = (await broadcasts.get(me.shop, me.person, broadcast_id)).broadcast
    if not rules.may_change(found, language):
        raise OutOfDate("news_moved_on")
    return found


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────────
async def ask_words(tap: taps.AskNewsWords, me: Me) -> Screen:
    """Ask for the words of one language."""
    one = await _drafted(me, tap.broadcast_id, tap.language)
    language = _language(tap.language)
    asked = await people.ask(
        me.shop, me.person, "news_words", chat_id=me.chat_id, broadcast_id=one.id, language=language
    )
    return screens.ask_words(me.reader.t, one, language, me, asked)


def _language(text: str) -> str:
    if text not in LANGUAGES:
        raise NotFound("old_button")
    return text


async def words_answered(_text: str, me: Me, question: Question) -> Screen:
    """Take what was written as it is formatted; what cannot be sent leaves the question standing."""
    wrote, data = me.wrote, question.data
    if wrote is None or wrote.album or wrote.media not in {Media.TEXT, Media.PHOTO}:
        raise Refused("news_media")
    rules.must_fit(len(wrote.text), photo=bool(wrote.photo))
    words, language = Words(wrote.html, wrote.photo), str(data["language"]) or rules.lettered(wrote.text)
    try:
        one = await broadcasts.say(me.shop, me.person, int(data["broadcast_id"]), language, words, question)
    except OutOfDate as late:
        return await _too_late(late, int(data["broadcast_id"]), me)
    return await open_broadcast(taps.OpenBroadcast(one.id), me)


async def _too_late(late: OutOfDate, broadcast_id: int, me: Me) -> Screen:
    """Ask no more, and show what it is now."""
    await people.forget_question(me.shop, me.person)
    return (await open_broadcast(taps.OpenBroadcast(broadcast_id), me)).telling(me.reader.t(late.key, **late.values))


async def drop_words(tap: taps.DropNewsWords, me: Me) -> Screen:
    """Leave a language out."""
    must_run(me)
    return await _draft(
        await broadcasts.say(me.shop, me.person, tap.broadcast_id, _language(tap.language), None), me
    )  # fmt: skip


async def preview(tap: taps.PreviewNews, me: Me) -> Screen:
    """Show below what people will get."""
    one = await _drafted(me, tap.broadcast_id, tap.language)
    language = _language(tap.language)
    if language not in one.content.words:
        raise OutOfDate("news_moved_on")
    return replace(screens.news(translator(language), one), fresh=True)


async def otherwise(tap: taps.NewsOtherwise, me: Me) -> Screen:
    """Choose what those get whose language is missing."""
    must_run(me)
    return await _draft(await broadcasts.otherwise(me.shop, me.person, tap.broadcast_id, tap.stamp, tap.chosen), me)


# ── where its button leads ───────────────────────────────────────────────────────────────────────────────────────────
async def goals(tap: taps.NewsGoal, me: Me) -> Screen:
    """Offer where the button could lead."""
    one = await _drafted(me, tap.broadcast_id)
    return screens.goals(me.reader.t, one, await me.shop.catalogue.now())


async def point(tap: taps.PointNews, me: Me) -> Screen:
    """Lead the button there."""
    must_run(me)
    return await _draft(
        await broadcasts.point(me.shop, me.person, tap.broadcast_id, tap.stamp, tap.goal, tap.goal_id), me
    )  # fmt: skip


async def ask_product(tap: taps.AskNewsProduct, me: Me) -> Screen:
    """Ask for the product that the button leads to."""
    one = await _drafted(me, tap.broadcast_id)
    asked = await people.ask(me.shop, me.person, "news_product", chat_id=me.chat_id, broadcast_id=one.id)
    return screens.ask_product(me.reader.t, one, me, asked)


async def product_answered(text: str, me: Me, question: Question) -> Screen:
    """Take the product that is meant most likely; the draft names it. With none found the question stands."""
    found = (await me.shop.catalogue.now()).search(text[:LONGEST_NAME]).products
    if not found:
        raise Refused("news_no_product")
    broadcast_id = int(question.data["broadcast_id"])
    try:
        one = await broadcasts.point(me.shop, me.person, broadcast_id, None, Goal.PRODUCT, found[0].id, question)
    except OutOfDate as late:
        return await _too_late(late, broadcast_id, me)
    return await _draft(one, me)


# ── to whom ──────────────────────────────────────────────────────────────────────────────────────────────────────────
async def segment(tap: taps.NewsSegment | taps.NarrowNews, me: Me) -> Screen:
    """Show whom it is for."""
    one = await _drafted(me, tap.broadcast_id)
    audience = await broadcasts.audience(me.shop, me.person, one)
    return screens.segment(me.reader.t, one, audience, await me.shop.catalogue.now())


async def choices(tap: taps.NewsChoices, me: Me) -> Screen:
    """Offer the values of one field."""
    one = await _drafted(me, tap.broadcast_id)
    return screens.choices(me.reader.t, one, tap.field, tap.page, await me.shop.catalogue.now())


async def narrow(tap: taps.NarrowNews, me: Me) -> Screen:
    """Choose a value, and show who is left."""
    must_run(me)
    await broadcasts.narrow(me.shop, me.person, tap.broadcast_id, tap.stamp, **_chosen(tap))
    return await segment(tap, me)


def _chosen(tap: taps.NarrowNews) -> dict[str, Any]:
    """Read the value of a button; ``NotFound`` for one that none of ours carries."""
    name, read = _READ[tap.field]
    try:
        return {name: read(tap.value)}
    except ValueError:
        raise NotFound("old_button") from None


_READ: Mapping[Field, tuple[str, Callable[[str], object]]] = {
    Field.LANGUAGE: ("language", str), Field.BOUGHT: ("bought", Bought), Field.DAYS: ("days", int),
    Field.PROVINCE: ("province", str), Field.CATEGORY: ("category_id", int),
}  # fmt: skip


# ── sent and steered ─────────────────────────────────────────────────────────────────────────────────────────────────
async def sure(tap: taps.SureNews, me: Me) -> Screen:
    """Ask once more, with how many people it goes to."""
    one = await _drafted(me, tap.broadcast_id)
    rules.must_be_ready(one)
    audience = await broadcasts.audience(me.shop, me.person, one)
    return screens.sure(me.reader.t, one, audience, await me.shop.catalogue.now())


async def send(tap: taps.SendNews, me: Me) -> Screen:
    """Begin; the tapped message is its card from now on."""
    must_run(me)
    ref = me.card or MessageRef(me.chat_id, 0, has_photo=False)
    await broadcasts.start(me.shop, me.person, tap.broadcast_id, tap.stamp, ref)
    return await open_broadcast(tap, me)


async def discard(tap: taps.DiscardNews, me: Me) -> Screen:
    """Give the draft up."""
    must_run(me)
    await broadcasts.discard(me.shop, me.person, tap.broadcast_id, tap.stamp)
    return await open_news(taps.OpenNews(), me)


async def steer(tap: taps.SteerNews, me: Me) -> Screen:
    """Pause it, go on, end it."""
    must_run(me)
    await broadcasts.steer(me.shop, me.person, tap.broadcast_id, tap.act)
    return await open_broadcast(tap, me)


async def letter(shop: Shop, owed: Owed, t: Translator) -> Screen | None:
    """Draw the card of a broadcast for the outbox."""
    found = await shop.db.read(broadcasts.shown, owed.subject_id)
    return screens.card(t, found, shop.config.zone, quiet=broadcasts.is_quiet(shop)) if found else None
