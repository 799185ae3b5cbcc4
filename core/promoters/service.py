"""Use cases of promoters: add one, write a field anew, on and off; admins only."""

from typing import Any

from sqlalchemy import Connection

from core.errors import NotFound, OutOfDate
from core.people import store as people
from core.people.rules import Person, Question, Rank
from core.promoters import rules, store
from core.promoters.rules import Promoter, PromoterField
from core.settings import store as settings
from core.shop import Shop

MOST = 60
"""As many stand in a list."""


async def listing(shop: Shop, person: Person, *, active: bool = False) -> list[Promoter]:
    """Read who brings customers, with what they bring; ``active``: only who is on."""
    person.must_be(Rank.ADMIN)
    return await shop.db.read(lambda tx: store.listed(tx, MOST, active=active))


async def get(shop: Shop, person: Person, promoter_id: int) -> Promoter:
    """Read one; ``NotFound`` for none."""
    person.must_be(Rank.ADMIN)
    return await shop.db.read(_there, promoter_id)


def _there(tx: Connection, promoter_id: int) -> Promoter:
    found = store.by_id(tx, promoter_id)
    if found is None:
        raise NotFound
    return found


async def add(
    shop: Shop, person: Person, name: str, rate: int, question: Question | None = None, **more: Any
) -> Promoter:
    """Add somebody: ``rate`` in hundredths of a percent. The same question's answer a second time adds nobody."""
    person.must_be(Rank.ADMIN)
    now = shop.clock.now()

    def write(tx: Connection) -> Promoter:
        if question is not None and not people.take(tx, person.id, question):
            raise OutOfDate("done_already")
        promoter_id = store.add(tx, now, name=name, rate=rate, **more)
        detail = {"to": f"{rules.percent(rate)}%"}
        settings.write_audit(tx, now, person.id, "promoter", "promoter", promoter_id, detail)
        return _there(tx, promoter_id)

    return await shop.db.write(write)


async def edit(
    shop: Shop, person: Person, promoter_id: int, seen: int, field: PromoterField, value: str | int,
    question: Question | None = None,
) -> Promoter:  # fmt: skip
    """Write a field anew of one who is as they were seen (``Promoter.stamp``); orders that were placed keep their rate.

    ``OutOfDate`` names who was faster, ``NotFound`` for none. The audit holds rates; of a person it names the field.
    """
    return await _change(shop, person, promoter_id, seen, {field.value: value}, question)


async def turn(shop: Shop, person: Person, promoter_id: int, seen: int, *, on: bool) -> Promoter:
    """Let somebody earn by new orders or not; their codes take off what they did. ``OutOfDate`` as above."""
    return await _change(shop, person, promoter_id, seen, {"active": on})


async def _change(
    shop: Shop, person: Person, promoter_id: int, seen: int, values: dict[str, Any], question: Question | None = None
) -> Promoter:
    person.must_be(Rank.ADMIN)
    now = shop.clock.now()

    def write(tx: Connection) -> Promoter:
        store.lock(tx, promoter_id)
        before = _there(tx, promoter_id)
        people.close_question(tx, person.id, question)
        ((name, value),) = values.items()
        if before.stamp != seen:
            raise faster(tx, person, "promoter", promoter_id)
        if getattr(before, name) == value:
            return before
        store.change(tx, promoter_id, **values)
        settings.write_audit(
            tx, now, person.id, "promoter_changed", "promoter", promoter_id, _detail(name, getattr(before, name), value)
        )  # fmt: skip
        return _there(tx, promoter_id)

    return await shop.db.write(write)


def _detail(name: str, before: Any, after: Any) -> dict[str, Any]:
    if name == PromoterField.RATE:
        return {"field": name, "was": f"{rules.percent(before)}%", "to": f"{rules.percent(after)}%"}
    return {"field": name, "was": before, "to": after} if name == "active" else {"field": name}


def faster(tx: Connection, person: Person, subject: str, subject_id: int | None) -> OutOfDate:
    """Say who changed it last, or that it was the person themselves."""
    by, name = store.last_change(tx, subject, subject_id)
    return OutOfDate("done_already") if by == person.id else OutOfDate("somebody_faster", name=name or "Haang")
