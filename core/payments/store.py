"""SQL of payment attempts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, insert, or_, select, text, update

from core import changes
from core.database.tables import orders, payment_attempts
from core.money import Currency
from core.payments.rules import AFTERCARE, HOURLY, WITHOUT_MONEY, Attempt, AttemptState, asked_since

_LIVE = (AttemptState.NEW, AttemptState.PENDING)
CLAIM = timedelta(seconds=30)
"""How long nobody else asks about an attempt that somebody is asking about."""
STARVED = timedelta(minutes=1)
_DUE = payment_attempts.c.next_check_at


def _attempt(row: Row[Any]) -> Attempt:
    return Attempt(
        id=row.id, order_id=row.order_id, state=AttemptState(row.state), currency=Currency(row.currency),
        amount_minor=row.amount, account=row.account, md5=row.md5, bill_number=row.bill_number, payload=row.payload,
        created_at=row.created_at, expires_at=row.expires_at, next_check_at=row.next_check_at, checks=row.checks,
        bank_hash=row.bank_hash, paid_at=row.paid_at, deeplink=row.deeplink, note=row.note,
        answered_at=row.answered_at,
    )  # fmt: skip


def add(tx: Connection, **values: Any) -> Attempt:
    """Write a new attempt; a second live one of an order is an integrity error."""
    made = insert(payment_attempts).values(**values).returning(payment_attempts.c.id)
    attempt_id = int(tx.execute(made).scalar_one())
    return _attempt(tx.execute(select(payment_attempts).where(payment_attempts.c.id == attempt_id)).one())


def of_order(tx: Connection, order_id: int) -> list[Attempt]:
    """Every attempt of an order, the newest first."""
    query = select(payment_attempts).where(payment_attempts.c.order_id == order_id)
    return [_attempt(row) for row in tx.execute(query.order_by(payment_attempts.c.id.desc()))]


def by_id(tx: Connection, attempt_id: int) -> Attempt | None:
    """One attempt by id."""
    query = select(payment_attempts).where(payment_attempts.c.id == attempt_id)
    row = tx.execute(query).one_or_none()
    return _attempt(row) if row else None


def claim_due(tx: Connection, now: datetime, until: datetime, most: int) -> list[Attempt]:
    """Take the attempts that are due to be asked about; nobody else asks before ``until``.

    New ones first, whose customers look at the QR; then what waited for a minute, what can be paid now, the rest: each
    the longest first. However many a bank is silent about, a fresh QR does not stand behind them.
    """
    turn = case(
        (payment_attempts.c.checks == 0, 0), (now - STARVED >= _DUE, 1), (payment_attempts.c.expires_at > now, 2),
        else_=3,
    )  # fmt: skip
    query = select(payment_attempts).where(_DUE.is_not(None), now >= _DUE).order_by(turn, _DUE).limit(most)
    rows = tx.execute(query.with_for_update(skip_locked=True)).all()
    ids = [row.id for row in rows]
    if ids:
        tx.execute(update(payment_attempts).where(payment_attempts.c.id.in_(ids)).values(next_check_at=until))
    return [_attempt(row) for row in rows]


def set_right(tx: Connection, now: datetime) -> int:
    """After a clock that jumped back, ask about what no rule would let wait so long; returns how many QRs those were.

    Until its aftercare ends a QR waits for a claim at most, later for an hour (``rules.next_check``).
    """
    soon = and_(payment_attempts.c.expires_at > now - AFTERCARE, now + CLAIM < _DUE)
    parked = update(payment_attempts).where(_DUE.is_not(None), or_(soon, now + HOURLY < _DUE))
    return tx.execute(parked.values(next_check_at=now)).rowcount


def claim_unlinked(tx: Connection, now: datetime, most: int) -> list[Attempt]:
    """Take QRs that can be paid and for whose link the bank was not asked yet; nobody asks for them again."""
    query = select(payment_attempts).where(*_unlinked(now)).order_by(payment_attempts.c.order_id).limit(most)
    rows = tx.execute(query.with_for_update(skip_locked=True)).all()
    ids = [row.id for row in rows]
    if ids:
        tx.execute(update(payment_attempts).where(payment_attempts.c.id.in_(ids)).values(deeplink=""))
    return [_attempt(row) for row in rows]


def unlinked(tx: Connection, now: datetime) -> bool:
    """Tell whether any QR waits for its link."""
    return tx.execute(select(payment_attempts.c.id).where(*_unlinked(now)).limit(1)).first() is not None


def _unlinked(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Name the QRs without a link; written out as the partial index is: SQLite finds it for no other wording."""
    live = text("payment_attempts.state IN ('new', 'pending')")
    return live, payment_attempts.c.deeplink.is_(None), payment_attempts.c.expires_at > now  # type: ignore[return-value]


def claim_now(tx: Connection, attempt_id: int, now: datetime, until: datetime, pause: timedelta) -> Attempt | None:
    """Take one attempt to ask about it at once; None where it was asked about less than ``pause`` ago, or is being."""
    mine = payment_attempts.c.id == attempt_id
    attempt = _attempt(tx.execute(select(payment_attempts).where(mine).with_for_update()).one())
    if attempt.state not in WITHOUT_MONEY or asked_since(attempt, now - pause):
        return None
    tx.execute(update(payment_attempts).where(mine).values(next_check_at=until))
    return attempt


def write(tx: Connection, attempt: Attempt, **values: Any) -> None:
    """Write what a decision or a step changed."""
    tx.execute(update(payment_attempts).where(payment_attempts.c.id == attempt.id).values(**values))
    changes.note(tx, "order", attempt.order_id)


def hash_known(tx: Connection, bank_hash: str, attempt_id: int) -> bool:
    """Tell whether another attempt already holds this bank transaction."""
    known = payment_attempts.c.bank_hash == bank_hash
    return (
        tx.execute(select(payment_attempts.c.id).where(known, payment_attempts.c.id != attempt_id)).first() is not None
    )


_UNANSWERED: tuple[ColumnElement[bool], ...] = (
    func.coalesce(payment_attempts.c.bank_hash, "") == "",
    or_(payment_attempts.c.answered_at.is_(None), payment_attempts.c.answered_at < payment_attempts.c.expires_at),
)
"""Which QRs the bank has yet to speak of.

``bank_hash IS NULL`` would lure SQLite into its unique index and past every unpaid QR there ever was.
"""


def paid_hashes(tx: Connection, order_ids: Sequence[int]) -> dict[int, set[str]]:
    """The bank's transactions that attempts of these orders hold, by order."""
    found: dict[int, set[str]] = {}
    held = (payment_attempts.c.order_id.in_(order_ids), payment_attempts.c.bank_hash.is_not(None))
    for row in tx.execute(select(payment_attempts.c.order_id, payment_attempts.c.bank_hash).where(*held)):
        found.setdefault(row.order_id, set()).add(row.bank_hash)
    return found


def unanswered(tx: Connection, order_id: int) -> bool:
    """Tell whether the bank has yet to answer, after its expiry, about any QR of the order."""
    query = select(payment_attempts.c.id).where(payment_attempts.c.order_id == order_id, *_UNANSWERED)
    return tx.execute(query.limit(1)).first() is not None


def lapsing(tx: Connection, now: datetime, silence: timedelta, most: int = 100) -> list[int]:
    """Ids of orders whose promise of stock has run out and that can change now, the longest first.

    Those of whose QRs the bank has not spoken yet are left out until it was silent for so long: however many they are,
    they stand in nobody's way.
    """
    silent = select(payment_attempts.c.id).where(payment_attempts.c.order_id == orders.c.id, *_UNANSWERED).limit(1)
    over = (orders.c.expires_at.is_not(None), orders.c.expires_at <= now)
    query = select(orders.c.id).where(
        *over, or_(orders.c.expires_at <= now - silence, silent.scalar_subquery().is_(None))
    )
    return list(tx.execute(query.order_by(orders.c.expires_at).limit(most)).scalars())


def answered_at(tx: Connection, order_id: int) -> datetime | None:
    """When the bank last answered about any QR of the order."""
    query = select(func.max(payment_attempts.c.answered_at)).where(payment_attempts.c.order_id == order_id)
    when: datetime | None = tx.execute(query).scalar_one()
    return when


def live(tx: Connection, order_id: int) -> Attempt | None:
    """The attempt that can be paid now."""
    query = select(payment_attempts).where(payment_attempts.c.order_id == order_id, payment_attempts.c.state.in_(_LIVE))
    row = tx.execute(query).one_or_none()
    return _attempt(row) if row else None


def money_seen(tx: Connection, order_id: int) -> bool:
    """Tell whether the bank has seen any money for the order, good or not."""
    query = select(payment_attempts.c.id).where(
        payment_attempts.c.order_id == order_id, payment_attempts.c.bank_hash.is_not(None)
    )
    return tx.execute(query.limit(1)).first() is not None
