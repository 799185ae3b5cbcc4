"""The payment inbox at the counter: a case's card is edited where it stands, a reply gives the reference."""

from datetime import timedelta

from bot import taps
from bot.screen import KhqrPicture
from bot.screens import orders as screens
from core.cards import order_card
from core.i18n import translator
from core.orders.rules import PaymentStatus, Status
from core.settlements import store
from core.settlements.rules import CaseKind, Outcome
from core.shop import reader
from tests.support import builders
from tests.support.helping import bring, by_bot, reply
from tests.support.paying import at_desk, case_card, cases_of, hear, now, ordered, press
from tests.support.talk import BOPHA, DARA, SOKHA, STAFF_GROUP, Talk, keys, said

EN, KM = translator("en"), translator("km")
GOOD, BACK, SENT, ARRIVED = "Take as good", "Give back", "Refund sent", "Refund arrived"


async def test_too_little_taken_as_good(talk: Talk) -> None:
    """Sokha taps, is asked below, replies; the one card says by whom and with what, and has nothing more to do."""
    await at_desk(talk)
    order, card = await ordered(talk, amount=1000, hash="f00d12345678")
    words = said(card)
    for part in (
        "Too little",
        "Came: $10.00 / 41,000៛",
        "costs: $13.50",
        "Missing: $3.50",
        "👤 Dara",
        "…12345678",
    ):
        assert part in words, part
    assert set(keys(card)) == {GOOD, BACK, "Open order"}
    await press(talk, SOKHA, card, GOOD)
    asked = by_bot(talk)[-1]
    assert said(asked).startswith(f"{order.number}: ")
    assert asked["entities"][-1]["user"]["id"] == SOKHA
    assert (await builders.read(talk.shop, order)).payment_status is PaymentStatus.REVIEW
    await reply(talk, SOKHA, STAFF_GROUP, asked, " … ")
    assert said(by_bot(talk)[-1]) == EN("errors.reference_missing")
    written = await reply(talk, SOKHA, STAFF_GROUP, asked, " ABA 77 ")
    answer = by_bot(talk)[-1]
    assert (said(answer), answer["reply_to_message"]["message_id"]) == (
        f"✓ {order.number}: Taken as good", written["message_id"],
    )  # fmt: skip
    order = await builders.read(talk.shop, order)
    assert (order.status, order.payment_status) == (Status.CONFIRMED, PaymentStatus.PAID)
    assert now(talk, card).endswith("Taken as good · Sokha · ABA 77")
    assert set(keys(talk.message(STAFF_GROUP, card["message_id"]))) == {"Open order"}
    assert len([one for one in by_bot(talk) if said(one).startswith("💰")]) == 1
    assert dict(talk.sandbox.world.findings) == {}
    await builders.sound(talk.shop)


async def test_who_comes_second_hears_it(sqlite_talk: Talk) -> None:
    """Both are asked about one case; the first reply decides, the second is told, and nothing is booked twice."""
    talk = await at_desk(sqlite_talk)
    order, card = await ordered(talk, amount=1000)
    await press(talk, SOKHA, card, GOOD)
    first = by_bot(talk)[-1]
    await press(talk, BOPHA, card, GOOD)
    second = by_bot(talk)[-1]
    old = keys(card)[BACK]
    await reply(talk, SOKHA, STAFF_GROUP, first, "ABA 1")
    await reply(talk, BOPHA, STAFF_GROUP, second, "ABA 2")
    assert said(by_bot(talk)[-1]) == EN("errors.case_moved_on")
    answer = await talk.tap(BOPHA, card["message_id"], old, STAFF_GROUP)
    assert (answer["show_alert"], answer["text"]) == (True, KM("errors.case_moved_on"))
    assert now(talk, card).endswith("ABA 1")
    assert len(await talk.shop.db.read(store.of_order, order.id)) == 2
    await builders.sound(talk.shop)


async def test_only_the_very_message_is_answered(sqlite_talk: Talk) -> None:
    """Another's question, an older one of their own, and a word in their own chat give no reference to anything."""
    talk = await at_desk(sqlite_talk)
    order, card = await ordered(talk, amount=1000)
    await press(talk, SOKHA, card, GOOD)
    older = by_bot(talk)[-1]
    await reply(talk, BOPHA, STAFF_GROUP, older, "ABA 1")
    assert said(by_bot(talk)[-1]) == EN("errors.asked_before")
    talk.shop.clock.move(timedelta(seconds=2))  # type: ignore[attr-defined]
    await press(talk, SOKHA, card, GOOD)
    await reply(talk, SOKHA, STAFF_GROUP, older, "ABA 2")
    assert said(by_bot(talk)[-1]) == EN("errors.asked_before")
    (found,) = await talk.say(SOKHA, "ABA 3")
    assert "ABA 3" in said(found)
    assert (await builders.read(talk.shop, order)).payment_status is PaymentStatus.REVIEW


async def test_any_other_tap_asks_no_more(sqlite_talk: Talk) -> None:
    """[Not now], and any button of the group, end the question; another's [Not now] does not."""
    talk = await at_desk(sqlite_talk)
    order, card = await ordered(talk, amount=1000)
    await press(talk, SOKHA, card, GOOD)
    asked = by_bot(talk)[-1]
    await press(talk, BOPHA, asked, "✕ Not now")
    assert keys(talk.message(STAFF_GROUP, asked["message_id"]))
    await press(talk, SOKHA, asked, "✕ Not now")
    assert now(talk, asked) == "✕ Not now."
    await press(talk, SOKHA, card, GOOD)
    asked = by_bot(talk)[-1]
    await press(talk, SOKHA, card, "Open order")
    await reply(talk, SOKHA, STAFF_GROUP, asked, "ABA 1")
    assert said(by_bot(talk)[-1]) == EN("errors.asked_before")
    assert (await builders.read(talk.shop, order)).payment_status is PaymentStatus.REVIEW


async def test_a_private_question_is_not_the_groups(sqlite_talk: Talk) -> None:
    """What Sokha is asked as a customer stands while she taps in the group, and a reply there does not answer it."""
    talk = await at_desk(sqlite_talk)
    _, card = await ordered(talk, amount=1000)
    await talk.say(SOKHA, "/help")
    await press(talk, SOKHA, card, "Open order")
    written = await talk.say(SOKHA, "Hello?")
    assert said(written[-1]) == EN("help.sent")


async def test_too_much_goes_back(talk: Talk) -> None:
    """Approved, the rest is owed; Sokha may not send it, Bopha may, with a reference; the customer hears each."""
    await at_desk(talk)
    _order, card = await ordered(talk, amount=2000)
    own = talk.messages(DARA)[-1]
    assert "more than $13.50" in said(own)
    await press(talk, SOKHA, card, GOOD)
    await reply(talk, SOKHA, STAFF_GROUP, by_bot(talk)[-1], "ABA 77")
    assert "Goes back: $6.50" in now(talk, card)
    assert now(talk, card).endswith("To be sent back · Sokha")
    assert "You paid $6.50 too much" in now(talk, own, DARA)
    assert (await press(talk, SOKHA, card, SENT))["text"] == EN("errors.not_allowed")
    await press(talk, BOPHA, card, SENT)
    await reply(talk, BOPHA, STAFF_GROUP, by_bot(talk)[-1], "R-9")
    assert now(talk, card).endswith("Sent back · Bopha · R-9")
    assert "💵 $6.50 was sent back to you. Reference: R-9" in now(talk, own, DARA)
    assert (await press(talk, BOPHA, card, ARRIVED))["text"] == KM("case.done.finish")
    assert now(talk, card).endswith("Sent back, and arrived · Bopha · R-9")
    assert "$6.50 came back to you" in now(talk, own, DARA)
    assert "⚠️" not in now(talk, own, DARA)
    await builders.sound(talk.shop)


async def test_given_back(sqlite_talk: Talk) -> None:
    """Money that is not kept: the order ends, the card says what goes back, the customer too, in Khmer."""
    talk = await at_desk(sqlite_talk, "km")
    order, card = await ordered(talk, amount=1000)
    await talk.shop.db.write(builders.people_store.change, DARA, language="km")
    answer = await press(talk, SOKHA, card, KM("case.act.refund"))
    assert answer["text"] == EN("case.done.refund")
    assert (await builders.read(talk.shop, order)).status is Status.CANCELLED
    assert KM("case.state.refund_due") in now(talk, card)
    own = talk.messages(DARA)[-1]
    assert KM("money.back.other", amount="$10.00") in said(own)


async def test_the_list(sqlite_talk: Talk) -> None:
    """Twelve wait: ten, then two; each opens its card with the way back to its page; a customer is shown none."""
    talk = await at_desk(sqlite_talk)
    (empty,) = await talk.say(SOKHA, "/payments")
    assert said(empty) == EN("case.none")
    order, _ = await ordered(talk, amount=1000)
    amounts = [order.total] * 11
    for amount in amounts:
        at = talk.shop.clock.now()
        await talk.shop.db.write(store.open_case, order.id, CaseKind.OVER, amount, at)
    await talk.say(SOKHA, "/payments", STAFF_GROUP)
    listed = by_bot(talk)[-1]
    assert len([one for one in keys(listed) if one.startswith(order.number)]) <= 10
    shown = listed["reply_markup"]["inline_keyboard"]
    assert (len(shown), shown[0][0]["text"]) == (11, f"{order.number} · Too little · $10.00")
    await press(talk, SOKHA, listed, "More ›")
    listed = talk.message(STAFF_GROUP, listed["message_id"])
    assert len(listed["reply_markup"]["inline_keyboard"]) == 3
    await press(talk, SOKHA, listed, f"{order.number} · Too much · $13.50")
    assert now(talk, listed).startswith(f"💰 {order.number} · Too much")
    await press(talk, SOKHA, listed, "‹ Back")
    assert len(talk.message(STAFF_GROUP, listed["message_id"])["reply_markup"]["inline_keyboard"]) == 3
    (mine,) = await talk.say(SOKHA, "/payments")
    assert len(mine["reply_markup"]["inline_keyboard"]) == 11
    (lost,) = await talk.say(DARA, "/payments")
    assert said(lost) == EN("errors.not_understood")
    (refused,) = await talk.say(DARA, "/payments", STAFF_GROUP)
    assert said(refused) == EN("errors.not_allowed")


async def test_in_their_own_chat(sqlite_talk: Talk) -> None:
    """From the list in private: the next line is the reference; a tap in between ends the question."""
    talk = await at_desk(sqlite_talk)
    order, card = await ordered(talk, amount=1000)
    (listed,) = await talk.say(SOKHA, "/payments")
    await press(talk, SOKHA, listed, f"{order.number} · Too little · $10.00", SOKHA)
    await press(talk, SOKHA, listed, GOOD, SOKHA)
    assert "what is the bank's reference" in now(talk, listed, SOKHA)
    await press(talk, SOKHA, listed, "‹ Back", SOKHA)
    (found,) = await talk.say(SOKHA, "ABA 8")
    assert "Nothing found" in said(found)
    await press(talk, SOKHA, listed, GOOD, SOKHA)
    (done,) = await talk.say(SOKHA, "ABA 9")
    assert said(done).startswith(f"✓ {order.number}: Taken as good")
    assert (await cases_of(talk, order))[0].outcome is Outcome.APPROVED
    await bring(talk)
    assert now(talk, card).endswith("ABA 9")


async def test_the_question_outlives_a_restart(sqlite_talk: Talk, start_bot: object) -> None:
    """Asked by one process, answered to the next."""
    talk = await at_desk(sqlite_talk)
    order, card = await ordered(talk, amount=1000)
    await press(talk, SOKHA, card, GOOD)
    asked = by_bot(talk)[-1]
    other = await start_bot(talk.shop, after=talk)  # type: ignore[operator]
    await reply(other, SOKHA, STAFF_GROUP, asked, "ABA 10")
    assert (await builders.read(talk.shop, order)).status is Status.CONFIRMED


async def test_an_order_is_opened_below(sqlite_talk: Talk) -> None:
    """[Open order] leaves the case's card where it stands; a customer in the group is refused."""
    talk = await at_desk(sqlite_talk)
    order, card = await ordered(talk, amount=1000)
    await press(talk, SOKHA, card, "Open order")
    assert said(by_bot(talk)[-1]).startswith(order.number)
    assert now(talk, card) == said(card)
    answer = await talk.tap(DARA, card["message_id"], taps.OrderBelow(order.id), STAFF_GROUP)
    assert answer["text"] == EN("errors.not_allowed")


async def test_the_rest(talk: Talk) -> None:
    """Too little: the customer pays the rest by a QR over it, whose caption says so; both together pay the order."""
    await at_desk(talk)
    order, card = await ordered(talk, amount=1000)
    own = talk.messages(DARA)[-1]
    assert EN("money.short", came="$10.00", rest="$3.50") in said(own)
    await press(talk, DARA, own, "Pay the rest", DARA)
    shown = now(talk, own, DARA)
    assert shown.startswith(EN("money.short", came="$10.00", rest="$3.50"))
    assert f"{order.number} · $3.50 / 14,400៛" in shown
    rest = (await builders.attempts(talk.shop, order))[0]
    assert rest.amount_minor == 350
    order, dara = await builders.read(talk.shop, order), reader(await builders.customer(talk.shop))
    drawn = screens.order(EN, "", order_card(talk.shop, order, dara, rest, await cases_of(talk, order))).picture
    assert isinstance(drawn, KhqrPicture)
    assert (drawn.payload, drawn.amount, drawn.second) == (rest.payload, "$3.50", "14,400៛")
    order = await hear(talk, rest)
    assert order.payment_status is PaymentStatus.PAID
    assert now(talk, card).endswith("Made whole with other money")
    assert "⚠️" not in now(talk, own, DARA)
    assert case_card(talk, order)["message_id"] == card["message_id"]


async def test_staff_talk_below_a_case(sqlite_talk: Talk) -> None:
    """A reply to a case's card, where nothing is asked, is theirs: it decides nothing, and the bot says nothing."""
    talk = await at_desk(sqlite_talk)
    order, card = await ordered(talk, amount=1000)
    await reply(talk, SOKHA, STAFF_GROUP, card, "I will look at ABA")
    assert said(talk.messages(STAFF_GROUP)[-1]) == "I will look at ABA"
    assert (await builders.read(talk.shop, order)).payment_status is PaymentStatus.REVIEW
