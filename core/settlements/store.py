"""SQL of the ledger of money and of the payment inbox."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text, update

from core import changes
from core.database.columns import insert_new
from core.database.tables import orders, payment_cases, settlements
from core.money import Currency, Money
from core.settlements.rules import (
    Case,
    CaseKind,
    CaseState,
    Kind,
    Outcome,
    Settlement,
    Source,
)


def _settlement(row: Row[Any]) -> Settlement:
    return Settlement(
        row.id, row.order_id, Kind(row.kind), Source(row.source), Money(row.amount, Currency(row.currency)), row.at,
        row.attempt_id, row.case_id, row.bank_hash, row.reference, row.actor_id,
    )  # fmt: skip


def _case(row: Row[Any]) -> Case:
    return Case(
        row.id, row.order_id, row.attempt_id, CaseKind(row.kind), CaseState(row.state),
        Money(row.amount, Currency(row.currency)), row.version, row.opened_at,
        Outcome(row.outcome) if row.outcome else None, row.bank_hash, row.proof, row.reference, row.note, row.closed_at,
        row.closed_by,
    )  # fmt: skip


def book(tx: Connection, order_id: int, kind: Kind, source: Source, amount: Money, now: datetime, **more: Any) -> bool:
    """Add an amount to the ledger, nothing where it is nothing; False where its ``bank_hash`` stands there already."""
    if not amount.amount:  # money of a currency we do not know: people see to it, the books cannot count it
        return True
    values = {"order_id": order_id, "kind": kind, "source": source, "at": now, **more}
    values |= {"amount": amount.amount, "currency": amount.currency}
    if more.get("bank_hash") is None:
        tx.execute(insert(settlements).values(**values))
        return True
    return insert_new(tx, settlements, ["bank_hash"], "bank_hash IS NOT NULL", **values)


def of_order(tx: Connection, order_id: int) -> list[Settlement]:
    """The ledger of one order, the oldest first."""
    query = select(settlements).where(settlements.c.order_id == order_id).order_by(settlements.c.id)
    return [_settlement(row) for row in tx.execute(query)]


def known(tx: Connection, bank_hash: str) -> Settlement | None:
    """The amount that a bank transaction stands for, if it is in the ledger."""
    row = tx.execute(select(settlements).where(settlements.c.bank_hash == bank_hash)).one_or_none()
    return _settlement(row) if row else None


def approved(tx: Connection, order_id: int, attempt_id: int) -> Settlement | None:
    """What staff approved of an order and the bank has not spoken of yet, what stands for this attempt first."""
    query = select(settlements).where(
        settlements.c.order_id == order_id, settlements.c.attempt_id.is_not(None), settlements.c.kind == Kind.RECEIVED,
        settlements.c.source == Source.STAFF, settlements.c.bank_hash.is_(None),
    )  # fmt: skip
    found = [_settlement(row) for row in tx.execute(query.order_by(settlements.c.id))]
    return next((one for one in found if one.attempt_id == attempt_id), found[0] if found else None)


def confirm(tx: Connection, settlement_id: int, bank_hash: str, amount: Money | None = None) -> None:
    """Write the bank's transaction to what staff approved before it spoke, and its ``amount`` where it differs."""
    values = {"amount": amount.amount, "currency": amount.currency, "source": Source.BANK} if amount else {}
    tx.execute(update(settlements).where(settlements.c.id == settlement_id).values(bank_hash=bank_hash, **values))


def owe_instead(tx: Connection, case_id: int, amount: Money) -> None:
    """Let what a case owes back be what the bank says that came, before it is sent."""
    owed = (settlements.c.case_id == case_id, settlements.c.kind == Kind.OWED)
    tx.execute(update(settlements).where(*owed).values(amount=amount.amount, currency=amount.currency))


def open_case(
    tx: Connection, order_id: int, kind: CaseKind, amount: Money, now: datetime,
    state: CaseState = CaseState.OPEN, **more: Any,
) -> Case:  # fmt: skip
    """Put a case into the payment inbox."""
    values = {"order_id": order_id, "kind": kind, "state": state, "opened_at": now, **more}
    values |= {"amount": amount.amount, "currency": amount.currency}
    row = tx.execute(insert(payment_cases).values(**values).returning(payment_cases)).one()
    changes.note(tx, "order", order_id)
    return _case(row)


def case(tx: Connection, case_id: int) -> Case | None:
    """One case by id."""
    row = tx.execute(select(payment_cases).where(payment_cases.c.id == case_id)).one_or_none()
    return _case(row) if row else None


def cases(tx: Connection, order_id: int) -> list[Case]:
    """Every case of an order, the oldest first."""
    query = select(payment_cases).where(payment_cases.c.order_id == order_id).order_by(payment_cases.c.id)
    return [_case(row) for row in tx.execute(query)]


def inbox(tx: Connection, most: int, after: int = 0) -> list[Case]:
    """The cases that wait, the oldest first, from the one after ``after``."""
    query = select(payment_cases).where(payment_cases.c.state != CaseState.DONE, payment_cases.c.id > after)
    return [_case(row) for row in tx.execute(query.order_by(payment_cases.c.id).limit(most))]


def turn(tx: Connection, of: Case, now: datetime, state: CaseState, **values: Any) -> bool:
    """Move a case on, by compare-and-set on its version; False where somebody was faster."""
    values |= {"state": state, "version": of.version + 1}
    if state is CaseState.DONE:
        values["closed_at"] = now
    mine = (payment_cases.c.id == of.id, payment_cases.c.version == of.version)
    turned = tx.execute(update(payment_cases).where(*mine).values(**values)).rowcount == 1
    if turned:
        changes.note(tx, "order", of.order_id)
    return turned


def claimed_with(tx: Connection, proof: str, but: int) -> list[Case]:
    """The claims of other orders that came with the same picture."""
    named = text("payment_cases.proof <> ''")  # as the partial index is written: SQLite finds it for no other wording
    query = select(payment_cases).where(named, payment_cases.c.proof == proof, payment_cases.c.order_id != but)
    return [_case(row) for row in tx.execute(query.order_by(payment_cases.c.id).limit(5))]


def changed(tx: Connection, since: datetime, after: int = 0, most: int = 500) -> list[int]:
    """Ids of orders that changed since then, from the one after ``after``: what a reconciliation looks at."""
    query = select(orders.c.id).where(orders.c.updated_at >= since, orders.c.id > after)
    return list(tx.execute(query.order_by(orders.c.id).limit(most)).scalars())


def of_orders(tx: Connection, ids: Iterable[int]) -> tuple[dict[int, list[Settlement]], dict[int, list[Case]]]:
    """The ledgers and the cases of some orders."""
    found: tuple[dict[int, list[Settlement]], dict[int, list[Case]]] = ({}, {})
    wanted = list(ids)
    for row in tx.execute(select(settlements).where(settlements.c.order_id.in_(wanted)).order_by(settlements.c.id)):
        found[0].setdefault(row.order_id, []).append(_settlement(row))
    for row in tx.execute(select(payment_cases).where(payment_cases.c.order_id.in_(wanted))):
        found[1].setdefault(row.order_id, []).append(_case(row))
    return found
