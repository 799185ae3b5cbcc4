"""Use cases of opening day: make a one-time code, take one that was typed, tell what is set; a door from the shell."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from core.errors import NotAllowed, Refused
from core.messages import store as messages
from core.messages.rules import MessageKind
from core.money import Currency, Money, usd
from core.people import store as people
from core.people.rules import Person, Rank, Role
from core.settings import service as policy
from core.settings import store as settings
from core.settings.rules import Policy
from core.setup import rules, store
from core.setup.rules import Code, Goal, Progress, Trial, Tried
from core.shop import Shop
from core.storage.alerts import owe_alert

CHATS = {Goal.STAFF: "staff_chat_id", Goal.ADMIN: "admin_chat_id"}
"""The setting that each kind of group is named by."""


HOURS = frozenset({"opens", "closes"})
DELIVERY = frozenset({"fee_capital", "fee_province", "free_delivery_from", "province_fees", "no_delivery"})
"""Rules of which somebody said one where a thing counts as set."""


async def progress(shop: Shop, person: Person) -> Progress:
    """Tell what is set and what is missing; for who runs the shop."""
    person.must_be(Rank.ADMIN)
    await shop.refresh()
    found, catalogue, said = shop.policy, await shop.catalogue.now(), await shop.db.read(settings.load)
    owners = await shop.db.read(people.owners)
    return Progress(
        bool(found.staff_chat_id), bool(found.admin_chat_id), len(catalogue.products), bool(found.khqr_account),
        hours=not HOURS.isdisjoint(said), delivery=not DELIVERY.isdisjoint(said), rate="riel_rate" in said,
        owners=len(owners), name="shop_name" in said, came=_came(found),
    )  # fmt: skip


def _came(found: Policy) -> dict[str, str]:
    """Write what is in force of all that somebody may leave as it came."""
    fees = " / ".join(str(usd(one)) for one in (found.fee_capital, found.fee_province))
    return {
        "name": found.shop_name,
        "hours": f"{found.opens}–{found.closes}",
        "delivery": fees,
        "rate": str(Money(found.riel_rate, Currency.KHR)),
    }


async def make_code(shop: Shop, person: Person | None, goal: Goal) -> str:
    """Make a code for one use; returns it, which is shown once and kept nowhere.

    Owners make those for groups; one that makes an owner only the shell (``person`` None): a lost account's way back.
    """
    code = rules.new_code()

    def write(tx: Connection) -> None:
        now = shop.clock.now()
        actor = people.by_id(tx, person.id) if person else None
        if person is not None and (actor is None or actor.rank < Rank.OWNER or goal is Goal.OWNER):
            raise NotAllowed
        settings.lock(tx)
        by = actor.id if actor else None
        store.keep(tx, Code(goal, rules.hashed(shop.config.token, code), now + rules.VALID, by), now)
        settings.write_audit(tx, now, by, "link_code", goal)
        if goal is Goal.OWNER:
            _warn_owners(tx, shop, "owner_door")

    await shop.db.write(write)
    return code


async def take_code(shop: Shop, text: str, person: Person | None, chat_id: int) -> Tried:
    """Take a code that was typed: in a group (``chat_id`` below 0) or in somebody's own chat; used, it is gone.

    ``person`` is None for one the shop does not know, or who writes in the group's own name: their wrong codes are
    counted together, those of anybody known by themselves. ``Refused`` where it is good, but typed in a place that it
    is not for; it stays good, but for an owner's that others could read.
    """
    hash_ = rules.hashed(shop.config.token, rules.tidy(text))
    where = ("person", person.id) if person else ("chat", chat_id)

    def write(tx: Connection) -> Tried | None:
        now = shop.clock.now()
        settings.lock(tx)
        if store.wrong(tx, *where, now - rules.SILENCE) >= rules.GUESSES:
            return Tried(Trial.SILENT)
        code = rules.found(store.codes(tx), hash_, now)
        if code is None or not _stands(tx, code):
            settings.write_audit(tx, now, person.id if person else None, store.WRONG, *where)
            return Tried(Trial.WRONG)
        me = people.by_id(tx, person.id) if person else None
        if code.goal is Goal.OWNER and (chat_id < 0 or me is None):
            store.spend(tx, code.goal)
            return None
        if code.goal is Goal.OWNER and me is not None:
            _own(tx, shop, me)
        else:
            _link(tx, shop, code, me, chat_id)
        store.spend(tx, code.goal)
        return Tried(Trial.LINKED, code.goal)

    tried = await shop.db.write(write)
    if tried is None:
        raise Refused("link_own_chat")
    return tried


def _stands(tx: Connection, code: Code) -> bool:
    """Whether who made a code still owns the shop; the shell always does."""
    by = people.by_id(tx, code.by) if code.by is not None else None
    return code.by is None or (by is not None and by.rank >= Rank.OWNER)


def _link(tx: Connection, shop: Shop, code: Code, me: Person | None, chat_id: int) -> None:
    """Make a chat the shop's; somebody's own chat can be the admins' where they run the shop.

    A staff group whose language nobody ever chose speaks that of the owner who linked it.
    """
    if chat_id > 0 and code.goal is Goal.STAFF:
        raise Refused("link_group")
    if chat_id > 0 and (me is None or me.rank < Rank.ADMIN):
        raise Refused("link_group")
    values: dict[str, Any] = {CHATS[code.goal]: chat_id}
    owner = people.by_id(tx, code.by) if code.by is not None else None
    if code.goal is Goal.STAFF and owner and owner.language and "staff_language" not in settings.load(tx):
        values["staff_language"] = owner.language
    policy.put(tx, shop.clock.now(), values, me.id if me else code.by)


def _own(tx: Connection, shop: Shop, me: Person) -> None:
    """Make who typed the shell's code an owner; the other owners hear of it."""
    now = shop.clock.now()
    _warn_owners(tx, shop, "owner_new", me)
    if me.role is not Role.OWNER:
        people.grant(tx, me, Role.OWNER, None, now)
        settings.write_audit(tx, now, None, "grant", "person", me.id, {"role": Role.OWNER})


async def add_owner(shop: Shop, telegram_id: int) -> bool:
    """Make somebody an owner from the shell; the other owners hear of it, they themselves where the bot may write.

    Returns False for one who is an owner already.
    """

    def write(tx: Connection) -> bool:
        now = shop.clock.now()
        found = people.by_telegram(tx, telegram_id) or people.arrive(tx, telegram_id, "Owner", "", now)
        if found.role is Role.OWNER:
            return False
        _warn_owners(tx, shop, "owner_new", found)
        people.grant(tx, found, Role.OWNER, None, now)
        settings.write_audit(tx, now, None, "grant", "person", found.id, {"role": Role.OWNER})
        messages.owe(tx, telegram_id, MessageKind.TEAM, found.id, now)
        return True

    return await shop.db.write(write)


def _warn_owners(tx: Connection, shop: Shop, metric: str, new: Person | None = None) -> None:
    """Tell every owner there is, in their own chats, that somebody opens a way in from the shell."""
    owners = [one.telegram_id for one in people.owners(tx) if one.telegram_id and not one.blocked]
    data = {"metric": metric, "level": "critical", "name": new.name if new else ""}
    if owners:
        now = shop.clock.now()
        owe_alert(tx, shop.policy, f"{metric} {new.id if new else now.isoformat()}", data, now, chats=owners)


async def set_up(shop: Shop, values: Mapping[str, Any]) -> list[str]:
    """Change rules together from the shell; returns the names of those that were changed, audited each."""

    def write(tx: Connection) -> list[str]:
        before = policy.in_force(tx)
        new = {key: value for key, value in values.items() if getattr(before, key) != value}
        if new:
            policy.put(tx, shop.clock.now(), new, None, owner=True)
        for key in values.keys() - new.keys():  # said to be as it is: from now on it is no default
            settings.claim(tx, key, values[key], shop.clock.now())
        return sorted(new)

    return await shop.db.write(write)


# ── what Telegram was told ───────────────────────────────────────────────────────────────────────────────────────────
async def told(shop: Shop) -> dict[str, str]:
    """Read what Telegram was told last, by name a hash of it."""
    return await shop.db.read(store.told)


async def remember_told(shop: Shop, new: Mapping[str, str | None]) -> None:
    """Remember what Telegram was told now, None for what was taken back."""
    await shop.db.write(store.tell, shop.clock.now(), new)


async def workers(shop: Shop) -> list[Person]:
    """Everybody who works here, to show each the commands of their role."""
    return await shop.db.read(people.workers)


async def person(shop: Shop, person_id: int) -> Person | None:
    """Read one person, who perhaps works here no more."""
    return await shop.db.read(people.by_id, person_id)
