"""Which message belongs into which topic of a group: pure."""

from collections.abc import Mapping
from enum import StrEnum

from core.messages.rules import MessageKind


class Topic(StrEnum):
    """The topics of the counter's group. ``ORDERS`` is worked, ``DELIVERY`` is what is under way."""

    ORDERS = "orders"
    DELIVERY = "delivery"
    PROBLEMS = "problems"
    REPORTS = "reports"


TOPIC_OF: Mapping[MessageKind, Topic] = {
    MessageKind.STAFF_CARD: Topic.ORDERS,  # a message cannot move between topics: a card stays here all its life
    MessageKind.ORDER_DIGEST: Topic.ORDERS,  # it stands in for their cards
    MessageKind.BOARD: Topic.ORDERS,  # pinned above the cards that it counts: a topic shows only its own pins
    MessageKind.CASH_HAND_IN: Topic.DELIVERY,
    MessageKind.PAYMENT_CASE: Topic.PROBLEMS,
    MessageKind.PAYMENT_PROOF: Topic.PROBLEMS,
    MessageKind.HELP_CARD: Topic.PROBLEMS,
    MessageKind.HELP_ASKED: Topic.PROBLEMS,
    MessageKind.HELP_TOLD: Topic.PROBLEMS,
    MessageKind.ALERT: Topic.PROBLEMS,
    MessageKind.WATCH: Topic.PROBLEMS,
    MessageKind.WORK: Topic.PROBLEMS,
    MessageKind.NUDGE: Topic.PROBLEMS,
    MessageKind.LOW_STOCK: Topic.PROBLEMS,
    MessageKind.DAY_REPORT: Topic.REPORTS,
    MessageKind.STORAGE_REPORT: Topic.REPORTS,
    MessageKind.BACKUP_PART: Topic.REPORTS,
    MessageKind.REVIEW: Topic.REPORTS,  # it is read, seldom worked
}
"""Each kind that can be owed to a group; any other kind would stand in General."""
