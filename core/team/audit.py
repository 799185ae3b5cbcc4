"""Who did what, newest first: the audit's lines and the orders' events read as one list; nothing here writes."""

from collections.abc import Callable

from sqlalchemy import Connection

from core.people.rules import Person, Rank
from core.shop import Shop
from core.team import rules, store
from core.team.rules import AuditPage, Pages


async def read(
    shop: Shop, person: Person, words: str = "", before: Pages | None = None,
    meaning: Callable[[str], frozenset[str]] = lambda _words: frozenset(),
) -> AuditPage:  # fmt: skip
    """Read a page of what was done: all, one order's by its number, or what a name or a word means; admins only.

    Without words the customers' own doings and the shop's are left out: an order's number shows those of that order.
    ``meaning`` names the kinds of deed whose words, in any language, hold what was written.
    """
    person.must_be(Rank.ADMIN)
    words, begin = " ".join(words.split())[: rules.SEARCH], before or Pages()
    kinds = meaning(words) if words else frozenset()

    def look(tx: Connection) -> AuditPage:
        order = store.order_called(tx, words.upper()) if words else None
        lines = store.lines(tx, begin.lines, order=order, words=words, kinds=kinds)
        events = store.events(tx, begin.events, order=order, words=words, kinds=kinds)
        return rules.page(lines, events, begin, words)

    return await shop.db.read(look)
