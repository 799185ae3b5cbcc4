"""Use cases of what is running low: the job that tells it, receiving more, hiding a thing (PRODUCT S12)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection

from core.catalog import store as catalog
from core.errors import NotFound, OutOfDate
from core.messages import store as messages
from core.messages.rules import MessageKind
from core.nudges import rules
from core.orders import notices
from core.orders import store as orders
from core.people import store as people
from core.people.rules import Person, Rank
from core.settings import store as settings
from core.shop import Shop
from core.stock import store as stock
from core.stock.rules import Low
from core.waiting import store as waiting

PAGE = 6
"""As many variants stand on one page: each has a row of buttons."""
STEPS = (10, 50)
"""As many units are received by one tap."""


@dataclass(frozen=True, slots=True)
class LowPage:
    """What is low, from the variant after ``after``; ``told`` names the note it is the list of, 0: all there is.

    ``waits`` is how many customers wait for a variant.
    """

    items: tuple[Low, ...]
    told: int = 0
    after: int = 0
    more: bool = False
    waits: Mapping[int, int] = field(default_factory=dict)


async def watch(shop: Shop) -> int:
    """The job: tell the counter once of what fell to the limit, all in one note; returns how many variants.

    Told and owed in one transaction. Whatever rose above the limit meanwhile is told of again when it falls again.
    """
    await shop.refresh()
    limit = shop.policy.low_stock

    def look(tx: Connection) -> tuple[list[int], list[int]]:
        return stock.risen(tx, limit), stock.falling(tx, limit)

    risen, falling = await shop.db.read(look)
    if rules.silent(shop.policy, shop.clock.now().astimezone(shop.config.zone)):
        falling = []
    return await shop.db.write(_tell, shop, risen, falling) if risen or falling else 0


def _tell(tx: Connection, shop: Shop, risen: list[int], falling: list[int]) -> int:
    stock.forget_low(tx, risen, shop.policy.low_stock)
    stamp, chats = _stamp(shop.clock.now()), notices.staff_chats(tx, shop.policy)
    told = stock.tell_low(tx, falling, shop.policy.low_stock, _moment(stamp)) if falling and any(chats) else []
    if told:
        run = orders.next_number(tx, "low_stock")
        for chat in chats:
            messages.owe(tx, chat, MessageKind.LOW_STOCK, run, shop.clock.now(), data={"told": stamp})
    return len(told)


def _stamp(moment: datetime) -> int:
    """Name a note by the millisecond of its run."""
    return int(moment.timestamp() * 1000)


def _moment(stamp: int) -> datetime:
    return datetime.fromtimestamp(stamp // 1000, UTC).replace(microsecond=stamp % 1000 * 1000)


async def look(shop: Shop, person: Person, told: int = 0, after: int = 0) -> LowPage:
    """Read a page of what is low: what one note told of, or all; staff only."""
    person.must_be(Rank.STAFF)
    return await shop.db.read(page, told, after)


def page(tx: Connection, told: int = 0, after: int = 0) -> LowPage:
    """A page of what is low, for the counter; a note that never was tells of nothing."""
    try:
        found = stock.low(tx, PAGE + 1, after, _moment(told) if told else None)
    except (ValueError, OverflowError, OSError):  # a forged button: no such moment
        found = []
    waits = waiting.counts(tx, [one.variant_id for one in found])
    return LowPage(tuple(found[:PAGE]), told, after, len(found) > PAGE, waits)


async def receive(shop: Shop, person: Person, variant_id: int, units: int, receipt: int) -> Low:
    """Add units that came in, on top of the ``receipt`` that was seen last; staff only.

    ``OutOfDate`` where more was received since, so that one tap counts once, and a colleague's is not counted again.
    """
    person.must_be(Rank.STAFF)
    if units not in STEPS:
        raise OutOfDate("old_button")

    def write(tx: Connection) -> Low:
        now = shop.clock.now()
        last, who = stock.last_receipt(tx, variant_id)
        before = _there(tx, variant_id)
        if last != receipt:
            raise _faster(tx, who, person)
        stock.receive(tx, variant_id, units, now, person.id)
        detail = {"units": units, "sku": before.sku}
        settings.write_audit(tx, now, person.id, "stock.receive", "variant", variant_id, detail)
        return _there(tx, variant_id)

    return await shop.db.write(write)


async def put_out(shop: Shop, person: Person, variant_id: int, *, on_sale: bool) -> Low:
    """Take the product of a variant off the shelf, or show it again; admins only. Twice is once."""
    person.must_be(Rank.ADMIN)

    def write(tx: Connection) -> Low:
        now, found = shop.clock.now(), _there(tx, variant_id)
        if catalog.put_out(tx, found.product_id, now, on_sale=on_sale):
            what = "product.show" if on_sale else "product.hide"
            settings.write_audit(tx, now, person.id, what, "product", found.product_id, {"sku": found.sku})
        return _there(tx, variant_id)

    return await shop.db.write(write)


def _there(tx: Connection, variant_id: int) -> Low:
    found = stock.looked_at(tx, variant_id)
    if found is None:
        raise NotFound("product_gone")
    return found


def _faster(tx: Connection, who: int | None, person: Person) -> OutOfDate:
    """Say who received goods since: the person themselves, somebody else, or nobody who can be named."""
    if who == person.id:
        return OutOfDate("done_already")
    other = people.by_id(tx, who) if who else None
    return OutOfDate("somebody_faster", name=other.name if other else "Haang")
