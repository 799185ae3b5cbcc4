"""The bank's link comes after the QR: it is asked for once, and the card is edited when it comes."""

import asyncio
from datetime import timedelta

from core.config import Config
from core.database.tables import outbox
from core.fulfilment import links
from core.messages.rules import MessageKind
from core.payments import store as payments
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders


async def test_the_card_is_edited_when_the_link_comes(shop: Shop) -> None:
    """The link is kept with the QR, and the customer's card is owed, once, after the tap had time to draw it."""
    await builders.with_khqr(shop)
    order, _ = await builders.khqr_order(shop)
    await shop.db.write(lambda tx: tx.execute(outbox.delete()) and None)
    assert [await links.ask_links(shop) for _ in range(2)] == [1, 0]
    assert (await builders.attempts(shop, order))[0].deeplink == "https://bank.invalid/MADAM DA"
    assert await builders.owed(shop) == [(1001, MessageKind.ORDER_CARD)]


async def test_a_link_is_asked_for_once_by_all(config: Config, open_shop: OpenShop) -> None:
    """Two processes at once ask for one link; for a QR that was replaced, and without a bank, none."""
    one, two = await open_shop(config), await open_shop(config)
    two.bank = bank = await builders.with_khqr(one)
    order, attempt = await builders.khqr_order(one)
    bank.can_check = False
    assert await links.ask_links(one) == 0
    bank.can_check = True
    await one.db.write(lambda tx: payments.write(tx, attempt, state="superseded"))
    assert await links.ask_links(one) == 0
    await one.db.write(lambda tx: payments.write(tx, attempt, state="pending"))
    assert sum(await asyncio.gather(links.ask_links(one), links.ask_links(two))) == 1
    assert (await builders.attempts(one, order))[0].deeplink


async def test_a_qr_that_is_over_gets_no_link(sqlite_shop: Shop) -> None:
    """Nobody could use it; its successor is asked for again."""
    shop = sqlite_shop
    await builders.with_khqr(shop)
    await builders.khqr_order(shop)
    shop.clock.move(timedelta(minutes=5))
    assert await links.ask_links(shop) == 0
