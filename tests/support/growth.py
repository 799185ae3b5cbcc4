"""How much a shop grows with its orders: what stays of each when everything that goes by age is gone (PRODUCT, O14)."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, text, update

from core.clock import SteppedClock
from core.database.tables import outbox
from core.messages import store as messages
from core.messages.rules import MessageKind, MessageRef
from core.orders.rules import Move, Order, PaymentMethod
from core.people.rules import Person
from core.pictures.khqr_card import khqr_card
from core.shop import Shop
from core.storage import service as storage
from tests.support import builders

LINES = 2
"""Different things in each order."""
LATER = timedelta(days=100)
_IN_USE = text(
    "SELECT (p.page_count - f.freelist_count) * s.page_size "
    "FROM pragma_page_count p, pragma_freelist_count f, pragma_page_size s"
)


@dataclass(frozen=True)
class Growth:
    """Bytes for each order: of the database's pages in use; and of files, where a QR was drawn for it."""

    database: float
    files: int


async def measure(shop: Shop, clock: SteppedClock, orders: int, before: int) -> Growth:
    """Deliver ``before`` orders, which fill pages that stand empty, then so many more; compare what is kept of them.

    Each is of a new customer with an address, with its cards in two chats. SQLite only: its pages in use are counted
    as they are, without VACUUM. A QR's picture goes after a week.
    """
    goods = [await builders.product(shop, 10_000, sku=f"GOOD-{i}") for i in range(LINES)]
    staff = await builders.worker(shop)
    await _deliver(shop, staff, goods, range(before))
    was = await _kept(shop, clock)
    await _deliver(shop, staff, goods, range(before, before + orders))
    picture = khqr_card("0" * 180, "MADAM DA", "$24.00", "98,400៛")
    return Growth((await _kept(shop, clock) - was) / orders, len(picture))


async def _deliver(shop: Shop, staff: Person, goods: list[int], numbers: range) -> None:
    for number in numbers:
        buyer = await builders.customer(shop, 700_000 + number, f"អ្នកទិញ Buyer {number}")
        cart = await builders.cart(shop, buyer, *((one, 1) for one in goods))
        order = await builders.place(shop, buyer, cart, PaymentMethod.COD)
        await shop.db.write(_cards, shop, order, 700_000 + number)
        await builders.moved(shop, staff, order, Move.CONFIRM, Move.PREPARE, Move.READY, Move.OUT, Move.DELIVER)


def _cards(tx: Connection, shop: Shop, order: Order, chat: int) -> None:
    """The customer's card and the counter's, as the outbox remembers them."""
    for place, kind in ((chat, MessageKind.ORDER_CARD), (builders.STAFF_CHAT, MessageKind.STAFF_CARD)):
        ref = MessageRef(place, 1_000_000 + order.id, has_photo=False)
        messages.remember(tx, kind, order.id, ref, shop.clock.now())


async def _kept(shop: Shop, clock: SteppedClock) -> int:
    """Bytes of the pages in use, a hundred days after everything that was owed was sent."""
    sent = update(outbox).values(state="sent", sent_at=clock.now())
    await shop.db.write(lambda tx: tx.execute(sent) and None)
    clock.move(LATER)
    await storage.forget_old(shop)
    return await shop.db.read(lambda tx: int(tx.execute(_IN_USE).scalar_one()))
