"""Suspicious orders through the bot: said on the counter's card only, decided there by one tap, rejected by two."""

import pytest

from bot import taps
from core.i18n import translator
from core.orders.rules import CancelReason, Move, Order, Status
from core.people import service as people
from core.people.rules import Role
from core.suspicion.rules import Verdict
from tests.support import builders
from tests.support.helping import bring, by_bot
from tests.support.paying import press
from tests.support.talk import BOPHA, DARA, SOKHA, STAFF_GROUP, Json, Talk, keys, said

EN = translator("en")
FLAG = "🚩 The first order, for more than $100"


async def _flagged(talk: Talk, language: str = "en") -> tuple[Order, Json]:
    """Sokha is staff, Bopha an admin, both in the group; Dara's first order costs $150 and more."""
    await builders.with_khqr(talk.shop, staff_chat_id=STAFF_GROUP, staff_language=language)
    await talk.shop.refresh()
    for person, role, name in ((SOKHA, Role.STAFF, "Sokha"), (BOPHA, Role.ADMIN, "Bopha")):
        await people.speak(talk.shop, await builders.worker(talk.shop, role, person, name), language)
    buyer = await builders.customer(talk.shop, DARA)
    await people.speak(talk.shop, buyer, language)
    order = await builders.order(talk.shop, buyer, await builders.product(talk.shop, cents=150_00))
    await bring(talk)
    return order, _card(talk, order)


def _card(talk: Talk, order: Order, chat: int = STAFF_GROUP) -> Json:
    return next(one for one in by_bot(talk, chat) if said(one).startswith(order.number))


@pytest.mark.parametrize("language", ["en", "km"])
async def test_verified(sqlite_talk: Talk, language: str) -> None:
    """The card says it in words, with a row to decide; verified by one tap it is gone; the second hears who it was."""
    talk, t = sqlite_talk, translator(language)
    order, card = await _flagged(talk, language)
    flag = f"🚩 {t('flag.first')}"
    assert flag in said(card)
    row = [t(f"check.{verdict}") for verdict in Verdict]
    assert [one for one in keys(card) if one in row] == row
    assert flag not in said(_card(talk, order, DARA))
    talk.calls()
    answer = await talk.tap(SOKHA, card["message_id"], keys(card)[row[0]], STAFF_GROUP)
    assert sorted(talk.calls()) == ["answerCallbackQuery", "editMessageText"]
    assert answer["text"] == t("verdict.verified")
    await bring(talk)
    now = _card(talk, order)
    assert flag not in said(now)
    assert not set(row) & set(keys(now))
    await press(talk, SOKHA, card, t("button.more_of_order"))
    await press(talk, SOKHA, card, t("button.history"))
    told = said(by_bot(talk, STAFF_GROUP)[-1])
    assert flag in told
    assert f"{t('verdict.verified')} · Sokha" in told
    for words in row[:2]:
        late = await talk.tap(BOPHA, card["message_id"], keys(card)[words], STAFF_GROUP)
        assert (late["text"], late["show_alert"]) == (t("errors.somebody_faster", name="Sokha"), True)
    assert dict(talk.sandbox.world.findings) == {}


async def test_marked_then_rejected(sqlite_talk: Talk) -> None:
    """Suspicious stays on the card with who said so; Reject asks once more, back leads back; then it is cancelled."""
    talk = sqlite_talk
    order, card = await _flagged(talk)
    await press(talk, SOKHA, card, "⚠ Suspicious")
    marked = _card(talk, order)
    assert FLAG in said(marked)
    assert "Suspicious · Sokha, 21 Nov 10:00" in said(marked)
    assert "⚠ Suspicious" not in keys(marked)
    old = await talk.tap(BOPHA, card["message_id"], keys(card)["⚠ Suspicious"], STAFF_GROUP)
    assert old["text"] == EN("errors.somebody_faster", name="Sokha")
    await press(talk, BOPHA, card, "Reject…")
    assert list(keys(_card(talk, order))) == ["Reject and cancel", "‹ Back"]
    await press(talk, BOPHA, card, "‹ Back")
    assert FLAG in said(_card(talk, order))
    await press(talk, BOPHA, card, "Reject…")
    sure = keys(_card(talk, order))["Reject and cancel"]
    await press(talk, BOPHA, card, "Reject and cancel")
    found = await builders.read(talk.shop, order)
    assert (found.status, found.cancel_reason) == (Status.CANCELLED, CancelReason.REJECTED)
    assert "Rejected · Bopha, 21 Nov 10:00" in said(_card(talk, order))
    own = said(_card(talk, order, DARA))
    assert EN("reason.rejected") in own
    assert "uspicious" not in own
    again = await talk.tap(SOKHA, card["message_id"], sure, STAFF_GROUP)
    assert again["text"] == EN("errors.somebody_faster", name="Bopha")
    await builders.sound(talk.shop)


async def test_who_may_decide(sqlite_talk: Talk) -> None:
    """A stranger and a courier are refused; packed, staff hear that an admin can; out, that it must come back."""
    talk = sqlite_talk
    order, card = await _flagged(talk)
    forged = (taps.CheckOrder(order.id, Verdict.VERIFIED, ""), taps.AskReject(order.id, ""),
              taps.RejectOrder(order.id, order.version, ""))  # fmt: skip
    for role in (None, Role.COURIER):
        if role:
            await builders.worker(talk.shop, role, DARA, "Dara")
        for tap in forged:
            answer = await talk.tap(DARA, card["message_id"], tap, STAFF_GROUP)
            assert answer["text"] == EN("errors.not_allowed"), (role, tap)
    staff = await builders.worker(talk.shop, Role.STAFF, SOKHA, "Sokha")
    order = await builders.moved(talk.shop, staff, order, Move.PREPARE, Move.READY)
    await bring(talk)
    answer = await press(talk, SOKHA, card, "Reject…")
    assert answer["text"] == EN("errors.reject_admin")
    await press(talk, BOPHA, card, "Reject…")
    assert "Reject and cancel" in keys(_card(talk, order))
    order = await builders.moved(talk.shop, staff, order, Move.OUT)
    late = await press(talk, BOPHA, card, "Reject and cancel")
    assert late["text"] == EN("errors.reject_out")
    assert "Reject…" not in keys(_card(talk, order))
    asked = await talk.tap(BOPHA, card["message_id"], taps.AskReject(order.id, ""), STAFF_GROUP)
    assert asked["text"] == EN("errors.reject_out")
    assert (await builders.read(talk.shop, order)).status is Status.OUT
