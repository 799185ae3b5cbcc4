"""Reads the sample shop from shop.toml and refuses one that does not hold together."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from core.catalog.rules import Badge

HERE = Path(__file__).parent
VARIANTS_MOST = 6
KHMER = re.compile("[\u1780-\u17ff]")
SKU = re.compile(r"[A-Z]{3}-\d{3}-[A-Z0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class SampleCategory:
    """A shelf of the sample shop."""

    slug: str
    name_en: str
    name_km: str
    emoji: str


@dataclass(frozen=True, slots=True)
class SampleVariant:
    """One thing to buy: prices in US cents, stock in units. A simple product's only variant has no names."""

    sku: str
    name_en: str
    name_km: str
    price_cents: int
    old_price_cents: int | None
    stock: int


@dataclass(frozen=True, slots=True)
class SampleProduct:
    """A product on the shelf `category`, in the order of the file, with so many `photos`."""

    slug: str
    category: str
    name_en: str
    name_km: str
    description_en: str
    description_km: str
    badge: Badge | None
    variants: tuple[SampleVariant, ...]
    photos: int = 1


@dataclass(frozen=True, slots=True)
class SampleShop:
    """Everything the sample shop sells; a position is a place in these tuples."""

    categories: tuple[SampleCategory, ...]
    products: tuple[SampleProduct, ...]


def photo(slug: str, number: int = 1) -> Path:
    """Return the picture of a product, or a further one from 2: WebP, 1200 × 1200."""
    return HERE / "photos" / (f"{slug}.webp" if number == 1 else f"{slug}-{number}.webp")


@cache
def load() -> SampleShop:
    """Return the sample shop, read once; ValueError names what is wrong with it."""
    return parse((HERE / "shop.toml").read_text(encoding="utf-8"))


def parse(text: str) -> SampleShop:
    """Read a shop written as TOML; ValueError names what is wrong with it."""
    table = tomllib.loads(text)
    shop = SampleShop(
        tuple(SampleCategory(**row) for row in table["category"]),
        tuple(_product(row) for row in table["product"]),
    )
    _check(shop)
    return shop


def _product(row: Mapping[str, Any]) -> SampleProduct:
    badge = row.get("badge", "none")
    variants = tuple(
        SampleVariant(
            sku=v["sku"],
            name_en=v.get("name_en", ""),
            name_km=v.get("name_km", ""),
            price_cents=v["price_cents"],
            old_price_cents=v.get("old_price_cents"),
            stock=v["stock"],
        )
        for v in row["variants"]
    )
    texts = {name: row[name].strip() for name in ("slug", "category", "name_en", "name_km")}
    return SampleProduct(
        **texts,
        description_en=" ".join(row["description_en"].split()),
        description_km=" ".join(row["description_km"].split()),
        badge=None if badge == "none" else Badge(badge),
        variants=variants,
        photos=row.get("photos", 1),
    )


def _check(shop: SampleShop) -> None:
    """Refuse doubles, unknown shelves, missing languages and impossible prices."""
    variants = [v for p in shop.products for v in p.variants]
    _once("slug", [c.slug for c in shop.categories])
    _once("slug", [p.slug for p in shop.products])
    _once("SKU", [v.sku for v in variants])
    shelves = {c.slug for c in shop.categories}
    for category in shop.categories:
        _both(category.slug, category.name_en, category.name_km)
    for product in shop.products:
        if product.category not in shelves:
            raise ValueError(f"{product.slug}: no category {product.category}")
        _both(product.slug, product.name_en, product.name_km)
        _both(product.slug, product.description_en, product.description_km)
        _check_variants(product)


def _once(what: str, values: Iterable[str]) -> None:
    doubles = [value for value, times in Counter(values).items() if times > 1]
    if doubles:
        raise ValueError(f"{what} used twice: {', '.join(doubles)}")


def _both(where: str, english: str, khmer: str) -> None:
    if not english or KHMER.search(english) or not KHMER.search(khmer):
        raise ValueError(f"{where}: English and Khmer are both needed, each in its own letters")


def _check_variants(product: SampleProduct) -> None:
    count = len(product.variants)
    if not 1 <= count <= VARIANTS_MOST:
        raise ValueError(f"{product.slug}: {count} variants, 1 to {VARIANTS_MOST} are allowed")
    for variant in product.variants:
        if not SKU.fullmatch(variant.sku):
            raise ValueError(f"{product.slug}: {variant.sku} is no SKU")
        if bool(variant.name_en) != bool(variant.name_km) or (count > 1 and not variant.name_en):
            raise ValueError(f"{variant.sku}: a choice needs its name in both languages")
        if variant.price_cents <= 0 or variant.stock < 0:
            raise ValueError(f"{variant.sku}: price must be above 0 and stock not below it")
        if variant.old_price_cents is not None and variant.old_price_cents <= variant.price_cents:
            raise ValueError(f"{variant.sku}: the old price must be above the price")
