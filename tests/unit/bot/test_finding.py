"""A typed line that answers no question is a search: results, pages, nothing found, an earlier search."""

from datetime import timedelta

import pytest

from bot.taps import AddToCart, OpenCart, OpenCategory, OpenProduct, OpenResult, TurnResults
from core.catalog.rules import PAGE
from core.i18n import translator
from core.people import service as people
from tests.support import builders
from tests.support.talk import BOPHA, DARA, Talk, keys, said


async def test_a_typed_line_is_a_search(talk: Talk) -> None:
    """Mistyped, in Khmer and in Latin letters for it: the product with its price, one tap from its page."""
    await builders.product(talk.shop)
    for line in ("rsoe", "សេរ៉ូម", "sérum", "serom"):
        (answer,) = await talk.say(DARA, line)
        assert said(answer) == f"🔎 {line}"
        assert list(keys(answer)) == ["Rose Serum ROSE-30 · $12.00", "⌂ Shop"]
    await talk.tap(DARA, answer["message_id"], keys(answer)["Rose Serum ROSE-30 · $12.00"])
    assert "Rose Serum" in said(talk.message(DARA, answer["message_id"]))


async def test_nothing_found_offers_the_shelves(sqlite_talk: Talk) -> None:
    """In the reader's language, with what was typed escaped; the shelves below. No words at all are not understood."""
    await builders.product(sqlite_talk.shop)
    await sqlite_talk.say(BOPHA, "/start")
    (answer,) = await sqlite_talk.say(BOPHA, "<b>qqq</b>")
    assert said(answer) == translator("km")("search.nothing", line="{}").replace("<b>{}</b>", "<b>qqq</b>")
    assert list(keys(answer)) == ["ស្បែក", "⌂ ហាង"]
    (answer,) = await sqlite_talk.say(BOPHA, "🌹")
    assert said(answer) == translator("km")("errors.not_understood")


async def test_pages_are_turned(talk: Talk) -> None:
    """Forty-one candles: three pages, forth and back, also for a process that starts in between."""
    for number in range(PAGE * 2 + 1):
        await builders.product(talk.shop, sku=f"C{number}", name_en=f"Candle {number}")
    (answer,) = await talk.say(DARA, "candles")
    card = answer["message_id"]
    assert (len(keys(answer)), said(answer)) == (PAGE + 2, "🔎 candles · 1/3")
    await talk.tap(DARA, card, keys(answer)["›"])
    talk.shop.seen.clear()
    second = talk.message(DARA, card)
    assert (said(second), len(keys(second))) == ("🔎 candles · 2/3", PAGE + 3)
    await talk.tap(DARA, card, keys(second)["›"])
    assert (said(talk.message(DARA, card)), len(keys(talk.message(DARA, card)))) == ("🔎 candles · 3/3", 3)
    await talk.tap(DARA, card, keys(second)["‹"])
    assert said(talk.message(DARA, card)) == "🔎 candles · 1/3"


async def test_back_leads_to_the_results(talk: Talk) -> None:
    """From a product of the second page back to that page, also after the basket, another size, and a restart."""
    for number in range(PAGE + 1):
        last = await builders.product(talk.shop, sku=f"C{number}", name_en=f"Candle {number}")
    large = await builders.another_variant(talk.shop, last, "C-XL", 3000, name_en="XL", name_km="ធំ")
    (first,) = await talk.say(DARA, "candle")
    card = first["message_id"]
    await talk.tap(DARA, card, keys(first)["›"])
    results = talk.message(DARA, card)
    opened = next(value for value in keys(results).values() if value.startswith(OpenResult.prefix))
    await talk.tap(DARA, card, opened)
    for tap in (AddToCart(large), OpenProduct(0, large)):
        talk.shop.seen.clear()
        await talk.tap(DARA, card, tap)
    assert "$30.00" in said(talk.message(DARA, card))
    await talk.tap(DARA, card, keys(talk.message(DARA, card))["‹ Back"])
    assert talk.message(DARA, card)["reply_markup"] == results["reply_markup"]
    assert said(talk.message(DARA, card)) == "🔎 candle · 2/2"


async def test_back_leads_to_the_page_of_the_shelf(sqlite_talk: Talk) -> None:
    """From a product of a shelf's second page, or one that was opened by a link, back to the page where it stands."""
    talk = sqlite_talk
    shelf = await builders.shelf_of(talk.shop, PAGE + 1)
    (front,) = (await talk.say(DARA, "/start"))[-1:]
    await talk.tap(DARA, front["message_id"], OpenCategory(shelf, 1))
    (last,) = [v for v in keys(talk.message(DARA, front["message_id"])).values() if v.startswith("p:")]
    await talk.tap(DARA, front["message_id"], last)
    assert keys(talk.message(DARA, front["message_id"]))["‹ Back"] == OpenCategory(shelf, 1).pack()


async def test_a_line_after_a_search_is_a_search(sqlite_talk: Talk) -> None:
    """What was found stands to be come back to, but asks nothing: a tap closes no question, a line searches."""
    talk = sqlite_talk
    await builders.product(talk.shop)
    (first,) = await talk.say(DARA, "rose")
    assert not (await people.arrive(talk.shop, DARA, "Dara")).asked
    await talk.tap(DARA, first["message_id"], OpenCart())
    (second,) = await talk.say(DARA, "serum")
    assert said(second) == "🔎 serum"
    await talk.tap(DARA, second["message_id"], TurnResults(0, 0))
    assert "Welcome" in said(talk.message(DARA, second["message_id"]))


@pytest.mark.parametrize("then", ["another", "asked"])
async def test_an_earlier_search_is_not_turned(sqlite_talk: Talk, then: str) -> None:
    """Its pages are not mixed with those of the next search; once something else was asked the front is shown."""
    talk = sqlite_talk
    for number in range(PAGE + 1):
        await builders.product(talk.shop, sku=f"C{number}", name_en=f"Candle {number}", name_km="ទៀន")
    (first,) = await talk.say(DARA, "candle")
    talk.shop.clock.move(timedelta(seconds=1))
    if then == "another":
        await talk.say(DARA, "ទៀន")
    else:
        await people.ask(talk.shop, await builders.customer(talk.shop, DARA), "phone", cart_id=1)
    answer = await talk.tap(DARA, first["message_id"], keys(first)["›"])
    assert (answer["text"], answer["show_alert"]) == (translator("en")("errors.search_gone"), True)
    assert "Welcome" in said(talk.message(DARA, first["message_id"]))


async def test_anothers_search(sqlite_talk: Talk) -> None:
    """A forged stamp turns nothing of somebody else's search."""
    talk = sqlite_talk
    dara = await builders.customer(talk.shop, DARA)
    asked = await people.ask(talk.shop, dara, "search", line="secret")
    (front,) = (await talk.say(BOPHA, "/start"))[-1:]
    answer = await talk.tap(BOPHA, front["message_id"], TurnResults(asked.stamp, 0))
    assert answer["text"] == translator("km")("errors.search_gone")


async def test_a_question_comes_before_a_search(sqlite_talk: Talk) -> None:
    """While a phone is asked for, a typed line is its answer."""
    talk = sqlite_talk
    await builders.product(talk.shop)
    dara = await builders.customer(talk.shop, DARA)
    await people.ask(talk.shop, dara, "phone", cart_id=1)
    (answer,) = await talk.say(DARA, "rose")
    assert said(answer) == translator("en")("errors.phone_invalid")
