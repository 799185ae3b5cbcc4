"""Every list and look-up of the stores goes by an index: no table that grows is read from end to end."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, text

from core.backlog import store as backlog
from core.backlog.rules import Waiting
from core.boards import store as boards
from core.boards.rules import STATUSES, Listing, Means, Wanted
from core.carts import store as carts
from core.cash import store as cash
from core.cash.rules import Cash
from core.catalog import store as catalog
from core.counter import store as desk
from core.database import tables
from core.favourites import store as favourites
from core.help import store as talks
from core.help.rules import Side
from core.inbox import store as inbox
from core.inbox.rules import Received
from core.messages import store as messages
from core.messages.rules import MessageKind, MessageRef, Owed
from core.nudges import store as nudges
from core.nudges.rules import Late
from core.orders import store as orders
from core.orders.carriers import Carrier
from core.orders.rules import Status
from core.parcels import store as parcels
from core.payments import store as payments
from core.people import store as people
from core.reminders import store as reminders
from core.reminders.rules import Window
from core.reports import store as reports
from core.reports.rules import Span
from core.reviews import store as opinions
from core.settlements import store as settlements
from core.shop import Shop
from core.stock import store as stock
from core.stock.rules import HoldState
from core.suspicion import store as suspicion
from core.team import store as team
from core.waiting import store as waiting

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
ROWS = 300
WHERE = dict.fromkeys(("province_code", "district_code", "street", "written_en", "written_km"), "")
OWED = Owed(5, 1005, MessageKind.ORDER_CARD, 5, {}, 1, NOW)


def _rows() -> list[tuple[Any, Callable[[int], dict[str, Any]]]]:
    """A few hundred rows of each table that grows, in an order that their foreign keys allow."""
    at = [NOW + timedelta(minutes=i) for i in range(ROWS + 1)]
    return [
        (tables.people, lambda i: {"telegram_id": 1000 + i, "phone": f"+855{i}", "created_at": NOW, "seen_at": NOW}),
        (tables.addresses, lambda i: {"person_id": i, "phone": "1", "created_at": NOW, "used_at": at[i]}),
        (tables.categories, lambda i: {"slug": f"c{i}", "position": i}),
        (tables.products, lambda i: {"category_id": i, "slug": f"p{i}", "updated_at": NOW}),
        (tables.variants, lambda i: {"product_id": i, "sku": f"s{i}", "price": 100}),
        (tables.stock, lambda i: {"variant_id": i, "on_hand": 10, "held": 1}),
        (tables.carts, lambda i: {"person_id": i, "kind": "buy_now", "state": "open" if i % 5 else "ordered",
                                  "created_at": NOW, "updated_at": NOW}),
        (tables.favourites, lambda i: {"person_id": i, "product_id": i, "at": NOW}),
        (tables.waitlist, lambda i: {"person_id": i, "variant_id": i, "asked_at": NOW,
                                     "told_at": NOW if i % 9 else None}),
        (tables.cart_lines, lambda i: {"cart_id": i, "variant_id": i, "quantity": 1, "seen_price": 100,
                                       "added_at": NOW}),
        (tables.orders, lambda i: {
            "number": f"MD{i:05d}", "cart_id": i, "person_id": i, "tracking_token": f"t{i}", "parcel_token": f"p{i}",
            "status": "pending" if i % 9 == 0 else "delivered", "payment_method": "khqr", "payment_status": "unpaid",
            "currency": "USD", "subtotal": 100, "delivery_fee": 0, "total": 100, "riel_rate": 4100, "language": "en",
            "phone": f"+855{i}", "address": WHERE, "expires_at": at[i] if i % 9 == 0 else None, "placed_at": at[i],
            "updated_at": NOW}),
        (tables.order_lines, lambda i: {"order_id": i, "variant_id": i, "position": 0, "sku": "s", "unit_price": 100,
                                        "quantity": 1}),
        (tables.product_photos, lambda i: {"product_id": i, "position": 1, "path": "p"}),
        (tables.reviews, lambda i: {"order_line_id": i, "product_id": i, "person_id": i, "stars": 5, "created_at": NOW,
                                    "updated_at": NOW}),
        (tables.order_events, lambda i: {"order_id": i, "kind": "placed", "at": NOW}),
        (tables.holds, lambda i: {"order_id": i, "variant_id": i, "quantity": 1, "state": "active"}),
        (tables.stock_movements, lambda i: {"variant_id": i, "kind": "held", "held": 1, "order_id": i, "at": NOW}),
        (tables.order_checks, lambda i: {"order_id": i, "flags": [], "verdict": "verified" if i % 9 else None,
                                         "at": NOW}),
        *_money_rows(at),
        (tables.help_threads, lambda i: {"person_id": i, "state": "open", "opened_at": NOW, "updated_at": NOW}),
        (tables.help_messages, lambda i: {
            "thread_id": i, "side": "customer", "author_id": i, "chat_id": 1000 + i, "message_id": i, "at": NOW,
            "copy_chat_id": -5, "copy_message_id": i}),
        (tables.outbox, lambda i: {"chat_id": 1000 + i, "kind": "order_card", "subject_id": i, "data": {},
                                   "state": "pending" if i % 9 == 0 else "sent", "due_at": at[i], "created_at": NOW,
                                   "sent_at": None if i % 9 == 0 else at[i]}),
        (tables.inbox, lambda i: {"update_id": i, "person": i, "payload": "{}", "state": "done" if i % 9 else "new",
                                  "received_at": at[i]}),
        (tables.message_refs, lambda i: {"chat_id": i, "kind": "order_card", "subject_id": i, "message_id": i,
                                         "updated_at": NOW}),
    ]  # fmt: skip


def _money_rows(at: list[datetime]) -> list[tuple[Any, Callable[[int], dict[str, Any]]]]:
    """Those of them that money is written in."""
    return [
        (tables.payment_attempts, lambda i: {
            "order_id": i, "state": "pending", "currency": "USD", "amount": 100, "account": "a@b",
            "bill_number": f"b{i}", "payload": "x", "md5": f"m{i}", "created_at": NOW, "expires_at": at[i],
            "next_check_at": at[i] if i % 9 == 0 else None, "bank_hash": f"h{i}"}),
        (tables.payment_cases, lambda i: {
            "order_id": i, "attempt_id": i, "kind": "under", "currency": "USD", "amount": 50, "opened_at": NOW,
            "proof": f"p{i}" if i % 9 == 0 else "",
            "state": "done" if i % 9 else "open", "closed_at": NOW if i % 9 else None}),
        (tables.settlements, lambda i: {
            "order_id": i, "kind": "received", "source": "bank", "currency": "USD", "amount": 50, "attempt_id": i,
            "case_id": i, "bank_hash": f"h{i}", "at": NOW}),
        (tables.cash_hand_ins, lambda i: {
            "courier_id": i, "state": "confirmed" if i % 9 else "handed", "cents": 50, "riel": 0, "handed_at": at[i],
            "confirmed_at": NOW if i % 9 else None, "counted_cents": 50 if i % 9 else None,
            "counted_riel": 0 if i % 9 else None}),
        (tables.cash_collections, lambda i: {
            "order_id": i, "courier_id": i, "expected": 50, "cents": 50, "riel": 0, "collected_at": at[i],
            "hand_in_id": i if i % 9 else None}),
    ]  # fmt: skip


def _fill(tx: Connection) -> None:
    for table, make in _rows():
        tx.execute(insert(table), [make(i) for i in range(1, ROWS + 1)])


DAY = Span(NOW - timedelta(days=1), NOW)
WORK: dict[str, Callable[[Connection], object]] = {
    "person by telegram id": lambda tx: people.by_telegram(tx, 1005),
    "person by id": lambda tx: people.by_id(tx, 5),
    "address book": lambda tx: people.address_book(tx, 5),
    "baskets to remind of": lambda tx: reminders.due(tx, Window(NOW - timedelta(days=7), NOW), 100),
    "a basket once more": lambda tx: reminders.still_left(tx, 6, 1006, Window(NOW - timedelta(days=7), NOW)),
    "delivered before": lambda tx: orders.delivered_before(tx, orders.by_id(tx, 5)),
    "address": lambda tx: people.address(tx, 5, 5),
    "favourites": lambda tx: favourites.of_person(tx, 5),
    "a favourite": lambda tx: favourites.has(tx, 5, 5),
    "a place on the list": lambda tx: waiting.has(tx, 9, 9),
    "who is told next": lambda tx: waiting.tell(tx, waiting.due(tx, 20), NOW),
    "back on the list": lambda tx: waiting.put_back(tx, 5),
    "notes on their way": lambda tx: messages.unsent(tx, MessageKind.BACK_IN_STOCK, NOW),
    "cart": lambda tx: carts.cart(tx, 6, 6),
    "open cart": lambda tx: carts.found_open(tx, 6, carts.CartKind.BUY_NOW),
    "close cart": lambda tx: carts.close(tx, 6, 2, carts.CartState.DROPPED, NOW),
    "products of a cart": lambda tx: catalog.on_sale(tx, variant_ids=[5, 6]),
    "products by id": lambda tx: catalog.on_sale(tx, [5, 6]),
    "products as they are looked at": lambda tx: catalog.shown(tx, [5, 6]),
    "what is said of a product": lambda tx: opinions.page(tx, 5, 0),
    "one opinion": lambda tx: opinions.by_id(tx, 5),
    "what can be judged": lambda tx: opinions.delivered(tx, 5, 5),
    "order by id": lambda tx: orders.by_id(tx, 5),
    "order by cart": lambda tx: orders.by_cart(tx, 5),
    "order by number": lambda tx: orders.by_number(tx, "MD00005"),
    "order by tracking token": lambda tx: orders.by_tracking(tx, "t5"),
    "order by parcel token": lambda tx: orders.by_parcel(tx, "p5"),
    "guesses at parcels": lambda tx: parcels.count(tx, 5, parcels.GUESS, NOW),
    "orders of a person": lambda tx: orders.of_person(tx, 5),
    "orders of a person older than one": lambda tx: orders.of_person(tx, 5, edge=5),
    "orders of a person newer than one": lambda tx: orders.of_person(tx, 5, edge=5, newer=True),
    "orders in a status": lambda tx: orders.in_status(tx, Status.PENDING),
    "who ordered with a phone": lambda tx: suspicion.names(tx, "+8555", NOW),
    "whether a person ordered": lambda tx: suspicion.ordered_before(tx, 5),
    "the flags of an order": lambda tx: suspicion.check(tx, 5),
    "what somebody carries": lambda tx: orders.carried(tx, 5),
    "a list of the counter": lambda tx: boards.in_statuses(tx, STATUSES[Listing.NEW], 11, 5),
    "orders of a phone": lambda tx: boards.find(tx, Wanted(Means.PHONE, "+8555"), tuple(Status), 11, 50),
    "an order that is looked for": lambda tx: boards.find(tx, Wanted(Means.NUMBER, "MD00005"), tuple(Status), 11),
    "the board": boards.counts,
    "a chat that moves": lambda tx: (boards.waiting(tx, 1009), boards.leave(tx, 1009)),
    "orders that expire": lambda tx: payments.lapsing(tx, NOW + timedelta(hours=1), timedelta(hours=2)),
    "events of an order": lambda tx: orders.events(tx, 5),
    "what was done with an order": lambda tx: (team.lines(tx, 0, order=5), team.events(tx, 0, order=5)),
    "older deeds": lambda tx: (team.lines(tx, 50), team.events(tx, 50)),
    "what is in somebody's hands": lambda tx: team.in_hand(tx, 5),
    "who changed a role last": lambda tx: team.last_deed(tx, 5),
    "holds of an order": lambda tx: stock.of_order(tx, 5),
    "release of an order": lambda tx: stock.turn(tx, 5, HoldState.RELEASED, NOW),
    "orders that stand too long": lambda tx: nudges.late(tx, {one: timedelta(hours=1) for one in Status}, NOW, 9),
    "the right to name an order": lambda tx: nudges.claim(tx, Late(5, Status.OUT, NOW), NOW),
    "since when orders stand": lambda tx: nudges.since(tx, [5, 6]),
    "what is running low": lambda tx: (stock.low(tx, 6, told=NOW), stock.risen(tx, 3), reports.running_low(tx)),
    "the last receipt": lambda tx: (stock.last_receipt(tx, 5), stock.looked_at(tx, 5)),
    "a day in figures": lambda tx: (reports.placed(tx, DAY), reports.taken(tx, DAY), reports.top(tx, DAY)),
    "cases that are open": reports.open_cases,
    "what is left": lambda tx: stock.left(tx, {5: 1, 6: 1}),
    "attempts of an order": lambda tx: payments.of_order(tx, 5),
    "live attempt": lambda tx: payments.live(tx, 5),
    "attempts due": lambda tx: payments.claim_due(tx, NOW + timedelta(hours=1), NOW, 5),
    "links to ask for": lambda tx: payments.claim_unlinked(tx, NOW, 5),
    "a link to ask for": lambda tx: payments.unlinked(tx, NOW),
    "QRs after a jump of the clock": lambda tx: payments.set_right(tx, NOW),
    "rows after a jump of the clock": lambda tx: messages.set_right(tx, NOW, timedelta(minutes=1)),
    "known hash": lambda tx: payments.hash_known(tx, "h7", 5),
    "unanswered": lambda tx: payments.unanswered(tx, 5),
    "money seen": lambda tx: payments.money_seen(tx, 5),
    "ledger of an order": lambda tx: settlements.of_order(tx, 5),
    "a transaction in the ledger": lambda tx: settlements.known(tx, "h7"),
    "a case": lambda tx: settlements.case(tx, 5),
    "cases of an order": lambda tx: settlements.cases(tx, 5),
    "the payment inbox": lambda tx: settlements.inbox(tx, 10, after=9),
    "the same picture": lambda tx: settlements.claimed_with(tx, "p9", but=18),
    "orders to hold beside the books": lambda tx: settlements.changed(tx, NOW - timedelta(days=1), after=5),
    "cash of an order": lambda tx: cash.of_order(tx, 5),
    "cash of some orders": lambda tx: cash.of_orders(tx, [5, 6]),
    "what a courier holds": lambda tx: cash.held(tx, 9),
    "who holds what": cash.holdings,
    "hand in": lambda tx: cash.hand_in(tx, 9, NOW),
    "a hand-in": lambda tx: cash.handed(tx, 5),
    "what a courier's count waits for": lambda tx: cash.waiting(tx, 9),
    "what differed": lambda tx: cash.differed(tx, 5),
    "count": lambda tx: cash.confirm(tx, 9, 9, Cash(50), NOW),
    "the books of some orders": lambda tx: settlements.of_orders(tx, [5, 6]),
    "transactions of some orders": lambda tx: payments.paid_hashes(tx, [5, 6]),
    "orders by id, some at a time": lambda tx: orders.by_ids(tx, [5, 6]),
    "a person's talk": lambda tx: talks.open_talk(tx, 5, None, NOW),
    "what a talk has to bring": lambda tx: talks.next_said(tx, 5, Side.CUSTOMER),
    "how much was written lately": lambda tx: (talks.count_since(tx, 5, NOW), talks.last(tx, 5)),
    "where a copy stands": lambda tx: talks.spot(tx, -5, 5),
    "where a line was written": lambda tx: talks.spot(tx, 1005, 5),
    "messages due": lambda tx: messages.claim_owed(tx, "me", NOW + timedelta(hours=2)),
    "messages due beside busy groups": lambda tx: messages.claim_owed(tx, "me", NOW + timedelta(hours=2), apart=[-5]),
    "next message": messages.next_due,
    "next message beside busy groups": lambda tx: messages.next_due(tx, (), [-5]),
    "messages of a group": lambda tx: backlog.waiting(tx, 1009, NOW + timedelta(hours=2)),
    "next message of a group": lambda tx: backlog.next_due(tx, 1009),
    "messages of a group taken": lambda tx: messages.claim_these(tx, "me", [9, 18], NOW),
    "orders named in a group": lambda tx: backlog.name(tx, 1009, [Waiting(9, MessageKind.STAFF_CARD, 9, NOW)], NOW),
    "what a digest says": lambda tx: backlog.digest(tx, 1009, 9, [9]),
    "a digest counted anew": lambda tx: backlog.recount(tx, 9, [9], NOW),
    "a card called up": lambda tx: backlog.hurry(tx, 1009, 9, NOW),
    "release messages": lambda tx: messages.release_owed(tx, "me", NOW),
    "keep claims": lambda tx: inbox.renew(tx, "me", NOW),
    "let claims go": lambda tx: inbox.let_go(tx, "me", NOW),
    "owe no more": lambda tx: messages.unowe(tx, 1009, MessageKind.NOTE_OUT, 9),
    "last notes of an order": lambda tx: desk.notes(tx, 9, 3),
    "how many notes": lambda tx: desk.count_notes(tx, 9),
    "a carrier": lambda tx: desk.ship(tx, 9, Carrier.JT, "860012345678", 1, NOW),
    "no carrier": lambda tx: desk.unship(tx, 9),
    "owe again": lambda tx: messages.owe(tx, 1009, MessageKind.ORDER_CARD, 9, NOW),
    "put off": lambda tx: messages.put_off(tx, OWED, NOW, "flood"),
    "forget sent": lambda tx: messages.forget_sent(tx, NOW),
    "updates known": lambda tx: inbox.receive(tx, [Received(5, 5, "{}")], "me", NOW, NOW),
    "updates left": lambda tx: inbox.claim_new(tx, "me", NOW, NOW),
    "finish updates": lambda tx: inbox.finish(tx, [5, 6]),
    "newest update": inbox.last_update,
    "forget updates": lambda tx: inbox.forget_done(tx, NOW),
    "card of a chat": lambda tx: messages.ref(tx, 5, MessageKind.ORDER_CARD, 5),
    "what stands in a message": lambda tx: messages.standing(
        tx, MessageKind.ORDER_CARD, MessageRef(5, 5, has_photo=False)
    ),
}
"""Every list and look-up of the stores that runs while people wait, or once a second."""


def _plans(tx: Connection, work: Callable[[Connection], object]) -> dict[str, str]:
    """Run ``work`` and explain each statement it ran, with the values it ran with."""
    seen: dict[str, Any] = {}

    def note(_tx: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:  # noqa: FBT001
        if not many and statement.startswith(("SELECT", "UPDATE", "DELETE")):
            seen.setdefault(statement, values)

    event.listen(tx, "before_cursor_execute", note)
    work(tx)
    event.remove(tx, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN " if tx.dialect.name == "sqlite" else "EXPLAIN "
    return {
        statement: "\n".join(str(row[-1]) for row in tx.exec_driver_sql(explain + statement, values))
        for statement, values in seen.items()
    }


KINDS = ("", "COVERING ")
SMALL = {
    index.name
    for table in tables.metadata.tables.values()
    for index in table.indexes
    if index.dialect_options["sqlite"]["where"] is not None
}
"""Indexes over the few rows that still wait: to walk these is the point of them."""
GROWING = {table.name for table, _ in _rows()} - {"categories"}


def _scanned(plan: str) -> set[str]:
    """The tables that a plan reads whole: SQLite's ``SCAN orders``, PostgreSQL's ``Seq Scan on orders``."""
    words = plan.replace("Seq Scan on ", "SCAN ").split("\n")
    return {
        line.split("SCAN ")[1].split()[0]
        for line in words
        if "SCAN " in line and not any(f"USING {kind}INDEX {name}" in line for kind in KINDS for name in SMALL)
    } & GROWING  # fmt: skip


async def test_no_growing_table_is_read_whole(shop: Shop) -> None:
    """Each statement of each store function is explained on a few hundred rows."""
    await shop.db.write(_fill)

    def explain(tx: Connection) -> dict[str, set[str]]:
        if tx.dialect.name == "postgresql":
            tx.execute(text("ANALYZE"))
            tx.execute(text("SET LOCAL enable_seqscan = off"))
        bad = {}
        for name, work in WORK.items():
            for plan in _plans(tx, work).values():
                if _scanned(plan):
                    bad[name] = plan
        return bad

    assert await shop.db.write(explain) == {}


async def test_an_orders_unanswered_qrs_are_found_by_the_order(sqlite_shop: Shop) -> None:
    """Not by "has no bank transaction", which is true of every unpaid QR there ever was."""
    await sqlite_shop.db.write(_fill)
    plans = await sqlite_shop.db.write(_plans, WORK["unanswered"])
    assert "ix_payment_attempts_order_id" in "".join(plans.values())


@pytest.mark.parametrize("way", ["older", "newer"])
async def test_a_page_of_orders_is_found_by_its_place(sqlite_shop: Shop, way: str) -> None:
    """From the edge on in the index, so that a page far down costs what the first costs: no row before it is read."""
    await sqlite_shop.db.write(_fill)
    plans = await sqlite_shop.db.write(_plans, WORK[f"orders of a person {way} than one"])
    sign = {"older": "<", "newer": ">"}[way]
    assert f"USING INDEX ix_orders_person_placed (person_id=? AND placed_at{sign}?)" in "".join(plans.values())


async def test_what_a_reply_answers_is_found_by_the_message(sqlite_shop: Shop) -> None:
    """Not by looking through all cards of the chat: the counter's group has one of every order there ever was."""
    await sqlite_shop.db.write(_fill)
    plans = await sqlite_shop.db.write(_plans, WORK["what stands in a message"])
    assert "USING INDEX ix_message_refs_message (chat_id=? AND message_id=?)" in "".join(plans.values())


async def test_a_scan_would_be_seen(shop: Shop) -> None:
    """The explanation does find a look-up without an index."""
    await shop.db.write(_fill)

    def look(tx: Connection) -> set[str]:
        plans = _plans(tx, lambda tx: tx.execute(text("SELECT id FROM orders WHERE language = 'km'")))
        return _scanned("".join(plans.values()))

    assert await shop.db.write(look) == {"orders"}
