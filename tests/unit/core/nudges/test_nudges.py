"""Who is reminded of an order that stands too long: when, how often, in one message, never at night."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, select

from core.config import Config
from core.database.tables import outbox
from core.fulfilment import service as fulfilment
from core.messages.rules import MessageKind, Owed
from core.nudges import rules, service, store
from core.orders.rules import CancelReason, Move, Order, PaymentMethod, Status
from core.people.rules import Person, Role
from core.settings.rules import Policy
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders

ZONE = ZoneInfo("Asia/Phnom_Penh")
MINUTE = timedelta(minutes=1)


def _at(day: int, clock: str) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


# ── rules ────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("settings", "moment", "expected"),
    [({}, _at(21, "10:00"), False), ({}, _at(21, "20:59"), False), ({}, _at(21, "21:00"), True),
     ({}, _at(22, "07:59"), True), ({}, _at(22, "08:00"), False),
     ({"holidays": "2026-11-21"}, _at(21, "10:00"), True), ({"holidays": "2026-11-21"}, _at(22, "10:00"), False),
     ({"quiet_from": "00:00", "quiet_until": "00:00"}, _at(21, "23:00"), False)],
)  # fmt: skip
def test_nobody_is_reminded_at_night_nor_on_holidays(
    settings: dict[str, str], moment: datetime, *, expected: bool
) -> None:
    """By the shop's own clock and calendar; hours that end as they begin are none."""
    assert rules.silent(Policy(**settings), moment) is expected


def test_each_status_has_its_own_limit() -> None:
    """New and confirmed 10 minutes, then 1, 4 and 12 hours; 0 is never; what came back is not reminded of."""
    found = {status: limit // MINUTE for status, limit in rules.limits(Policy()).items()}
    assert found == {Status.PENDING: 10, Status.CONFIRMED: 10, Status.PREPARING: 60, Status.READY: 240, Status.OUT: 720}
    assert set(rules.limits(Policy(nudge_unclaimed_minutes=0, nudge_out_minutes=0))) == {Status.PREPARING, Status.READY}


# ── the job ──────────────────────────────────────────────────────────────────────────────────────────────────────────
async def _desk(shop: Shop) -> tuple[Person, Person, int]:
    """Sokha at the counter, Dara who buys, and a stocked product."""
    await builders.with_khqr(shop, staff_chat_id=builders.STAFF_CHAT)
    await shop.refresh()
    return await builders.worker(shop), await builders.customer(shop), await builders.product(shop, 50)


async def _nudges(shop: Shop) -> list[Owed]:
    def look(tx: Connection) -> list[Owed]:
        rows = tx.execute(select(outbox).where(outbox.c.kind == MessageKind.NUDGE).order_by(outbox.c.id))
        return [Owed(r.id, r.chat_id, MessageKind.NUDGE, r.subject_id, r.data, 1, r.due_at) for r in rows]

    return await shop.db.read(look)


async def _runs(shop: Shop, *minutes: float) -> Sequence[int]:
    """Let so many minutes pass before each run; returns how many orders each named."""
    found = []
    for some in minutes:
        shop.clock.move(some * MINUTE)
        found.append(await service.nudge(shop))
    return found


async def test_an_order_that_nobody_claims_is_named_once(shop: Shop) -> None:
    """Not after nine minutes, once after ten, never again where it stands; a KHQR order not paid is nobody's work."""
    _, dara, rose = await _desk(shop)
    order = await builders.order(shop, dara, rose)
    await builders.order(shop, dara, rose, method=PaymentMethod.KHQR)
    assert await _runs(shop, 9, 0.9, 0.1, 1, 60) == [0, 0, 1, 0, 0]
    (owed,) = await _nudges(shop)
    assert (owed.chat_id, owed.data) == (builders.STAFF_CHAT, {"orders": [[order.id, "pending"]]})
    (stuck,) = await service.still(shop, owed)
    assert (stuck.order.id, stuck.stands, stuck.order.holder_name) == (order.id, 71 * MINUTE, "")


async def test_moved_and_stuck_anew_it_is_named_anew(sqlite_shop: Shop) -> None:
    """Each status counts from when the order came there, back on the way a second time as well; the holder is named."""
    shop = sqlite_shop
    sokha, dara, rose = await _desk(shop)
    order = await builders.order(shop, dara, rose)
    assert await _runs(shop, 10) == [1]
    await builders.moved(shop, sokha, order, Move.PREPARE)
    assert await _runs(shop, 59, 1, 60) == [0, 1, 0]
    (stuck,) = await service.still(shop, (await _nudges(shop))[-1])
    assert (stuck.order.holder_name, stuck.stands) == ("Sokha", 120 * MINUTE)
    await builders.moved(shop, sokha, order, Move.READY, Move.OUT)
    shop.clock.move(timedelta(hours=24) - 130 * MINUTE)  # ten in the morning, the next day
    assert await _runs(shop, 0, 0) == [1, 0]
    shop.clock.move(MINUTE)
    await builders.moved(shop, sokha, order, Move.RETURN, Move.OUT)
    assert await _runs(shop, 24 * 60, 0) == [1, 0]
    assert await service.still(shop, (await _nudges(shop))[0]) == []


async def test_what_is_late_at_night_is_named_in_the_morning_in_one_message(sqlite_shop: Shop) -> None:
    """Three orders late in the evening: silence until eight, then one message with all of them, and no second."""
    shop = sqlite_shop
    sokha, dara, rose = await _desk(shop)
    shop.clock.move(timedelta(hours=10, minutes=55))  # five to nine
    made: list[Order] = [await builders.order(shop, dara, rose) for _ in range(3)]
    await builders.moved(shop, sokha, made[0], Move.PREPARE)
    assert await _runs(shop, 30, 60, 9 * 60) == [0, 0, 0]
    assert await _runs(shop, 60, 1) == [3, 0]
    (owed,) = await _nudges(shop)
    assert sorted(one for one, _ in owed.data["orders"]) == [one.id for one in made]
    await fulfilment.move(
        shop, sokha, made[1].id, Move.CANCEL, (await builders.read(shop, made[1])).version,
        reason=CancelReason.UNREACHABLE,
    )  # fmt: skip
    assert [one.order.id for one in await service.still(shop, owed)] == [made[0].id, made[2].id]


async def test_killed_before_the_commit_nothing_is_used_up(sqlite_shop: Shop) -> None:
    """A process dies with the claim made and the message owed: neither is there, and the next run names it, once."""
    shop = sqlite_shop
    _, dara, rose = await _desk(shop)
    await builders.order(shop, dara, rose)
    shop.clock.move(11 * MINUTE)

    def dies(tx: Connection) -> None:
        late = store.late(tx, rules.limits(shop.policy), shop.clock.now(), 9)
        assert service._name(tx, shop, late) == 1
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await shop.db.write(dies)
    assert await _nudges(shop) == []
    assert await _runs(shop, 0, 1) == [1, 0]


async def test_with_nobody_to_tell_nothing_is_used_up(sqlite_shop: Shop) -> None:
    """No group, no admins, no owner yet: the order is named as soon as somebody is there."""
    shop = sqlite_shop
    dara, rose = await builders.customer(shop), await builders.product(shop)
    await builders.order(shop, dara, rose)
    assert await _runs(shop, 20) == [0]
    await builders.worker(shop, Role.OWNER)
    assert await _runs(shop, 1) == [1]


async def test_two_processes_name_each_order_once(config: Config, open_shop: OpenShop) -> None:
    """Several look at the same moment, again and again: each of twenty orders stands in one message only."""
    one = await open_shop(config)
    others = [await open_shop(config) for _ in range(2)] if config.database_url else [one, one]
    _, dara, rose = await _desk(one)
    for _ in range(20):
        await builders.order(one, dara, rose)
    one.clock.move(11 * MINUTE)
    found = await asyncio.gather(*(service.nudge(shop) for shop in (one, *others) for _ in range(2)))
    named = [order for owed in await _nudges(one) for order, _ in owed.data["orders"]]
    assert (sum(found), len(named), len(set(named))) == (20, 20, 20)
