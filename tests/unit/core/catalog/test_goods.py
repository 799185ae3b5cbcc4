"""Products as those change them who run the shop: drafts saved as they were shown, one field at a time, never twice."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select

from core.catalog import service, shelves, store
from core.catalog.captions import Caption, Counting, parse
from core.catalog.goods import Change, Draft, Field, Goods, Margin, Stocked, propose, value_of
from core.config import Config
from core.database.tables import audit, goods_receipts
from core.errors import NotAllowed, OutOfDate, Refused, ShopError
from core.people import service as people
from core.people.rules import Person, Question, Role
from core.settings import store as settings
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders
from tests.support.databases import beside, wait_for_lock
from tests.support.patience import PATIENCE

ROSE = Stocked(1, 1, "ROSE-30", "", "", 1200, None, None, 10, 10)


async def _boss(shop: Shop, number: int = 9001) -> Person:
    return await builders.worker(shop, Role.OWNER, number, f"Boss {number}")


async def _asked(shop: Shop, boss: Person, draft: Draft) -> Question:
    return await people.ask(shop, boss, "goods_draft", chat_id=9001, **draft.written())


async def _drafted(shop: Shop, boss: Person, caption: str, *photos: str, shelf: int = 0) -> tuple[Question, str]:
    """A draft of a caption, and the digest of what it was shown to do."""
    for path in photos:
        file = shop.config.media_dir / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")
    draft = Draft(await service.read_caption(shop, caption), photos, shelf)
    return await _asked(shop, boss, draft), (await service.preview(shop, boss, draft)).digest


async def _deeds(shop: Shop, what: str) -> list[dict[str, object]]:
    query = select(audit.c.detail).where(audit.c.action == what).order_by(audit.c.id)
    return await shop.db.read(lambda tx: [dict(row) for row in tx.execute(query).scalars()])


def _value(goods: Goods, *fields: Field) -> list[object]:
    return [goods.value(field) for field in fields]


async def test_a_new_product_is_saved_whole(sqlite_shop: Shop) -> None:
    """Names, prices, photos, shelf; its units are a movement and a receipt with their cost; on sale; once."""
    shop, boss = sqlite_shop, await _boss(sqlite_shop)
    await builders.product(shop)
    asked, digest = await _drafted(shop, boss, "Lip Tint\n$8 was $9\n+12 pcs cost $3\nsku: LIP", "products/a.jpg",
                                   "products/b.jpg", shelf=1)  # fmt: skip
    made = await service.save(shop, boss, asked, digest)
    assert _value(made, Field.PRICE, Field.OLD_PRICE, Field.COST, Field.UNITS) == [800, 900, 300, 12]
    assert [photo.path for photo in made.album] == ["products/a.jpg", "products/b.jpg"]
    assert made.variants[0].margin == Margin(500, 62)
    assert (await shop.catalogue.now()).variant(made.variants[0].id) is not None
    rows = await shop.db.read(
        lambda tx: tx.execute(select(goods_receipts.c.quantity, goods_receipts.c.unit_cost)).all()
    )
    assert [tuple(row) for row in rows] == [(12, 300)]
    assert [one["sku"] for one in await _deeds(shop, "product.add")] == ["LIP"]
    with pytest.raises(OutOfDate):
        await service.save(shop, boss, asked, digest)
    await builders.sound(shop)


@pytest.mark.parametrize(("caption", "changes"), [
    ("sku: ROSE-30\n$16 was $20\n+5",
     {Field.PRICE: (1200, 1600), Field.OLD_PRICE: (1500, 2000), Field.UNITS: (10, 15)}),
    ("rose serum\n=4", {Field.UNITS: (10, 4)}),
    ("sku: ROSE-30\n#new cost $7", {Field.BADGE: (None, "new"), Field.COST: (None, 700)}),
])  # fmt: skip
async def test_of_one_that_is_there_only_what_was_shown_changes(
    sqlite_shop: Shop, caption: str, changes: dict[Field, tuple[object, object]]
) -> None:
    """Known by number or name; both prices at once; each change is a line of the audit with what was before."""
    shop, boss = sqlite_shop, await _boss(sqlite_shop)
    await builders.product(shop, name_en="Rose Serum")
    await service.edit(shop, boss, 1, 1, Change(Field.OLD_PRICE, None, 1500))
    asked, digest = await _drafted(shop, boss, caption)
    made = await service.save(shop, boss, asked, digest)
    assert {field: made.value(field) for field in changes} == {field: after for field, (_, after) in changes.items()}
    told = {(one["field"], one["from"], one["to"]) for one in (await _deeds(shop, "product.edit"))[1:]}
    assert told == {(field.word, before, after) for field, (before, after) in changes.items()}
    await builders.sound(shop)


async def test_what_changed_since_the_preview_is_not_saved(sqlite_shop: Shop) -> None:
    """Somebody took a unit in between: the draft stands, and says what it would do now."""
    shop, boss = sqlite_shop, await _boss(sqlite_shop)
    await builders.product(shop)
    asked, digest = await _drafted(shop, boss, "ROSE-30 +5")
    await service.edit(shop, boss, 1, 1, Change(Field.UNITS, 10, 8))
    with pytest.raises(OutOfDate):
        await service.save(shop, boss, asked, digest)
    fresh = await service.preview(shop, boss, Draft.read(asked.data))
    assert (await service.save(shop, boss, asked, fresh.digest)).variants[0].on_hand == 13


async def test_a_draft_whose_photo_is_gone_or_that_lacks_something_is_not_saved(sqlite_shop: Shop) -> None:
    """No file, no price, no shelf: a sentence each, and nothing is written."""
    shop, boss = sqlite_shop, await _boss(sqlite_shop)
    await builders.product(shop)
    asked, digest = await _drafted(shop, boss, "Lip $8", "products/a.jpg", shelf=1)
    (shop.config.media_dir / "products/a.jpg").unlink()
    with pytest.raises(Refused, match="photo_lost"):
        await service.save(shop, boss, asked, digest)
    asked, digest = await _drafted(shop, boss, "Lip")
    with pytest.raises(Refused, match="goods_unfinished"):
        await service.save(shop, boss, asked, digest)
    assert (await service.listing(shop, boss)).many == 1


async def test_the_second_of_two_hears_who_was_faster(sqlite_shop: Shop) -> None:
    """Two admins change one price from what both saw: one of them is told of the other, and one change is written."""
    shop, boss, other = sqlite_shop, await _boss(sqlite_shop), await _boss(sqlite_shop, 9002)
    await builders.product(shop)
    wanted = [service.edit(shop, one, 1, 1, Change(Field.PRICE, 1200, cents)) for one, cents in ((boss, 1), (other, 2))]
    done = await asyncio.gather(*wanted, return_exceptions=True)
    (lost,) = [one for one in done if isinstance(one, OutOfDate)]
    assert lost.key == "errors.somebody_faster"
    assert len(await _deeds(shop, "product.edit")) == 1


REFUSED = [(Field.NAME_EN, "a", "", "name_needed"), (Field.SKU, "ROSE-30", "LIP", "sku_taken"),
           (Field.OLD_PRICE, None, 1200, "old_below"), (Field.UNITS, 10, 1, "units_promised"),
           (Field.SHELF, 1, 99, "not_found")]  # fmt: skip


@pytest.mark.parametrize(("field", "before", "after", "why"), REFUSED, ids=[one[3] for one in REFUSED])
async def test_what_cannot_be_is_refused(
    sqlite_shop: Shop, field: Field, before: object, after: object, why: str
) -> None:
    """No name left, another's number, an old price that is none, units that are promised, no such shelf."""
    shop, boss = sqlite_shop, await _boss(sqlite_shop)
    rose = await builders.product(shop, name_en="a", name_km="")
    await builders.product(shop, sku="LIP")
    await builders.order(shop, await builders.customer(shop), rose, 2)
    with pytest.raises(ShopError) as error:
        await service.edit(shop, boss, 1, rose if field.of_variant else 0, Change(field, before, after))  # type: ignore[arg-type]
    assert error.value.key == f"errors.{why}"


async def test_hidden_is_not_sold_and_comes_back(sqlite_shop: Shop) -> None:
    """A product and one of its variants; orders keep pointing at both; twice is once."""
    shop, boss = sqlite_shop, await _boss(sqlite_shop)
    rose = await builders.product(shop)
    asked = await people.ask(shop, boss, "goods_variant", chat_id=9001, product_id=1)
    made = await service.add_variant(shop, boss, asked, "50 ml / ៥០ មល $18 +3 cost $9")
    assert [(one.sku, one.price, one.on_hand, one.cost) for one in made.variants[1:]] == [("ROSE-30-2", 1800, 3, 900)]
    for _ in range(2):
        await service.put(shop, boss, 1, on_sale=False, variant_id=rose)
    assert (await shop.catalogue.now()).variant(rose) is None
    assert (await shop.catalogue.now()).variant(made.variants[1].id) is not None
    await service.put(shop, boss, 1, on_sale=False)
    assert (await shop.catalogue.now()).products == {}
    assert (await service.put(shop, boss, 1, on_sale=True)).active
    assert len(await _deeds(shop, "product.hide")) == 2
    await builders.sound(shop)


async def test_two_at_once_take_the_same_word(postgres_config: Config, open_shop: OpenShop) -> None:
    """Two processes of one PostgreSQL: both new products go in, each at an address of its own; one shelf is one shelf.

    Of two shelves that are moved at once both come a place up, or one admin hears that they stand otherwise by now.
    """
    one, two = await open_shop(postgres_config), await open_shop(postgres_config)
    bosses = [(one, await _boss(one)), (two, await _boss(two, 9002))]
    asked = [await _asked(shop, boss, Draft(Caption(name_km=name, price=800, shelf="ថែស្បែក")))
             for (shop, boss), name in zip(bosses, ("សាប៊ូ", "ក្រែម"), strict=True)]  # fmt: skip
    named = await asyncio.gather(*(shelves.name_for(shop, boss, of, "ថែស្បែក")
                                   for (shop, boss), of in zip(bosses, asked, strict=True)))  # fmt: skip
    assert len({of.data["shelf_id"] for of in named}) == len(await service.shelves(*bosses[0])) == 1
    shown = [await service.preview(shop, boss, Draft.read(of.data))
             for (shop, boss), of in zip(bosses, named, strict=True)]  # fmt: skip
    made = await asyncio.gather(*(service.save(shop, boss, of, seen.digest)
                                  for (shop, boss), of, seen in zip(bosses, named, shown, strict=True)))  # fmt: skip
    assert {goods.variants[0].sku for goods in made} == {"PRODUCT", "PRODUCT-2"}
    for word in ("hair", "lips"):
        await shelves.name(one, bosses[0][1], await people.ask(one, bosses[0][1], "goods_shelf", category_id=0), word)
    for _ in range(6):
        first, second, third = [shelf.id for shelf, _ in await service.shelves(*bosses[0])]
        done = await asyncio.gather(
            shelves.move_up(one, bosses[0][1], second, 1), shelves.move_up(two, bosses[1][1], third, 2),
            return_exceptions=True,
        )  # fmt: skip
        stands = [first, third, second] if isinstance(done[0], OutOfDate) else [second, third, first]
        assert [shelf.id for shelf, _ in await service.shelves(*bosses[0])] == stands


async def test_a_shelf_that_is_being_named_is_waited_for(postgres_config: Config, open_shop: OpenShop) -> None:
    """Another admin names it and has not committed yet: the draft stands on that one, there is no second."""
    shop = await open_shop(postgres_config)
    boss = await _boss(shop)
    asked = await _asked(shop, boss, Draft(Caption(name_km="សាប៊ូ", price=800, shelf="ថែស្បែក")))
    async with asyncio.timeout(PATIENCE), beside(postgres_config) as tx:
        await tx.run_sync(settings.lock)
        naming = asyncio.create_task(shelves.name_for(shop, boss, asked, "ថែស្បែក"))
        await wait_for_lock(tx)
        made = await tx.run_sync(store.add_category, slug="skin", name_en="", name_km="ថែស្បែក", emoji="", position=0)
    assert (await naming).data["shelf_id"] == made
    assert len(await service.shelves(shop, boss)) == 1


async def test_shelves_are_named_moved_hidden(sqlite_shop: Shop) -> None:
    """Added in both languages, renamed in one, moved from the place that was seen, hidden from the front."""
    shop, boss = sqlite_shop, await _boss(sqlite_shop)
    for line in ("Skin care / ថែស្បែក", "Hair"):
        await shelves.name(shop, boss, await people.ask(shop, boss, "goods_shelf", category_id=0, was=[]), line)
    again = await people.ask(shop, boss, "goods_shelf", category_id=2, was=["Hair", ""])
    assert (await shelves.name(shop, boss, again, "km: សក់")).name_en == "Hair"
    assert [one.id for one, _ in await shelves.move_up(shop, boss, 2, 1)] == [2, 1]
    with pytest.raises(OutOfDate):
        await shelves.move_up(shop, boss, 2, 1)
    await shelves.put(shop, boss, 1, on_sale=False)
    assert [one.name_km for one in await shop.db.read(store.all_categories)] == ["សក់"]


async def test_staff_see_no_cost_and_change_nothing(sqlite_shop: Shop) -> None:
    """Every use case asks the role: cost and margin are the admins'."""
    shop, staff = sqlite_shop, await builders.worker(sqlite_shop)
    await builders.product(shop)
    asked = await _asked(shop, staff, Draft())
    calls = [service.listing(shop, staff), service.look(shop, staff, 1), service.preview(shop, staff, Draft()),
             service.save(shop, staff, asked, ""), service.put(shop, staff, 1, on_sale=False),
             service.edit(shop, staff, 1, 1, Change(Field.PRICE, 1200, 1)), service.hang(shop, staff, 1, "a"),
             service.take_down(shop, staff, 1, 0, 0), shelves.put(shop, staff, 1, on_sale=False)]  # fmt: skip
    for call in calls:
        with pytest.raises(NotAllowed):
            await call


@pytest.mark.parametrize(("field", "text", "value"), [
    (Field.UNITS, "+5", 15), (Field.UNITS, "-២", 8), (Field.UNITS, "= 0", 0), (Field.UNITS, "5", None),
    (Field.UNITS, "-11", None), (Field.PRICE, "12.50", 1250), (Field.PRICE, "-", None), (Field.PRICE, "49200", None),
    (Field.SKU, " rose-30 ", "ROSE-30"), (Field.SKU, "rose 30", None), (Field.NAME_KM, "-", ""),
    (Field.NAME_EN, " Rose  Serum ", "Rose Serum"), (Field.NAME_EN, "!", None),
])  # fmt: skip
def test_what_is_typed_for_a_field(field: Field, text: str, value: object) -> None:
    """Units need their sign, prices theirs from a thousand on; ``-`` empties only what may be empty."""
    if value is None:
        with pytest.raises(Refused):
            value_of(field, text, 4100, 10)
    else:
        assert value_of(field, text, 4100, 10) == value


def test_units_of_one_that_is_there_are_asked() -> None:
    """``20 pcs`` may be all there are, or twenty more: nothing is saved until somebody says which."""
    goods = Goods(1, 1, "a", "", "", "", None, "", True, (ROSE,))  # noqa: FBT003 - shown
    draft = Draft(parse("20 pcs", 4100))
    assert propose(draft, goods, None).problems == ("counting",)
    more = replace(draft, caption=draft.caption.corrected(Caption(counting=Counting.MORE)))
    assert [(change.before, change.after) for change in propose(more, goods, None).changes] == [(10, 30)]
    several = propose(Draft(Caption(units=3)), replace(goods, variants=(ROSE, replace(ROSE, id=2))), None)
    assert several.problems[0] == "which_variant"
