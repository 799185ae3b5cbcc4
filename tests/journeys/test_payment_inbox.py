"""Money that does not fit, from the bank to everybody's phone: the rest is paid, what is too much comes back."""

import asyncio
import re
from collections.abc import Callable

import zxingcpp

from bot.sandbox.bank.qr import read_qr
from bot.sandbox.client import Desk, Message, Person
from bot.sandbox.practice import ADMIN, SOKHA, STAFF_GROUP
from core.i18n import translator
from tests.journeys.test_khqr_order import pay
from tests.support.house import House
from tests.support.regulars import acquaint
from tests.support.stories import PRODUCT, english_on, number_in, order, order_id, picture, sokha

Regular = Callable[[], Person]
KM = translator("km")


async def scanned(person: Person, message: Message) -> str:
    """Read the QR of a message from its photo."""
    (code,) = zxingcpp.read_barcodes(await picture(person, message))
    return str(code.text)


async def case_of(counter: Person, number: str) -> Message:
    """Wait for the card of an order's case."""
    return await counter.expect(f"💰 {number}")


async def answer(who: Person, number: str, words: str, *, after: int) -> None:
    """Reply to what the bot asks about an order in the group."""
    asked = await who.expect(f"{number}: ", after=after)
    await who.send(words, reply_to=asked.id)


async def test_the_rest_is_paid(house: House, desk: Desk, regular: Regular) -> None:
    """A tenth too little: said at once on both sides; a QR over the very rest makes the order whole."""
    lina, counter = regular(), sokha(desk)
    card = await order(lina, "Pay with KHQR")
    number = number_in(card.text)
    whole = read_qr(await scanned(lina, await lina.expect("Open bank app")))
    await pay(desk, await scanned(lina, await lina.expect("Open bank app")), way="short")
    told = await lina.expect("is still to pay")
    assert any(key["text"] == "Pay the rest" for key in told.buttons)
    case = await case_of(counter, number)
    assert "Too little" in case.text
    assert "Missing: $" in case.text
    await lina.tap("Pay the rest", on=told)
    shown = await lina.expect("Open bank app")
    assert "is still to pay" in shown.text
    rest = read_qr(await scanned(lina, shown))
    paid = house.rows("SELECT amount FROM settlements WHERE order_id = ?", order_id(card))
    assert paid == [(int(whole.amount * 100) - int(rest.amount * 100),)]
    await pay(desk, await scanned(lina, shown))
    await lina.expect(f"✅ {number} is paid")
    await counter.expect("Made whole with other money")
    assert house.rows("SELECT payment_status FROM orders WHERE number = ?", number) == [("paid",)]


async def test_too_much_comes_back(house: House, desk: Desk) -> None:
    """In Khmer: a tenth too much; Sokha takes it as good by a reply, Chan sends the rest back, it arrives."""
    (sreyneang,) = await acquaint(house, desk, "ស្រីនាង", language="km", street="ផ្ទះលេខ ៧ ផ្លូវ ១២៣")
    counter, chan = sokha(desk), desk.person(ADMIN).chat(STAFF_GROUP)
    await sreyneang.start(PRODUCT)
    await sreyneang.tap(KM("button.buy_now"))
    review = await sreyneang.expect_button(KM("button.pay_khqr"))
    before = await counter.newest()
    await sreyneang.tap(KM("button.pay_khqr"), on=review)
    shown = await sreyneang.expect(KM("button.i_paid"))
    number = number_in(shown.text)
    await pay(desk, await scanned(sreyneang, shown), way="over")
    told = await sreyneang.expect("លើសពី")
    assert english_on({told.text, *(key["text"] for key in told.buttons)}) == []
    case = await case_of(counter, number)
    await counter.tap("Take as good", on=case)
    await answer(counter, number, "ABA 12:04", after=max(before, case.id))
    await counter.expect(f"✓ {number}")
    await sreyneang.expect(number, after=told.id)
    await sreyneang.expect(KM("money.back.over", amount="$1.35"))
    case = await case_of(counter, number)
    assert "Goes back: $" in case.text
    last = await chan.newest()
    await chan.tap("Refund sent", on=case)
    await answer(chan, number, "R-2026-1", after=last)
    await sreyneang.expect(KM("money.sent", amount="$1.35", reference="R-2026-1"))
    await counter.expect("Sent back · Chan · R-2026-1")
    await chan.tap("Refund arrived", on=await case_of(chan, number))
    await counter.expect("Sent back, and arrived")
    await sreyneang.expect(KM("money.arrived", amount="$1.35", reference="R-2026-1"))
    books = "SELECT kind FROM settlements s JOIN orders o ON o.id = order_id WHERE number = ? ORDER BY s.id"
    kinds = house.rows(books, number)
    assert [kind for (kind,) in kinds] == ["received", "owed", "refunded"]


async def test_what_waits_is_listed(house: House, desk: Desk, regular: Regular) -> None:
    """/payments, in the group by its full name and in Sokha's own chat: the case is in it, opens, and leads back.

    Begun after a restart: the stories before used up the group's minute. What waits in a full one is drawn in the end,
    which ``tests/unit/bot/test_busy_group.py`` and ``tests/faults/test_busy_counter.py`` prove by a clock that moves.
    """
    await asyncio.to_thread(house.stop)
    await asyncio.to_thread(house.start)
    thida, counter = regular(), sokha(desk)
    card = await order(thida, "Pay with KHQR")
    number = number_in(card.text)
    await pay(desk, await scanned(thida, await thida.expect("Open bank app")), way="currency")
    await case_of(counter, number)
    await thida.expect("The shop is looking at it")
    for at, back, to in ((counter, "‹ Back", "@madam_da_bot"), (desk.person(SOKHA), "‹ ថយក្រោយ", "")):
        last = await at.newest()
        await at.send(f"/payments{to}")
        listed = await at.expect_button(re.compile(number))
        assert listed.id > last
        (line,) = [key["text"] for key in listed.buttons if number in key["text"]]
        await at.tap(line, on=listed)
        await at.tap(back, on=await at.expect("🏦", after=last))
        await at.expect_button(line)
