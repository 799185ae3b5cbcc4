"""A day in figures: whose money counts, on which day, and told once at closing time."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, select
from sqlalchemy.engine import Connection

from core.cash.rules import Cash
from core.config import Config
from core.database.tables import outbox
from core.errors import NotAllowed
from core.fulfilment import service as fulfilment
from core.fulfilment import settle
from core.messages.rules import MessageKind
from core.nudges import shelves
from core.orders.rules import CancelReason, Move, PaymentMethod, Status
from core.people.rules import Role
from core.reports import rules, service, store
from core.reports.rules import DayReport
from core.settings.rules import Policy
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders, changing

ZONE = ZoneInfo("Asia/Phnom_Penh")
HOUR = timedelta(hours=1)
TODAY = date(2026, 11, 21)


# ── rules ────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("opens", "closes", "clock", "day"),
    [("08:00", "20:00", "19:59", 20), ("08:00", "20:00", "20:00", 21), ("08:00", "20:00", "23:59", 21),
     ("08:00", "20:00", "00:00", 20), ("18:00", "02:00", "01:59", 19), ("18:00", "02:00", "02:00", 20),
     ("18:00", "02:00", "23:00", 20), ("08:00", "08:00", "07:59", 19), ("08:00", "08:00", "08:00", 20),
     ("08:00", "00:00", "00:00", 20)],
)  # fmt: skip
def test_which_day_is_due(opens: str, closes: str, clock: str, day: int) -> None:
    """The day that just closed; a shop that closes after midnight, or never, closes the day before."""
    hour, minute = map(int, clock.split(":"))
    now = datetime(2026, 11, 21, hour, minute, tzinfo=ZONE)
    assert rules.due(Policy(opens=opens, closes=closes), now) == date(2026, 11, day)


def test_a_day_is_the_shops_own() -> None:
    """From midnight in Phnom Penh, which is five in the afternoon in Greenwich, to the next (hole 16)."""
    span = rules.span(TODAY, ZONE)
    assert (span.start, span.end) == (datetime(2026, 11, 20, 17, tzinfo=UTC), datetime(2026, 11, 21, 17, tzinfo=UTC))


def test_bars_are_measured_by_the_longest() -> None:
    """The longest is whole; of nothing there is no bar."""
    assert rules.shares([4, 2, 0, -3]) == [1.0, 0.5, 0.0, 0.0]
    assert (rules.shares([]), rules.shares([0, 0])) == ([], [0.0, 0.0])


# ── figures ──────────────────────────────────────────────────────────────────────────────────────────────────────────
async def _market(shop: Shop) -> DayReport:
    """Six orders of $13.50 and what became of them: five today, one of them paid late at night."""
    await builders.with_khqr(shop, staff_chat_id=builders.STAFF_CHAT)
    await shop.refresh()
    sokha, dara = await builders.worker(shop), await builders.customer(shop)
    rose, lily = await builders.product(shop, 20), await builders.product(shop, 3, sku="LILY-1", cents=500)
    made = [await builders.order(shop, dara, rose) for _ in range(3)]
    await builders.moved(shop, sokha, made[0], Move.PREPARE, Move.READY, Move.OUT, Move.DELIVER)
    await builders.moved(shop, sokha, made[1], Move.PREPARE, Move.READY, Move.OUT)
    out = await builders.read(shop, made[1])
    taken = Cash(1000, 14_000, "no dollars")
    await fulfilment.move(shop, sokha, out.id, Move.DELIVER, out.version, taken=taken)
    await fulfilment.move(shop, sokha, made[2].id, Move.CANCEL, made[2].version, reason=CancelReason.ASKED_FOR)
    for variant in (rose, rose, lily):
        paid = await builders.order(shop, dara, variant, method=PaymentMethod.KHQR)
        (attempt,) = await builders.attempts(shop, paid)
        came = builders.money(attempt, shop.clock.now())
        await shop.db.write(settle.settle, shop.policy, paid.id, attempt.id, came, shop.clock.now())
    first = await builders.read(shop, made[0])
    assert first.status is Status.DELIVERED
    await fulfilment.move(
        shop, sokha, paid.id - 1, Move.CANCEL, (await builders.read(shop, paid)).version, reason=CancelReason.ASKED_FOR
    )
    await shelves.watch(shop)
    return await service.look(shop, sokha)


async def test_a_day_of_everything(shop: Shop) -> None:
    """Cancelled stands apart and earns nothing, paid or not; cash as it came; what is open now; the best first."""
    found = await _market(shop)
    assert (found.day, found.orders, found.unsold) == (TODAY, 4, 2)
    assert found.placed == {Status.DELIVERED: 2, Status.CANCELLED: 2, Status.CONFIRMED: 2}
    khqr, cod = found.taken
    assert (khqr.method, khqr.orders, khqr.money, khqr.cents) == (PaymentMethod.KHQR, 2, Cash(1350 + 650), 2000)
    assert (cod.method, cod.orders, cod.money) == (PaymentMethod.COD, 2, Cash(2350, 14_000))
    assert found.revenue == 2000 + 2350 + 14_000 * 100 // 4100
    assert (found.ordered, found.lost) == (3 * 1350 + 650, 2 * 1350)
    assert (found.held, found.couriers) == (Cash(2350, 14_000), 1)
    assert (found.cases, found.low) == (1, 1)
    assert [(one.name_en, one.units, one.cents) for one in found.top] == [
        ("Rose Serum ROSE-30", 3, 3600), ("Rose Serum LILY-1", 1, 500)]  # fmt: skip


async def test_money_counts_on_the_day_it_came(sqlite_shop: Shop) -> None:
    """Ordered before midnight, delivered after: placed on the one day, earned on the other; else nothing."""
    shop = sqlite_shop
    sokha, dara, rose = await builders.worker(shop), await builders.customer(shop), await builders.product(shop)
    shop.clock.move(13 * HOUR + timedelta(minutes=59))  # a minute to midnight
    order = await builders.order(shop, dara, rose)
    await builders.moved(shop, sokha, order, Move.PREPARE, Move.READY, Move.OUT)
    shop.clock.move(timedelta(minutes=1))
    await builders.moved(shop, sokha, order, Move.DELIVER)
    first, second = [await service.look(shop, sokha, TODAY.toordinal() + days) for days in (0, 1)]
    assert (first.orders, first.revenue, first.top[0].units, first.until) == (1, 0, 1, None)
    assert (second.orders, second.revenue, second.top, second.until) == (0, 1350, (), shop.clock.now())
    empty = await service.look(shop, sokha, (TODAY - timedelta(days=1)).toordinal())
    assert (empty.orders, empty.revenue, empty.top, empty.taken) == (0, 0, (), ())
    for forged in (-5, 0, 10**15):
        assert (await service.look(shop, sokha, forged)).day == TODAY + timedelta(days=1)
    for person in (dara, await builders.worker(shop, Role.COURIER, 1003, "Vuthy")):
        with pytest.raises(NotAllowed):
            await service.look(shop, person)


async def test_paid_before_it_was_made_dearer(sqlite_shop: Shop) -> None:
    """What was paid by QR counts on its day, also where a change left a rest for the door; the rest when it is paid."""
    shop = sqlite_shop
    order, sokha, rose = await changing.paid_order(shop)
    await changing.change(shop, sokha, order, changing.units_of(rose, 3))
    assert (await service.look(shop, sokha)).revenue == 2550
    await builders.moved(shop, sokha, order, Move.READY, Move.OUT, Move.DELIVER)
    assert (await service.look(shop, sokha)).revenue == 3750


async def test_money_that_waits_is_not_earned(sqlite_shop: Shop) -> None:
    """Too little came for a QR: a case is open, and nothing was earned until somebody decides; refunded it never is."""
    shop = sqlite_shop
    await builders.with_khqr(shop)
    owner = await builders.worker(shop, Role.OWNER)
    order, attempt = await builders.khqr_order(shop)
    came = builders.money(attempt, shop.clock.now(), amount=500)
    await shop.db.write(settle.settle, shop.policy, order.id, attempt.id, came, shop.clock.now())
    found = await service.look(shop, owner)
    assert (found.orders, found.taken, found.revenue, found.cases) == (1, (), 0, 1)
    await builders.moved(shop, owner, order, Move.CANCEL)
    found = await service.look(shop, owner)
    assert (found.orders, found.unsold, found.revenue, found.lost) == (0, 1, 0, 1350)


async def test_a_day_asks_a_handful_of_questions(sqlite_shop: Shop) -> None:
    """However many orders: the same few statements, none of them one an order."""
    await _market(sqlite_shop)

    def ask(tx: Connection) -> int:
        seen: list[str] = []
        note = lambda _tx, _cursor, statement, *_more: seen.append(statement)  # noqa: E731 - one place
        event.listen(tx, "before_cursor_execute", note)
        service._read(tx, sqlite_shop, TODAY, TODAY)
        event.remove(tx, "before_cursor_execute", note)
        return len(seen)

    assert await sqlite_shop.db.read(ask) == 7


# ── told ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
async def _told(shop: Shop) -> list[tuple[int, int]]:
    rows = select(outbox.c.chat_id, outbox.c.subject_id).where(outbox.c.kind == MessageKind.DAY_REPORT)
    return await shop.db.read(lambda tx: [(r.chat_id, r.subject_id) for r in tx.execute(rows.order_by(outbox.c.id))])


async def test_told_at_closing_time_once(sqlite_shop: Shop) -> None:
    """The first look owes nothing; at eight in the evening counter and admins are told; after three days away, once."""
    shop = sqlite_shop
    await builders.with_khqr(shop, staff_chat_id=builders.STAFF_CHAT, admin_chat_id=-7)
    assert [await service.tell(shop) for _ in range(2)] == [False, False]
    shop.clock.move(10 * HOUR - timedelta(minutes=1))
    assert await service.tell(shop) is False
    shop.clock.move(timedelta(minutes=1))
    assert [await service.tell(shop) for _ in range(2)] == [True, False]
    assert sorted(await _told(shop)) == [(builders.STAFF_CHAT, TODAY.toordinal()), (-7, TODAY.toordinal())]
    shop.clock.move(3 * 24 * HOUR + 13 * HOUR)  # nine in the morning: the last day that closed is yesterday
    assert [await service.tell(shop) for _ in range(2)] == [True, False]
    assert (await _told(shop))[-1][1] == (TODAY + timedelta(days=3)).toordinal()


async def test_two_processes_tell_a_day_once(config: Config, open_shop: OpenShop) -> None:
    """Both look at the same moment, again and again: one message in each chat."""
    one = await open_shop(config)
    other = await open_shop(config) if config.database_url else one
    await builders.with_khqr(one, staff_chat_id=builders.STAFF_CHAT, admin_chat_id=-7)
    await service.tell(one)
    one.clock.move(11 * HOUR)
    found = await asyncio.gather(*(service.tell(shop) for shop in (one, other) * 3))
    assert (sum(found), len(await _told(one))) == (1, 2)
    assert await one.db.read(store.told) == TODAY.toordinal()
