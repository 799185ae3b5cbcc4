"""Where it goes, in the chat: commune or none, a location at any step, and the address book with its corrections."""

import pytest
from sqlalchemy import select

from bot import taps
from bot.taps import Tap
from core.database.tables import addresses, carts, orders
from core.i18n import Translator, translator
from core.people import service as people
from core.people import store
from core.people.rules import AddressPart
from core.shipping import rules as shipping
from tests.support import builders
from tests.support.talk import BOPHA, DARA, Json, Talk, keys, said

STREET = "12 Street 271"
HERE = {"latitude": 11.5564, "longitude": 104.9282}


async def _asked(talk: Talk, person: int = DARA) -> int:
    """Somebody without an address bought one serum and is asked for the province; returns the message."""
    await builders.customer(talk.shop, person, "Dara", province="")
    rose = await builders.product(talk.shop)
    front = (await talk.say(person, "/start"))[-1]["message_id"]
    await talk.tap(person, front, taps.BuyNow(rose))
    return int(front)


async def _book(talk: Talk) -> tuple[int, int]:
    """Dara, with one address, looks at the review of one serum; returns message and cart."""
    dara = await builders.customer(talk.shop, DARA)
    cart = await builders.cart(talk.shop, dara, (await builders.product(talk.shop), 1))
    front = (await talk.say(DARA, "/start"))[-1]["message_id"]
    await talk.tap(DARA, front, taps.OpenReview(cart))
    return int(front), cart


async def _press(talk: Talk, message: int, label: str, person: int = DARA) -> Json:
    """Press the button with these words; returns the message as it is then."""
    await talk.tap(person, message, keys(talk.message(person, message))[label])
    return talk.message(person, message)


async def _share(talk: Talk, content: Json) -> Json:
    """Send something as Dara; returns what came back."""
    talk.sandbox.people.send(DARA, DARA, content)
    await talk.work()
    return talk.messages(DARA)[-1]


async def _kept(talk: Talk) -> list[tuple[str, str, str, str]]:
    """Province, district, commune and street of every address of a book."""
    where = select(addresses).where(addresses.c.active).order_by(addresses.c.id)
    rows = await talk.shop.db.read(lambda tx: tx.execute(where).all())
    return [(row.province_code, row.district_code, row.commune_code, row.street) for row in rows]


# ── a new one ────────────────────────────────────────────────────────────────────────────────────────────────────────
async def test_province_district_commune_and_a_typed_street(talk: Talk) -> None:
    """Each chosen by its name, the street typed: all four stand in the review, and in the book."""
    message = await _asked(talk)
    for label in ("Phnom Penh", "Chamkar Mon", "Tonle Basak"):
        await _press(talk, message, label)
    (review,) = await talk.say(DARA, STREET)
    assert f"{STREET}, Tonle Basak, Chamkar Mon, Phnom Penh" in said(review)
    assert await _kept(talk) == [("12", "1201", "120101", STREET)]


async def test_not_sure_of_the_commune(sqlite_talk: Talk) -> None:
    """One tap leaves it out; whoever writes the street while it is asked for has left it out too."""
    talk = sqlite_talk
    message = await _asked(talk)
    for label in ("Phnom Penh", "Chamkar Mon", "Not sure"):
        await _press(talk, message, label)
    assert "Chamkar Mon, Phnom Penh" in said(talk.message(DARA, message))
    (review,) = await talk.say(DARA, STREET)
    for label in ("Change address", "+ New address", "Kampot", "Chhuk"):
        review = await _press(talk, review["message_id"], label)
    await talk.say(DARA, "2 Road")
    assert await _kept(talk) == [("12", "1201", "", STREET), ("07", "0703", "", "2 Road")]


@pytest.mark.parametrize(
    ("steps", "kept"),
    [(("Phnom Penh",), ("12", "", "", "")), (("Phnom Penh", "Chamkar Mon"), ("12", "1201", "", "")),
     (("Phnom Penh", "Chamkar Mon", "Tonle Basak"), ("12", "1201", "120101", ""))],
)  # fmt: skip
async def test_a_location_at_any_step(sqlite_talk: Talk, steps: tuple[str, ...], kept: tuple[str, ...]) -> None:
    """Shared once the province is known, it stands for all that was not said: the review comes at once."""
    message = await _asked(sqlite_talk)
    for label in steps:
        await _press(sqlite_talk, message, label)
    assert "Check your order" in said(await _share(sqlite_talk, {"location": HERE}))
    assert await _kept(sqlite_talk) == [kept]


async def test_a_location_before_the_province(talk: Talk) -> None:
    """The province is still asked for, on any page, for the fee hangs on it; one tap later the review is there."""
    message = await _asked(talk)
    asked = await _share(talk, {"location": HERE})
    assert "Which province" in said(asked)
    number = asked["message_id"]
    review = await _press(talk, number, "Phnom Penh")
    assert "Delivery: $1.50" in said(review)
    row = await talk.shop.db.read(lambda tx: tx.execute(select(addresses)).one())
    assert (row.latitude, row.longitude, row.province_code) == (*HERE.values(), "12")
    assert message < number


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "📍 Your pin, Phnom Penh"), ("km", "📍 ទីតាំងដែលអ្នកបានផ្ញើ, រាជធានីភ្នំពេញ")],
)
async def test_a_location_is_named_wherever_its_address_is(sqlite_talk: Talk, language: str, words: str) -> None:
    """On the review, in the book, at its entry and on the order's card."""
    talk, t = sqlite_talk, translator(language)
    person = DARA if language == "en" else BOPHA
    message = await _asked(talk, person)
    await _press(talk, message, t.pick("Phnom Penh", "រាជធានីភ្នំពេញ"), person)
    talk.sandbox.people.send(person, person, {"location": HERE})
    await talk.work()
    front = talk.messages(person)[-1]["message_id"]
    shown = [said(talk.messages(person)[-1])]
    shown += [said(await _press(talk, front, label, person)) for label in (t("button.change_address"), "✎")]
    await _press(talk, front, t("button.use_address"), person)
    shown.append(said(await _press(talk, front, t("button.pay_cod"), person)))
    assert [text for text in shown if words not in text] == []


async def test_what_is_no_place(sqlite_talk: Talk) -> None:
    """A typed province, a location in Bangkok: a sentence each, and the question stands for what is right."""
    talk, t = sqlite_talk, translator("en")
    message = await _asked(talk)
    assert said((await talk.say(DARA, "Phnom Penh"))[-1]) == t("errors.choose_place")
    bangkok = {"location": {"latitude": 13.75, "longitude": 100.5}}
    assert said(await _share(talk, bangkok)) == t("errors.no_zone")
    await _press(talk, message, "Phnom Penh")
    assert said(await _share(talk, bangkok)) == t("errors.no_zone")
    assert "Check your order" in said(await _share(talk, {"location": HERE}))


async def test_a_khmer_list_begins_with_the_capital_and_goes_by_the_alphabet(sqlite_talk: Talk) -> None:
    """Bopha reads the provinces as her dictionary has them, not in the English order."""
    message = await _asked(sqlite_talk, BOPHA)
    labels = list(keys(sqlite_talk.message(BOPHA, message)))
    assert labels[:4] == ["រាជធានីភ្នំពេញ", "កណ្ដាល", "កែប", "កំពង់ចាម"]


@pytest.mark.parametrize(("person", "t"), [(DARA, translator("en")), (BOPHA, translator("km"))])
async def test_every_province_stands_on_one_page(sqlite_talk: Talk, person: int, t: Translator) -> None:
    """Nobody turns a page for Siem Reap; back from the first question leads to what is being bought."""
    message = await _asked(sqlite_talk, person)
    labels = list(keys(sqlite_talk.message(person, message)))
    assert labels == [t.pick(one.name_en, one.name_km) for one in shipping.provinces(t.language)] + [t("button.back")]
    rows = sqlite_talk.message(person, message)["reply_markup"]["inline_keyboard"]
    assert len(rows) <= 14
    assert t("button.buy_now") in keys(await _press(sqlite_talk, message, t("button.back"), person))


async def test_back_from_the_provinces_with_a_basket_and_with_a_book(sqlite_talk: Talk) -> None:
    """To the basket where that is ordered; to the book where there is an address already."""
    talk, t = sqlite_talk, translator("en")
    await builders.customer(talk.shop, DARA, "Dara", province="")
    rose = await builders.product(talk.shop)
    front = (await talk.say(DARA, "/start"))[-1]["message_id"]
    await talk.tap(DARA, front, taps.AddToCart(rose))
    basket = (await talk.shop.db.read(lambda tx: tx.execute(select(carts.c.id)).one())).id
    await talk.tap(DARA, front, taps.OpenReview(basket))
    assert t("button.checkout") in keys(await _press(talk, front, t("button.back")))
    await talk.tap(DARA, front, taps.OpenReview(basket))
    await _press(talk, front, "Kandal")
    await _press(talk, front, next(iter(keys(talk.message(DARA, front)))))
    await talk.say(DARA, "12 Street 100")
    review = talk.messages(DARA)[-1]["message_id"]
    for label in ("Change address", "+ New address", t("button.back")):
        await _press(talk, review, label)
    assert "+ New address" in keys(talk.message(DARA, review))


@pytest.mark.parametrize(("person", "t"), [(DARA, translator("en")), (BOPHA, translator("km"))])
async def test_how_a_location_is_sent_stands_at_every_step(sqlite_talk: Talk, person: int, t: Translator) -> None:
    """Province, district, commune, street: the paper clip; an emoji for a street is told what is wanted."""
    message = await _asked(sqlite_talk, person)
    shown = [said(sqlite_talk.message(person, message))]
    for code in ("12", "1201", "120101"):
        place = shipping.path(code)[-1]
        shown.append(said(await _press(sqlite_talk, message, t.pick(place.name_en, place.name_km), person)))
    assert [text for text in shown if "📎" not in text] == []
    assert said((await sqlite_talk.say(person, "🏠🏠"))[-1]) == t("errors.street_empty")


# ── the book ─────────────────────────────────────────────────────────────────────────────────────────────────────────
async def test_a_parcel_to_somebody_else(talk: Talk) -> None:
    """Recipient, phone (in Khmer digits) and street written anew: the next order carries them, the last does not."""
    message, _ = await _book(talk)
    await _press(talk, message, "Cash on delivery")
    cart = await builders.cart(talk.shop, await people.arrive(talk.shop, DARA, "Dara"), (1, 1))
    front = (await talk.say(DARA, "/start"))[-1]["message_id"]
    await talk.tap(DARA, front, taps.OpenReview(cart))
    for label in ("Change address", "✎"):
        await _press(talk, front, label)
    for label, line in (("Recipient", "Ming <Srey>"), ("Phone", "០១២ ៣៤៥ ៦៧៨"), ("Street", "9 Road")):
        await _press(talk, front, label)
        shown = (await talk.say(DARA, line))[-1]
        front = shown["message_id"]
    assert said(shown) == "📍 Ming <Srey> · +855 12 345 678\n9 Road, Phnom Penh"
    await _press(talk, front, "Send it here")
    await _press(talk, front, "Cash on delivery")
    rows = await talk.shop.db.read(lambda tx: tx.execute(select(orders).order_by(orders.c.id)).all())
    assert [(row.recipient, row.phone) for row in rows] == [("Dara", builders.PHONE), ("Ming <Srey>", "+85512345678")]


async def test_a_contact_says_who_gets_it(sqlite_talk: Talk) -> None:
    """Name or phone of a contact that is not one's own; for the street it is refused in words."""
    talk = sqlite_talk
    _, cart = await _book(talk)
    contact = {"contact": {"phone_number": "85512345678", "first_name": "Ming", "last_name": "Srey"}}
    said_back = []
    for part in AddressPart:
        front = (await talk.say(DARA, "/start"))[-1]["message_id"]
        await talk.tap(DARA, front, taps.EditAddress(cart, 1, part))
        said_back.append(said(await _share(talk, contact)).partition("\n")[0])
    assert said_back == [
        "📍 Ming Srey · +855 12 000 001", "📍 Ming Srey · +855 12 345 678", translator("en")("errors.street_empty"),
    ]  # fmt: skip


async def test_an_odd_answer_leaves_the_address(sqlite_talk: Talk) -> None:
    """Emoji for a name, words for a phone, a street of a novel: a sentence each, and it can be said again."""
    talk, t = sqlite_talk, translator("en")
    message, cart = await _book(talk)
    for part, line, key in (
        (AddressPart.RECIPIENT, "🏠🏠", "text_empty"), (AddressPart.RECIPIENT, "a" * 61, "text_too_long"),
        (AddressPart.PHONE, "call me", "phone_invalid"), (AddressPart.STREET, "x" * 10_000, "text_too_long"),
        (AddressPart.STREET, "🏠🏠", "street_empty"),
    ):  # fmt: skip
        await talk.tap(DARA, message, taps.EditAddress(cart, 1, part))
        assert said((await talk.say(DARA, line[:4_096]))[-1]).startswith(t(f"errors.{key}", longest=0)[:12])
    assert await _kept(talk) == [("12", "", "", "12 Street 100")]


async def test_removed(talk: Talk) -> None:
    """An address is taken out: the cart it was chosen for asks for a new one, and a location is enough."""
    message, _ = await _book(talk)
    for label in ("Change address", "✎", "Remove"):
        await _press(talk, message, label)
    assert "Choose the province" in said(talk.message(DARA, message))
    await _press(talk, message, "Phnom Penh")
    review = await _share(talk, {"location": HERE})
    assert "Phnom Penh" in said(review)
    assert await _kept(talk) == [("12", "", "", "")]


async def test_a_full_book(sqlite_talk: Talk) -> None:
    """Ten entries: an eleventh is refused before anything is typed, and the book is shown to remove one from."""
    talk = sqlite_talk
    message, cart = await _book(talk)
    dara = await people.arrive(talk.shop, DARA, "Dara")
    for number in range(9):
        now, where = talk.shop.clock.now(), builders.WHERE | {"street": f"{number} Road"}
        await talk.shop.db.write(store.save_address, dara.id, now, **where)
    answer = await talk.tap(DARA, message, taps.NewAddress(cart))
    assert answer["text"] == translator("en")("errors.book_full", most=10)
    shown = talk.message(DARA, message)["reply_markup"]["inline_keyboard"]
    assert len([row for row in shown if row[-1]["text"] == "✎"]) == 10
    assert all(f"· {number} Road, Phnom Penh" in said(talk.message(DARA, message)) for number in range(9))


@pytest.mark.parametrize(
    "tap",
    [
        taps.OpenAddress(1, 1),
        taps.EditAddress(1, 1, AddressPart.PHONE),
        taps.RemoveAddress(1, 1),
        taps.UseAddress(1, 1),
    ],
)
async def test_anothers_address(sqlite_talk: Talk, tap: Tap) -> None:
    """A forged tap for an address that is not theirs shows, asks and removes nothing."""
    talk = sqlite_talk
    await _book(talk)
    front = (await talk.say(BOPHA, "/start"))[-1]
    answer = await talk.tap(BOPHA, front["message_id"], tap)
    assert answer["show_alert"]
    assert talk.message(BOPHA, front["message_id"]) == front
    assert len(await _kept(talk)) == 1
