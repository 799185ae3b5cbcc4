"""The heart below a product, and the list behind it."""

from sqlalchemy import update

from bot import taps
from core import changes
from core.catalog.rules import PAGE
from core.database.tables import products
from core.i18n import translator
from core.shop import Shop
from tests.support import builders
from tests.support.talk import BOPHA, DARA, Json, Talk, keys, said

T = translator("en")


async def _opened(talk: Talk, person: int, variant: int) -> Json:
    """A product as somebody opened it from the front."""
    (front,) = (await talk.say(person, "/start"))[-1:]
    await talk.tap(person, front["message_id"], taps.OpenProduct(0, variant))
    talk.calls()
    return talk.message(person, front["message_id"])


async def _hide(shop: Shop, variant: int, *, active: bool) -> None:
    found = (await shop.catalogue.now()).by_variant.get(variant, 1)

    def write(tx: builders.Connection) -> None:
        tx.execute(update(products).where(products.c.id == found).values(active=active))
        changes.note(tx, "product", found)

    await shop.db.write(write)


async def test_one_tap_keeps_and_one_lets_go(talk: Talk) -> None:
    """♡ becomes ♥ in one edit and one answer; pressed twice it is kept once; ♥ lets go. Another's heart stays empty."""
    rose = await builders.product(talk.shop)
    card = await _opened(talk, DARA, rose)
    heart = keys(card)["♡"]
    for _ in range(2):
        answer = await talk.tap(DARA, card["message_id"], heart)
        assert answer["text"] == T("favourites.kept")
    assert sorted(talk.calls()) == ["answerCallbackQuery", "answerCallbackQuery", "editMessageCaption"]
    kept = talk.message(DARA, card["message_id"])
    assert "♡" not in keys(kept)
    assert "♡" in keys(await _opened(talk, BOPHA, rose))
    answer = await talk.tap(DARA, card["message_id"], keys(kept)["♥"])
    assert answer["text"] == T("favourites.dropped")
    assert "♡" in keys(talk.message(DARA, card["message_id"]))


async def test_found_again_from_the_front(talk: Talk) -> None:
    """From the front: price and what is sold out, the last kept first; into one and back to the list."""
    shop = talk.shop
    for sku, units in (("ROSE", 3), ("LILY", 0)):
        card = await _opened(talk, DARA, await builders.product(shop, units, sku=sku))
        await talk.tap(DARA, card["message_id"], keys(card)["♡"])
        shop.clock.move(builders.timedelta(seconds=1))
    (front,) = (await talk.say(DARA, "/start"))[-1:]
    number = front["message_id"]
    await talk.tap(DARA, number, taps.Home())
    await talk.tap(DARA, number, keys(talk.message(DARA, number))[T("button.favourites")])
    shown = talk.message(DARA, number)
    assert list(keys(shown)) == ["Rose Serum LILY · Sold out", "Rose Serum ROSE · $12.00", T("button.home")]
    await talk.tap(DARA, number, keys(shown)["Rose Serum ROSE · $12.00"])
    await talk.tap(DARA, number, keys(talk.message(DARA, number))["♥"])
    await talk.tap(DARA, number, keys(talk.message(DARA, number))[T("button.back")])
    assert list(keys(talk.message(DARA, number))) == ["Rose Serum LILY · Sold out", T("button.home")]


async def test_a_hidden_one_drops_out_quietly(sqlite_talk: Talk) -> None:
    """Hidden it is not on the list; a tap on the old list says so and shows the list as it is now; no heart for it."""
    talk = sqlite_talk
    rose = await builders.product(talk.shop)
    card = await _opened(talk, DARA, rose)
    await talk.tap(DARA, card["message_id"], keys(card)["♡"])
    (old,) = await talk.say(DARA, "/favourites")
    await _hide(talk.shop, rose, active=False)
    answer = await talk.tap(DARA, old["message_id"], next(iter(keys(old).values())))
    assert answer["text"] == T("errors.product_gone")
    assert said(talk.message(DARA, old["message_id"])) == T("favourites.none")
    answer = await talk.tap(DARA, card["message_id"], keys(card)["♡"])
    assert answer["text"] == T("errors.product_gone")
    assert T("button.favourites") in keys(talk.message(DARA, card["message_id"]))


async def test_pages_of_favourites(sqlite_talk: Talk) -> None:
    """Twenty-one are two pages, in the reader's language, and back from a product leads to its page."""
    talk = sqlite_talk
    for number in range(PAGE + 1):
        card = await _opened(talk, BOPHA, await builders.product(talk.shop, sku=f"C{number}"))
        await talk.tap(BOPHA, card["message_id"], keys(card)["♡"])
    (first,) = await talk.say(BOPHA, "/favourites")
    number, km = first["message_id"], translator("km")
    await talk.tap(BOPHA, number, keys(first)["›"])
    second = talk.message(BOPHA, number)
    assert said(second) == km.html("favourites.title", at=" · 2/2").striptags()
    await talk.tap(BOPHA, number, next(iter(keys(second).values())))
    await talk.tap(BOPHA, number, keys(talk.message(BOPHA, number))[km("button.back")])
    assert said(talk.message(BOPHA, number)) == said(second)
