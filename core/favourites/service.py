"""Use cases of favourites: mark, unmark, look."""

from core.catalog.rules import Page
from core.errors import NotFound
from core.favourites import store
from core.people.rules import Person
from core.shop import Shop


async def mark(shop: Shop, person: Person, product_id: int, *, kept: bool) -> None:
    """Keep a product among the favourites, or not; said again it changes nothing. ``NotFound`` for what is not sold.

    What is not sold any more can still be unmarked.
    """
    if not kept:
        await shop.db.write(store.remove, person.id, product_id)
        return
    if product_id not in (await shop.catalogue.now()).products:
        raise NotFound("product_gone")
    await shop.db.write(store.add, person.id, product_id, shop.clock.now())


async def mine(shop: Shop, person: Person, page: int) -> Page:
    """Give a page of the favourites that are on sale, the last marked first. Hidden ones are back when they are."""
    return (await shop.catalogue.now()).listed(await shop.db.read(store.of_person, person.id), page)
