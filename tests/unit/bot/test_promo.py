"""What makes it cheaper, in the chat: a promo code typed, shown and taken off again; points; an invitation."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot import taps
from bot.taps import AskPromo, DropPromo, SpendPoints
from core.database.tables import people
from core.i18n import translator
from core.people import service as people_service
from core.shop import Shop
from tests.support import builders
from tests.support.talk import BOPHA, DARA, Json, Talk, keys, said


async def _at_review(shop: Shop, talk: Talk) -> tuple[int, Json]:
    """Dara, with an address, stands before the review of one serum at $12.00; returns cart and message."""
    person, rose = await builders.customer(shop, DARA), await builders.product(shop)
    await people_service.say_phone(shop, person, builders.PHONE)
    (front,) = (await talk.say(DARA, "/start"))[-1:]
    await talk.tap(DARA, front["message_id"], taps.BuyNow(rose))
    review = talk.message(DARA, front["message_id"])
    packed = next(value for value in keys(review).values() if value.startswith(f"{AskPromo.prefix}:"))
    tap = taps.unpack(packed)
    assert isinstance(tap, AskPromo)
    return tap.cart_id, review


async def test_typed_and_taken_off(talk: Talk) -> None:
    """Asked, mistyped (said, and asked again by that), typed in small letters: ten percent off; one tap undoes it."""
    shop = talk.shop
    await builders.promo(shop)
    cart_id, review = await _at_review(shop, talk)
    assert "$13.50" in said(review)
    await talk.tap(DARA, review["message_id"], AskPromo(cart_id))
    assert said(talk.message(DARA, review["message_id"])) == "Write your promo code."

    (wrong,) = await talk.say(DARA, "rose11")
    assert said(wrong) == translator("en")("errors.promo_unknown")
    (priced,) = await talk.say(DARA, "rose10")
    assert "Discount ROSE10: -$1.20" in said(priced)
    assert "$12.30" in said(priced)

    await talk.tap(DARA, priced["message_id"], DropPromo(cart_id))
    plain = talk.message(DARA, priced["message_id"])
    assert "$13.50" in said(plain)
    assert "✕ ROSE10" not in keys(plain)


@pytest.mark.parametrize("tap", [AskPromo, DropPromo])
async def test_of_an_ordered_cart(sqlite_talk: Talk, tap: type[AskPromo]) -> None:
    """Old buttons of an ordered cart ask for no code and take none off: they say what stands."""
    talk = sqlite_talk
    cart_id, review = await _at_review(talk.shop, talk)
    pay = next(value for value in keys(review).values() if value.startswith("o:"))
    await talk.tap(DARA, review["message_id"], pay)
    answer = await talk.tap(DARA, review["message_id"], tap(cart_id))
    assert answer["show_alert"]
    assert "MD00001" in said(talk.message(DARA, review["message_id"]))


async def test_anothers_cart(sqlite_talk: Talk) -> None:
    """A forged tap for a cart that is not theirs shows them nothing of it."""
    talk = sqlite_talk
    cart_id, _ = await _at_review(talk.shop, talk)
    (front,) = (await talk.say(1002, "/start"))[-1:]
    for tap in (AskPromo(cart_id), DropPromo(cart_id), SpendPoints(cart_id, 1)):
        answer = await talk.tap(1002, front["message_id"], tap)
        assert answer["text"] == translator("km")("errors.cart_gone")


async def test_points_spent_and_kept(talk: Talk) -> None:
    """One tap spends what has a use, the next keeps it; the total says so before anything is paid."""
    shop = talk.shop
    await builders.give_points(shop, await builders.customer(shop, DARA), 320)
    cart_id, review = await _at_review(shop, talk)
    number = review["message_id"]
    assert "Use 320 points (−$3.20)" in keys(review)
    await talk.tap(DARA, number, SpendPoints(cart_id, 1))
    assert "$10.30" in said(talk.message(DARA, number))
    assert "✕ 320 points" in keys(talk.message(DARA, number))
    await talk.tap(DARA, number, SpendPoints(cart_id, 0))
    assert "$13.50" in said(talk.message(DARA, number))


async def test_my_points_and_an_invitation(sqlite_talk: Talk) -> None:
    """The balance in the reader's language; a friend who follows the link is remembered, one's own link is nothing."""
    talk = sqlite_talk
    shop = talk.shop
    shop.door = lambda payload: f"https://t.me/madam_da_bot?start={payload}"
    await builders.give_points(shop, await builders.customer(shop, DARA), 320, 30)
    (shown,) = await talk.say(DARA, "/points")
    assert "320 points" in said(shown)
    assert "$3.20" in said(shown)
    ends = (shop.clock.now() + timedelta(days=30)).astimezone(shop.config.zone)
    assert f" {ends.year}." in said(shown)  # a day without its year reads as this year's
    link = next(word for word in said(shown).split() if word.startswith("https://t.me/"))
    payload = link.partition("?start=")[2]
    await talk.say(DARA, f"/start {payload}")
    await talk.say(BOPHA, f"/start {payload}")
    rows = await shop.db.read(lambda tx: tx.execute(select(people.c.telegram_id, people.c.referrer_id)).all())
    brought = {row.telegram_id: row.referrer_id for row in rows}
    assert brought[DARA] is None
    assert brought[BOPHA] is not None
