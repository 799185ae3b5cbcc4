"""The books: every kind of difference, made by hand in the bare tables, is found, and told once a day."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from bot.screens import staff
from core.config import Config
from core.database.tables import outbox
from core.fulfilment import cases, reconciling, settle
from core.i18n import translator
from core.jobs import JOBS
from core.messages.rules import MessageKind
from core.orders.rules import Move, Order
from core.people.rules import Role
from core.settlements import store
from core.settlements.rules import CaseState, Difference
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders, house

DAY = timedelta(days=1)
Story = Callable[[Shop], Awaitable[Order]]


async def _pending(shop: Shop) -> Order:
    """An order that waits for its KHQR payment."""
    await builders.with_khqr(shop)
    return (await builders.khqr_order(shop))[0]


async def _paid(shop: Shop) -> Order:
    order = await _pending(shop)
    (attempt,) = await builders.attempts(shop, order)
    came = builders.money(attempt, shop.clock.now())
    return await shop.db.write(settle.settle, shop.policy, order.id, attempt.id, came, shop.clock.now())


async def _cancelled(shop: Shop) -> Order:
    """Cancelled after it was paid: the refund is due."""
    order = await _paid(shop)
    return await builders.moved(shop, await builders.worker(shop, Role.ADMIN), order, Move.CANCEL)


async def _refunded(shop: Shop) -> Order:
    order, admin = await _cancelled(shop), await builders.worker(shop, Role.ADMIN)
    (case,) = await shop.db.read(store.cases, order.id)
    case = await cases.send_refund(shop, admin, case.id, case.version, "R1")
    case = await cases.finish_refund(shop, admin, case.id, case.version)
    assert case.state is CaseState.DONE
    return order


async def _delivered(shop: Shop) -> Order:
    """Delivered against cash."""
    await builders.with_khqr(shop)
    order = await builders.order(shop, await builders.customer(shop), await builders.product(shop))
    steps = (Move.PREPARE, Move.READY, Move.OUT, Move.DELIVER)
    return await builders.moved(shop, await builders.worker(shop), order, *steps)


ROW = "INSERT INTO settlements (order_id, kind, source, currency, amount, at, reference) SELECT id, "
HAND_IN = "INSERT INTO cash_hand_ins (courier_id, state, cents, riel, note, handed_at)"
WRONG: dict[Difference, tuple[Story, str]] = {
    Difference.NOT_THE_TOTAL: (_paid, "UPDATE settlements SET amount = amount - 1"),
    Difference.UNPAID_BUT_KEPT: (_pending, ROW + "'received', 'staff', 'USD', 1, placed_at, 'x' FROM orders"),
    Difference.OWED_BUT_SETTLED: (_pending, "UPDATE orders SET payment_status = 'refund_due'"),
    Difference.SETTLED_BUT_OWED: (_cancelled, "UPDATE payment_cases SET state = 'done', closed_at = opened_at"),
    Difference.NOBODY_LOOKS: (_pending, "UPDATE orders SET payment_status = 'review'"),
    Difference.REFUNDED_TOO_MUCH: (_refunded, ROW + "'refunded', 'staff', 'USD', 5, placed_at, 'x' FROM orders"),
    Difference.CASH_NOT_BOOKED: (_delivered, "UPDATE settlements SET source = 'staff'"),
    Difference.BANK_NOT_BOOKED: (_pending, "UPDATE payment_attempts SET bank_hash = 'h9'"),
    Difference.CASH_DIFFERS: (_delivered, "UPDATE cash_collections SET cents = cents + 1"),
    Difference.HAND_IN_DIFFERS: (
        _delivered,
        HAND_IN + " SELECT courier_id, 'handed', cents, riel, '', collected_at FROM cash_collections",
    ),
}
"""What is not as it should be → an order that is as it should be, and what spoils it."""
ALONG = {
    Difference.REFUNDED_TOO_MUCH: Difference.SETTLED_BUT_OWED, Difference.CASH_NOT_BOOKED: Difference.CASH_DIFFERS,
}  # fmt: skip
"""What is found along with it."""


@pytest.mark.parametrize("kind", Difference)
async def test_each_difference_is_found(shop: Shop, kind: Difference) -> None:
    """Before, nothing is found; after a row was changed behind the shop's back, this is, on the order that it is in."""
    story, wrong = WRONG[kind]
    order = await story(shop)
    assert await reconciling.differences(shop) == []
    assert await reconciling.reconcile(shop) == 0
    await shop.db.write(lambda tx: tx.execute(text(wrong)) and None)
    (found,) = await reconciling.differences(shop)
    if kind is Difference.HAND_IN_DIFFERS:
        assert (found.order_id, found.number) == (0, "cash-1")
    else:
        assert (found.order_id, found.number) == (order.id, order.number)
    assert set(found.found) == {kind, ALONG.get(kind, kind)}


async def test_it_looks_at_some_at_a_time(sqlite_shop: Shop) -> None:
    """More orders than are looked at together: each is looked at once."""
    shop = sqlite_shop
    await builders.with_khqr(shop)
    made, _ = await builders.many_khqr_orders(shop, 7)
    await shop.db.write(lambda tx: tx.execute(text("UPDATE orders SET payment_status = 'review'")) and None)
    found = await reconciling.differences(shop, at_once=3)
    assert [one.number for one in found] == [order.number for order in made]


async def _told(shop: Shop) -> int:
    """How many alerts there are; those that wait are sent, so that the next stands beside them."""
    found = await builders.count(shop, outbox, outbox.c.kind == MessageKind.ALERT)
    await shop.db.write(lambda tx: tx.execute(outbox.update().values(state="sent", sent_at=shop.clock.now())))
    return found


async def test_the_admins_hear_once_a_day(config: Config, open_shop: OpenShop) -> None:
    """Two processes at once, and again in the evening: one alert a day, with the order's number, in both languages."""
    one, two = await open_shop(config), await open_shop(config)
    order = await _pending(one)
    await builders.worker(one, Role.OWNER)
    await one.db.write(lambda tx: tx.execute(text("UPDATE orders SET payment_status = 'review'")) and None)
    told = []
    for pause in (0 * DAY, DAY / 2, DAY / 2, DAY):
        one.clock.move(pause)
        assert await asyncio.gather(reconciling.reconcile(one), reconciling.reconcile(two)) == [1, 1]
        told.append(await _told(one))
    assert told == [1, 1, 2, 3]
    data = await one.db.read(
        lambda tx: tx.execute(select(outbox.c.data).where(outbox.c.kind == MessageKind.ALERT).limit(1)).scalar_one()
    )
    for language in ("en", "km"):
        said = staff.alert(translator(language), data).text
        assert order.number in said
    (job,) = [job for job in JOBS if job.run is reconciling.reconcile]
    assert job.ledger


async def test_the_command(sqlite_config: Config, open_shop: OpenShop, tmp_path: Path) -> None:
    """``payments reconcile``: exit code 0 where all adds up, 1 with a table or JSON where something does not."""

    def run(*words: str) -> tuple[int, str]:
        token = "1000001:AAmade-up_token0123456789abcdefghij"
        done = house.run(tmp_path, "payments", "reconcile", *words, bot_token=token)
        return done.returncode, done.stdout

    shop = await open_shop(sqlite_config)
    order = await _pending(shop)
    assert run() == (0, "The books add up.\n")
    assert run("--json") == (0, "[]\n")
    await shop.db.write(lambda tx: tx.execute(text("UPDATE orders SET payment_status = 'review'")) and None)
    code, table = run()
    assert (code, order.number in table, "nobody looks" in table) == (1, True, True)
    code, found = run("--json")
    assert (code, json.loads(found)) == (1, [{"order_id": order.id, "number": order.number, "found": ["nobody_looks"]}])
