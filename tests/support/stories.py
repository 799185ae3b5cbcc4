"""Parts of stories that many journeys share: coming in, buying, the counter. Told with the shop's own words."""

import asyncio
import io
import re
from typing import Any

from PIL import Image

from bot.sandbox.client import Desk, Message, Person
from bot.sandbox.practice import SOKHA, STAFF_GROUP, VANNA
from core.i18n import translator

STREET = "House 7, Street 123"
PRODUCT = "p_1"
LATIN = {"MADAM", "DA", "KHQR", "MD", "Language", "English", "QR", "SPF", "ml", "g", "start", "cm", "Telegram",
         "Sokha"}  # fmt: skip
"""Latin words that stand on Khmer screens on purpose: names (who took the cash), units, the way to another language."""


def sokha(desk: Desk) -> Person:
    """Staff at the counter."""
    return desk.person(SOKHA).chat(STAFF_GROUP)


def vanna(desk: Desk) -> Person:
    """Their colleague."""
    return desk.person(VANNA).chat(STAFF_GROUP)


async def come_in(desk: Desk, name: str, language: str = "en", payload: str = "") -> Person:
    """Let somebody new press Start and choose a language; they see the front, or the product of their link."""
    person = await desk.newcomer(name, language)
    await person.start(payload)
    await person.tap({"en": "English", "km": "ខ្មែរ"}[language])
    return person


async def say_where(person: Person, language: str = "en", street: str = STREET) -> Message:
    """From the question for the phone to the review: share it, the first province and district, the street."""
    t = translator(language)
    await person.expect(t("ask.phone"))
    await person.share_contact()
    provinces = await person.expect(t("ask.province").partition("\n\n")[2])
    await person.tap(provinces.buttons[0]["text"], on=provinces)
    districts = await person.expect(t("ask.district", province="").partition("\n\n")[2])
    await person.tap(districts.buttons[0]["text"], on=districts)
    await person.expect("📎")
    await person.send(street)
    return await person.expect_button(t("button.pay_cod"))


async def at_review(person: Person, product: str = PRODUCT) -> Message:
    """Somebody known, from a product's link to its review."""
    before = await person.newest()
    await person.start(product)
    await person.tap("Buy now", on=await person.expect("Buy now", after=before))
    return await person.expect("Check your order", after=before)


async def order(person: Person, pay: str = "Cash on delivery") -> Message:
    """Somebody known orders; returns their card's message."""
    review = await at_review(person)
    await person.tap(pay, on=review)
    return await person.expect("MD0", after=review["message_id"] - 1)


async def staff_card(desk: Desk, card: Message) -> Message:
    """Wait for the counter's card of the same order."""
    return await sokha(desk).expect(number_in(card.text))


def order_id(card: Message) -> int:
    """The order's id, as its buttons carry it."""
    values = [key.get("callback_data", "") for key in card.buttons]
    return next(int(value.split(":")[1]) for value in values if value.startswith(("oc:", "ov:")))


async def together(*work: Any) -> list[Any]:
    """Do things at the same instant."""
    return list(await asyncio.gather(*work))


async def picture(person: Person, message: Message) -> Image.Image:
    """Open a message's photo."""
    return Image.open(io.BytesIO(await person.file(message)))


def number_in(text: str) -> str:
    """The order number in a text."""
    found = re.search(r"MD\d{5}", text)
    if not found:
        raise AssertionError(f"no order number in {text!r}")
    return found[0]


def english_on(shown: set[str]) -> list[str]:
    """Latin words that nobody allowed."""
    words = {word for text in shown for word in re.findall(r"[A-Za-z]{2,}", text)}
    return sorted(words - LATIN)
