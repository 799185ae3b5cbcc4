"""A shop with one of everything, for the gallery of screens: what each of its shelves is drawn from."""

from dataclasses import dataclass, replace

from core import cards
from core.cards import OrderCard
from core.i18n import translator
from core.orders.rules import Order, PaymentMethod
from core.payments.rules import Attempt
from core.people import store as people
from core.people.rules import Address, Person, Role
from core.shop import Reader, Shop
from tests.support import builders
from tests.support.talk import DARA

ODD = '<b>&"1"</b>'
"""What no name should break: shown as it was typed."""
EN, KM = f"Rose {ODD}", f"កុលាប {ODD}"


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


async def furnish(shop: Shop) -> House:
    """Odd names everywhere; a KHQR order with its QR, and a cart."""
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
