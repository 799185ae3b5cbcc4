"""What is sold, as it stands now: pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from core.catalog.search import Index
from core.money import Money

PAGE = 20


class Badge(StrEnum):
    """A mark on a product. Out of stock goes before any of them."""

    NEW = "new"
    BEST_SELLER = "best_seller"
    SALE = "sale"
    LIMITED = "limited"


@dataclass(frozen=True, slots=True)
class Category:
    """A shelf of the shop."""

    id: int
    slug: str
    name_en: str
    name_km: str
    emoji: str


@dataclass(frozen=True, slots=True)
class Variant:
    """One thing that can be bought: a shade, a size. ``left`` is what can still be promised, in units."""

    id: int
    product_id: int
    sku: str
    name_en: str
    name_km: str
    price: Money
    old_price: Money | None
    left: int


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo of a product: a path below the media folder; ``id`` 0 is the first."""

    id: int
    path: str


@dataclass(frozen=True, slots=True)
class Rating:
    """What buyers think of it: all their ``stars`` together, from how many of them."""

    stars: int = 0
    count: int = 0

    @property
    def shown(self) -> str:
        """The average, rounded half up to a tenth: ``4.8``; empty where nobody judged yet."""
        tenths = (self.stars * 20 + self.count) // (2 * self.count) if self.count else 0
        return f"{tenths // 10}.{tenths % 10}" if tenths else ""


UNRATED = Rating()


@dataclass(frozen=True, slots=True)
class Product:
    """A product with at least one variant. ``photo`` is a path below the media folder, or empty.

    ``photos`` are the further ones, in their order.
    """

    id: int
    category_id: int
    slug: str
    name_en: str
    name_km: str
    description_en: str
    description_km: str
    badge: Badge | None
    photo: str
    position: int
    variants: tuple[Variant, ...]
    photos: tuple[Photo, ...] = ()
    rating: Rating = UNRATED

    @property
    def album(self) -> tuple[Photo, ...]:
        """All its photos in their order, the first with the id 0."""
        return (*((Photo(0, self.photo),) if self.photo else ()), *self.photos)

    @property
    def left(self) -> int:
        """Units of all variants together."""
        return sum(variant.left for variant in self.variants)

    @property
    def cheapest(self) -> Variant:
        """The variant a price is quoted from: the cheapest one there is, in stock if any is."""
        return min(self.variants, key=lambda variant: (variant.left < 1, variant.price.amount, variant.id))

    def variant(self, variant_id: int) -> Variant | None:
        """One variant of this product."""
        return next((variant for variant in self.variants if variant.id == variant_id), None)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; ``number`` counts from 0."""

    products: Sequence[Product]
    number: int
    pages: int


@dataclass(slots=True)
class Catalogue:
    """Everything on sale, held in memory and kept true by ``CatalogueMemory``; ids are the database's."""

    categories: dict[int, Category] = field(default_factory=dict)
    products: dict[int, Product] = field(default_factory=dict)
    shelves: dict[int, list[int]] = field(default_factory=dict)
    by_slug: dict[str, int] = field(default_factory=dict)
    by_variant: dict[int, int] = field(default_factory=dict)
    index: Index = field(default_factory=Index, repr=False)

    def filled(self) -> list[Category]:
        """The shelves that hold something, in their order."""
        return [category for category in self.categories.values() if self.shelves.get(category.id)]

    def page(self, category_id: int, number: int) -> Page:
        """Give the products of a shelf, ``PAGE`` at a time; a number out of range gives the nearest page."""
        return self._page(self.shelves.get(category_id, []), number)

    def search(self, line: str, number: int = 0) -> Page:
        """Give what a typed line means, the likeliest first and what is sold out last, ``PAGE`` at a time."""
        scores = self.index.find(line)

        def rank(product_id: int) -> tuple[bool, float, int, int]:
            return self.products[product_id].left < 1, -scores[product_id], *self._place(product_id)

        return self._page(sorted(scores, key=rank), number)

    def listed(self, ids: Iterable[int], number: int = 0) -> Page:
        """Give those of some products that are on sale, in the order given, ``PAGE`` at a time."""
        return self._page([product_id for product_id in ids if product_id in self.products], number)

    def _page(self, ids: Sequence[int], number: int) -> Page:
        pages = max(1, -(-len(ids) // PAGE))
        number = min(max(number, 0), pages - 1)
        return Page([self.products[i] for i in ids[number * PAGE : (number + 1) * PAGE]], number, pages)

    def variant(self, variant_id: int) -> tuple[Product, Variant] | None:
        """Find a variant with its product, if it is on sale."""
        product = self.products.get(self.by_variant.get(variant_id, 0))
        variant = product.variant(variant_id) if product else None
        return (product, variant) if product and variant else None

    def load(self, products: Iterable[Product]) -> None:
        """Fill empty shelves, sorting each once."""
        for product in products:
            self._add(product)
        for shelf in self.shelves.values():
            shelf.sort(key=self._place)

    def put(self, product: Product) -> None:
        """Place a product on its shelf, instead of what it was."""
        self._take(product.id)
        self._add(product)
        self.shelves[product.category_id].sort(key=self._place)

    def _add(self, product: Product) -> None:
        self.products[product.id] = product
        self.by_slug[product.slug] = product.id
        self.by_variant.update((variant.id, product.id) for variant in product.variants)
        self.shelves.setdefault(product.category_id, []).append(product.id)
        shelf = self.categories.get(product.category_id)
        aside = [shelf.name_en, shelf.name_km] if shelf else []
        aside += [text for one in product.variants for text in (one.sku, one.name_en, one.name_km)]
        self.index.put(product.id, product.name_en, product.name_km, aside)

    def _place(self, product_id: int) -> tuple[int, int]:
        return self.products[product_id].position, product_id

    def drop(self, product_id: int) -> None:
        """Take a product off its shelf."""
        self._take(product_id)
        self.index.drop(product_id)

    def _take(self, product_id: int) -> None:
        old = self.products.pop(product_id, None)
        if old:
            self.shelves[old.category_id].remove(product_id)
            self.by_slug.pop(old.slug, None)
            for variant in old.variants:
                self.by_variant.pop(variant.id, None)
