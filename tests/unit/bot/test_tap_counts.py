"""How many taps and typed lines buying takes, counted on the bot itself; the table stands in docs/taps.md."""

import os
from dataclasses import dataclass
from itertools import count

from sqlalchemy import Connection

from bot import taps
from bot.screens.shop import LANGUAGE_NAMES
from core.config import ROOT
from core.i18n import Translator, translator
from core.orders.rules import Move
from core.people import service as people
from core.people import store
from core.shipping import rules as shipping
from tests.support import builders
from tests.support.talk import BOPHA, DARA, Talk, keys, said

PAGE = ROOT / "docs" / "taps.md"
WRITING = os.environ.get("HAANG_SCREENSHOTS") == "1"  # read here: a test has no HAANG_ settings
HERE = {"latitude": 11.5564, "longitude": 104.9282}
HEAD = """# Taps

How many taps and typed lines it takes to buy, from the link to a product to the order; and afterwards, from the order's
card. Counted on the bot itself, in English and in Khmer, by `tests/unit/bot/test_tap_counts.py` (`HAANG_SCREENSHOTS=1`
writes this page anew). Choosing the language, sharing a phone or a location: each is a tap.

| who | the way | taps | typed lines |
|---|---|---|---|
"""


@dataclass
class Walker:
    """Somebody who buys; ``steps`` are the taps they made, ``lines`` what they typed."""

    talk: Talk
    id: int
    t: Translator
    steps: list[str]
    lines: int = 0

    async def tap(self, label: str, name: str) -> None:
        """Press the newest button with these words."""
        found = next(m for m in reversed(self.talk.messages(self.id)) if label in keys(m))
        await self.talk.tap(self.id, found["message_id"], keys(found)[label])
        self.steps.append(name)

    async def share(self, name: str) -> None:
        """Share the phone or the location."""
        sent = self.talk.sandbox.people
        if name == "phone":
            sent.share_contact(self.id, self.id, "85512000001")
        else:
            sent.send(self.id, self.id, {"location": HERE})
        await self.talk.work()
        self.steps.append(f"share {name}")

    async def type(self, line: str) -> None:
        """Write a line."""
        await self.talk.say(self.id, line)
        self.lines += 1
        self.steps.append("*type the street*")

    async def place(self, code: str) -> None:
        """Choose a place by its name."""
        found = shipping.path(code)[-1]
        names = {2: "province", 4: "district", 6: "commune"}
        await self.tap(self.t.pick(found.name_en, found.name_km), names[len(code)])

    async def walk(self, way: tuple[str, ...]) -> None:
        """Go a way: words of ours are pressed, codes are places, a line with a space is typed."""
        for step in way:
            if step == "language":
                await self.tap(LANGUAGE_NAMES[self.t.language], step)
            elif step in {"phone", "location"}:
                await self.share(step)
            elif step.isdigit():
                await self.place(step)
            elif " " in step:
                await self.type(step)
            else:
                await self.tap(self.t(f"button.{step}"), self.t_en(step))

    def t_en(self, step: str) -> str:
        """What a button is called in the table."""
        return translator("en")(f"button.{step}")


STREET = "12 Street 271"
RETURNING: dict[str, tuple[str, ...]] = {
    "who bought before": ("buy_now", "pay_cod"),
    "who bought before, by KHQR": ("buy_now", "pay_khqr"),
    "who bought before, by a link that buys": ("pay_cod",),
}
NEW = {
    "somebody new": ("language", "buy_now", "phone", "12", "1201", STREET, "pay_cod"),
    "somebody new, with the commune": ("language", "buy_now", "phone", "12", "1201", "120101", STREET, "pay_cod"),
    "somebody new, not sure of the commune": (
        "language",
        "buy_now",
        "phone",
        "12",
        "1201",
        "not_sure",
        STREET,
        "pay_cod",
    ),
    "somebody new, by a link that buys": ("language", "phone", "12", "1201", STREET, "pay_cod"),
    "somebody new, sharing a location": ("language", "buy_now", "phone", "location", "12", "pay_cod"),
}
"""Each from a product's page, as a link in a channel opens it; a link that buys leads straight to the review."""


async def _walked(talk: Talk, person: int, way: tuple[str, ...]) -> Walker:
    """Go a way from a fresh product to an order."""
    t = translator({DARA: "en", BOPHA: "km"}[person])
    variant = await builders.product(talk.shop, sku=f"T-{next(NUMBER)}")
    product = (await talk.shop.catalogue.now()).by_variant[variant]
    await talk.say(person, f"/start p_{product}" if "buy_now" in way else f"/start b_{variant}")
    walker = Walker(talk, person, t, [])
    await walker.walk(way)
    assert any("MD0" in said(message) for message in talk.messages(person)[-2:])
    return walker


NUMBER = count(1)


AFTERWARDS: dict[str, tuple[str, ...]] = {
    "the same again, from its card": ("again", "checkout", "pay_cod"),
    "calling it off, with the reason": ("cancel_order", "reason.changed_mind"),
    "saying that it came": ("received",),
}
"""Each from an order's card."""


async def _afterwards(talk: Talk, person: int) -> list[str]:
    """Walk what is done with an order, each on a card that offers it."""
    rows, t = [], translator({DARA: "en", BOPHA: "km"}[person])
    who, sokha = await builders.customer(talk.shop, person), await builders.worker(talk.shop)
    for what, way in AFTERWARDS.items():
        order = await builders.order(talk.shop, who, await builders.product(talk.shop, sku=f"A-{next(NUMBER)}"))
        if way == ("again", "checkout", "pay_cod"):
            order = await builders.moved(talk.shop, who, order, Move.CANCEL)
        if way == ("received",):
            order = await builders.moved(talk.shop, sokha, order, Move.PREPARE, Move.READY, Move.OUT)
        (listing,) = (await talk.say(person, "/orders"))[-1:]
        await talk.tap(person, listing["message_id"], taps.OpenOrder(order.id))
        walker = Walker(talk, person, t, [])
        for step in way:
            key = step if "." in step else f"button.{step}"
            await walker.tap(t(key), translator("en")(key))
        rows.append(f"| {what} | {' → '.join(walker.steps)} | {len(way)} | 0 |")
    return rows


async def _rows(start: Talk, person: int, ways: dict[str, tuple[str, ...]]) -> list[str]:
    rows = []
    for who, way in ways.items():
        one = await _walked(start, person, way)
        pressed = len(one.steps) - one.lines
        assert pressed <= (7 if who in NEW else 2)
        assert one.lines <= (1 if who in NEW else 0)
        rows.append(f"| {who} | {' → '.join(one.steps)} | {pressed} | {one.lines} |")
        if who in NEW:
            await _forget(start, person)
    return rows


async def _forget(talk: Talk, person: int) -> None:
    """Let somebody be new again: no language, no phone, no address."""

    def write(tx: Connection) -> None:
        found = store.by_telegram(tx, person)
        assert found is not None
        store.change(tx, person, phone=None, language=None)
        for one in store.address_book(tx, found.id):
            store.change_address(tx, one.id, found.id, active=False)

    await talk.shop.db.write(write)


async def _known(talk: Talk, person: int) -> None:
    """Let somebody be known as who bought before is: language, phone and address."""
    who = await builders.customer(talk.shop, person)
    await people.speak(talk.shop, who, {DARA: "en", BOPHA: "km"}[person])


async def test_buying_takes_so_many_taps(sqlite_talk: Talk) -> None:
    """Two for who bought before, seven and a line at most for who is new; in both languages, as the page says."""
    await builders.with_khqr(sqlite_talk.shop)
    tables = []
    for person in (DARA, BOPHA):
        new = await _rows(sqlite_talk, person, NEW)
        await _known(sqlite_talk, person)
        tables.append([*await _rows(sqlite_talk, person, RETURNING), *new, *await _afterwards(sqlite_talk, person)])
    assert tables[0] == tables[1]
    written = HEAD + "\n".join(tables[0]) + "\n"
    if WRITING:
        PAGE.write_text(written, "utf-8")
    assert PAGE.read_text("utf-8") == written
