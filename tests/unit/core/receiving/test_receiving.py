"""Goods that come in by a list: every line is read or named, taken in as it was shown, all or nothing, once."""

import io
from collections.abc import Callable

import pytest
from PIL import Image
from sqlalchemy import select

from core.catalog import service as catalog
from core.database.tables import audit, goods_receipts, media_files
from core.errors import NotAllowed, OutOfDate, Refused
from core.people import service as people
from core.people.rules import Role
from core.receiving import pictures, reading, rules, service
from core.shop import Shop
from tests.support import builders

LIST = "from: Sokha Trading\nROSE-30 +20 $3.50\nlip: 5 pcs"


@pytest.mark.parametrize(("line", "read"), [
    ("ROSE-30 +20", ("ROSE-30", 20, None)), ("rose-30 +២០", ("ROSE-30", 20, None)),
    ("ROSE-30: 20 pcs $3.50", ("ROSE-30", 20, 350)), ("ROSE-30 +20 @ 14,350៛", ("ROSE-30", 20, 350)),
    ("ROSE-30 20", "unread"), ("ROSE-30 -5", "unread"), ("ROSE-30 +0", "unread"), ("+20", "unread"),
    ("ROSE-30 +20 cheap", "cost"), ("ROSE-30 +20 14350", "cost"),
])  # fmt: skip
def test_a_line_is_read_or_named(line: str, read: object) -> None:
    """A bare number is neither more nor all there are; a cost without its sign is none from a thousand on."""
    found = rules.parse(line, 4100)
    if isinstance(read, tuple):
        assert [(one.sku, one.units, one.cost) for one in found.wanted] == [read]
    else:
        assert [one.why for one in found.troubles] == [read]


def test_the_same_number_twice_and_too_many_lines_are_named() -> None:
    """By their own lines; those before are read."""
    found = rules.parse("A-1 +1\nA-1 +2\n" + "\n".join(f"B-{i} +1" for i in range(rules.LINES)), 4100)
    assert [(one.number, one.why) for one in found.troubles] == [(2, "twice"), (rules.LINES + 2, "many")]


async def test_a_list_is_taken_in_as_it_was_shown(sqlite_shop: Shop) -> None:
    """Movements, receipts with cost and supplier, the last cost, an audit with before and after; once."""
    shop, boss = sqlite_shop, await builders.worker(sqlite_shop, Role.OWNER, 9001, "Boss")
    await builders.product(shop)
    await builders.product(shop, sku="LIP", units=0)
    asked = await people.ask(shop, boss, "goods_delivery", chat_id=9001, text=LIST)
    digest = (await service.preview(shop, boss, LIST)).digest
    await service.take_in(shop, boss, asked, digest)
    with pytest.raises(OutOfDate):
        await service.take_in(shop, boss, asked, digest)
    (rose,), (lip,) = [(await catalog.look(shop, boss, one)).variants for one in (1, 2)]
    assert [(one.on_hand, one.cost) for one in (rose, lip)] == [(30, 350), (5, None)]
    rows = await shop.db.read(lambda tx: tx.execute(select(goods_receipts)).all())
    assert [(row.quantity, row.unit_cost, row.note) for row in rows] == [
        (20, 350, "Sokha Trading"), (5, None, "Sokha Trading")]  # fmt: skip
    details = await shop.db.read(lambda tx: tx.execute(select(audit.c.detail)).scalars().all())
    assert {"sku": "ROSE-30", "units": 20, "before": 10, "cost": 350, "cost_before": None,
            "from": "Sokha Trading"} in details  # fmt: skip
    await builders.sound(shop)


async def test_a_list_with_a_line_that_cannot_be_read_takes_nothing_in(sqlite_shop: Shop) -> None:
    """All or nothing; and not what changed since it was shown."""
    shop, boss = sqlite_shop, await builders.worker(sqlite_shop, Role.OWNER, 9001, "Boss")
    rose = await builders.product(shop)
    for text, error in ((f"{LIST}", Refused), ("ROSE-30 +20", OutOfDate)):
        asked = await people.ask(shop, boss, "goods_delivery", chat_id=9001, text=text)
        found = await service.preview(shop, boss, text)
        await builders.order(shop, await builders.customer(shop), rose)
        digest = found.digest if error is Refused else "another"
        with pytest.raises(error):
            await service.take_in(shop, boss, asked, digest)
    assert (await catalog.look(shop, boss, 1)).variants[0].on_hand == 10


def _picture(size: tuple[int, int] = (40, 30)) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", size, (200, 80, 80)).save(drawn, "PNG")
    return drawn.getvalue()


async def test_a_picture_is_kept_under_the_name_of_its_content(sqlite_shop: Shop) -> None:
    """Twice is one file and one row; its name tells nothing of who sent it."""
    shop, boss = sqlite_shop, await builders.worker(sqlite_shop, Role.OWNER, 9001, "Boss")
    first, second = [await pictures.keep(shop, boss, _picture()) for _ in range(2)]
    assert first == second
    assert (shop.config.media_dir / first).read_bytes() == _picture()
    rows = await shop.db.read(lambda tx: tx.execute(select(media_files.c.path, media_files.c.kind)).all())
    assert [row.kind for row in rows] == ["products"]


@pytest.mark.parametrize(("made", "why"), [
    (lambda: b"%PDF-1.7", "wrong_format"), (lambda: _picture()[:60], "broken"),
    (lambda: _picture() + b"x" * 5 * 1024 * 1024, "too_big"), (lambda: _picture((8000, 8000)), "too_many_pixels"),
])  # fmt: skip
async def test_a_bad_picture_is_refused_with_its_reason(
    sqlite_shop: Shop, made: Callable[[], bytes], why: str
) -> None:  # fmt: skip
    """By what it is and not by its name; nothing is written, and who runs no shop keeps none at all."""
    data = made()
    boss = await builders.worker(sqlite_shop, Role.OWNER, 9001, "Boss")
    with pytest.raises(Refused, match=why):
        await pictures.keep(sqlite_shop, boss, data)
    with pytest.raises(NotAllowed):
        await pictures.keep(sqlite_shop, await builders.worker(sqlite_shop), _picture())
    assert not (sqlite_shop.config.media_dir / "products").exists()


@pytest.mark.parametrize(("rows", "text"), [
    ([["SKU", "Qty"], ["rose-30", 20.0], ["LIP", "+5"]], "\nrose-30 +20\nLIP +5"),
    ([["Name", "Quantity", "Cost"], ["Rose Serum", "7", "$3"]], "\nRose Serum +7 $3"),
    ([["ចំនួន", "លេខកូដ"], ["២០", "ROSE-30"]], "\nROSE-30 +២០"),
    ([["sku", "stock"], ["ROSE-30", 20]], None), ([["quantity"], [20]], None), ([], None),
])  # fmt: skip
def test_a_file_says_what_would_be_typed(rows: list[list[object]], text: str | None) -> None:
    """Columns in any order, each row where it stands; "stock" is no number of what came in."""
    found = rules.listed(iter(list(enumerate(rows, 1))))
    assert (rules.written(found) if found is not None else None) == text


def test_a_long_file_is_refused() -> None:
    """A hundred articles at a time, as by hand; far down in an empty table there is nothing."""
    many: list[tuple[int, list[object]]] = [(1, ["sku", "qty"]), *((row, [f"A{row}", 1]) for row in range(2, 103))]
    assert len(rules.listed(iter(many[:-1])) or []) == 100
    for rows in (many, [*many[:2], (1_001, ["A", 1])]):
        with pytest.raises(Refused, match="delivery_long"):
            rules.listed(iter(rows))


@pytest.mark.parametrize(("text", "codes", "units", "after"), [
    ("", ["rose-30", "ROSE-30", "LIP"], None, "ROSE-30 +2\nLIP +1"), ("", ["LIP"], 12, "LIP +12"),
    ("from: Sokha\nLIP +3 $2", ["LIP", "LIP"], None, "from: Sokha\nLIP +5 $2"),
    ("LIP +3", ["LIP +4\nROSE-30 +1"], None, "LIP +3\nLIP +4\nROSE-30 +1"),
    ("", ["https://example.com/a?b=c", "LIP"], None, "LIP +1"),
    ("", ["https://example.com/a?b=c"], None, "scan_foreign"), ("", ["LIP", "ROSE-30"], 5, "scan_several"),
])  # fmt: skip
def test_codes_of_a_picture_are_added(text: str, codes: list[str], units: int | None, after: str) -> None:
    """One for each that was seen, beside what stands there; a QR may hold lines; a link is no article."""
    if after.startswith("scan_"):
        with pytest.raises(Refused, match=after):
            rules.scanned(text, codes, units)
    else:
        assert rules.scanned(text, codes, units) == after


async def test_staff_read_no_list(sqlite_shop: Shop) -> None:
    """A file says what goods cost: neither it nor a picture is read for who does not run the shop."""
    staff = await builders.worker(sqlite_shop, Role.STAFF)
    for reading_ in (reading.codes(staff, b""), reading.listed(sqlite_shop, staff, b"sku,qty\nROSE-30,1\n")):
        with pytest.raises(NotAllowed):
            await reading_
