"""An order entered through the bot for somebody who phoned; found again when they share their phone."""

from datetime import timedelta

import pytest

from bot import taps
from core.database.tables import addresses
from core.i18n import translator
from core.orders import store
from core.orders.rules import Order, PaymentMethod
from core.people import service as people
from core.people.rules import Role
from tests.support import builders
from tests.support.helping import bring, by_bot
from tests.support.paying import at_desk, press
from tests.support.talk import BOPHA, DARA, SOKHA, STAFF_GROUP, Json, Talk, keys, said

EN = translator("en")
PHONE = "+85512777888"


async def _filled(talk: Talk, language: str = "en") -> int:
    """Sokha's basket with a serum, which goes to Chenda, who phoned; returns the variant."""
    await at_desk(talk, language)
    shop = talk.shop
    sokha = await builders.worker(shop, Role.STAFF, SOKHA)
    await people.speak(shop, sokha, language)
    await people.say_phone(shop, sokha, "012 555 666")
    rose = await builders.product(shop)
    where = builders.WHERE | {"recipient": "Chenda", "phone": PHONE}
    await shop.db.write(lambda tx: builders.people_store.save_address(tx, sokha.id, shop.clock.now(), **where) and None)
    return rose


async def _review(talk: Talk, rose: int) -> Json:
    """Sokha's last look at what they are about to order."""
    (anything,) = await talk.say(SOKHA, "/cart")
    await talk.tap(SOKHA, anything["message_id"], taps.BuyNow(rose))
    return talk.message(SOKHA, anything["message_id"])


async def _entered(talk: Talk) -> Order:
    order = await talk.shop.db.read(store.by_number, "MD00001")
    assert order is not None
    return order


@pytest.mark.parametrize("language", ["en", "km"])
async def test_cash_for_who_phoned(sqlite_talk: Talk, language: str) -> None:
    """At the last look one button more; what it costs whom; one tap, and the counter's card says by whom."""
    talk, t = sqlite_talk, translator(language)
    rose = await _filled(talk, language)
    card = await _review(talk, rose)
    await press(talk, SOKHA, card, t("button.enter_for"), SOKHA)
    asked = talk.message(SOKHA, card["message_id"])
    for part in (t("enter.heading", name="Chenda", phone="+855 12 777 888").replace("<b>", "").replace("</b>", ""),
                 "$13.50 / 55,400៛"):  # fmt: skip
        assert part in said(asked), part
    assert set(keys(asked)) == {t("button.pay_khqr"), t("button.pay_cod"), t("button.change_address"), t("button.back")}
    forged = keys(asked)[t("button.pay_cod")]
    await press(talk, SOKHA, card, t("button.pay_cod"), SOKHA)
    order = await _entered(talk)
    assert said(talk.message(SOKHA, card["message_id"])).startswith("✓")
    counter = next(one for one in by_bot(talk, STAFF_GROUP) if said(one).startswith(order.number))
    assert t("order.entered", name="Sokha") in said(counter)
    await talk.tap(SOKHA, card["message_id"], forged)
    assert await builders.figures(talk.shop, rose) == (10, 1, 0)
    assert dict(talk.sandbox.world.findings) == {}


async def test_khqr_is_forwarded(sqlite_talk: Talk) -> None:
    """The clerk gets the QR as a picture, and a new one when it is over."""
    talk = sqlite_talk
    card = await _review(talk, await _filled(talk))
    await press(talk, SOKHA, card, "📞 For a customer", SOKHA)
    await press(talk, SOKHA, card, EN("button.pay_khqr"), SOKHA)
    shown = talk.message(SOKHA, card["message_id"])
    assert "Please pay $13.50 / 55,400៛" in said(shown)
    assert "Forward this message" in said(shown)
    first = shown["photo"][-1]["file_id"]
    talk.shop.clock.move(timedelta(minutes=6))
    await press(talk, SOKHA, card, EN("button.new_qr"), SOKHA)
    assert talk.message(SOKHA, card["message_id"])["photo"][-1]["file_id"] != first
    talk.shop.clock.move(timedelta(minutes=20))
    over = await press(talk, SOKHA, card, EN("button.new_qr"), SOKHA)
    assert over["text"] == EN("errors.too_late_to_pay")
    order = await _entered(talk)
    assert order.payment_method is PaymentMethod.KHQR


async def test_who_may_and_where(sqlite_talk: Talk) -> None:
    """Customers and couriers have no such button, and a forged one says so; /enter explains, in one's own chat."""
    talk = sqlite_talk
    rose = await _filled(talk)
    dara = await builders.customer(talk.shop, DARA)
    cart = await builders.cart(talk.shop, dara, (rose, 1))
    (anything,) = await talk.say(DARA, "/cart")
    await talk.tap(DARA, anything["message_id"], taps.OpenReview(cart))
    assert "📞 For a customer" not in keys(talk.message(DARA, anything["message_id"]))
    for tap in (taps.EnterFor(cart), taps.EnterOrder(cart, PaymentMethod.COD, 1350)):
        assert (await talk.tap(DARA, anything["message_id"], tap))["text"] == EN("errors.not_allowed")
    await builders.worker(talk.shop, Role.COURIER, BOPHA)
    (courier,) = await talk.say(BOPHA, "/enter")
    assert "📞" not in said(courier)
    (how,) = await talk.say(SOKHA, "/enter")
    assert said(how).startswith("📞 An order for somebody who phoned")
    (group,) = await talk.say(SOKHA, "/enter", STAFF_GROUP)
    assert said(group) == EN("errors.enter_private")
    assert await talk.shop.db.read(store.by_number, "MD00001") is None


async def test_shared_phone_finds_it(sqlite_talk: Talk) -> None:
    """Typed, the phone finds nothing; shared as their own contact, the order stands in their history."""
    talk = sqlite_talk
    rose = await _filled(talk)
    card = await _review(talk, rose)
    await press(talk, SOKHA, card, "📞 For a customer", SOKHA)
    await press(talk, SOKHA, card, EN("button.pay_cod"), SOKHA)
    (front,) = await talk.say(DARA, "/cart")
    await talk.tap(DARA, front["message_id"], taps.BuyNow(rose))
    await talk.say(DARA, "012 777 888")
    owner = await talk.shop.db.read(builders.people_store.owner_of, PHONE)
    assert owner is not None
    assert owner.telegram_id is None
    before = await talk.say(DARA, "/orders")
    assert "MD00001" not in said(before[-1])
    talk.sandbox.people.share_contact(DARA, DARA, "85512777888")
    await talk.work()
    await bring(talk)
    assert any(said(one) == EN("enter.found", count=1) for one in by_bot(talk, DARA))
    assert any(said(one).startswith("MD00001") for one in by_bot(talk, DARA))
    (mine,) = await talk.say(DARA, "/orders")
    assert "MD00001" in said(mine) + " ".join(keys(mine))


WRITTEN = (
    ("012 777 888 Chenda", "en"),
    ("Chenda, +855 12 777 888", "en"),
    ("០១២ ៧៧៧ ៨៨៨ ចិន្តា", "km"),
)


@pytest.mark.parametrize(("line", "language"), WRITTEN)
async def test_a_clerk_who_never_bought(sqlite_talk: Talk, line: str, language: str) -> None:
    """Asked for whom; phone and name in one line, then the place: nothing of it becomes the clerk's own."""
    talk, t = sqlite_talk, translator(language)
    await at_desk(talk, language)
    shop = talk.shop
    await people.speak(shop, await builders.worker(shop, Role.STAFF, SOKHA), language)
    card = await _review(talk, await builders.product(shop))
    assert set(keys(card)) == {t("button.enter_for"), t("button.for_me"), t("button.home")}
    await press(talk, SOKHA, card, t("button.enter_for"), SOKHA)
    for wrong in ("Chenda", "12 Chenda", "012 777 888"):
        (refused,) = await talk.say(SOKHA, wrong)
        assert "reply_markup" not in refused or t("button.pay_cod") not in keys(refused), wrong
    asked = (await talk.say(SOKHA, line))[-1]
    for _ in range(2):  # the province, the district
        await talk.tap(SOKHA, asked["message_id"], next(iter(keys(asked).values())))
        asked = talk.message(SOKHA, asked["message_id"])
    look = (await talk.say(SOKHA, "12 Street 100"))[-1]
    assert "+855 12 777 888" in said(look)
    await press(talk, SOKHA, look, t("button.pay_cod"), SOKHA)
    order, sokha = await _entered(talk), await people.known(shop, SOKHA)
    assert (order.destination.phone, order.destination.recipient) == (PHONE, "ចិន្តា" if language == "km" else "Chenda")
    assert sokha is not None
    assert sokha.phone is None
    assert order.person_id != sokha.id
    assert await builders.count(shop, addresses, addresses.c.person_id == sokha.id) == 0


async def test_a_clerk_buys_for_themselves(sqlite_talk: Talk) -> None:
    """[For me] is any customer's way: the phone, then the place."""
    talk = sqlite_talk
    await at_desk(talk, "en")
    await people.speak(talk.shop, await builders.worker(talk.shop, Role.STAFF, SOKHA), "en")
    card = await _review(talk, await builders.product(talk.shop))
    await press(talk, SOKHA, card, EN("button.for_me"), SOKHA)
    asked = (await talk.say(SOKHA, "012 555 666"))[-1]
    assert "province" in said(asked)
    assert EN("button.enter_for") not in keys(asked)
