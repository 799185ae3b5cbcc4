"""Make one move of an order inside a transaction: status, stock, money, event and messages together, or nothing."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core.cash import store as cash
from core.cash.rules import Cash, taken_for
from core.errors import NotFound, OutOfDate
from core.fulfilment import owing, rewards
from core.orders import hands, notices, rules, store, undoing
from core.orders.rules import CancelReason, Move, Order, PaymentStatus, ReturnReason, Status, Step
from core.people.rules import Person, Rank
from core.settings.rules import Policy
from core.stock import store as stock

GIVEN, CHANGED, NEW_CODE = "given", "changed", "new_code"
"""The events of a parcel that was put into other hands, and of an order that became another: they stand as before."""
TAKEN_OVER = "take_over"
"""The event of an order that another took from its holder (``from``)."""
SHIPMENT = "shipment"
"""The event of a carrier that was named, or of none any more."""
IN_PLACE = frozenset({GIVEN, CHANGED, NEW_CODE, TAKEN_OVER, SHIPMENT})


def fresh(tx: Connection, order_id: int) -> Order:
    """Read an order that is to be changed, locked where the engine locks rows; ``NotFound`` where there is none."""
    store.lock(tx, order_id)
    order = store.by_id(tx, order_id)
    if order is None:
        raise NotFound
    return order


def make(
    tx: Connection, policy: Policy, order: Order, step: Step, now: datetime, *, by: Person | None = None,
    shown_in: int = 0, reason: CancelReason | ReturnReason | None = None, taken: Cash | None = None,
    also: bool = False,
) -> Order:  # fmt: skip
    """Make ``step``; ``by`` None is the shop itself. ``OutOfDate`` names who was faster; then nothing was changed.

    ``taken`` is the cash of a delivery where it is not the very sum; ``also``: the same tap made another step before.
    """
    values: dict[str, Any] = {"status": step.to, "payment_status": _paid(tx, order, step.move, now, by, taken)}
    if step.source is Status.PENDING:
        values["expires_at"] = None
    if by is not None and by.rank >= Rank.STAFF and order.holder_id is None:
        values |= {"holder_id": by.id, "held_at": now}
    if step.to is Status.DELIVERED:
        values["delivered_at"] = now
    if step.to is Status.OUT and by is not None:
        values["courier_id"] = hands.carrier_after(order, step, by)
    before = undoing.remembered(order, values)
    if not store.compare_and_set(tx, order, now, **values):
        raise faster(tx, order.id, by)
    rewards.follow(tx, policy, order, step.move, now)
    if step.holds is not None:
        stock.turn(tx, order.id, step.holds, now, by.id if by else None)
    store.write_event(
        tx, order.id, step.move, now, actor_id=by.id if by else None, actor_name=by.name if by else "",
        source=step.source, to=step.to, detail=_detail(reason=reason, before=before, **{"with": also}),
    )  # fmt: skip
    after = fresh(tx, order.id)
    notices.announce(tx, policy, after, step.move, now, shown_in=shown_in, by=by.id if by else 0)
    if step.move is Move.CANCEL:
        for case_id in owing.due_back(tx, order.id):
            notices.case(tx, policy, case_id, now)
    return after


def _detail(**said: Any) -> dict[str, Any] | None:
    """Keep of an event's detail what says anything."""
    return {name: value for name, value in said.items() if value} or None


def _paid(
    tx: Connection, order: Order, move: Move, now: datetime, by: Person | None, taken: Cash | None
) -> PaymentStatus:
    """Book what the move does to the money, and tell where that leaves the order's payment."""
    actor = by.id if by else None
    if move in {Move.CANCEL, Move.EXPIRE}:
        owing.follow(tx, order, move, now, actor)
        return owing.payment_after(tx, order)
    if move is Move.DELIVER and order.payment_status is PaymentStatus.DUE and actor is not None:
        exact = taken or Cash.exact(order.to_collect)
        if any(exact.sums):  # a code or points may have paid for all of it
            cash.collect(tx, order.id, actor, order.to_collect, exact, now)
            owing.collect(tx, order, exact.amounts, now, actor, exact.note)
    return rules.payment_after(order, move)


def make_by(
    tx: Connection, policy: Policy, order: Order, move: Move, now: datetime, by: Person, shown_in: int = 0,
    reason: CancelReason | ReturnReason | None = None, taken: Cash | None = None,
) -> Order:  # fmt: skip
    """Make a person's move if their role reaches so far. Preparing an order that is new confirms it first.

    A ``reason`` that is no answer of theirs comes from no button: ``OutOfDate``.
    """
    own = by.id == order.person_id
    new = move is Move.PREPARE and order.status is Status.PENDING
    if new:
        confirm = rules.step_for(order, Move.CONFIRM, by.rank, own=own)
        order = make(tx, policy, order, confirm, now, by=by, shown_in=shown_in)
    step = rules.step_for(order, move, by.rank, own=own)
    hands.must_carry(order, by, move)
    if reason is not None and reason not in rules.may_give(order, by, move):
        raise OutOfDate("old_button")
    if taken is not None:
        if move is not Move.DELIVER or order.payment_status is not PaymentStatus.DUE:
            raise OutOfDate("old_button")
        taken = taken_for(order.to_collect, order.riel_rate, taken)
    return make(tx, policy, order, step, now, by=by, shown_in=shown_in, reason=reason, taken=taken, also=new)


def by_system(tx: Connection, policy: Policy, order: Order, move: Move, now: datetime) -> Order:
    """Make a move of the shop itself."""
    return make(tx, policy, order, rules.step_for(order, move, rules.SYSTEM), now)


def must_be_as_seen(tx: Connection, order: Order, version: int, by: Person) -> None:
    """Refuse, with who was faster, what was decided of an order as it was at another ``version``."""
    if order.version != version:
        raise faster(tx, order.id, by)


def faster(tx: Connection, order_id: int, by: Person | None) -> OutOfDate:
    """Say who moved it last: the sentence for the one who came second, another for who tapped twice."""
    events = reversed(store.events(tx, order_id))
    moved = (event for event in events if event.actor_name and (event.to_status or event.kind in IN_PLACE))
    last = next(moved, None)
    if last is not None and by is not None and last.kind == TAKEN_OVER and (last.detail or {}).get("from") == by.id:
        return OutOfDate("taken_over", name=last.actor_name)
    if last is not None and by is not None and last.actor_id == by.id:
        return OutOfDate("done_already")
    return OutOfDate("somebody_faster", name=last.actor_name if last else "Haang")
