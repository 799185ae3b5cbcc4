"""An update that comes a second time, as it does when the process died before it was marked done."""

import json

from bot import taps
from core.carts import service as carts
from tests.support import builders
from tests.support.talk import DARA, Talk


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
