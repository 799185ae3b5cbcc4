"""The payment inbox (PRODUCT S13, A13): what people do about money that does not simply fit."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.errors import NotFound, OutOfDate, Refused
from core.fulfilment import money, moves, owing
from core.orders import notices
from core.orders import store as orders
from core.orders.rules import NOTHING, Move, Order, PaymentMethod, PaymentStatus, Status, must_be_anothers
from core.payments import store as payments
from core.payments.rules import Step
from core.people import store as people
from core.people.rules import Person, Question, clean_name
from core.settings import store as settings
from core.settlements import rules, store
from core.settlements.rules import ELSEWHERE, WORDS, Act, Case, CaseKind, CaseState, Kind, Outcome, Source
from core.shop import Shop

REFERENCE = 120
AGAIN = timedelta(minutes=15)
"""How long a customer has after their claim was rejected."""
PICTURES = 10
"""As many pictures join a claim: as many as an album of Telegram's holds."""
NOTED = 12
"""As many other orders are named that came with the same pictures."""


async def approve(
    shop: Shop, person: Person, case_id: int, version: int, reference: str, question: Question | None = None
) -> Case:
    """Take a case as good, with the bank's ``reference`` or whatever the person looked at, said to a ``question``.

    A word (claimed, silent) and money elsewhere become received on that person's word. Too little is let pass in their
    name; of too much the rest goes back. ``Refused`` where the order can take no money any more, or its stock is gone.
    """
    said = _said(reference)

    def act(tx: Connection, case: Case, order: Order) -> None:
        now = shop.clock.now()
        if order.payment_status is PaymentStatus.PAID and case.waits_with_money:  # in its total, or waived already
            owing.approve(tx, case, now, Outcome.APPROVED, closed_by=person.id, reference=said)
            return
        if case.state is not CaseState.OPEN or not order.open or order.payment_status is PaymentStatus.PAID:
            raise OutOfDate("case_moved_on")
        who = {"actor_id": person.id, "reference": said}
        if case.kind in WORDS | ELSEWHERE:
            lies = [one.amount for one in store.cases(tx, order.id) if one.waits_with_money]
            amount = case.amount if case.kind in ELSEWHERE and case.amount.amount else rules.rest(order.total, lies)
            behind = {"attempt_id": case.attempt_id, "bank_hash": case.bank_hash or None}
            if not store.book(tx, order.id, Kind.RECEIVED, Source.STAFF, amount, now, **behind, **who):
                store.book(tx, order.id, Kind.RECEIVED, Source.STAFF, amount, now, **who)  # that hash counts already
        _keep(tx, order, case, person, said, shop)
        if not money.pays(tx, shop.policy, order, now):
            raise Refused("sold_out_meanwhile")

    return await _act(shop, person, Act.APPROVE, case_id, version, "approve", act, question)


def _keep(tx: Connection, order: Order, case: Case, person: Person, said: str, shop: Shop) -> None:
    """Close the case and all money that waits beside it as kept; what is too much goes back, too little is waived."""
    now = shop.clock.now()
    over = owing.over(tx, order)
    for one in store.cases(tx, order.id):
        if one.id == case.id and over.amount > 0 and one.kind not in WORDS:
            owing.owe_case(tx, one, now, amount=over, actor=person.id, reference=said)
            owing.take_along(tx, one, Step.APPROVE)
        elif one.id == case.id or one.waits_with_money:
            owing.approve(tx, one, now, Outcome.APPROVED, closed_by=person.id, reference=said)
    owing.waive(tx, order.id, order.total, now, Source.STAFF, actor_id=person.id, reference=said)


async def refund(shop: Shop, person: Person, case_id: int, version: int) -> Case:
    """Decide that a case's money goes back; an order that waited for it, or has too little, is cancelled with it."""

    def act(tx: Connection, case: Case, order: Order) -> None:
        now = shop.clock.now()
        if not case.waits_with_money:
            raise OutOfDate("case_moved_on")
        paid = order.payment_status is PaymentStatus.PAID
        if paid and case.kind is CaseKind.OVER:
            _over_back(tx, order, case, person, now)
            return
        if order.status is Status.PENDING or paid:
            moves.make_by(tx, shop.policy, order, Move.CANCEL, now, person)
            return
        owing.owe_case(tx, case, now, actor=person.id)
        if order.payment_status is PaymentStatus.REVIEW:
            orders.compare_and_set(tx, order, now, payment_status=owing.payment_after(tx, order))

    return await _act(shop, person, Act.REFUND, case_id, version, "refund", act)


def _over_back(tx: Connection, order: Order, case: Case, person: Person, now: datetime) -> None:
    """Of a paid order give back what is too much, and take back that it was let pass."""
    over = owing.over(tx, order)
    if over.amount <= 0:
        raise OutOfDate("case_moved_on")
    owing.owe_case(tx, case, now, amount=over, actor=person.id)
    owing.waive(tx, order.id, order.total, now, Source.STAFF, actor_id=person.id)


async def reject(shop: Shop, person: Person, case_id: int, version: int) -> Case:
    """Say that no such money came: a claim, a silent bank, or money that is somebody else's.

    After a rejected claim the customer has 15 minutes to pay; an order the bank was silent about expires.
    """

    def act(tx: Connection, case: Case, order: Order) -> None:
        now = shop.clock.now()
        if case.state is not CaseState.OPEN or case.waits_with_money:
            raise OutOfDate("case_moved_on")
        store.turn(tx, case, now, CaseState.DONE, outcome=Outcome.REJECTED, closed_by=person.id)
        owing.take_along(tx, case, Step.REJECT)
        others = any(one.state is CaseState.OPEN for one in store.cases(tx, order.id))
        if order.payment_status is not PaymentStatus.REVIEW or others:
            return
        if case.kind is CaseKind.SILENT and order.status is Status.PENDING:
            moves.by_system(tx, shop.policy, order, Move.EXPIRE, now)
        else:
            until = now + AGAIN if order.status is Status.PENDING else None
            orders.compare_and_set(tx, order, now, payment_status=owing.payment_after(tx, order), expires_at=until)
            if case.kind is CaseKind.CLAIMED and until is not None:
                notices.not_found(tx, order, now)

    return await _act(shop, person, Act.REJECT, case_id, version, "reject", act)


async def send_refund(
    shop: Shop, person: Person, case_id: int, version: int, reference: str, question: Question | None = None
) -> Case:
    """Say that a refund was sent, with the bank's ``reference``: it is in the books from now on. Admins only.

    ``question`` is what was answered by it.
    """
    said = _said(reference)

    def act(tx: Connection, case: Case, order: Order) -> None:
        now = shop.clock.now()
        if case.state is not CaseState.REFUND_DUE:
            raise OutOfDate("case_moved_on")
        who = {"actor_id": person.id, "reference": said, "case_id": case.id}
        store.book(tx, order.id, Kind.REFUNDED, Source.STAFF, case.amount, now, **who)
        store.turn(tx, case, now, CaseState.REFUND_SENT, reference=said)
        owing.take_along(tx, case, Step.SEND_REFUND)

    return await _act(shop, person, Act.SEND, case_id, version, "send_refund", act, question)


async def finish_refund(shop: Shop, person: Person, case_id: int, version: int) -> Case:
    """Say that a refund arrived: the case is done. Admins only."""

    def act(tx: Connection, case: Case, order: Order) -> None:
        now = shop.clock.now()
        if case.state is not CaseState.REFUND_SENT:
            raise OutOfDate("case_moved_on")
        store.turn(tx, case, now, CaseState.DONE, outcome=Outcome.REFUNDED, closed_by=person.id)
        owing.take_along(tx, case, Step.CONFIRM_REFUND)
        if order.payment_status is PaymentStatus.REFUND_DUE:
            orders.compare_and_set(tx, order, now, payment_status=owing.payment_after(tx, order))

    return await _act(shop, person, Act.FINISH, case_id, version, "finish_refund", act)


async def claim(
    shop: Shop, person: Person, order_id: int, proof: str = "", message_id: int = 0, question: Question | None = None
) -> Case:
    """Take a customer's word that they paid, perhaps with a picture (``proof`` is Telegram's ``file_unique_id``).

    ``message_id`` is their message that holds it: the staff see it below the case.

    A picture is only a claim: staff look at the account. The same one for another order is noted. One claim an order:
    said again, a new picture joins it, and takes the old one's place as ``proof``; the same changes nothing.
    ``Refused`` for more than ``PICTURES``, ``OutOfDate`` where nothing is left to pay. The ``question`` that was
    answered by it is closed in the same transaction.
    """

    def write(tx: Connection) -> Case:
        order, now = moves.fresh(tx, order_id), shop.clock.now()
        if order.person_id != person.id:
            raise NotFound
        if order.payment_method is not PaymentMethod.KHQR or not order.open or order.payment_status not in money.WANTED:
            raise OutOfDate("moved_on")
        people.close_question(tx, person.id, question)
        claimed = open_claim(tx, order.id)
        if claimed is not None and proof and proof == claimed.proof:
            return claimed
        if claimed is None:
            claimed = _claim(tx, order, proof, now)
        elif proof:
            _join(tx, claimed, proof, now)
        money.announced(tx, shop.policy, claimed, now)
        if proof and message_id:
            notices.proof(tx, shop.policy, claimed.id, message_id, now)
        return _again(tx, claimed.id)

    await shop.refresh()
    return await shop.db.write(write)


def open_claim(tx: Connection, order_id: int) -> Case | None:
    """Find what the customer said about an order's payment, while nobody has decided about it."""
    claims = (one for one in store.cases(tx, order_id) if one.kind is CaseKind.CLAIMED)
    return next((one for one in claims if one.state is CaseState.OPEN), None)


def _claim(tx: Connection, order: Order, proof: str, now: datetime) -> Case:
    """Put a customer's word before the staff; no clock ends the order meanwhile."""
    attempts = payments.of_order(tx, order.id)
    more = {"attempt_id": attempts[0].id if attempts else None, "proof": proof, "note": _elsewhere(tx, order.id, proof)}
    claimed = store.open_case(tx, order.id, CaseKind.CLAIMED, NOTHING, now, CaseState.OPEN, **more)
    owing.take_along(tx, claimed, Step.CLAIM)
    if order.payment_status is PaymentStatus.UNPAID:
        orders.compare_and_set(tx, order, now, payment_status=PaymentStatus.REVIEW, expires_at=None)
    return claimed


def _join(tx: Connection, claimed: Case, proof: str, now: datetime) -> None:
    """Add a picture to a claim: a new version, so that nobody decides who has not seen it."""
    if claimed.version > PICTURES:  # each version but the first is one picture more
        raise Refused("pictures_enough")
    numbers = [*claimed.note.split(), *_elsewhere(tx, claimed.order_id, proof).split()]
    note = " ".join(list(dict.fromkeys(numbers))[:NOTED])
    store.turn(tx, claimed, now, CaseState.OPEN, proof=proof, note=note)


def _elsewhere(tx: Connection, order_id: int, proof: str) -> str:
    """Name the other orders that the same picture came with."""
    same = store.claimed_with(tx, proof, but=order_id) if proof else []
    return " ".join(_number(tx, one.order_id) for one in same)


def _said(reference: str) -> str:
    """Clean a typed reference; ``Refused`` for one that says nothing."""
    said = clean_name(reference)[:REFERENCE]
    if not any(map(str.isalnum, said)):
        raise Refused("reference_missing")
    return said


def _number(tx: Connection, order_id: int) -> str:
    order = orders.by_id(tx, order_id)
    return order.number if order else ""


def _again(tx: Connection, case_id: int) -> Case:
    found = store.case(tx, case_id)
    if found is None:
        raise NotFound
    return found


async def _act(
    shop: Shop, person: Person, what: Act, case_id: int, version: int, name: str,
    act: Callable[[Connection, Case, Order], None], question: Question | None = None,
) -> Case:  # fmt: skip
    """Do something about a case as the person saw it; the audit calls it ``name``, a loser of the race hears so.

    Nobody decides about their own money but an owner. ``question`` is closed in the same transaction.
    """
    person.must_be(what.rank)
    await shop.refresh()

    def write(tx: Connection) -> Case:
        seen = store.case(tx, case_id)
        if seen is None:
            raise NotFound
        order = moves.fresh(tx, seen.order_id)
        must_be_anothers(order, person)
        now = _again(tx, case_id)
        if now.version != version:
            raise OutOfDate("case_moved_on")
        act(tx, now, order)
        settings.write_audit(tx, shop.clock.now(), person.id, f"payment.{name}", "order", order.id)
        money.announced(tx, shop.policy, now, shop.clock.now())
        people.close_question(tx, person.id, question)
        return _again(tx, case_id)

    return await shop.db.write(write)
