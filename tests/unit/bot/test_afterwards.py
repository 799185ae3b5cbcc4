"""After the order, in the chat: the list, the same again, a reason for cancelling, and "it came"."""

import json
from datetime import timedelta

import pytest

from bot import taps
from bot.outbox import Outbox
from bot.taps import Tap
from core.carts import service as carts
from core.i18n import translator
from core.orders.rules import CancelReason, Move, Order, Status, Turn
from core.people import service as people
from core.people import store
from core.people.rules import Person
from core.shop import Shop
from tests.support import builders
from tests.support.talk import BOPHA, DARA, SOKHA, STAFF_GROUP, Json, Talk, keys, said

t = translator("en")
KM = translator("km")


async def _dara(shop: Shop, language: str = "en") -> Person:
    return await people.speak(shop, await builders.customer(shop, DARA), language)


async def _card(talk: Talk, order: Order, person: int = DARA) -> Json:
    """The order's card as the person opens it from their list."""
    (listing,) = (await talk.say(person, "/orders"))[-1:]
    await talk.tap(person, listing["message_id"], taps.OpenOrder(order.id))
    return talk.message(person, listing["message_id"])


async def _press(talk: Talk, message: Json, label: str, person: int = DARA, chat: int | None = None) -> Json:
    """Press a button by its words; it is one edit or one message, and one answer. Returns the answer."""
    talk.calls()
    answer = await talk.tap(person, message["message_id"], keys(message)[label], chat)
    first, last = sorted(talk.calls())
    assert first == "answerCallbackQuery"
    assert last.startswith(("edit", "send"))
    return answer


# ── the list ─────────────────────────────────────────────────────────────────────────────────────────────────────────
async def _ordered(shop: Shop, person: Person, size: int) -> list[str]:
    """Numbers of so many orders, the newest first."""
    rose, made = await builders.product(shop, 200), []
    for _ in range(size):
        shop.clock.move(timedelta(minutes=1))
        made.append((await builders.order(shop, person, rose)).number)
    return made[::-1]


def _listed(message: Json) -> list[str]:
    return [line.split(" · ")[0] for line in said(message).splitlines() if line.startswith("MD")]


async def test_the_list_page_by_page(talk: Talk) -> None:
    """Ten a page, in text and as buttons; older, and newer again, by key: orders that came meanwhile move nothing."""
    dara = await _dara(talk.shop)
    made = await _ordered(talk.shop, dara, 12)
    (first,) = await talk.say(DARA, "/orders")
    assert _listed(first) == made[:10]
    assert [label.split(" · ")[0] for label in keys(first)][:10] == made[:10]
    assert t("button.newer") not in keys(first)
    late = await builders.order(talk.shop, dara, await builders.product(talk.shop, sku="LATE-1"))
    await _press(talk, first, t("button.older"))
    second = talk.message(DARA, first["message_id"])
    assert _listed(second) == made[10:]
    assert t("button.older") not in keys(second)
    await _press(talk, second, t("button.newer"))
    assert _listed(talk.message(DARA, first["message_id"])) == made[:10]
    await talk.tap(DARA, first["message_id"], keys(talk.message(DARA, first["message_id"]))[t("button.newer")])
    assert _listed(talk.message(DARA, first["message_id"])) == [late.number, *made[:9]]


async def test_each_opens_its_live_card(sqlite_talk: Talk) -> None:
    """What is opened from the list is the card that is drawn again when the counter moves the order."""
    talk = sqlite_talk
    dara, sokha = await _dara(talk.shop), await builders.worker(talk.shop)
    order = await builders.order(talk.shop, dara, await builders.product(talk.shop))
    card = await _card(talk, order)
    await builders.moved(talk.shop, sokha, order, Move.CONFIRM)
    await Outbox(talk.shop, talk.show, "test", lambda _chat: 0.0).send_due()
    assert t("status.confirmed") in said(talk.message(DARA, card["message_id"]))


async def test_turning_to_what_is_not_theirs(sqlite_talk: Talk) -> None:
    """A forged tap with another's order, or none: one's own list, nothing of theirs."""
    talk = sqlite_talk
    made = await _ordered(talk.shop, await _dara(talk.shop), 1)
    (front,) = (await talk.say(BOPHA, "/start"))[-1:]
    for tap in (taps.TurnOrders(Turn.OLDER, 1), taps.TurnOrders(Turn.NEWER, 1), taps.TurnOrders(Turn.OLDER, -5)):
        await talk.tap(BOPHA, front["message_id"], tap)
        shown = talk.message(BOPHA, front["message_id"])
        assert said(shown) == KM("order.none")
        assert made[0] not in said(shown)


async def test_only_what_ended_can_be_bought_again(sqlite_talk: Talk) -> None:
    """No such button stands below an order that goes on, in the list or on its card; below one that ended it does."""
    talk = sqlite_talk
    dara = await _dara(talk.shop)
    order = await builders.order(talk.shop, dara, await builders.product(talk.shop))
    (listing,) = await talk.say(DARA, "/orders")
    assert t("button.again") not in keys(listing)
    assert t("button.again") not in keys(await _card(talk, order))
    await builders.moved(talk.shop, dara, order, Move.CANCEL)
    (listing,) = await talk.say(DARA, "/orders")
    assert keys(listing)[t("button.again")] == taps.BuyAgain(order.id).pack()
    assert t("button.again") in keys(await _card(talk, order))


# ── the same again ───────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("language", ["en", "km"])
async def test_the_same_again_says_what_changed(sqlite_talk: Talk, language: str) -> None:
    """One message: what changed, then the ordinary cart; a second tap adds nothing; the order's card stays as it is."""
    talk, tell = sqlite_talk, translator(language)
    shop = talk.shop
    dara = await _dara(shop, language)
    rose, mask = await builders.product(shop), await builders.product(shop, 1, sku="MASK-1")
    order = await builders.place(shop, dara, await builders.cart(shop, dara, (rose, 2), (mask, 1)))
    await builders.moved(shop, dara, order, Move.CANCEL)
    await builders.order(shop, await builders.customer(shop, BOPHA), mask)
    await builders.reprice(shop, rose, 1350)
    card = await _card(talk, order)
    answer = await _press(talk, card, tell("button.again"))
    assert answer["text"] == tell("cart.added", count=2)
    assert talk.message(DARA, card["message_id"]) == card
    told = talk.messages(DARA)[-1]
    names = [tell.pick(f"{en} · 30 ml", f"{km} · ៣០ មល") for en, km in
             (("Rose Serum ROSE-30", "សេរ៉ូម ROSE-30"), ("Rose Serum MASK-1", "សេរ៉ូម MASK-1"))]  # fmt: skip
    assert f"⚠️ {tell('again.price', name=names[0], old='$12.00', new='$13.50')}" in said(told)
    assert f"⚠️ {tell('again.sold_out', name=names[1])}" in said(told)
    assert tell("button.checkout") in keys(told)
    await _press(talk, card, tell("button.again"))
    assert [line.quantity for line in (await _basket(shop, dara))] == [2]
    await _press(talk, told, tell("button.checkout"))
    assert "$28.50" in said(talk.message(DARA, told["message_id"]))


async def _basket(shop: Shop, person: Person) -> tuple[carts.CartLine, ...]:
    found = await carts.basket(shop, person)
    return found.lines if found else ()


async def test_the_same_again_worked_twice(sqlite_talk: Talk) -> None:
    """The very same update is worked twice, with a change between: the basket is as the person left it."""
    talk = sqlite_talk
    dara, rose = await _dara(talk.shop), await builders.product(talk.shop)
    order = await builders.order(talk.shop, dara, rose, 2)
    card = await _card(talk, order)
    talk.sandbox.people.tap(DARA, DARA, card["message_id"], taps.BuyAgain(order.id).pack())
    (update,) = await talk.arrived()
    for units in (2, 1):
        assert await talk.dispatch.work(json.loads(json.dumps(update)))
        found = await carts.basket(talk.shop, dara)
        assert found is not None
        assert [line.quantity for line in found.lines] == [units]
        await carts.change(talk.shop, dara, found.id, rose, 1)


async def test_anothers_order_is_not_bought_again(sqlite_talk: Talk) -> None:
    """A forged tap: not there, and nothing in the basket."""
    talk = sqlite_talk
    order = await builders.order(talk.shop, await _dara(talk.shop), await builders.product(talk.shop))
    (front,) = (await talk.say(BOPHA, "/start"))[-1:]
    answer = await talk.tap(BOPHA, front["message_id"], taps.BuyAgain(order.id))
    assert answer["text"] == KM("errors.not_found")
    assert await _basket(talk.shop, await builders.customer(talk.shop, BOPHA)) == ()


# ── cancelling ───────────────────────────────────────────────────────────────────────────────────────────────────────
async def _counter(talk: Talk) -> tuple[Person, Order, Json, Json]:
    """Dara's cash order: Dara, the order, their card, and the counter's in the staff group, where Sokha works."""
    shop = talk.shop
    await builders.with_khqr(shop, staff_chat_id=STAFF_GROUP)
    await shop.refresh()
    await builders.worker(shop, telegram_id=SOKHA)
    dara = await _dara(shop)
    order = await builders.order(shop, dara, await builders.product(shop))
    card = await _card(talk, order)
    await _sent(talk)
    return dara, order, card, talk.messages(STAFF_GROUP)[-1]


async def _sent(talk: Talk) -> None:
    talk.shop.clock.move(timedelta(seconds=3))
    await Outbox(talk.shop, talk.show, "test", lambda _chat: 0.0).send_due()


async def test_the_customer_says_why(talk: Talk) -> None:
    """Four reasons and none to choose from; the chosen one stands on both cards, each in its language."""
    _, order, card, counter = await _counter(talk)
    await _press(talk, card, t("button.cancel_order"))
    asked = talk.message(DARA, card["message_id"])
    reasons = ("changed_mind", "other_items", "wrong_address", "too_slow", "none")
    assert list(keys(asked)) == [*(t(f"reason.{one}") for one in reasons), t("button.keep")]
    answer = await _press(talk, asked, t("reason.too_slow"))
    assert answer["text"] == t("status.cancelled")
    told = t("order.reason", text=t("reason.too_slow"))
    assert told in said(talk.message(DARA, card["message_id"]))
    await _sent(talk)
    assert told in said(talk.message(STAFF_GROUP, counter["message_id"]))
    assert (await builders.read(talk.shop, order)).cancel_reason is CancelReason.TOO_SLOW


async def test_staff_say_why_and_the_customer_reads_it(sqlite_talk: Talk) -> None:
    """The counter has four reasons of its own; the customer's note and card tell the chosen one in Khmer."""
    talk = sqlite_talk
    dara, _, card, counter = await _counter(talk)
    await people.speak(talk.shop, dara, "km")
    await _press(talk, counter, t("button.more_of_order"), SOKHA, STAFF_GROUP)
    counter = talk.message(STAFF_GROUP, counter["message_id"])
    await _press(talk, counter, t("button.cancel_order"), SOKHA, STAFF_GROUP)
    asked = talk.message(STAFF_GROUP, counter["message_id"])
    reasons = ("unreachable", "out_of_stock", "no_delivery", "asked_for")
    assert list(keys(asked)) == [*(t(f"reason.{one}") for one in reasons), t("button.keep")]
    await _press(talk, asked, t("reason.out_of_stock"), SOKHA, STAFF_GROUP)
    assert t("order.reason", text=t("reason.out_of_stock")) in said(talk.message(STAFF_GROUP, counter["message_id"]))
    await _sent(talk)
    told = KM("order.reason", text=KM("reason.out_of_stock"))
    assert told in said(talk.message(DARA, card["message_id"]))
    assert told in said(talk.messages(DARA)[-1])
    assert KM("status.cancelled") in said(talk.messages(DARA)[-1])
    assert list(keys(talk.messages(DARA)[-1])) == [KM("button.again"), KM("button.order")]


async def test_forged_and_late_cancels(sqlite_talk: Talk) -> None:
    """A stranger's tap, one with the counter's reason, one of an earlier card: a sentence, and what is true now."""
    talk = sqlite_talk
    _, order, card, counter = await _counter(talk)
    cancel = taps.CancelOrder(order.id, CancelReason.TOO_SLOW, order.version)
    (front,) = (await talk.say(BOPHA, "/start"))[-1:]
    assert (await talk.tap(BOPHA, front["message_id"], cancel))["text"] == KM("errors.not_found")
    assert (await talk.tap(BOPHA, counter["message_id"], cancel, STAFF_GROUP))["text"] == KM("errors.not_allowed")
    theirs = taps.CancelOrder(order.id, CancelReason.UNREACHABLE, order.version)
    assert (await talk.tap(DARA, card["message_id"], theirs))["text"] == t("errors.old_button")
    assert (await builders.read(talk.shop, order)).status is Status.PENDING
    await talk.tap(SOKHA, counter["message_id"], keys(counter)[t("move.claim")], STAFF_GROUP)
    late = await talk.tap(DARA, card["message_id"], cancel)
    assert "Sokha" in late["text"]
    assert t("status.preparing") in said(talk.message(DARA, card["message_id"]))


# ── it came ──────────────────────────────────────────────────────────────────────────────────────────────────────────
async def _on_its_way(talk: Talk) -> tuple[Order, Json, Json]:
    """Dara's order out for delivery: the order, their card, the counter's."""
    _, order, card, counter = await _counter(talk)
    sokha = await builders.worker(talk.shop, telegram_id=SOKHA)
    await builders.moved(talk.shop, sokha, order, Move.PREPARE, Move.READY, Move.OUT)
    await _sent(talk)
    return order, talk.message(DARA, card["message_id"]), talk.message(STAFF_GROUP, counter["message_id"])


async def test_it_came(talk: Talk) -> None:
    """One tap, thanks; both cards say when; the counter's buttons are those that stood there, and work."""
    order, card, counter = await _on_its_way(talk)
    answer = await _press(talk, card, t("button.received"))
    assert answer["text"] == t("order.thanks_received")
    when = t.when(talk.shop.clock.now(), talk.shop.config.zone)
    mine = talk.message(DARA, card["message_id"])
    assert t("order.received", when=when) in said(mine)
    assert t("button.received") not in keys(mine)
    await _sent(talk)
    theirs = talk.message(STAFF_GROUP, counter["message_id"])
    assert t("staff.received", when=when) in said(theirs)
    assert keys(theirs) == {words: tap for words, tap in keys(counter).items() if words != t("button.undo")}
    await talk.tap(SOKHA, counter["message_id"], keys(counter)[t("cash.delivered", amount="$13.50")], STAFF_GROUP)
    assert (await builders.read(talk.shop, order)).status is Status.DELIVERED


@pytest.mark.parametrize("who", ["again", "stranger", "too_early"])
async def test_it_came_said_by_no_button(sqlite_talk: Talk, who: str) -> None:
    """A second tap says that it was said; a stranger's finds nothing; before it left nothing is kept."""
    talk = sqlite_talk
    if who == "too_early":
        _, order, card, _ = await _counter(talk)
    else:
        order, card, _ = await _on_its_way(talk)
    tap: Tap = taps.HaveReceived(order.id)
    if who == "stranger":
        (front,) = (await talk.say(BOPHA, "/start"))[-1:]
        assert (await talk.tap(BOPHA, front["message_id"], tap))["text"] == KM("errors.not_found")
    elif who == "too_early":
        assert (await talk.tap(DARA, card["message_id"], tap))["text"] == t("errors.moved_on")
    else:
        await talk.tap(DARA, card["message_id"], tap)
        answer = await talk.tap(DARA, card["message_id"], tap)
        assert (answer["text"], answer["show_alert"]) == (t("errors.received_already"), True)
    kept = (await builders.read(talk.shop, order)).received_at
    assert (kept is not None) is (who == "again")


async def test_where_it_goes_and_what_it_was_like(sqlite_talk: Talk) -> None:
    """The card says whereto as long as it is on its way; the note that it came asks for an opinion, one tap away."""
    talk = sqlite_talk
    order, card, counter = await _on_its_way(talk)
    assert "📍 Dara · +855 12 000 001\n12 Street 100, Phnom Penh" in said(card)
    await talk.tap(SOKHA, counter["message_id"], keys(counter)[t("cash.delivered", amount="$13.50")], STAFF_GROUP)
    await _sent(talk)
    assert "📍" not in said(talk.message(DARA, card["message_id"]))
    note = talk.messages(DARA)[-1]
    assert said(note).startswith(f"🎁 {order.number}")
    await _press(talk, note, t("button.review"))
    assert "Rose Serum" in said(talk.message(DARA, note["message_id"]))


async def test_from_the_review_back_to_several_things(sqlite_talk: Talk) -> None:
    """One thing has its − and + below the review; several are changed in the cart, one tap away."""
    talk = sqlite_talk
    dara = await _dara(talk.shop)
    await talk.shop.db.write(store.save_address, dara.id, talk.shop.clock.now(), **builders.WHERE)
    rose, mint = await builders.product(talk.shop), await builders.product(talk.shop, sku="MINT-1")
    (front,) = (await talk.say(DARA, "/start"))[-1:]
    for wants, there in (([(rose, 1)], False), ([(rose, 1), (mint, 2)], True)):
        await talk.tap(DARA, front["message_id"], taps.OpenReview(await builders.cart(talk.shop, dara, *wants)))
        found = keys(talk.message(DARA, front["message_id"]))
        assert (t("button.cart") in found, "+" in found) == (there, not there)


async def test_what_cannot_be_fewer_has_no_minus(sqlite_talk: Talk) -> None:
    """One unit in the review: only more; of two there can be fewer."""
    talk = sqlite_talk
    dara = await _dara(talk.shop)
    await talk.shop.db.write(store.save_address, dara.id, talk.shop.clock.now(), **builders.WHERE)
    cart = await builders.cart(talk.shop, dara, (await builders.product(talk.shop), 1))
    (front,) = (await talk.say(DARA, "/start"))[-1:]
    await talk.tap(DARA, front["message_id"], taps.OpenReview(cart))
    seen = []
    for press in ("+", "−", "1"):
        review = talk.message(DARA, front["message_id"])
        seen.append([key for key in keys(review) if key in {"−", "1", "2", "+"}])
        await talk.tap(DARA, review["message_id"], keys(review)[press])
    assert seen == [["1", "+"], ["−", "2", "+"], ["1", "+"]]
