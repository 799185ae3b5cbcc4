"""What staff decide about a suspicious order: it is fine, it stays marked, or it is rejected, which cancels it."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from core.errors import NotAllowed, NotFound, OutOfDate, Refused
from core.fulfilment import moves
from core.orders import notices, rules, store
from core.orders.rules import CancelReason, Move, Order, Status
from core.people.rules import Person, Rank
from core.settings import store as settings
from core.shop import Shop
from core.suspicion import store as suspicion
from core.suspicion.rules import CHECKED, Check, Verdict


async def decide(shop: Shop, person: Person, order_id: int, verdict: Verdict, seen: str, *, shown_in: int = 0) -> Order:
    """Say that a flagged order is verified, or that it stays suspicious. ``seen`` is the verdict it had, "" for none.

    Staff only. The first verdict wins: ``OutOfDate`` names whose it was. ``Refused`` for one's own order.
    """

    def act(tx: Connection, order: Order, now: datetime) -> Order:
        notices.staff_card(tx, shop.policy, order, now, shown_in=shown_in)
        return order

    if verdict is Verdict.REJECTED:  # that is :func:`reject`, which asks once more
        raise OutOfDate("old_button")
    return await _decide(shop, person, order_id, verdict, seen, act)


async def reject(shop: Shop, person: Person, order_id: int, version: int, seen: str, *, shown_in: int = 0) -> Order:
    """Reject a flagged order as it was at ``version``: it is cancelled, stock, points and money go back.

    Where the role may cancel no more, ``NotAllowed`` or ``Refused`` says who can, or what must happen first.
    """

    def act(tx: Connection, order: Order, now: datetime) -> Order:
        moves.must_be_as_seen(tx, order, version, person)
        step = rules.step_for(order, Move.CANCEL, person.rank)
        reason = CancelReason.REJECTED
        return moves.make(tx, shop.policy, order, step, now, by=person, shown_in=shown_in, reason=reason)

    return await _decide(shop, person, order_id, Verdict.REJECTED, seen, act)


def must_reject(order: Order, person: Person) -> None:
    """Refuse where this person cannot cancel the order now, with the sentence that says who can or what comes first."""
    person.must_be(Rank.STAFF)
    if order.status is Status.OUT:
        raise Refused("reject_out")
    try:
        rules.step_for(order, Move.CANCEL, person.rank)
    except NotAllowed:
        raise NotAllowed("reject_admin") from None


async def _decide(
    shop: Shop, person: Person, order_id: int, verdict: Verdict, seen: str,
    act: Callable[[Connection, Order, datetime], Order],
) -> Order:  # fmt: skip
    """Write a verdict on the flags as the person saw them, then ``act``; event and audit say who."""
    person.must_be(Rank.STAFF)
    await shop.refresh()

    def write(tx: Connection) -> Order:
        order, now = moves.fresh(tx, order_id), shop.clock.now()
        check = suspicion.check(tx, order_id)
        if check is None or not check.flags:
            raise NotFound
        rules.must_be_anothers(order, person)
        if (check.verdict or "") != seen or not check.open or verdict is check.verdict:
            raise _first(check, person)
        if verdict is Verdict.REJECTED:
            must_reject(order, person)
        if not suspicion.decide(tx, check, verdict, person.id, now):
            raise _first(suspicion.check(tx, order_id) or check, person)
        store.write_event(tx, order_id, CHECKED, now, actor_id=person.id, actor_name=person.name,
                          detail={"verdict": verdict})  # fmt: skip
        settings.write_audit(tx, now, person.id, f"order.{verdict}", "order", order_id)
        return act(tx, order, now)

    return await shop.db.write(write)


def _first(check: Check, person: Person) -> OutOfDate:
    """Say whose verdict it is."""
    if check.by_id == person.id:
        return OutOfDate("done_already")
    return OutOfDate("somebody_faster", name=check.by) if check.by else OutOfDate("moved_on")
