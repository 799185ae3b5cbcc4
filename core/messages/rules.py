"""What is owed to whom, and how long to wait before trying again: pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

MOST_ATTEMPTS = 12
LONGEST_WAIT = timedelta(hours=1)
"""No message waits longer for its next try, whatever Telegram says: then it is asked again."""
FLOOD = "flood wait"
"""Why a message waits that Telegram said how long to wait with: nothing new makes it due sooner."""
PAPERS = "paper:"
"""How labels and slips are named among the pictures that Telegram has."""


class MessageKind(StrEnum):
    """A card is edited in place and sent only once; a note is a new message; an alert goes to the admins.

    A review is a new message to the staff. A talk's card stands above what the customer asked; what is asked and
    answered is brought message by message, what is told is news of the talk. A proof is the picture that came with a
    claim, below the card of its case. The board counts what waits at the counter. What is watched (the disk, the last
    backup) has a card while something is wrong with it, work that somebody started has one until it is done, and a
    broadcast has one as well.
    """

    ORDER_CARD = "order_card"
    STAFF_CARD = "staff_card"
    NOTE_PAID = "note_paid"
    NOTE_OUT = "note_out"
    NOTE_DELIVERED = "note_delivered"
    NOTE_CLOSED = "note_closed"
    NOTE_NOT_FOUND = "note_not_found"
    NOTE_CHANGED = "note_changed"
    REVIEW = "review"
    ALERT = "alert"
    BACK_IN_STOCK = "back_in_stock"
    CART_REMINDER = "cart_reminder"
    HELP_CARD = "help_card"
    HELP_ASKED = "help_asked"
    HELP_ANSWERED = "help_answered"
    HELP_TOLD = "help_told"
    MY_DATA = "my_data"
    PAYMENT_CASE = "payment_case"
    CASH_HAND_IN = "cash_hand_in"
    CASH_COUNTED = "cash_counted"
    PAYMENT_PROOF = "payment_proof"
    TEAM = "team"
    ORDER_DIGEST = "order_digest"
    ORDER_NAMED = "order_named"
    PARCEL_GIVEN = "parcel_given"
    NUDGE = "nudge"
    LOW_STOCK = "low_stock"
    DAY_REPORT = "day_report"
    STORAGE_REPORT = "storage_report"
    BOARD = "board"
    BACKUP_PART = "backup_part"
    WATCH = "watch"
    WORK = "work"
    BROADCAST = "broadcast"

    @property
    def is_card(self) -> bool:
        """Whether it is edited where it stands."""
        return self in CARDS

    @property
    def is_once(self) -> bool:
        """Whether it is given up where it may have been delivered: it never comes twice, rather not at all."""
        return self is MessageKind.CART_REMINDER

    @property
    def is_patient(self) -> bool:
        """Whether it can wait for the morning: nobody is woken by it."""
        return self in {MessageKind.CART_REMINDER, MessageKind.NUDGE, MessageKind.LOW_STOCK}

    @property
    def is_remembered(self) -> bool:
        """Whether it is kept where it stands: to edit it, or to understand who replies to it."""
        return self.is_card or self is MessageKind.HELP_TOLD

    @property
    def is_talk(self) -> bool:
        """Whether it brings what was said in a talk to its other side."""
        return self in {MessageKind.HELP_ASKED, MessageKind.HELP_ANSWERED}

    @property
    def is_note(self) -> bool:
        """Whether it tells of one moment of an order: such messages come in the order of what they tell."""
        return self.value.startswith("note_")


CARDS = frozenset({
    MessageKind.ORDER_CARD, MessageKind.STAFF_CARD, MessageKind.HELP_CARD, MessageKind.PAYMENT_CASE,
    MessageKind.CASH_HAND_IN, MessageKind.BOARD, MessageKind.ORDER_DIGEST, MessageKind.WATCH,
    MessageKind.WORK, MessageKind.BROADCAST,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Owed:
    """One row of the outbox: a message of a kind about a subject, owed to a chat."""

    id: int
    chat_id: int
    kind: MessageKind
    subject_id: int
    data: dict[str, Any]
    attempts: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class MessageRef:
    """Where a card stands in a chat."""

    chat_id: int
    message_id: int
    has_photo: bool


def wait(attempts: int) -> timedelta:
    """How long until the next try: 1 s doubling to 10 minutes."""
    return timedelta(seconds=min(2 ** max(attempts - 1, 0), 600))
