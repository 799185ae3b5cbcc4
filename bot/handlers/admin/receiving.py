"""Goods that come in: a pasted list, shown as a table, taken in as it was shown; and the shelves they stand on."""

from dataclasses import replace

from bot import taps
from bot.handlers.admin.home import must_run
from bot.handlers.counter import asking
from bot.me import Me
from bot.screen import Screen
from bot.screens import receiving as screens
from core.catalog import service as catalog
from core.catalog import shelves
from core.errors import NotFound, OutOfDate
from core.people import service as people
from core.people.rules import Question
from core.receiving import reading, rules, service

DELIVERY, SHELF = "goods_delivery", "goods_shelf"


async def command(text: str, me: Me) -> Screen:
    """Ask for the list, or read the one that stands behind the command."""
    return await (_show(text, me, None) if text else ask(taps.AskDelivery(), me))


async def ask(tap: taps.AskDelivery, me: Me) -> Screen:
    """Ask for the list."""
    _ = tap
    must_run(me)
    asked = await people.ask(me.shop, me.person, "goods_delivery", chat_id=me.chat_id, text="")
    return screens.ask(me.reader.t, me, asked)


async def answered(text: str, me: Me, question: Question) -> Screen:
    """Lay the list beside what there is; a later one goes before it."""
    return await _show(text, me, question)


async def _show(text: str, me: Me, question: Question | None) -> Screen:
    must_run(me)
    found = await service.preview(me.shop, me.person, text)
    data = {"chat_id": me.chat_id, "text": text}
    if question is None:
        asked = await people.ask(me.shop, me.person, "goods_delivery", **data)
    else:
        asked = await people.ask_on(me.shop, me.person, question, **data)
    return screens.delivery(me.reader.t, found, asked)


async def filed(content: bytes, me: Me) -> Screen | None:
    """Read a list that came as a file while one is asked for; None where it is a list of another kind."""
    asked = await asking.standing(me)
    text = await reading.listed(me.shop, me.person, content) if asked is not None and asked.kind == DELIVERY else None
    return await _show(text, me, asked) if text is not None else None


async def scanned(data: bytes, units: int | None, me: Me, asked: Question) -> Screen:
    """Add what the codes of a picture say to the list that is asked for."""
    must_run(me)
    found = await reading.codes(me.person, data)
    return await _show(rules.scanned(str(asked.data["text"]), found, units), me, asked)


async def again(tap: taps.TakeDelivery, me: Me) -> Screen:
    """Show what it would be now."""
    asked = await _standing(tap, me)
    return screens.delivery(me.reader.t, await service.preview(me.shop, me.person, asked.data["text"]), asked)


async def _standing(tap: taps.TakeDelivery, me: Me) -> Question:
    must_run(me)
    asked = await asking.standing(me)
    if asked is None or asked.kind != DELIVERY or asked.stamp != tap.asked:
        raise OutOfDate("draft_closed")
    return asked


async def take(tap: taps.TakeDelivery, me: Me) -> Screen:
    """Take it in."""
    asked = await _standing(tap, me)
    return screens.taken(me.reader.t, await service.take_in(me.shop, me.person, asked, tap.digest))


# ── shelves ──────────────────────────────────────────────────────────────────────────────────────────────────────────
async def listing(tap: taps.ListShelves | taps.MoveShelf, me: Me) -> Screen:
    """Show all shelves."""
    _ = tap
    must_run(me)
    return screens.shelves(me.reader.t, await catalog.shelves(me.shop, me.person))


async def open_shelf(tap: taps.OpenShelf | taps.PutShelf, me: Me) -> Screen:
    """Show one shelf."""
    must_run(me)
    found = await catalog.shelves(me.shop, me.person)
    if all(one.id != tap.category_id for one, _ in found):
        raise NotFound
    return screens.shelf(me.reader.t, found, tap.category_id)


async def ask_shelf(tap: taps.AskShelf, me: Me) -> Screen:
    """Ask what a shelf is called."""
    must_run(me)
    found = {one.id: one for one, _ in await catalog.shelves(me.shop, me.person)}
    one = found.get(tap.category_id)
    if tap.category_id and one is None:
        raise NotFound
    was = [one.name_en, one.name_km] if one else []
    asked = await people.ask(
        me.shop, me.person, "goods_shelf", chat_id=me.chat_id, category_id=tap.category_id, was=was
    )
    return screens.ask_shelf(me.reader.t, one, me, asked)


async def shelf_answered(text: str, me: Me, question: Question) -> Screen:
    """Add or rename it."""
    must_run(me)
    made = await shelves.name(me.shop, me.person, question, text)
    return screens.shelf(me.reader.t, await catalog.shelves(me.shop, me.person), made.id)


async def put_shelf(tap: taps.PutShelf, me: Me) -> Screen:
    """Show or hide it."""
    must_run(me)
    await shelves.put(me.shop, me.person, tap.category_id, on_sale=bool(tap.on_sale))
    screen = await open_shelf(tap, me)
    return replace(screen, toast=me.say("goods.shown" if tap.on_sale else "goods.hidden"))


async def move_shelf(tap: taps.MoveShelf, me: Me) -> Screen:
    """Bring it one place up."""
    must_run(me)
    return screens.shelves(me.reader.t, await shelves.move_up(me.shop, me.person, tap.category_id, tap.before))
