"""A token that the bank refuses: the admins hear of it once a day, in their language; customers as of a silent bank."""

import asyncio
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.sandbox.bank import Bank
from bot.screens import staff
from core.config import Config
from core.database.tables import outbox, payment_attempts
from core.fulfilment import service as fulfilment
from core.fulfilment.polling import poll
from core.i18n import translator
from core.messages.rules import MessageKind
from core.orders.rules import PaymentStatus
from core.payments.bakong import Bakong
from core.payments.rules import UNAUTHORIZED, NotFound, Unknown
from core.people.rules import Role
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders

DAY = timedelta(days=1)


async def _alerts(shop: Shop) -> int:
    return await builders.count(shop, outbox, outbox.c.kind == MessageKind.ALERT)


async def _sent(shop: Shop) -> None:
    """What waits was sent, so that the next alert stands beside it."""
    await shop.db.write(lambda tx: tx.execute(outbox.update().values(state="sent", sent_at=shop.clock.now())))


async def test_the_admins_hear_of_it_once_a_day(config: Config, open_shop: OpenShop) -> None:
    """Two processes are refused all day: one alert; another after a day, and after a clock that jumped back."""
    one, two = await open_shop(config), await open_shop(config)
    two.bank = bank = await builders.with_khqr(one)
    await builders.worker(one, Role.OWNER)
    bank.otherwise = Unknown(UNAUTHORIZED)
    await builders.khqr_order(one)
    told = []
    for step in (0, 5, 3600, 24 * 3600, -48 * 3600, 60):
        one.clock.move(timedelta(seconds=step))
        due = payment_attempts.update().values(next_check_at=one.clock.now())
        await one.db.write(lambda tx, due=due: tx.execute(due) and None)
        await asyncio.gather(poll(one), poll(two))
        await _sent(one)
        told.append(await _alerts(one))
    assert told == [1, 1, 1, 2, 3, 3]


async def test_a_bank_that_is_down_is_no_refused_token(sqlite_shop: Shop) -> None:
    """Silence, or an answer: nobody is told about the token."""
    shop = sqlite_shop
    bank = await builders.with_khqr(shop)
    await builders.worker(shop, Role.OWNER)
    await builders.khqr_order(shop)
    for answer in (Unknown("timeout"), Unknown("http 500"), NotFound()):
        bank.otherwise = answer
        shop.clock.move(timedelta(seconds=5))
        assert await poll(shop) == 1
    assert await _alerts(shop) == 0


@pytest.mark.parametrize("kind", ["401", "403"])
async def test_every_way_a_bank_refuses(sqlite_shop: Shop, kind: str) -> None:
    """401 with the bank's own code and a bare 403: both are the token's, and the customer hears of a silent bank."""
    shop = sqlite_shop
    await builders.with_khqr(shop)
    await builders.worker(shop, Role.OWNER)
    order, _ = await builders.khqr_order(shop)
    far, root = Bank(tokens={"made-up"}, emails=set(), accounts=set()), web.Application()
    root.add_subapp("/bakong", far.app)
    async with TestServer(root) as server:
        bank = shop.bank = Bakong(str(server.make_url("/bakong")), "made-up")
        far.fault(kind, 5)
        after = await fulfilment.ask_bank(shop, await builders.customer(shop), order.id)
        await bank.close()
    assert after.payment_status is PaymentStatus.UNPAID
    assert not await fulfilment.bank_answers(shop, after)
    assert await _alerts(shop) == 1


@pytest.mark.parametrize("language", ["en", "km"])
def test_the_sentence_names_what_to_do(language: str) -> None:
    """The alert is a sentence of its own in both languages."""
    said = staff.alert(translator(language), {"metric": "bank_token", "level": "critical"}).text
    assert said == translator(language)("alert.bank_token")
