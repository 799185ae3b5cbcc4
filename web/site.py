"""What every page needs, in one object kept in the aiohttp application."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

from core.doctor.service import Examination
from core.i18n import Translator, translator
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
    """The shop and what the site keeps beside it. ``reducing`` lets pages go on while pictures are made."""

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
    examination: Examination = field(init=False)

    def __post_init__(self) -> None:
        """Have a doctor."""
        self.examination = Examination(self.shop)

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
