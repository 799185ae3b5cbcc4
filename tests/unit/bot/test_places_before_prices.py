"""The first price of a process: the list of places it needs is not read while a transaction waits for it."""

import json

from bot import taps
from tests.support import builders
from tests.support.talk import DARA, Talk, said
from tests.support.unread import unread


async def test_the_first_review_of_a_process(sqlite_talk: Talk) -> None:
    """A basket is looked at by the very first update: read in a thread of its own, where no transaction runs."""
    talk = sqlite_talk
    dara, rose = await builders.customer(talk.shop, DARA), await builders.product(talk.shop)
    cart = await builders.cart(talk.shop, dara, (rose, 1))
    front = (await talk.say(DARA, "/start"))[-1]["message_id"]
    talk.sandbox.people.tap(DARA, DARA, front, taps.OpenReview(cart).pack())
    (update,) = await talk.arrived()
    with unread() as threads:
        assert await talk.dispatch.work(json.loads(json.dumps(update)))
    assert "$13.50" in said(talk.message(DARA, front))
    assert [thread.startswith("asyncio_") for thread in threads] == [True]
