"""Opinions: one a delivered line, by its buyer, for thirty days; what staff hide is gone from list and average."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from core.catalog.rules import Product, Rating
from core.database.tables import audit, reviews
from core.errors import NotAllowed, NotFound, Refused
from core.messages.rules import MessageKind
from core.orders.rules import Move
from core.people import service as people
from core.people.rules import Role
from core.reviews import rules, service
from core.shop import Shop
from tests.support import builders
from tests.support.opinions import opinion, parcel, say


async def _product(shop: Shop, variant: int) -> Product:
    """The product of a variant as it is looked at now."""
    found = (await shop.catalogue.now()).variant(variant)
    assert found is not None
    return found[0]


async def test_given_changed_and_averaged(shop: Shop) -> None:
    """Stars count at once, other stars replace them, words come and go; the average is of all buyers, one row each."""
    dara, rose = await builders.customer(shop), await builders.product(shop)
    made = await opinion(shop, dara, rose, 2)
    assert (await _product(shop, rose)).rating == Rating(2, 1)
    await service.rate(shop, dara, made.id, rose, 5)
    bopha = await builders.customer(shop, 1002, "Bopha")
    await opinion(shop, bopha, rose, 4, "Soft   and\nlight")
    product = await _product(shop, rose)
    assert (product.rating, product.rating.shown) == (Rating(9, 2), "4.5")
    page = await service.about(shop, product.id, 0)
    assert [(one.stars, one.text, one.first_name) for one in page.opinions] == [
        (4, "Soft and light", "Bopha"), (5, "", "Dara")
    ]  # fmt: skip
    found = await service.unsay(shop, bopha, 2, rose)
    assert [(line.stars, line.text) for line in found.lines] == [(4, "")]
    assert await builders.count(shop, reviews) == 2


async def test_a_line_each(shop: Shop) -> None:
    """An order of two things takes an opinion of each; the same thing bought again takes another."""
    dara = await builders.customer(shop)
    rose, milk = await builders.product(shop), await builders.product(shop, sku="MILK-30")
    made = await parcel(shop, dara, rose, milk)
    await service.rate(shop, dara, made.id, milk, 3)
    found = await service.of_order(shop, dara, made.id)
    assert [(line.variant_id, line.stars) for line in found.lines] == [(rose, 0), (milk, 3)]
    await opinion(shop, dara, milk, 5)
    assert (await _product(shop, milk)).rating == Rating(8, 2)
    assert (await _product(shop, rose)).rating.shown == ""


async def test_only_the_buyer_of_what_was_delivered(sqlite_shop: Shop) -> None:
    """Another person, another's line, an order on its way, stars that are none: not found, and nothing is written."""
    shop = sqlite_shop
    dara, eve, rose = await builders.customer(shop), await builders.customer(shop, 1002), await builders.product(shop)
    milk, staff = await builders.product(shop, sku="MILK-30"), await builders.worker(shop)
    made, on_its_way = await parcel(shop, dara, rose), await builders.order(shop, dara, rose)
    await builders.moved(shop, staff, on_its_way, Move.PREPARE, Move.READY, Move.OUT)
    forged = [(eve, made.id, rose, 5), (staff, made.id, rose, 5), (dara, made.id, milk, 5), (dara, made.id, rose, 0),
              (dara, made.id, rose, 6), (dara, on_its_way.id, rose, 5), (dara, 99, rose, 5)]  # fmt: skip
    for person, order_id, variant, stars in forged:
        with pytest.raises(NotFound):
            await service.rate(shop, person, order_id, variant, stars)
    for person, order_id in ((eve, made.id), (staff, made.id), (dara, on_its_way.id)):
        with pytest.raises(NotFound):
            await service.of_order(shop, person, order_id)
        with pytest.raises(NotFound):
            await say(shop, person, order_id, rose, "Mine")
    assert await builders.count(shop, reviews) == 0
    assert await builders.owed(shop, MessageKind.REVIEW) == []


async def test_thirty_days(sqlite_shop: Shop) -> None:
    """Till the last second of the thirtieth day it can be given and changed; after it is read, and no more."""
    shop = sqlite_shop
    dara, rose = await builders.customer(shop), await builders.product(shop)
    made = await opinion(shop, dara, rose, 4, "Good")
    shop.clock.move(rules.OPEN_FOR - timedelta(seconds=1))
    await service.rate(shop, dara, made.id, rose, 5)
    shop.clock.move(timedelta(seconds=1))
    for late in (
        service.rate(shop, dara, made.id, rose, 1),
        service.unsay(shop, dara, made.id, rose),
        say(shop, dara, made.id, rose, "Bad"),
    ):
        with pytest.raises(Refused, match="review_over"):
            await late
    (line,) = (await service.of_order(shop, dara, made.id)).lines
    assert (line.stars, line.text) == (5, "Good")


async def test_words_that_are_refused(sqlite_shop: Shop) -> None:
    """Nothing but signs, or 501 characters: refused with a sentence, and the question stands; 500 are kept whole."""
    shop = sqlite_shop
    dara, rose = await builders.customer(shop), await builders.product(shop)
    made = await opinion(shop, dara, rose, 4)
    question = await people.ask(shop, dara, "review", order_id=made.id, variant_id=rose)
    for text, why in (("🌹🌹🌹", "text_empty"), ("  ", "text_empty"), ("ល" * 501, "text_too_long")):
        with pytest.raises(Refused, match=why):
            await service.say(shop, dara, question, text)
    assert await people.question(shop, dara) == question
    found = await service.say(shop, dara, question, "<b>" + "ល" * 497)
    assert found.lines[0].text == "<b>" + "ល" * 497


async def test_the_same_answer_twice_is_said_once(sqlite_shop: Shop) -> None:
    """A line worked a second time changes nothing and owes no second note; words without stars are kept nowhere."""
    shop = sqlite_shop
    await builders.with_khqr(shop, staff_chat_id=builders.STAFF_CHAT)
    dara, rose = await builders.customer(shop), await builders.product(shop)
    made = await opinion(shop, dara, rose, 4)
    question = await people.ask(shop, dara, "review", order_id=made.id, variant_id=rose)
    await service.say(shop, dara, question, "First")
    await service.say(shop, dara, question, "Second")
    assert (await service.of_order(shop, dara, made.id)).lines[0].text == "First"
    assert await builders.owed(shop, MessageKind.REVIEW) == [(builders.STAFF_CHAT, "review")]
    other = await parcel(shop, dara, rose)
    assert (await say(shop, dara, other.id, rose, "No stars")).lines[0].text == ""
    assert len(await builders.owed(shop, MessageKind.REVIEW)) == 1


async def test_hidden_and_shown(shop: Shop) -> None:
    """Hidden: gone from list and average, there for its author; shown again it counts again; each once in the audit."""
    dara, rose = await builders.customer(shop), await builders.product(shop)
    staff = await builders.worker(shop)
    made = await opinion(shop, dara, rose, 1, "Rude")
    product_id = (await _product(shop, rose)).id
    for hidden, rating, listed in ((True, Rating(), []), (False, Rating(1, 1), ["Rude"])):
        for _twice in range(2):
            assert (await service.hide(shop, staff, 1, hidden=hidden)).hidden is hidden
        assert (await _product(shop, rose)).rating == rating
        assert [one.text for one in (await service.about(shop, product_id, 0)).opinions] == listed
        assert [one.text for one in await service.newest(shop, product_id, 5)] == listed
        assert (await service.of_order(shop, dara, made.id)).lines[0].text == "Rude"

    def audited(tx: Connection) -> list[tuple[str, int, int]]:
        rows = tx.execute(select(audit).where(audit.c.subject == "review").order_by(audit.c.id))
        return [(row.action, row.subject_id, row.actor_id) for row in rows]

    assert await shop.db.read(audited) == [("hide", 1, staff.id), ("show", 1, staff.id)]


async def test_changed_words_of_a_hidden_one_stay_hidden(sqlite_shop: Shop) -> None:
    """Who writes anew, or gives other stars, does not come back by it; the counter is told of the new words."""
    shop = sqlite_shop
    await builders.with_khqr(shop, staff_chat_id=builders.STAFF_CHAT)
    dara, rose, staff = await builders.customer(shop), await builders.product(shop), await builders.worker(shop)
    made = await opinion(shop, dara, rose, 1, "Rude")
    await service.hide(shop, staff, 1, hidden=True)
    await say(shop, dara, made.id, rose, "Ruder")
    await service.rate(shop, dara, made.id, rose, 2)
    assert (await _product(shop, rose)).rating == Rating()
    assert (await service.at_counter(shop, staff, 1)).text == "Ruder"


async def test_only_staff_hide(sqlite_shop: Shop) -> None:
    """The author, a stranger, a courier: not allowed to hide, show or read it as the counter does."""
    shop = sqlite_shop
    dara, rose = await builders.customer(shop), await builders.product(shop)
    await opinion(shop, dara, rose, 1, "Rude")
    courier = await builders.worker(shop, Role.COURIER, 2002, "Vuth")
    for person in (dara, await builders.customer(shop, 1002), courier):
        for refused in (service.hide(shop, person, 1, hidden=True), service.at_counter(shop, person, 1)):
            with pytest.raises(NotAllowed):
                await refused
    staff = await builders.worker(shop)
    for gone in (service.hide(shop, staff, 99, hidden=True), service.at_counter(shop, staff, 99)):
        with pytest.raises(NotFound):
            await gone
    assert (await _product(shop, rose)).rating == Rating(1, 1)


async def test_three_a_page(shop: Shop) -> None:
    """Seven opinions are three pages, the newest first; a number out of range gives the nearest page."""
    rose = await builders.product(shop, 20)
    for i in range(7):
        await opinion(shop, await builders.customer(shop, 3000 + i, f"Name{chr(65 + i)}"), rose, 5)
    product_id = (await _product(shop, rose)).id
    pages = [await service.about(shop, product_id, number) for number in (-1, 0, 1, 2, 9)]
    assert [(page.number, page.pages, len(page.opinions)) for page in pages] == [
        (0, 3, 3), (0, 3, 3), (1, 3, 3), (2, 3, 1), (2, 3, 1)
    ]  # fmt: skip
    names = [one.first_name for page in pages[1:4] for one in page.opinions]
    assert names == [f"Name{chr(65 + i)}" for i in reversed(range(7))]


async def test_two_taps_at_once_are_one_opinion(shop: Shop) -> None:
    """Two stars of one line in the same moment leave one row."""
    dara, rose = await builders.customer(shop), await builders.product(shop)
    made = await parcel(shop, dara, rose)
    await asyncio.gather(*(service.rate(shop, dara, made.id, rose, stars) for stars in (1, 5)))
    assert await builders.count(shop, reviews) == 1


@pytest.mark.parametrize(
    ("name", "username", "shown"),
    [
        ("Dara Sok", "", "Dara"), ("Dara", "dara_sok", "Dara"), ("សុខ ដារ៉ា", "", "សុខ"), ("🌸 Dara 🌸", "", "Dara"),
        ("Jean-Luc", "", "Jean-Luc"), ("O’Neil", "", "O’Neil"), ("dara.shop", "", ""), ("darasok", "DaraSok", ""),
        ("@dara", "", ""), ("012345678", "", ""), ("Dara012345678", "", ""), ("t.me/dara", "", ""), ("?", "", ""),
        ("🌸🌸", "", ""), ("", "", ""), ("W" * 60, "", "W" * 20), ("dara_sok", "", ""), ("<b>Dara</b>", "", ""),
    ],
)  # fmt: skip
def test_whose_name_stands_there(name: str, username: str, shown: str) -> None:
    """The first word of a real name; a phone, an address, a username is nobody's first name."""
    assert rules.first_name(name, username) == shown


@pytest.mark.parametrize(
    ("stars", "count", "shown"),
    [(0, 0, ""), (5, 1, "5.0"), (9, 2, "4.5"), (19, 4, "4.8"), (14, 3, "4.7"), (1, 1, "1.0")],
)
def test_the_average_is_rounded_half_up(stars: int, count: int, shown: str) -> None:
    """4.75 is 4.8; nobody's opinion is nothing."""
    assert Rating(stars, count).shown == shown
