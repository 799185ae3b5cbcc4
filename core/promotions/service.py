"""Use cases of promo codes: make one."""

from typing import Any

from core.errors import NotAllowed, Refused
from core.people.rules import Person, Rank
from core.promotions import rules, store
from core.promotions.rules import Promo, PromoKind
from core.settings import store as settings
from core.shop import Shop


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
    now = shop.clock.now()

    def write(tx: Any) -> Promo:
        if not store.add(tx, now, code=code, kind=kind, value=value, **more):
            raise Refused("promo_stands", code=code)
        found = store.by_code(tx, code)
        if by is not None:
            settings.write_audit(tx, now, by.id, "promo", code)
        if found is None:  # pragma: no cover - just written in this transaction
            raise LookupError
        return found

    return await shop.db.write(write)
