"""Use cases of who runs the shop: products drafted, saved, looked at, changed field by field, hidden; admins only.

Whoever changes a field names what they saw in it: the second of two at once hears who was faster. Every change leaves a
line in the audit, with what it was before.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from core.catalog import captions, store
from core.catalog.goods import (
    PHOTOS,
    Change,
    Draft,
    Field,
    Goods,
    Proposal,
    Stocked,
    Value,
    Way,
    propose,
    slug_of,
    value_of,
)
from core.catalog.rules import PAGE, Category
from core.errors import NotFound, OutOfDate, Refused
from core.people import store as people
from core.people.rules import Person, Question, Rank
from core.settings import store as settings
from core.shop import Shop
from core.stock import store as stock


@dataclass(frozen=True, slots=True)
class GoodsPage:
    """A page of all products; ``number`` counts from 0, ``words`` is what was searched."""

    goods: tuple[Goods, ...]
    number: int
    pages: int
    many: int
    words: str = ""


# ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────────────
async def listing(shop: Shop, person: Person, words: str = "", number: int = 0) -> GoodsPage:
    """Read a page of all products, hidden ones too, or of those that ``words`` name."""
    person.must_be(Rank.ADMIN)
    words = " ".join(words.split())[:60]
    found, many = await shop.db.read(store.goods_page, words, number)
    pages = max(-(-many // PAGE), 1)
    return GoodsPage(tuple(found), min(max(number, 0), pages - 1), pages, many, words)


async def look(shop: Shop, person: Person, product_id: int) -> Goods:
    """Read a product with all that is known of it; ``NotFound`` where it is not there."""
    person.must_be(Rank.ADMIN)
    return await shop.db.read(_there, product_id)


async def shelves(shop: Shop, person: Person) -> list[tuple[Category, bool]]:
    """Read all shelves in their order, and whether each is shown."""
    person.must_be(Rank.ADMIN)
    return await shop.db.read(store.shelves)


def _there(tx: Connection, product_id: int) -> Goods:
    found = store.goods(tx, [product_id])
    if not found:
        raise NotFound("product_gone")
    return found[0]


# ── a draft ──────────────────────────────────────────────────────────────────────────────────────────────────────────
async def read_caption(shop: Shop, text: str) -> captions.Caption:
    """Read what somebody wrote, with the shelves and the rate there are now."""
    await shop.refresh()
    found = await shop.db.read(store.shelves)
    return captions.parse(text, shop.policy.riel_rate, [shelf for shelf, _ in found])


async def preview(shop: Shop, person: Person, draft: Draft) -> Proposal:
    """Tell what saving a draft would do, and what stands in the way."""
    person.must_be(Rank.ADMIN)
    return await shop.db.read(_proposal, draft)


def _proposal(tx: Connection, draft: Draft) -> Proposal:
    """Look for the product that is meant: by its number, else by its photo, else by its name."""
    said = draft.caption
    meant = store.product_of(tx, sku=said.sku, photos=draft.photos, names=(said.name_en, said.name_km))
    found = store.goods(tx, [meant]) if meant else []
    shelf = next((one.id for one, _ in store.shelves(tx) if one.slug == said.shelf), None)
    return propose(draft, found[0] if found else None, shelf)


async def save(shop: Shop, person: Person, question: Question, digest: str) -> Goods:
    """Save the draft of a question as it was shown; ``OutOfDate`` where it would do something else by now.

    ``Refused`` while something is missing, or where a photo is not there any more.
    """
    person.must_be(Rank.ADMIN)
    draft = Draft.read(question.data)
    media = shop.config.media_dir
    if not await asyncio.to_thread(lambda: all((media / path).is_file() for path in draft.photos)):
        raise Refused("photo_lost")

    def write(tx: Connection) -> Goods:
        found = _proposal(tx, draft)
        if found.goods is not None:
            store.lock_product(tx, found.goods.id)
            found = _proposal(tx, draft)
        if found.digest != digest:
            raise OutOfDate("goods_moved")
        if found.problems:
            raise Refused("goods_unfinished")
        if not people.take(tx, person.id, question):
            raise OutOfDate("done_already")
        if question.following is not None:
            people.ask(tx, person.id, question.following)
        return _there(tx, _changed(tx, shop, person, found) if found.goods else _added(tx, shop, person, found))

    return await shop.db.write(write)


def _added(tx: Connection, shop: Shop, person: Person, found: Proposal) -> int:
    """Put a new product on its shelf; returns its id."""
    now, said = shop.clock.now(), found.draft.caption
    slug = store.free_slug(tx, slug_of(said.name_en) or "product")
    names = {"name_en": said.name_en, "name_km": said.name_km, "description_en": said.description_en,
             "description_km": said.description_km}  # fmt: skip
    photo = found.draft.photos[0] if found.draft.photos else ""
    shelf = found.after(Field.SHELF)
    product_id = store.add_product(tx, now, category_id=shelf, slug=slug, badge=said.badge, photo=photo, **names)
    sku = said.sku or store.free_sku(tx, slug.upper()[:40])
    money = {"price": said.price, "old_price": said.old_price, "cost": said.cost}
    variant_id = store.add_variant(tx, product_id, sku=sku, **money)
    if said.units:
        stock.take_in(tx, variant_id, said.units, now, person.id, unit_cost=said.cost)
    _hang(tx, product_id, found.draft.photos[1:], 0)
    detail = {"sku": sku, "to": said.name_en or said.name_km, "price": said.price, "units": said.units or 0}
    settings.write_audit(tx, now, person.id, "product.add", "product", product_id, detail)
    return product_id


def _hang(tx: Connection, product_id: int, paths: tuple[str, ...], last: int) -> None:
    for place, path in enumerate(paths, last + 1):
        store.add_photo(tx, product_id, path, place)


def _changed(tx: Connection, shop: Shop, person: Person, found: Proposal) -> int:
    """Write what a draft changes of a product; returns its id."""
    goods = found.goods
    if goods is None:  # pragma: no cover - asked before
        raise NotFound("product_gone")
    if found.after(Field.PHOTOS):
        _photos(tx, shop, goods, found.draft.photos)
    _write(tx, shop, person, goods, found.variant, found.changes)
    for change in found.changes:
        _note(tx, shop, person, goods, change, found.variant)
    return goods.id


def _photos(tx: Connection, shop: Shop, goods: Goods, paths: tuple[str, ...]) -> None:
    """Hang photos beside those that there are; the first where there is none."""
    new = tuple(path for path in paths if path not in {photo.path for photo in goods.album})
    if len(goods.album) + len(new) > PHOTOS:
        raise Refused("photos_full", most=PHOTOS)
    if not goods.photo and new:
        store.change_product(tx, goods.id, shop.clock.now(), photo=new[0])
        new = new[1:]
    _hang(tx, goods.id, new, store.last_place(tx, goods.id))


# ── one field ────────────────────────────────────────────────────────────────────────────────────────────────────────
async def answer(shop: Shop, person: Person, question: Question, text: str) -> tuple[Goods, Change]:
    """Write what was typed for the field that a question asked for; ``Refused`` leaves the question standing."""
    data = question.data
    await shop.refresh()
    what, was = Field(data["field"]), data["was"]
    value = value_of(what, text, shop.policy.riel_rate, was)
    return await edit(
        shop, person, int(data["product_id"]), int(data["variant_id"]), Change(what, was, value), question
    )


async def edit(
    shop: Shop, person: Person, product_id: int, variant_id: int, change: Change, question: Question | None = None
) -> tuple[Goods, Change]:
    """Change one field from what was seen in it; ``OutOfDate`` names who was faster, and the question is closed."""
    person.must_be(Rank.ADMIN)

    def write(tx: Connection) -> tuple[Goods, Change]:
        store.lock_product(tx, product_id)
        goods = _there(tx, product_id)
        variant = goods.variant(variant_id) if change.what.of_variant else None
        if change.what.of_variant and variant is None:
            raise NotFound("product_gone")
        if goods.value(change.what, variant_id) != change.before:
            raise _faster(tx, person, product_id)
        _must_fit(tx, goods, variant, change)
        people.close_question(tx, person.id, question)
        if change.after != change.before:
            _write(tx, shop, person, goods, variant, (change,))
            _note(tx, shop, person, goods, change, variant)
        return _there(tx, product_id), change

    return await shop.db.write(write)


def _must_fit(tx: Connection, goods: Goods, variant: Stocked | None, change: Change) -> None:
    """Refuse a product without a name, an old price that is none, a number that another variant has, no such shelf."""
    after = {what: change.after if change.what is what else goods.value(what, variant.id if variant else 0)
             for what in (Field.NAME_EN, Field.NAME_KM, Field.PRICE, Field.OLD_PRICE)}  # fmt: skip
    if not (after[Field.NAME_EN] or after[Field.NAME_KM]):
        raise Refused("name_needed")
    price, old = after[Field.PRICE], after[Field.OLD_PRICE]
    if variant is not None and isinstance(price, int) and isinstance(old, int) and old <= price:
        raise Refused("old_below")
    if change.what is Field.SKU and change.after != change.before and store.by_skus(tx, [str(change.after)]):
        raise Refused("sku_taken")
    if change.what is Field.SHELF and all(one.id != change.after for one, _ in store.shelves(tx)):
        raise NotFound


def _write(
    tx: Connection, shop: Shop, person: Person, goods: Goods, variant: Stocked | None, wanted: tuple[Change, ...]
) -> None:
    """Write fields, those of one row at once, for prices are compared there; units as a movement of their own."""
    now = shop.clock.now()
    plain = [one for one in wanted if one.what not in {Field.UNITS, Field.PHOTOS}]
    if of_product := {one.what.column: one.after for one in plain if not one.what.of_variant}:
        store.change_product(tx, goods.id, now, **of_product)
    of_variant = {one.what.column: one.after for one in plain if one.what.of_variant}
    if variant is not None and of_variant:
        store.change_variant(tx, variant, now, **of_variant)
    units = next((one for one in wanted if one.what is Field.UNITS), None)
    if variant is not None and units is not None:
        cost = of_variant.get(Field.COST.column, variant.cost)
        _move(tx, shop, person, variant, int(units.after or 0) - variant.on_hand, cost)


def _move(tx: Connection, shop: Shop, person: Person, variant: Stocked, more: int, cost: Value) -> None:
    if more > 0:
        unit_cost = cost if isinstance(cost, int) else None
        stock.take_in(tx, variant.id, more, shop.clock.now(), person.id, unit_cost=unit_cost)
        return
    try:
        stock.receive(tx, variant.id, more, shop.clock.now(), person.id)
    except Refused as error:
        raise Refused("units_promised", count=variant.on_hand - variant.left) from error


def _note(
    tx: Connection, shop: Shop, person: Person, goods: Goods, change: Change, variant: Stocked | None = None
) -> None:
    """Leave a line in the audit: what was what before, and is what now."""
    one = variant or goods.variants[0]
    detail: dict[str, Any] = {"sku": one.sku, "field": change.what.word, "from": change.before, "to": change.after}
    settings.write_audit(tx, shop.clock.now(), person.id, "product.edit", "product", goods.id, detail)


def _faster(tx: Connection, person: Person, product_id: int) -> OutOfDate:
    """Say who changed a product since it was seen; nobody's name where it was the shop, an order or the person."""
    who = store.last_hand(tx, product_id)
    other = people.by_id(tx, who) if who and who != person.id else None
    return OutOfDate("somebody_faster", name=other.name) if other else OutOfDate("goods_moved")


# ── shown, hidden, more of it ────────────────────────────────────────────────────────────────────────────────────────
async def put(shop: Shop, person: Person, product_id: int, *, on_sale: bool, variant_id: int = 0) -> Goods:
    """Show a product, or one of its variants, or hide it: nothing is deleted, for orders point at it. Twice is once."""
    person.must_be(Rank.ADMIN)

    def write(tx: Connection) -> Goods:
        store.lock_product(tx, product_id)
        goods, now = _there(tx, product_id), shop.clock.now()
        variant = goods.variant(variant_id) if variant_id else None
        if variant_id and variant is None:
            raise NotFound("product_gone")
        shown = variant.active if variant else goods.active
        if shown is on_sale:
            return goods
        if variant is not None:
            store.change_variant(tx, variant, now, active=on_sale)
        else:
            store.put_out(tx, product_id, now, on_sale=on_sale)
        detail = {"sku": (variant or goods.variants[0]).sku}
        what = "product.show" if on_sale else "product.hide"
        settings.write_audit(tx, now, person.id, what, "product", product_id, detail)
        return _there(tx, product_id)

    return await shop.db.write(write)


async def add_variant(shop: Shop, person: Person, question: Question, text: str) -> Goods:
    """Give a product one more variant, as a line says it: its name and price at least."""
    person.must_be(Rank.ADMIN)
    said, product_id = await read_caption(shop, text), int(question.data["product_id"])
    if said.doubts or said.price is None or not (said.name_en or said.name_km):
        raise Refused("variant_unread", example=captions.VARIANT_LINE)
    if said.old_price is not None and said.old_price <= said.price:
        raise Refused("old_below")

    def write(tx: Connection) -> Goods:
        store.lock_product(tx, product_id)
        goods, now = _there(tx, product_id), shop.clock.now()
        sku = said.sku or store.free_sku(tx, f"{goods.variants[0].sku}-{len(goods.variants) + 1}")
        if store.by_skus(tx, [sku]):
            raise Refused("sku_taken")
        if not people.take(tx, person.id, question):
            raise OutOfDate("done_already")
        made = store.add_variant(tx, product_id, **_variant(said, sku, len(goods.variants)))
        if said.units:
            stock.take_in(tx, made, said.units, now, person.id, unit_cost=said.cost)
        detail = {"sku": sku, "price": said.price, "units": said.units or 0}
        settings.write_audit(tx, now, person.id, "product.variant", "product", product_id, detail)
        return _there(tx, product_id)

    return await shop.db.write(write)


def _variant(said: captions.Caption, sku: str, position: int) -> Mapping[str, Any]:
    return {"sku": sku, "name_en": said.name_en[:80], "name_km": said.name_km[:80], "price": said.price,
            "old_price": said.old_price, "cost": said.cost, "position": position}  # fmt: skip


async def hang(shop: Shop, person: Person, product_id: int, path: str) -> Goods:
    """Hang one more photo of a product; the same twice is one."""
    person.must_be(Rank.ADMIN)

    def write(tx: Connection) -> Goods:
        store.lock_product(tx, product_id)
        goods = _there(tx, product_id)
        if path not in {photo.path for photo in goods.album}:
            _photos(tx, shop, goods, (path,))
            change = Change(Field.PHOTOS, len(goods.album), len(goods.album) + 1)
            _note(tx, shop, person, goods, change)
        return _there(tx, product_id)

    return await shop.db.write(write)


async def take_down(shop: Shop, person: Person, product_id: int, photo_id: int, seen: int) -> Goods:
    """Take a photo out of the album that was ``seen``; the file goes when nothing names it any more."""
    person.must_be(Rank.ADMIN)

    def write(tx: Connection) -> Goods:
        goods, _ = _seen(tx, person, product_id, photo_id, seen)
        store.drop_photo(tx, product_id, photo_id, shop.clock.now())
        many = len(goods.album)
        _note(tx, shop, person, goods, Change(Field.PHOTOS, many, many - 1))
        return _there(tx, product_id)

    return await shop.db.write(write)


async def move_photo(
    shop: Shop, person: Person, product_id: int, photo_id: int, seen: int, way: Way
) -> tuple[Goods, int]:
    """Bring a photo to another place of the album that was ``seen``; returns that place, counted from 0, too."""
    person.must_be(Rank.ADMIN)

    def write(tx: Connection) -> tuple[Goods, int]:
        goods, place = _seen(tx, person, product_id, photo_id, seen)
        to = way.of(place, len(goods.album))
        if to is None:
            raise NotFound("old_button")
        paths = [photo.path for photo in goods.album]
        paths.insert(to, paths.pop(place))
        now = shop.clock.now()
        store.drop_album(tx, product_id, paths[0], now)
        _hang(tx, product_id, tuple(paths[1:]), 0)
        detail = {"sku": goods.variants[0].sku, "from": place + 1, "to": to + 1}
        settings.write_audit(tx, now, person.id, "product.photo", "product", product_id, detail)
        return _there(tx, product_id), to

    return await shop.db.write(write)


def _seen(tx: Connection, person: Person, product_id: int, photo_id: int, seen: int) -> tuple[Goods, int]:
    """Find a photo and its place in the album that was seen; ``OutOfDate`` where that is another one by now."""
    store.lock_product(tx, product_id)
    goods = _there(tx, product_id)
    ids = [photo.id for photo in goods.album]
    if goods.order != seen or photo_id not in ids:
        raise _faster(tx, person, product_id)
    return goods, ids.index(photo_id)
