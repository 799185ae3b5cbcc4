"""What people write that nobody expected: each gets a clear sentence, the question stands, and the order goes on."""

import io

import pytest
from PIL import Image

from bot.sandbox.client import Desk, Person
from tests.support.house import House
from tests.support.stories import PRODUCT, come_in, sokha, together

HTML_NAME = "<b>Bob</b> & co"
HTML_STREET = "<a href='x'>No. 5</a> & \"6\" </b>"


async def at_phone(desk: Desk, name: str) -> Person:
    """Somebody new whose phone is being asked for."""
    person = await come_in(desk, name, "en", PRODUCT)
    await person.tap("Buy now")
    await person.expect("phone number")
    return person


async def at_street(desk: Desk, name: str) -> Person:
    """Somebody new whose street is being asked for."""
    person = await at_phone(desk, name)
    await person.send("012 000 001")
    provinces = await person.expect("Choose the province")
    await person.tap("Phnom Penh", on=provinces)
    districts = await person.expect("Choose the district")
    await person.tap(districts.buttons[0]["text"], on=districts)
    await person.expect("📎")
    return person


async def answer_to(person: Person, words: str, text: str) -> None:
    """Write something, and hold that the answer is a new message with these words."""
    before = await person.newest()
    await person.send(text)
    await person.expect(words, after=before)


async def says_what_a_phone_is(desk: Desk) -> None:
    """Words, too few digits, an unknown prefix: how to write it is said; then a number as people type it is taken."""
    person = await at_phone(desk, "Phoneless")
    for text in ("call me", "123", "+999 12 345"):
        await answer_to(person, "That phone number cannot be called", text)
    await answer_to(person, "Choose the province", "០១២ 000 001".translate(str.maketrans("០១២", "012")))


async def says_what_a_street_is(desk: Desk) -> None:
    """4,096 characters, emoji alone, dots: a sentence each; the question still stands for the line that is right."""
    person = await at_street(desk, "Streetless")
    await answer_to(person, "too long: 200 characters at most", "a" * 4_096)
    await answer_to(person, "Please write house and street in words", "🏠🏠🏠")
    await answer_to(person, "Please write house and street in words", "...")
    await answer_to(person, "Check your order", "#7 St. 1 🏠")


async def takes_no_photo_for_a_street(desk: Desk) -> None:
    """A photo and a file where a street is asked for: what is wanted is said, and the line after them is taken."""
    person = await at_street(desk, "Photographer")
    drawn = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 80, 80)).save(drawn, "PNG")
    for send in (person.photo, person.document):
        before = await person.newest()
        await send(drawn.getvalue())
        await person.expect("Please write house and street in words", after=before + 1)
    await answer_to(person, "Check your order", "House 1, Street 1")


async def takes_a_place_for_a_street(desk: Desk) -> None:
    """A shared location stands for the street; the counter gets a map."""
    person = await at_street(desk, "Somewhere")
    await person.share_location(11.5564, 104.9282)
    await person.tap("Cash on delivery", on=await person.expect("Check your order"))
    await person.expect("Waiting")
    link = await sokha(desk).tap("Map")
    assert "11.5564,104.9282" in link.url


async def test_odd_answers_to_questions(desk: Desk) -> None:
    """Each story in its own chat, all at once: a wrong answer costs a sentence, never the order."""
    await together(
        says_what_a_phone_is(desk), says_what_a_street_is(desk), takes_no_photo_for_a_street(desk),
        takes_a_place_for_a_street(desk),
    )  # fmt: skip


async def test_html_is_shown_as_it_was_typed(desk: Desk) -> None:
    """Tags in a name and in a street are letters, for the customer, at the counter and on every card (hole 20)."""
    person = await at_street(desk, HTML_NAME)
    await answer_to(person, HTML_STREET, HTML_STREET)
    review = await person.expect("Check your order")
    await person.tap("Cash on delivery", on=review)
    card = await sokha(desk).expect(HTML_STREET)
    assert HTML_NAME in card.text
    bold = [entity for entity in card.get("entities", ()) if entity["type"] == "bold"]
    assert len(bold) == 1


SMALL_TALK = ["hello", "/nothing", "/", "/start@somebody_else", "0", "🙂", "a" * 4_096, "/start " + "x" * 500]


@pytest.mark.parametrize("text", SMALL_TALK)
async def test_small_talk_is_answered_kindly(house: House, desk: Desk, text: str) -> None:
    """Whatever is written with no question asked, an answer comes with a way into the shop."""
    person = await come_in(desk, "Talker", "en")
    before = await person.newest()
    await person.send(text)
    answer = await person.expect("", after=before + 1)
    assert answer.buttons
    assert "went wrong" not in answer.text
    assert "Traceback" not in house.log("app")


async def test_an_empty_basket_is_no_dead_end(desk: Desk) -> None:
    """A basket with nothing in it and a list of no orders say so, and lead back."""
    person = await come_in(desk, "Browser", "en")
    for label, words in (("Cart", "Your cart is empty"), ("My orders", "You have not ordered yet")):
        await person.tap(label, on=await person.expect("Choose a shelf"))
        await person.tap("Shop", on=await person.expect(words))
