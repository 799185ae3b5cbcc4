"""What delivery to single provinces costs, and to which nothing is sent."""

from bot import taps
from bot.handlers.admin import policy
from bot.handlers.admin.home import must_run
from bot.me import Me
from bot.screen import Screen
from bot.screens import policy as screens
from core.errors import NotFound, OutOfDate, Refused
from core.people import service as people
from core.people.rules import Question
from core.policy import service
from core.policy.rules import Fee, stamp
from core.settings.known import Rule
from core.settings.reading import fitting, read
from core.shipping import rules as shipping
from core.shipping.rules import Place


async def open_provinces(tap: taps.OpenProvinces, me: Me) -> Screen:
    """Show every province."""
    _ = tap
    must_run(me)
    await me.shop.refresh()
    places = shipping.provinces(me.reader.t.language)
    fees = [service.fee_of(me.shop.policy, place.code) for place in places]
    if me.private:
        await people.ask(me.shop, me.person, "province_name", chat_id=me.chat_id)
    return screens.provinces(me.reader.t, places, fees, me.shop.policy, private=me.private)


async def named(text: str, me: Me, question: Question) -> Screen:
    """Open the province that a line names, as by its button; a fee behind the name is shown once more."""
    must_run(me)
    name, fee = shipping.with_fee(text)
    if not (code := shipping.named(name)):
        raise Refused("province_unread")
    screen = await open_province(taps.OpenProvince(code), me)
    asked = await people.question(me.shop, me.person)
    return await province_answered(fee, me, asked or question) if fee else screen


def _place(code: str) -> Place:
    found = shipping.place(code)
    if found is None:
        raise NotFound
    return found


async def open_province(tap: taps.OpenProvince | taps.PutProvince | taps.AskProvince, me: Me) -> Screen:
    """Show one; in their own chat the next line is its fee."""
    must_run(me)
    fee = await service.province(me.shop, me.person, tap.code)
    if me.private:
        known = {"code": tap.code, "seen": stamp(fee.written)}
        await people.ask(me.shop, me.person, "province", chat_id=me.chat_id, **known)
    return screens.province(me.reader.t, _place(tap.code), fee, me.shop.policy, private=me.private)


async def ask_province(tap: taps.AskProvince, me: Me) -> Screen:
    """Ask for a fee in a group."""
    must_run(me)
    fee = await service.province(me.shop, me.person, tap.code)
    known = {"code": tap.code, "seen": stamp(fee.written)}
    asked = await people.ask(me.shop, me.person, "province", chat_id=me.chat_id, **known)
    return screens.ask_province(me.reader.t, _place(tap.code), me, asked)


async def province_answered(text: str, me: Me, question: Question) -> Screen:
    """Show a typed fee once more."""
    code, cents = str(question.data["code"]), int(read(Rule.FEE_PROVINCE, text, me.shop.policy.riel_rate))
    before = await service.province(me.shop, me.person, code)
    asked = await people.ask_on(me.shop, me.person, question, **{**question.data, "value": cents})
    yes = taps.SaveTyped(asked.stamp)
    return screens.sure_province(me.reader.t, _place(code), before, Fee(cents), yes)


async def save_typed(tap: taps.SaveTyped, me: Me) -> Screen:
    """Take what was typed: a province's fee, or the value of a rule."""
    must_run(me)
    question = await policy.standing(me, tap.asked)
    if question.kind != "province":
        return await policy.saved(me, question)
    data = question.data
    try:
        return await _set(me, str(data["code"]), Fee(int(data["value"])), str(data["seen"]), question)
    except OutOfDate:
        await people.forget_question(me.shop, me.person)
        raise


async def _set(me: Me, code: str, fee: Fee, seen: str, question: Question | None = None) -> Screen:
    before = await service.set_province(me.shop, me.person, code, fee, seen, question)
    screen = await open_provinces(taps.OpenProvinces(), me)
    return screen.saying(screens.told_province(me.t, _place(code), before, fee))


async def put_province(tap: taps.PutProvince, me: Me) -> Screen:
    """Give a province the common fee or none at all; shown once more first."""
    must_run(me)
    before, after = await service.province(me.shop, me.person, tap.code), _fee(tap.fee)
    if not tap.sure and stamp(before.written) == tap.seen:
        yes = taps.PutProvince(tap.code, tap.fee, tap.seen, 1)
        return screens.sure_province(me.reader.t, _place(tap.code), before, after, yes)
    return await _set(me, tap.code, after, tap.seen)


def _fee(text: str) -> Fee:
    try:
        fee = Fee.read(text)
    except ValueError:
        raise OutOfDate("old_button") from None
    if fee.cents is not None:
        fitting(Rule.FEE_PROVINCE, fee.cents)
    return fee
