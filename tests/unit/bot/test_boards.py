"""The counter's lists, looking for an order, and the pinned board: in the group and in one's own chat."""

import logging
from datetime import timedelta

import pytest

from bot import taps
from core.boards import service as boards
from core.boards.rules import Listing
from core.i18n import translator
from core.messages import store as messages
from core.messages.rules import MessageKind
from core.orders.rules import Move, Order
from core.people.rules import Role
from core.settlements import store as settlements
from core.settlements.rules import CaseKind
from tests.support import builders
from tests.support.helping import bring, by_bot
from tests.support.paying import at_desk, now, press
from tests.support.talk import BOPHA, BOT_ID, DARA, SOKHA, STAFF_GROUP, Json, Talk, keys, said

EN, KM = translator("en"), translator("km")
VUTHY = DARA  # who orders in these tests never writes


async def _orders(talk: Talk, size: int, buyer: int = 5001, name: str = "Dara") -> list[Order]:
    """So many cash orders, a minute apart; nothing of them is owed to anybody any more."""
    shop = talk.shop
    rose, who = await builders.product(shop, 99, sku=f"S{buyer}"), await builders.customer(shop, buyer, name)
    made = []
    for _ in range(size):
        made.append(await builders.order(shop, who, rose))
        shop.clock.move(timedelta(minutes=1))  # type: ignore[attr-defined]
    await bring(talk)
    return made


def _rows(message: Json) -> list[str]:
    """The words of each row's first button."""
    return [row[0]["text"] for row in message.get("reply_markup", {}).get("inline_keyboard", [])]


async def _in_group(talk: Talk, person: int, text: str) -> Json:
    """Write in the group; returns the newest message of the bot there."""
    await talk.say(person, text, STAFF_GROUP)
    await bring(talk)
    return by_bot(talk)[-1]


async def test_a_list_in_the_group(sqlite_talk: Talk) -> None:
    """Ten, then three; a tap brings the order's card below, which is the one that lives from then on."""
    talk = await at_desk(sqlite_talk)
    made = await _orders(talk, 13)
    listed = await _in_group(talk, SOKHA, "/orders")
    assert said(listed) == EN("list.open")
    assert _rows(listed)[:10] == [f"🆕 {one.number} · $13.50 · Dara" for one in made[:10]]
    old = await talk.shop.db.read(messages.ref, STAFF_GROUP, MessageKind.STAFF_CARD, made[0].id)
    assert old is not None
    answer = await press(talk, SOKHA, listed, _rows(listed)[0])
    assert (answer["text"], now(talk, listed)) == (EN("list.below", number=made[0].number), EN("list.open"))
    card = by_bot(talk)[-1]
    assert said(card).startswith(made[0].number)
    ref = await talk.shop.db.read(messages.ref, STAFF_GROUP, MessageKind.STAFF_CARD, made[0].id)
    assert ref is not None
    assert old.message_id < ref.message_id == card["message_id"]
    await builders.moved(talk.shop, await builders.worker(talk.shop, telegram_id=SOKHA), made[0], Move.PREPARE)
    await bring(talk)
    assert "Sokha" in now(talk, card)
    await press(talk, SOKHA, listed, "More ›")
    again = talk.message(STAFF_GROUP, listed["message_id"])
    assert [row[:9] for row in _rows(again)[:-1]] == [f"🆕 {one.number}" for one in made[10:]]
    assert list(keys(again))[-2:] == ["↻ Refresh", "‹‹ First"]
    await press(talk, SOKHA, listed, "‹‹ First")
    assert _rows(talk.message(STAFF_GROUP, listed["message_id"]))[0].endswith("Dara · Sokha")
    refused = await talk.tap(DARA, listed["message_id"], taps.OrderList(Listing.OPEN, 0), STAFF_GROUP)
    assert refused["text"] == EN("errors.not_allowed")
    assert dict(talk.sandbox.world.findings) == {}


async def test_lists_in_their_own_chat(sqlite_talk: Talk) -> None:
    """Staff's /orders is the counter's, with the way to their own; a card there leads back; couriers see their part."""
    talk = await at_desk(sqlite_talk)
    (order,) = await _orders(talk, 1)
    sokha = await builders.worker(talk.shop, telegram_id=SOKHA)
    (listed,) = await talk.say(SOKHA, "/orders")
    assert _rows(listed) == [f"🆕 {order.number} · $13.50 · Dara", "↻ Refresh", "My own orders"]
    await press(talk, SOKHA, listed, _rows(listed)[0], SOKHA)
    assert now(talk, listed, SOKHA).startswith(order.number)
    await press(talk, SOKHA, listed, "Claim & prepare", SOKHA)
    await talk.say(SOKHA, "/preparing")
    found = talk.messages(SOKHA)[-1]
    assert _rows(found)[0] == f"🎁 {order.number} · $13.50 · Dara · Sokha"
    await press(talk, SOKHA, found, _rows(found)[0], SOKHA)
    await press(talk, SOKHA, found, "‹ Back", SOKHA)
    assert now(talk, found, SOKHA) == EN("list.preparing")
    await press(talk, SOKHA, found, "My own orders", SOKHA)
    assert now(talk, found, SOKHA) == EN("order.none")

    await builders.worker(talk.shop, Role.COURIER, VUTHY, "Vuthy")
    (empty,) = await talk.say(VUTHY, "/orders")
    assert said(empty) == f"{EN('list.open')}\n\n{EN('list.none')}"
    (refused,) = await talk.say(VUTHY, "/preparing")
    assert said(refused) == EN("errors.not_allowed")
    await builders.moved(talk.shop, sokha, order, Move.READY)
    (ready,) = await talk.say(VUTHY, "/ready")
    assert _rows(ready)[0] == f"📦 {order.number} · $13.50 · Dara · Sokha"
    await builders.people.revoke(talk.shop, VUTHY)
    (own,) = await talk.say(VUTHY, "/orders")
    assert said(own) == EN("order.none")


async def test_an_order_is_found(sqlite_talk: Talk, caplog: pytest.LogCaptureFixture) -> None:
    """One hit opens it, several are listed, none says so; no button and no log carries a phone or a name."""
    talk = await at_desk(sqlite_talk)
    made = [*(await _orders(talk, 11)), *(await _orders(talk, 1, 5002, "ស្រី ពេជ្រ"))]
    with caplog.at_level(logging.INFO):
        card = await _in_group(talk, SOKHA, "/order 12")
        assert said(card).startswith(made[11].number)
        card = await _in_group(talk, SOKHA, "/order ពេជ្រ")
        assert said(card).startswith(made[11].number)
        none = await _in_group(talk, SOKHA, "/order Nobody <b>")
        assert said(none) == "🔎 Nobody <b>\n\nNo order found."
        what = await _in_group(talk, SOKHA, "/order")
        assert said(what) == EN("errors.find_what")
        listed = await _in_group(talk, SOKHA, "/order 012-000-001")
    assert _rows(listed)[0] == f"🆕 {made[11].number} · $13.50 · ស្រី ពេជ្រ"
    assert not [data for data in keys(listed).values() if "12000001" in data or "Dara" in data]
    assert "000-001" not in caplog.text
    answer = await press(talk, BOPHA, listed, "More ›")
    assert answer["text"] == KM("errors.old_button")
    await press(talk, SOKHA, listed, "More ›")
    assert _rows(talk.message(STAFF_GROUP, listed["message_id"])) == [
        f"🆕 {one.number} · $13.50 · Dara" for one in made[1::-1]
    ] + ["‹‹ First"]  # fmt: skip
    await press(talk, BOPHA, listed, f"🆕 {made[0].number} · $13.50 · Dara")
    assert said(by_bot(talk)[-1]).startswith(made[0].number)
    (lost,) = await talk.say(DARA, "/order 12")
    assert said(lost) == EN("errors.not_understood")


async def test_found_in_their_own_chat(sqlite_talk: Talk) -> None:
    """Opened in place, with the way back; a line after it is a search for goods, for nothing is asked."""
    talk = await at_desk(sqlite_talk)
    made = await _orders(talk, 2)
    (one,) = await talk.say(SOKHA, f"/order {made[0].number.lower()}")
    assert said(one).startswith(made[0].number)
    (listed,) = await talk.say(SOKHA, "/order dar")
    await press(talk, SOKHA, listed, _rows(listed)[0], SOKHA)
    assert now(talk, listed, SOKHA).startswith(made[1].number)
    await press(talk, SOKHA, listed, "‹ Back", SOKHA)
    assert now(talk, listed, SOKHA) == "🔎 dar"
    (found,) = await talk.say(SOKHA, "Serum")
    assert "Serum" in said(found)
    await press(talk, SOKHA, listed, _rows(listed)[0], SOKHA)
    answer = await press(talk, SOKHA, listed, "‹ Back", SOKHA)
    assert answer["text"] == EN("errors.old_button")


def _boards(talk: Talk) -> list[Json]:
    return [one for one in by_bot(talk) if said(one).startswith("📋")]


async def _look(talk: Talk) -> None:
    """A quarter of a minute later the board is looked at."""
    talk.shop.clock.move(timedelta(seconds=15))  # type: ignore[attr-defined]
    await boards.show_board(talk.shop)
    await bring(talk)


async def test_the_board(sqlite_talk: Talk) -> None:
    """Sent and pinned once, in silence; edited where it stands; its buttons bring lists below; deleted, it is back."""
    talk = await at_desk(sqlite_talk)
    await _look(talk)
    (board,) = _boards(talk)
    assert EN("board.nothing") in said(board)
    chat = talk.sandbox.world.state.chats[STAFF_GROUP]
    assert chat.pinned == [board["message_id"]]
    talk.calls()
    await _look(talk)
    assert talk.calls() == []
    made = await _orders(talk, 2)
    await talk.shop.db.write(
        settlements.open_case, made[0].id, CaseKind.OVER, made[0].total, talk.shop.clock.now()
    )  # fmt: skip
    talk.calls()
    await _look(talk)
    assert talk.calls() == ["editMessageText"]
    words = now(talk, board)
    for part in ("🆕 New: 2", "Not claimed yet: 2", "Payments to look at: 1"):
        assert part in words, part
    assert set(keys(talk.message(STAFF_GROUP, board["message_id"]))) == {
        "🆕 2", "🎁 0", "📦 0", "🛵 0", "💰 1",
    }  # fmt: skip
    await press(talk, SOKHA, board, "🆕 2")
    assert _rows(by_bot(talk)[-1])[0].startswith(f"🆕 {made[0].number}")
    await press(talk, SOKHA, board, "💰 1")
    assert said(by_bot(talk)[-1]) == "💰 Payments that wait"
    assert (await press(talk, DARA, board, "🆕 2"))["text"] == EN("errors.not_allowed")
    assert now(talk, board) == words
    await talk.bot.delete_message(STAFF_GROUP, board["message_id"])
    sokha = await builders.worker(talk.shop, telegram_id=SOKHA)
    await builders.moved(talk.shop, sokha, made[0], Move.PREPARE)
    await _look(talk)
    (again,) = _boards(talk)
    assert "🎁 Preparing: 1" in said(again)
    assert chat.pinned[-1] == again["message_id"]
    assert dict(talk.sandbox.world.findings) == {}


async def test_a_board_that_may_not_be_pinned(sqlite_talk: Talk) -> None:
    """It stands unpinned; the admins hear it once, also when the board is sent again."""
    talk = await at_desk(sqlite_talk, admin_chat_id=BOPHA)
    talk.sandbox.people.set_member(STAFF_GROUP, BOT_ID, "member")
    await _look(talk)
    (board,) = _boards(talk)
    assert talk.sandbox.world.state.chats[STAFF_GROUP].pinned == []
    assert [said(one) for one in talk.messages(BOPHA)].count(KM("alert.board_pin")) + [
        said(one) for one in talk.messages(BOPHA)
    ].count(EN("alert.board_pin")) == 1
    await talk.bot.delete_message(STAFF_GROUP, board["message_id"])
    await _orders(talk, 1)
    await _look(talk)
    assert len(_boards(talk)) == 1
    assert len([one for one in talk.messages(BOPHA) if said(one).startswith("📋")]) == 1
