"""Who brings customers: seen, added, written anew, on and off."""

from bot import taps
from bot.handlers.admin import promos
from bot.handlers.admin.home import must_run
from bot.handlers.counter import asking
from bot.me import Me
from bot.screen import Screen
from bot.screens import promoters as screens
from core.errors import NotFound, OutOfDate
from core.people import service as people
from core.people.rules import Question
from core.promoters import rules, service
from core.promoters.rules import Promoter, PromoterField
from core.promotions import service as promotions

NEW, ANEW = "promoter_new", "promoter_edit"
"""What is asked: of somebody new first the name, then the rate; a field of one who is here."""


async def open_list(tap: taps.OpenPromoters | taps.AnswerRate, me: Me) -> Screen:
    """Show all of them."""
    _ = tap
    must_run(me)
    return screens.listing(me.reader.t, await service.listing(me.shop, me.person))


async def open_promoter(tap: taps.OpenPromoter | taps.TurnPromoter | taps.EditPromoter, me: Me) -> Screen:
    """Show one of them with their codes."""
    must_run(me)
    return await _page(await service.get(me.shop, me.person, tap.promoter_id), me)


async def _page(one: Promoter, me: Me) -> Screen:
    codes = await promotions.listing(me.shop, me.person, 0, one.id)
    return screens.page(me.reader.t, one, codes, me.shop.config.zone)


async def turn(tap: taps.TurnPromoter, me: Me) -> Screen:
    """Let them earn by new orders, or not."""
    must_run(me)
    done = await service.turn(me.shop, me.person, tap.promoter_id, tap.stamp, on=bool(tap.on))
    return (await _page(done, me)).saying(me.say("promo.changed"))


async def new(tap: taps.NewPromoter, me: Me) -> Screen:
    """Ask for the name of somebody new."""
    _ = tap
    must_run(me)
    asked = await people.ask(me.shop, me.person, "promoter_new", chat_id=me.chat_id, name="")
    return screens.ask(me.reader.t, me, asked, PromoterField.NAME, "", taps.OpenPromoters())


async def add_for(tap: taps.AddPromoter, me: Me) -> Screen:
    """Ask for the name of somebody new whose a code is to be; the code's own question waits in theirs."""
    waits = await promos.standing(me, tap.asked)
    then = {"kind": waits.kind, "data": dict(waits.data)}
    asked = await people.ask(me.shop, me.person, "promoter_new", chat_id=me.chat_id, name="", then=then)
    return screens.ask(me.reader.t, me, asked, PromoterField.NAME, "", taps.OpenPromos(0))


async def ask_anew(tap: taps.EditPromoter, me: Me) -> Screen:
    """Ask for a field of one who is here, as they were seen."""
    must_run(me)
    one = await service.get(me.shop, me.person, tap.promoter_id)
    if one.stamp != tap.stamp:
        raise OutOfDate("moved_on")
    asked = await people.ask(
        me.shop, me.person, "promoter_edit", chat_id=me.chat_id, promoter_id=one.id, field=tap.field, stamp=tap.stamp
    )
    return screens.ask(me.reader.t, me, asked, tap.field, one.name, taps.OpenPromoter(one.id))


async def answered(text: str, me: Me, asked: Question) -> Screen:
    """Take the name of somebody new, or their rate; one that cannot be read leaves the question standing."""
    must_run(me)
    name = str(asked.data["name"])
    if name:
        return await _add(me, asked, rules.rate(text))
    name = str(rules.read(PromoterField.NAME, text))
    asked = await people.ask_on(me.shop, me.person, asked, **asked.data | {"name": name})
    return screens.ask(me.reader.t, me, asked, PromoterField.RATE, name, taps.OpenPromoters())


async def _add(me: Me, asked: Question, rate: int) -> Screen:
    done = await service.add(me.shop, me.person, str(asked.data["name"]), rate, asked)
    if then := asked.data.get("then"):
        return await promos.go_on(me, then["kind"], then["data"], done.id)
    return (await _page(done, me)).saying(me.say("promoter.added"))


async def answer_rate(tap: taps.AnswerRate, me: Me) -> Screen:
    """Take a usual rate."""
    must_run(me)
    asked = await asking.standing(me)
    rate = rules.rate(str(tap.percent))
    if asked is not None and asked.stamp == tap.asked and asked.kind == NEW and asked.data["name"]:
        return await _add(me, asked, rate)
    if asked is None or asked.stamp != tap.asked or asked.data.get("field") != PromoterField.RATE:
        raise OutOfDate("old_button")
    return await _changed(me, asked, rate)


async def answered_anew(text: str, me: Me, asked: Question) -> Screen:
    """Take a typed line for a field of one who is here."""
    must_run(me)
    return await _changed(me, asked, rules.read(PromoterField(asked.data["field"]), text))


async def _changed(me: Me, asked: Question, value: str | int) -> Screen:
    field, data = PromoterField(asked.data["field"]), asked.data
    try:
        done = await service.edit(me.shop, me.person, data["promoter_id"], data["stamp"], field, value, asked)
    except (OutOfDate, NotFound):
        await people.forget_question(me.shop, me.person)
        raise
    return (await _page(done, me)).saying(me.say("promo.changed"))
