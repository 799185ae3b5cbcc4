"""What is offered in other chats: each product as a row of a list, and as the message that is sent from it."""

from collections.abc import Sequence
from urllib.parse import quote

from markupsafe import Markup

from bot.screen import Button, Offer, Offers, ProductPhoto, Style
from bot.screens.shop import cut
from core.cards import ProductCard
from core.i18n import Translator

ABOUT = 200
"""So many characters of a description are sent with a shared product."""


def offers(
    t: Translator, cards: Sequence[tuple[ProductCard, str | None]], site: str | None, more: str, *, first: bool
) -> Offers:
    """Offer products, each with the link it is ordered by; where a first page is empty, the way into the shop."""
    made = tuple(_offer(t, card, link, site) for card, link in cards)
    return Offers(made, more, "" if made or not first else t("inline.nothing"))


def _offer(t: Translator, card: ProductCard, link: str | None, site: str | None) -> Offer:
    was = t.html("product.was", old=card.old_price) if card.old_price else Markup("")
    parts = [t.html("product.title", name=card.name, badge=f" · {card.badge}" if card.badge else "")]
    parts.append(t.html("inline.price", price=card.price) + was)
    if card.description:
        parts.append(t.html("product.description", text=cut(card.description, ABOUT)))
    rows = ((Button(t("button.order_here"), url=link, style=Style.PRIMARY),),) if link else ()
    photo = ProductPhoto(card.photo) if card.photo else None
    return Offer(
        str(card.id), card.name, f"{card.price} · {card.stock}", Markup("\n\n").join(parts), rows, photo,
        f"{site}/media/{quote(card.photo)}?w=320" if site and card.photo else "",
        f"{site}/p/{quote(card.slug)}?lang={t.language}" if site else "",
    )  # fmt: skip
