"""The first price of a process: the list of places it needs is not read while a transaction waits for it."""

import json

import pytest

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


async def test_who_needs_no_place_is_served_without_them(sqlite_talk: Talk, caplog: pytest.LogCaptureFixture) -> None:
    """The list cannot be read: that is logged, and whoever asks for help gets it."""
    talk = sqlite_talk
    await builders.customer(talk.shop, DARA)
    await talk.say(DARA, "/start")
    with unread(ValueError("not JSON")):
        assert "Write to" in said((await talk.say(DARA, "/help"))[-1])
    assert [record.getMessage() for record in caplog.records] == ["the list of places was not read"]
