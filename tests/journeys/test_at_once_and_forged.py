"""Two people at one instant, one person twice, and taps that no button of ours ever held: one wins, nothing breaks."""

import re
from collections.abc import Callable

import pytest

from bot.sandbox.client import Desk, Person
from tests.support.house import House
from tests.support.stories import STREET, at_review, number_in, order, order_id, sokha, staff_card, together, vanna

Regular = Callable[[], Person]
NAMES = ("Kosal", "Sreymom", "Thida", "Vuthy")
FASTER = re.compile(r"(Sokha|Vanna) (?:was faster|ធ្វើមុន)")  # each hears it in their own language


async def test_two_at_the_counter_tap_at_once(house: House, desk: Desk, regular: Regular) -> None:
    """Sokha and Vanna claim the same order at one instant: one wins, the other hears who; one event, one holder."""
    card = await order(regular())
    claim = await staff_card(desk, card)
    first, second = sokha(desk), vanna(desk)
    answers = await together(first.tap("Claim", on=claim), second.tap("Claim", on=claim))
    losers = [answer for answer in answers if FASTER.search(answer.text)]
    assert len(losers) == 1, answers
    winner = FASTER.search(losers[0].text)[1]
    assert losers[0].alert is True
    assert winner == ("Vanna" if answers.index(losers[0]) == 0 else "Sokha")
    await first.expect(f"👤 {winner}")
    kinds = house.rows("SELECT kind, actor_name FROM order_events WHERE order_id = ? ORDER BY id", order_id(claim))
    assert [kind for kind, _ in kinds].count("prepare") == 1
    assert dict(kinds)["prepare"] == winner


async def test_an_old_button_redraws_what_is_true(house: House, desk: Desk, regular: Regular) -> None:
    """The same button tapped again, and a button of an earlier card: a sentence, and the card as it stands."""
    card = await order(regular())
    claim = await staff_card(desk, card)
    old = next(key["callback_data"] for key in claim.buttons if "Claim" in key["text"])
    await sokha(desk).tap("Claim", on=claim)
    again = await vanna(desk).press(claim, old)
    assert "Sokha was faster" in again.text
    assert again.alert is True
    ready = await sokha(desk).expect_button("Ready")
    await sokha(desk).tap("Ready", on=ready)
    late = await sokha(desk).press(claim, old)
    assert late.text
    assert house.rows("SELECT status, version FROM orders WHERE id = ?", order_id(claim)) == [("ready_for_delivery", 4)]


async def test_five_taps_on_cash_make_one_order(house: House, desk: Desk, regular: Regular) -> None:
    """Five taps on cash at one instant: one order, one hold, one card at the counter, five answers."""
    kosal = regular()
    review = await at_review(kosal)
    cod = next(key["callback_data"] for key in review.buttons if key["text"] == "Cash on delivery")
    answers = await together(*(kosal.press(review, cod) for _ in range(5)))
    assert all(answer.text for answer in answers), answers
    number = number_in((await kosal.expect("MD0")).text)
    mine = house.rows("SELECT id, number FROM orders WHERE cart_id = ?", int(cod.split(":")[1]))
    assert [found for _, found in mine] == [number]
    assert house.rows("SELECT count(*) FROM holds WHERE order_id = ?", mine[0][0]) == [(1,)]
    await sokha(desk).expect(number)
    cards = [message for message in await sokha(desk).messages() if number in message.text]
    assert len(cards) == 1


FORGED = [
    "", "x", "o", "ov", "ov:1", "ov:1:deliver:1:1", "ov:1:fly:1", "ov:99999999999999999999:deliver:1", "ov:1:expire:1",
    "oo:999999", "oo:-1", "oo:1.5", "oo:0x10", "wp:1:99:0", "wp:1:1234567890123:0", "wd:1:0", "wd:1:9999", "wd:1:",
    "kq:1:1:1", "ls:xx:0:h", "ls:en:999999:p", "c:999:0", "c:1:-5", "c:1:99999", "p:0:0", "p:1:999", "b:0", "a:-1",
    "r:-1", "o:1:card:100", "o:1:cod:-1", "wu:1:1", "or:999999", "op:999999", "oq:999999", "\u1780" * 21, "a" * 64,
    "'; DROP",
]  # fmt: skip


async def test_forged_taps_are_sentences(house: House, desk: Desk) -> None:
    """Whatever a forged tap holds, it is answered with a sentence or a true screen, and the shop works on."""
    before = house.rows("SELECT count(*) FROM orders"), house.rows("SELECT sum(on_hand) FROM stock")
    thief = await desk.newcomer("Thief", "en")
    await thief.start()
    message = await thief.expect("English")
    for data in FORGED:
        answer = await thief.press(message, data)
        assert answer.given, data
        assert "went wrong" not in answer.text, data
    assert (house.rows("SELECT count(*) FROM orders"), house.rows("SELECT sum(on_hand) FROM stock")) == before
    assert "forged or outdated tap by person" in house.log("security")
    assert "Traceback" not in house.log("app")


async def test_a_customer_cannot_do_what_staff_do(house: House, desk: Desk, regular: Regular) -> None:
    """The customer's own order, every move but cancel: refused, logged, unchanged; an unknown move is an old button."""
    pisey = regular()
    card = await order(pisey)
    mine = order_id(card)
    for move in ("confirm", "prepare", "ready", "out", "deliver", "return", "expire", "revive"):
        answer = await pisey.press(card, f"ov:{mine}:{move}:1")
        assert answer.text, move
        assert answer.alert is True
    assert house.rows("SELECT status, payment_status FROM orders WHERE id = ?", mine) == [("pending", "due")]
    assert "may not MoveOrder" in house.log("security")


async def test_another_persons_things_are_not_there(house: House, desk: Desk, regular: Regular) -> None:
    """Another's order, receipt, QR, cart and address: the same sentence as for one that does not exist."""
    owner, thief = regular(), regular()
    card, review = await together(order(owner), at_review(thief))
    theirs = order_id(card)
    cart = house.rows("SELECT cart_id FROM orders WHERE id = ?", theirs)[0][0]
    (address,) = house.rows(
        "SELECT a.id FROM addresses a JOIN people p ON p.id = a.person_id WHERE p.telegram_id = ?", owner.id
    )
    for data in (f"oo:{theirs}", f"or:{theirs}", f"op:{theirs}", f"oq:{theirs}", f"oc:{theirs}",
                 f"ov:{theirs}:cancel:1", f"r:{cart}", f"o:{cart}:cod:1350", f"kq:{cart}:1:2"):  # fmt: skip
        answer = await thief.press(review, data)
        assert re.search(r"not here any more", answer.text), (data, answer)
    own = int(next(k["callback_data"] for k in review.buttons if k["text"] == "Cash on delivery").split(":")[1])
    assert "not here any more" in (await thief.press(review, f"wu:{own}:{address[0]}")).text
    assert house.rows("SELECT status, version FROM orders WHERE id = ?", theirs) == [("pending", 1)]
    seen = "\n".join(thief.read | {message.text for message in await thief.messages()})
    assert number_in(card.text) not in seen


@pytest.mark.parametrize("quantity", [0, -5, 100_000])
async def test_odd_quantities_change_no_stock(house: House, regular: Regular, quantity: int) -> None:
    """A quantity of none, less than none or more than there is: a sentence or a true screen; hole 2 stays shut."""
    before = house.rows("SELECT count(*), sum(on_hand) FROM stock")
    who = regular()
    review = await at_review(who)
    plus = next(key["callback_data"] for key in review.buttons if key["text"] == "+").rsplit(":", 1)[0]
    answer = await who.press(review, f"{plus}:{quantity}")
    assert "went wrong" not in answer.text
    assert house.rows("SELECT count(*), sum(on_hand) FROM stock") == before
    lines = house.rows("SELECT quantity FROM cart_lines WHERE cart_id = ?", int(plus.split(":")[1]))
    assert all(0 < kept < 1_000 for (kept,) in lines)


async def test_a_total_that_was_never_shown_is_refused(house: House, desk: Desk, regular: Regular) -> None:
    """A price sent by the client is only compared (hole 1): the right total is said, nothing is ordered."""
    who = regular()
    review = await at_review(who)
    data = next(key["callback_data"] for key in review.buttons if key["text"] == "Cash on delivery")
    answer = await who.press(review, data.rsplit(":", 1)[0] + ":1")
    assert "Something changed since you looked" in answer.text
    assert house.rows("SELECT count(*) FROM orders WHERE cart_id = ?", int(data.split(":")[1])) == [(0,)]


async def test_logs_hold_nobody(house: House, desk: Desk, regular: Regular) -> None:
    """After all this no log says a phone, a street, a name, a token or a tracking link."""
    card = await order(regular())
    await sokha(desk).tap("Claim", on=await staff_card(desk, card))
    phones = [phone for (phone,) in house.rows("SELECT phone FROM people WHERE phone IS NOT NULL")]
    tokens = [token for row in house.rows("SELECT tracking_token, parcel_token FROM orders") for token in row]
    logged = house.everything_logged()
    digits = re.sub(r"\D", "", logged)
    assert phones
    assert tokens
    for secret in (*tokens, STREET, *NAMES, "SANDBOX-not-a-secret"):
        assert secret not in logged, secret
    for phone in phones:
        assert phone not in logged
        assert phone.removeprefix("+855") not in digits


async def test_the_shop_serves_on(regular: Regular) -> None:
    """After every forgery the next customer orders as if nothing had been."""
    card = await order(regular())
    assert "Waiting" in card.text
