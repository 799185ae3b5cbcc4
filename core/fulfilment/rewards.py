"""What a move of an order does to promo codes, points and referrals, inside its transaction."""

from datetime import datetime

from sqlalchemy import Connection

from core.orders import store as orders
from core.orders.rules import Move, Order
from core.people import store as people
from core.points import rules as point_rules
from core.points import store as points
from core.points.rules import EntryKind
from core.promotions import store as promotions
from core.settings.rules import Policy


def keep(tx: Connection, order: Order) -> None:
    """Lock what a move of ``order`` changes here, for who touches the stock before the move is made."""
    if order.points_used:
        people.lock(tx, order.person_id)
    if order.promo_code:
        promotions.lock(tx, order.promo_code)


def follow(tx: Connection, policy: Policy, order: Order, move: Move, now: datetime) -> None:
    """Follow ``move``: delivered earns, cancelled and expired give back, money that came late takes again.

    Before the stock is touched: person, code, stock is the order in which rows are locked everywhere.
    """
    if move in {Move.CANCEL, Move.EXPIRE}:
        points.give_back(tx, order.id, now, point_rules.expiry(now, policy))
        promotions.give_back(tx, order.id, now)
    elif move is Move.REVIVE:
        points.take_again(tx, order.id, order.points_used, now)
        if order.promo_code:  # a change may have let it fall away
            promotions.take_again(tx, order.id)
    elif move is Move.DELIVER:
        _earn(tx, policy, order, now)


def _earn(tx: Connection, policy: Policy, order: Order, now: datetime) -> None:
    """Give what a delivered order earns; the first one of a friend rewards both (PRODUCT, "Points")."""
    ends = point_rules.expiry(now, policy)
    earned = point_rules.earned(order.total, policy)
    points.earn(tx, order.person_id, EntryKind.EARNED, earned, now, expires_at=ends, order_id=order.id)
    by = points.referrer(tx, order.person_id)
    if by is None or orders.delivered(tx, order.person_id, but=order.id):
        return
    friend = people.by_id(tx, by)
    known = friend is not None and (friend.telegram_id or friend.phone)  # nothing to somebody who was forgotten
    thanks = policy.referral_points if known else 0
    for person_id, kind, reward in (
        (by, EntryKind.REFERRAL, thanks), (order.person_id, EntryKind.FRIEND, policy.friend_points),
    ):  # fmt: skip
        points.earn(tx, person_id, kind, reward, now, expires_at=ends, order_id=order.id)
