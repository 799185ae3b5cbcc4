"""Why an order is cancelled, or why a parcel comes back: what is chosen from buttons. Pure."""

from enum import StrEnum


class CancelReason(StrEnum):
    """Why an order is cancelled, chosen from buttons; ``NONE``: the customer says none.

    ``REJECTED``: staff found it suspicious; no button of cancelling says so, and the customer reads it kindly.
    """

    CHANGED_MIND = "changed_mind"
    OTHER_ITEMS = "other_items"
    WRONG_ADDRESS = "wrong_address"
    TOO_SLOW = "too_slow"
    NONE = "none"
    UNREACHABLE = "unreachable"
    OUT_OF_STOCK = "out_of_stock"
    NO_DELIVERY = "no_delivery"
    ASKED_FOR = "asked_for"
    REJECTED = "rejected"


CUSTOMERS_REASONS = (
    CancelReason.CHANGED_MIND,
    CancelReason.OTHER_ITEMS,
    CancelReason.WRONG_ADDRESS,
    CancelReason.TOO_SLOW,
    CancelReason.NONE,
)
STAFFS_REASONS = (
    CancelReason.UNREACHABLE,
    CancelReason.OUT_OF_STOCK,
    CancelReason.NO_DELIVERY,
    CancelReason.ASKED_FOR,
)


class ReturnReason(StrEnum):
    """Why a parcel was not accepted, chosen from buttons by whoever carried it."""

    UNWANTED = "unwanted"
    NOBODY_THERE = "nobody_there"
    NOT_FOUND = "not_found"
    NO_MONEY = "no_money"
