"""Use cases of privacy: give a person what is kept of them, forget them, and keep them forgotten."""

import asyncio
import logging
from datetime import datetime

from sqlalchemy import Connection

from core.backups import restore as backups
from core.backups import swap
from core.backups.contents import Contents
from core.backups.loading import Told, quietly
from core.backups.restore import Restored
from core.config import Config
from core.database import REFUSALS
from core.errors import Refused
from core.messages import store as messages
from core.messages.rules import MessageKind
from core.people import rules as people_rules
from core.people import store as people
from core.people.rules import Person, Role
from core.privacy import beside, rules, store
from core.privacy.rules import Tombstone, Unfinished
from core.settings import store as settings
from core.shop import Shop

log = logging.getLogger(__name__)


# ── given ────────────────────────────────────────────────────────────────────────────────────────────────────────────
async def ask_export(shop: Shop, person: Person) -> None:
    """Owe the person a file with what is kept of them; ``Refused`` for a second one within a day."""

    def write(tx: Connection) -> None:
        people.lock(tx, person.id)
        now = shop.clock.now()
        rules.must_be_due(store.last_export(tx, person.id), now)
        settings.write_audit(tx, now, person.id, "export", "person", person.id)
        messages.owe(tx, person.telegram_id or 0, MessageKind.MY_DATA, 0, now)

    await shop.db.write(write)


async def export(shop: Shop, person: Person) -> tuple[str, bytes]:
    """Write all that is kept of a person into a file; returns its name and what is in it."""
    found = await shop.db.read(store.kept, person.id)
    now, zone = shop.clock.now(), shop.config.zone
    whole = {"shop": shop.policy.shop_name, "made_at": now, **found}
    return rules.file_name(now.astimezone(zone).date()), await asyncio.to_thread(rules.readable, whole, zone)


# ── forgotten ────────────────────────────────────────────────────────────────────────────────────────────────────────
async def hindrances(shop: Shop, person: Person) -> list[Unfinished]:
    """Name the orders that must be done with before the person can be forgotten.

    ``Refused`` for those whom the shop cannot do without: its only owner, an owner by its settings, the reader of its
    alerts, a courier with its cash.
    """
    await shop.refresh()

    def read(tx: Connection) -> list[Unfinished]:
        _may_go(tx, shop, person.telegram_id or 0)
        return store.unfinished(tx, person.id, shop.clock.now())

    return await shop.db.read(read)


async def forget_me(shop: Shop, person: Person, asked_at: int) -> None:
    """Forget a person for good, in one transaction; their orders stay for the books, without them.

    ``asked_at`` is when they were asked for the second time (a Unix time): ``Refused`` where that is long ago, or where
    :func:`hindrances` names any.
    """
    await shop.refresh()
    rules.must_be_asked(asked_at, shop.clock.now())

    def write(tx: Connection) -> None:
        now = shop.clock.now()
        _may_go(tx, shop, person.telegram_id or 0, locked=True)
        store.lock(tx, person.id)
        waiting = store.unfinished(tx, person.id, now)
        if waiting:
            raise Refused("delete_waits", number=waiting[0].number)
        store.bury(tx, person.id, people_rules.fingerprint(shop.config.token, person.telegram_id or 0), now)
        store.forget(tx, person.id, now)
        settings.write_audit(tx, now, None, "forget", "person")

    await shop.db.write(write)
    await keep_forgotten(shop)


def _may_go(tx: Connection, shop: Shop, telegram_id: int, *, locked: bool = False) -> None:
    if telegram_id in shop.config.owner_ids:
        raise Refused("owner_by_settings")
    if telegram_id in {shop.policy.admin_chat_id, shop.policy.staff_chat_id}:
        raise Refused("alerts_reader")
    person = people.by_telegram(tx, telegram_id)
    if person is not None and person.role is Role.OWNER and len(people.owners(tx, locked=locked)) == 1:
        raise Refused("last_owner")
    if person is not None and store.holds_cash(tx, person.id):
        raise Refused("cash_carried")


# ── and kept so ──────────────────────────────────────────────────────────────────────────────────────────────────────
async def keep_forgotten(shop: Shop) -> int:
    """The job: write down beside the data who was forgotten, and forget again who came back with an older database.

    Returns how many came back. A folder that takes nothing is said in the log; the next run tries again.
    """
    folder = shop.config.data_dir
    noted = await asyncio.to_thread(beside.read, folder)
    known = await shop.db.read(store.graves)
    strange = set(noted) - set(known)
    found = await shop.db.write(store.forget_again, sorted(strange, key=_age), shop.clock.now()) if strange else 0
    if set(known) - set(noted):
        try:
            await asyncio.to_thread(beside.write, folder, _united(noted, known))
        except OSError as error:
            log.warning("who was forgotten is not written down: %s", type(error).__name__)
    return found


async def bring_back(
    config: Config, contents: Contents, now: datetime, *, foreign: bool = False, told: Told = quietly
) -> Restored:  # fmt: skip
    """Put a backup in the place of a whole shop, as :func:`core.backups.restore.bring_back` does.

    Who was forgotten since stays so: by the file beside the data, by the database that goes, by the backup itself.
    """
    known = _united(await asyncio.to_thread(beside.read, config.data_dir), await _buried(config))
    if known:
        await asyncio.to_thread(beside.write, config.data_dir, known)

    def forget(tx: Connection) -> int:
        return store.forget_again(tx, _united(known, store.graves(tx)), now)

    return await backups.bring_back(config, contents, now, forget=forget, foreign=foreign, told=told)


async def _buried(config: Config) -> list[Tombstone]:
    """Read whom the database knows as forgotten that is to be replaced; none where it cannot be read."""
    try:
        return await swap.look(config, store.graves)
    except REFUSALS:
        return []


def _united(*lists: list[Tombstone]) -> list[Tombstone]:
    """Put lists together, each person once, the longest forgotten first."""
    once = {(one.person_id, one.joined_at): one for known in lists for one in known}
    return sorted(once.values(), key=_age)


def _age(one: Tombstone) -> tuple[datetime, int]:
    return one.at, one.person_id
