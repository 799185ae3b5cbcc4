"""A counter at Telegram's limits: orders come faster than its group takes messages, and staff tap whatever they see.

The clock is the test's: shop, sandbox and pacing go by it, so that ten minutes take seconds.
"""

import asyncio
import html
import random
import re
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, not_, select, update
from telegram.error import RetryAfter
from telegram.ext import ExtBot

from bot import taps
from bot.dispatch import Dispatch
from bot.late import Late
from bot.letters import screen_for
from bot.outbox import EVERY, Outbox
from bot.pacing import Pacing
from bot.pictures import Pictures
from bot.sandbox import GroupSeed, PersonSeed, Sandbox
from bot.screen import Screen
from bot.show import Show
from core.checkout import service as checkout
from core.checkout.service import Wish
from core.database.tables import message_refs, outbox, people
from core.messages.rules import MessageKind, Owed
from core.orders import store as orders
from core.orders.rules import PaymentMethod
from core.people.rules import Person
from core.settings import service as settings
from core.shop import Shop
from tests.support import builders
from tests.support.talk import BOT_ID, TOKEN, CountingRequest, Json, Talk, keys, said

GROUP = builders.STAFF_CHAT
STAFF = tuple(range(2001, 2006))
NUMBER = re.compile(r"MD\d{5}")
TAPPED = tuple(
    f"{kind.prefix}:"
    for kind in (
        taps.MoveOrder, taps.MoreOfOrder, taps.OpenOrder, taps.UndoMove, taps.TakeOver, taps.AskCancel,
        taps.CancelOrder, taps.AskReturn, taps.ReturnOrder, taps.CallUp, taps.OpenHistory,
    )
)  # fmt: skip
"""What staff tap at random: all that asks for no line."""


class Watched(Pacing):
    """The bot's own pacing, which counts how often Telegram refused a call all the same."""

    refused = 0

    def _pause(self, key: int | str | None, flood: RetryAfter) -> None:
        self.refused += 1
        super()._pause(key, flood)


@dataclass
class Counter:
    """The group, who works in it, and what was seen of it: when each order's number stood there for the first time."""

    shop: Shop
    sandbox: Sandbox
    rng: random.Random
    buyers: list[tuple[Person, int]] = field(default_factory=list)
    placed: dict[str, datetime] = field(default_factory=dict)
    seen: dict[str, datetime] = field(default_factory=dict)
    _read: int = 0

    async def open(self, size: int) -> None:
        """Let five of the staff work in the group; fill so many carts of people whom nobody tells anything."""
        await settings.change(self.shop.db, self.shop.clock, "staff_chat_id", GROUP, None)
        for number in STAFF:
            await builders.worker(self.shop, telegram_id=number, name=f"Staff {number}")
        rose, crowd = await builders.product(self.shop, size), await builders.crowd(self.shop, size)
        deaf = update(people).where(people.c.telegram_id >= 5000).values(blocked=True)
        await self.shop.db.write(lambda tx: tx.execute(deaf))
        carts = await builders.carts_of(self.shop, [(person, [rose]) for person in crowd])
        self.buyers = list(zip(crowd, carts, strict=True))

    async def order(self) -> None:
        """Somebody orders."""
        person, cart = self.buyers.pop()
        made = await checkout.place(self.shop, person, Wish(cart, PaymentMethod.COD, 1350))
        self.placed[made.number] = self.shop.clock.now()

    def press(self) -> None:
        """One of the staff taps something that stands in the group."""
        message = self.rng.choice(self.group() or [{}])
        if found := [key for key in keys(message).values() if key.startswith(TAPPED)]:
            person, key = self.rng.choice(STAFF), self.rng.choice(found)
            self.sandbox.people.tap(person, GROUP, message["message_id"], key)

    def group(self) -> list[Json]:
        """What the bot wrote in the group, the oldest first."""
        return [one for one in self.sandbox.world.state.chats[GROUP].messages.values() if one["from"]["is_bot"]]

    def look(self) -> None:
        """Note which orders stand there now: in what came since, and in the digest that may have grown."""
        messages = self.sandbox.world.state.chats[GROUP].messages
        for number in [n for n in reversed(messages) if n >= self._read - 40]:
            for order in NUMBER.findall(said(messages[number])):
                self.seen.setdefault(order, self.shop.clock.now())
        self._read = max(messages, default=0)

    def slowest(self) -> timedelta:
        """How long the slowest order was unseen."""
        assert set(self.seen) == set(self.placed)
        return max(self.seen[number] - at for number, at in self.placed.items())

    async def owed(self, *, but: Sequence[int] = ()) -> int:
        """How many messages the group still waits for, leaving out the cards of some orders."""
        unsent = (outbox.c.chat_id == GROUP, outbox.c.state.in_(["pending", "sending"]))
        left_out = and_(outbox.c.kind == MessageKind.STAFF_CARD, outbox.c.subject_id.in_(but))
        return await builders.count(self.shop, outbox, *unsent, not_(left_out))

    async def owed_news(self) -> int:
        """How many messages it waits for, but for first cards of orders that a digest named to it."""
        named = await self.standing(MessageKind.ORDER_NAMED)
        return await self.owed(but=list(named.keys() - (await self.cards()).keys()))

    async def reachable(self) -> None:
        """Hold that each order has its card there, or else a button in the digest that names it."""
        cards, named = await self.cards(), await self.standing(MessageKind.ORDER_NAMED)
        assert len(cards.keys() | named.keys()) == len(self.placed)
        for order_id in named.keys() - cards.keys():
            assert taps.CallUp(order_id).pack() in keys(named[order_id]).values()

    async def standing(self, kind: MessageKind) -> dict[int, Json]:
        """The messages in which cards of a kind stand, or the digests that name orders, by what they are about."""
        mine = (message_refs.c.chat_id == GROUP, message_refs.c.kind == kind)
        rows = await self.shop.db.read(lambda tx: tx.execute(select(message_refs).where(*mine)).all())
        there = {one["message_id"]: one for one in self.group()}
        return {row.subject_id: there[row.message_id] for row in rows}

    async def cards(self) -> dict[int, Json]:
        """Each order's card as it stands, by the order's id."""
        return await self.standing(MessageKind.STAFF_CARD)

    async def outdated(self, among: Collection[int] | None = None) -> dict[int, Json]:
        """Cards that say anything else than what is true, among them the menus that somebody opened there."""
        cards = {one: card for one, card in (await self.cards()).items() if among is None or one in among}
        return {one: card for one, card in cards.items() if said(card) != await self._truth(one)}

    async def board_is_true(self) -> bool:
        """Whether one board stands there, and says what the books say."""
        said_now = [said(board) for board in (await self.standing(MessageKind.BOARD)).values()]
        return said_now == [await self._truth(0, MessageKind.BOARD)]

    async def _truth(self, subject: int, kind: MessageKind = MessageKind.STAFF_CARD) -> str:
        """What an order's card, or the board, must say now."""
        owed = Owed(0, GROUP, kind, subject, {}, 1, self.shop.clock.now())
        screen = await screen_for(self.shop, owed)
        assert isinstance(screen, Screen)
        return html.unescape(re.sub(r"<[^<>]*>", "", screen.text))

    def leave(self, card: Json) -> None:
        """Tap the way back from a menu; a card without one is no menu, but out of date."""
        back = list(keys(card).values())[-1]
        assert not back.startswith(f"{taps.MoreOfOrder.prefix}:"), said(card)
        self.sandbox.people.tap(STAFF[0], GROUP, card["message_id"], back)

    async def sound(self) -> None:
        """Hold that every timeline and stock figure agrees with the books."""

        def timelines(tx: Connection) -> None:
            for number in self.placed:
                order = orders.by_number(tx, number)
                assert order is not None
                assert [event.to_status for event in orders.events(tx, order.id) if event.to_status][-1] == order.status

        await self.shop.db.read(timelines)
        await builders.sound(self.shop)


@dataclass
class Rush(Counter):
    """A counter on a clock that the test moves."""

    talk: Talk = field(kw_only=True)
    box: Outbox = field(kw_only=True)
    late: Late = field(kw_only=True)
    pacing: Watched = field(kw_only=True)
    turn: asyncio.Event = field(default_factory=asyncio.Event)
    resting: int = 0

    async def go_on(self, seconds: float) -> None:
        """Work what people did; then send what is due and look at the group, as often as it is given a message."""
        await self.talk.work()
        step = EVERY.total_seconds()
        while seconds > 0:
            await self.box.send_due()
            self.look()
            await self._pass(min(seconds, step))
            seconds -= step

    async def _pass(self, seconds: float) -> None:
        """Let time pass, and what waits for it in the late queue go on."""
        self.shop.clock.move(timedelta(seconds=seconds))
        before, self.turn, self.resting = self.turn, asyncio.Event(), 0
        before.set()
        while len(self.late._tasks) > self.resting:  # noqa: ASYNC110 - what they wait for is the far side's answer
            await asyncio.sleep(0)

    async def rest(self, seconds: float) -> None:
        """Wait for the next turn: what the late queue does between two looks."""
        _ = seconds
        self.resting += 1
        await self.turn.wait()

    async def settle(self, most: int, *, fully: bool = True) -> None:
        """Let the group have all that it is owed, in so many turns; at last every menu is left and all must be true.

        Not ``fully``: all but the cards of orders that a digest named to it.
        """
        for _ in range(most):
            if not await self._left(fully=fully) and not self.late._tasks:
                break
            await self.go_on(6)
        opened = await self.outdated()
        for card in opened.values():
            self.leave(card)
            await self.go_on(6)
        while self.late._tasks:
            await self.go_on(6)
        assert (await self._left(fully=fully), await self.outdated(opened)) == (0, {})

    async def _left(self, *, fully: bool) -> int:
        return await self.owed() if fully else await self.owed_news()


def telegram(clock: Callable[[], float]) -> Sandbox:
    """Make a sandbox with Telegram's limits, five of the staff in their group."""
    members = [PersonSeed(number, f"Staff {number}") for number in STAFF]
    return Sandbox(token=TOKEN, people=members, groups=[GroupSeed(GROUP, "Staff", STAFF, ())], clock=clock)


@asynccontextmanager
async def rush(shop: Shop, seed: int) -> AsyncIterator[Rush]:
    """Open the shop's bot on a sandbox with Telegram's limits, five of the staff in their group."""
    clock = shop.clock

    def now() -> float:
        return clock.now().timestamp()

    async def wait(seconds: float) -> None:
        clock.move(timedelta(seconds=seconds))
        await asyncio.sleep(0)

    sandbox = telegram(now)
    address = await sandbox.start()
    try:
        async with CountingRequest() as request:
            found = _at_work(shop, sandbox, address, request, Watched(clock=now, sleep=wait))
            found.rng.seed(seed)
            yield found
            await found.talk.show.close()
    finally:
        await sandbox.stop()


def _at_work(shop: Shop, sandbox: Sandbox, address: str, request: CountingRequest, pacing: Watched) -> Rush:
    """Put the bot and its staff to work."""
    found: Rush

    def now() -> float:
        return shop.clock.now().timestamp()

    def free(chat_id: int) -> int:
        return pacing.free(chat_id, now())

    def delay(chat_id: int) -> float:
        return pacing.delay(chat_id, now())

    async def rest(seconds: float) -> None:
        await found.rest(seconds)

    bot: Any = ExtBot(TOKEN, base_url=f"{address}/bot", request=request, rate_limiter=pacing)
    pictures, late = Pictures(shop, BOT_ID), Late(free, delay, clock=now, sleep=rest)
    show = Show(bot, pictures, alone=True, late=late)
    talk = Talk(shop, sandbox, address, request, bot, pictures, show, Dispatch(shop, bot, show))
    box = Outbox(shop, show, "me", delay, free)
    found = Rush(shop, sandbox, random.Random(), talk=talk, box=box, late=late, pacing=pacing)
    return found
