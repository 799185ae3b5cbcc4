"""Who is told what about an order: written to the outbox in the transaction of the fact (hole 20: never before)."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.messages import store as messages
from core.messages.rules import MessageKind, Owed
from core.orders import store
from core.orders.rules import Move, Order, PaymentMethod, PaymentStatus, Status
from core.people import store as people
from core.settings.rules import Policy
from core.storage.alerts import owe_alert

log = logging.getLogger(__name__)

NOTES = {
    Move.OUT: MessageKind.NOTE_OUT,
    Move.DELIVER: MessageKind.NOTE_DELIVERED,
    Move.CANCEL: MessageKind.NOTE_CLOSED,
    Move.EXPIRE: MessageKind.NOTE_CLOSED,
    Move.REVIVE: MessageKind.NOTE_PAID,
}
"""Which moves tell the customer with a message of its own (PRODUCT C12); confirming does when it was paid."""

FOR_STAFF = frozenset({
    MessageKind.STAFF_CARD, MessageKind.REVIEW, MessageKind.PAYMENT_CASE, MessageKind.PAYMENT_PROOF, MessageKind.NUDGE,
    MessageKind.LOW_STOCK,
})  # fmt: skip
"""What the counter must see: where its group cannot be reached, whoever comes after it does."""

KEPT = frozenset({MessageKind.ALERT, MessageKind.WATCH})
"""What waits until somebody can be reached again: it is tried every hour, and says what is true then."""

FOR_ADMINS = KEPT | {MessageKind.CASH_HAND_IN}
"""What the admins must see: where their chat cannot be reached each owner does, then every admin in their own chat."""

TRY_AGAIN = timedelta(hours=1)
REDRAW_AFTER = timedelta(seconds=2)
"""The chat whose tap did it is redrawn by that tap; the outbox looks again in case the tap never got so far."""


def staff_chats(tx: Connection, policy: Policy) -> list[int]:
    """Where orders are worked: the staff group, else the admin chat, else every owner (hole 8: never nobody)."""
    if policy.staff_chat_id:
        return [policy.staff_chat_id]
    admin = people.admin_desk(tx, policy.admin_chat_id)
    return [admin] if admin else [owner.telegram_id or 0 for owner in people.owners(tx)]


def announce(
    tx: Connection, policy: Policy, order: Order, move: Move | None, now: datetime, *, shown_in: int = 0, by: int = 0
) -> None:
    """Owe everybody who should see what became of ``order`` (read after the change).

    ``shown_in`` is the chat whose tap did it; ``by`` the acting person's id, who needs no note about themselves.
    """
    later = now + REDRAW_AFTER
    told: list[tuple[int, MessageKind, datetime]] = []
    customer = people.by_id(tx, order.person_id)
    chat = customer.telegram_id if customer and not customer.blocked else None
    if chat:
        told.append((chat, MessageKind.ORDER_CARD, later if chat == shown_in else now))
        kind = NOTES.get(move) if move else None
        if move is Move.CONFIRM and order.payment_method is PaymentMethod.KHQR:
            kind = MessageKind.NOTE_PAID
        if kind and by != order.person_id:
            told.append((chat, kind, now))
    staff = [chat for chat in staff_chats(tx, policy) if _concerns_staff(tx, order, chat)]
    told += [(chat, MessageKind.STAFF_CARD, later if chat == shown_in else now) for chat in staff]
    messages.owe_all(tx, told, order.id, now)


def staff_card(tx: Connection, policy: Policy, order: Order, now: datetime, *, shown_in: int = 0) -> None:
    """Owe the counter an order's card alone, where it stands: what changed is none of the customer's business."""
    for chat in staff_chats(tx, policy):
        if _concerns_staff(tx, order, chat):
            due = now + REDRAW_AFTER if chat == shown_in else now
            messages.owe(tx, chat, MessageKind.STAFF_CARD, order.id, now, due_at=due)


def case(tx: Connection, policy: Policy, case_id: int, now: datetime) -> None:
    """Owe the counter the card of a case of the payment inbox, drawn when it is sent."""
    for chat in staff_chats(tx, policy):
        messages.owe(tx, chat, MessageKind.PAYMENT_CASE, case_id, now)


def not_found(tx: Connection, order: Order, now: datetime) -> None:
    """Owe the customer the word that what they said they paid was not found."""
    customer = people.by_id(tx, order.person_id)
    if customer and customer.telegram_id and not customer.blocked:
        messages.owe(tx, customer.telegram_id, MessageKind.NOTE_NOT_FOUND, order.id, now)


def changed(tx: Connection, order: Order, after: int, now: datetime, *, by: int) -> None:
    """Owe the customer the word of what became of their order, from the change behind the first ``after`` on.

    One that waits already tells of this one too. Who changed their own order needs none.
    """
    customer = people.by_id(tx, order.person_id)
    if customer and customer.telegram_id and not customer.blocked and by != order.person_id:
        messages.owe(tx, customer.telegram_id, MessageKind.NOTE_CHANGED, order.id, now, data={"after": after})


def proof(tx: Connection, policy: Policy, case_id: int, message_id: int, now: datetime) -> None:
    """Owe the counter the picture that came with a claim: the customer's message, below the card of its case."""
    for chat in staff_chats(tx, policy):
        messages.owe(tx, chat, MessageKind.PAYMENT_PROOF, message_id, now, data={"case": case_id})


def _concerns_staff(tx: Connection, order: Order, chat: int) -> bool:
    """An unpaid KHQR order is nobody's work yet; once staff have its card, they see all that becomes of it."""
    unpaid = order.payment_method is PaymentMethod.KHQR and order.payment_status is PaymentStatus.UNPAID
    waiting = unpaid and order.status in {Status.PENDING, Status.EXPIRED, Status.CANCELLED}
    return not waiting or messages.ref(tx, chat, MessageKind.STAFF_CARD, order.id) is not None


def give_up(tx: Connection, policy: Policy, owed: Owed, error: str, now: datetime) -> None:
    """Give a message up, with the reason; what the staff or the admins had to see goes to the next who can see it.

    The staff group, then the admin chat, then each owner; an alert also to the admins, never to staff, who may do
    nothing about it. After the last of them it waits. Who gets an order's card for the first time in the group's place
    is told why.
    """
    messages.fail(tx, owed, error)
    kept = owed.kind in KEPT
    others_hear = kept and owed.chat_id != policy.admin_chat_id and messages.on_its_way(tx, owed)
    heirs = _heirs(tx, policy, owed) if owed.kind in FOR_STAFF | FOR_ADMINS and not others_hear else []
    if kept and not heirs and not others_hear:
        _keep(tx, policy, owed, error, now)
    for chat in heirs:
        known = messages.ref(tx, chat, owed.kind, owed.subject_id) is not None
        messages.owe(tx, chat, owed.kind, owed.subject_id, now, data=owed.data)
        if owed.kind is MessageKind.STAFF_CARD and not known:
            order = store.by_id(tx, owed.subject_id)
            data = {"metric": "staff_chat", "level": "warning", "number": order.number if order else ""}
            owe_alert(tx, policy, f"staff chat {owed.subject_id}", data, now, chats=[chat])


def _keep(tx: Connection, policy: Policy, owed: Owed, error: str, now: datetime) -> None:
    """Nobody could be reached: begin again in an hour with who comes first then."""
    log.warning("an alert reaches nobody (%s); it is kept and tried again in an hour", error)
    first = next((chat for chat in people.admin_chats(tx, policy.admin_chat_id) if chat), owed.chat_id)
    messages.owe(tx, first, owed.kind, owed.subject_id, now, due_at=now + TRY_AGAIN, data=owed.data)


def _heirs(tx: Connection, policy: Policy, owed: Owed) -> list[int]:
    """Who is next after the chat that could not be reached; after the last there is nobody."""
    owners = [owner.telegram_id or 0 for owner in people.owners(tx) if not owner.blocked]
    line = [[policy.admin_chat_id], owners]
    if owed.kind in KEPT:
        line.append([chat for chat in people.admins(tx) if chat not in owners])
    if owed.kind in FOR_STAFF:
        line = [[policy.staff_chat_id], [people.admin_desk(tx, policy.admin_chat_id)], owners]
    passed = next((i + 1 for i, chats in enumerate(line) if owed.chat_id in chats), 0)
    for chats in line[passed:]:
        if found := [chat for chat in chats if chat and chat != owed.chat_id]:
            return found
    return []
