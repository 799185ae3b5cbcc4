"""How many units wait in the basket stands on the button that leads there, on the front and below a product."""

import pytest
from sqlalchemy import Connection, Engine, event

from bot import taps
from core.i18n import Translator, translator
from tests.support import builders
from tests.support.talk import BOPHA, DARA, Talk, keys


@pytest.mark.parametrize(("person", "t"), [(DARA, translator("en")), (BOPHA, translator("km"))])
async def test_the_cart_button_counts(talk: Talk, person: int, t: Translator) -> None:
    """Nothing for an empty basket; units, not lines; what is bought at once and what others keep does not count."""
    who = await builders.customer(talk.shop, person)
    rose, mint = await builders.product(talk.shop), await builders.product(talk.shop, sku="MINT-1")
    other = DARA if person == BOPHA else BOPHA
    theirs = (await talk.say(other, "/start"))[-1]["message_id"]
    await talk.tap(other, theirs, taps.AddToCart(rose))
    await builders.cart(talk.shop, who, (rose, 1))
    front = (await talk.say(person, "/start"))[-1]
    await talk.tap(person, front["message_id"], taps.Speak(t.language, 0))
    assert keys(talk.message(person, front["message_id"]))[t("button.cart")] == taps.OpenCart().pack()
    for units, variant in enumerate((rose, rose, mint), 1):
        await talk.tap(person, front["message_id"], taps.AddToCart(variant))
        shown = keys(talk.message(person, front["message_id"]))
        assert shown[t("button.cart_of", count=units)] == taps.OpenCart().pack()
    await talk.tap(person, front["message_id"], taps.Home())
    assert f"{t('button.cart')} (3)" in keys(talk.message(person, front["message_id"]))
    await talk.tap(person, front["message_id"], taps.OpenCart())
    shown = keys(talk.message(person, front["message_id"]))
    await talk.tap(person, front["message_id"], shown[t("button.checkout")])
    shown = keys(talk.message(person, front["message_id"]))
    await talk.tap(person, front["message_id"], shown[t("button.pay_cod")])
    assert t("button.cart") in keys((await talk.say(person, "/start"))[-1])


async def test_what_was_just_added_is_not_counted_again(sqlite_talk: Talk) -> None:
    """Who adds has the basket at hand: nothing sums it up; the front asks once."""
    talk = sqlite_talk
    await builders.customer(talk.shop, DARA)
    rose, asked = await builders.product(talk.shop), list[str]()
    front = (await talk.say(DARA, "/start"))[-1]["message_id"]

    def note(_tx: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    counted = []
    for tap in (taps.AddToCart(rose), taps.OpenProduct(0, rose), taps.Home()):
        asked.clear()
        await talk.tap(DARA, front, tap)
        counted.append(sum("sum(cart_lines.quantity)" in one for one in asked))
    event.remove(Engine, "before_cursor_execute", note)
    assert counted == [0, 1, 1]


async def test_a_product_is_one_look_into_the_database(sqlite_talk: Talk) -> None:
    """Kept, waited for, how full the basket is: one transaction tells, also of what is sold out; a shelf needs none."""
    talk = sqlite_talk
    await builders.customer(talk.shop, DARA)
    rose, gone = await builders.product(talk.shop), await builders.product(talk.shop, 0, sku="GONE-1")
    front, looks = (await talk.say(DARA, "/start"))[-1]["message_id"], list[int]()
    shelf = next(iter((await talk.shop.catalogue.now()).categories))
    begun: list[object] = []

    def note(tx: Connection) -> None:
        begun.extend([tx] * (tx.exec_driver_sql("PRAGMA query_only").scalar_one()))

    event.listen(Engine, "begin", note)
    for tap in (taps.OpenProduct(0, rose), taps.OpenProduct(0, gone), taps.OpenCategory(shelf, 0)):
        begun.clear()
        await talk.tap(DARA, front, tap)
        looks.append(len(begun))
    event.remove(Engine, "begin", note)
    assert looks == [1, 1, 0]
