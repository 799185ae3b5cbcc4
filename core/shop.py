"""The one object passed down: built once in run.py, handed to every service, never reached for."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from core import database
from core.catalog.memory import CatalogueMemory
from core.changes import Change, Changes
from core.clock import Clock, SystemClock
from core.config import Config
from core.database import Database
from core.database.engine import P, T, Work
from core.i18n import Translator, translator
from core.payments.rules import PaymentBank
from core.people.rules import Person, Role
from core.settings import service as settings
from core.settings.rules import Policy


class _RulesMoved(Exception):
    """Ends a transaction that was begun by rules which are no longer in force."""


@dataclass
class Shop:
    """What every use case needs. ``policy`` is read again when a setting changes; ``seen`` remembers who is who.

    ``door`` gives the link that opens the shop's chat with a start payload; None where it has none yet. ``inline``: the
    bot answers where its name is written in other chats. ``works``: what admins started, and goes on.
    """

    config: Config
    db: Database
    clock: Clock
    changes: Changes
    policy: Policy
    bank: PaymentBank
    catalogue: CatalogueMemory
    seen: dict[int, Person] = field(default_factory=dict)
    stale_policy: bool = True
    door: Callable[[str], str | None] = lambda _payload: None
    inline: bool = False
    works: set[asyncio.Task[None]] = field(default_factory=set)
    _saved: Mapping[str, Any] = field(default_factory=dict, init=False, repr=False)
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        """Hear what changes before anything is read, so that no change falls in between."""
        self.changes.listen("person", self._forget)
        self.changes.listen("settings", self._mark)

    async def refresh(self) -> None:
        """Read the policy again if somebody changed it; whoever comes while it is being read waits for it."""
        self.db.overhear()
        if self.stale_policy or self._reading.locked():
            async with self._reading:
                await self._read_policy()

    async def _read_policy(self) -> None:
        """Read it if it is stale; what could not be read (an error, a caller gone) stays stale."""
        if self.stale_policy:
            self.stale_policy = False
            try:
                self._saved = await self.db.read(settings.saved)
                self.policy = settings.policy(self._saved, self.config)
            except BaseException:
                self.stale_policy = True
                raise

    async def by_the_rules(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one transaction by the rules in force at its own moment, also where the bell is still on its way."""
        while True:
            await self.refresh()
            believed = self._saved

            def run(tx: Connection, believed: Mapping[str, Any] = believed) -> T:
                if settings.saved(tx) != believed:
                    raise _RulesMoved
                return work(tx, *args, **kwargs)

            try:
                return await self.db.write(run)
            except _RulesMoved:
                self.stale_policy = True

    def _forget(self, change: Change) -> None:
        if change.id:
            self.seen.pop(change.id, None)
        else:
            self.seen.clear()

    def _mark(self, _change: Change) -> None:
        self.stale_policy = True

    async def close(self) -> None:
        """Break off what was started here, let go of the bank and the database."""
        begun = tuple(self.works)
        for task in begun:
            task.cancel()
        await asyncio.gather(*begun, return_exceptions=True)
        await self.bank.close()
        await self.db.close()


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads or acts, and in which language: what a card is decided for."""

    person: Person
    t: Translator


async def open_shop(config: Config, bank: PaymentBank, clock: Clock | None = None) -> Shop:
    """Open the database, bring it up to date, read the policy; ``StartRefused`` says what stands in the way."""
    bells = Changes()
    db = await database.connect(config, bells)
    shop = Shop(config, db, clock or SystemClock(), bells, Policy(), bank, CatalogueMemory(db, bells))
    try:
        await shop.refresh()
    except BaseException:
        await db.close()
        raise
    return shop


def reader(person: Person, language: str | None = None) -> Reader:
    """Read as ``person``, in their language unless another is given."""
    return Reader(person, translator(language or person.language))


def counter(policy: Policy) -> Reader:
    """The staff group as a reader: what staff may do, in the group's language, whoever looks."""
    return Reader(Person(0, None, "", role=Role.STAFF), translator(policy.staff_language))
