"""Use cases of the rules of the shop: change one, holidays, what single provinces cost. Each asks who it is again.

Admins change all but where money goes (the KHQR account, its name and city): that is the owners', also where an admin
renames the shop. The chats are shown here and linked by a code that is typed there. What somebody saw goes along as a
``stamp`` of it: who is second hears what it is by now (``OutOfDate("setting_moved")``) and changes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from core.errors import NotFound, OutOfDate, Refused
from core.i18n import translator
from core.people import store as people
from core.people.rules import Person, Question, Rank
from core.policy.rules import Fee, province_values, stamp
from core.settings import holidays, words
from core.settings import service as settings
from core.settings.holidays import Span
from core.settings.known import NAMED, Kind, Rule
from core.settings.reading import fitting
from core.settings.rules import Policy, by_default
from core.shipping import rules as shipping
from core.shop import Shop

Value = str | int
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Changed:
    """What a rule was and is; ``before`` and ``after`` are equal where it was that already."""

    rule: Rule
    before: Value
    after: Value


def today(shop: Shop) -> date:
    """Today by the shop's own clock."""
    zone: ZoneInfo = shop.config.zone
    return shop.clock.now().astimezone(zone).date()


def must_change(person: Person, rule: Rule) -> None:
    """Refuse who may not change a rule, with ``NotAllowed``; and a chat, that is linked and not typed."""
    person.must_be(Rank.OWNER if rule.owners else Rank.ADMIN)
    if rule.kind is Kind.CHAT:
        raise Refused("setting_linked")


async def seen(shop: Shop, person: Person, rule: Rule) -> Value:
    """Read what a rule is now, as an admin may."""
    person.must_be(Rank.ADMIN)
    await shop.refresh()
    value: Value = getattr(shop.policy, rule)
    return value


async def change(
    shop: Shop, person: Person, rule: Rule, value: Value | None, was: str, question: Question | None = None
) -> Changed:
    """Set a rule, None: as by default, where it still is what somebody saw (``was``, its stamp).

    The ``question`` that was answered by it is closed in the same transaction.
    """
    must_change(person, rule)
    if rule.kind in {Kind.DAYS_OFF, Kind.PROVINCES}:
        raise NotFound  # they have pages of their own
    if value is not None:
        fitting(rule, value)

    def write(tx: Connection) -> Changed:
        policy = settings.in_force(tx)
        before: Value = getattr(policy, rule)
        new: Value = by_default(rule, policy.shop_name) if value is None else value
        if stamp(before) != was:
            now = words.said(rule, before, translator(person.language), today(shop).isoformat())
            raise OutOfDate("setting_moved", now=now)
        _put(tx, shop, person, {rule: (before, value, new)})
        people.close_question(tx, person.id, question)
        return Changed(rule, before, new)

    return await _done(shop, write)


async def _done(shop: Shop, write: Callable[[Connection], T]) -> T:
    """Write, and read the policy again, so that what is drawn next is true."""
    done = await shop.db.write(write)
    await shop.refresh()
    return done


def _put(
    tx: Connection, shop: Shop, person: Person, moves: Mapping[Rule, tuple[Value, Value | None, Value]]
) -> None:  # fmt: skip
    """Write what differs, of each rule what it was, what is kept, what it is; a clash names the other rule.

    The name on the KHQR is written too where it is that already: an owner who says it keeps it from the shop's.
    """
    differing = {rule.value: kept for rule, (before, kept, after) in moves.items()
                 if before != after or rule is Rule.KHQR_NAME}  # fmt: skip
    if not differing:
        return
    try:
        settings.put(tx, shop.clock.now(), differing, person.id, owner=person.rank >= Rank.OWNER)
    except Refused as refused:
        t = translator(person.language)
        raise Refused("setting_clash", rule=words.name(NAMED[str(refused.values["setting"])], t)) from refused


# ── holidays ─────────────────────────────────────────────────────────────────────────────────────────────────────────
async def add_holidays(shop: Shop, person: Person, line: str, question: Question | None = None) -> Span:
    """Close the shop on the day that a line names, or from a first to a last one; returns these two.

    Days that are over leave the list. The ``question`` that the line answers is closed in the same transaction.
    """
    person.must_be(Rank.ADMIN)
    found = holidays.read(line, today(shop))
    await _change_days(shop, person, lambda days: days | set(found), question)
    return found[0], found[-1]


async def remove_holidays(shop: Shop, person: Person, first: date, last: date) -> None:
    """Open on these days again; ``OutOfDate`` where somebody else took them out before."""
    person.must_be(Rank.ADMIN)

    def without(days: set[date]) -> set[date]:
        left = {day for day in days if not first <= day <= last}
        if left == days:
            raise OutOfDate("holiday_gone")
        return left

    await _change_days(shop, person, without)


async def _change_days(
    shop: Shop, person: Person, changed: Callable[[set[date]], set[date]], question: Question | None = None
) -> None:
    def write(tx: Connection) -> None:
        before = settings.in_force(tx).holidays
        days = changed(set(holidays.days(before, today(shop).isoformat())))
        if len(days) > holidays.MOST:
            raise Refused("holiday_many", most=holidays.MOST)
        after = holidays.written(days)
        _put(tx, shop, person, {Rule.HOLIDAYS: (before, after, after)})
        people.close_question(tx, person.id, question)

    await _done(shop, write)


# ── provinces ────────────────────────────────────────────────────────────────────────────────────────────────────────
def fee_of(policy: Policy, code: str) -> Fee:
    """Tell what a province costs: nothing of its own, a fee in cents, or that nothing is sent there."""
    if code in policy.no_delivery.split():
        return Fee.NO_DELIVERY
    return Fee.of(policy.own_fees.get(code))


async def province(shop: Shop, person: Person, code: str) -> Fee:
    """Read what a province costs; ``NotFound`` for a code that is none."""
    person.must_be(Rank.ADMIN)
    if not any(place.code == code for place in shipping.provinces()):
        raise NotFound
    await shop.refresh()
    return fee_of(shop.policy, code)


async def set_province(
    shop: Shop, person: Person, code: str, fee: Fee, was: str, question: Question | None = None
) -> Fee:
    """Give a province a fee of its own, the common one or none, where it still is what they saw; as :func:`change`."""
    await province(shop, person, code)
    if fee.cents is not None:
        fitting(Rule.FEE_PROVINCE, fee.cents)

    def write(tx: Connection) -> Fee:
        policy = settings.in_force(tx)
        before = fee_of(policy, code)
        if stamp(before.written) != was:
            raise OutOfDate("setting_moved", now=before.said(translator(person.language)))
        after = province_values(policy, code, fee)
        _put(tx, shop, person, {rule: (getattr(policy, rule), value, value) for rule, value in after.items()})
        people.close_question(tx, person.id, question)
        return before

    return await _done(shop, write)
