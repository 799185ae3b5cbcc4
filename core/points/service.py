"""Use cases of points: look, be brought by somebody; the job that ends what is over."""

from datetime import timedelta

from sqlalchemy import Connection

from core.people import rules as people_rules
from core.people import store as people
from core.people.rules import Person
from core.points import rules, store
from core.points.rules import Standing
from core.shop import Shop

NEW_FOR = timedelta(days=1)
"""How long after they first wrote somebody can still say who brought them."""


async def standing(shop: Shop, person: Person) -> Standing:
    """What this person has, and the code their friends come by."""
    await shop.refresh()
    now = shop.clock.now()

    def write(tx: Connection) -> Standing:
        points = store.balance(tx, person.id, now)
        ending, ends_at = store.ending(tx, person.id, now)
        code = store.referral_code(tx, person.id)
        return Standing(points, rules.worth(points, shop.policy), ending, ends_at, store.friends(tx, person.id), code)

    return await shop.db.write(write)


async def code(shop: Shop, person: Person) -> str:
    """The code that whatever this person shares carries."""
    known = await shop.db.read(store.code_of, person.id)
    if known is not None:
        return known
    return await shop.db.write(store.referral_code, person.id)


async def brought_by(shop: Shop, person: Person, code: str) -> bool:
    """Remember whose invitation a new person came by; False where it makes no difference any more.

    Who was here, asked to be forgotten and comes back is new to the shop, but no friend that somebody brought.
    """
    fingerprint = people_rules.fingerprint(shop.config.token, person.telegram_id or 0)
    since = shop.clock.now() - NEW_FOR

    def write(tx: Connection) -> bool:
        return not people.was_here(tx, fingerprint) and store.refer(tx, person.id, code, since)

    return await shop.db.write(write)


async def expire(shop: Shop) -> int:
    """The job: end what is over, however much that is; returns how many lots."""
    ended = 0
    while found := await shop.db.write(store.expire, shop.clock.now()):
        ended += found
    return ended
