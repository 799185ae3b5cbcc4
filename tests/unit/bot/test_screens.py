"""Every screen in both languages, from real cards of a real shop, sent: it parses, it fits, it speaks one language."""

import inspect
import pkgutil
import re
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from itertools import product

import pytest
from markupsafe import Markup

from bot import screens, taps
from bot.screen import Screen
from bot.screens import history, staff
from bot.screens import orders as buying
from bot.screens import shop as storefront
from core import cards
from core.checkout import service as checkout
from core.checkout.rules import Again, Change, Changed
from core.i18n import LANGUAGES, sentences, translator
from core.money import usd
from core.orders.rules import STAFFS_REASONS, Move, Order, PaymentMethod, PaymentStatus, Status, possible
from core.people.rules import Role
from tests.support import gallery
from tests.support.gallery import EN, KM, ODD, House, plain, wording
from tests.support.talk import DARA, Talk, keys, said

LATIN = {"KHQR", "QR", "MADAM", "DA", "MD", "Phnom", "Penh", "English", "Language", "start", "stop", "Express", "VET",
         "KB", "MB", "GB", "Telegram", "BotFather", "age", "Excel", "CSV", "TSV", "JSON"}  # fmt: skip
"""What a Khmer screen writes in Latin letters: names, numbers, a command, and what a lost visitor must find."""
PHOTO = storefront.Banner("", "")


# ── what holds of all ────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_gallery_is_complete() -> None:
    """Every function of ``bot/screens`` that makes a screen is drawn by the gallery, so that a new one is too."""
    modules = [import_module(f"bot.screens.{one.name}") for one in pkgutil.iter_modules(screens.__path__)]
    makers = {
        f"{module.__name__}.{name}"
        for module in modules
        for name, one in vars(module).items()
        if inspect.isfunction(one) and one.__module__ == module.__name__ and not name.startswith("_")
        and inspect.signature(one).return_annotation is Screen
    }  # fmt: skip
    drawn = set()
    for page in {inspect.getmodule(shelf) for shelf in gallery.SHELVES}:
        rooms = {alias: one.__name__ for alias, one in vars(page).items() if inspect.ismodule(one)}
        calls = re.findall(r"\b(\w+)\.(\w+)\(", inspect.getsource(page))
        drawn |= {f"{rooms.get(alias)}.{name}" for alias, name in calls}
    assert makers - drawn == set()
    assert len(makers) > 15


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_screen_is_taken_as_it_is(sqlite_talk: Talk, drawn: dict[str, list[Screen]], language: str) -> None:
    """Sent one by one: each parses, says exactly what it should, has every button, and no call has a finding."""
    different = {repr(screen): screen for screen in drawn[language]}
    assert len(different) > 900
    for screen in different.values():
        await sqlite_talk.show.send(DARA, screen)
        message = sqlite_talk.messages(DARA)[-1]
        assert said(message) == plain(screen.text)
        assert set(keys(message)) == {button.text for row in screen.rows for button in row}
    assert dict(sqlite_talk.sandbox.world.findings) == {}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_names_are_shown_as_they_were_typed(house: House, language: str) -> None:
    """Tags, ampersands and quotes of a product, a customer, a street and a holder stand there letter by letter."""
    t, name = translator(language), {"en": EN, "km": KM}[language]
    product_, *_ = [s for s in await gallery.shop_screens(house, t) if t("button.buy_now") in wording(s)]
    assert wording(product_).count(name) == 2
    card = wording(staff.order(t, house.card(language, Role.OWNER)))
    assert [card.count(words) for words in (name, f"👤 {ODD}", f"📍 {ODD}", f"📝 {ODD}")] == [1, 1, 1, 1]
    listing, *_ = [s for s in await gallery.place_screens(house, t) if t("button.new_address") in wording(s)]
    assert ODD in wording(listing)


def test_khmer_screens_are_khmer(drawn: dict[str, list[Screen]]) -> None:
    """No English word stands on any Khmer screen but names, numbers, what is typed, and the language button."""
    found = {
        word
        for screen in drawn["km"]
        for word in re.findall(r"[A-Za-z]{2,}", wording(_untyped(screen)).replace("12 Street 100", ""))
    }
    assert found - LATIN == set()


def _untyped(screen: Screen) -> Screen:
    """The same without what is typed or copied as it stands: commands, names of files."""
    typed = r"<code>[^<]*</code>|db_backup_[\w.]+"
    return replace(screen, text=Markup(re.sub(typed, "", screen.text)))  # noqa: S704 - our own screen


def test_english_screens_are_english(drawn: dict[str, list[Screen]]) -> None:
    """No Khmer letter stands on any English screen but riel's sign and the two that offer the language."""
    theirs = [*storefront.LANGUAGE_NAMES.values(), translator("en")("button.language"), "៛"]
    for screen in drawn["en"]:
        words = wording(screen)
        for one in theirs:
            words = words.replace(one, "")
        assert not re.search("[\u1780-\u17ff]", words), words


def test_no_screen_has_a_gap_or_a_tag_left(drawn: dict[str, list[Screen]]) -> None:
    """Nothing unfilled, no ``None``, no tag that is read as letters, no button without words, no line of spaces."""
    for screen in [*drawn["en"], *drawn["km"]]:
        words = wording(screen).replace(ODD, "X")
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
        headline = t(f"status.{replace(house.order, **changes).standing}")
        assert headline in own.text
        over = status in {Status.CANCELLED, Status.EXPIRED} and money in {PaymentStatus.UNPAID, PaymentStatus.DUE}
        assert t(f"payment.{method}.{'closed' if over else money}") in own.text
        for role in Role:
            assert headline in staff.order(t, house.card(language, role, **changes)).text


async def test_the_counters_buttons_are_the_roles_moves(house: House) -> None:
    """Each move that a role may make from a status is a button there, and no other; a new order's first is to claim."""
    t = translator("en")
    for status, method, role in product(Status, PaymentMethod, Role):
        money = PaymentStatus.DUE if method is PaymentMethod.COD else PaymentStatus.PAID
        card = house.card("en", role, status=status, payment_method=method, payment_status=money, person_id=999)
        shown = {button.tap for row in staff.order(t, card).rows for button in row if button.tap}
        order = replace(house.order, status=status, payment_method=method, person_id=999)
        moves = {
            Move.PREPARE if move is Move.CONFIRM else move for move in possible(order, house.reader("en", role).person)
        }
        seldom = {button.tap for row in staff.more(t, card).rows for button in row}
        assert (taps.AskCancel(order.id) in seldom) is (Move.CANCEL in moves)
        back = {taps.AskReturn(order.id)} if Move.RETURN in moves else set()
        other = (
            {taps.AskTaken(order.id, order.version)} if Move.DELIVER in moves and method is PaymentMethod.COD else set()
        )
        plain = {taps.MoveOrder(order.id, move, order.version) for move in moves - {Move.CANCEL, Move.RETURN}}
        assert shown == {taps.MoreOfOrder(order.id)} | back | other | plain


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
    for status in (Status.PENDING, Status.OUT, Status.DELIVERED, Status.CANCELLED, Status.EXPIRED):
        for role in (None, Role.OWNER):
            stands = replace(order, status=status, received_at=order.placed_at, cancel_reason=STAFFS_REASONS[0])
            card = cards.order_card(house.shop, stands, house.reader(language, role))
            own = replace(card, can_renew=True)
            screens = [staff.order(t, card)] if role else [buying.order(t, name, own), buying.note(t, "out", card)]
            for screen in (*screens, buying.ask_cancel(t, order, screens[0], STAFFS_REASONS)):
                assert len(plain(screen.text)) <= (1_024 if screen.picture else 4_096)
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
    changes = tuple(Change(Changed.PRICE, one, price=usd(1)) for one in _longest(house, language, 30).lines)
    again = Again(_longest(house, language, 30), full.cart, changes)
    notes = cards.again_notes(again, house.reader(language))
    bought = history.again(t, "W" * 60, again, notes, card)
    for screen in (bought, buying.review(t, "W" * 60, card, khqr=True), storefront.cart(t, "W" * 60, card)):
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
    screen = storefront.product(translator(language), card, taps.Home(), PHOTO, "#1")
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
