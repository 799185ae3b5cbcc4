"""From cards to HTML: the one Jinja environment, and what every page's frame needs."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from core.i18n import LANGUAGES, translator
from core.shop import Shop
from web import photos

HERE = Path(__file__).parent
STATIC = HERE / "static"


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a page. ``path`` is its own address on the site; ``image`` one of a photo, or empty."""

    path: str
    title: str
    description: str = ""
    image: str = ""
    kind: str = "website"
    index: bool = True


class Renderer:
    """Draws templates for a shop. ``bot_link`` is as in :class:`web.site.Site`."""

    def __init__(self, shop: Shop, bot_link: Callable[[str], str | None]) -> None:
        self._shop = shop
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True, auto_reload=False,
        )  # fmt: skip
        self.static = {file.name: _version(file) for file in STATIC.iterdir()}
        self._templates.globals |= {
            "static": lambda name: f"/static/{name}?v={self.static[name]}",
            "picture": lambda name: photos.picture(shop.config.media_dir, name),
            "bot_link": bot_link,
            "in_language": in_language,
            "tongue": tongue,
            "languages": {code: translator(code)("site.language") for code in LANGUAGES},
            "public_url": shop.config.public_url or "",
        }

    def page(self, template: str, language: str, frame: Frame, **values: object) -> bytes:
        """Draw a whole page."""
        return self.fragment(template, language, frame=frame, **values).encode()

    def fragment(self, template: str, language: str, **values: object) -> str:
        """Draw a template that stands for itself."""
        words = {"t": translator(language), "language": language, "shop_name": self._shop.policy.shop_name}
        return self._templates.get_template(template).render(**words, **values)


def in_language(path: str, language: str) -> str:
    """Write the address that chooses a language and leads back to ``path``."""
    return f"{path}{'&' if '?' in path else '?'}lang={language}"


def tongue(text: str, language: str) -> str:
    """Write the attribute that Khmer words need on a page of another language: their letters are its font's."""
    khmer = any("\u1780" <= letter <= "\u17ff" for letter in text)
    return Markup(' lang="km"') if khmer and language != "km" else ""


def _version(file: Path) -> str:
    return hashlib.blake2b(file.read_bytes(), digest_size=6).hexdigest()
