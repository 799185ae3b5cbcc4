"""A typed line that answers no question is a search: results, pages, nothing found, an earlier search."""

from datetime import timedelta

import pytest

from bot.taps import OpenProduct, TurnResults
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
        assert said(answer) == f"🔎 {line} · 1/1"
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


@pytest.mark.parametrize("then", ["another", "gone"])
async def test_an_earlier_search_is_not_turned(sqlite_talk: Talk, then: str) -> None:
    """Its pages are not mixed with those of the next search; after going elsewhere the front says what to do."""
    talk = sqlite_talk
    for number in range(PAGE + 1):
        await builders.product(talk.shop, sku=f"C{number}", name_en=f"Candle {number}", name_km="ទៀន")
    (first,) = await talk.say(DARA, "candle")
    talk.shop.clock.move(timedelta(seconds=1))
    if then == "another":
        await talk.say(DARA, "ទៀន")
    else:
        await talk.tap(DARA, first["message_id"], OpenProduct(1, 0))
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
