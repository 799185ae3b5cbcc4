"""Cash on its whole way in the sandbox: three parcels at three doors, one hand, then the owner's."""

import re
from collections.abc import Callable

from bot.sandbox.client import Desk, Person
from bot.sandbox.practice import ADMIN, SOKHA
from core.i18n import translator
from tests.support.house import House
from tests.support.regulars import bring
from tests.support.stories import sokha

EN, KM = translator("en"), translator("km")
STANDS = "SELECT status, payment_status FROM orders WHERE number = ?"


async def test_from_the_door_to_the_till(house: House, desk: Desk, regular: Callable[[], Person]) -> None:
    """Exactly paid, paid in two currencies, not accepted; handed in by Sokha in Khmer, confirmed by the owner."""
    counter, buyers = sokha(desk), [regular() for _ in range(3)]
    exact, other, back = numbers = await bring(house, *buyers)
    first, second, third = [await counter.expect(number) for number in numbers]
    await counter.tap("Delivered · $13.50", on=first)
    own = await buyers[0].expect("💵 $13.50")
    assert "Sokha" in own.text
    await counter.tap("Other amount", on=second)
    asked = await counter.expect(EN("cash.ask_taken", number="", total="").split("\n")[2], after=second.id)
    await counter.send("I forgot", reply_to=asked.id)
    await counter.expect(EN("errors.cash_unread"), after=asked.id)
    await counter.send("10 + 14000៛ had no more dollars", reply_to=asked.id)
    await counter.expect(f"✓ {other}", after=asked.id)
    assert "had no more dollars" not in (await buyers[1].expect("💵 $10.00 + 14,000៛")).text
    await counter.tap("Not accepted", on=third)
    await counter.tap("Nobody was there", on=await counter.expect_button("Nobody was there"))
    await counter.expect(EN("order.reason", text=EN("return_reason.nobody_there")))
    assert [house.rows(STANDS, number)[0] for number in (exact, other, back)] == [
        ("delivered", "paid"), ("delivered", "paid"), ("returned", "due"),
    ]  # fmt: skip
    await _counted(house, desk)


async def _counted(house: House, desk: Desk) -> None:
    """Sokha hands all of it in, and hears that Chan counted it; nothing is out any more."""
    courier, chan = desk.person(SOKHA), desk.person(ADMIN)
    await courier.send("/language")
    await courier.tap("ខ្មែរ", on=await courier.expect_button("ខ្មែរ"))
    sent = await courier.send("/cash")
    mine = await courier.expect(_plain(KM("cash.mine")), after=sent.id)
    assert "$23.50 + 14,000៛" in mine.text
    await courier.tap(KM("button.hand_in", amount="$23.50 + 14,000៛"), on=mine)
    card = await chan.expect_button(EN("button.confirm_cash", amount="$23.50 + 14,000៛"))
    answer = await chan.tap(EN("button.confirm_cash", amount="$23.50 + 14,000៛"), on=card)
    assert answer.text == EN("cash.counted", amount="$23.50 + 14,000៛")
    await courier.expect(_plain(KM("cash.yours_counted", name="Chan", amount="$23.50 + 14,000៛")))
    sent = await chan.send("/cash")
    await chan.expect(EN("cash.till_empty"), after=sent.id)
    assert house.rows("SELECT state, cents, riel, counted_cents, counted_riel FROM cash_hand_ins") == [
        ("confirmed", 2350, 14_000, 2350, 14_000)
    ]
    assert house.rows("SELECT count(*) FROM cash_collections WHERE hand_in_id IS NULL") == [(0,)]


def _plain(text: str) -> str:
    return re.sub(r"<[^<>]*>", "", text)
