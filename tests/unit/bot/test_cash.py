"""Cash through the bot: at the door in the group, in the courier's own chat, with whoever counts it."""

import pytest

from bot import taps
from bot.screen import ReceiptPicture
from bot.screens import orders as screens
from core.cards import order_card, with_cash
from core.cash import service as cash
from core.i18n import translator
from core.orders.rules import Move, Order, PaymentStatus, ReturnReason, Status
from core.people import service as people
from core.people.rules import Role
from core.shop import reader
from tests.support import builders
from tests.support.helping import bring, by_bot, reply
from tests.support.paying import press
from tests.support.talk import BOPHA, DARA, OTHER_GROUP, SOKHA, STAFF_GROUP, Json, Talk, keys, said

EN, KM = translator("en"), translator("km")


async def _at_the_door(talk: Talk, language: str = "en") -> tuple[Order, Json]:
    """Sokha carries Dara's parcel of $13.50, Bopha owns the shop; returns the order and its card in the group."""
    shop = talk.shop
    await builders.with_khqr(shop, staff_chat_id=STAFF_GROUP, staff_language=language)
    await shop.refresh()
    sokha = await builders.worker(shop, Role.COURIER, SOKHA)
    await people.speak(shop, sokha, language)
    bopha = await builders.worker(shop, Role.OWNER, BOPHA, "Bopha")
    await people.speak(shop, bopha, language)
    order = await builders.order(shop, await builders.customer(shop, DARA), await builders.product(shop))
    await builders.moved(shop, bopha, order, Move.PREPARE, Move.READY)
    order = await builders.moved(shop, sokha, order, Move.OUT)
    await bring(talk)
    return order, _card(talk, order)


def _card(talk: Talk, order: Order) -> Json:
    return next(one for one in by_bot(talk, STAFF_GROUP) if said(one).startswith(order.number))


async def test_the_very_sum_is_one_tap(talk: Talk) -> None:
    """Delivered · $13.50: one tap; card, customer's card and receipt say what was taken, when and by whom."""
    order, card = await _at_the_door(talk)
    shown = [text for text in keys(card) if "Copy" not in text]
    assert shown == ["Delivered · $13.50", "Other amount", "Not accepted", "↩ Undo", "⋯ More"]
    await press(talk, SOKHA, card, "Delivered · $13.50")
    order = await builders.read(talk.shop, order)
    assert (order.status, order.payment_status) == (Status.DELIVERED, PaymentStatus.PAID)
    taken = "💵 $13.50 · 21 Nov 10:00 · Sokha"
    assert taken in said(_card(talk, order))
    own = next(one for one in by_bot(talk, DARA) if said(one).startswith(order.number))
    assert taken in said(own)
    who = reader(await builders.customer(talk.shop, DARA), "en")
    found = await cash.taken(talk.shop, order)
    drawn = screens.receipt(EN, "Shop", with_cash(talk.shop, order_card(talk.shop, order, who), found, who)).picture
    assert isinstance(drawn, ReceiptPicture)
    assert drawn.receipt.address == (("Cash", taken.removeprefix("💵 ")),)
    await builders.sound(talk.shop)


@pytest.mark.parametrize("language", ["en", "km"])
async def test_another_sum_is_one_line(talk: Talk, language: str) -> None:
    """Asked below, answered by a reply: nonsense and no reason are sentences, then delivered; the note is ours."""
    t = translator(language)
    order, card = await _at_the_door(talk, language)
    await press(talk, SOKHA, card, t("button.other_amount"))
    asked = by_bot(talk, STAFF_GROUP)[-1]
    assert order.number in said(asked)
    for line, key in (("a lot", "cash_unread"), ("-10", "cash_unread"), ("13", "cash_note"), ("0 x", "cash_nothing"),
                      ("14000 no", "cash_too_much")):  # fmt: skip
        await reply(talk, SOKHA, STAFF_GROUP, asked, line)
        assert said(by_bot(talk, STAFF_GROUP)[-1]) == t(f"errors.{key}"), line
    assert (await builders.read(talk.shop, order)).status is Status.OUT
    await reply(talk, SOKHA, STAFF_GROUP, asked, "១០ + ១៤,០០០៛ អស់ដុល្លារ")
    answer = by_bot(talk, STAFF_GROUP)[-1]
    assert said(answer) == f"✓ {order.number} · {t('status.delivered')}\n💵 $10.00 + 14,000៛"
    await bring(talk)
    assert "💵 $10.00 + 14,000៛" in said(_card(talk, order))
    assert "Sokha · អស់ដុល្លារ" in said(_card(talk, order))
    own = next(one for one in by_bot(talk, DARA) if said(one).startswith(order.number))
    assert "💵 $10.00 + 14,000៛" in said(own)
    assert "អស់ដុល្លារ" not in said(own)
    who, order = reader(await builders.customer(talk.shop, DARA), language), await builders.read(talk.shop, order)
    card_ = with_cash(talk.shop, order_card(talk.shop, order, who), await cash.taken(talk.shop, order), who)
    assert (bool(card_.taken), card_.taken_note) == (True, "")
    await reply(talk, SOKHA, STAFF_GROUP, asked, "13.50")
    assert said(by_bot(talk, STAFF_GROUP)[-1]) == t("errors.asked_before")
    assert dict(talk.sandbox.world.findings) == {}
    await builders.sound(talk.shop)


async def test_somebody_else_delivered_it_meanwhile(sqlite_talk: Talk) -> None:
    """Asked for another sum, then a colleague taps Delivered: the line is late, nothing is booked twice."""
    talk = sqlite_talk
    order, card = await _at_the_door(talk)
    await press(talk, SOKHA, card, "Other amount")
    asked = by_bot(talk, STAFF_GROUP)[-1]
    await press(talk, BOPHA, card, "Delivered · $13.50")
    await reply(talk, SOKHA, STAFF_GROUP, asked, "12 no change")
    assert said(by_bot(talk, STAFF_GROUP)[-1]) == EN("errors.somebody_faster", name="Bopha")
    found = await cash.taken(talk.shop, await builders.read(talk.shop, order))
    assert found is not None
    assert (found.courier, found.taken.cents) == ("Bopha", 1350)
    late = await talk.tap(SOKHA, card["message_id"], taps.AskTaken(order.id, order.version), STAFF_GROUP)
    assert late["text"] == EN("errors.moved_on")
    await builders.sound(talk.shop)


@pytest.mark.parametrize("language", ["en", "km"])
async def test_not_accepted(talk: Talk, language: str) -> None:
    """Four reasons, one tap: the card says why it came back; nothing was taken; back leads back."""
    t = translator(language)
    order, card = await _at_the_door(talk, language)
    await press(talk, SOKHA, card, t("move.return"))
    reasons = [t(f"return_reason.{why}") for why in ReturnReason]
    assert set(keys(_card(talk, order))) == {*reasons, t("button.back")}
    await press(talk, SOKHA, card, t("button.back"))
    assert t("move.return") in keys(_card(talk, order))
    await press(talk, SOKHA, card, t("move.return"))
    await press(talk, SOKHA, card, t("return_reason.no_money"))
    stands = await builders.read(talk.shop, order)
    assert (stands.status, stands.return_reason) == (Status.RETURNED, ReturnReason.NO_MONEY)
    assert t("order.reason", text=t("return_reason.no_money")) in said(_card(talk, order))
    again = await talk.tap(SOKHA, card["message_id"], taps.ReturnOrder(order.id, ReturnReason.UNWANTED, 5), STAFF_GROUP)
    assert again["show_alert"] is True
    await builders.sound(talk.shop)


async def _delivered(talk: Talk, language: str = "en") -> Json:
    """Sokha delivered the parcel and looks at their cash."""
    _, card = await _at_the_door(talk, language)
    await press(talk, SOKHA, card, translator(language)("cash.delivered", amount="$13.50"))
    return (await talk.say(SOKHA, "/cash"))[-1]


@pytest.mark.parametrize("language", ["en", "km"])
async def test_handed_in_and_counted(talk: Talk, language: str) -> None:
    """/cash lists the parcels; handed in by one tap, the owner confirms by one, the courier hears of it."""
    t = translator(language)
    mine = await _delivered(talk, language)
    assert said(mine) == "\n".join([
        t("cash.mine").replace("<b>", "").replace("</b>", ""), t("cash.held", amount="$13.50").replace("<b>", "")
        .replace("</b>", ""), "", {"en": "21 Nov 2026", "km": "21 វិច្ឆិកា 2026"}[language] + " · $13.50",
        "MD00001 · $13.50"])  # fmt: skip
    button = t("button.hand_in", amount="$13.50")
    answer = await press(talk, SOKHA, mine, button, SOKHA)
    assert answer["text"] == t("cash.handed")
    again = await talk.tap(SOKHA, mine["message_id"], taps.HandInCash(1350, 0))
    assert again["text"] == t("cash.handed")
    assert set(keys(talk.message(SOKHA, mine["message_id"]))) == {t("button.refresh")}
    (card,) = [one for one in by_bot(talk, BOPHA) if "$13.50" in said(one)]
    assert "Sokha" in said(card)
    talk.calls()
    answer = await talk.tap(BOPHA, card["message_id"], keys(card)[t("button.confirm_cash", amount="$13.50")])
    assert sorted(talk.calls()) == ["answerCallbackQuery", "editMessageText"]
    assert answer["text"] == t("cash.counted", amount="$13.50")
    await bring(talk)
    told = by_bot(talk, SOKHA)[-1]
    assert said(told) == t("cash.yours_counted", name="Bopha", amount="$13.50").replace("<b>", "").replace("</b>", "")
    assert "Bopha" in said(talk.message(BOPHA, card["message_id"]))
    assert dict(talk.sandbox.world.findings) == {}


async def test_two_dollars_are_missing(talk: Talk) -> None:
    """Counted otherwise, by a typed line: the card says what is missing and why, the courier and the owner are told."""
    mine = await _delivered(talk)
    await press(talk, SOKHA, mine, "Hand in $13.50", SOKHA)
    (till,) = await talk.say(BOPHA, "/cash")
    assert set(keys(till)) == {"Sokha ✓ $13.50", "Sokha: other amount", EN("button.refresh"), "💵 My cash"}
    await press(talk, BOPHA, till, "Sokha: other amount", BOPHA)
    for line, key in (("some", "cash_unread"), ("11.50", "cash_note")):
        assert said((await talk.say(BOPHA, line))[-1]) == EN(f"errors.{key}")
    (card,) = await talk.say(BOPHA, "11.50 two dollars missing")
    assert "Difference: -$2.00 · two dollars missing" in said(card)
    await bring(talk)
    assert "Difference: -$2.00 · two dollars missing" in said(by_bot(talk, SOKHA)[-1])
    assert any("another sum: -$2.00" in said(one) for one in by_bot(talk, BOPHA))
    (listed,) = await talk.say(SOKHA, "/cash")
    assert "$11.50 counted (-$2.00) · two dollars missing" in said(listed)
    (done,) = await talk.say(BOPHA, "/audit cash")
    assert "Bopha · cash counted: $11.50 (-$2.00)" in said(done)
    assert "Sokha · cash handed in: $13.50" in said(done)
    await builders.sound(talk.shop)


async def test_who_may_see_it(sqlite_talk: Talk) -> None:
    """A customer's /cash is no command; in the staff's group it is asked for in private; forged taps show nothing."""
    talk = sqlite_talk
    mine = await _delivered(talk)
    (answer,) = await talk.say(DARA, "/cash")
    assert "$" not in said(answer)
    (answer,) = await talk.say(SOKHA, "/cash", STAFF_GROUP)
    assert said(answer) == EN("errors.cash_private")
    await builders.with_khqr(talk.shop, admin_chat_id=OTHER_GROUP)
    (answer,) = await talk.say(BOPHA, "/cash", OTHER_GROUP)
    assert "$13.50" in said(answer)
    for person, tap in ((SOKHA, taps.OpenTill()), (DARA, taps.MyCash()), (SOKHA, taps.OpenPurse(1)),
                        (SOKHA, taps.OpenHandIn(1)), (DARA, taps.ConfirmCash(1)), (DARA, taps.AskTaken(1, 5)),
                        (DARA, taps.HandInCash(1350, 0)), (SOKHA, taps.AskCounted(1))):  # fmt: skip
        where = talk.messages(person)[-1]["message_id"]
        answer = await talk.tap(person, where, tap)
        assert answer["text"] == translator("en")("errors.not_allowed"), tap
    stale = await talk.tap(SOKHA, mine["message_id"], taps.HandInCash(99, 0))
    assert stale["text"] == EN("errors.cash_moved_on")
    (till,) = await talk.say(BOPHA, "/cash")
    purse = await press(talk, BOPHA, till, "Sokha · $13.50", BOPHA)
    assert purse.get("text", "") == ""
    assert "MD00001 · $13.50" in said(talk.message(BOPHA, till["message_id"]))
