"""Use cases on a placed order: move it, ask the bank, show a new QR."""

from datetime import timedelta

from sqlalchemy import Connection

from core.cash.rules import Cash
from core.errors import NotFound, OutOfDate, Refused
from core.fulfilment import money, moves, settle
from core.orders import notices, store
from core.orders import service as orders
from core.orders.rules import CancelReason, Move, Order, PaymentMethod, PaymentStatus, ReturnReason, Status
from core.payments import service as payments
from core.payments import store as payments_store
from core.payments.rules import Attempt
from core.people import store as people
from core.people.rules import Person, Question, Rank
from core.settings import store as settings
from core.settlements import store as settlements
from core.settlements.rules import Case, payable_rest
from core.shop import Shop

PAUSE = timedelta(seconds=2)
"""The least between two questions about one QR, however often somebody taps."""

RECENTLY = timedelta(minutes=1)
"""How old the bank's last answer may be to be believed: a QR that can be paid is asked about every few seconds."""


async def move(
    shop: Shop, person: Person, order_id: int, what: Move, version: int, *, shown_in: int = 0,
    reason: CancelReason | ReturnReason | None = None, taken: Cash | None = None, question: Question | None = None,
) -> Order:  # fmt: skip
    """Make a move on the order as the person saw it (``version``).

    ``OutOfDate`` names who was faster, ``NotAllowed`` where the role does not reach, ``NotFound`` for an order that is
    not theirs to see. ``shown_in`` is the chat whose tap it was; ``reason`` why it is cancelled or
    comes back, one that is theirs to give; ``taken`` the cash of a delivery where it is not the very sum; ``question``
    what was answered by it, closed in the same transaction.
    """
    await shop.refresh()

    def write(tx: Connection) -> Order:
        order = moves.fresh(tx, order_id)
        if not orders.may_see(order, person):
            raise NotFound
        moves.must_be_as_seen(tx, order, version, person)
        moved = moves.make_by(tx, shop.policy, order, what, shop.clock.now(), person, shown_in, reason, taken)
        settings.write_audit(tx, shop.clock.now(), person.id, f"order.{what}", "order", order_id)
        people.close_question(tx, person.id, question)
        return moved

    return await shop.db.write(write)


async def receive(shop: Shop, person: Person, order_id: int, *, shown_in: int = 0) -> Order:
    """Let the customer say that an order on its way has come; the counter sees when. No status and no money moves.

    ``OutOfDate`` where they said so before, or where the order is not on its way.
    """
    await shop.refresh()

    def write(tx: Connection) -> Order:
        order, now = _own(moves.fresh(tx, order_id), person), shop.clock.now()
        if order.received_at is not None:
            raise OutOfDate("received_already")
        if not store.receive(tx, order_id, now):
            raise OutOfDate("moved_on")
        store.write_event(tx, order_id, "received", now, actor_id=person.id, actor_name=person.name)
        after = moves.fresh(tx, order_id)
        notices.announce(tx, shop.policy, after, None, now, shown_in=shown_in, by=person.id)
        return after

    return await shop.db.write(write)


async def paying(shop: Shop, order: Order) -> tuple[Attempt | None, list[Case]]:
    """Read the newest QR of an order that is paid by KHQR, and the cases of its money."""

    def read(tx: Connection) -> tuple[Attempt | None, list[Case]]:
        found = payments_store.of_order(tx, order.id) if order.payment_method is PaymentMethod.KHQR else []
        fits = order.payment_status is PaymentStatus.UNPAID and not order.money_waiting
        return (found[0] if found else None), [] if fits else settlements.cases(tx, order.id)

    return await shop.db.read(read)


async def new_qr(shop: Shop, person: Person, order_id: int) -> Order:
    """Give a pending order a fresh QR while its stock is held; a QR that can still be paid stays as it is."""
    await shop.refresh()

    def write(tx: Connection) -> Order:
        order = _payers(moves.fresh(tx, order_id), person)
        now = shop.clock.now()
        if order.payment_method is not PaymentMethod.KHQR:  # a QR beside the courier's cash would charge twice
            raise OutOfDate("old_button")
        if order.status is not Status.PENDING or (order.expires_at is not None and order.expires_at <= now):
            raise Refused("too_late_to_pay")
        if _looked_at(order, settlements.cases(tx, order_id)):
            raise OutOfDate("looked_at")
        live = payments_store.live(tx, order_id)
        if live is None or live.expires_at <= now:
            payments.present(tx, shop.policy, order, now)
            store.write_event(tx, order_id, "new_qr", now, actor_id=person.id, actor_name=person.name)
        return order

    return await shop.db.write(write)


async def ask_bank(shop: Shop, person: Person, order_id: int) -> Order:
    """Ask the bank now about an order's newest QR ("I have paid"), settle, and read the order again.

    Where it was asked in the last two seconds, by a poll or an earlier tap, its answer stands: taps cost no questions.
    """
    order = await _read_own(shop, order_id, person)
    newest, _cases = await paying(shop, order)
    if newest is not None:
        now = shop.clock.now()
        claimed = await shop.db.write(payments_store.claim_now, newest.id, now, now + payments_store.CLAIM, PAUSE)
        if claimed is not None:
            await settle.ask(shop, claimed)
    return await _read_own(shop, order_id, person)


async def bank_answers(shop: Shop, order: Order) -> bool:
    """Tell whether the bank has answered about the order within the last minute: silence is no "not paid"."""
    when = await shop.db.read(payments_store.answered_at, order.id)
    return when is not None and shop.clock.now() - when < RECENTLY


async def takes_a_word(shop: Shop, person: Person, order_id: int) -> bool:
    """Tell whether a customer's word that they paid is asked for: no bank can be asked, or it is silent for a minute.

    Not where the money is there, or is looked at already.
    """
    order = await _read_own(shop, order_id, person)
    newest, cases = await paying(shop, order)
    if newest is None or not order.open or order.payment_status not in money.WANTED or _looked_at(order, cases):
        return False
    if not shop.bank.can_check:
        return True
    return shop.clock.now() - newest.created_at >= RECENTLY and not await bank_answers(shop, order)


def _looked_at(order: Order, cases: list[Case]) -> bool:
    """Tell whether a person looks at its money first, so that nothing more is to be paid meanwhile."""
    return order.payment_status is PaymentStatus.REVIEW and payable_rest(order.total, cases) is None


async def _read_own(shop: Shop, order_id: int, person: Person) -> Order:
    return _own(await shop.db.read(store.by_id, order_id), person)


def _payers(order: Order, person: Person) -> Order:
    """Whose it is pays it; what was entered for somebody who phoned, staff have paid for them."""
    return order if order.entered_by is not None and person.rank >= Rank.STAFF else _own(order, person)


def _own(order: Order | None, person: Person) -> Order:
    if order is None or order.person_id != person.id:
        raise NotFound
    return order
