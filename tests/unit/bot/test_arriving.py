"""Coming in by a link: to a product, a variant, a review; the language first; gone, sold out, forged; thanks."""

import pytest
from sqlalchemy import select, update

from bot.taps import BuyNow, Speak
from core.database.tables import people
from core.doors import Door, Goal
from core.i18n import translator
from core.people import service as people_service
from core.points import service as points
from core.shop import Shop
from tests.support import builders
from tests.support.talk import BOPHA, DARA, Json, Talk, keys, said

EN, KM = translator("en"), translator("km")


async def _known(shop: Shop, telegram_id: int = DARA, language: str = "en") -> None:
    """Somebody who chose a language and has phone and address."""
    person = await builders.customer(shop, telegram_id)
    await people_service.speak(shop, person, language)


async def _two_sizes(shop: Shop) -> tuple[int, int, int]:
    """A product in two sizes; returns its id and theirs, the dearer one last."""
    small = await builders.product(shop)
    large = await builders.another_variant(shop, small, "ROSE-50", 2000, name_en="50 ml", name_km="៥០ មល")
    return (await shop.catalogue.now()).by_variant[small], small, large


async def _follow(talk: Talk, person: int, payload: str) -> Json:
    """Open a link; returns the newest message that came."""
    return (await talk.say(person, f"/start {payload}"))[-1]


async def _brought_by(shop: Shop, telegram_id: int) -> int | None:
    """Who is remembered as having brought somebody."""
    asked = select(people.c.referrer_id).where(people.c.telegram_id == telegram_id)
    return await shop.db.read(lambda tx: tx.execute(asked).scalar_one())


async def test_a_link_opens_the_product_at_the_variant(talk: Talk) -> None:
    """``p_`` quotes the cheapest, ``v_`` the variant it names: its price, its mark, its buttons."""
    await _known(talk.shop)
    product, small, large = await _two_sizes(talk.shop)
    plain, chosen = await _follow(talk, DARA, f"p_{product}"), await _follow(talk, DARA, f"v_{large}")
    assert "$12.00" in said(plain)
    assert keys(plain)["Buy now"] == BuyNow(small).pack()
    assert "$20.00" in said(chosen)
    assert keys(chosen)["Buy now"] == BuyNow(large).pack()
    assert "● 50 ml · $20.00" in keys(chosen)


async def test_a_link_leads_straight_to_the_review(talk: Talk) -> None:
    """``b_`` for somebody known: the review, one tap from the order; for somebody without a phone, its question."""
    await _known(talk.shop)
    rose = await builders.product(talk.shop)
    review = await _follow(talk, DARA, f"b_{rose}")
    assert "Check your order" in said(review)
    await talk.tap(DARA, review["message_id"], keys(review)["Cash on delivery"])
    assert "MD00001" in said(talk.message(DARA, review["message_id"]))
    await talk.say(BOPHA, "/start")
    await talk.tap(BOPHA, talk.messages(BOPHA)[-1]["message_id"], Speak("km", 0))
    assert said(await _follow(talk, BOPHA, f"b_{rose}")) == KM("ask.phone")


@pytest.mark.parametrize("goal", [Goal.PRODUCT, Goal.VARIANT, Goal.BUY])
async def test_the_language_first_then_on(talk: Talk, goal: Goal) -> None:
    """Somebody new is asked for the language in that message, and it goes on to where the link leads."""
    product, _, large = await _two_sizes(talk.shop)
    asked = await _follow(talk, BOPHA, Door(goal, product if goal is Goal.PRODUCT else large).payload)
    assert list(keys(asked)) == ["ភាសាខ្មែរ", "English"]  # their phone's language first
    await talk.tap(BOPHA, asked["message_id"], keys(asked)["ភាសាខ្មែរ"])
    newest = talk.messages(BOPHA)[-1]
    if goal is Goal.BUY:
        assert said(newest) == KM("ask.phone")
        return
    assert newest["message_id"] == asked["message_id"]
    assert "សេរ៉ូម" in said(newest)
    assert ("$20.00" in said(newest)) is (goal is Goal.VARIANT)


@pytest.mark.parametrize("language", ["en", "km"])
async def test_gone_sold_out_and_forged_links(sqlite_talk: Talk, language: str) -> None:
    """Each says so in the reader's language, and shows the way on: the product that is sold out, else the shop."""
    talk, t = sqlite_talk, translator(language)
    await _known(talk.shop, language=language)
    gone, none = await builders.product(talk.shop), await builders.product(talk.shop, units=0, sku="NONE")
    await builders.retire(talk.shop, gone)
    talk.shop.catalogue._all_dirty = True
    for payload, sentence in (
        (f"v_{gone}", "product_gone"), (f"b_{gone}", "product_gone"), ("p_999", "product_gone"),
        (f"b_{none}", "sold_out"), ("cheap-pills", "link_unknown"), ("p_1;--", "link_unknown"),
    ):  # fmt: skip
        screen = await _follow(talk, DARA, payload)
        assert said(screen).startswith(t(f"errors.{sentence}")), payload
        shown = talk.message(DARA, screen["message_id"])
        assert ("NONE" in said(shown)) is (sentence == "sold_out")
        assert (t("button.my_orders") in keys(shown)) is (sentence != "sold_out")


async def test_a_shared_link_thanks_its_sender(talk: Talk) -> None:
    """A new person who follows a product's link is the sender's friend, exactly as by the invitation."""
    shop = talk.shop
    dara, rose = await builders.customer(shop, DARA), await builders.product(shop)
    code = (await points.standing(shop, dara)).referral_code
    await _follow(talk, BOPHA, Door(Goal.BUY, rose, code).payload)
    assert await _brought_by(shop, BOPHA) == dara.id


async def test_nobody_is_thanked_for_themselves_or_the_old(talk: Talk) -> None:
    """One's own link, a made-up code, and a link opened by somebody who was here before: nobody is thanked."""
    shop = talk.shop
    dara, rose = await builders.customer(shop, DARA), await builders.product(shop)
    code = (await points.standing(shop, dara)).referral_code
    await _follow(talk, DARA, Door(Goal.VARIANT, rose, code).payload)
    await _follow(talk, BOPHA, Door(Goal.VARIANT, rose, "aaaaaaaaaa").payload)
    old = shop.clock.now() - 2 * points.NEW_FOR
    await shop.db.write(lambda tx: tx.execute(update(people).values(created_at=old)))
    await _follow(talk, BOPHA, Door(Goal.VARIANT, rose, code).payload)
    assert [await _brought_by(shop, one) for one in (DARA, BOPHA)] == [None, None]
