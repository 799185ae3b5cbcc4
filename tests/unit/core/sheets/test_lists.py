"""Lists taken in: what they would change is told first, exactly that is done, once; what is out comes in the same."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from core.catalog.sample.stocking import stock_sample
from core.database.tables import audit, products, promo_codes, stock, variants
from core.errors import NotAllowed, NotFound, OutOfDate
from core.people import service as people
from core.people.rules import Person, Role
from core.promotions.rules import PromoKind
from core.sheets import service
from core.sheets.rules import Format, Kind, Report
from core.shop import Shop
from tests.support import builders

ODD = ["=cmd|' /C calc'!A0", "'-1+1", "+855", "@SUM(1)", 'Say "ah", twice; ok', "ស្រស់ស្អាត ២៤", "007", "a\tb", "_x0041_"]


def written(tmp_path: Path, *lines: str) -> Path:
    """A list as somebody typed it."""
    path = tmp_path / "list.csv"
    path.write_text("\n".join(lines), "utf-8")
    return path


def told(report: Report) -> tuple[int, int, int, int, int]:
    """New, changed, hidden, same, left out."""
    return report.new, report.changed, report.hidden, report.same, report.failed


async def rows(shop: Shop, table: Any) -> list[dict[str, Any]]:
    """All of a table."""
    return await shop.db.read(lambda tx: [dict(row) for row in tx.execute(select(table)).mappings()])


async def admin(shop: Shop) -> Person:
    """Somebody who runs the shop."""
    return await people.grant(shop, 2001, "Sokha", Role.ADMIN)


@pytest.mark.parametrize("how", Format)
async def test_what_is_out_comes_in_the_same(sqlite_shop: Shop, tmp_path: Path, how: Format) -> None:
    """Export, then import: no change, in every format; names like formulas, Khmer, quotes, zeros, lines, codes too."""
    shop, path = sqlite_shop, tmp_path / f"list.{how}"
    await stock_sample(shop)
    for number, odd in enumerate(ODD):
        await builders.product(shop, number, 500 + number, f"{odd[:40]}-{number}", name_en=odd, name_km=odd,
                               description_en=f"{odd}\n\n{odd}")  # fmt: skip
    await builders.promo(shop, "TEN", 10, cap=500, ends_at=shop.clock.now() + timedelta(days=3, microseconds=7))
    await builders.promo(shop, "TWO", 250, kind=PromoKind.FIXED, active=False, use_limit=3)
    for kind, count in ((Kind.PRODUCTS, 80 + len(ODD)), (Kind.CODES, 2)):
        assert await service.export(shop, kind, how, path) == count
        assert path.stat().st_mode & 0o077 == 0 or os.name == "nt"
        report = await service.look(shop, path)
        assert (report.kind, *told(report)) == (kind, 0, 0, 0, count, 0), report.first


async def test_a_list_is_told_then_done_as_told(shop: Shop, tmp_path: Path) -> None:
    """New goods with two variants on a new shelf, a price, a hidden one; stock by a movement; nothing by looking."""
    rose = await builders.product(shop)
    await builders.product(shop, sku="OLD-1")
    path = written(tmp_path, "SKU,Product,Name,Name KH,Variant,Price,Stock,Category,is_active",
                   "ROSE-30,,Rose Serum ROSE-30,សេរ៉ូម ROSE-30,30 ml,11.00,4,shelf-rose-30,yes",
                   "OLD-1,,Rose Serum OLD-1,សេរ៉ូម OLD-1,30 ml,12.00,10,shelf-old-1,no",
                   ",balm,Balm,,Small,3.00,5,Lips,yes", ",balm,Balm,,Large,5,0,Lips,yes")  # fmt: skip
    seen = await service.look(shop, path)
    assert (told(seen), seen.shelves) == ((2, 1, 1, 0, 0), ["Lips"])
    assert (seen.first[0].fields, len(await rows(shop, products))) == (
        (("price", "12.00", "11.00"), ("stock", "10", "4")), 2)  # fmt: skip
    done = await service.take(shop, path)
    assert (done.stamp, told(done), done.applied) == (seen.stamp, told(seen), True)
    again = await service.look(shop, path)
    assert told(again) == (0, 0, 0, 4, 0)
    assert (await builders.figures(shop, rose))[0] == 4
    made = {row["sku"]: row for row in await rows(shop, variants)}
    assert {made[sku]["price"] for sku in ("balm-small", "balm-large")} == {300, 500}
    await builders.sound(shop)
    lines = [(row["action"], row["subject"]) for row in await rows(shop, audit)]
    assert lines == [("sheet.product", "ROSE-30"), ("sheet.product", "OLD-1"), ("sheet.import", "products")]


async def test_bad_rows_are_named_and_the_others_go_in(sqlite_shop: Shop, tmp_path: Path) -> None:
    """Each by its line, column and cause; below what is promised, an old price too low, a name that means two."""
    shop = sqlite_shop
    rose = await builders.product(shop)
    await builders.order(shop, await builders.customer(shop), rose)
    for sku in ("TWIN-1", "TWIN-2"):
        await builders.product(shop, sku=sku, name_en="Twin")
    path = written(tmp_path, "sku,name,variant,price,old_price,stock,badge",
                   "ROSE-30,Rose Serum ROSE-30,30 ml,12,,0,", ",Twin,,1.00,,,", "NEW-1,New,,abc,,,", "NEW-2,New,,,,,",
                   "NEW-3,New,,5,4,,", "NEW-4,,,5,,,", "NEW-5,New,,5,,,cheap", "NEW-6,Fresh,,5,6,3,sale",
                   "NEW-6,Fresh,,5,6,3,sale", "NEW-7,Rose Serum ROSE-30,,5,,,")  # fmt: skip
    report = await service.take(shop, path)
    assert [(one.line, one.cause, one.about) for one in report.broken] == [
        (2, "stock_held", "stock"), (3, "ambiguous", "name"), (4, "money", "price"), (5, "price_missing", "price"),
        (6, "old_price", "old_price"), (7, "name_missing", "name"), (8, "badge", "badge"), (10, "twice", "sku"),
        (11, "name_stands", "name"),
    ]  # fmt: skip
    assert told(report) == (1, 0, 0, 0, 9)
    assert [row["sku"] for row in await rows(shop, variants)] == ["ROSE-30", "TWIN-1", "TWIN-2", "NEW-6"]
    await builders.sound(shop)


async def test_columns_left_away_and_empty_cells(sqlite_shop: Shop, tmp_path: Path) -> None:
    """A list of SKU and price changes prices; an empty stock or price stays, an empty old price is none any more."""
    shop = sqlite_shop
    await builders.product(shop)
    await shop.db.write(lambda tx: tx.execute(update(variants).values(old_price=2000)) and None)
    path = written(tmp_path, "sku;price;stock;colour", "ROSE-30;11;;red")
    report = await service.take(shop, path)
    assert (told(report), report.unknown) == ((0, 1, 0, 0, 0), ["colour"])
    report = await service.take(shop, written(tmp_path, "name,old_price", "Rose Serum ROSE-30,"))
    assert report.first[0].fields == (("old_price", "20.00", ""),)
    (row,) = await rows(shop, variants)
    assert (row["price"], row["old_price"], row["name_en"]) == (1100, None, "30 ml")
    assert [one["on_hand"] for one in await rows(shop, stock)] == [10]
    for said, kept in (("new", "new"), ("", None)):
        assert (await service.take(shop, written(tmp_path, "sku,badge", f"ROSE-30,{said}"))).changed == 1
        assert [one["badge"] for one in await rows(shop, products)] == [kept]


async def test_promo_codes_in_the_ancestors_words(sqlite_shop: Shop, tmp_path: Path) -> None:
    """Kinds, dollars and dates as the ancestor wrote them; a promoter nobody knows and half a percent are named."""
    shop = sqlite_shop
    await builders.promo(shop, "ROSE10", 10)
    path = written(tmp_path, "code,discount_type,Value,min_purchase,usage_limit,valid_until,is_active,Promoter",
                   "rose10,percentage,15,10.00,5,2026-12-31,True,", "NEW5,fixed,5.00,,,,True,",
                   "HALF,percent,0.5,,,,True,", "WHO,percent,5,,,,True,Nobody", "OFF,,,,,,False,")  # fmt: skip
    report = await service.take(shop, path)
    assert (told(report), [one.cause for one in report.broken]) == (
        (1, 1, 0, 0, 3),
        ["percent", "promoter", "discount"],
    )
    found = {row["code"]: row for row in await rows(shop, promo_codes)}
    assert [found["ROSE10"][name] for name in ("value", "minimum", "use_limit")] == [15, 1000, 5]
    assert found["ROSE10"]["ends_at"].isoformat() == "2026-12-31T17:00:00+00:00"
    assert (found["NEW5"]["kind"], found["NEW5"]["value"]) == ("fixed", 500)


async def test_confirmed_once_and_only_what_was_shown(sqlite_shop: Shop, tmp_path: Path) -> None:
    """A change meanwhile, another file in its place, a second tap, staff: nothing is taken in that was not seen."""
    shop, sokha = sqlite_shop, await admin(sqlite_shop)
    await builders.product(shop)
    found = await service.bring(shop, sokha, "list.csv", b"sku,price\nROSE-30,11.00\n")
    assert found.report is not None
    stamp, kept = found.report.stamp, shop.config.data_dir / "imports" / str(found.number)
    assert kept.stat().st_mode & 0o077 == 0 or os.name == "nt"
    with pytest.raises(NotAllowed):
        await service.apply(shop, await builders.worker(shop, Role.STAFF, 3001), found.number, stamp)
    await shop.db.write(lambda tx: tx.execute(update(variants).values(price=1300)) and None)
    with pytest.raises(OutOfDate) as moved:
        await service.apply(shop, sokha, found.number, stamp)
    now = (await service.waiting(shop, sokha, found.number)).report
    assert (moved.value.key, now is not None and now.first[0].fields) == (
        "errors.sheet_moved", (("price", "13.00", "11.00"),))  # fmt: skip
    assert now is not None
    whole = kept.read_bytes()
    kept.write_bytes(b"sku,price\nROSE-30,1.00\n")
    with pytest.raises(NotFound):
        await service.apply(shop, sokha, found.number, now.stamp)
    kept.write_bytes(whole)
    late = service.Job(kept, doing=True, stamp=stamp, number=found.number, by=sokha.id)
    with pytest.raises(OutOfDate):  # moved between the last look and the transaction: all of it is undone
        await service._taken(shop, late, lambda _done: None)
    assert [row["price"] for row in await rows(shop, variants)] == [1300]
    await service.apply(shop, sokha, found.number, now.stamp)
    with pytest.raises(OutOfDate) as done:
        await service.apply(shop, sokha, found.number, now.stamp)
    assert (done.value.key, kept.exists()) == ("errors.sheet_done", False)
    assert [row["price"] for row in await rows(shop, variants)] == [1100]
