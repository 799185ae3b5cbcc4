"""A note to the shop: one line, asked for at the review, on the order and on the counter's card; or taken off."""

import pytest

from bot import taps
from bot.outbox import Outbox
from bot.taps import Tap
from core.database.tables import carts
from core.i18n import translator
from tests.support import builders
from tests.support.talk import BOPHA, DARA, STAFF_GROUP, Talk, keys, said

NOTE = "A gift <3 & no bill, please"


async def _at_review(talk: Talk) -> int:
    """Dara looks at the review of one serum, in the first cart there is; returns the message."""
    dara = await builders.customer(talk.shop, DARA)
    cart = await builders.cart(talk.shop, dara, (await builders.product(talk.shop), 1))
    front = (await talk.say(DARA, "/start"))[-1]["message_id"]
    await talk.tap(DARA, front, taps.OpenReview(cart))
    return int(front)


async def test_from_the_review_to_the_counter(talk: Talk) -> None:
    """Typed with spaces and signs, shown as it was typed at the review, on the order and at the counter."""
    await builders.with_khqr(talk.shop, staff_chat_id=STAFF_GROUP)
    await talk.tap(DARA, await _at_review(talk), taps.AskNote(1))
    assert said(talk.messages(DARA)[-1]) == translator("en")("ask.note")
    (review,) = await talk.say(DARA, f"  {NOTE}\n ")
    assert f"📝 {NOTE}" in said(review)
    await talk.tap(DARA, review["message_id"], keys(review)["Cash on delivery"])
    assert f"📝 {NOTE}" in said(talk.message(DARA, review["message_id"]))
    await Outbox(talk.shop, talk.show, "test", lambda _chat: 0.0).send_due()
    (card,) = talk.messages(STAFF_GROUP)
    assert f"📝 {NOTE}" in said(card)


async def test_taken_off(talk: Talk) -> None:
    """One tap takes it off: the order has none."""
    await talk.tap(DARA, await _at_review(talk), taps.AskNote(1))
    (review,) = await talk.say(DARA, NOTE)
    answer = await talk.tap(DARA, review["message_id"], keys(review)["✕ Note"])
    assert answer["text"] == translator("en")("review.note_dropped")
    plain = talk.message(DARA, review["message_id"])
    assert "📝" not in said(plain)
    await talk.tap(DARA, review["message_id"], keys(plain)["Cash on delivery"])
    assert "📝" not in said(talk.message(DARA, review["message_id"]))


@pytest.mark.parametrize(("line", "key"), [("🎁🎁", "text_empty"), ("…", "text_empty"), ("x" * 4_096, "text_too_long")])
async def test_an_odd_note(sqlite_talk: Talk, line: str, key: str) -> None:
    """Nothing in words, or a novel: a sentence, and the question stands for one that fits."""
    await sqlite_talk.tap(DARA, await _at_review(sqlite_talk), taps.AskNote(1))
    assert said((await sqlite_talk.say(DARA, line))[-1]) == translator("en")(f"errors.{key}", longest=200)
    assert f"📝 {NOTE}" in said((await sqlite_talk.say(DARA, NOTE))[-1])


@pytest.mark.parametrize("tap", [taps.AskNote(1), taps.DropNote(1)])
async def test_of_an_ordered_cart(sqlite_talk: Talk, tap: Tap) -> None:
    """Old buttons of an ordered cart ask for no note and take none off: they say what stands."""
    talk = sqlite_talk
    message = await _at_review(talk)
    await talk.tap(DARA, message, keys(talk.message(DARA, message))["Cash on delivery"])
    answer = await talk.tap(DARA, message, tap)
    assert answer["text"] == translator("en")("errors.cart_closed")
    assert "MD00001" in said(talk.message(DARA, message))


@pytest.mark.parametrize("tap", [taps.AskNote(1), taps.DropNote(1)])
async def test_anothers_cart(sqlite_talk: Talk, tap: Tap) -> None:
    """A forged tap for a cart that is not theirs asks nothing, and takes nothing off."""
    talk = sqlite_talk
    await _at_review(talk)
    await talk.tap(DARA, talk.messages(DARA)[-1]["message_id"], taps.AskNote(1))
    await talk.say(DARA, NOTE)
    (front,) = (await talk.say(BOPHA, "/start"))[-1:]
    answer = await talk.tap(BOPHA, front["message_id"], tap)
    assert answer["text"] == translator("km")("errors.cart_gone")
    rows = await talk.shop.db.read(lambda tx: tx.execute(carts.select()).all())
    assert [row.note for row in rows] == [NOTE]
