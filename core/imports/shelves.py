"""Products, their pictures and their stock, as the ancestor had them: one variant each, on a shelf by their badge."""

from typing import Any

from core.catalog import store as catalog
from core.imports import mapping, store
from core.imports.files import OURS, Pictures
from core.imports.rules import Row, Trouble, cents, digest, line, switch, text, whole
from core.imports.taking import Taking
from core.stock import store as stock

GONE = "madamda-gone"
"""The hidden product whose variants stand for what is sold no more, and for what nobody wrote down."""
SKU = "MADAMDA"


def take(taking: Taking, pictures: Pictures) -> None:
    """Take products in with their pictures; their stock comes after the orders that hold some of it."""
    shelves = Shelves(taking)
    rows = taking.dump.rows["product"]
    taking.each("product", rows, shelves.make, shelves.change, _without_stock)

    def hang(row: Row, variant_id: int) -> None:
        """Hang a picture where there is none, or one of those that an import hung: never over the shop's own."""
        there, new = store.photo(taking.tx, variant_id), pictures.of(row, "image")
        if there and not there.startswith(f"{new.rpartition('/')[0]}/{OURS}"):
            taking.remark("picture", row.key, "ours_changed")
        elif there != new:
            store.change_goods(taking.tx, variant_id, {"photo": new}, {})
            taking.report.pictures += 1

    def first(row: Row) -> int:
        hang(row, taking.ids["product", row.key])
        return taking.ids["product", row.key]

    shown = [row for row in rows if ("product", row.key) in taking.ids and pictures.of(row, "image")]
    taking.each("picture", shown, first, hang, lambda row: pictures.of(row, "image"))
    for row, cause in pictures.missing("product"):
        taking.remark("product", row.key, cause, line(row.fields, "image", 120))


def count(taking: Taking) -> None:
    """Put on the shelf what the ancestor had left: its figures are without what open orders took."""

    def units(row: Row) -> int:
        found = whole(row.fields, "stock", 0)
        if found < 0:
            taking.remark("product", row.key, "stock_negative", str(found))
        return max(found, 0)

    def make(row: Row) -> int:
        variant_id = taking.ids["product", row.key]
        if found := units(row):
            stock.receive(taking.tx, variant_id, found, taking.now)
        return variant_id

    def change(row: Row, variant_id: int) -> None:
        left = stock.left(taking.tx, {variant_id: 0})[variant_id]
        if gap := units(row) - left:
            stock.receive(taking.tx, variant_id, gap, taking.now)

    rows = [row for row in taking.dump.rows["product"] if ("product", row.key) in taking.ids]
    taking.each("stock", rows, make, change, lambda row: row.fields.get("stock"))


def _without_stock(row: Row) -> Any:
    return {name: value for name, value in row.fields.items() if name not in {"stock", "updated_at"}}


class Shelves:
    """Where products go: shelves are made as they are needed, one for each badge that is none of ours."""

    def __init__(self, taking: Taking) -> None:
        self._taking, self._tx = taking, taking.tx
        self._found = {shelf.slug: shelf.id for shelf in catalog.all_categories(taking.tx)}

    def make(self, row: Row) -> int:
        """Write a product with its one variant; returns the variant's id."""
        goods, variant = self._goods(row), _variant(self._taking, row)
        slug = free(mapping.slug(goods["name_en"]) or "product", self._taking.taken["slug"])
        product_id = catalog.add_product(self._tx, self._taking.now, slug=slug, **goods)
        sku = free(f"{SKU}-{mapping.slug(row.key, 40).upper() or 'X'}", self._taking.taken["sku"])
        return catalog.add_variant(self._tx, product_id, sku=sku, **variant)

    def change(self, row: Row, variant_id: int) -> None:
        """Write a product anew, where it stands."""
        store.change_goods(self._tx, variant_id, self._goods(row), _variant(self._taking, row))

    def _goods(self, row: Row) -> dict[str, Any]:
        name, khmer = line(row.fields, "name", 200), line(row.fields, "name_kh", 200)
        if not (name or khmer):
            raise Trouble("name")
        return {
            "category_id": self._shelf(*mapping.shelf(row)), "name_en": name or khmer, "name_km": khmer,
            "description_en": text(row.fields, "description", 5000),
            "description_km": text(row.fields, "description_kh", 5000), "badge": mapping.badge(row),
            "active": switch(row.fields, "is_active", otherwise=True),
        }  # fmt: skip

    def _shelf(self, english: str, khmer: str) -> int:
        slug = mapping.slug(english) or mapping.slug(f"shelf {len(english)} {sum(map(ord, english))}")
        if slug not in self._found:
            place = {"position": len(self._found), "name_en": english, "name_km": khmer}
            name = free(slug, self._taking.taken["shelf"])
            self._found[slug] = catalog.add_category(self._tx, slug=name, emoji="", **place)
        return self._found[slug]


def _variant(taking: Taking, row: Row) -> dict[str, Any]:
    price, old = cents(row.fields, "price"), cents(row.fields, "old_price", 0)
    if price <= 0:
        raise Trouble("money", "price")
    if 0 < old <= price:
        taking.remark("product", row.key, "old_price")
    return {"price": price, "old_price": old if old > price else None}


class StandIns:
    """Variants that nobody can buy, for lines whose product is gone: one a name, made as they are needed."""

    def __init__(self, taking: Taking) -> None:
        self._taking = taking

    def variant(self, name: str, price: int) -> tuple[int, str]:
        """The variant and its SKU that stands for goods of this name at this price (cents)."""
        key = f"{digest(name)[:12]}-{price}"
        sku = f"{SKU}-GONE-{key}"
        place = ("gone", key)
        if place not in self._taking.ids:
            words = {"name_en": name[:80], "name_km": "", "price": price, "active": False}
            made = catalog.add_variant(self._taking.tx, self._hidden(), sku=sku, **words)
            self._taking.ids[place] = made
            self._taking.fresh[place] = made, ""
        return self._taking.ids[place], sku

    def _hidden(self) -> int:
        place = ("gone", "")
        if place not in self._taking.ids:
            tx, now = self._taking.tx, self._taking.now
            words = {"name_en": "Sold no more", "name_km": "លែងលក់", "active": False}
            shelf = catalog.add_category(tx, slug=free(GONE, self._taking.taken["shelf"]), **words)
            slug = free(GONE, self._taking.taken["slug"])
            made = catalog.add_product(tx, now, category_id=shelf, slug=slug, **words)
            self._taking.ids[place] = made
            self._taking.fresh[place] = made, ""
        return self._taking.ids[place]


def free(wanted: str, taken: set[str]) -> str:
    """A name that nobody has yet: the wanted one, else with a number behind it; it is taken from now on."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    taken.add(name)
    return name
