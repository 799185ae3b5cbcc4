"""Asked in another chat (``@bot rose``): offer products there, with the sender's invitation in each link."""

from telegram import User

from bot.screen import Offers
from bot.screens import inline as screens
from core.cards import product_card
from core.catalog.offering import offered
from core.doors import Door, Goal
from core.people import service as people
from core.people.rules import Person, clean_name
from core.points import service as points
from core.shop import Shop, reader

_PAGES = 5
"""As many digits a page's number has."""


async def offers(line: str, offset: str, who: User, shop: Shop) -> Offers:
    """Offer a page of what a line means; ``offset`` is the page, as the last answer named it, untrusted."""
    person = await people.known(shop, who.id)
    reads = reader(person or Person(0, who.id, ""), (person and person.language) or who.language_code)
    number = int(offset) if offset.isascii() and offset.isdecimal() and len(offset) <= _PAGES else 0
    asked = clean_name(line) if line.strip() else ""
    found, more = offered(await shop.catalogue.now(), asked, number)
    code = await points.code(shop, person) if person and found else ""
    made = [(product_card(shop, one, reads), shop.door(Door(Goal.PRODUCT, one.id, code).payload)) for one in found]
    return screens.offers(reads.t, made, shop.config.public_url, str(number + 1) if more else "", first=number == 0)
