"""Asking the bank: each QR once however many processes ask, within the budget, whatever it answers."""

import asyncio
from collections import Counter
from datetime import timedelta

from core.config import Config
from core.database.tables import orders, payment_attempts
from core.fulfilment import service as fulfilment
from core.fulfilment import settle
from core.fulfilment.polling import poll
from core.orders.rules import Move, PaymentMethod, Status
from core.payments import store as payments
from core.payments.rules import Unknown
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders
from tests.support.builders import ScriptedBank


def _asks(config: Config, per_second: float) -> Config:
    return config.model_copy(update={"bakong_per_second": per_second})


async def test_two_processes_ask_about_each_qr_once(config: Config, open_shop: OpenShop) -> None:
    """Two shops poll at the same moment: every due QR is asked about by one of them."""
    one, two = await open_shop(_asks(config, 50)), await open_shop(_asks(config, 50))
    banks = await builders.with_khqr(one), ScriptedBank()
    two.bank = banks[1]
    _, due = await builders.many_khqr_orders(one, 12)
    await asyncio.gather(poll(one), poll(two))
    assert Counter(banks[0].asked + banks[1].asked) == dict.fromkeys((attempt.md5 for attempt in due), 1)


async def test_the_budget_is_kept(config: Config, open_shop: OpenShop) -> None:
    """At five a second, twelve due QRs take three rounds, the longest waiting first; then nothing is due."""
    shop = await open_shop(_asks(config, 5))
    bank = await builders.with_khqr(shop)
    await builders.many_khqr_orders(shop, 12)
    assert [await poll(shop) for _ in range(4)] == [5, 5, 2, 0]
    assert len(set(bank.asked)) == 12
    shop.clock.move(timedelta(seconds=3))
    assert await poll(shop) == 5


async def test_fifty_payments_at_once(config: Config, open_shop: OpenShop) -> None:
    """The bank says "paid" fifty times in one round: fifty confirmed orders, at most twenty questions open at once."""
    shop = await open_shop(_asks(config, 50))
    bank = await builders.with_khqr(shop)
    _, due = await builders.many_khqr_orders(shop, 50)
    bank.answers = {attempt.md5: builders.money(attempt, shop.clock.now()) for attempt in due}
    assert await poll(shop) == 50
    assert bank.most_at_once <= 20
    assert await builders.count(shop, orders, orders.c.status == Status.CONFIRMED) == 50
    await builders.sound(shop)
    assert await poll(shop) == 0


async def test_a_claimed_question_comes_back_if_its_process_died(shop: Shop) -> None:
    """Claimed and never asked: after half a minute it is due again."""
    bank = await builders.with_khqr(shop)
    await builders.khqr_order(shop)
    await shop.db.write(payments.claim_due, shop.clock.now(), shop.clock.now() + timedelta(seconds=30), 5)
    assert await poll(shop) == 0
    shop.clock.move(timedelta(seconds=30))
    assert await poll(shop) == 1
    assert len(bank.asked) == 1


async def test_nobody_is_asked_without_a_bank(sqlite_shop: Shop) -> None:
    """A shop whose staff approve by hand asks nothing and claims nothing."""
    shop = sqlite_shop
    bank = await builders.with_khqr(shop)
    bank.can_check = False
    await builders.khqr_order(shop)
    assert await poll(shop) == 0
    assert await builders.count(shop, payment_attempts, payment_attempts.c.next_check_at == shop.clock.now()) == 1


async def test_button_and_poll_at_the_same_moment(shop: Shop) -> None:
    """The customer says "I have paid" five times while the poll asks too: confirmed once, paid once, told once."""
    bank = await builders.with_khqr(shop)
    order, attempt = await builders.khqr_order(shop)
    dara = await builders.customer(shop)
    bank.answers[attempt.md5] = builders.money(attempt, shop.clock.now())
    await asyncio.gather(poll(shop), *(fulfilment.ask_bank(shop, dara, order.id) for _ in range(5)))
    order = await builders.read(shop, order)
    assert (order.status, order.version) == (Status.CONFIRMED, 2)
    assert [kind for _, kind in await builders.owed(shop)].count("note_paid") == 1
    await builders.sound(shop)


async def test_cancel_and_payment_at_the_same_moment(shop: Shop) -> None:
    """Cancelled and paid at once: either paid and standing, or cancelled with a refund due; never neither."""
    bank = await builders.with_khqr(shop)
    rose, dara = await builders.product(shop, 20), await builders.customer(shop)
    for _ in range(6):
        order = await builders.order(shop, dara, rose, 1, PaymentMethod.KHQR)
        (attempt,) = await builders.attempts(shop, order)
        bank.answers[attempt.md5] = builders.money(attempt, shop.clock.now())
        cancel = fulfilment.move(shop, dara, order.id, Move.CANCEL, order.version)
        await asyncio.gather(cancel, settle.ask(shop, attempt), return_exceptions=True)
        after = await builders.read(shop, order)
        assert (after.status, after.payment_status) in {("confirmed", "paid"), ("cancelled", "refund_due")}
    await builders.sound(shop)


async def test_an_unclear_answer_keeps_the_pace(shop: Shop) -> None:
    """A bank that does not answer is asked again in time, not in a tight loop."""
    bank = await builders.with_khqr(shop)
    bank.otherwise = Unknown("timeout")
    await builders.khqr_order(shop)
    assert [await poll(shop) for _ in range(3)] == [1, 0, 0]


async def test_twenty_taps_are_one_question(config: Config, open_shop: OpenShop) -> None:
    """Twenty taps on "I have paid", at once and one after the other, to two processes: asked once; again after a pause.

    A bank that does not answer is asked no more often.
    """
    one, two = await open_shop(config), await open_shop(config)
    bank = two.bank = await builders.with_khqr(one)
    bank.otherwise = Unknown("timeout")
    order, _ = await builders.khqr_order(one)
    dara = await builders.customer(one)
    await asyncio.gather(*(fulfilment.ask_bank(shop, dara, order.id) for shop in (one, two) for _ in range(5)))
    for _ in range(10):
        await fulfilment.ask_bank(one, dara, order.id)
    assert len(bank.asked) == 1
    one.clock.move(timedelta(seconds=2))
    await fulfilment.ask_bank(one, dara, order.id)
    assert len(bank.asked) == 2
    assert await poll(one) == 0


async def test_a_fresh_qr_does_not_stand_behind_silence(config: Config, open_shop: OpenShop) -> None:
    """Twelve QRs that a bank is silent about are always due; a new one is asked about in the next round."""
    shop = await open_shop(_asks(config, 2))
    bank = await builders.with_khqr(shop)
    bank.otherwise = Unknown("timeout")
    _, old = await builders.many_khqr_orders(shop, 12)
    for _ in range(6):
        await poll(shop)
    shop.clock.move(timedelta(seconds=5))
    dara, mask = await builders.customer(shop), await builders.product(shop, sku="MASK-1")
    order = await builders.order(shop, dara, mask, 1, PaymentMethod.KHQR)
    (fresh,) = await builders.attempts(shop, order)
    bank.asked.clear()
    await poll(shop)
    assert fresh.md5 in bank.asked
    for _ in range(8):
        shop.clock.move(timedelta(seconds=5))
        await poll(shop)
    assert len({attempt.md5 for attempt in old} & set(bank.asked)) >= 6
