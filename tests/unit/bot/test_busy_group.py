"""A staff group with more news than Telegram lets through: the staff work on, the cards follow."""

import asyncio

from bot import taps
from bot.dispatch import Dispatch
from bot.sandbox.faults import Fault
from bot.show import Show
from core.messages.rules import MessageKind
from core.orders.rules import Move
from core.settings import service as settings
from tests.support import builders
from tests.support.talk import SOKHA, STAFF_GROUP, Talk, said


async def _at_work(talk: Talk, delay: float) -> tuple[Show, int]:
    """A group that has to wait so long, with the card of one order in it; returns the message."""
    shop = talk.shop
    await settings.change(shop.db, shop.clock, "staff_chat_id", STAFF_GROUP, None)
    await builders.worker(shop, telegram_id=SOKHA)
    order = await builders.order(shop, await builders.customer(shop), await builders.product(shop))
    assert (STAFF_GROUP, MessageKind.STAFF_CARD) in await builders.owed(shop)
    sent = await talk.bot.send_message(STAFF_GROUP, order.number)
    show = Show(talk.bot, talk.pictures, alone=True, delay=lambda chat: delay if chat == STAFF_GROUP else 0.0)
    talk.show, talk.dispatch = show, Dispatch(shop, talk.bot, show)
    talk.sandbox.world.faults.add(Fault("editmessagetext", "delay", seconds=0.2))
    return show, sent.message_id


async def test_a_redraw_that_must_wait_holds_up_nobody(sqlite_talk: Talk) -> None:
    """The group is at its limit: the tap is answered and done at once, its redraw comes when there is room."""
    talk = sqlite_talk
    show, card = await _at_work(talk, delay=5.0)
    answer = await talk.tap(SOKHA, card, taps.MoveOrder(1, Move.PREPARE, 1), STAFF_GROUP)
    assert answer["text"] == "Being prepared"
    assert said(talk.message(STAFF_GROUP, card)) == "MD00001"
    await asyncio.wait_for(asyncio.gather(*show._late), 5)
    assert "Being prepared" in said(talk.message(STAFF_GROUP, card))


async def test_with_room_the_tap_is_done_when_it_is_drawn(sqlite_talk: Talk) -> None:
    """A group with room: redraw and answer belong to the tap, so that the next tap meets the new card."""
    talk = sqlite_talk
    show, card = await _at_work(talk, delay=0.0)
    await talk.tap(SOKHA, card, taps.MoveOrder(1, Move.PREPARE, 1), STAFF_GROUP)
    assert "Being prepared" in said(talk.message(STAFF_GROUP, card))
    assert show._late == set()


async def test_the_end_of_the_process_waits_for_no_redraw(sqlite_talk: Talk) -> None:
    """Redraws that still wait are given up at the end; the card is owed all the same."""
    talk = sqlite_talk
    show, card = await _at_work(talk, delay=5.0)
    await talk.tap(SOKHA, card, taps.MoveOrder(1, Move.PREPARE, 1), STAFF_GROUP)
    await show.close()
    assert show._late == set()
    assert (STAFF_GROUP, MessageKind.STAFF_CARD) in await builders.owed(talk.shop)
