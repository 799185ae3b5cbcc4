"""The rules of the shop in chat: looked at, changed by a tap or a typed line, confirmed where money is touched."""

from bot import taps
from bot.handlers.admin.home import must_run
from bot.handlers.counter import asking
from bot.me import Me
from bot.screen import Screen
from bot.screens import policy as screens
from core.errors import NotAllowed, OutOfDate, Refused
from core.i18n import Translator
from core.people import service as people
from core.people.rules import Person, Question
from core.policy import service
from core.policy.rules import stamp
from core.settings.known import NAMED, Kind, Rule
from core.settings.reading import fitting, read
from core.settings.rules import by_default


async def open_policy(tap: taps.OpenPolicy | taps.SaveTyped, me: Me) -> Screen:
    """Show the groups."""
    _ = tap
    must_run(me)
    return screens.groups(me.reader.t)


async def open_group(tap: taps.OpenGroup, me: Me) -> Screen:
    """Show a group's rules as they are."""
    must_run(me)
    await me.shop.refresh()
    return screens.group(me.reader.t, tap.group, me.shop.policy, service.today(me.shop))


async def open_rule(tap: taps.OpenRule | taps.PutRule | taps.ConfirmRule | taps.AskRule, me: Me) -> Screen:
    """Show one rule; in their own chat the next line is its new value."""
    must_run(me)
    value = await service.seen(me.shop, me.person, tap.rule)
    may = _may(me.person, tap.rule)
    if may and me.private and tap.rule.kind.typed:
        await people.ask(me.shop, me.person, "policy", chat_id=me.chat_id, rule=tap.rule.value, seen=stamp(value))
    standard = by_default(tap.rule, me.shop.policy.shop_name)
    return screens.rule(me.reader.t, tap.rule, value, may=may, private=me.private, standard=standard)


def _may(person: Person, rule: Rule) -> bool:
    try:
        service.must_change(person, rule)
    except (NotAllowed, Refused):
        return False
    return True


async def ask_rule(tap: taps.AskRule, me: Me) -> Screen:
    """Ask for a value in a group."""
    must_run(me)
    service.must_change(me.person, tap.rule)
    if not tap.rule.kind.typed:
        raise OutOfDate("old_button")
    value = await service.seen(me.shop, me.person, tap.rule)
    known = {"rule": tap.rule.value, "seen": stamp(value)}
    asked = await people.ask(me.shop, me.person, "policy", chat_id=me.chat_id, **known)
    return screens.ask(me.reader.t, tap.rule, value, me, asked)


async def answered(text: str, me: Me, question: Question) -> Screen:
    """Take a typed value: what touches money is shown once more, the rest is in force."""
    rule = NAMED[str(question.data["rule"])]
    service.must_change(me.person, rule)
    value = read(rule, text, me.shop.policy.riel_rate)
    if rule.costs:
        before = await service.seen(me.shop, me.person, rule)
        asked = await people.ask_on(me.shop, me.person, question, **{**question.data, "value": value})
        on_khqr = _payee(me, rule, value)
        return screens.sure(me.reader.t, rule, before, value, taps.SaveTyped(asked.stamp), on_khqr)
    return await _save(me, rule, value, question)


async def _save(me: Me, rule: Rule, value: str | int, question: Question) -> Screen:
    try:
        done = await service.change(me.shop, me.person, rule, value, str(question.data["seen"]), question)
    except OutOfDate:
        await people.forget_question(me.shop, me.person)
        raise
    screen = screens.group(me.reader.t, rule.group, me.shop.policy, service.today(me.shop))
    return screen.telling(_told(me.reader.t, me, done))


def _told(t: Translator, me: Me, done: service.Changed) -> str:
    """Say what a rule was and is; of the shop's name and the account also whom the KHQR names, where it has one."""
    on_khqr = _payee(me, done.rule, done.after)
    return screens.told(t, done.rule, done.before, done.after, on_khqr, kept=not _may(me.person, Rule.KHQR_NAME))


def _payee(me: Me, rule: Rule, value: str | int) -> str:
    """Tell whom the KHQR names beside its account and the shop's name; "" for another rule, and without an account."""
    account = {Rule.KHQR_ACCOUNT: value, Rule.SHOP_NAME: me.shop.policy.khqr_account}.get(rule)
    return me.shop.policy.khqr_name if account else ""


async def saved(me: Me, question: Question) -> Screen:
    """Take what was typed and seen once more."""
    rule = NAMED[str(question.data["rule"])]
    return await _save(me, rule, question.data["value"], question)


async def put_rule(tap: taps.PutRule, me: Me) -> Screen:
    """Choose a value: what touches money is shown once more first."""
    must_run(me)
    service.must_change(me.person, tap.rule)
    value, before = chosen(tap.rule, tap.choice), await service.seen(me.shop, me.person, tap.rule)
    if not tap.rule.costs or stamp(before) != tap.seen:
        return await confirm_rule(tap, me)
    after = by_default(tap.rule, me.shop.policy.shop_name) if value is None else value
    yes = taps.ConfirmRule(tap.rule, tap.choice, tap.seen)
    return screens.sure(me.reader.t, tap.rule, before, after, yes, _payee(me, tap.rule, after))


async def confirm_rule(tap: taps.ConfirmRule | taps.PutRule, me: Me) -> Screen:
    """Change it, where it still is what was seen."""
    must_run(me)
    value = chosen(tap.rule, tap.choice)
    done = await service.change(me.shop, me.person, tap.rule, value, tap.seen)
    screen = screens.group(me.reader.t, tap.rule.group, me.shop.policy, service.today(me.shop))
    return screen.saying(_told(me.t, me, done))


def chosen(rule: Rule, choice: str) -> str | int | None:
    """Read what a button carries, None for "as it was made"; refused where no such value fits."""
    if choice == "default":
        return None
    if rule.bounds is not None:
        return fitting(rule, int(choice) if choice.isdecimal() else -1)
    return fitting(rule, f"{choice[:2]}:{choice[2:]}" if rule.kind is Kind.CLOCK else choice)


async def standing(me: Me, asked: int) -> Question:
    """Find the question of a stamp, to which something was typed; ``OutOfDate`` for any other."""
    question = await asking.standing(me)
    if question is None or question.stamp != asked or "value" not in question.data:
        raise OutOfDate("old_button")
    return question
