"""A customer's word that they paid: where no bank can be asked, or it is silent, with a picture that proves nothing."""

from datetime import timedelta

import pytest

from bot import taps
from core.i18n import translator
from core.orders import store as orders
from core.orders.rules import Order, PaymentMethod, PaymentStatus, Status
from core.payments.rules import NotFound, Unknown
from core.settlements.rules import CaseState, Outcome
from tests.support import builders
from tests.support.helping import by_bot, reply
from tests.support.paying import at_desk, case_card, cases_of, now, press, send_picture, shown, to_pay
from tests.support.talk import DARA, SOKHA, STAFF_GROUP, Talk, keys, said

EN, KM = translator("en"), translator("km")
PAID = "I have paid"


async def _order(talk: Talk) -> Order:
    """The only order, or the first."""
    found = await talk.shop.db.read(orders.by_id, 1)
    assert found is not None
    return found


async def test_a_picture_is_a_claim(talk: Talk) -> None:
    """Asked for, sent, thanked for; staff get the case with the picture below it, look, and the order is confirmed."""
    own = await to_pay(talk)
    await press(talk, DARA, own, PAID, DARA)
    assert EN("money.ask_picture", number="MD00001").partition("\n\n")[2] in now(talk, own, DARA)
    await send_picture(talk)
    order = await builders.read(talk.shop, (await _order(talk)))
    assert order.payment_status is PaymentStatus.REVIEW
    assert "The shop has your picture" in said(talk.messages(DARA)[-1])
    (copy,) = (one for one in by_bot(talk) if "photo" in one)
    card = talk.message(STAFF_GROUP, copy["reply_to_message"]["message_id"])
    assert EN("case.picture") in said(card)
    assert set(keys(card)) == {"It came", "Did not come", "Open order"}
    mine = await shown(talk, order.id)
    assert EN("money.claimed") in said(mine)
    assert not {PAID, "New QR", "Pay the rest"} & set(keys(mine))
    await press(talk, SOKHA, card, "It came")
    await reply(talk, SOKHA, STAFF_GROUP, by_bot(talk)[-1], "ABA 12:04")
    order = await builders.read(talk.shop, order)
    assert (order.status, order.payment_status) == (Status.CONFIRMED, PaymentStatus.PAID)
    assert "is paid" in said(talk.messages(DARA)[-1])
    assert dict(talk.sandbox.world.findings) == {}
    await builders.sound(talk.shop)


async def test_words_are_no_picture(sqlite_talk: Talk) -> None:
    """A line, a voice, a file that is no image: asked once more; then the picture as a file is taken."""
    talk = sqlite_talk
    own = await to_pay(talk)
    await press(talk, DARA, own, PAID, DARA)
    (told,) = await talk.say(DARA, "I paid at noon")
    assert said(told) == EN("errors.picture_wanted")
    await send_picture(talk, "voice", b"hello")
    assert said(talk.messages(DARA)[-1]) == EN("errors.picture_wanted")
    assert await cases_of(talk, await _order(talk)) == []
    await send_picture(talk)
    assert len(await cases_of(talk, await _order(talk))) == 1


async def test_without_a_picture(sqlite_talk: Talk) -> None:
    """The word alone is taken too; the case says that no picture came; said twice it is one case."""
    talk = sqlite_talk
    own = await to_pay(talk)
    await press(talk, DARA, own, PAID, DARA)
    answer = await press(talk, DARA, own, "Without a picture", DARA)
    assert answer["text"] == EN("money.thanks")
    assert EN("money.claimed") in now(talk, own, DARA)
    order = await _order(talk)
    assert EN("case.no_picture") in said(case_card(talk, order))
    await talk.tap(DARA, own["message_id"], taps.SayPaid(order.id))
    assert len(await cases_of(talk, order)) == 1
    answer = await talk.tap(DARA, own["message_id"], taps.NewQr(order.id))
    assert answer["text"] == EN("errors.looked_at")


async def test_the_same_picture_twice_is_noticed(sqlite_talk: Talk) -> None:
    """One picture for two orders: the second case names the first order."""
    talk = sqlite_talk
    await press(talk, DARA, await to_pay(talk), PAID, DARA)
    await send_picture(talk)
    first = await _order(talk)
    dara = await builders.customer(talk.shop)
    second = await builders.order(talk.shop, dara, first.lines[0].variant_id, 1, PaymentMethod.KHQR)
    await press(talk, DARA, await shown(talk, second.id), PAID, DARA)
    await send_picture(talk)
    assert EN("case.same_picture", numbers=first.number) in said(case_card(talk, second))
    assert EN("case.same_picture", numbers=first.number) not in said(case_card(talk, first))


async def test_a_claim_that_is_rejected(sqlite_talk: Talk) -> None:
    """Staff see no money: the customer may pay again by a new QR, and is no longer told to wait."""
    talk = sqlite_talk
    own = await to_pay(talk)
    await press(talk, DARA, own, PAID, DARA)
    await press(talk, DARA, own, "Without a picture", DARA)
    order = await _order(talk)
    answer = await press(talk, SOKHA, case_card(talk, order), "Did not come")
    assert answer["text"] == EN("case.done.reject")
    assert (await cases_of(talk, order))[0].outcome is Outcome.REJECTED
    assert EN("money.claimed") not in now(talk, own, DARA)
    await press(talk, DARA, own, "New QR", DARA)
    assert PAID in keys(talk.message(DARA, own["message_id"]))
    assert (await builders.read(talk.shop, order)).payment_status is PaymentStatus.UNPAID
    await builders.sound(talk.shop)


@pytest.mark.parametrize("language", ["en", "km"])
async def test_a_silent_bank(sqlite_talk: Talk, language: str) -> None:
    """In the first minute a customer hears that the bank is silent; after it they are asked for a picture."""
    talk, t = sqlite_talk, translator(language)
    await at_desk(talk)
    bank = await builders.with_khqr(talk.shop)
    bank.otherwise = Unknown("500")
    order, _ = await builders.khqr_order(talk.shop)
    await talk.shop.db.write(builders.people_store.change, DARA, language=language)
    own = await shown(talk, order.id)
    answer = await press(talk, DARA, own, t("button.i_paid"), DARA)
    assert answer["text"] == t("order.bank_silent")
    talk.shop.clock.move(timedelta(seconds=61))  # type: ignore[attr-defined]
    await press(talk, DARA, own, t("button.i_paid"), DARA)
    assert t("button.no_picture") in keys(talk.message(DARA, own["message_id"]))
    bank.otherwise = NotFound()
    talk.shop.clock.move(timedelta(seconds=5))  # type: ignore[attr-defined]
    await press(talk, DARA, own, t("button.back"), DARA)
    answer = await press(talk, DARA, own, t("button.i_paid"), DARA)
    assert answer["text"] == t("order.not_paid_yet")


async def test_paid_meanwhile(sqlite_talk: Talk) -> None:
    """The picture comes when staff confirmed already: a sentence and the card, no case; the next line is a search."""
    talk = sqlite_talk
    own = await to_pay(talk)
    await press(talk, DARA, own, PAID, DARA)
    await press(talk, DARA, own, "Without a picture", DARA)
    order = await _order(talk)
    await talk.tap(DARA, own["message_id"], taps.OpenOrder(order.id))
    await builders.people.ask(talk.shop, await builders.customer(talk.shop), "paid", order_id=order.id)
    await press(talk, SOKHA, case_card(talk, order), "It came")
    await reply(talk, SOKHA, STAFF_GROUP, by_bot(talk)[-1], "seen")
    await send_picture(talk)
    answer = talk.messages(DARA)[-1]
    assert said(answer).startswith(EN("errors.moved_on") + f"\n\n{order.number}")
    assert EN("button.help") in keys(answer)
    assert [case.state for case in await cases_of(talk, order)] == [CaseState.DONE]
    (found,) = await talk.say(DARA, "lipstick")
    assert "lipstick" in said(found)


async def test_anothers_order(sqlite_talk: Talk) -> None:
    """Nobody says that somebody else's order is paid."""
    talk = sqlite_talk
    await to_pay(talk)
    order = await _order(talk)
    (front,) = await talk.say(SOKHA, "/cart")
    for tap in (taps.IHavePaid(order.id), taps.SayPaid(order.id)):
        answer = await talk.tap(SOKHA, front["message_id"], tap)
        assert answer["text"] == EN("errors.not_found")
    assert await cases_of(talk, order) == []


async def test_what_staff_did_not_see_they_do_not_decide(sqlite_talk: Talk) -> None:
    """A picture comes while Sokha looks at the case without one: her tap is refused, and the card shows what came."""
    talk = sqlite_talk
    own = await to_pay(talk)
    await press(talk, DARA, own, PAID, DARA)
    await press(talk, DARA, own, "Without a picture", DARA)
    order = await _order(talk)
    card = case_card(talk, order)
    seen = keys(card)["Did not come"]
    await builders.people.ask(talk.shop, await builders.customer(talk.shop), "paid", order_id=order.id)
    await send_picture(talk)
    answer = await talk.tap(SOKHA, card["message_id"], seen, STAFF_GROUP)
    assert answer["text"] == EN("errors.case_moved_on")
    assert [case.state for case in await cases_of(talk, order)] == [CaseState.OPEN]
    assert EN("case.picture") in now(talk, card)
