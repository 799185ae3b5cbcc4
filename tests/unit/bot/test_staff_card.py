"""The counter's card of an order beside its moves: More, Undo, taking over, notes, the carrier, what happened."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from bot import taps
from core.cards import order_card, with_desk
from core.counter import service as counter
from core.i18n import translator
from core.messages import store as messages
from core.messages.rules import MessageKind
from core.orders.carriers import SITES, Carrier
from core.orders.rules import Move, Order, Status
from core.people import service as people
from core.people.rules import Person, Role
from core.shop import Shop, reader
from tests.support import builders
from tests.support.helping import bring, by_bot, reply
from tests.support.paying import press
from tests.support.talk import BOPHA, DARA, SOKHA, STAFF_GROUP, Json, Talk, keys, said

EN = translator("en")


async def _counter(talk: Talk, language: str = "en") -> tuple[Order, Json]:
    """Dara's order stands at the counter; Sokha and Bopha are staff, and read as the group does."""
    shop = talk.shop
    await builders.with_khqr(shop, staff_chat_id=STAFF_GROUP, staff_language=language)
    await shop.refresh()
    for telegram_id, name in ((SOKHA, "Sokha"), (BOPHA, "Bopha")):
        await people.speak(shop, await builders.worker(shop, Role.STAFF, telegram_id, name), language)
    dara = await builders.customer(shop, DARA)
    await people.speak(shop, dara, language)
    order = await builders.order(shop, dara, await builders.product(shop))
    await bring(talk)
    return order, _card(talk, order)


def _card(talk: Talk, order: Order, chat: int = STAFF_GROUP) -> Json:
    return next(one for one in by_bot(talk, chat) if said(one).startswith(order.number))


def _owe_again(tx: Connection, shop: Shop, order: Order) -> None:
    """Owe the group the card, as a move of a moment ago does."""
    messages.owe(tx, STAFF_GROUP, MessageKind.STAFF_CARD, order.id, shop.clock.now())


async def _person(shop: Shop, telegram_id: int) -> Person:
    found = await people.known(shop, telegram_id)
    assert found is not None
    return found


def _rows(card: Json) -> list[list[str]]:
    return [[key["text"] for key in row] for row in card["reply_markup"]["inline_keyboard"]]


@pytest.mark.parametrize("language", ["en", "km"])
async def test_claimed_and_taken_back(sqlite_talk: Talk, language: str) -> None:
    """Claim & prepare, then Undo: one edit and one answer each; holder and time come and go, Undo itself too.

    What is seldom tapped takes one row, with Undo two: a busy group is long enough.
    """
    talk, t = sqlite_talk, translator(language)
    order, card = await _counter(talk, language)
    assert _rows(card)[1:] == [[t("button.copy_phone"), t("button.more_of_order")]]
    await press(talk, SOKHA, card, t("move.claim"))
    claimed = _card(talk, order)
    assert "👤 Sokha, 10:00" in said(claimed)
    assert _rows(claimed)[1:] == [[t("button.copy_phone")], [t("button.undo"), t("button.more_of_order")]]
    talk.calls()
    refused = await talk.tap(BOPHA, card["message_id"], keys(claimed)[t("button.undo")], STAFF_GROUP)
    assert refused["text"] == t("errors.undo_theirs", name="Sokha")
    assert talk.calls() == ["answerCallbackQuery"]
    answer = await talk.tap(SOKHA, card["message_id"], keys(claimed)[t("button.undo")], STAFF_GROUP)
    assert sorted(talk.calls()) == ["answerCallbackQuery", "editMessageText"]
    assert answer["text"] == "MD00001: " + t("card.undone", status=t("status.pending_cod"))
    card = _card(talk, order)
    assert (t("button.undo") in keys(card), "👤" in said(card), t("move.claim") in keys(card)) == (False, False, True)
    await bring(talk)
    assert t("status.pending_cod") in said(_card(talk, order, DARA))
    assert (await builders.read(talk.shop, order)).status is Status.PENDING
    again = await talk.tap(SOKHA, card["message_id"], keys(claimed)[t("button.undo")], STAFF_GROUP)
    assert again["text"] == t("errors.done_already")
    await builders.sound(talk.shop)


async def test_what_is_owed_leaves_an_open_page(sqlite_talk: Talk) -> None:
    """After a move the outbox looks at the card again: More and a question stay; once the order is another, they go."""
    talk = sqlite_talk
    order, card = await _counter(talk)
    await press(talk, SOKHA, card, "Claim & prepare")
    for page in ("⋯ More", "Cancel order"):
        await press(talk, SOKHA, card, page)
        opened = _card(talk, order)
        await talk.shop.db.write(_owe_again, talk.shop, order)
        talk.calls()
        await bring(talk)
        assert (_card(talk, order), talk.calls()) == (opened, [])
    await counter.note(talk.shop, await _person(talk.shop, BOPHA), order.id, "call first")
    await bring(talk)
    assert ("call first" in said(_card(talk, order)), "⋯ More" in keys(_card(talk, order))) == (True, True)


async def test_a_minute_later_undo_is_gone(sqlite_talk: Talk) -> None:
    """The button that still stands answers that the minute is over, and the card is drawn without it."""
    talk = sqlite_talk
    order, card = await _counter(talk)
    await press(talk, SOKHA, card, "Claim & prepare")
    talk.shop.clock.move(timedelta(seconds=61))
    answer = await press(talk, SOKHA, card, "↩ Undo")
    assert answer["text"] == EN("errors.undo_over")
    assert "↩ Undo" not in keys(_card(talk, order))
    assert (await builders.read(talk.shop, order)).status is Status.PREPARING


@pytest.mark.parametrize("language", ["en", "km"])
async def test_more_and_taking_over(sqlite_talk: Talk, language: str) -> None:
    """More leads to what is seldom done and back; Bopha takes over, Sokha hears it with her old and her next tap."""
    talk, t = sqlite_talk, translator(language)
    order, card = await _counter(talk, language)
    await press(talk, SOKHA, card, t("button.more_of_order"))
    more = _card(talk, order)
    assert {t(f"button.{one}") for one in ("note_order", "history", "cancel_order", "back")} <= set(keys(more))
    assert t("button.take_over") not in keys(more)
    await press(talk, SOKHA, card, t("button.back"))
    await press(talk, SOKHA, card, t("move.claim"))
    old = keys(_card(talk, order))
    await press(talk, BOPHA, card, t("button.more_of_order"))
    talk.shop.clock.move(timedelta(minutes=2))
    talk.calls()
    answer = await talk.tap(BOPHA, card["message_id"], keys(_card(talk, order))[t("button.take_over")], STAFF_GROUP)
    assert sorted(talk.calls()) == ["answerCallbackQuery", "editMessageText"]
    assert answer["text"] == "MD00001: " + t("card.took_over")
    assert "👤 Bopha, 10:02" in said(_card(talk, order))
    late = await talk.tap(SOKHA, card["message_id"], old[t("move.ready")], STAFF_GROUP)
    assert late["text"] == t("errors.taken_over", name="Bopha")
    await bring(talk)
    told = await press(talk, SOKHA, card, t("button.more_of_order"))
    assert told["text"] == t("card.taken_over", name="Bopha")
    await press(talk, SOKHA, card, t("button.back"))
    moved = await press(talk, SOKHA, card, t("move.ready"))
    assert moved["text"].endswith(t("card.taken_over", name="Bopha"))
    moved = await press(talk, SOKHA, card, t("move.out"))
    assert t("card.taken_over", name="Bopha") not in moved["text"]


@pytest.mark.parametrize("language", ["en", "km"])
async def test_a_note_in_the_group(sqlite_talk: Talk, language: str) -> None:
    """Asked below, answered by a reply: it stands on the counter's card and never on the customer's."""
    talk, t = sqlite_talk, translator(language)
    order, card = await _counter(talk, language)
    await press(talk, SOKHA, card, t("button.more_of_order"))
    await press(talk, SOKHA, card, t("button.note_order"))
    asked = by_bot(talk)[-1]
    await reply(talk, BOPHA, STAFF_GROUP, asked, "not hers")
    assert said(by_bot(talk)[-1]) == t("errors.asked_before")
    await reply(talk, SOKHA, STAFF_GROUP, asked, "…")
    assert said(by_bot(talk)[-1]) == t("errors.text_empty")
    await reply(talk, SOKHA, STAFF_GROUP, asked, "ហៅមុន <b>gate</b> 9")
    assert said(by_bot(talk)[-1]) == f"✓ {order.number} · " + t("card.noted").rpartition("· ")[2]
    note = t("card.note", name="Sokha", when="10:00", text="ហៅមុន <b>gate</b> 9")
    assert note in said(_card(talk, order))
    own = _card(talk, order, DARA)
    assert "gate" not in said(own)
    desk, theirs = await counter.desk(talk.shop, order), reader(await builders.customer(talk.shop, DARA))
    assert with_desk(talk.shop, order_card(talk.shop, order, theirs), order, desk, theirs).notes == ()
    (page,) = [one for one in await talk.say(DARA, "/orders") if order.number in said(one)]
    assert "gate" not in said(page)
    await press(talk, SOKHA, card, t("button.more_of_order"))
    await press(talk, SOKHA, card, t("button.history"))
    history = said(talk.message(STAFF_GROUP, card["message_id"]))
    assert [line.split(" · ", 1)[1] for line in history.splitlines()[2:]] == [
        f"{t('history.placed')} · Dara", "💬 ហៅមុន <b>gate</b> 9 · Sokha"]  # fmt: skip
    assert dict(talk.sandbox.world.findings) == {}


@pytest.mark.parametrize("language", ["en", "km"])
async def test_the_carriers_number(sqlite_talk: Talk, language: str) -> None:
    """J&T by a button, its number by a line: on both cards and the note with its page; changed, and taken off."""
    talk, t = sqlite_talk, translator(language)
    order, card = await _counter(talk, language)
    await press(talk, SOKHA, card, t("move.claim"))
    await press(talk, SOKHA, card, t("button.more_of_order"))
    await press(talk, SOKHA, card, t("button.carrier"))
    offered = list(keys(_card(talk, order)))
    assert offered == [*(t(f"carrier.{one}") for one in Carrier), t("button.back")]
    await press(talk, SOKHA, card, "J&T Express")
    asked = by_bot(talk)[-1]
    await reply(talk, SOKHA, STAFF_GROUP, asked, "tomorrow")
    assert said(by_bot(talk)[-1]) == t("errors.tracking_number")
    await reply(talk, SOKHA, STAFF_GROUP, asked, "8600 1234 5678")
    line = "📦 J&T Express · 860012345678"
    assert said(by_bot(talk)[-1]) == f"✓ {order.number} · J&T Express · 860012345678"
    site = t("button.carrier_site", name="J&T Express")
    for one in (_card(talk, order), _card(talk, order, DARA)):
        assert line in said(one)
        assert [b["url"] for row in one["reply_markup"]["inline_keyboard"] for b in row if b["text"] == site] == [
            SITES[Carrier.JT]]  # fmt: skip
    sokha = await _person(talk.shop, SOKHA)
    await builders.moved(talk.shop, sokha, order, Move.READY, Move.OUT)
    await bring(talk)
    assert line in said(by_bot(talk, DARA)[-1])
    await press(talk, SOKHA, card, t("button.more_of_order"))
    await press(talk, SOKHA, card, t("button.carrier"))
    answer = await press(talk, SOKHA, card, t("button.drop_carrier"))
    assert answer["text"] == "MD00001: " + t("card.unshipped")
    assert "860012345678" not in said(_card(talk, order)) + said(_card(talk, order, DARA))
    assert dict(talk.sandbox.world.findings) == {}


async def test_in_their_own_chat(sqlite_talk: Talk) -> None:
    """Without a group: the note is the next line; another carrier meanwhile is said, not overwritten."""
    talk = sqlite_talk
    order, _ = await _counter(talk)
    await builders.moved(talk.shop, await _person(talk.shop, SOKHA), order, Move.PREPARE)
    front = (await talk.say(SOKHA, "/start"))[-1]["message_id"]
    await talk.tap(SOKHA, front, taps.MoreOfOrder(order.id))
    assert "Take over" not in keys(talk.message(SOKHA, front))
    await talk.tap(SOKHA, front, taps.NoteOrder(order.id))
    (answer,) = await talk.say(SOKHA, "call first")
    assert said(answer) == "✓ MD00001 · noted"
    await talk.tap(SOKHA, front, taps.PickCarrier(order.id, Carrier.JT, 0))
    bopha = await _person(talk.shop, BOPHA)
    await counter.ship(talk.shop, bopha, order.id, Carrier.VET, "VET-000001", 0)
    (answer,) = await talk.say(SOKHA, "860012345678")
    assert said(answer) == EN("errors.somebody_faster", name="Bopha")
    assert not (await _person(talk.shop, SOKHA)).asked
    found = (await builders.read(talk.shop, order)).shipment
    assert found is not None
    assert found.tracking_number == "VET-000001"


async def test_forged_by_a_customer(sqlite_talk: Talk) -> None:
    """Each of these buttons in a customer's hand: it is for others to do, and nothing changed."""
    talk = sqlite_talk
    order, card = await _counter(talk)
    await press(talk, SOKHA, card, "Claim & prepare")
    before = await builders.read(talk.shop, order)
    for tap in (taps.MoreOfOrder(order.id), taps.UndoMove(order.id, before.version), taps.OpenHistory(order.id),
                taps.TakeOver(order.id, before.version), taps.NoteOrder(order.id), taps.AskCarrier(order.id),
                taps.PickCarrier(order.id, Carrier.JT, 0), taps.DropCarrier(order.id, 0)):  # fmt: skip
        answer = await talk.tap(DARA, talk.messages(DARA)[-1]["message_id"], tap)
        assert answer["text"] == EN("errors.not_allowed"), tap
    assert await builders.read(talk.shop, order) == before
