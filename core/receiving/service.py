"""Use cases of goods that come in: a pasted list, shown as a table, taken in as it was shown; admins only."""

from sqlalchemy import Connection

from core.catalog import store as catalog
from core.errors import OutOfDate, Refused
from core.people import store as people
from core.people.rules import Person, Question, Rank
from core.receiving import rules
from core.receiving.rules import Delivery
from core.settings import store as settings
from core.shop import Shop
from core.stock import store as stock


async def preview(shop: Shop, person: Person, text: str) -> Delivery:
    """Lay a list beside what there is."""
    person.must_be(Rank.ADMIN)
    await shop.refresh()
    return await shop.db.read(_beside, text, shop.policy.riel_rate)


def _beside(tx: Connection, text: str, rate: int) -> Delivery:
    pasted = rules.parse(text, rate)
    return rules.beside(pasted, catalog.by_skus(tx, [one.sku for one in pasted.wanted]))


async def take_in(shop: Shop, person: Person, question: Question, digest: str) -> Delivery:
    """Take a list in as it was shown: movements, receipts, the last cost; ``OutOfDate`` where stock moved since.

    ``Refused`` while a line cannot be read: all of it or nothing. Said twice it counts once.
    """
    person.must_be(Rank.ADMIN)
    await shop.refresh()

    def write(tx: Connection) -> Delivery:
        if not people.take(tx, person.id, question):
            raise OutOfDate("done_already")
        found = _beside(tx, str(question.data["text"]), shop.policy.riel_rate)
        if found.troubles or not found.lines:
            raise Refused("delivery_unread")
        for product_id in sorted({line.variant.product_id for line in found.lines}):
            catalog.lock_product(tx, product_id)
        found = _beside(tx, str(question.data["text"]), shop.policy.riel_rate)
        if found.digest != digest:
            raise OutOfDate("goods_moved")
        for line in sorted(found.lines, key=lambda line: line.variant.id):
            _receive(tx, shop, person, line, found.note)
        return found

    return await shop.db.write(write)


def _receive(tx: Connection, shop: Shop, person: Person, line: rules.Line, note: str) -> None:
    now, variant = shop.clock.now(), line.variant
    stock.take_in(tx, variant.id, line.units, now, person.id, unit_cost=line.cost, note=note)
    if line.cost is not None and line.cost != variant.cost:
        catalog.change_variant(tx, variant, now, cost=line.cost)
    detail = {"sku": variant.sku, "units": line.units, "before": variant.on_hand, "cost": line.cost,
              "cost_before": variant.cost, "from": note}  # fmt: skip
    settings.write_audit(tx, now, person.id, "stock.receive", "variant", variant.id, detail)
