"""Use cases of promo codes: make one, change it, on and off, see what it did; admins only."""

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core.errors import NotAllowed, NotFound, OutOfDate, Refused
from core.people import store as people
from core.people.rules import Person, Question, Rank
from core.promoters import store as promoters
from core.promoters.service import faster
from core.promotions import drafting, rules, store
from core.promotions.drafting import Values
from core.promotions.rules import Promo, PromoKind, PromoPage, Usage, Use
from core.settings import store as settings
from core.shop import Shop

PAGE, USES = 8, 10
"""As many codes stand on a page, as many orders that used one below it."""
_OWN = {"id", "used"}
"""What of a code nobody types."""


async def create(shop: Shop, code: str, kind: PromoKind, value: int, *, by: Person | None, **more: Any) -> Promo:
    """Make a promo code: ``value`` in whole percent or cents; ``more`` are the other fields of ``Promo``.

    ``by`` None is the shop itself (the sample). ``Refused`` for a code that stands already or a value that makes no
    sense, ``NotAllowed`` for who is no admin.
    """
    if by is not None and by.rank < Rank.ADMIN:
        raise NotAllowed
    code = rules.normalised(code)
    if value < 1 or (kind is PromoKind.PERCENT and value > 100):  # noqa: PLR2004 - percent
        raise Refused("number_wanted")
    values = {"code": code, "kind": kind, "value": value, **more}
    return await shop.db.write(_create, shop.clock.now(), by, values)


async def make(shop: Shop, person: Person, values: Values, question: Question) -> Promo:
    """Make the code that a draft stands for, once for its question; ``OutOfDate`` where that stands no more."""
    person.must_be(Rank.ADMIN)
    new = {key: value for key, value in asdict(drafting.made(values)).items() if key not in _OWN}

    def write(tx: Connection) -> Promo:
        if not people.take(tx, person.id, question):
            raise OutOfDate("done_already")
        return _create(tx, shop.clock.now(), person, new)

    return await shop.db.write(write)


def _create(tx: Connection, now: datetime, by: Person | None, values: Values) -> Promo:
    code = str(values["code"])
    _must_bring(tx, values)
    if not store.add(tx, now, **values):
        raise Refused("promo_stands", code=code)
    found = store.by_code(tx, code)
    if by is not None:
        settings.write_audit(tx, now, by.id, "promo", code)
    if found is None:  # pragma: no cover - just written in this transaction
        raise LookupError
    return found


def _must_bring(tx: Connection, values: Values) -> None:
    """Refuse a promoter who is not there."""
    if values.get("promoter_id") and promoters.by_id(tx, values["promoter_id"]) is None:
        raise NotFound


async def is_free(shop: Shop, code: str) -> None:
    """Refuse a code that stands already; whoever makes it first has it all the same."""
    if await shop.db.read(store.by_code, code) is not None:
        raise Refused("promo_stands", code=code)


async def listing(shop: Shop, person: Person, number: int = 0, promoter_id: int | None = None) -> PromoPage:
    """Read a page of codes with what they did; all, or a promoter's."""
    person.must_be(Rank.ADMIN)
    number = min(max(number, 0), 9999)
    found = await shop.db.read(store.usages, number * PAGE, PAGE + 1, promoter_id)
    return PromoPage(tuple(found[:PAGE]), number, len(found) > PAGE)


async def usage(shop: Shop, person: Person, promo_id: int) -> Usage:
    """Read one code with what it did; ``NotFound`` for none."""
    person.must_be(Rank.ADMIN)
    found = await shop.db.read(store.usage, promo_id)
    if found is None:
        raise NotFound
    return found


async def uses(shop: Shop, person: Person, promo_id: int) -> tuple[Usage, list[Use]]:
    """Read the newest orders that used a code."""
    return await usage(shop, person, promo_id), await shop.db.read(store.uses, promo_id, USES)


async def edit(
    shop: Shop, person: Person, promo_id: int, seen: int, values: Values, question: Question | None = None
) -> Promo:
    """Change a code that is as it was seen (``Promo.stamp``); orders that used it keep what they had of it.

    ``OutOfDate`` names who was faster; ``Refused`` where it would contradict itself, allow fewer uses than there are,
    or be called otherwise after an order used it.
    """
    person.must_be(Rank.ADMIN)

    def write(tx: Connection) -> Promo:
        store.keep(tx, promo_id)
        before = store.by_id(tx, promo_id)
        if before is None:
            raise NotFound
        after = drafting.edited(before, values)
        changed = {one.name: (getattr(before, one.name), getattr(after, one.name)) for one in fields(after)
                   if getattr(before, one.name) != getattr(after, one.name)}  # fmt: skip
        if before.stamp != seen:
            raise faster(tx, person, before.code, None)
        if changed:
            _write(tx, shop.clock.now(), person, before, changed)
        people.close_question(tx, person.id, question)
        return after

    return await shop.db.write(write)


def _write(tx: Connection, now: datetime, person: Person, before: Promo, changed: dict[str, tuple[Any, Any]]) -> None:
    new = {name: after for name, (_, after) in changed.items()}
    _must_bring(tx, new)
    if "code" in new and store.was_used(tx, before.id):
        raise Refused("promo_named")
    if "code" in new and store.by_code(tx, new["code"]) is not None:
        raise Refused("promo_stands", code=new["code"])
    store.change(tx, before.id, **new)
    detail = {"field": ", ".join(changed), "was": _said(changed, 0), "to": _said(changed, 1)}
    settings.write_audit(tx, now, person.id, "promo_changed", new.get("code", before.code), None, detail)


def _said(changed: dict[str, tuple[Any, Any]], which: int) -> str:
    return ", ".join("—" if pair[which] in {None, ""} else str(pair[which]) for pair in changed.values())


async def turn(shop: Shop, person: Person, promo_id: int, seen: int, *, on: bool) -> Promo:
    """Let a code be used or not; ``OutOfDate`` as above."""
    return await edit(shop, person, promo_id, seen, {"active": on})
