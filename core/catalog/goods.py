"""A product as those see it who run the shop: with its cost, hidden ones too; what a draft would change of it: pure."""

import hashlib
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from core.catalog.captions import DESCRIPTION, MOST_UNITS, NAME, SKU_LENGTH, Caption, Counting, one_price
from core.catalog.rules import Badge, Photo
from core.errors import Refused
from core.people.rules import clean_line, latin_digits

VARIANT_NAME = 80
PHOTOS = 10
"""As many photos a product has: Telegram's albums hold no more."""
Value = str | int | None


class Field(StrEnum):
    """What of a product, or of one of its variants, can be written anew. Money in cents."""

    NAME_EN = "ne"
    NAME_KM = "nk"
    DESCRIPTION_EN = "de"
    DESCRIPTION_KM = "dk"
    SHELF = "sh"
    BADGE = "bd"
    PRICE = "pr"
    OLD_PRICE = "op"
    COST = "co"
    UNITS = "un"
    SKU = "sk"
    VARIANT_EN = "ve"
    VARIANT_KM = "vk"
    PHOTOS = "ph"

    @property
    def word(self) -> str:
        """Its column, and its words below ``goods.field.`` in the translations."""
        return self.name.lower()

    @property
    def of_variant(self) -> bool:
        """Tell whether each variant has its own."""
        return self in _VARIANTS

    @property
    def column(self) -> str:
        """The column that holds it."""
        others = {Field.VARIANT_EN: "name_en", Field.VARIANT_KM: "name_km", Field.SHELF: "category_id"}
        return others.get(self, self.word)

    @property
    def may_be_empty(self) -> bool:
        """Tell whether ``-`` empties it."""
        return self in _OPTIONAL


class Way(StrEnum):
    """Where a photo goes in its album."""

    FIRST = "f"
    EARLIER = "e"
    LATER = "l"

    def of(self, place: int, many: int) -> int | None:
        """Name its place then, counted from 0, of one that stands at ``place`` of ``many``; None where it is there."""
        to = {Way.FIRST: 0, Way.EARLIER: place - 1, Way.LATER: place + 1}[self]
        return to if 0 <= to < many and to != place else None


_VARIANTS = frozenset({Field.PRICE, Field.OLD_PRICE, Field.COST, Field.UNITS, Field.SKU, Field.VARIANT_EN,
                       Field.VARIANT_KM})  # fmt: skip
_OPTIONAL = frozenset({Field.NAME_EN, Field.NAME_KM, Field.DESCRIPTION_EN, Field.DESCRIPTION_KM, Field.OLD_PRICE,
                       Field.COST, Field.VARIANT_EN, Field.VARIANT_KM})  # fmt: skip
MONEY = frozenset({Field.PRICE, Field.OLD_PRICE, Field.COST})
TYPED = (Field.NAME_EN, Field.NAME_KM, Field.DESCRIPTION_EN, Field.DESCRIPTION_KM)


@dataclass(frozen=True, slots=True)
class Margin:
    """What is left of a price above its cost: cents, and how many percent of the price (rounded down)."""

    cents: int
    percent: int


@dataclass(frozen=True, slots=True)
class Stocked:
    """A variant with all that is known of it: cents, units; ``left`` is what can still be promised."""

    id: int
    product_id: int
    sku: str
    name_en: str
    name_km: str
    price: int
    old_price: int | None
    cost: int | None
    on_hand: int
    left: int
    active: bool = True

    def value(self, what: Field) -> Value:
        """What stands in one of its fields; units are those on hand."""
        value: Value = getattr(self, "on_hand" if what is Field.UNITS else what.column)
        return value

    @property
    def margin(self) -> Margin | None:
        """What is earned by one; None where nobody said what it costs."""
        if self.cost is None:
            return None
        return Margin(self.price - self.cost, (self.price - self.cost) * 100 // self.price)


@dataclass(frozen=True, slots=True)
class Goods:
    """A product with all its variants, shown or hidden."""

    id: int
    category_id: int
    name_en: str
    name_km: str
    description_en: str
    description_km: str
    badge: Badge | None
    photo: str
    active: bool
    variants: tuple[Stocked, ...]
    photos: tuple[Photo, ...] = ()

    @property
    def album(self) -> tuple[Photo, ...]:
        """All its photos in their order, the first with the id 0."""
        return (*((Photo(0, self.photo),) if self.photo else ()), *self.photos)

    @property
    def order(self) -> int:
        """Know again which photos were seen, and in which order."""
        return zlib.crc32("\n".join(photo.path for photo in self.album).encode())

    def variant(self, variant_id: int) -> Stocked | None:
        """One of its variants; 0 means the only one."""
        if variant_id == 0 and len(self.variants) == 1:
            return self.variants[0]
        return next((one for one in self.variants if one.id == variant_id), None)

    def value(self, what: Field, variant_id: int = 0) -> Value:
        """What stands in a field now."""
        one = self.variant(variant_id)
        if what.of_variant:
            return one.value(what) if one else None
        if what is Field.PHOTOS:
            return len(self.album)
        value: Value = getattr(self, what.column)
        return value


@dataclass(frozen=True, slots=True)
class Draft:
    """What an admin wants a product to be, kept in the row of a question; ``photos`` lie below the media folder.

    ``album`` names the photos that come together, ``message_id`` the preview in the chat; ids are 0 for none. ``usual``
    is the shelf of something new that nobody said a shelf for.
    """

    caption: Caption = field(default_factory=Caption)
    photos: tuple[str, ...] = ()
    shelf_id: int = 0
    album: str = ""
    message_id: int = 0
    usual: int = 0

    def written(self) -> dict[str, Any]:
        """Write it for the row."""
        return {"caption": self.caption.written(), "photos": list(self.photos), "shelf_id": self.shelf_id,
                "album": self.album, "message_id": self.message_id, "usual": self.usual}  # fmt: skip

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Read what :meth:`written` wrote, whatever stands beside it."""
        return cls(Caption.read(data["caption"]), tuple(data["photos"]), int(data["shelf_id"]), str(data["album"]),
                   int(data["message_id"]), int(data.get("usual", 0)))  # fmt: skip

    def corrected(self, by: Caption) -> Self:
        """Take a correction: a shelf that is named goes before the one that was chosen."""
        return replace(self, caption=self.caption.corrected(by), shelf_id=0 if by.shelf else self.shelf_id)

    def with_photo(self, path: str) -> Self:
        """Take one more photo; the same twice is one."""
        more = () if path in self.photos or len(self.photos) >= PHOTOS else (path,)
        return replace(self, photos=(*self.photos, *more))


@dataclass(frozen=True, slots=True)
class Change:
    """One field that would be another."""

    what: Field
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Proposal:
    """What saving a draft would do: to ``goods``, None for a new product; ``variant`` is the one that is meant.

    ``problems`` stand in the way, ``missing`` are only said; both are keys. ``digest`` names all that was shown.
    """

    draft: Draft
    goods: Goods | None
    variant: Stocked | None
    changes: tuple[Change, ...]
    problems: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Name it in a button: another proposal has another one."""
        draft = replace(self.draft, album="", message_id=0)
        seen = (draft, self.goods.id if self.goods else 0, self.variant.id if self.variant else 0, self.changes)
        return hashlib.sha256(repr(seen).encode()).hexdigest()[:12]

    def after(self, what: Field) -> Value:
        """What a field would be; None where it stays."""
        return next((one.after for one in self.changes if one.what is what), None)


_SAID: Mapping[Field, str] = {
    Field.NAME_EN: "name_en", Field.NAME_KM: "name_km", Field.DESCRIPTION_EN: "description_en",
    Field.DESCRIPTION_KM: "description_km", Field.BADGE: "badge", Field.PRICE: "price", Field.OLD_PRICE: "old_price",
    Field.COST: "cost", Field.SKU: "sku",
}  # fmt: skip


def propose(draft: Draft, goods: Goods | None, shelf_id: int | None) -> Proposal:
    """Tell what a draft would do; ``shelf_id`` is the shelf it names, None where there is no such shelf."""
    said, variant = draft.caption, _meant(draft, goods)
    wanted = {what: getattr(said, name) for what, name in _SAID.items()}
    shelf_id = shelf_id or (draft.usual if goods is None and not said.shelf else 0) or None
    wanted[Field.SHELF] = draft.shelf_id or shelf_id
    changes = [Change(what, _now(goods, variant, what), value) for what, value in wanted.items()
               if value not in (None, "") and not _same(value, _now(goods, variant, what))]  # fmt: skip
    changes += _units(said, variant, new=goods is None)
    new_photos = [path for path in draft.photos if path not in {photo.path for photo in (goods.album if goods else ())}]
    if new_photos:
        before = len(goods.album) if goods else 0
        changes.append(Change(Field.PHOTOS, before, before + len(new_photos)))
    problems = _problems(draft, goods, variant, shelf_id, changes)
    missing = () if goods else tuple(f"no_{name}" for name in ("name_en", "name_km") if not getattr(said, name))
    return Proposal(draft, goods, variant, tuple(changes), problems, missing)


def _meant(draft: Draft, goods: Goods | None) -> Stocked | None:
    """Find the variant that is meant: by its number, or the only one."""
    if goods is None:
        return None
    return next((one for one in goods.variants if one.sku == draft.caption.sku), None) or goods.variant(0)


def _same(value: Value, now: Value) -> bool:
    """Tell whether nothing would change: a name in small letters is no other name."""
    return value == now or (str(value).casefold() == str(now).casefold() and not isinstance(value, int))


def _now(goods: Goods | None, variant: Stocked | None, what: Field) -> Value:
    return goods.value(what, variant.id if variant else 0) if goods else None


def _units(said: Caption, variant: Stocked | None, *, new: bool) -> list[Change]:
    if said.units is None or (variant is None and not new):
        return []
    there = variant.on_hand if variant else 0
    more = said.counting is Counting.MORE
    after = there + said.units if more else said.units
    return [Change(Field.UNITS, None if new else there, after)] if after != there else []


def _problems(
    draft: Draft, goods: Goods | None, variant: Stocked | None, shelf_id: int | None, changes: Sequence[Change]
) -> tuple[str, ...]:
    said = draft.caption
    found = list(said.doubts)
    if said.shelf and not draft.shelf_id and shelf_id is None:
        found.append("no_such_shelf")
    if goods is None:
        needs = {"no_name": said.name_en or said.name_km, "no_price": said.price,
                 "no_shelf": draft.shelf_id or said.shelf or shelf_id}  # fmt: skip
        found += [key for key, value in needs.items() if not value]
    else:
        of_variant = (said.price, said.old_price, said.cost, said.units)
        found += ["which_variant"] * (variant is None and any(one is not None for one in of_variant))
        found += ["counting"] * (variant is not None and said.counting is Counting.THERE)
        found += ["nothing_new"] * (not changes)
    price, old = _prices(said, variant)
    found += ["old"] * (price is not None and old is not None and old <= price)
    return tuple(dict.fromkeys(found))


def _prices(said: Caption, variant: Stocked | None) -> tuple[int | None, int | None]:
    price = said.price if said.price is not None or variant is None else variant.price
    return price, said.old_price if said.old_price is not None or variant is None else variant.old_price


_UNITS = re.compile(r"([+=-])\s*(\d{1,6})")
_SKU = re.compile(r"[A-Z0-9][A-Z0-9_./-]*")


def value_of(what: Field, text: str, rate: int, now: Value = None) -> Value:
    """Read what was typed for a field that holds ``now``; ``Refused`` where it cannot be that. ``-`` empties it."""
    line = text.strip()
    if line in {"-", "–", "—"} and what.may_be_empty:
        return None if what in MONEY else ""
    if what in MONEY:
        cents = one_price(line, rate)
        if cents is None:
            raise Refused("price_unread")
        return cents
    if what is Field.UNITS:
        return _counted(line, int(now or 0))
    if what is Field.SKU:
        return sku_of(line)
    if what in {Field.DESCRIPTION_EN, Field.DESCRIPTION_KM}:
        return "\n".join(clean_line(one, DESCRIPTION) for one in line.splitlines() if one.strip())[:DESCRIPTION]
    return clean_line(line, VARIANT_NAME if what.of_variant else NAME)


def _counted(line: str, now: int) -> int:
    found = _UNITS.fullmatch(latin_digits(line))
    if found is None:
        raise Refused("units_unread")
    units = int(found[2])
    after = {"+": now + units, "-": now - units, "=": units}[found[1]]
    if not 0 <= after <= MOST_UNITS:
        raise Refused("units_unread")
    return after


def sku_of(line: str) -> str:
    """Read an article number; ``Refused`` where it is none."""
    sku = line.strip().upper()
    if len(sku) > SKU_LENGTH or not _SKU.fullmatch(sku):
        raise Refused("sku_unread", example="ROSE-30")
    return sku


def slug_of(name: str) -> str:
    """Make the part of an address of a name: Latin letters and digits; empty for a Khmer one."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:60]
