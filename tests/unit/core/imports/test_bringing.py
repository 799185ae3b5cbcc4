"""What comes beside the orders: pictures, codes, promoters, slides; how it looks afterwards; and the command."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select
from typer.testing import CliRunner

from core import cards
from core.backups import service as backups
from core.backups import swap
from core.clock import SteppedClock
from core.commands import imports
from core.database.tables import (
    categories,
    hero_slides,
    media_files,
    order_checks,
    orders,
    products,
    promo_codes,
    promoters,
    subscribers,
    variants,
)
from core.errors import NotAllowed, Refused
from core.fulfilment import cases, expiry
from core.i18n import LANGUAGES, sentences, translator
from core.imports import service, store
from core.orders.rules import Move, Order, PaymentStatus, Status
from core.people.rules import Person, Role
from core.promotions import store as promotions
from core.settlements import store as settlements
from core.shop import Reader, Shop
from tests.support import builders, madamda
from tests.support.madamda import Row, row
from tests.unit.core.imports.test_import import adds_up, bring, order, plain, sold

CODE = {"code": "glow10", "discount_type": "percentage", "discount_value": "10.00", "max_discount": "5.00",
        "min_purchase": "3.00", "usage_limit": 100, "used_count": 0, "promoter": 1, "description_kh": "បញ្ចុះ",
        "valid_from": "2026-01-01T00:00:00Z", "is_active": True}  # fmt: skip


async def rows_of(shop: Shop, table: Any, *columns: str) -> list[tuple[Any, ...]]:
    """Some columns of a table, by its first."""
    query = select(*(table.c[name] for name in columns)).order_by(table.c[columns[0]])
    return [tuple(found) for found in await shop.db.read(lambda tx: tx.execute(query).all())]


def album(folder: Path) -> list[Row]:
    """A media folder, and rows that name files in it, beside it, and not there at all."""
    for name in ("products/good.png", "hero_slides/h0.png", "../stolen.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), "pink").save(folder / name)
    (folder / "products" / "text.png").write_text("no picture")
    (folder / "hero_slides" / "film.mp4").write_bytes(b"film")
    named = ("products/good.png", "products/gone.png", "../stolen.png", "products/text.png", "/etc/passwd")
    goods = [row("product", f"p{i}", name=f"Soap {i}", price="3.00", image=image) for i, image in enumerate(named)]
    films = ({"image": "hero_slides/h0.png"}, {"video": "hero_slides/film.mp4"}, {"external_url": "javascript:1"})
    return goods + [row("heroslide", i, title=f"S{i}", **film) for i, film in enumerate(films)]


async def test_pictures_come_along_whole_and_only_from_their_folder(sqlite_shop: Shop, tmp_path: Path) -> None:
    """Files lie with ours, counted; what is missing, elsewhere or no picture is named; a second time nothing moves."""
    rows = album(tmp_path / "old" / "media")
    shown = await bring(sqlite_shop, rows, apply=False, media=tmp_path / "old" / "media")
    media = sqlite_shop.config.media_dir
    assert not list(media.rglob("*.png"))
    report = await bring(sqlite_shop, rows, media=tmp_path / "old" / "media")
    assert (report.tallies, report.remarks) == (shown.tallies, shown.remarks)
    wrong = {one_.key: one_.cause for one_ in report.remarks if one_.model == "product" and one_.cause != "date"}
    assert wrong == {"p1": "file_missing", "p2": "file_outside", "p3": "file_kind", "p4": "file_missing"}
    photos = [photo for (photo,) in await rows_of(sqlite_shop, products, "photo") if photo]
    slides = await rows_of(sqlite_shop, hero_slides, "file", "kind")
    assert [kind for _, kind in slides] == ["image", "video"]
    there = {path.relative_to(media).as_posix() for path in media.rglob("*") if path.is_file()}
    assert there == {*photos, *(file for file, _ in slides)}
    assert {path for (path,) in await rows_of(sqlite_shop, media_files, "path")} == there
    assert [(one_.key, one_.cause) for one_ in report.troubles] == [("2", "slide_empty")]
    again = await bring(sqlite_shop, rows, media=tmp_path / "old" / "media")
    assert (again.changes, again.pictures) == (0, 0)


async def test_pictures_that_come_later_are_hung_once(sqlite_shop: Shop, tmp_path: Path) -> None:
    """A dump without its folder first, with it later: its pictures are hung then, but over none that the shop hung."""
    rows = [*album(tmp_path / "media")[:1], row("product", "p9", name="Tea", price="3.00", image="products/good.png")]
    await bring(sqlite_shop, rows)
    ours = products.update().values(photo="products/ours.png")
    await sqlite_shop.db.write(lambda tx: tx.execute(ours.where(products.c.name_en == "Tea")).rowcount)
    later = await bring(sqlite_shop, rows, media=tmp_path / "media")
    assert (later.of("product").same, later.of("picture").new, later.pictures) == (2, 2, 1)
    await sqlite_shop.db.write(lambda tx: tx.execute(ours).rowcount)
    Image.new("RGB", (9, 9), "blue").save(tmp_path / "media" / "products" / "good.png")
    kept = await bring(sqlite_shop, rows, media=tmp_path / "media")
    assert ({one_.cause for one_ in kept.remarks if one_.model == "picture"}, kept.pictures) == ({"ours_changed"}, 0)
    assert await rows_of(sqlite_shop, products, "photo") == [("products/ours.png",)] * 2


async def test_pictures_that_find_no_room_leave_all_as_it_was(sqlite_shop: Shop, tmp_path: Path) -> None:
    """Where our media folder takes nothing, nothing else is taken in either: it can be tried again."""
    rows = album(tmp_path / "media")
    sqlite_shop.config.media_dir.mkdir(parents=True)
    (sqlite_shop.config.media_dir / "products").write_text("in the way")
    with pytest.raises(OSError, match="products"):
        await bring(sqlite_shop, rows, media=tmp_path / "media")
    assert await builders.count(sqlite_shop, products) == 0
    (sqlite_shop.config.media_dir / "products").unlink()
    assert (await bring(sqlite_shop, rows, media=tmp_path / "media")).pictures == 1


async def test_codes_promoters_shelves_and_readers(sqlite_shop: Shop) -> None:
    """Each becomes what it is here, with its limits; a badge that is none of ours is a shelf; no mail twice."""
    chan = row("promoter", 1, name="Chan", phone="012 000 900", commission_rate="7.50", email="")
    news = [row("newsletter", i, email=mail) for i, mail in enumerate(("A@example.com", "a@example.com", ""))]
    price = {"price": "3.00", "old_price": "2.00", "badge_kh": "ឈុត"}
    goods = [row("product", i, name=f"Soap {i}", badge=badge, is_active=i != 2, **price)
             for i, badge in enumerate((None, "Best Seller", "Gift set", "Gift set"))]  # fmt: skip
    report = await bring(sqlite_shop, [chan, row("promocode", 1, **CODE), row("promocode", 2, **CODE), *news, *goods])
    assert [(one_.model, one_.key, one_.cause) for one_ in report.troubles] == [
        ("promocode", "2", "code_taken"), ("newsletter", "2", "unreachable"),
    ]  # fmt: skip
    assert await rows_of(sqlite_shop, promoters, "name", "phone", "rate") == [("Chan", "+85512000900", 750)]
    found = await rows_of(
        sqlite_shop, promo_codes, "code", "kind", "value", "cap", "minimum", "use_limit", "promoter_id"
    )
    assert found == [("GLOW10", "percent", 10, 500, 300, 100, 1)]
    assert await rows_of(sqlite_shop, subscribers, "email") == [("a@example.com",)]
    assert await rows_of(sqlite_shop, categories, "slug", "name_km") == [("all", "ទាំងអស់"), ("gift-set", "ឈុត")]
    assert [(badge, active) for _, badge, active in await rows_of(sqlite_shop, products, "id", "badge", "active")] == [
        (None, True), ("best_seller", True), (None, False), (None, True),
    ]  # fmt: skip
    assert await rows_of(sqlite_shop, variants, "sku", "old_price") == [(f"MADAMDA-{i}", None) for i in range(4)]


async def test_every_imported_order_can_be_shown_and_judged(sqlite_shop: Shop) -> None:
    """Of each status, with goods gone, no lines, an unknown province: a card in both languages, for all who look."""
    odd = {"customer_province": "Atlantis", "customer_phone": "n/a", "verification_status": "verified"}
    rows = plain(*(sold(i, status, method, **odd) for i, (status, method) in enumerate(
        ((s, m) for s in madamda.STATUSES[10:] for m in ("KHQR", "COD")), 1)))  # fmt: skip
    madamda.of(rows, "orderitem")[0]["fields"]["product"] = "gone"
    rows = [one_ for one_ in rows if one_["model"] != "app.orderitem" or one_["pk"] != 3]
    report = await bring(sqlite_shop, rows)
    assert report.troubles == []
    await adds_up(sqlite_shop)
    for number in range(1, report.of("order").new + 1):
        made = await order(sqlite_shop, f"MD{number:05}")
        assert _shown(sqlite_shop, made)
    verdicts = await rows_of(sqlite_shop, order_checks, "verdict")
    assert verdicts == [("verified",)] * report.of("order").new


def _shown(shop: Shop, made: Order) -> bool:
    looks = [Person(made.person_id, 1001, "Dara"), Person(0, None, "", role=Role.STAFF), Person(9, 2002, "Stranger")]
    return all(cards.order_card(shop, made, Reader(who, translator(lang))).lines for who in looks for lang in LANGUAGES)


async def test_what_nobody_paid_expires_and_gives_its_code_back(sqlite_shop: Shop, clock: SteppedClock) -> None:
    """Rejected in the inbox, an imported order is not paid: a quarter of an hour later its goods and code are free."""
    rows = plain(sold(1, "confirmed", "KHQR", promo_code=1, discount_amount="2.40", total="23.10"), units=5)
    await bring(sqlite_shop, [row("promoter", 1, name="Chan"), row("promocode", 1, **CODE), *rows])
    (case,) = await sqlite_shop.db.read(settlements.inbox, 10)
    await cases.reject(sqlite_shop, await builders.worker(sqlite_shop), case.id, case.version)
    clock.move(timedelta(minutes=16))
    await expiry.expire_orders(sqlite_shop)
    gone = await order(sqlite_shop, "MD00001")
    assert (gone.status, gone.payment_status) == (Status.EXPIRED, PaymentStatus.UNPAID)
    assert await builders.figures(sqlite_shop, gone.lines[0].variant_id) == (7, 0, 0)
    promo = await sqlite_shop.db.read(promotions.by_code, "GLOW10")
    assert promo is not None
    assert promo.used == 0
    await builders.sound(sqlite_shop)


async def test_points_of_an_open_order_come_back_when_it_is_cancelled(sqlite_shop: Shop) -> None:
    """What an open order spent there is given back here, once, by the shop's own rule."""
    await bring(sqlite_shop, plain(sold(1, "preparing", loyalty_points_used=50, discount_amount="0.50", total="25.00")))
    made = await order(sqlite_shop, "MD00001")
    assert (made.points_used, made.points_discount.amount, made.discount.amount) == (50, 50, 50)
    await builders.moved(sqlite_shop, await builders.worker(sqlite_shop, Role.ADMIN), made, Move.CANCEL)
    assert await sqlite_shop.db.read(store.balances, [made.person_id]) == {made.person_id: 120}
    await builders.sound(sqlite_shop)


async def test_only_admins_and_whoever_types_commands(sqlite_shop: Shop) -> None:
    """A person who asks for it must be an admin; nothing is read for anybody else."""
    with pytest.raises(NotAllowed):
        await service.from_madamda(sqlite_shop, Path("nowhere"), person=await builders.worker(sqlite_shop))


def test_the_command_shows_then_takes(sqlite_config: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without ``--apply`` it says so; with it, it takes in; bad rows and other files make it end with 1."""
    data = sqlite_config.data_dir / "sandbox"
    data.mkdir()
    (sqlite_config.data_dir / "haang.sqlite3").rename(data / "haang.sqlite3")
    monkeypatch.setenv("HAANG_DATA_DIR", str(sqlite_config.data_dir))
    monkeypatch.setenv("HAANG_BACKUP_DIR", str(sqlite_config.backup_dir))
    file = madamda.write(tmp_path / "dump.json", plain(sold(1)))

    def typed(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(imports.app, words, env={"COLUMNS": "120"})
        return done.exit_code, done.stdout + done.stderr

    code, said = typed(str(file))
    assert (code, "say it again with --apply" in said, "$25.50 was charged" in said) == (0, True, True)
    assert not list(sqlite_config.backup_dir.rglob("manifest.json"))
    code, said = typed(str(file), "--apply", "--json")
    found = json.loads(said[said.index("{") : said.rindex("}") + 1])
    assert (code, found["tallies"]["order"]["new"], found["backup"] != "") == (0, 1, True)
    madamda.write(file, plain(sold(1), sold(2, "lost")))
    code, said = typed(str(file), "--apply")
    assert (code, "Left out: a status that is not known here (1)" in said, "order 2: lost" in said) == (1, True, True)
    file.write_text("[1, 2")
    code, said = typed(str(file))
    assert (code, said.splitlines()[-1][:27]) == (1, "That file is cut short. Ple")


async def test_a_backup_comes_first(sqlite_shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was here is kept before anything comes; where there is no room, that is a sentence, and nothing came."""
    shop, file = sqlite_shop, madamda.write(tmp_path / "dump.json", plain(sold(1)))
    with monkeypatch.context() as full:
        full.setattr(swap, "ROOM", 2**60)
        with pytest.raises(Refused) as refused:
            await service.from_madamda(shop, file, apply=True, backup=True)
    assert (refused.value.key, await builders.count(shop, orders)) == ("errors.restore_no_room", 0)
    report = await service.from_madamda(shop, file, apply=True, backup=True)
    (kept,) = await backups.listing(shop)
    manifest = kept.standing.manifest
    assert manifest is not None
    assert (kept.standing.name, manifest.note) == (report.backup, service.NOTE)
    rows = {one.table: one.rows for one in manifest.tables}
    assert (rows["orders"], await builders.count(shop, orders)) == (0, 1)


def test_every_cause_has_its_words() -> None:
    """What the code can say of a row stands in the sentences, and nothing stands there that it never says."""
    code = "".join(path.read_text("utf-8") for path in Path(service.__file__).parent.glob("*.py"))
    causes = {key.removeprefix("imports.why.") for key in sentences("en") if key.startswith("imports.why.")}
    assert [cause for cause in sorted(causes) if f'"{cause}"' not in code] == []
