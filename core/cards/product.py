"""What a product says to whom."""

from dataclasses import dataclass

from core.cards.shared import both
from core.catalog.rules import Photo, Product, Variant
from core.shop import Reader, Shop


@dataclass(frozen=True, slots=True)
class VariantText:
    """One variant to choose, in the reader's language."""

    id: int
    name: str
    price: str
    left: int


@dataclass(frozen=True, slots=True)
class ProductCard:
    """All that a product says. ``chosen`` is the variant its price and stock stand for.

    ``photo`` is the one of its ``album`` with the id ``photo_id``; ``rating`` the average of ``rated`` buyers.
    ``kept``: it is among the reader's favourites; ``waits``: they stand on the list of the chosen variant.
    ``units``: as many their basket holds.
    """

    id: int
    slug: str
    name: str
    description: str
    badge: str
    price: str
    old_price: str
    stock: str
    sold_out: bool
    chosen: int
    variants: tuple[VariantText, ...]
    photo: str
    album: tuple[Photo, ...] = ()
    photo_id: int = 0
    rating: str = ""
    rated: int = 0
    kept: bool = False
    waits: bool = False
    units: int = 0


def product_card(shop: Shop, product: Product, reader: Reader, variant_id: int = 0, photo_id: int = 0) -> ProductCard:
    """Decide a product's card for one of its variants, or for the cheapest that is there; of a gone photo the first."""
    t = reader.t
    chosen = product.variant(variant_id) or product.cheapest
    badge = "badge.sold_out" if product.left < 1 else f"badge.{product.badge}" if product.badge else ""
    album = product.album
    photo = next((one for one in album if one.id == photo_id), album[0] if album else Photo(0, ""))
    return ProductCard(
        product.id, product.slug, t.pick(product.name_en, product.name_km),
        t.pick(product.description_en, product.description_km), t(badge) if badge else "",
        both(chosen.price, shop.policy.riel_rate), str(chosen.old_price) if chosen.old_price else "",
        _stock(chosen, reader), chosen.left < 1, chosen.id,
        tuple(VariantText(v.id, t.pick(v.name_en, v.name_km), str(v.price), v.left) for v in product.variants),
        photo.path, album, photo.id, product.rating.shown, product.rating.count,
    )  # fmt: skip


FEW = 5


def _stock(variant: Variant, reader: Reader) -> str:
    if variant.left < 1:
        return reader.t("stock.sold_out")
    return reader.t("stock.few" if variant.left <= FEW else "stock.left", left=variant.left)
