"""Use cases of shelves: added, renamed, moved, hidden; admins only. None is deleted: products stand on it."""

from dataclasses import replace

from sqlalchemy import Connection

from core.catalog import captions, store
from core.catalog.goods import Draft, slug_of
from core.catalog.rules import Category
from core.catalog.words import fold
from core.errors import NotFound, OutOfDate, Refused
from core.people import store as people
from core.people.rules import Person, Question, Rank
from core.settings import store as settings
from core.shop import Shop

Shelf = tuple[Category, bool]
NAMING = "naming"
"""Stands in the row of a draft while its new shelf's name is what is asked."""


async def last(shop: Shop, person: Person) -> int:
    """Tell on which shelf the person put a product last, where it is shown; 0 for none: ten photos, one choice."""
    person.must_be(Rank.ADMIN)
    found, shown = await shop.db.read(lambda tx: (store.last_shelf(tx, person.id), store.shelves(tx)))
    return found if any(one.id == found and active for one, active in shown) else 0


async def name_for(shop: Shop, person: Person, question: Question, text: str) -> Question:
    """Put a draft on a shelf by its name, which is added where there is none of that name; returns its question."""
    person.must_be(Rank.ADMIN)
    said = _said(shop, text)

    def write(tx: Connection) -> Question:
        if not people.take(tx, person.id, question):
            raise OutOfDate("done_already")
        settings.lock(tx)  # two who name the same shelf at once name one
        there = {fold(word): one for one, _ in store.shelves(tx) for word in (one.name_en, one.name_km) if word}
        made = there.get(fold(said["name_en"])) or there.get(fold(said["name_km"])) or _add(tx, shop, person, said)
        rest = {key: value for key, value in question.data.items() if key != NAMING}
        draft = Draft.read(rest)
        found = replace(draft, shelf_id=made.id, caption=replace(draft.caption, shelf=""))
        same = Question(question.kind, question.asked_at, {**rest, **found.written()}, by=person.update_id)
        people.ask(tx, person.id, same)
        return same

    return await shop.db.write(write)


def _said(shop: Shop, text: str) -> dict[str, str]:
    said = captions.parse(text, shop.policy.riel_rate)
    if said.doubts or not (said.name_en or said.name_km):
        raise Refused("shelf_unread")
    return {"name_en": said.name_en, "name_km": said.name_km}


async def name(shop: Shop, person: Person, question: Question, text: str) -> Category:
    """Add a shelf, or rename the one that the question is about: ``Skin care / ថែស្បែក``; ``Refused`` for no name."""
    person.must_be(Rank.ADMIN)
    said, category_id = _said(shop, text), int(question.data["category_id"])

    def write(tx: Connection) -> Category:
        if not people.take(tx, person.id, question):
            raise OutOfDate("done_already")
        if not category_id:
            return _add(tx, shop, person, said)
        was, _ = _found(tx, category_id)
        if [was.name_en, was.name_km] != question.data["was"]:
            raise OutOfDate("goods_moved")
        names = {key: value or str(getattr(was, key)) for key, value in said.items()}
        store.change_shelf(tx, category_id, **names)
        _note(tx, shop, person, "shelf.rename", category_id, {"from": was.name_en or was.name_km, **_to(names)})
        return _found(tx, category_id)[0]

    return await shop.db.write(write)


def _add(tx: Connection, shop: Shop, person: Person, names: dict[str, str]) -> Category:
    slug = store.free_slug(tx, (slug_of(names["name_en"]) or "shelf")[:50], shelf=True)
    made = store.add_category(tx, slug=slug, emoji="", position=len(store.shelves(tx)), **names)
    _note(tx, shop, person, "shelf.add", made, _to(names))
    return _found(tx, made)[0]


def _to(names: dict[str, str]) -> dict[str, object]:
    return {"to": names["name_en"] or names["name_km"]}


async def put(shop: Shop, person: Person, category_id: int, *, on_sale: bool) -> Shelf:
    """Show a shelf or hide it; twice is once."""
    person.must_be(Rank.ADMIN)

    def write(tx: Connection) -> Shelf:
        was, active = _found(tx, category_id)
        if active is not on_sale:
            store.change_shelf(tx, category_id, active=on_sale)
            what = "shelf.show" if on_sale else "shelf.hide"
            _note(tx, shop, person, what, category_id, {"to": was.name_en or was.name_km})
        return _found(tx, category_id)

    return await shop.db.write(write)


async def move_up(shop: Shop, person: Person, category_id: int, was: int) -> list[Shelf]:
    """Bring a shelf one place up from place ``was``, counted from 0; ``OutOfDate`` where it stands elsewhere by now."""
    person.must_be(Rank.ADMIN)

    def write(tx: Connection) -> list[Shelf]:
        ids = [one.id for one, _ in store.shelves(tx, keep=True)]
        if was < 1 or was >= len(ids) or ids[was] != category_id:
            raise OutOfDate("goods_moved")
        ids[was - 1], ids[was] = ids[was], ids[was - 1]
        for place, one in enumerate(ids):
            store.change_shelf(tx, one, position=place)
        _note(tx, shop, person, "shelf.move", category_id, {"from": was, "place": was - 1})
        return store.shelves(tx)

    return await shop.db.write(write)


def _found(tx: Connection, category_id: int) -> Shelf:
    found = next((one for one in store.shelves(tx) if one[0].id == category_id), None)
    if found is None:
        raise NotFound
    return found


def _note(tx: Connection, shop: Shop, person: Person, what: str, category_id: int, detail: dict[str, object]) -> None:
    settings.write_audit(tx, shop.clock.now(), person.id, what, "category", category_id, detail)
