"""What the checkout refuses, on the bot itself and in both languages: one clear sentence, and nothing is sold by it."""

import re
from dataclasses import dataclass

import pytest

from bot import taps
from bot.outbox import Outbox
from core.checkout import service as checkout
from core.checkout.service import Wish
from core.database.tables import addresses, orders, promo_codes
from core.errors import Refused
from core.i18n import Translator, translator
from core.money import usd
from core.orders.rules import PaymentMethod
from core.people import service as people
from core.people.rules import AddressPart, Person
from tests.support import builders
from tests.support.talk import BOPHA, DARA, STAFF_GROUP, Json, Talk, keys, said

LANGUAGE = {DARA: "en", BOPHA: "km"}
HTML = "<b>Bob</b> & <i>co</i>"
NOVEL = "ក" * 10_000
LONGEST = 4_096
"""As many characters as Telegram lets one message have: a longer text comes as several."""


@dataclass
class Buyer:
    """Somebody with an address before the review of one serum, of which there are five."""

    talk: Talk
    person: Person
    rose: int
    cart: int
    message: int
    t: Translator

    @classmethod
    async def come(cls, talk: Talk, who: int) -> "Buyer":
        """Let somebody come as far as the review, with a code typed that takes ten percent off."""
        await builders.with_khqr(talk.shop, staff_chat_id=STAFF_GROUP)
        await builders.promo(talk.shop)
        person, rose = await builders.customer(talk.shop, who), await builders.product(talk.shop, 5)
        await people.speak(talk.shop, person, LANGUAGE[who])
        cart = await builders.cart(talk.shop, person, (rose, 1))
        front = (await talk.say(who, "/start"))[-1]["message_id"]
        buyer = cls(talk, person, rose, cart, int(front), translator(LANGUAGE[who]))
        await buyer.tap(taps.OpenReview(cart))
        return buyer

    async def tap(self, data: taps.Tap | str) -> Json:
        """Press a button of the review; returns the answer."""
        return await self.talk.tap(self.person.telegram_id or 0, self.message, data)

    async def say(self, text: str) -> str:
        """Write something; returns what came back."""
        return said((await self.talk.say(self.person.telegram_id or 0, text))[-1])

    def shown(self) -> Json:
        """The review's message as it stands."""
        return self.talk.message(self.person.telegram_id or 0, self.message)

    async def pay(self) -> Json:
        """Press "cash on delivery" as it stands."""
        return await self.tap(next(data for data in keys(self.shown()).values() if re.match(r"o:\d+:cod:", data)))

    async def sold_nothing(self) -> None:
        """Hold that there is no order, and that nothing is promised."""
        assert await builders.count(self.talk.shop, orders) == 0
        assert (await builders.figures(self.talk.shop, self.rose))[1:] == (0, 0)
        await builders.sound(self.talk.shop)


@pytest.fixture(params=[DARA, BOPHA], ids=["en", "km"])
async def buyer(request: pytest.FixtureRequest, sqlite_talk: Talk) -> Buyer:
    """Somebody who reads English, and somebody who reads Khmer."""
    return await Buyer.come(sqlite_talk, request.param)


@pytest.mark.parametrize(
    ("quantity", "key"),
    [
        ("-1", "number_wanted"), ("-999999", "number_wanted"), ("6", "only_left"), ("100", "only_left"),
        ("999999", "only_left"), ("9223372036854775807", "old_button"), ("9" * 40, "old_button"),
        ("1.5", "old_button"), ("1e3", "old_button"),
        ("", "old_button"), ("٣", "old_button"), ("NaN", "old_button"),
    ],
)  # fmt: skip
async def test_an_odd_quantity(buyer: Buyer, quantity: str, key: str) -> None:
    """Negative, huge, fractional, no number at all: a sentence, and one serum stands in the cart as before."""
    answer = await buyer.tap(f"kq:{buyer.cart}:{buyer.rose}:{quantity}")
    assert answer["text"] == buyer.t(f"errors.{key}", left=5)
    found = await checkout.review(buyer.talk.shop, buyer.person, buyer.cart)
    assert [line.quantity for line in found.lines] == [1]
    await buyer.sold_nothing()


async def test_nothing_at_all(buyer: Buyer) -> None:
    """Zero takes the only line out: what is left cannot be ordered, not even by the button that stood there before."""
    before = next(data for data in keys(buyer.shown()).values() if re.match(r"o:\d+:cod:", data))
    await buyer.tap(taps.ChangeLine(buyer.cart, buyer.rose, 0))
    assert not [data for data in keys(buyer.shown()).values() if data.startswith("o:")]
    assert (await buyer.tap(before))["text"] == buyer.t("errors.cart_empty")
    await buyer.sold_nothing()


@pytest.mark.parametrize("line", ["🏠🏠🏠", "…", "❤️‍🔥", "🙏🏽 ! ?"])
@pytest.mark.parametrize("part", [AddressPart.STREET, AddressPart.RECIPIENT])
async def test_an_address_without_a_word(buyer: Buyer, part: AddressPart, line: str) -> None:
    """Emoji, dots and signs are no street and nobody's name; the question stands for one that is."""
    book = await buyer.talk.shop.db.read(lambda tx: tx.execute(addresses.select()).all())
    await buyer.tap(taps.EditAddress(buyer.cart, book[0].id, part))
    key = "street_empty" if part is AddressPart.STREET else "text_empty"
    assert await buyer.say(line) == buyer.t(f"errors.{key}")
    assert "Ming 🏠" in await buyer.say("Ming 🏠")
    await buyer.sold_nothing()


async def test_a_note_of_ten_thousand_characters(buyer: Buyer) -> None:
    """It comes in three messages, each too long: said each time, kept never; whole it is refused as well."""
    await buyer.tap(taps.AskNote(buyer.cart))
    for start in range(0, len(NOVEL), LONGEST):
        assert await buyer.say(NOVEL[start : start + LONGEST]) == buyer.t("errors.text_too_long", longest=200)
    question = await people.question(buyer.talk.shop, buyer.person)
    assert question is not None
    with pytest.raises(Refused) as refused:
        await checkout.leave_note(buyer.talk.shop, buyer.person, buyer.cart, NOVEL, question)
    assert refused.value.key == "errors.text_too_long"
    assert (await checkout.review(buyer.talk.shop, buyer.person, buyer.cart)).cart.note == ""


async def test_html_in_a_name(buyer: Buyer) -> None:
    """Tags in a recipient's name are letters: at the review and at the counter, and nothing turns bold by them."""
    book = await buyer.talk.shop.db.read(lambda tx: tx.execute(addresses.select()).all())
    await buyer.tap(taps.EditAddress(buyer.cart, book[0].id, AddressPart.RECIPIENT))
    assert HTML in await buyer.say(HTML)
    await buyer.tap(taps.OpenReview(buyer.cart))
    assert HTML in said(buyer.shown())
    await buyer.pay()
    await Outbox(buyer.talk.shop, buyer.talk.show, "test", lambda _chat: 0.0).send_due()
    (card,) = buyer.talk.messages(STAFF_GROUP)
    assert HTML in said(card)
    for entity in card.get("entities", ()):
        covered = said(card).encode("utf-16-le")[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])]
        assert "Bob" not in covered.decode("utf-16-le") or entity["type"] not in {"bold", "italic"}


async def test_a_code_used_up_between_review_and_pay(buyer: Buyer) -> None:
    """Somebody else takes the last use: the new total is said and shown; paid for that, the order has no discount."""
    await builders.type_promo(buyer.talk.shop, buyer.person, buyer.cart, "ROSE10")
    await buyer.tap(taps.OpenReview(buyer.cart))
    used_up = promo_codes.update().values(use_limit=3, used=3)
    await buyer.talk.shop.db.write(lambda tx: tx.execute(used_up))
    answer = await buyer.pay()
    assert answer["text"] == buyer.t("errors.price_moved", total=usd(1350))
    assert answer["show_alert"]
    assert await builders.count(buyer.talk.shop, orders) == 0
    assert buyer.t("errors.promo_spent", code="ROSE10") in said(buyer.shown())
    await buyer.pay()
    row = await buyer.talk.shop.db.read(lambda tx: tx.execute(orders.select()).one())
    assert (row.total, row.discount, row.promo_code) == (1350, 0, "")


async def test_an_address_in_no_zone(buyer: Buyer) -> None:
    """A place the shop does not deliver to (any more): said when it is paid, and nothing is promised."""
    data = next(data for data in keys(buyer.shown()).values() if re.match(r"o:\d+:cod:", data))
    nowhere = addresses.update().values(province_code="99")
    await buyer.talk.shop.db.write(lambda tx: tx.execute(nowhere))
    assert (await buyer.tap(data))["text"] == buyer.t("errors.no_zone")
    with pytest.raises(Refused):
        await checkout.place(buyer.talk.shop, buyer.person, Wish(buyer.cart, PaymentMethod.COD, 1350))
    await buyer.sold_nothing()
