"""Use cases of waiting for what is sold out: ask to be told, leave the list; the job that tells; what a note says."""

from sqlalchemy import Connection

from core.catalog import store as catalog
from core.catalog.rules import Product
from core.errors import NotFound, Refused
from core.messages import store as messages
from core.messages.rules import MessageKind, Owed
from core.people.rules import Person
from core.shop import Shop
from core.waiting import store

AT_ONCE = 10
"""So many notes may be on their way at a time: Telegram takes 30 messages a second, and most of them are for orders.

Whoever kills the process between Telegram's yes and our note of it makes no more than these come twice."""


async def ask(shop: Shop, person: Person, variant_id: int) -> bool:
    """Put the person on the list of a variant that is sold out; False where they stand on it already.

    ``Refused`` for one that is there, ``NotFound`` for one that is not sold.
    """

    def write(tx: Connection) -> bool:
        left = _left(tx, variant_id)
        if left is None:
            raise NotFound("product_gone")
        if left > 0:
            raise Refused("back_already")
        return store.add(tx, person.id, variant_id, shop.clock.now())

    return await shop.db.write(write)


async def leave(shop: Shop, person: Person, variant_id: int) -> None:
    """Take the person off a variant's list."""
    await shop.db.write(store.remove, person.id, variant_id)


async def tell(shop: Shop) -> int:
    """The job: owe a note to the next few who asked for what is back; returns how many.

    Whoever is taken off the list gets the note in the same transaction, so a kill between two batches forgets nobody;
    two processes that look at once see the same few, and one of them takes each.
    """
    now = shop.clock.now()

    def look(tx: Connection) -> list[store.Wait]:
        free = AT_ONCE - messages.unsent(tx, MessageKind.BACK_IN_STOCK, now)
        return store.due(tx, free) if free > 0 else []

    def write(tx: Connection, due: list[store.Wait]) -> int:
        taken = store.tell(tx, due, now)
        for wait in taken:
            data = {"wait": wait.id}
            messages.owe(tx, wait.chat_id, MessageKind.BACK_IN_STOCK, wait.variant_id, now, data=data)
        return len(taken)

    due = await shop.db.read(look)
    return await shop.db.write(write, due) if due else 0


async def news(shop: Shop, owed: Owed) -> Product | None:
    """Give what is back, as it is now; None where it is sold out or hidden again.

    Then the message ends unsent in the transaction that puts the person back in their place on the list.
    """

    def write(tx: Connection) -> None:
        if messages.drop(tx, owed, shop.clock.now()):
            store.put_back(tx, int(owed.data["wait"]))

    found = await shop.db.read(catalog.on_sale, variant_ids=[owed.subject_id])
    if found and found[0].left > 0:
        return found[0]
    await shop.db.write(write)
    return None


def _left(tx: Connection, variant_id: int) -> int | None:
    """What is left of a variant; None where it is not on sale."""
    found = catalog.on_sale(tx, variant_ids=[variant_id])
    return found[0].left if found else None
