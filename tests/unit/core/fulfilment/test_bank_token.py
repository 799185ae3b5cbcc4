"""A token that the bank refuses: the admins hear of it once a day, in their language; customers as of a silent bank."""

import asyncio
import io
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

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
from core.logs import close_logs, open_logs
from core.messages.rules import MessageKind
from core.orders.rules import Order, PaymentStatus
from core.payments.bakong import Bakong
from core.payments.rules import UNAUTHORIZED, NotFound, Unknown
from core.people.rules import Role
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders
from tests.support.patience import PATIENCE

DAY = timedelta(days=1)
OLD, EMAIL = "made-up-old-token", "owner@example.com"


class Far(NamedTuple):
    """A shop with an order that waits for its payment, and the bank's emulator on the shop's clock."""

    shop: Shop
    bank: Bank
    url: str
    order: Order


@pytest.fixture
async def far(sqlite_shop: Shop) -> AsyncIterator[Far]:
    """They speak over real HTTP; the owner hears what there is to hear."""
    shop = sqlite_shop
    await builders.with_khqr(shop)
    await builders.worker(shop, Role.OWNER)
    order, _ = await builders.khqr_order(shop)
    clock = shop.clock
    bank = Bank(tokens={OLD}, emails={EMAIL}, accounts={builders.ACCOUNT}, clock=lambda: clock.now().timestamp())
    root = web.Application()
    root.add_subapp("/bakong", bank.app)
    async with TestServer(root) as server:
        yield Far(shop, bank, str(server.make_url("/bakong")), order)


def _client(far: Far, email: str = "") -> Bakong:
    """The shop's client with the old token, as patient as a test, on the shop's clock."""
    clock = far.shop.clock
    made = far.shop.bank = Bakong(
        far.url, OLD, email=email, timeout=PATIENCE, clock=lambda: clock.now().timestamp()
    )  # fmt: skip
    return made


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
async def test_every_way_a_bank_refuses(far: Far, kind: str) -> None:
    """401 with the bank's own code and a bare 403: both are the token's, and the customer hears of a silent bank."""
    shop, order = far.shop, far.order
    bank = _client(far)
    far.bank.fault(kind, 5)
    after = await fulfilment.ask_bank(shop, await builders.customer(shop), order.id)
    await bank.close()
    assert after.payment_status is PaymentStatus.UNPAID
    assert not await fulfilment.bank_answers(shop, after)
    assert await _alerts(shop) == 1


async def test_a_token_of_before_the_renewal_is_renewed_again(far: Far) -> None:
    """A restart begins with the old token, which the bank refuses by now: a new one, the answer, and no alert."""
    shop, bank, *_ = far
    bank.expire_tokens()
    for _ in range(2):
        client = _client(far, EMAIL)
        shop.clock.move(timedelta(seconds=5))
        before = bank.calls
        assert await poll(shop) == 1
        assert bank.calls - before == 3
        assert await fulfilment.bank_answers(shop, far.order)
        await client.close()
    assert await _alerts(shop) == 0


async def test_without_the_e_mail_the_admins_hear_once_a_day(far: Far) -> None:
    """Nobody to renew it for: refused all day, one alert; a day later another."""
    shop, bank, *_ = far
    bank.expire_tokens()
    client, told = _client(far), []
    for hours in (0, 1, 12, 11):
        shop.clock.move(timedelta(hours=hours))
        await poll(shop)
        await _sent(shop)
        told.append(await _alerts(shop))
    assert told == [1, 1, 1, 2]
    await client.close()


@pytest.mark.usefixtures("as_before")
async def test_no_secret_is_in_the_log_of_a_payment(far: Far, tmp_path: Path) -> None:
    """Ordered, refused, renewed, broken, cut off, paid, every line written: no token, old or new, and no e-mail.

    Not before the log's own filter either, which would take the bank's tokens out.
    """
    shop, bank, *_ = far
    open_logs(tmp_path, "DEBUG")
    unfiltered = io.StringIO()
    logging.getLogger().addHandler(logging.StreamHandler(unfiltered))
    client = _client(far, EMAIL)
    for kind in ("401", "403", "429", "500", "garbage", "down", "cannot_connect"):
        bank.fault(kind)
        shop.clock.move(timedelta(seconds=5))
        await poll(shop)
    bank.pay((await builders.attempts(shop, far.order))[0].payload)
    shop.clock.move(timedelta(seconds=5))
    await poll(shop)
    logging.getLogger("core").error("what broke: %r %r", client, vars(client), exc_info=RuntimeError(repr(client)))
    await client.close()
    close_logs()
    written = (tmp_path / "app.log").read_text("utf-8") + (tmp_path / "security.log").read_text("utf-8")
    assert (await builders.read(shop, far.order)).payment_status is PaymentStatus.PAID
    assert "what broke" in written
    assert "renewed the token" in written
    assert not [secret for secret in (OLD, EMAIL, *bank.tokens) if secret in written + unfiltered.getvalue()]


@pytest.mark.parametrize("language", ["en", "km"])
def test_the_sentence_names_what_to_do(language: str) -> None:
    """The alert is a sentence of its own in both languages."""
    said = staff.alert(translator(language), {"metric": "bank_token", "level": "critical"}).text
    assert said == translator(language)("alert.bank_token")
