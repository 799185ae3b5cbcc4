"""An order is changed after it was placed: units, goods, address; the difference is settled and told (PRODUCT S15)."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core.catalog import store as catalog
from core.errors import NotFound, OutOfDate, Refused
from core.fulfilment import moves, owing, rewards, rules
from core.fulfilment.rules import Proposal, Settling, Wanted
from core.money import usd
from core.orders import notices
from core.orders import store as orders
from core.orders.rules import Event, Line, Order, PaymentStatus
from core.payments import service as payments
from core.people import store as people
from core.people.rules import Person, Question, Rank
from core.points import rules as point_rules
from core.points import store as points
from core.promotions import store as promotions
from core.settings import store as settings
from core.settings.rules import Policy
from core.settlements import store as settlements
from core.settlements.rules import CaseKind, CaseState, Source, balance
from core.shop import Shop
from core.stock import store as stock


@dataclass(frozen=True, slots=True)
class Part:
    """One line that became another: its names in both languages, its units before and after."""

    name_en: str
    name_km: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Told:
    """What changes that follow each other come to, as their order's customer hears it; amounts are cents.

    ``back`` is what goes back of what they paid; ``code`` the promo code that fell away.
    """

    parts: tuple[Part, ...]
    where: tuple[str, ...]
    before: int
    after: int
    back: int
    code: str


async def propose(shop: Shop, person: Person, order_id: int, version: int, wanted: Wanted) -> Proposal:
    """Count what the order would be, as the person saw it (``version``); nothing is changed.

    ``OutOfDate`` where it moved on, ``NotAllowed`` where the role does not reach, ``Refused`` where it cannot be so.
    """
    person.must_be(Rank.STAFF)
    await shop.refresh()

    def read(tx: Connection) -> Proposal:
        order = orders.by_id(tx, order_id)
        if order is None:
            raise NotFound
        return _proposal(tx, shop.policy, person, order, version, wanted)

    return await shop.db.read(read)


async def change(
    shop: Shop, person: Person, order_id: int, version: int, wanted: Wanted, total: int, *, shown_in: int = 0,
    question: Question | None = None,
) -> Order:  # fmt: skip
    """Change the order as the person saw it: ``version``, and the new ``total`` in cents, which is only compared.

    A second tap, or the loser of a race, changes nothing: ``OutOfDate``. ``shown_in`` is the chat whose tap it was;
    ``question`` holds what was wanted, and is closed in the same transaction.
    """
    person.must_be(Rank.STAFF)
    await shop.refresh()

    def write(tx: Connection) -> Order:
        order = moves.fresh(tx, order_id)
        rewards.keep(tx, order)
        found = _proposal(tx, shop.policy, person, order, version, wanted)
        if not found.differs:
            raise Refused("change_nothing")
        if found.total.charged.amount != total:
            raise OutOfDate("price_moved", total=found.total.charged)
        changed = _change(tx, shop, person, found, shown_in)
        people.close_question(tx, person.id, question)
        return changed

    return await shop.db.write(write)


def _proposal(tx: Connection, policy: Policy, person: Person, order: Order, version: int, wanted: Wanted) -> Proposal:
    moves.must_be_as_seen(tx, order, version, person)
    waits = any(case.state is CaseState.OPEN for case in settlements.cases(tx, order.id))
    rules.must_be_open(order, person.rank, looked_at=waits)
    on_sale = {v.id: (p, v) for p in catalog.on_sale(tx, variant_ids=list(wanted.units)) for v in p.variants}
    promo = promotions.as_used(tx, order.id) if order.promo_code else None
    sums = balance(settlements.of_order(tx, order.id))
    return rules.propose(order, wanted, on_sale, promo, policy, sums)


def _change(tx: Connection, shop: Shop, person: Person, found: Proposal, shown_in: int) -> Order:
    """Write it: order, lines, code and points, stock, money, event, messages, in this order (rows are locked so)."""
    order, now, policy = found.order, shop.clock.now(), shop.policy
    if not orders.compare_and_set(tx, order, now, **_values(found, shop)):
        raise moves.faster(tx, order.id, person)
    orders.change_lines(tx, order.id, found.lines)
    _discounts(tx, policy, found, now)
    if found.units:
        stock.resize(tx, order.id, found.units, now, person.id)
    case_id = _give_back(tx, found, now, person)
    changed_before = sum(event.kind == moves.CHANGED for event in orders.events(tx, order.id))
    detail = _detail(found)
    orders.write_event(
        tx, order.id, moves.CHANGED, now, actor_id=person.id, actor_name=person.name, detail=detail
    )  # fmt: skip
    settings.write_audit(tx, now, person.id, "order.change", "order", order.id, {"total": detail["total"]})
    after = moves.fresh(tx, order.id)
    if found.settling is Settling.QR:
        payments.present(tx, policy, after, now)
    notices.announce(tx, policy, after, None, now, shown_in=shown_in, by=person.id)
    notices.changed(tx, after, changed_before, now, by=person.id)
    if case_id:
        notices.case(tx, policy, case_id, now)
    return after


def _values(found: Proposal, shop: Shop) -> dict[str, Any]:
    """The order's own columns after the change."""
    order, to = found.order, asdict(found.to)
    values = {
        "recipient": to.pop("recipient"), "phone": to.pop("phone"), "address": to,
        "subtotal": found.total.goods.amount, "discount": found.total.discount.amount,
        "delivery_fee": found.total.delivery.amount, "total": found.total.charged.amount,
        "points_used": found.points, "points_discount": found.by_points.amount,
        "promo_code": "" if found.code_gone else order.promo_code,
    }  # fmt: skip
    if found.code_gone:  # who brought the customer goes with it
        values |= {"promoter_id": None, "commission_rate": 0}
    if found.settling is Settling.QR:  # a new sum, and the whole time to pay it
        values["expires_at"] = shop.clock.now() + shop.policy.khqr_hold
    if found.settling is Settling.REST:
        values |= {"prepaid": order.paid.amount, "payment_status": PaymentStatus.DUE}
    if found.settling in {Settling.BACK, Settling.EVEN}:
        values |= {"prepaid": 0, "payment_status": PaymentStatus.PAID}
    return values


def _discounts(tx: Connection, policy: Policy, found: Proposal, now: datetime) -> None:
    """Let the code and the points that were spent follow the goods."""
    order = found.order
    if order.points_used > found.points:
        ends = point_rules.expiry(now, policy)
        points.give_back_some(tx, order.id, order.points_used - found.points, now, ends)
    if found.code_gone:
        promotions.give_back(tx, order.id, now)
    elif found.by_code != order.discount - order.points_discount:
        promotions.discounted(tx, order.id, found.by_code)


def _give_back(tx: Connection, found: Proposal, now: datetime, person: Person) -> int:
    """Of what was paid owe back what is too much now; returns the case, 0 for none. The books follow the new total."""
    if found.settling not in {Settling.BACK, Settling.EVEN}:
        return 0
    case_id = 0
    if found.settling is Settling.BACK:
        case_id = owing.owe(tx, found.order, CaseKind.OVER, found.amount, now, actor=person.id).id
    owing.waive(tx, found.order.id, found.total.charged, now, Source.STAFF, actor_id=person.id)
    return case_id


def _detail(found: Proposal) -> dict[str, Any]:
    """What the event keeps: goods before and after, parts of the address by name, totals; nothing about anybody."""
    before, after = ({line.variant_id: line for line in of} for of in (found.order.lines, found.lines))
    parts = [
        {"name_en": _named(line.name_en, line.variant_en), "name_km": _named(line.name_km, line.variant_km),
         "before": before[variant].quantity if variant in before else 0,
         "after": after[variant].quantity if variant in after else 0}
        for variant, line in (before | after).items() if variant in found.units
    ]  # fmt: skip
    back = found.amount if found.settling is Settling.BACK else usd(0)
    return {
        "parts": parts, "where": list(found.where), "total": [found.order.total.amount, found.total.charged.amount],
        "back": back.amount, "code": found.order.promo_code if found.code_gone else "",
    }  # fmt: skip


def _named(name: str, variant: str) -> str:
    return f"{name} · {variant}" if variant else name


# ── what its customer hears ──────────────────────────────────────────────────────────────────────────────────────────
def told(events: Iterable[Event], after: int) -> Told | None:
    """Fold the changes of an order from the one behind the first ``after`` on; None where there is none."""
    found = [event.detail or {} for event in events if event.kind == moves.CHANGED][after:]
    if not found:
        return None
    parts: dict[str, Part] = {}
    for one in (part for detail in found for part in detail["parts"]):
        first = parts.get(one["name_en"] + one["name_km"])
        was = first.before if first else one["before"]
        parts[one["name_en"] + one["name_km"]] = Part(one["name_en"], one["name_km"], was, one["after"])
    where = dict.fromkeys(part for detail in found for part in detail["where"])
    return Told(
        tuple(part for part in parts.values() if part.before != part.after), tuple(where), found[0]["total"][0],
        found[-1]["total"][1], sum(detail["back"] for detail in found),
        next((detail["code"] for detail in found if detail["code"]), ""),
    )  # fmt: skip


async def news(shop: Shop, order_id: int, after: int) -> Told | None:
    """Read what became of an order since the first ``after`` changes, for its customer's note."""
    return told(await shop.db.read(orders.events, order_id), after)


def lines_of(found: Proposal) -> tuple[tuple[Line, int], ...]:
    """Every line that stands or stood, in its place, with the units it would have."""
    after = {line.variant_id: line.quantity for line in found.lines}
    there = {line.variant_id for line in found.order.lines}
    added = [line for line in found.lines if line.variant_id not in there]
    return tuple((line, after.get(line.variant_id, 0)) for line in (*found.order.lines, *added))
