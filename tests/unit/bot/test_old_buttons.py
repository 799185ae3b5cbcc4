"""Buttons from an earlier time: no dead end, and no order's card lost to one."""

from bot import taps
from bot.taps import Tap
from core.i18n import translator
from core.messages import store as messages
from core.messages.rules import MessageKind, MessageRef
from core.orders.rules import PaymentMethod
from tests.support import builders
from tests.support.talk import DARA, Talk, said

t = translator("en")


async def _message(talk: Talk) -> int:
    """A message of the bot's in Dara's chat."""
    return int((await talk.say(DARA, "/start"))[-1]["message_id"])


async def _tap(talk: Talk, message_id: int, tap: Tap) -> str:
    """What Dara was told."""
    return str((await talk.tap(DARA, message_id, tap)).get("text", ""))


async def test_a_dropped_cart_leads_back_to_the_shop(sqlite_talk: Talk) -> None:
    """Two messages with "Buy now": the older one's order button is refused, and the front is drawn, no review."""
    talk = sqlite_talk
    dara, rose = await builders.customer(talk.shop, DARA), await builders.product(talk.shop)
    old, new = await builders.cart(talk.shop, dara, (rose, 1)), await builders.cart(talk.shop, dara, (rose, 1))
    here = await _message(talk)
    assert await _tap(talk, here, taps.PlaceOrder(old, PaymentMethod.COD, 1350)) == t("errors.cart_dropped")
    assert t("home.text", shop="MADAM DA").splitlines()[-1] in said(talk.message(DARA, here))
    assert await _tap(talk, here, taps.PlaceOrder(new, PaymentMethod.COD, 1350)) == t("order.placed")


async def test_a_late_press_leaves_the_live_card(sqlite_talk: Talk) -> None:
    """A dropped cart's button, pressed before the message became another order's card and worked after: it stays."""
    talk = sqlite_talk
    dara, rose = await builders.customer(talk.shop, DARA), await builders.product(talk.shop)
    old, new = await builders.cart(talk.shop, dara, (rose, 1)), await builders.cart(talk.shop, dara, (rose, 1))
    here = await _message(talk)
    await _tap(talk, here, taps.PlaceOrder(new, PaymentMethod.COD, 1350))
    card = said(talk.message(DARA, here))
    assert "MD00001" in card
    assert await _tap(talk, here, taps.PlaceOrder(old, PaymentMethod.COD, 1350)) == t("errors.cart_dropped")
    assert said(talk.message(DARA, here)) == card


async def test_one_message_is_one_orders_card(sqlite_talk: Talk) -> None:
    """Who orders again in the same message has the newer order's card there; the older one's stands nowhere."""
    talk = sqlite_talk
    dara, rose = await builders.customer(talk.shop, DARA), await builders.product(talk.shop)
    here = await _message(talk)
    for number in (1, 2):
        cart = await builders.cart(talk.shop, dara, (rose, 1))
        await _tap(talk, here, taps.PlaceOrder(cart, PaymentMethod.COD, 1350))
        assert f"MD0000{number}" in said(talk.message(DARA, here))
    ref = MessageRef(DARA, here, has_photo=True)
    assert await talk.shop.db.read(messages.ref, DARA, MessageKind.ORDER_CARD, 1) is None
    assert await talk.shop.db.read(messages.ref, DARA, MessageKind.ORDER_CARD, 2) == ref
