"""Promo codes: what they did, a new one asked for field by field, any field anew, on and off."""

from collections.abc import Mapping
from typing import Any

from bot import taps
from bot.handlers.admin.home import must_run
from bot.handlers.counter import asking
from bot.me import Me
from bot.screen import Screen
from bot.screens import promos as screens
from core.errors import NotFound, OutOfDate, Refused
from core.people import service as people
from core.people.rules import Question
from core.promoters import service as promoters
from core.promotions import drafting, service
from core.promotions.drafting import PromoField, Values

NEW, ANEW = "promo_new", "promo_edit"
"""What is asked: a field of a draft, a field of a code that stands."""


async def command(_text: str, me: Me) -> Screen:
    """Show all codes."""
    return await open_list(taps.OpenPromos(0), me)


async def open_list(tap: taps.OpenPromos, me: Me) -> Screen:
    """Show a page of codes."""
    must_run(me)
    found = await service.listing(me.shop, me.person, tap.page)
    return screens.listing(me.reader.t, found, me.shop.config.zone)


async def open_promo(tap: taps.OpenPromo | taps.TurnPromo | taps.EditPromo, me: Me) -> Screen:
    """Show one code as it is now."""
    must_run(me)
    return await _page(tap.promo_id, me)


async def _page(promo_id: int, me: Me) -> Screen:
    found = await service.usage(me.shop, me.person, promo_id)
    return screens.page(me.reader.t, found, me.shop.config.zone)


async def uses(tap: taps.PromoUses, me: Me) -> Screen:
    """Show the newest orders that used a code."""
    must_run(me)
    found, some = await service.uses(me.shop, me.person, tap.promo_id)
    return screens.uses(me.reader.t, found, some, me.shop.config.zone)


async def turn(tap: taps.TurnPromo, me: Me) -> Screen:
    """Switch a code on or off."""
    must_run(me)
    done = await service.turn(me.shop, me.person, tap.promo_id, tap.stamp, on=bool(tap.on))
    said = me.say("promo.turned_on" if done.active else "promo.turned_off", code=done.code)
    return (await _page(tap.promo_id, me)).saying(said)


# ── what is asked ────────────────────────────────────────────────────────────────────────────────────────────────────
async def new(tap: taps.NewPromo, me: Me) -> Screen:
    """Begin a draft."""
    _ = tap
    must_run(me)
    asked = await people.ask(me.shop, me.person, "promo_new", chat_id=me.chat_id, field="", draft={})
    return await _next(me, asked, {})


async def _next(me: Me, asked: Question, values: Values, field: PromoField | None = None) -> Screen:
    """Keep what was said, and ask what comes next; where all is said, show it in words."""
    bringing = await promoters.listing(me.shop, me.person, active=True)
    field = field or drafting.following(values, promoters=bool(bringing))
    data = asked.data | {"field": field or "", "draft": drafting.written(values)}
    asked = await people.ask_on(me.shop, me.person, asked, **data)
    if field is None:
        return screens.preview(me.reader.t, me, asked, values, bringing)
    return screens.ask(me.reader.t, me, asked, field, bringing)


async def ask_anew(tap: taps.EditPromo, me: Me) -> Screen:
    """Ask for a field of a code that stands, as it was seen."""
    must_run(me)
    found = await service.usage(me.shop, me.person, tap.promo_id)
    if found.promo.stamp != tap.stamp:
        raise OutOfDate("moved_on")
    asked = await people.ask(
        me.shop, me.person, "promo_edit", chat_id=me.chat_id, promo_id=tap.promo_id, field=tap.field, stamp=tap.stamp
    )
    bringing = await promoters.listing(me.shop, me.person, active=True)
    return screens.ask_anew(me.reader.t, me, asked, found, tap.field, bringing)


async def go_on(me: Me, kind: str, data: Mapping[str, Any], promoter_id: int) -> Screen:
    """Take up a question that waited for a new promoter: whose code it is is answered by them."""
    if kind == NEW:
        asked = await people.ask(me.shop, me.person, "promo_new", **data)
    else:
        asked = await people.ask(me.shop, me.person, "promo_edit", **data)
    return await _taken(me, asked, PromoField.PROMOTER, {"promoter_id": promoter_id})


async def standing(me: Me, stamp: int) -> Question:
    """Find the question that a button belongs to; an older button is told so."""
    must_run(me)
    asked = await asking.standing(me)
    if asked is None or asked.stamp != stamp or asked.kind not in {NEW, ANEW}:
        raise OutOfDate("old_button")
    return asked


async def again(
    tap: taps.AnswerPromo | taps.AddPromoter | taps.AskDraft | taps.FinishDraft | taps.CreatePromo, me: Me
) -> Screen:
    """Draw what is asked now."""
    must_run(me)
    asked = await asking.standing(me)
    if asked is None or asked.stamp != tap.asked or asked.kind != NEW:
        return await open_list(taps.OpenPromos(0), me)
    return await _next(me, asked, drafting.read(asked.data["draft"]))


async def answer(tap: taps.AnswerPromo, me: Me) -> Screen:
    """Take one of the usual answers."""
    asked = await standing(me, tap.asked)
    if asked.data["field"] != tap.field:
        raise OutOfDate("old_button")
    values = drafting.chosen(tap.field, tap.word, me.shop.clock.now(), me.shop.config.zone)
    return await _taken(me, asked, tap.field, values)


async def answered(text: str, me: Me, asked: Question) -> Screen:
    """Take a typed line; one that cannot be read leaves the question standing."""
    must_run(me)
    if not asked.data["field"]:
        raise Refused("promo_tap")
    field = PromoField(asked.data["field"])
    return await _taken(me, asked, field, drafting.typed(field, text, me.shop.clock.now(), me.shop.config.zone))


async def _taken(me: Me, asked: Question, field: PromoField, values: Values) -> Screen:
    """Put an answer into the draft, or into the code that it is about."""
    if asked.kind == ANEW:
        return await _changed(me, asked, values)
    if field is PromoField.CODE:
        await service.is_free(me.shop, values["code"])
    return await _next(me, asked, drafting.with_(drafting.read(asked.data["draft"]), values))


async def _changed(me: Me, asked: Question, values: Values) -> Screen:
    promo_id = int(asked.data["promo_id"])
    try:
        await service.edit(me.shop, me.person, promo_id, int(asked.data["stamp"]), values, asked)
    except (OutOfDate, NotFound):
        await people.forget_question(me.shop, me.person)
        raise
    return (await _page(promo_id, me)).saying(me.say("promo.changed"))


async def ask_draft(tap: taps.AskDraft, me: Me) -> Screen:
    """Ask about a field of the draft once more."""
    asked = await standing(me, tap.asked)
    return await _next(me, asked, drafting.read(asked.data["draft"]), tap.field)


async def finish(tap: taps.FinishDraft, me: Me) -> Screen:
    """Take what is usual for all that was not asked yet."""
    asked = await standing(me, tap.asked)
    return await _next(me, asked, {**drafting.OTHERWISE, **drafting.read(asked.data["draft"])})


async def create(tap: taps.CreatePromo, me: Me) -> Screen:
    """Make the code."""
    asked = await standing(me, tap.asked)
    made = await service.make(me.shop, me.person, drafting.read(asked.data["draft"]), asked)
    return (await _page(made.id, me)).saying(me.say("promo.made", code=made.code))
