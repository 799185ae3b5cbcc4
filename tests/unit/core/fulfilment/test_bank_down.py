"""A bank that is away for an hour: nothing changes, people can still act, and all is settled soon after it is back."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import NamedTuple

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import Connection, select

from bot.sandbox.bank import Bank
from core.config import Config
from core.database.tables import orders, payment_attempts
from core.fulfilment import cases
from core.fulfilment import service as fulfilment
from core.fulfilment.expiry import expire_orders
from core.fulfilment.polling import poll
from core.orders.rules import PaymentStatus, Status
from core.payments.bakong import Bakong
from core.people import store as people
from core.people.rules import Person
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders
from tests.support.patience import PATIENCE

OPEN, PAID, BUDGET = 200, 150, 5
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


class Far(NamedTuple):
    """A shop and its bank, which is the sandbox's emulator on the shop's clock."""

    shop: Shop
    bank: Bank


@pytest.fixture
async def far(sqlite_config: Config, open_shop: OpenShop) -> AsyncIterator[Far]:
    """They speak over real HTTP, five questions a second at most."""
    shop = await open_shop(sqlite_config.model_copy(update={"bakong_per_second": BUDGET}))
    await builders.with_khqr(shop, staff_chat_id=builders.STAFF_CHAT)
    bank = Bank(tokens={"made-up"}, accounts={builders.ACCOUNT}, clock=lambda: shop.clock.now().timestamp())
    root = web.Application()
    root.add_subapp("/bakong", bank.app)
    async with TestServer(root) as server:
        client = shop.bank = Bakong(str(server.make_url("/bakong")), "made-up", timeout=PATIENCE)
        yield Far(shop, bank)
        await client.close()


async def _asked(far: Far, pause: timedelta) -> int:
    """Let ``pause`` pass and a poll run; returns how many calls the bank had."""
    before = far.bank.calls
    far.shop.clock.move(pause)
    await poll(far.shop)
    await expire_orders(far.shop)
    return far.bank.calls - before


async def _standing(shop: Shop) -> list[tuple[object, ...]]:
    """Where every order and every attempt stands."""

    def look(tx: Connection) -> list[tuple[object, ...]]:
        states = select(orders.c.status, orders.c.payment_status, orders.c.version, payment_attempts.c.state)
        joined = states.join(payment_attempts, payment_attempts.c.order_id == orders.c.id)
        return [tuple(row) for row in tx.execute(joined.order_by(orders.c.id))]

    return await shop.db.read(look)


async def _buyer(shop: Shop, person_id: int) -> Person:
    found = await shop.db.read(people.by_id, person_id)
    assert found is not None
    return found


async def test_an_hour_without_the_bank(far: Far) -> None:
    """200 open attempts, 150 of them paid: no state moves, staff approve one by hand; back, all settle in 5 minutes."""
    shop, bank = far
    made, attempts = await builders.many_khqr_orders(shop, OPEN)
    for attempt in attempts[:PAID]:
        bank.pay(attempt.payload)
    before = await _standing(shop)
    bank.fault("500", None)
    calls = [await _asked(far, MINUTE) for _ in range(30)]
    bank.clear_faults()
    bank.fault("down", None)
    calls += [await _asked(far, MINUTE) for _ in range(29)]
    assert max(calls) <= BUDGET
    assert min(calls[:5]) == BUDGET
    assert await _standing(shop) == before

    buyer = await _buyer(shop, made[0].person_id)
    asked = await fulfilment.ask_bank(shop, buyer, made[0].id)
    assert (asked.status, await fulfilment.bank_answers(shop, asked)) == (Status.PENDING, False)
    claim = await cases.claim(shop, buyer, made[0].id, "picture")
    await cases.approve(shop, await builders.worker(shop), claim.id, claim.version, "seen in the app")
    assert (await builders.read(shop, made[0])).status is Status.CONFIRMED
    assert (await _standing(shop))[1:] == before[1:]

    bank.clear_faults()
    back = [await _asked(far, pause) for pause in [SECOND] * 60 + [5 * SECOND] * 48]
    assert max(back) <= BUDGET
    assert sum(back) == OPEN - 1
    ended = Counter((status, payment) for status, payment, *_ in await _standing(shop))
    assert ended == {
        (Status.CONFIRMED, PaymentStatus.PAID): PAID, (Status.EXPIRED, PaymentStatus.UNPAID): OPEN - PAID,
    }  # fmt: skip
    await builders.sound(shop)
