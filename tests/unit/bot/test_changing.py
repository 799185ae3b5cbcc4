"""An order changed from the counter: a message of its own, buttons, replies, a preview; what its customer reads."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot import taps
from core.fulfilment import changing
from core.fulfilment.rules import Wanted
from core.i18n import translator
from core.messages import store as messages
from core.messages.rules import MessageKind
from core.orders.rules import Move, Order, PaymentStatus, Status
from core.people import service as people
from core.people.rules import AddressPart, Role
from tests.support import builders
from tests.support.helping import bring, by_bot, reply
from tests.support.paying import at_desk, hear, press
from tests.support.talk import BOPHA, DARA, SOKHA, STAFF_GROUP, Json, Talk, keys, said

EN = translator("en")


async def _ordered(talk: Talk, language: str = "en") -> tuple[Order, Json]:
    """Dara's cash order of two serums, being prepared by Sokha, and its card in the group; there is a mint too."""
    await at_desk(talk, language)
    shop = talk.shop
    for worker in (SOKHA, BOPHA):
        await people.speak(shop, await builders.worker(shop, Role.ADMIN, worker), language)
    rose = await builders.product(shop)
    await builders.product(shop, 3, 800, "MINT", name_en="Mint Balm", name_km="ក្រែមជី")
    order = await builders.order(shop, await builders.customer(shop, DARA), rose, 2)
    order = await builders.moved(shop, await builders.worker(shop, Role.ADMIN, SOKHA), order, Move.PREPARE)
    await bring(talk)
    return order, _card(talk, order)


def _card(talk: Talk, order: Order, chat: int = STAFF_GROUP) -> Json:
    return next(one for one in by_bot(talk, chat) if said(one).startswith(order.number))


async def _opened(talk: Talk, card: Json, language: str = "en", chat: int = STAFF_GROUP, who: int = SOKHA) -> Json:
    """Tap ⋯ More, then Change order; returns the message in which it is changed."""
    t = translator(language)
    await press(talk, who, card, t("button.more_of_order"), chat)
    await press(talk, who, card, t("button.change_order"), chat)
    return by_bot(talk, chat)[-1]


def _now(talk: Talk, message: Json, chat: int = STAFF_GROUP) -> Json:
    return talk.message(chat, message["message_id"])


@pytest.mark.parametrize("language", ["en", "km"])
async def test_units_and_a_new_item(sqlite_talk: Talk, language: str) -> None:
    """One less, a mint found by a reply, confirmed by one tap: order, card, note; a second tap changes nothing."""
    talk, t = sqlite_talk, translator(language)
    order, card = await _ordered(talk, language)
    await people.speak(talk.shop, await builders.customer(talk.shop, DARA), language)
    draft = await _opened(talk, card, language)
    assert not any(t("button.confirm_change", total="")[:4] in one for one in keys(draft))
    await press(talk, SOKHA, draft, "−")
    assert "$25.50 → $13.50 / 55,400៛" in said(_now(talk, draft))
    await press(talk, SOKHA, draft, t("button.add_item"))
    await reply(talk, SOKHA, STAFF_GROUP, draft, "zzzz")
    nothing = by_bot(talk)[-1]
    assert "zzzz" in said(nothing)
    await reply(talk, SOKHA, STAFF_GROUP, nothing, t.pick("mint", "ក្រែមជី"))
    found = by_bot(talk)[-1]
    item = next(one for one in keys(found) if "$8.00" in one)
    await press(talk, SOKHA, found, item)
    confirm = t("button.confirm_change", total="$21.50")
    forged = keys(_now(talk, found))[confirm]
    await press(talk, SOKHA, found, confirm)
    after = await builders.read(talk.shop, order)
    assert [(line.sku, line.quantity) for line in after.lines] == [("ROSE-30", 1), ("MINT", 1)]
    assert t("change.settling.collect", amount="$21.50 / 88,200៛") in said(_now(talk, found))
    assert "$21.50" in said(_card(talk, order))
    note = by_bot(talk, DARA)[-1]
    for part in ("$25.50 → $21.50 / 88,200៛", "0 → 1", "2 → 1", t("told.cash", amount="$21.50 / 88,200៛")):
        assert part in said(note), part
    again = await talk.tap(SOKHA, found["message_id"], forged, STAFF_GROUP)
    assert again["text"] == t("errors.change_closed")
    assert (await builders.read(talk.shop, order)).version == after.version
    assert dict(talk.sandbox.world.findings) == {}
    await builders.sound(talk.shop)


async def test_the_address(sqlite_talk: Talk) -> None:
    """Recipient, phone and street by replies, province and district by buttons; what cannot be is a sentence."""
    talk = sqlite_talk
    order, card = await _ordered(talk)
    draft = await _opened(talk, card)
    for button, line in (("Recipient", "Chenda"), ("Phone", "012 999 888"), ("Street", "Market 5")):
        await press(talk, SOKHA, draft, "📍 Address")
        await press(talk, SOKHA, draft, button)
        if button == "Phone":
            await reply(talk, SOKHA, STAFF_GROUP, draft, "12")
            assert said(by_bot(talk)[-1]) == EN("errors.phone_invalid")
        await reply(talk, SOKHA, STAFF_GROUP, draft, line)
        draft = by_bot(talk)[-1]
        assert line.removeprefix("0") in said(draft)
    await press(talk, SOKHA, draft, "📍 Address")
    await press(talk, SOKHA, draft, "Province")
    await press(talk, SOKHA, draft, "Kandal")
    assert EN("change.leave_place", place="Kandal") in keys(_now(talk, draft))
    district = next(name for name, data in keys(_now(talk, draft)).items() if data.endswith(":0802"))
    await press(talk, SOKHA, draft, district)
    assert "$25.50 → $26.50" in said(_now(talk, draft))
    await press(talk, SOKHA, draft, "Confirm $26.50")
    to = (await builders.read(talk.shop, order)).destination
    assert (to.recipient, to.phone, to.street, to.district_code) == ("Chenda", "+85512999888", "Market 5", "0802")
    assert "Chenda · +855 12 999 888\nMarket 5, " in said(by_bot(talk, DARA)[-1])
    assert "Market 5" in said(_card(talk, order))
    forged = await talk.tap(SOKHA, draft["message_id"], taps.ChangePlace(order.id, "77"), STAFF_GROUP)
    assert forged["show_alert"] is True


async def test_what_cannot_be_leaves_the_draft(sqlite_talk: Talk) -> None:
    """The last line, more than there is, another's draft, a stranger: an alert each, and the draft stands as it was."""
    talk = sqlite_talk
    order, card = await _ordered(talk)
    draft = await _opened(talk, card)
    variant = order.lines[0].variant_id
    for units, sentence in ((0, EN("errors.change_empty")), (11, EN("errors.only_left", left=10)),
                            (100, EN("errors.only_left", left=99))):  # fmt: skip
        answer = await talk.tap(SOKHA, draft["message_id"], taps.ChangeUnits(order.id, variant, units), STAFF_GROUP)
        assert (answer["text"], answer["show_alert"]) == (sentence, True)
    assert said(_now(talk, draft)) == said(draft)
    theirs = await talk.tap(BOPHA, draft["message_id"], taps.ChangeUnits(order.id, variant, 1), STAFF_GROUP)
    assert theirs["text"] == EN("errors.change_theirs")
    assert said(_now(talk, draft)) == said(draft)
    stranger = await talk.tap(DARA, draft["message_id"], taps.ChangeOrder(order.id, order.version), STAFF_GROUP)
    assert stranger["text"] == EN("errors.not_allowed")
    old = await talk.tap(SOKHA, draft["message_id"], taps.ChangeOrder(order.id, order.version - 1), STAFF_GROUP)
    assert old["show_alert"] is True
    await press(talk, SOKHA, card, "✎ Change order")
    draft = by_bot(talk)[-1]
    await press(talk, SOKHA, draft, "✕ Not now")
    assert said(_now(talk, draft)) == EN("counter.not_asked")
    assert (await builders.read(talk.shop, order)).version == order.version


async def test_somebody_was_faster(sqlite_talk: Talk) -> None:
    """Two change one order at once: the first to confirm wins, the other hears who, nothing of theirs was done."""
    talk = sqlite_talk
    order, card = await _ordered(talk)
    mine = await _opened(talk, card)
    await press(talk, BOPHA, card, "✎ Change order")
    theirs = by_bot(talk)[-1]
    assert theirs["message_id"] != mine["message_id"]
    await press(talk, SOKHA, mine, "+")
    await press(talk, BOPHA, theirs, "−")
    await press(talk, BOPHA, theirs, "Confirm $13.50")
    late = await press(talk, SOKHA, mine, "Confirm $37.50")
    assert late["text"] == EN("errors.somebody_faster", name="Bopha")
    _is_card(_now(talk, mine), order)
    sokha = await people.known(talk.shop, SOKHA)
    assert sokha is not None
    assert not sokha.asked
    assert (await builders.read(talk.shop, order)).lines[0].quantity == 1
    await builders.sound(talk.shop)


def _is_card(message: Json, order: Order, language: str = "en") -> None:
    """Hold that a message is the counter's card of an order, and no draft of it."""
    assert said(message).startswith(order.number)
    assert keys(message)[translator(language)("button.more_of_order")] == taps.MoreOfOrder(order.id).pack()
    assert not any(data.startswith(taps.ConfirmChange.prefix) for data in keys(message).values())


async def test_two_confirm_at_the_same_instant(talk: Talk) -> None:
    """One draft wins; the other becomes the order's card as it is then, and its tap says who was faster."""
    order, card = await _ordered(talk)
    drafts = {SOKHA: await _opened(talk, card)}
    await press(talk, BOPHA, card, "✎ Change order")
    drafts[BOPHA] = by_bot(talk)[-1]
    await press(talk, SOKHA, drafts[SOKHA], "+")
    await press(talk, BOPHA, drafts[BOPHA], "−")
    numbers = {}
    for who, words in ((SOKHA, "Confirm $37.50"), (BOPHA, "Confirm $13.50")):
        message = _now(talk, drafts[who])
        numbers[who] = talk.sandbox.people.tap(who, STAFF_GROUP, message["message_id"], keys(message)[words])
    assert all(await asyncio.gather(*(talk.dispatch.work(update) for update in await talk.arrived())))
    after = await builders.read(talk.shop, order)
    late, won = (SOKHA, BOPHA) if after.lines[0].quantity == 1 else (BOPHA, SOKHA)
    answer = talk.sandbox.world.state.queries[numbers[late]].answer or {}
    name = {SOKHA: "Sokha", BOPHA: "Bopha"}[won]
    assert (answer["text"], answer["show_alert"]) == (EN("errors.somebody_faster", name=name), True)
    _is_card(_now(talk, drafts[late]), order)
    assert str(after.total) in said(_now(talk, drafts[late]))
    assert said(_now(talk, drafts[won])).startswith(f"✓ {order.number}")
    await builders.sound(talk.shop)


@pytest.mark.parametrize("language", ["en", "km"])
@pytest.mark.parametrize("who", [SOKHA, BOPHA])
async def test_killed_between_the_commit_and_the_edit(talk: Talk, language: str, who: int) -> None:
    """The order is changed and the draft still offers to; the next tap says so, and makes it the order's card."""
    t = translator(language)
    order, card = await _ordered(talk, language)
    draft = await _opened(talk, card, language)
    await press(talk, SOKHA, draft, "−")
    confirm = keys(_now(talk, draft))[t("button.confirm_change", total="$13.50")]
    sokha = await people.known(talk.shop, SOKHA)
    assert sokha is not None
    asked = await people.question(talk.shop, replace(sokha, update_id=5))
    assert asked is not None
    wanted = Wanted.read(asked.data)
    await changing.change(talk.shop, sokha, order.id, order.version, wanted, 1350, shown_in=STAFF_GROUP, question=asked)
    answer = await talk.tap(who, draft["message_id"], confirm, STAFF_GROUP)
    key = "errors.done_already" if who == SOKHA else "errors.change_closed"
    assert (answer["text"], answer["show_alert"]) == (t(key), True)
    _is_card(_now(talk, draft), order, language)
    assert "$13.50" in said(_now(talk, draft))
    assert (await builders.read(talk.shop, order)).lines[0].quantity == 1
    await builders.sound(talk.shop)


async def _cancelled(talk: Talk, order: Order) -> None:
    await builders.moved(talk.shop, await builders.worker(talk.shop, Role.ADMIN, BOPHA), order, Move.CANCEL)
    await bring(talk)


@pytest.mark.parametrize("language", ["en", "km"])
async def test_the_order_ended_meanwhile(sqlite_talk: Talk, language: str) -> None:
    """Confirmed on a cancelled order: who was faster is said, and its card stands in the draft's place."""
    talk, t = sqlite_talk, translator(language)
    order, card = await _ordered(talk, language)
    first = await _opened(talk, card, language)
    await press(talk, SOKHA, first, "+")
    confirm = keys(_now(talk, first))[t("button.confirm_change", total="$37.50")]
    await _cancelled(talk, order)
    answer = await talk.tap(SOKHA, first["message_id"], confirm, STAFF_GROUP)
    assert (answer["text"], answer["show_alert"]) == (t("errors.somebody_faster", name="Bopha"), True)
    _is_card(_now(talk, first), order, language)
    assert t("status.cancelled") in said(_now(talk, first))


async def test_a_line_for_an_order_that_ended(sqlite_talk: Talk) -> None:
    """What is typed for it is no answer any more: the order's card says so, and the draft becomes it by any tap."""
    talk = sqlite_talk
    order, card = await _ordered(talk)
    draft = await _opened(talk, card)
    await _cancelled(talk, order)
    await reply(talk, SOKHA, STAFF_GROUP, draft, "mint")
    found = by_bot(talk)[-1]
    sentence = EN("errors.somebody_faster", name="Bopha")
    assert said(found).startswith(f"{sentence}\n\n{order.number}")
    assert found["reply_to_message"]["text"] == "mint"
    for who in (BOPHA, SOKHA):
        answer = await talk.tap(who, draft["message_id"], taps.ShowChange(order.id), STAFF_GROUP)
        assert answer["text"] == EN("errors.change_closed")
        _is_card(_now(talk, draft), order)


async def test_a_card_of_an_earlier_time_begins_no_change(sqlite_talk: Talk) -> None:
    """It is not as it was when its page was opened: who was faster, and the card as it is, in the page's place."""
    talk = sqlite_talk
    order, card = await _ordered(talk)
    await press(talk, SOKHA, card, EN("button.more_of_order"))
    begin = keys(_now(talk, card))[EN("button.change_order")]
    await builders.moved(talk.shop, await builders.worker(talk.shop, Role.ADMIN, BOPHA), order, Move.READY)
    answer = await talk.tap(SOKHA, card["message_id"], begin, STAFF_GROUP)
    assert (answer["text"], answer["show_alert"]) == (EN("errors.somebody_faster", name="Bopha"), True)
    _is_card(_now(talk, card), order)
    assert EN("status.ready_for_delivery") in said(_now(talk, card))


async def test_each_draft_is_whose_it_is(sqlite_talk: Talk) -> None:
    """Another's is left as it is, by who has one of the same order too; begun once more, the first becomes the card."""
    talk = sqlite_talk
    order, card = await _ordered(talk)
    drafts = [await _opened(talk, card)]
    for who in (BOPHA, SOKHA):
        talk.shop.clock.move(timedelta(seconds=1))  # type: ignore[attr-defined]
        await press(talk, who, card, "✎ Change order")
        drafts.append(by_bot(talk)[-1])
    first, theirs, mine = drafts
    await press(talk, BOPHA, theirs, "+")
    before = said(_now(talk, theirs))
    answer = await press(talk, SOKHA, theirs, "Confirm $37.50")
    assert (answer["text"], answer["show_alert"]) == (EN("errors.change_theirs"), True)
    assert said(_now(talk, theirs)) == before
    answer = await press(talk, SOKHA, first, "−")
    assert answer["text"] == EN("errors.change_closed")
    _is_card(_now(talk, first), order)
    await press(talk, SOKHA, mine, "−")
    assert "$25.50 → $13.50" in said(_now(talk, mine))


async def test_rest_of_a_paid_order_at_the_door(sqlite_talk: Talk) -> None:
    """Paid by KHQR, then dearer: preview, cards and buttons speak of the rest alone; delivered, it is whole."""
    talk = await at_desk(sqlite_talk)
    order, qr = await builders.khqr_order(talk.shop, 2)
    await hear(talk, qr)
    card = _card(talk, order)
    await press(talk, SOKHA, card, EN("move.claim"))
    draft = await _opened(talk, card)
    await press(talk, SOKHA, draft, "+")
    assert "💵 The rest, $12.00 / 49,200៛, is paid in cash at the door." in said(_now(talk, draft))
    await press(talk, SOKHA, draft, "Confirm $37.50")
    note = said(by_bot(talk, DARA)[-1])
    assert "You have paid $25.50. Please give the rest, $12.00 / 49,200៛, to the courier in cash." in note
    part = EN("payment.part", paid="$25.50", rest="$12.00")
    assert part in said(_card(talk, order))
    await builders.moved(talk.shop, await builders.worker(talk.shop, Role.ADMIN, BOPHA), order, Move.READY, Move.OUT)
    await bring(talk)
    await press(talk, BOPHA, card, "Other amount")
    assert "$12.00" in said(by_bot(talk)[-1])
    await press(talk, BOPHA, card, "Delivered · $12.00")
    order = await builders.read(talk.shop, order)
    assert (order.status, order.payment_status) == (Status.DELIVERED, PaymentStatus.PAID)
    assert "💵 $12.00" in said(_card(talk, order))
    await builders.sound(talk.shop)


async def test_paid_and_cheaper_is_a_case(sqlite_talk: Talk) -> None:
    """The difference goes back: said before it is confirmed, to the customer, and as a case in the inbox."""
    talk = await at_desk(sqlite_talk)
    order, qr = await builders.khqr_order(talk.shop, 2)
    await hear(talk, qr)
    draft = await _opened(talk, _card(talk, order))
    await press(talk, SOKHA, draft, "−")
    assert "💵 $12.00 / 49,200៛ goes back to the customer." in said(_now(talk, draft))
    await press(talk, SOKHA, draft, "Confirm $13.50")
    assert any(said(one).startswith(f"💰 {order.number} · Too much") for one in by_bot(talk))
    note = next(said(one) for one in by_bot(talk, DARA)[::-1] if said(one).startswith("✎"))
    assert "You have paid $12.00 too much." in note


async def test_unpaid_qr_becomes_another(sqlite_talk: Talk) -> None:
    """The customer's card shows a QR over the new sum; while money is looked at, changing is refused in a sentence."""
    talk = await at_desk(sqlite_talk)
    order, qr = await builders.khqr_order(talk.shop, 2)
    await bring(talk)
    now = talk.shop.clock.now()
    await talk.shop.db.write(messages.owe, STAFF_GROUP, MessageKind.STAFF_CARD, order.id, now)  # called up by staff
    await bring(talk)
    draft = await _opened(talk, _card(talk, order))
    await press(talk, SOKHA, draft, "−")
    await press(talk, SOKHA, draft, "Confirm $13.50")
    own = next(one for one in by_bot(talk, DARA) if order.number in said(one) and one.get("photo"))
    assert "$13.50" in said(own)
    assert "Please pay by the new QR" in said(by_bot(talk, DARA)[-1])
    await hear(talk, qr)
    order = await builders.read(talk.shop, order)
    answer = await talk.tap(SOKHA, draft["message_id"], taps.ChangeOrder(order.id, order.version), STAFF_GROUP)
    assert answer["text"] == EN("errors.change_money")


async def test_in_their_own_chat_the_next_line_answers(sqlite_talk: Talk) -> None:
    """Without a group: a typed line is what to add; any other tap leaves the draft; who lost the role is refused."""
    talk = sqlite_talk
    await builders.worker(talk.shop, Role.OWNER, SOKHA)
    order = await builders.order(talk.shop, await builders.customer(talk.shop, DARA), await builders.product(talk.shop))
    await bring(talk)
    card = _card(talk, order, SOKHA)
    await _opened(talk, card, chat=SOKHA)
    (found,) = await talk.say(SOKHA, "serum")
    item = next(one for one in keys(found) if "$12.00" in one)
    await press(talk, SOKHA, found, item, SOKHA)
    assert "$13.50 → $25.50" in said(_now(talk, found, SOKHA))
    for tap in (taps.ChangeWhere(order.id), taps.AskWhere(order.id, AddressPart.STREET)):
        await talk.tap(SOKHA, found["message_id"], tap)
    (found,) = await talk.say(SOKHA, "Corner 9")
    assert "Corner 9" in said(found)
    await builders.worker(talk.shop, Role.OWNER, BOPHA)
    await people.revoke(talk.shop, SOKHA)
    refused = await press(talk, SOKHA, found, "Confirm $25.50", SOKHA)
    assert refused["text"] == EN("errors.not_allowed")
    assert (await builders.read(talk.shop, order)).version == order.version
