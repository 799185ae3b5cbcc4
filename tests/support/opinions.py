"""What a test of opinions starts from: a delivered order, its stars and words as the buyer gives them."""

from core.orders.rules import Move, Order
from core.people import service as people
from core.people.rules import Person
from core.reviews import service as reviews
from core.reviews.rules import Delivered
from core.shop import Shop
from tests.support import builders

DELIVERED = (Move.PREPARE, Move.READY, Move.OUT, Move.DELIVER)


async def parcel(shop: Shop, person: Person, *variants: int) -> Order:
    """An order of one unit of each variant, delivered."""
    staff = await builders.worker(shop)
    cart = await builders.cart(shop, person, *((variant, 1) for variant in variants))
    return await builders.moved(shop, staff, await builders.place(shop, person, cart), *DELIVERED)


async def say(shop: Shop, person: Person, order_id: int, variant: int, text: str) -> Delivered:
    """Be asked for words about a line, and type them."""
    question = await people.ask(shop, person, "review", order_id=order_id, variant_id=variant)
    return await reviews.say(shop, person, question, text)


async def opinion(shop: Shop, person: Person, variant: int, stars: int, text: str = "") -> Order:
    """Buy a thing, get it, and say what one thinks of it."""
    made = await parcel(shop, person, variant)
    await reviews.rate(shop, person, made.id, variant, stars)
    if text:
        await say(shop, person, made.id, variant, text)
    return made
