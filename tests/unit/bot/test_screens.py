"""Every screen in both languages, from real cards of a real shop, sent: it parses, it fits, it speaks one language."""

import html
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product

import pytest
from markupsafe import Markup

from bot import taps
from bot.screen import Screen
from bot.screens import orders as buying
from bot.screens import places as placing
from bot.screens import shop as storefront
from bot.screens import staff
from core import cards
from core.cards import OrderCard
from core.checkout import service as checkout
from core.errors import NotFound, Refused
from core.i18n import LANGUAGES, Translator, sentences, translator
from core.money import usd
from core.orders.rules import Move, Order, PaymentMethod, PaymentStatus, Status, possible
from core.payments.rules import Attempt
from core.people import store as people
from core.people.rules import Address, AddressPart, Person, Role
from core.points.rules import Redemption, Standing
from core.promotions.rules import Promo, PromoKind
from core.shipping import rules as shipping
from core.shop import Reader, Shop
from tests.support import builders
from tests.support.talk import DARA, Talk, keys, said

ODD = '<b>&"1"</b>'
"""What no name should break: shown as it was typed."""
EN, KM = f"Rose {ODD}", f"កុលាប {ODD}"
LATIN = {"KHQR", "QR", "MADAM", "DA", "MD", "English", "Language", "start"}
"""What a Khmer screen writes in Latin letters: names, numbers, a command, and what a lost visitor must find."""
PHOTO = storefront.Banner("", "")


@dataclass(frozen=True)
class House:
    """A shop with one of everything: what the screens are drawn from."""

    shop: Shop
    dara: Person
    variant: int
    cart: int
    order: Order
    attempt: Attempt
    book: list[Address]

    def reader(self, language: str, role: Role | None = None) -> Reader:
        """Dara, or somebody who works here."""
        return Reader(replace(self.dara, role=role) if role else self.dara, translator(language))

    def card(self, language: str, role: Role | None = None, **changes: object) -> OrderCard:
        """The order's card for them, as it would be with these ``changes``."""
        return cards.order_card(self.shop, replace(self.order, **changes), self.reader(language, role))


@pytest.fixture
async def house(sqlite_shop: Shop) -> House:
    """Odd names everywhere; a KHQR order with its QR, and a cart."""
    shop = sqlite_shop
    shop.config = shop.config.model_copy(update={"public_url": "https://shop.example"})
    await builders.with_khqr(shop)
    dara = await builders.customer(shop, DARA, ODD)
    variant = await builders.product(shop, name_en=EN, name_km=KM, description_en=EN, description_km=KM)
    order = await builders.order(shop, dara, variant, 2, PaymentMethod.KHQR)
    where = replace(order.destination, latitude=11.55, longitude=104.92)
    order = replace(order, destination=where, holder_name=ODD, money_waiting=True, note=ODD)
    (attempt,) = await builders.attempts(shop, order)
    book = await shop.db.read(people.address_book, dara.id)
    return House(shop, dara, variant, await builders.cart(shop, dara, (variant, 2)), order, attempt, book)


# ── the gallery ──────────────────────────────────────────────────────────────────────────────────────────────────────
async def _shop_screens(house: House, t: Translator) -> list[Screen]:
    shop, name = house.shop, house.shop.policy.shop_name
    catalogue, who = await shop.catalogue.now(), house.reader(t.language)
    found = catalogue.variant(house.variant)
    assert found is not None
    (shelf,) = catalogue.categories.values()
    card = cards.product_card(shop, replace(found[0], badge=None), who)
    sold_out = cards.product_card(shop, replace(found[0], variants=(replace(found[1], left=0),) * 2), who)
    was = replace(card, old_price="$15.00", badge=t("badge.sale"))
    review = cards.review_card(shop, await checkout.review(shop, house.dara, house.cart), who)
    photo = storefront.photo(card, t, name)
    points = Standing(320, usd(320), 20, shop.clock.now(), 3, "x")
    return [
        storefront.languages(t, name), storefront.home(t, name, [shelf], None), storefront.home(t, name, [], "https://x.y"),
        storefront.shelf(t, name, shelf, replace(catalogue.page(shelf.id, 0), number=1, pages=3)),
        storefront.found(t, name, ODD, replace(catalogue.page(shelf.id, 0), number=1, pages=3), 10**13),
        storefront.nothing_found(t, name, ODD, [shelf]),
        *(storefront.product(t, one, shelf.id, photo) for one in (card, sold_out, was)),
        storefront.cart(t, name, review), storefront.cart(t, name, None), storefront.lost(t, name),
        storefront.points(t, shop.policy, points, "01.01.2027", "1"),
        storefront.points(t, shop.policy, replace(points, friends=0), "", None),
        storefront.refused(t, Refused("phone_invalid")), storefront.refused(t, NotFound()),
    ]  # fmt: skip


async def _buying_screens(house: House, t: Translator) -> list[Screen]:
    shop, name = house.shop, house.shop.policy.shop_name
    who = house.reader(t.language)
    found = await checkout.review(shop, house.dara, house.cart)
    code = Promo(1, "KHQR", PromoKind.PERCENT, 10)
    promo = replace(
        found, promo=code, points=Redemption(5, usd(5)), discount=usd(9), cart=replace(found.cart, note=ODD)
    )
    reviews = [cards.review_card(shop, one, who) for one in (found, replace(found, address=None, gone=1), promo)]
    moved = replace(found, lines=(replace(found.lines[0], fits=False), replace(found.lines[0], moved=True)))
    return [
        buying.ask_phone(t), buying.ask_promo(t, name, 1), buying.ask_note(t, name, 1),
        buying.review(t, name, replace(reviews[0], closed=t("review.closed", when="1")), khqr=False),
        *(buying.review(t, name, one, khqr=True) for one in (*reviews, cards.review_card(shop, moved, who))),
    ]  # fmt: skip


def _place_screens(house: House, t: Translator) -> list[Screen]:
    name, lists = house.shop.policy.shop_name, shipping.provinces(t.language)
    capital, way = lists[0], shipping.path("120101")
    districts, communes = shipping.districts("12", t.language), shipping.communes("1201", t.language)
    written = [(one, t.pick(*shipping.written(one.province_code, one.district_code, ODD))) for one in house.book]
    return [
        *(placing.provinces(t, name, 1, lists, page, pinned=pinned) for page in (0, 1) for pinned in (True, False)),
        placing.districts(t, name, 1, capital, districts, 0), placing.communes(t, name, 1, way[:2], communes),
        placing.street(t, name, 1, way), placing.street(t, name, 1, way[:2]), placing.book(t, name, 1, written),
        placing.address(t, name, 1, *written[0]),
        *(placing.ask_part(t, name, 1, house.book[0], part) for part in AddressPart),
    ]  # fmt: skip


def _order_screens(house: House, t: Translator) -> list[Screen]:
    name, card = house.shop.policy.shop_name, house.card(t.language)
    to_pay = cards.order_card(house.shop, house.order, house.reader(t.language), house.attempt)
    paid = house.card(t.language, status=Status.DELIVERED, payment_status=PaymentStatus.PAID)
    return [
        buying.order(t, name, to_pay), buying.order(t, name, replace(card, can_renew=True)),
        *(buying.order(t, name, house.card(t.language, status=status)) for status in Status),
        *(staff.order(t, house.card(t.language, Role.OWNER, status=status)) for status in Status),
        buying.ask_cancel(t, house.order, buying.order(t, name, card)),
        buying.my_orders(t, name, [house.order]), buying.my_orders(t, name, []),
        *(buying.note(t, note, card) for note in ("paid", "out", "delivered", "closed")), buying.receipt(t, name, paid),
    ]  # fmt: skip


def _alerts(t: Translator) -> list[Screen]:
    told = [{"metric": metric, "level": level, "percent": 91.4}
            for metric, level in product(("disk", "total"), ("ok", "warning", "critical", "emergency"))]  # fmt: skip
    reasons = [{"metric": "payment", "level": "warning", "number": "MD00001", "reason": reason}
               for reason in ("refund", "review", "earlier")]  # fmt: skip
    return [staff.alert(t, data) for data in [*told, *reasons, {"metric": "staff_chat", "level": "", "number": "MD1"}]]


SHELVES = (_shop_screens, _buying_screens, _place_screens, _order_screens, _alerts)


async def gallery(house: House, language: str) -> list[Screen]:
    """Every screen there is, in one language."""
    t = translator(language)
    made = (await _shop_screens(house, t), await _buying_screens(house, t), _place_screens(house, t))
    drawn = [screen for screens in made for screen in screens] + [*_order_screens(house, t), *_alerts(t)]
    assert None not in drawn
    return drawn


def _words(screen: Screen) -> str:
    """All that a person reads on it: text, buttons, what the keyboard below says."""
    sharing = [screen.sharing.text, screen.sharing.placeholder] if screen.sharing else []
    buttons = [button.text for row in screen.rows for button in row]
    return "\n".join([_plain(screen.text), *buttons, *sharing])


def _plain(text: Markup) -> str:
    """A text as it is read."""
    return html.unescape(re.sub(r"<[^<>]*>", "", text))


# ── what holds of all ────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_gallery_is_complete() -> None:
    """Every function of ``bot/screens`` that makes a screen is drawn by the gallery, so that a new one is too."""
    makers = {
        f"{module.__name__}.{name}"
        for module in (storefront, buying, placing, staff)
        for name, one in vars(module).items()
        if inspect.isfunction(one) and one.__module__ == module.__name__ and not name.startswith("_")
        and inspect.signature(one).return_annotation is Screen
    }  # fmt: skip
    source = "".join(inspect.getsource(one) for one in SHELVES)
    called = {
        f"bot.screens.{room}.{name}"
        for room, name in re.findall(r"\b(storefront|buying|placing|staff)\.(\w+)\(", source)
    }
    rename = {"storefront": "shop", "buying": "orders", "placing": "places", "staff": "staff"}
    assert makers <= {
        re.sub(r"(storefront|buying|placing|staff)(?=\.)", lambda m: rename[m[0]], name) for name in called
    }
    assert len(makers) > 15


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_screen_is_taken_as_it_is(sqlite_talk: Talk, house: House, language: str) -> None:
    """Sent one by one: each parses, says exactly what it should, has every button, and no call has a finding."""
    for screen in await gallery(house, language):
        await sqlite_talk.show.send(DARA, screen)
        message = sqlite_talk.messages(DARA)[-1]
        assert said(message) == _plain(screen.text)
        assert set(keys(message)) == {button.text for row in screen.rows for button in row}
    assert dict(sqlite_talk.sandbox.world.findings) == {}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_names_are_shown_as_they_were_typed(house: House, language: str) -> None:
    """Tags, ampersands and quotes of a product, a customer, a street and a holder stand there letter by letter."""
    t, name = translator(language), {"en": EN, "km": KM}[language]
    product_, *_ = [s for s in await _shop_screens(house, t) if t("button.buy_now") in _words(s)]
    assert _words(product_).count(name) == 2
    card = _words(staff.order(t, house.card(language, Role.OWNER)))
    assert [card.count(words) for words in (name, f"👤 {ODD}", f"📍 {ODD}", f"📝 {ODD}")] == [1, 1, 1, 1]
    listing, *_ = [s for s in _place_screens(house, t) if t("button.new_address") in _words(s)]
    assert ODD in _words(listing)


async def test_khmer_screens_are_khmer(house: House) -> None:
    """No English word stands on any Khmer screen but names, numbers and the language button."""
    found = {
        word
        for screen in await gallery(house, "km")
        for word in re.findall(r"[A-Za-z]{2,}", _words(screen).replace("12 Street 100", ""))
    }
    assert found - LATIN == set()


async def test_no_screen_has_a_gap_or_a_tag_left(house: House) -> None:
    """Nothing unfilled, no ``None``, no tag that is read as letters, no button without words, no line of spaces."""
    for screen in [*await gallery(house, "en"), *await gallery(house, "km")]:
        words = _words(screen).replace(ODD, "X")
        assert not re.search(r"\{\w*\}|None|</?\w+>|&\w+;|\[\]|\(\)", words), words
        assert all(button.text.strip() for row in screen.rows for button in row)
        assert all(line == line.strip(" ") for line in words.splitlines()), words


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_state_of_an_order_has_its_words(house: House, language: str) -> None:
    """Every status with every method and state of the money, for customer, courier, staff and owner: none missing."""
    t = translator(language)
    for status, method, money in product(Status, PaymentMethod, PaymentStatus):
        changes = {"status": status, "payment_method": method, "payment_status": money}
        own = buying.order(t, "Shop", house.card(language, **changes))
        assert t(f"status.{status}") in own.text
        assert t(f"payment.{method}.{money}") in own.text
        for role in Role:
            assert t(f"status.{status}") in staff.order(t, house.card(language, role, **changes)).text


async def test_the_counters_buttons_are_the_roles_moves(house: House) -> None:
    """Each move that a role may make from a status is a button there, and no other; a new order's first is to claim."""
    t = translator("en")
    for status, method, role in product(Status, PaymentMethod, Role):
        card = house.card("en", role, status=status, payment_method=method, person_id=999)
        shown = {button.tap for row in staff.order(t, card).rows for button in row if button.tap}
        order = replace(house.order, status=status, payment_method=method, person_id=999)
        moves = {
            Move.PREPARE if move is Move.CONFIRM else move for move in possible(order, house.reader("en", role).person)
        }
        cancel = {taps.AskCancel(order.id)} if Move.CANCEL in moves else set()
        assert shown == cancel | {taps.MoveOrder(order.id, move, order.version) for move in moves - {Move.CANCEL}}


# ── the longest ──────────────────────────────────────────────────────────────────────────────────────────────────────
LONG = {"en": "W" * 99 + " " + "&" * 100, "km": "ខ្មែ" * 40 + " " + "<" * 39}
"""Two hundred characters, what a column holds; in HTML every last one is five."""


def _longest(house: House, language: str, lines: int = 40) -> Order:
    """An order of the most lines, the longest names and the largest figures."""
    word = LONG[language]
    line = replace(
        house.order.lines[0], name_en=word, name_km=word, variant_en=word, variant_km=word, quantity=99,
        unit_price=usd(99_999_999),
    )  # fmt: skip
    where = replace(
        house.order.destination, recipient=word, street=word, written_en=f"{word}, {'P' * 60}, {'P' * 60}",
        written_km=f"{word}, {'ខ' * 60}, {'ខ' * 60}",
    )  # fmt: skip
    return replace(
        house.order, number="MDMDMD123456789", lines=(line,) * lines, total=usd(10**11), destination=where,
        holder_name=word, payment_status=PaymentStatus.REVIEW, note=word,
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_longest_order_fits_uncut(
    sqlite_talk: Talk, house: House, language: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Forty lines, names of 200 characters, a problem: captions ≤ 1,024, texts ≤ 4,096, and the net below is unused."""
    t, name, order = translator(language), "W" * 60, _longest(house, language)
    for status in (Status.PENDING, Status.OUT, Status.DELIVERED):
        for role in (None, Role.OWNER):
            card = cards.order_card(house.shop, replace(order, status=status), house.reader(language, role))
            own = replace(card, can_renew=True)
            screens = [staff.order(t, card)] if role else [buying.order(t, name, own), buying.note(t, "out", card)]
            for screen in (*screens, buying.ask_cancel(t, order, screens[0])):
                assert len(_plain(screen.text)) <= (1_024 if screen.picture else 4_096)
                await sqlite_talk.show.send(DARA, screen)
    assert "was cut" not in caplog.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_longest_cart_fits_uncut(
    sqlite_talk: Talk, house: House, language: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A full basket of the longest names, everything moved and sold out: review and basket fit a caption, uncut."""
    t, word, shop = translator(language), LONG[language], house.shop
    found = await checkout.review(shop, house.dara, house.cart)
    thing = replace(found.lines[0].product, name_en=word, name_km=word)
    variant = replace(found.lines[0].variant, name_en=word, name_km=word, price=usd(99_999_999))
    line = replace(found.lines[0], product=thing, variant=variant, quantity=99, fits=False)
    assert found.address is not None
    where = replace(found.address, recipient=word, street=word)
    noted = replace(found.cart, note=word)
    full = replace(
        found, cart=noted, lines=(line,) * 30, gone=9, address=where, subtotal=usd(10**11), total=usd(10**11)
    )
    card = cards.review_card(shop, full, house.reader(language))
    for screen in (buying.review(t, "W" * 60, card, khqr=True), storefront.cart(t, "W" * 60, card)):
        await sqlite_talk.show.send(DARA, screen)
    review = said(sqlite_talk.messages(DARA)[-2])
    assert review.count("99 × ") >= 3
    assert all(words in review for words in (card.total, card.phone, card.address, card.warnings[0][-12:], "…"))
    assert "was cut" not in caplog.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_longest_product_fits_uncut(
    sqlite_talk: Talk, house: House, language: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A name of 200 characters, a description of thousands: the beginning is shown, cut at a word."""
    found = (await house.shop.catalogue.now()).variant(house.variant)
    assert found is not None
    word = LONG[language]
    thing = replace(found[0], name_en=word, name_km=word, description_en="word & " * 900, description_km="ពាក្យ " * 900)
    card = replace(
        cards.product_card(house.shop, thing, house.reader(language)), old_price="$999,999.99", badge=word[:20]
    )
    screen = storefront.product(translator(language), card, 1, PHOTO)
    await sqlite_talk.show.send(DARA, screen)
    assert said(sqlite_talk.messages(DARA)[-1]).endswith("…")
    assert "was cut" not in caplog.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_to_a_tap_fits(language: str) -> None:
    """What answers a tap is at most 200 characters, with the longest thing in its gap that a shop has."""
    answers = {key: text for key, text in sentences(language).items() if key.startswith(("errors.", "status."))}
    answers |= {key: sentences(language)[key] for key in ("order.placed", "order.bank_silent", "order.not_paid_yet")}
    longest: Callable[[str], str] = lambda text: re.sub(r"\{\w+\}", "W" * 20, text)  # noqa: E731 - one place
    assert {key for key, text in answers.items() if len(longest(text)) > 200} == set()
