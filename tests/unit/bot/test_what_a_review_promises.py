"""The review tells what waits: how long a KHQR payment keeps the goods, and when somebody answers."""

from datetime import timedelta

from bot import taps
from core.settings import service as settings
from tests.support import builders
from tests.support.talk import DARA, Talk, said


async def _review(talk: Talk) -> str:
    """What the review of one serum says to Dara."""
    dara = await builders.customer(talk.shop, DARA)
    cart = await builders.cart(talk.shop, dara, (await builders.product(talk.shop, sku=f"R-{dara.id}"), 1))
    front = (await talk.say(DARA, "/start"))[-1]["message_id"]
    await talk.tap(DARA, front, taps.OpenReview(cart))
    return said(talk.message(DARA, int(front)))


async def test_the_hold_and_its_time(sqlite_talk: Talk) -> None:
    """Where KHQR is offered the review says for how long, as the shop has set it; where it is not, nothing."""
    assert "are kept for" not in await _review(sqlite_talk)
    await builders.with_khqr(sqlite_talk.shop, khqr_hold_minutes=25)
    await sqlite_talk.shop.refresh()
    (front,) = (await sqlite_talk.say(DARA, "/start"))[-1:]
    await sqlite_talk.tap(DARA, front["message_id"], taps.OpenReview(1))
    assert "kept for 25 minutes" in said(sqlite_talk.message(DARA, front["message_id"]))


async def test_outside_the_hours(sqlite_talk: Talk) -> None:
    """At ten in the morning nothing; at ten at night, before a holiday, when the shop answers, in its own time."""
    shop = sqlite_talk.shop
    assert "🌙" not in await _review(sqlite_talk)
    await settings.change(shop.db, shop.clock, "holidays", "2026-11-22", None)
    shop.clock.move(timedelta(hours=12))
    (front,) = (await sqlite_talk.say(DARA, "/start"))[-1:]
    await sqlite_talk.tap(DARA, front["message_id"], taps.OpenReview(1))
    assert "we answer from 23 Nov 08:00" in said(sqlite_talk.message(DARA, front["message_id"]))
