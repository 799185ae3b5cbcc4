"""How many calls of the Bot API a purchase costs, counted at the sandbox, beside the fewest the flow allows."""

from collections import Counter
from datetime import timedelta

import pytest

from bot import taps
from bot.outbox import Outbox
from core.people import service as people
from tests.support import builders
from tests.support.talk import DARA, STAFF_GROUP, Talk, keys


@pytest.mark.parametrize(
    ("label", "most"),
    [("Cash on delivery", {"answerCallbackQuery": 2, "edit": 2, "send": 1}),
     ("Pay with KHQR", {"answerCallbackQuery": 2, "edit": 2})],
)  # fmt: skip
async def test_from_a_product_to_the_order(sqlite_talk: Talk, label: str, most: dict[str, int]) -> None:
    """Two taps are two edits and two answers, and one card for the counter once there is work: no call beside those."""
    talk, shop = sqlite_talk, sqlite_talk.shop
    await builders.with_khqr(shop, staff_chat_id=STAFF_GROUP)
    dara, rose = await builders.customer(shop, DARA), await builders.product(shop)
    await people.speak(shop, dara, "en")
    (shown,) = (await talk.say(DARA, f"/start p_{rose}"))[-1:]
    number, outbox = shown["message_id"], Outbox(shop, talk.show, "test", lambda _chat: 0.0)
    talk.calls()
    await talk.tap(DARA, number, taps.BuyNow(rose))
    await talk.tap(DARA, number, keys(talk.message(DARA, number))[label])
    await outbox.send_due()
    shop.clock.move(timedelta(seconds=3))  # by then the outbox has looked whether the tap's own edit arrived
    await outbox.send_due()
    assert Counter(name[:4] if name.startswith(("edit", "send")) else name for name in talk.calls()) == most
