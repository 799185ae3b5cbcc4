"""What staff add to an order from its card: taken over, noted, shipped; and the whole of what happened to it."""

import ast
import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from core.cards import HistoryLine, history_lines
from core.config import ROOT
from core.counter import rules
from core.counter import service as counter
from core.counter.rules import Note
from core.database.tables import audit, order_notes, outbox
from core.errors import NotAllowed, NotFound, OutOfDate, Refused
from core.fulfilment import moves
from core.fulfilment import service as fulfilment
from core.fulfilment.undo import undo
from core.i18n import LANGUAGES, translator
from core.messages.rules import MessageKind
from core.orders import store as orders
from core.orders.carriers import SITES, Carrier, tracking_number
from core.orders.rules import Event, Move, Order, Status
from core.people import service as people
from core.people.rules import Person, Role
from core.shop import Reader, Shop
from tests.support import builders
from tests.unit.core.orders.test_moves_table import NOW, order


async def _held(shop: Shop) -> tuple[Order, Person, Person, Person]:
    """Dara's order, held by Sokha; Vuthy is staff too."""
    dara = await builders.customer(shop)
    made = await builders.order(shop, dara, await builders.product(shop))
    sokha = await builders.worker(shop)
    vuthy = await builders.worker(shop, Role.STAFF, 2003, "Vuthy")
    return await builders.moved(shop, sokha, made, Move.PREPARE), dara, sokha, vuthy


# ── taking over ──────────────────────────────────────────────────────────────────────────────────────────────────────
async def test_taken_over(sqlite_shop: Shop) -> None:
    """Vuthy takes Sokha's order: holder and time are his, Sokha's old button says so, her next tap is told once."""
    shop = sqlite_shop
    held, dara, sokha, vuthy = await _held(shop)
    assert (held.holder_id, held.held_at) == (sokha.id, shop.clock.now())
    shop.clock.move(timedelta(minutes=5))
    for person, refusal, key in ((dara, NotAllowed, "not_allowed"), (sokha, OutOfDate, "done_already")):
        with pytest.raises(refusal, match=key):
            await counter.take_over(shop, person, held.id, held.version)
    taken = await counter.take_over(shop, vuthy, held.id, held.version)
    assert (taken.holder_name, taken.held_at, taken.status) == ("Vuthy", shop.clock.now(), Status.PREPARING)
    with pytest.raises(OutOfDate, match="taken_over") as told:
        await fulfilment.move(shop, sokha, held.id, Move.READY, held.version)
    assert told.value.values == {"name": "Vuthy"}
    assert await counter.taken_from(shop, sokha, taken) == "Vuthy"
    ready = await fulfilment.move(shop, sokha, held.id, Move.READY, taken.version)
    assert (await counter.taken_from(shop, sokha, ready), ready.holder_name) == ("", "Vuthy")
    assert await builders.count(shop, audit, audit.c.action == "order.take_over") == 1


async def test_who_is_gone_holds_nothing_for_good(sqlite_shop: Shop) -> None:
    """What somebody held who was removed, any of the staff can take; a courier cannot, and they cannot any more."""
    shop = sqlite_shop
    held, _, sokha, vuthy = await _held(shop)
    gone = await people.grant(shop, 2001, "Sokha", Role.COURIER)
    with pytest.raises(NotAllowed):
        await counter.take_over(shop, gone, held.id, held.version)
    taken = await counter.take_over(shop, vuthy, held.id, held.version)
    assert (taken.holder_id, sokha.id == gone.id) == (vuthy.id, True)


async def test_two_take_over_at_once(shop: Shop) -> None:
    """Two colleagues at once: one has it, the other hears who."""
    held, _, _, vuthy = await _held(shop)
    bopha = await builders.worker(shop, Role.ADMIN, 2004, "Bopha")
    tries = [counter.take_over(shop, one, held.id, held.version) for one in (vuthy, bopha)]
    done = await asyncio.gather(*tries, return_exceptions=True)
    (won,) = [one for one in done if isinstance(one, Order)]
    (lost,) = [one for one in done if isinstance(one, OutOfDate)]
    assert (lost.key, lost.values) == ("errors.somebody_faster", {"name": won.holder_name})


def test_what_can_be_taken_over() -> None:
    """Another's, while hands are on it: not what nobody holds, not what is over, not by a courier."""
    staff, courier = (Person(9, 1, "x", role=role) for role in (Role.STAFF, Role.COURIER))
    for status in Status:
        worked = status in {Status.CONFIRMED, Status.PREPARING, Status.READY, Status.OUT, Status.RETURNED}
        found = order(status, holder_id=4)
        assert rules.can_take_over(found, staff) is worked
        assert not rules.can_take_over(found, courier)
        assert not rules.can_take_over(order(status), staff)
        assert not rules.can_take_over(order(status, holder_id=9), staff)
    for found, key in ((order(Status.DELIVERED, holder_id=4), "moved_on"), (order(Status.CONFIRMED), "nobody_holds")):
        with pytest.raises(OutOfDate, match=key):
            rules.must_be_held(found, staff)


# ── notes ────────────────────────────────────────────────────────────────────────────────────────────────────────────
async def test_notes(sqlite_shop: Shop) -> None:
    """Four notes: the last three stand on the card; a customer, nothing, too much are refused; no version moves."""
    shop = sqlite_shop
    held, dara, sokha, vuthy = await _held(shop)
    for number in range(1, 5):
        shop.clock.move(timedelta(minutes=1))
        await counter.note(shop, vuthy if number % 2 else sokha, held.id, f"  call {number}\n first ")
    found = await counter.desk(shop, held)
    assert [(one.author, one.text) for one in found.notes] == [
        ("Sokha", "call 2 first"), ("Vuthy", "call 3 first"), ("Sokha", "call 4 first")]  # fmt: skip
    assert (found.earlier, found.notes[-1].at) == (1, shop.clock.now())
    for text, key in (("…", "text_empty"), ("x" * 501, "text_too_long")):
        with pytest.raises(Refused, match=key):
            await counter.note(shop, sokha, held.id, text)
    with pytest.raises(NotAllowed):
        await counter.note(shop, dara, held.id, "mine")
    with pytest.raises(NotFound):
        await counter.note(shop, sokha, 99, "nothing there")
    assert (await builders.read(shop, held)).version == held.version
    assert await builders.count(shop, order_notes) == 4


async def test_an_answer_that_is_worked_again_is_one_note(sqlite_shop: Shop) -> None:
    """A process died behind its commit: the same line to the same question adds nothing; no customer's card is owed."""
    shop = sqlite_shop
    held, _, sokha, vuthy = await _held(shop)
    await shop.db.write(lambda tx: tx.execute(outbox.delete()) and None)
    asked = await people.ask(shop, sokha, "order_note", chat_id=-5, order_id=held.id)
    for _ in range(2):
        await counter.note(shop, sokha, held.id, "call first", asked)
    assert await builders.count(shop, order_notes) == await builders.count(shop, audit, audit.c.action == "order.note")
    assert await builders.count(shop, order_notes) == 1
    await counter.take_over(shop, vuthy, held.id, held.version)
    assert await builders.owed(shop, MessageKind.ORDER_CARD) == []


# ── the carrier ──────────────────────────────────────────────────────────────────────────────────────────────────────
async def test_shipped_by_a_carrier(sqlite_shop: Shop) -> None:
    """J&T and its number, changed, taken off; the customer's card is owed anew, and Undo of a move is not barred."""
    shop = sqlite_shop
    held, dara, sokha, vuthy = await _held(shop)
    with pytest.raises(NotAllowed):
        await counter.ship(shop, dara, held.id, Carrier.JT, "860012345678", 0)
    first = await counter.ship(shop, sokha, held.id, Carrier.JT, "8600 1234 5678", 0)
    assert first.shipment is not None
    assert (first.shipment.carrier, first.shipment.tracking_number) == (Carrier.JT, "860012345678")
    assert first.version == held.version + 1
    assert (dara.telegram_id, MessageKind.ORDER_CARD) in await builders.owed(shop)
    shop.clock.move(timedelta(seconds=5))
    with pytest.raises(OutOfDate, match="somebody_faster") as told:
        await counter.ship(shop, vuthy, held.id, Carrier.VET, "VET-000-1", 0)
    assert told.value.values == {"name": "Sokha"}
    second = await counter.ship(shop, vuthy, held.id, Carrier.VET, "vet-000-1", first.shipment.stamp)
    assert second.shipment is not None
    assert (second.shipment.carrier, second.shipment.tracking_number) == (Carrier.VET, "VET-000-1")
    gone = await counter.unship(shop, sokha, held.id, second.shipment.stamp)
    assert gone.shipment is None
    with pytest.raises(OutOfDate, match="done_already"):
        await counter.unship(shop, sokha, held.id, second.shipment.stamp)
    back = await undo(shop, sokha, held.id, gone.version)
    assert back.status is Status.PENDING
    with pytest.raises(OutOfDate, match="moved_on"):
        await counter.ship(shop, sokha, held.id, Carrier.JT, "860012345678", 0)


def test_tracking_numbers() -> None:
    """What is read as a number, and what is not; J&T stands first and has a page that can be opened."""
    for typed, read in (
        ("8600 1234\n5678", "860012345678"),
        ("vet-00-1", "VET-00-1"),
        ("1" * 40, "1" * 40),
        ("៨៦០០ ១២៣៤", "86001234"),
    ):
        assert tracking_number(typed) == read
    for typed in ("12345", "1" * 41, "ABC_1234", "tomorrow", "", "860012345678?"):
        with pytest.raises(Refused, match="tracking_number"):
            tracking_number(typed)
    assert next(iter(Carrier)) is Carrier.JT
    assert SITES[Carrier.JT].startswith("https://")


# ── what happened ────────────────────────────────────────────────────────────────────────────────────────────────────
async def test_history(sqlite_shop: Shop) -> None:
    """Events and notes in their order, with who and when; staff only."""
    shop = sqlite_shop
    held, dara, sokha, vuthy = await _held(shop)
    shop.clock.move(timedelta(minutes=1))
    await counter.note(shop, sokha, held.id, "gift")
    shop.clock.move(timedelta(minutes=1))
    await counter.take_over(shop, vuthy, held.id, held.version)
    found = await counter.history(shop, sokha, held.id)
    told = [one.kind if isinstance(one, Event) else one.text for one in found.lines]
    assert told == ["placed", "confirm", "prepare", "gift", "take_over"]
    assert found.lines == rules.together(await shop.db.read(orders.events, held.id), [found.lines[3]])  # type: ignore[list-item]
    with pytest.raises(NotAllowed):
        await counter.history(shop, dara, held.id)


def _told(event: Event, language: str = "en") -> HistoryLine:
    """How the history says it."""
    shop = SimpleNamespace(config=SimpleNamespace(zone=ZoneInfo("Asia/Phnom_Penh")))
    who = Reader(Person(0, None, ""), translator(language))
    (line,) = history_lines(cast("Shop", shop), rules.History(order(Status.OUT), (event,)), who)
    return line


def test_every_event_has_its_words() -> None:
    """Each kind of event that the shop's code writes by name is told in words of its own, in both languages."""
    kinds = set()
    for path in (ROOT / "core").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("write_event"):
                kinds |= {one.value for one in node.args[2:3] if isinstance(one, ast.Constant)}
    assert {"placed", "received", "refund_due"} <= kinds
    for language in LANGUAGES:
        told = {kind: _told(Event(kind, None, None, 1, "Sokha", NOW), language).what for kind in kinds | moves.IN_PLACE}
        assert [kind for kind, what in told.items() if what == translator(language)("history.other")] == []


def test_a_history_says_who_and_why() -> None:
    """A move by its status with its reason, the shop as itself, who is gone as gone, what is unknown as something."""
    cases = (
        (Event("cancel", None, "cancelled", 1, "Sokha", NOW, {"reason": "unreachable"}),
         "Cancelled (Nobody answered the phone)", "Sokha"),
        (Event("return", None, "returned", 1, "", NOW, {"reason": "no_money"}), "Came back (Had no money)",
         "Deleted customer"),
        (Event("confirm", None, "confirmed", None, "", NOW), "Confirmed", "the shop"),
        (Event("shipment", None, None, 1, "Sokha", NOW, {"removed": "vet"}), "Not by VET Express any more", "Sokha"),
        (Event("undo", None, "pending", 1, "Sokha", NOW), "Taken back, now: Waiting for the shop", "Sokha"),
        (Event("of_tomorrow", None, None, None, "", NOW), "Something happened", "the shop"),
    )  # fmt: skip
    for event, what, name in cases:
        line = _told(event)
        assert (line.when, line.what, line.who, line.note) == ("21 Nov 10:00", what, name, False)


def test_notes_stand_between_events() -> None:
    """By time; at one moment the events first, in their own order."""
    first, second = (Event(kind, None, None, None, "", NOW) for kind in ("placed", "confirm"))
    note = Note("Sokha", "x", NOW)
    later = Event("prepare", None, None, None, "", NOW + timedelta(seconds=1))
    assert rules.together([first, second, later], [note]) == (first, second, note, later)
