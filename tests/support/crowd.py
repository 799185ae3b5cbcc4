"""A crowd in the sandbox: customers who order in a hurry, staff who work the cards, whatever becomes of the shop.

They see and act on the sandbox itself, as the chat page does, and never wait for an answer: a shop that is down answers
later. What they did and what they were told stands in :class:`Crowd`, to be compared with what the shop kept.
"""

import asyncio
import io
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import zxingcpp
from PIL import Image

from bot.sandbox import GroupSeed, PersonSeed, Sandbox
from bot.sandbox.bank import Bank
from bot.sandbox.bank.qr import QrRefused
from bot.sandbox.client import Message
from core.i18n import LANGUAGES, translator

Json = dict[str, Any]

TOKEN = "7100000001:made-up-for-the-crowd-0000000000000"
STAFF_GROUP = -1007100000001
OWNER = 9001
STAFF = (9002, 9003, 9004)
FIRST_CUSTOMER = 8001
BANK_TOKEN, ACCOUNT = "made-up-bank-token", "crowd@sandbox"
THANKS = {translator(language)("order.placed") for language in LANGUAGES}
ASKED_PHONE = {translator(language)("ask.phone") for language in LANGUAGES}
LOOK = 0.06
"""Seconds between two looks at a chat."""
PATIENCE = 4.0
"""Seconds without a change after which somebody tries again."""
STEPS = 30


def open_telegram(customers: int, bank: Bank) -> Sandbox:
    """Build Telegram with this many customers, three staff and their group, the bank below ``/bakong``."""
    people = [PersonSeed(OWNER, "Owner"), *(PersonSeed(number, f"Staff {number}") for number in STAFF)]
    people += [PersonSeed(FIRST_CUSTOMER + i, f"Buyer <{i}>", None, ("en", "km")[i % 2]) for i in range(customers)]
    group = GroupSeed(STAFF_GROUP, "Crowd · Staff", (OWNER, *STAFF), (OWNER,))
    sandbox = Sandbox(token=TOKEN, people=people, groups=[group], limits=False, webhook_delay=0.05)
    sandbox.app.add_subapp("/bakong", bank.app)
    return sandbox


@dataclass
class Press:
    """A button somebody pressed: ``query`` names it in the sandbox, ``data`` is what it carried."""

    person: int
    query: str
    data: str


@dataclass
class Crowd:
    """Everybody together; ``rng`` decides what they do, the shop's speed decides when."""

    sandbox: Sandbox
    bank: Bank
    rng: random.Random
    products: Sequence[int]
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    presses: list[Press] = field(default_factory=list)
    served: bool = False
    """Whether the customers have had enough."""

    async def run(self, customers: int, purchases: int) -> None:
        """Let everybody act until the customers have had enough or ``stop`` is set; staff go on until then."""
        buyers = [Customer(self, FIRST_CUSTOMER + i, self.chance()).shop(purchases) for i in range(customers)]
        counters = [asyncio.create_task(Counter(self, number, self.chance()).work()) for number in STAFF]
        try:
            await asyncio.gather(*buyers)
            self.served = True
            await self.stop.wait()
        finally:
            for counter in counters:
                counter.cancel()
            await asyncio.gather(*counters, return_exceptions=True)

    def chance(self) -> random.Random:
        """Make a chance of somebody's own, so that the seed decides for each of them."""
        return random.Random(self.rng.random())

    def messages(self, chat: int) -> list[Message]:
        """Everything that stands in a chat, the oldest first."""
        return [Message(one) for one in self.sandbox.world.state.chats[chat].messages.values()]

    def press(self, person: int, chat: int, message: Message, data: str) -> None:
        """Press a button, or one that stood there a moment ago."""
        query = self.sandbox.people.tap(person, chat, message["message_id"], data)
        self.presses.append(Press(person, query, data))

    def thanked(self) -> list[tuple[int, int]]:
        """(person, cart) of every order button that was answered with thanks."""
        return [
            (press.person, int(press.data.split(":")[1]))
            for press in self.presses
            if press.data.startswith("o:") and self.told(press) in THANKS
        ]

    def answers(self) -> int:
        """How many presses were answered so far."""
        return sum(self.told(press) is not None for press in self.presses)

    def told(self, press: Press) -> str | None:
        """What a press was answered, None where nothing came (yet)."""
        query = self.sandbox.world.state.queries.get(press.query)
        return (query.answer or {}).get("text", "") if query and query.answer is not None else None


@dataclass
class Customer:
    """One buyer in their private chat; acts on what stands there, and again where nothing happens."""

    crowd: Crowd
    id: int
    rng: random.Random
    paid: set[str] = field(default_factory=set)

    async def shop(self, purchases: int) -> None:
        """Buy so many things, one after the other, or until it is time to stop."""
        for _ in range(purchases):
            if self.crowd.stop.is_set():
                return
            self._press_something_old()
            before = self._newest()
            product = self.rng.choice(self.crowd.products)
            self.crowd.sandbox.people.write(self.id, self.id, f"/start p_{product}")
            await self._buy(before)
            await asyncio.sleep(self.rng.uniform(0, 0.5))

    async def _buy(self, before: int) -> None:
        """Go from the link to the order's card, however often it takes."""
        for _ in range(STEPS):
            if self.crowd.stop.is_set():
                return
            message = next((m for m in self._below(before) if self._wants(m)), None)
            if message is not None and self._finished(message):
                return
            if message is None and any(_prefixes(m) >= {"h"} for m in self._below(before)):
                return  # sold out, or back at the front
            looks = self._looks()
            if message is not None:
                self._act(message)
            await self._change(looks)

    def _below(self, before: int) -> Iterator[Json]:
        """What the shop wrote since, the newest first."""
        mine = self.crowd.messages(self.id)
        return (m for m in reversed(mine) if m["message_id"] > before and m["from"]["is_bot"])

    @staticmethod
    def _wants(message: Message) -> bool:
        """Tell whether a message asks something of the customer, or is the card that ends it."""
        found = _prefixes(message)
        return bool(found & {"ls", "b", "o", "wp", "wd", "oc", "op"}) or message.text in ASKED_PHONE

    def _finished(self, message: Message) -> bool:
        """Tell whether this is an order's card; a QR is paid first."""
        found = _prefixes(message)
        if "op" in found:
            self._pay(message)
        return bool(found & {"oc", "op"}) and "wp" not in found and "o" not in found

    def _act(self, message: Message) -> None:
        """Do what the message asks: tap, share, or write a line; some tap twice."""
        found = _prefixes(message)
        if message.text in ASKED_PHONE:
            self.crowd.sandbox.people.share_contact(self.id, self.id)
            return
        prefix = next(p for p in ("ls", "b", "o", "wd", "wp") if p in found)
        keys = [key["callback_data"] for key in message.buttons if _prefix(key) == prefix]
        if prefix == "wp" and len(keys) == 1:  # the way back below the question for the street
            self.crowd.sandbox.people.write(self.id, self.id, f"{self.rng.randint(1, 99)} Street 1")
            return
        data = self.rng.choice(keys)
        for _ in range(self.rng.choice((1, 1, 1, 2))):
            self.crowd.press(self.id, self.id, message, data)

    def _pay(self, message: Message) -> None:
        """Scan the QR with a bank's app and pay, once."""
        file = self.crowd.sandbox.world.state.contents[message["photo"][-1]["file_unique_id"]]
        picture = Image.open(io.BytesIO(self.crowd.sandbox.world.file_content(file) or b""))
        payload = zxingcpp.read_barcodes(picture)[0].text
        if payload not in self.paid:
            self.paid.add(payload)
            try:
                self.crowd.bank.pay(payload)
            except QrRefused:
                return

    def _press_something_old(self) -> None:
        """Now and then press a button further up that orders or buys."""
        old = [m for m in self.crowd.messages(self.id) if _prefixes(m) & {"b", "o"}]
        if old and self.rng.random() < 0.3:
            message = self.rng.choice(old)
            keys = [key["callback_data"] for key in message.buttons if _prefix(key) in {"b", "o"}]
            self.crowd.press(self.id, self.id, message, self.rng.choice(keys))

    def _newest(self) -> int:
        return max((m["message_id"] for m in self.crowd.messages(self.id)), default=0)

    def _looks(self) -> list[tuple[str, Any]]:
        return [(m.text, m.get("reply_markup")) for m in self.crowd.messages(self.id) if m["from"]["is_bot"]]

    async def _change(self, looks: list[tuple[str, Any]]) -> None:
        """Wait until the chat looks otherwise, or patience ends."""
        waited = 0.0
        while self._looks() == looks and waited < PATIENCE and not self.crowd.stop.is_set():
            await asyncio.sleep(LOOK)
            waited += LOOK


@dataclass
class Counter:
    """Somebody of the staff, who taps the next button of any card, often together with a colleague."""

    crowd: Crowd
    id: int
    rng: random.Random

    async def work(self) -> None:
        """Tap for ever."""
        while True:
            await asyncio.sleep(self.rng.uniform(3.0, 8.0))  # the group's own limit is 20 messages and edits a minute
            open_cards = [m for m in self.crowd.messages(STAFF_GROUP) if "ov" in _prefixes(m)]
            if not open_cards:
                continue
            message = self.rng.choice(open_cards)
            data = next(key["callback_data"] for key in message.buttons if _prefix(key) == "ov")
            self.crowd.press(self.id, STAFF_GROUP, message, data)
            if self.rng.random() < 0.3:
                self.crowd.press(self.rng.choice(STAFF), STAFF_GROUP, message, data)


def _prefix(key: Json) -> str:
    return str(key.get("callback_data", "")).partition(":")[0]


def _prefixes(message: Message) -> set[str]:
    return {_prefix(key) for key in message.buttons} - {""}
