"""Find something by writing what it is called: results, page by page; the shelves where nothing is found."""

from bot import taps
from bot.handlers.customer import paying, storefront
from bot.me import Me
from bot.screen import Screen
from bot.screens import shop as screens
from core.catalog.search import LONGEST
from core.errors import NotFound
from core.people import service as people
from core.people.rules import Question, clean_name


async def search(text: str, me: Me) -> Screen:
    """Look for a line that answers no question."""
    line = clean_name(text)[:LONGEST]
    if not any(character.isalnum() for character in line):
        return await _wordless(me)
    catalogue = await me.shop.catalogue.now()
    page = catalogue.search(line)
    if not page.products:
        return screens.nothing_found(me.reader.t, me.shop.policy.shop_name, line, catalogue.filled())
    asked = await people.ask(me.shop, me.person, "search", line=line)
    return screens.found(me.reader.t, me.shop.policy.shop_name, line, page, asked.stamp)


async def _wordless(me: Me) -> Screen:
    """Make out what says no word: a picture may be of a payment that is awaited, a sticker or a smile says nothing."""
    payment = await paying.picture_came(me) if me.wrote is not None and me.wrote.mark else None
    return payment or await storefront.not_understood("", me)


async def search_again(text: str, me: Me, _question: Question) -> Screen:
    """Take the next line for another search."""
    return await search(text, me)


async def open_result(tap: taps.OpenResult, me: Me) -> Screen:
    """Show a product that was found, with the way back to the page it was found on."""
    return await storefront.show(me, tap.product_id, back=taps.TurnResults(tap.search, tap.page))


async def turn(tap: taps.TurnResults, me: Me) -> Screen:
    """Show another page of what was looked for last; ``NotFound`` for an earlier search."""
    question = await people.question(me.shop, me.person)
    if question is None or question.kind != "search" or question.stamp != tap.search:
        raise NotFound("search_gone")
    page = (await me.shop.catalogue.now()).search(question.data["line"], tap.page)
    return screens.found(me.reader.t, me.shop.policy.shop_name, question.data["line"], page, tap.search)
