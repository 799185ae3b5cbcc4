"""What every page needs, in one object kept in the aiohttp application."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiohttp import web

from core.catalog.rules import Catalogue
from core.database import REFUSALS, is_away
from core.doctor.service import Examination
from core.i18n import Translator, translator
from core.logs import Sparing
from core.people.rules import Person
from core.shop import Reader, Shop
from core.storage.health import Pulse
from web.finished import Finished
from web.live import Moments
from web.measures import Journal, Measures
from web.memory import Memory
from web.render import Renderer

BotLink = Callable[[str], str | None]
"""From a start payload (empty: none) to the link that opens the bot with it; None while the bot is not known."""

PICTURES_AT_ONCE = 2
VISITOR = Person(0, None, "")
"""Somebody without an account: owns nothing, may do nothing."""


@dataclass
class Site:
    """The shop and what the site keeps beside it. ``reducing`` lets pages go on while pictures are made.

    ``lapses``: how often something was shown as it was known last. ``sparing`` writes what every page meets.
    """

    shop: Shop
    bot_link: BotLink
    renderer: Renderer
    moments: Moments
    pulse: Pulse
    pages: Memory[Finished] = field(default_factory=Memory)
    pictures: Memory[Finished] = field(default_factory=Memory)
    measures: Measures = field(default_factory=Measures)
    journal: Journal = field(default_factory=Journal)
    reducing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(PICTURES_AT_ONCE))
    sparing: Sparing = field(default_factory=lambda: Sparing(logging.getLogger("haang.web")))
    lapses: int = 0
    examination: Examination = field(init=False)

    def __post_init__(self) -> None:
        """Have a doctor."""
        self.examination = Examination(self.shop)

    @contextmanager
    def last_known(self) -> Iterator[None]:
        """Leave what is read in this block as it was known last, where the database is away."""
        try:
            yield
        except REFUSALS as error:
            if not is_away(error):
                raise
            self.lapses += 1

    async def catalogue(self) -> Catalogue:
        """Give the catalogue as it stands; as it was read last while the database is away."""
        known = self.shop.catalogue.last
        if known is None:
            return await self.shop.catalogue.now()
        with self.last_known():
            return await self.shop.catalogue.now()
        return known

    def reader(self, language: str) -> Reader:
        """Read as a visitor in this language."""
        return Reader(VISITOR, translator(language))

    @property
    def secure(self) -> bool:
        """Whether the site is reached by https."""
        return (self.shop.config.public_url or "").startswith("https://")

    def words(self, language: str) -> Translator:
        """Speak this language."""
        return translator(language)


SITE = web.AppKey("site", Site)
