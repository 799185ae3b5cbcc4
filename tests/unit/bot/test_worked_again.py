"""An update that comes a second time, as it does when the process died before it was marked done."""

import json

import pytest

from bot import taps
from bot.outbox import Outbox
from core.carts import service as carts
from core.checkout import service as checkout
from core.checkout.service import Wish
from core.database.tables import holds, orders, payment_attempts, promo_uses
from core.messages import store as messages
from core.messages.rules import MessageKind, MessageRef
from core.orders.rules import PaymentMethod
from tests.support import builders
from tests.support.talk import DARA, STAFF_GROUP, Talk, said


async def test_a_tap_on_add_worked_again_adds_nothing(sqlite_talk: Talk) -> None:
    """The very same update is worked twice: one unit in the basket, and both times the person hears of one."""
    talk = sqlite_talk
    rose = await builders.product(talk.shop)
    dara = await builders.customer(talk.shop)
    (message,) = await talk.say(DARA, "/cart")
    talk.sandbox.people.tap(DARA, DARA, message["message_id"], taps.AddToCart(rose).pack())
    (update,) = await talk.arrived()
    for _ in range(2):
        assert await talk.dispatch.work(json.loads(json.dumps(update)))
    basket = await carts.basket(talk.shop, dara)
    assert basket is not None
    assert [line.quantity for line in basket.lines] == [1]


async def _paying(talk: Talk, method: PaymentMethod) -> tuple[Wish, taps.PlaceOrder]:
    """Dara stands before the review of one serum, with a code typed and her points on it; what pressing means."""
    shop = talk.shop
    await builders.with_khqr(shop, staff_chat_id=STAFF_GROUP)
    await builders.promo(shop, use_limit=1)
    dara, rose = await builders.customer(shop, DARA), await builders.product(shop)
    await builders.give_points(shop, dara, 300)
    cart = await builders.cart(shop, dara, (rose, 1))
    await builders.type_promo(shop, dara, cart, "ROSE10")
    await checkout.spend_points(shop, dara, cart, spend=True)
    front = (await talk.say(DARA, "/start"))[-1]["message_id"]
    await talk.tap(DARA, front, taps.OpenReview(cart))
    total = (await checkout.review(shop, dara, cart)).total.amount
    card = MessageRef(DARA, front, has_photo=True)
    return Wish(cart, method, total, card), taps.PlaceOrder(cart, method, total)


async def _one_order(talk: Talk, wish: Wish) -> None:
    """Hold that there is one order, which took code, points and goods once, and whose card stands where was pressed."""
    shop = talk.shop
    await Outbox(shop, talk.show, "test", lambda _chat: 0.0).send_due()
    row = await shop.db.read(lambda tx: tx.execute(orders.select()).one())
    assert (row.number, row.promo_code, row.points_used, row.total) == ("MD00001", "ROSE10", 300, wish.total)
    assert await builders.count(shop, promo_uses) == await builders.count(shop, holds) == 1
    assert await builders.count(shop, payment_attempts) == (wish.method is PaymentMethod.KHQR)
    assert len(talk.messages(STAFF_GROUP)) == (wish.method is PaymentMethod.COD)
    assert wish.card is not None
    shown = [m["message_id"] for m in talk.messages(DARA) if "MD00001" in said(m)]
    assert len(shown) == 1
    assert (
        await shop.db.read(messages.standing, MessageKind.ORDER_CARD, MessageRef(DARA, shown[0], has_photo=True)) == 1
    )
    await builders.sound(shop)


@pytest.mark.parametrize("method", PaymentMethod)
async def test_an_order_whose_update_is_worked_again(talk: Talk, method: PaymentMethod) -> None:
    """The very same press, three times: one order, the same answer and the same card each time."""
    wish, tap = await _paying(talk, method)
    assert wish.card is not None
    talk.sandbox.people.tap(DARA, DARA, wish.card.message_id, tap.pack())
    (update,) = await talk.arrived()
    for _ in range(3):
        assert await talk.dispatch.work(json.loads(json.dumps(update)))
    await _one_order(talk, wish)


@pytest.mark.parametrize("method", PaymentMethod)
async def test_killed_between_the_commit_and_the_answer(talk: Talk, method: PaymentMethod) -> None:
    """The order is committed and nothing is said; the next life works the update: the order's card, and no second."""
    wish, tap = await _paying(talk, method)
    assert wish.card is not None
    await checkout.place(talk.shop, await builders.customer(talk.shop, DARA, province=""), wish)
    answer = await talk.tap(DARA, wish.card.message_id, tap)
    assert answer["text"]
    await _one_order(talk, wish)
