"""The ancestor's dump is brought over: shown first, once, nothing of ours lost, nobody written to, the books add up."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from core.checkout import entering
from core.database import marker
from core.database.columns import metadata
from core.database.tables import imported_rows, orders, outbox, people, promo_codes, promo_uses, promoters, subscribers
from core.fulfilment import cases, reconciling
from core.imports import service
from core.imports.rules import Report, Tally
from core.orders import store as order_store
from core.orders.rules import Move, Order, PaymentStatus, Status
from core.people import rules as people_rules
from core.people import service as people_service
from core.people import store as people_store
from core.people.rules import Role
from core.points import store as points
from core.privacy import service as privacy
from core.settlements import store as settlements
from core.settlements.rules import CaseKind
from core.shop import Shop
from core.stock import store as stock
from tests.support import builders, madamda
from tests.support.madamda import Row, of, one, row

APART = {"imported_rows", "audit"}


async def bring(shop: Shop, rows: list[Row], *, apply: bool = True, media: Path | None = None) -> Report:
    """Write a dump beside the shop and bring it over."""
    file = madamda.write(shop.config.data_dir / "dump.json", rows)
    return await service.from_madamda(shop, file, media, apply=apply)


async def everything(shop: Shop) -> dict[str, list[Any]]:
    """Every row of every table."""

    def read(tx: Connection) -> dict[str, list[Any]]:
        return {name: sorted(map(repr, tx.execute(select(table)))) for name, table in metadata.tables.items()}

    return await shop.db.read(read)


async def order(shop: Shop, number: str) -> Order:
    """An order by its number."""
    found = await shop.db.read(order_store.by_number, number)
    assert found is not None
    return found


async def adds_up(shop: Shop) -> None:
    """Books, units and points add up, and nobody is owed a message."""
    assert await reconciling.differences(shop) == []
    assert await shop.db.read(stock.unexplained) == []
    assert await shop.db.read(points.unexplained) == []
    assert await builders.count(shop, outbox) == 0


def plain(*orders_: Row, units: int = 5, **customer: Any) -> list[Row]:
    """A dump of one product, one customer and these orders, each of two units at $12 with $1.50 of delivery."""
    made = {"name": "Dara", "phone": "012 000 001", "address": "#1 St 2", "province": "Phnom Penh",
            "loyalty_points": 70, "referral_code": "MD00000001", "created_at": "2026-01-02T03:04:05Z"}  # fmt: skip
    soap = {"name": "Soap", "name_kh": "សាប៊ូ", "price": "12.00", "stock": units, "created_at": "2026-01-01T00:00:00Z"}
    lines = [
        row("orderitem", i, order=one_["pk"], product="p1", product_name="Soap", product_price="12.00", quantity=2)
        for i, one_ in enumerate(orders_)
    ]
    return [row("product", "p1", **soap), row("customer", "c1", **made | customer), *orders_, *lines]


def sold(pk: int, status: str = "delivered", method: str = "Cash on Delivery", **more: Any) -> Row:
    """An order of that customer."""
    made = {"order_number": f"MD{pk:05}", "customer": "c1", "customer_name": "Dara", "customer_phone": "012000001",
            "customer_address": "#1 St 2", "customer_province": "Phnom Penh", "subtotal": "24.00",
            "shipping_fee": "1.50", "discount_amount": "0.00", "total": "25.50", "payment_method": method,
            "status": status, "payment_received": False, "created_at": "2026-03-01T03:00:00Z",
            "updated_at": "2026-03-03T03:00:00Z"}  # fmt: skip
    return row("order", pk, **made | more)


async def test_a_thousand_orders_with_their_dirt(sqlite_shop: Shop) -> None:
    """All that can be taken in is, bad rows are named, money and units add up; a second time nothing changes."""
    rows = madamda.dump(1000)
    report = await bring(sqlite_shop, rows)
    strange = {str(n) for n in range(madamda.STRANGE, 1001, madamda.STRANGE)}
    left_out = Counter((one_.model, one_.cause) for one_ in report.troubles)
    others = {("promocode", "code_worth"): 1, ("heroslide", "slide_empty"): 1}
    assert left_out == {("order", "status"): len(strange)} | others
    assert {one_.key for one_ in report.troubles if one_.model == "order"} == strange
    taken = [one_["fields"] for one_ in of(rows, "order") if str(one_["pk"]) not in strange]
    charged = sum(round(float(fields["total"]) * 100) for fields in taken)
    assert (report.of("order").new, report.money.charged) == (len(taken), charged)
    off = sum(number % madamda.OFF == 0 and str(number) not in strange for number in range(1, 1001))
    assert (report.money.differing, report.money.gap) == (off, off * 75)
    said = Counter(one_.cause for one_ in report.remarks if one_.model == "order")
    assert said["no_lines"] == 16
    assert said["product_gone"] == sum(n % madamda.GONE == 0 and n % madamda.NO_LINES != 0 and str(n) not in strange
                                       for n in range(1, 1001))  # fmt: skip
    assert said["date"] >= 11
    assert report.ignored == {"app.orderqrcode": 1000, "sessions.session": 10, "admin.logentry": 1, "auth.user": 1}
    assert (await builders.count(sqlite_shop, orders), report.last_number) == (len(taken), 1000)
    assert await sqlite_shop.db.read(lambda tx: tx.execute(select(func.sum(orders.c.total))).scalar()) == charged
    await adds_up(sqlite_shop)
    await _comes_again(sqlite_shop, rows)


async def _comes_again(shop: Shop, rows: list[Row]) -> None:
    """Bring the same file over again: nothing in the database is another."""
    before = await everything(shop)
    again = await bring(shop, rows)
    assert (again.changes, sum(tally.kept for tally in again.tallies.values())) == (0, 0)
    assert await everything(shop) == before


async def test_first_it_is_only_shown(shop: Shop) -> None:
    """Without ``apply`` every table is as it was, and the report is the very one that taking in gives; both engines."""
    rows = madamda.dump(60, customers=20)
    await builders.order(shop, await builders.customer(shop), await builders.product(shop))
    before = await everything(shop)
    shown = await bring(shop, rows, apply=False)
    assert await everything(shop) == before
    done = await bring(shop, rows)
    assert (shown.tallies, shown.troubles, shown.remarks, shown.money) == (
        done.tallies, done.troubles, done.remarks, done.money,
    )  # fmt: skip
    assert [one_.cause for one_ in done.troubles if one_.model == "order"] == ["number_taken"]
    assert not shown.applied
    assert done.applied
    assert await reconciling.differences(shop) == []
    await _comes_again(shop, rows)


async def test_one_customer_a_phone(sqlite_shop: Shop) -> None:
    """Phones in other spellings are one person with all their points; one that cannot be called is a person without."""
    rows = [*plain(), row("customer", "c2", name="Dara again", phone="៨៥៥១២០០០០០១", loyalty_points=30),
            row("customer", "c3", name="Nobody", phone="n/a", referral_code="MD00000001")]  # fmt: skip
    report = await bring(sqlite_shop, rows)
    found = await sqlite_shop.db.read(lambda tx: tx.execute(select(people).order_by(people.c.id)).all())
    assert [(one_.name, one_.phone, one_.referral_code) for one_ in found] == [
        ("Dara", "+85512000001", "MD00000001"), ("Nobody", None, None),
    ]  # fmt: skip
    assert [one_.cause for one_ in report.remarks] == ["same_phone", "phone", "date", "invitation"]
    assert await sqlite_shop.db.read(points.balance, found[0].id, sqlite_shop.clock.now()) == 100


async def test_who_shares_that_phone_finds_all_of_it(sqlite_shop: Shop) -> None:
    """Orders, points, address, invitation and whom they brought are theirs who comes to the bot with that phone."""
    friend = row(
        "customer", "c2", name="Friend", phone="012 000 002", referred_by="c1", created_at="2026-02-02T00:00:00Z"
    )
    await bring(sqlite_shop, [*plain(sold(1), sold(2, "pending")), friend])
    came = await people_service.arrive(sqlite_shop, 5001, "Dara at the phone")
    dara = await people_service.say_phone(sqlite_shop, came, "012000001", confirmed=True)
    assert await entering.claim(sqlite_shop, dara) == 2
    mine = await sqlite_shop.db.read(order_store.of_person, dara.id)
    assert [one_.number for one_ in mine] == ["MD00002", "MD00001"]
    assert await sqlite_shop.db.read(points.balance, dara.id, sqlite_shop.clock.now()) == 70
    assert [one_.street for one_ in await people_service.address_book(sqlite_shop, dara)] == ["#1 St 2"]
    assert await sqlite_shop.db.read(points.code_of, dara.id) == "MD00000001"
    friend_id = (await sqlite_shop.db.read(people_store.owner_of, "+85512000002")).id  # type: ignore[union-attr]
    assert await sqlite_shop.db.read(points.referrer, friend_id) == dara.id
    again = await bring(sqlite_shop, plain(sold(1), sold(2, "pending"), sold(3, "pending")))
    assert again.of("order").new == 1
    await people_service.say_phone(sqlite_shop, dara, "012 000 009", confirmed=True)
    elsewhere = sold(4, "pending", customer_phone="n/a")
    assert (await bring(sqlite_shop, plain(sold(1), sold(2, "pending"), sold(3, "pending"), elsewhere))).troubles == []
    assert len(await sqlite_shop.db.read(order_store.of_person, dara.id)) == 4


async def test_open_orders_go_on_at_the_counter(sqlite_shop: Shop) -> None:
    """An imported order is packed, brought and cashed as any; its units were taken off the shelf by the ancestor."""
    await bring(sqlite_shop, plain(sold(1, "pending"), sold(2, "preparing"), sold(7, "cancelled"), units=5))
    soap = (await order(sqlite_shop, "MD00001")).lines[0].variant_id
    assert await builders.figures(sqlite_shop, soap) == (9, 2, 2)  # five left, two promised, two packed
    staff, courier = await builders.worker(sqlite_shop), await builders.worker(sqlite_shop, Role.COURIER, 2002, "Vuthy")
    went = await builders.moved(
        sqlite_shop, staff, await order(sqlite_shop, "MD00001"), Move.CONFIRM, Move.PREPARE, Move.READY
    )
    await builders.moved(sqlite_shop, courier, went, Move.OUT, Move.DELIVER)
    await builders.moved(sqlite_shop, staff, await order(sqlite_shop, "MD00002"), Move.CANCEL)
    assert await builders.figures(sqlite_shop, soap) == (7, 0, 0)
    assert await reconciling.differences(sqlite_shop) == []
    assert await sqlite_shop.db.read(stock.unexplained) == []
    fresh = await builders.order(sqlite_shop, await builders.customer(sqlite_shop), soap)
    assert fresh.number == "MD00008"
    assert marker.number(sqlite_shop.config.data_dir) >= 7


async def test_money_nobody_looked_for_waits_for_a_person(sqlite_shop: Shop) -> None:
    """What was "confirmed" without money is a question in the payment inbox: approved, it is paid and confirmed."""
    await bring(sqlite_shop, plain(sold(1, "confirmed", "KHQR"), sold(2, "delivered", "Wing Money"),
                                   sold(3, "confirmed", "ACLEDA Bank", payment_received=True)))  # fmt: skip
    await adds_up(sqlite_shop)
    asked, done, seen = [await order(sqlite_shop, f"MD0000{i}") for i in (1, 2, 3)]
    assert (asked.status, asked.payment_status) == (Status.PENDING, PaymentStatus.REVIEW)
    assert (done.status, done.payment_status) == (Status.DELIVERED, PaymentStatus.UNPAID)
    assert (seen.status, seen.payment_status) == (Status.CONFIRMED, PaymentStatus.PAID)
    (case,) = await sqlite_shop.db.read(settlements.inbox, 10)
    assert (case.order_id, case.kind) == (asked.id, CaseKind.CLAIMED)
    await cases.approve(sqlite_shop, await builders.worker(sqlite_shop), case.id, case.version, "seen in the app")
    paid = await order(sqlite_shop, "MD00001")
    assert (paid.status, paid.payment_status) == (Status.CONFIRMED, PaymentStatus.PAID)
    assert await builders.figures(sqlite_shop, paid.lines[0].variant_id) == (9, 0, 4)
    assert await reconciling.differences(sqlite_shop) == []


async def test_a_later_dump_brings_what_is_new_there_and_keeps_what_is_new_here(shop: Shop) -> None:
    """What moved on there follows, what the shop changed stays and is named, stock and points by the difference."""
    rows = plain(sold(1, "pending"), sold(2, "pending"))
    await bring(shop, rows)
    staff = await builders.worker(shop)
    await builders.moved(shop, staff, await order(shop, "MD00002"), Move.CONFIRM)
    for number in (1, 2):
        one(rows, "order", number)["status"] = "out_for_delivery"
    one(rows, "product", "p1").update(price="15.00", stock=3)
    one(rows, "customer", "c1").update(name="Dara Sok", loyalty_points=100)
    shown = await bring(shop, rows, apply=False)
    report = await bring(shop, rows)
    assert shown.tallies == report.tallies
    changed = {
        model: (tally.changed, tally.kept) for model, tally in report.tallies.items() if tally != Tally(same=tally.same)
    }
    assert changed == {"product": (1, 0), "customer": (1, 0), "order": (1, 1), "stock": (1, 0), "points": (1, 0)}
    assert [(one_.model, one_.key) for one_ in report.remarks if one_.cause == "ours_changed"] == [("order", "2")]
    assert [(await order(shop, f"MD0000{i}")).status for i in (1, 2)] == [Status.OUT, Status.CONFIRMED]
    soap = (await order(shop, "MD00001")).lines[0]
    assert soap.unit_price.amount == 1200  # the order's own
    assert await builders.figures(shop, soap.variant_id) == (5, 0, 2)
    dara = await shop.db.read(people_store.owner_of, "+85512000001")
    assert dara is not None
    assert dara.name == "Dara Sok"
    assert await shop.db.read(points.balance, dara.id, shop.clock.now()) == 100
    await builders.reprice(shop, soap.variant_id, 1100)
    one(rows, "product", "p1")["price"] = "20.00"
    kept = await bring(shop, rows)
    assert (kept.of("product").kept, kept.of("stock").same) == (1, 1)
    assert await shop.db.read(stock.unexplained) == []
    assert await reconciling.differences(shop) == []


async def test_what_went_back_there_is_not_followed(sqlite_shop: Shop) -> None:
    """What was delivered, sent out or cancelled and is pending there again stays as it is, and is named."""
    was = (Status.DELIVERED, Status.OUT, Status.CANCELLED)
    rows = plain(*(sold(i, status) for i, status in enumerate(was, 1)))
    await bring(sqlite_shop, rows)
    for i in (1, 2, 3):
        one(rows, "order", i)["status"] = "pending"
    report = await bring(sqlite_shop, rows)
    assert [(one_.key, one_.cause) for one_ in report.troubles] == [(str(i), "went_back") for i in (1, 2, 3)]
    assert tuple([(await order(sqlite_shop, f"MD0000{i}")).status for i in (1, 2, 3)]) == was
    await adds_up(sqlite_shop)


async def test_points_keep_their_dates_and_an_order_earns_once(sqlite_shop: Shop) -> None:
    """The newest lots are what is left, with their dates; what was earned by an open order is not earned again."""
    names = ("points", "transaction_type", "order", "created_at", "expires_at")
    lots = [row("loyaltypoint", i, customer="c1", **dict(zip(names, one_, strict=True)))
            for i, *one_ in (
                (1, 60, "earned", 1, "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"),
                (2, 40, "earned", 2, "2026-05-01T00:00:00Z", "2027-05-01T00:00:00Z"),
                (3, 30, "redeemed", None, "2026-06-01T00:00:00Z", None))]  # fmt: skip
    await bring(sqlite_shop, [*plain(sold(1), sold(2, "out_for_delivery")), *lots])
    dara = await sqlite_shop.db.read(people_store.owner_of, "+85512000001")
    assert dara is not None
    ending = await sqlite_shop.db.read(points.ending, dara.id, sqlite_shop.clock.now())
    assert (ending[0], str(ending[1])[:10]) == (40, "2027-05-01")
    assert await sqlite_shop.db.read(points.balance, dara.id, sqlite_shop.clock.now()) == 70
    staff = await builders.worker(sqlite_shop)
    await builders.moved(sqlite_shop, staff, await order(sqlite_shop, "MD00002"), Move.DELIVER)
    assert await sqlite_shop.db.read(points.balance, dara.id, sqlite_shop.clock.now()) == 70
    assert await sqlite_shop.db.read(points.unexplained) == []


async def test_natural_keys_bring_the_same_shop(sqlite_shop: Shop) -> None:
    """``--natural-primary --natural-foreign``: no keys, lists for references, and the same shop with its promoter."""
    rows = plain(sold(1), sold(2, "pending", promo_code=["Glow10"]))
    rows.append(row("promocode", None, code="Glow10", discount_type="percent", discount_value="10", promoter=["Chan"]))
    rows.append(row("promoter", None, name="Chan", commission_rate="7.50"))
    for one_ in rows:
        fields = one_["fields"]
        if one_["model"] == "app.order":
            fields["customer"] = ["012 000 001"]
        if one_["model"] == "app.orderitem":
            fields["order"], fields["product"] = [f"MD{fields['order']:05}"], ["Soap"]
        if one_["model"] != "app.orderitem":
            del one_["pk"]
    report = await bring(sqlite_shop, rows)
    assert report.troubles == []
    two = await order(sqlite_shop, "MD00002")
    assert (two.promo_code, [line.sku for line in two.lines]) == (
        "GLOW10",
        [(await order(sqlite_shop, "MD00001")).lines[0].sku],
    )
    used = select(promo_codes.c.code, promoters.c.rate).join_from(promo_uses, promo_codes).join(promoters)
    used = used.add_columns(promo_uses.c.kind, promo_uses.c.value, orders.c.commission_rate)
    used = used.join(orders, orders.c.promoter_id == promoters.c.id)
    use = await sqlite_shop.db.read(lambda tx: tx.execute(used).one())
    assert tuple(use) == ("GLOW10", 750, "percent", 10, 750)
    keys = await sqlite_shop.db.read(lambda tx: " ".join(tx.execute(select(imported_rows.c.key)).scalars()))
    assert "012" not in keys.replace("~", " ").split()
    await _comes_again(sqlite_shop, rows)


async def test_who_was_forgotten_does_not_come_back(sqlite_shop: Shop) -> None:
    """A person and their new orders are not brought in again, once they asked to be forgotten."""
    rows = plain(sold(1), email="zyx@example.com")
    rows.append(row("newsletter", 1, email="zyx@example.com", name="Zyx", phone="012 000 001"))
    await bring(sqlite_shop, rows)
    came = await people_service.arrive(sqlite_shop, 5001, "Dara")
    dara = await people_service.say_phone(sqlite_shop, came, "012000001", confirmed=True)
    await entering.claim(sqlite_shop, dara)
    await privacy.forget_me(sqlite_shop, dara, int(sqlite_shop.clock.now().timestamp()))
    one(rows, "customer", "c1")["name"] = "Dara once more"
    report = await bring(sqlite_shop, [*rows, *plain(sold(2))[2:]])
    text = json.dumps(await everything(sqlite_shop))
    assert [one_.cause for one_ in report.troubles] == ["forgotten"]
    assert not any(word in text for word in ("Dara", "zyx@", "+85512000001", people_rules.shown_phone("+85512000001")))
    assert await builders.count(sqlite_shop, subscribers) == 0
