"""A staff group with more news than Telegram lets through: the staff work on, the cards follow."""

import asyncio
import itertools
from dataclasses import dataclass
from datetime import timedelta

from markupsafe import Markup

from bot import taps
from bot.dispatch import Dispatch
from bot.late import EVERY, KEPT, Late
from bot.screen import Screen
from bot.show import Show
from core.messages import store
from core.messages.rules import MessageKind, MessageRef
from core.orders.rules import Move
from core.settings import service as settings
from tests.support import builders
from tests.support.helping import bring
from tests.support.talk import BOPHA, SOKHA, STAFF_GROUP, Talk, keys, said


@dataclass
class Room:
    """What the group has room for: so many messages now, and, where there are none, a second to wait."""

    free: int = 20
    now: float = 0.0

    def late(self) -> Late:
        """The queue of such a group; its waits take no time."""

        async def sleep(seconds: float) -> None:
            self.now += seconds
            await asyncio.sleep(0)

        return Late(lambda _chat: self.free, lambda _chat: 1.0, clock=lambda: self.now, sleep=sleep)


async def _at_work(talk: Talk, room: Room, *, stands: bool = True) -> int:
    """A group with the card of one order in it; returns the message."""
    shop = talk.shop
    await settings.change(shop.db, shop.clock, "staff_chat_id", STAFF_GROUP, None)
    await builders.worker(shop, telegram_id=SOKHA)
    order = await builders.order(shop, await builders.customer(shop), await builders.product(shop))
    sent = await talk.bot.send_message(STAFF_GROUP, order.number)
    if stands:
        ref = MessageRef(STAFF_GROUP, sent.message_id, has_photo=False)
        await shop.db.write(store.remember, MessageKind.STAFF_CARD, order.id, ref, shop.clock.now())
    talk.show = Show(talk.bot, talk.pictures, alone=True, late=room.late())
    talk.dispatch = Dispatch(shop, talk.bot, talk.show)
    talk.calls()
    return sent.message_id


async def test_a_full_group_hears_at_once_and_sees_the_card_from_the_outbox(sqlite_talk: Talk) -> None:
    """Little room: a move is done and said in words with no edit at all; the card is owed, the tap's copy dropped."""
    talk, room = sqlite_talk, Room(free=KEPT)
    card = await _at_work(talk, room)
    answer = await talk.tap(SOKHA, card, taps.MoveOrder(1, Move.PREPARE, 1), STAFF_GROUP)
    assert answer["text"] == "MD00001: Being prepared"
    await talk.show.late.settle()
    assert talk.calls() == ["answerCallbackQuery"]
    assert (STAFF_GROUP, MessageKind.STAFF_CARD) in await builders.owed(talk.shop)


async def test_what_has_no_row_is_drawn_when_there_is_room(sqlite_talk: Talk) -> None:
    """The group is full: a page of the card, which no row owes, is promised at once and drawn later, the newest."""
    talk, room = sqlite_talk, Room(free=0)
    card = await _at_work(talk, room)
    answer = await talk.tap(SOKHA, card, taps.MoreOfOrder(1), STAFF_GROUP)
    assert answer["text"] == "The group is busy: this comes in a moment"
    await talk.tap(SOKHA, card, taps.AskCancel(1), STAFF_GROUP)
    assert talk.calls() == ["answerCallbackQuery"] * 2
    room.free = 1
    await talk.show.late.settle()
    assert talk.calls() == ["editMessageText"]
    assert any(key.startswith("ox:") for key in keys(talk.message(STAFF_GROUP, card)).values())


async def test_a_page_that_waits_comes_after_its_card(sqlite_talk: Talk) -> None:
    """Claimed, then More, in a full group: the outbox draws the card first, and what was promised follows it."""
    talk, room = sqlite_talk, Room(free=0)
    card = await _at_work(talk, room)
    await talk.tap(SOKHA, card, taps.MoveOrder(1, Move.PREPARE, 1), STAFF_GROUP)
    await talk.tap(SOKHA, card, taps.MoreOfOrder(1), STAFF_GROUP)
    talk.shop.clock.move(timedelta(seconds=3))
    await bring(talk)
    assert "⋯ More" in keys(talk.message(STAFF_GROUP, card))
    room.free = 1
    await talk.show.late.settle()
    assert "💬 Note" in keys(talk.message(STAFF_GROUP, card))


async def test_a_copy_of_a_card_is_drawn_by_its_tap(sqlite_talk: Talk) -> None:
    """The tapped message is not the one that the outbox edits: it is drawn here, late, and not given up."""
    talk, room = sqlite_talk, Room(free=KEPT)
    copy = await _at_work(talk, room, stands=False)
    await talk.tap(SOKHA, copy, taps.MoveOrder(1, Move.PREPARE, 1), STAFF_GROUP)
    await talk.show.late.settle()
    assert "Being prepared" in said(talk.message(STAFF_GROUP, copy))


async def test_with_room_the_tap_is_done_when_it_is_drawn(sqlite_talk: Talk) -> None:
    """A group with room: redraw and answer belong to the tap; a command is answered at once, in a full group later."""
    talk, room = sqlite_talk, Room(free=KEPT + 1)
    card = await _at_work(talk, room)
    await talk.tap(SOKHA, card, taps.MoveOrder(1, Move.PREPARE, 1), STAFF_GROUP)
    assert "Being prepared" in said(talk.message(STAFF_GROUP, card))
    room.free = 0
    assert await talk.say(SOKHA, "/payments", STAFF_GROUP) == []
    room.free = 1
    await talk.show.late.settle()
    assert talk.messages(STAFF_GROUP)[-1]["from"]["is_bot"]


async def test_people_who_wait_take_their_turns_and_no_more() -> None:
    """A full group draws a menu every seven seconds and a half; between them its room is the outbox's."""
    room, drawn, wanted = Room(free=1), [], []
    late = room.late()

    async def draw() -> None:
        drawn.append(room.now)
        wanted.append(late.wants(-5))

    for number in range(1, 4):
        late.put(-5, number, draw)
    assert late.wants(-5) == 1
    await late.settle()
    assert [later - before for before, later in itertools.pairwise(drawn)] == [EVERY, EVERY]
    assert wanted == [0, 0, 0]
    late.put(-5, 1, draw)
    await late.close()
    assert len(drawn) == 3


async def test_what_was_drawn_since_is_not_drawn_over(sqlite_talk: Talk) -> None:
    """A menu waits and the outbox edits the card meanwhile: the menu, older, is not drawn any more."""
    talk, room = sqlite_talk, Room(free=0)
    card = await _at_work(talk, room)
    await talk.tap(SOKHA, card, taps.MoreOfOrder(1), STAFF_GROUP)
    await talk.show.edit(MessageRef(STAFF_GROUP, card, has_photo=False), Screen(Markup("newer")))
    room.free = 20
    await talk.show.late.settle()
    assert said(talk.message(STAFF_GROUP, card)) == "newer"


async def test_a_stranger_takes_no_room_of_a_full_group(sqlite_talk: Talk) -> None:
    """In a full group who works nowhere is not answered: no refusal waits before what staff called up."""
    talk, room = sqlite_talk, Room(free=KEPT)
    await _at_work(talk, room)
    await talk.say(BOPHA, "/orders", STAFF_GROUP)
    await talk.say(SOKHA, "/orders", STAFF_GROUP)
    await talk.show.late.settle()
    assert talk.calls() == ["sendMessage"]
    room.free = 20
    assert len(await talk.say(BOPHA, "/orders", STAFF_GROUP)) == 1
