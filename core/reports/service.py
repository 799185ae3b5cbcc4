"""Use cases of reports: a day in figures, and the job that tells it at closing time, once (PRODUCT S14)."""

from datetime import date, timedelta

from sqlalchemy import Connection

from core.cash import store as cash
from core.cash.rules import together
from core.messages import store as messages
from core.messages.rules import MessageKind
from core.orders import notices
from core.people import store as people
from core.people.rules import Person, Rank
from core.reports import rules, store
from core.reports.rules import UNSOLD, DayReport
from core.shop import Shop

OLDEST = timedelta(days=3650)
"""So far back a day can be looked at."""


async def tell(shop: Shop) -> bool:
    """The job: when the shop has closed, owe the counter and the admins the day's report; True where it was owed.

    The last day told of stands in the database and is moved on by one transaction with what is owed, so that each day
    is told once by however many processes. After downtime the newest day that was missed is made up for.
    """
    await shop.refresh()
    day = rules.due(shop.policy, shop.clock.now().astimezone(shop.config.zone)).toordinal()
    last = await shop.db.read(store.told)
    return (last is None or last < day) and await shop.db.write(_tell, shop, day)


def _tell(tx: Connection, shop: Shop, day: int) -> bool:
    if not store.claim(tx, day):
        return False
    now, policy = shop.clock.now(), shop.policy
    for chat in {*notices.staff_chats(tx, policy), *people.admin_chats(tx, policy.admin_chat_id)}:
        messages.owe(tx, chat, MessageKind.DAY_REPORT, day, now)
    return True


async def look(shop: Shop, person: Person, day: int = 0) -> DayReport:
    """Read a day, today for 0 and for one that has not come; staff only."""
    person.must_be(Rank.STAFF)
    return await report(shop, day)


async def report(shop: Shop, day: int = 0) -> DayReport:
    """Read a day by its ``date.toordinal``: as the counter is told it."""
    today = shop.clock.now().astimezone(shop.config.zone).date()
    oldest = (today - OLDEST).toordinal()
    chosen = date.fromordinal(day) if oldest <= day < today.toordinal() else today
    return await shop.db.read(_read, shop, chosen, today)


def _read(tx: Connection, shop: Shop, day: date, today: date) -> DayReport:
    span = rules.span(day, shop.config.zone)
    placed, holdings = store.placed(tx, span), cash.holdings(tx)
    return DayReport(
        day,
        {status: count for status, (count, _) in placed.items()},
        sum(cents for status, (_, cents) in placed.items() if status not in UNSOLD),
        sum(cents for status, (_, cents) in placed.items() if status in UNSOLD),
        tuple(store.taken(tx, span)),
        tuple(store.top(tx, span)),
        together(one.held for one in holdings),
        len(holdings),
        store.open_cases(tx),
        store.running_low(tx),
        shop.clock.now() if day == today else None,
    )
