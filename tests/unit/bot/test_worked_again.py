"""An update that comes a second time, as it does when the process died before it was marked done."""

import json

import pytest
from sqlalchemy import text

from bot import taps
from bot.outbox import Outbox
from core.carts import service as carts
from core.cash import service as cash
from core.checkout import service as checkout
from core.checkout.service import Wish
from core.database.tables import holds, order_events, orders, outbox, payment_attempts, promo_uses
from core.fulfilment import settle
from core.i18n import translator
from core.messages import store as messages
from core.messages.rules import MessageKind, MessageRef
from core.orders.carriers import Carrier
from core.orders.rules import Move, PaymentMethod
from core.people import service as people
from core.people.rules import Person, Role
from core.settlements import store as settlements
from core.settlements.rules import Act
from core.shop import Shop
from tests.support import builders
from tests.support.helping import picture, send_file
from tests.support.talk import BOPHA, DARA, STAFF_GROUP, Json, Talk, keys, said


async def test_a_tap_on_add_worked_again_adds_nothing(sqlite_talk: Talk) -> None:
    """The very same update is worked twice: one unit in the basket, and both times the person hears of one."""
    talk = sqlite_talk
    rose = await builders.product(talk.shop)
    dara = await builders.customer(talk.shop)
    (message,) = await talk.say(DARA, "/cart")
    talk.sandbox.people.tap(DARA, DARA, message["message_id"], taps.AddToCart(rose).pack())
    (update,) = await talk.arrived()
    for _ in range(2):
        assert await talk.dispatch.work(json.loads(json.dumps(update)))
    basket = await carts.basket(talk.shop, dara)
    assert basket is not None
    assert [line.quantity for line in basket.lines] == [1]


async def _paying(talk: Talk, method: PaymentMethod) -> tuple[Wish, taps.PlaceOrder]:
    """Dara stands before the review of one serum, with a code typed and her points on it; what pressing means."""
    shop = talk.shop
    await builders.with_khqr(shop, staff_chat_id=STAFF_GROUP)
    await builders.promo(shop, use_limit=1)
    dara, rose = await builders.customer(shop, DARA), await builders.product(shop)
    await builders.give_points(shop, dara, 300)
    cart = await builders.cart(shop, dara, (rose, 1))
    await builders.type_promo(shop, dara, cart, "ROSE10")
    await checkout.spend_points(shop, dara, cart, spend=True)
    front = (await talk.say(DARA, "/start"))[-1]["message_id"]
    await talk.tap(DARA, front, taps.OpenReview(cart))
    total = (await checkout.review(shop, dara, cart)).total.amount
    card = MessageRef(DARA, front, has_photo=True)
    return Wish(cart, method, total, card), taps.PlaceOrder(cart, method, total)


async def _one_order(talk: Talk, wish: Wish) -> None:
    """Hold that there is one order, which took code, points and goods once, and whose card stands where was pressed."""
    shop = talk.shop
    await Outbox(shop, talk.show, "test", lambda _chat: 0.0).send_due()
    row = await shop.db.read(lambda tx: tx.execute(orders.select()).one())
    assert (row.number, row.promo_code, row.points_used, row.total) == ("MD00001", "ROSE10", 300, wish.total)
    assert await builders.count(shop, promo_uses) == await builders.count(shop, holds) == 1
    assert await builders.count(shop, payment_attempts) == (wish.method is PaymentMethod.KHQR)
    assert len(talk.messages(STAFF_GROUP)) == (wish.method is PaymentMethod.COD)
    assert wish.card is not None
    shown = [m["message_id"] for m in talk.messages(DARA) if "MD00001" in said(m)]
    assert len(shown) == 1
    assert (
        await shop.db.read(messages.standing, MessageKind.ORDER_CARD, MessageRef(DARA, shown[0], has_photo=True)) == 1
    )
    await builders.sound(shop)


@pytest.mark.parametrize("method", PaymentMethod)
async def test_an_order_whose_update_is_worked_again(talk: Talk, method: PaymentMethod) -> None:
    """The very same press, three times: one order, the same answer and the same card each time."""
    wish, tap = await _paying(talk, method)
    assert wish.card is not None
    talk.sandbox.people.tap(DARA, DARA, wish.card.message_id, tap.pack())
    (update,) = await talk.arrived()
    for _ in range(3):
        assert await talk.dispatch.work(json.loads(json.dumps(update)))
    await _one_order(talk, wish)


@pytest.mark.parametrize("method", PaymentMethod)
async def test_killed_between_the_commit_and_the_answer(talk: Talk, method: PaymentMethod) -> None:
    """The order is committed and nothing is said; the next life works the update: the order's card, and no second."""
    wish, tap = await _paying(talk, method)
    assert wish.card is not None
    await checkout.place(talk.shop, await builders.customer(talk.shop, DARA, province=""), wish)
    answer = await talk.tap(DARA, wish.card.message_id, tap)
    assert answer["text"]
    await _one_order(talk, wish)


async def _typed(talk: Talk, words: str, who: int = DARA) -> Json:
    """Write a line, and hold back its update."""
    talk.sandbox.people.write(who, who, words)
    (update,) = await talk.arrived()
    return update


async def _again(talk: Talk, *updates: Json, chat: int = DARA) -> str:
    """Work updates, perhaps once more; returns what the last of them is answered."""
    for update in updates:
        assert await talk.dispatch.work(json.loads(json.dumps(update)))
    return said(talk.messages(chat)[-1])


async def test_a_typed_street_worked_again_is_no_search(sqlite_talk: Talk) -> None:
    """The process dies behind the commit, before the mark: one address, and no search for the street it was.

    So too where the person went on meanwhile, and what they said next is worked again too. A search stays a search.
    """
    talk, shop = sqlite_talk, sqlite_talk.shop
    dara, rose = await builders.customer(shop, DARA, province=""), await builders.product(shop)
    await people.speak(shop, await people.arrive(shop, DARA, "Dara"), "en")
    cart = await builders.cart(shop, dara, (rose, 1))
    front = (await talk.say(DARA, "/start"))[-1]["message_id"]
    await talk.tap(DARA, front, taps.ChooseDistrict(cart, "1201"))
    street, heard = await _typed(talk, "12 Rose Street"), translator("en")("ask.heard")
    assert heard not in await _again(talk, street)
    assert await _again(talk, street) == heard
    assert [one.street for one in await people.address_book(shop, dara)] == ["12 Rose Street"]
    await talk.tap(DARA, front, taps.AskNote(cart))
    note = await _typed(talk, "please ring")
    assert await _again(talk, note, street) == heard
    assert await _again(talk, note) == heard
    assert (await checkout.review(shop, dara, cart)).cart.note == "please ring"
    search = await _typed(talk, "rose")
    first = await _again(talk, search)
    assert await _again(talk, street) == heard
    assert heard != first == await _again(talk, search)


@pytest.mark.parametrize("chat", [DARA, STAFF_GROUP])
async def test_an_answer_worked_again_answers_no_later_question(sqlite_talk: Talk, chat: int) -> None:
    """A wizard's first answer is worked a second time while the second is awaited: it is not taken for that.

    Nor is a reply in the group of those who run the shop.
    """
    talk = sqlite_talk
    boss = await builders.worker(talk.shop, Role.OWNER, DARA, "Dara")
    await people.speak(talk.shop, boss, "en")
    await builders.with_khqr(talk.shop, staff_chat_id=STAFF_GROUP, admin_chat_id=STAFF_GROUP)
    front = (await talk.say(DARA, "/promos", chat))[-1]["message_id"]
    await talk.tap(DARA, front, taps.NewPromo(), chat)
    talk.sandbox.people.write(DARA, chat, "NEWYEAR", reply_to=None if chat == DARA else front)
    (code,) = await talk.arrived()
    assert "NEWYEAR" in await _again(talk, code, chat=chat)
    asked = await people.question(talk.shop, boss)
    assert await _again(talk, code, chat=chat) == translator("en")("ask.heard")
    assert asked == await people.question(talk.shop, boss)


async def _asked(shop: Shop, boss: Person, kind: str) -> str:
    """Bring the shop to where this is asked of its owner in private, and ask it; returns a line that answers it."""
    if kind == "reference":
        _, attempt = await builders.khqr_order(shop)
        money = builders.money(attempt, shop.clock.now(), amount_minor=2000)
        await shop.db.write(settle.settle, shop.policy, attempt.order_id, attempt.id, money, shop.clock.now())
        (case,) = await shop.db.read(settlements.cases, attempt.order_id)
        await people.ask(shop, boss, kind, chat_id=BOPHA, case_id=case.id, act=Act.APPROVE, version=case.version)
        return "ABA 12:04"
    order = await builders.order(shop, await builders.customer(shop), await builders.product(shop))
    order = await builders.moved(shop, boss, order, Move.PREPARE, Move.READY)
    if kind == "tracking":
        await people.ask(shop, boss, kind, chat_id=BOPHA, order_id=order.id, carrier=Carrier.JT, seen=0)
        return "860012345678"
    order = await builders.moved(shop, boss, order, Move.OUT)
    if kind == "cash_taken":
        await people.ask(shop, boss, kind, chat_id=BOPHA, order_id=order.id, version=order.version)
        return "13 no change"
    await builders.moved(shop, boss, order, Move.DELIVER)
    handed = await cash.hand_in(shop, boss, (await cash.held(shop, boss, boss.id)).held)
    await people.ask(shop, boss, kind, chat_id=BOPHA, hand_in_id=handed.id)
    return "13 one short"


@pytest.mark.parametrize("kind", ["tracking", "cash_taken", "cash_counted", "reference"])
async def test_what_the_counter_typed_ends_with_its_question(sqlite_talk: Talk, kind: str) -> None:
    """A parcel's number, cash taken or counted, a reference: worked again it was heard, and is no search."""
    talk, shop = sqlite_talk, sqlite_talk.shop
    await builders.with_khqr(shop, staff_chat_id=STAFF_GROUP)
    boss = await builders.worker(shop, Role.OWNER, BOPHA, "Bopha")
    await people.speak(shop, boss, "en")
    line = await _typed(talk, await _asked(shop, boss, kind), BOPHA)
    assert "✓" in await _again(talk, line, chat=BOPHA)
    assert await people.question(shop, boss) is None
    assert await _again(talk, line, chat=BOPHA) == translator("en")("ask.heard")
    await builders.sound(shop)


async def _killed_at_the_question(talk: Talk, update: Json) -> None:
    """Work an update in a process that dies where its question would end; nothing else of it stands then."""
    for what in ("UPDATE", "DELETE"):
        dies = f"CREATE TRIGGER dies_{what} BEFORE {what} ON questions BEGIN SELECT RAISE(ABORT, 'killed'); END"
        await talk.shop.db.write(lambda tx, dies=dies: tx.execute(text(dies)))
    assert not await talk.dispatch.work(json.loads(json.dumps(update)))
    for what in ("UPDATE", "DELETE"):
        await talk.shop.db.write(lambda tx, what=what: tx.execute(text(f"DROP TRIGGER dies_{what}")))


async def test_a_picture_of_a_payment_ends_with_its_question(sqlite_talk: Talk) -> None:
    """Killed between the claim and its question neither is there; worked again, both, the picture owed to staff once.

    Worked once more it was heard, and is no second claim.
    """
    talk, shop, t = sqlite_talk, sqlite_talk.shop, translator("en")
    await builders.with_khqr(shop, staff_chat_id=STAFF_GROUP)
    order, _ = await builders.khqr_order(shop)
    dara = await people.speak(shop, await builders.customer(shop, DARA), "en")
    await people.ask(shop, dara, "paid", order_id=order.id)
    send_file(talk, DARA, DARA, "photo", picture())
    (update,) = await talk.arrived()
    await _killed_at_the_question(talk, update)
    assert await shop.db.read(settlements.cases, order.id) == []
    assert "The shop has your picture" in await _again(talk, update)
    assert await people.question(shop, dara) is None
    assert await _again(talk, update) == t("ask.heard")
    assert len(await shop.db.read(settlements.cases, order.id)) == 1
    assert await builders.count(shop, outbox, outbox.c.kind == MessageKind.PAYMENT_PROOF) == 1


async def test_an_order_that_is_changed_ends_its_draft(sqlite_talk: Talk) -> None:
    """Killed between the two neither happened; worked again the tap changes it once, and no later line is an answer.

    Killed behind the two, the draft stands there still: worked again, or tapped again, it says so and becomes the card.
    """
    talk, shop, t = sqlite_talk, sqlite_talk.shop, translator("en")
    await builders.with_khqr(shop, staff_chat_id=STAFF_GROUP)
    boss = await people.speak(shop, await builders.worker(shop, Role.ADMIN, BOPHA, "Bopha"), "en")
    order = await builders.order(shop, await builders.customer(shop, DARA), await builders.product(shop), 2)
    front = (await talk.say(BOPHA, "/start"))[-1]["message_id"]
    await talk.tap(BOPHA, front, taps.ChangeOrder(order.id, order.version))
    draft = talk.messages(BOPHA)[-1]["message_id"]
    await talk.tap(BOPHA, draft, taps.ChangeUnits(order.id, order.lines[0].variant_id, 1))
    tap = next(data for data in keys(talk.message(BOPHA, draft)).values() if data.startswith(taps.ConfirmChange.prefix))
    query = talk.sandbox.people.tap(BOPHA, BOPHA, draft, tap)
    (update,) = await talk.arrived()
    await _killed_at_the_question(talk, update)
    assert (await builders.read(shop, order)).total == order.total
    assert "$12.00" in await _again(talk, update, chat=BOPHA)
    assert (await builders.read(shop, order)).subtotal.amount == 1200
    assert await people.question(shop, boss) is None
    for _ in range(2):
        assert (await _again(talk, update, chat=BOPHA)).startswith(order.number)
        assert talk.sandbox.world.state.queries[query].answer["text"] == t("errors.done_already")
        assert t("button.more_of_order") in keys(talk.message(BOPHA, draft))
    assert await builders.count(shop, order_events, order_events.c.kind == "changed") == 1
    await builders.sound(shop)
