"""Somebody who asks for it is gone: nothing anywhere says who they were, and the books are as before."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Table, event, select, update

from core.cards import order_card
from core.database import tables as t
from core.errors import Refused, ShopError
from core.help import service as talks
from core.help import store as talk_store
from core.help.rules import Media, Side, Spot, Written
from core.i18n import translator
from core.inbox import store as updates
from core.inbox.rules import Received
from core.messages import store as messages
from core.messages.rules import MessageKind
from core.orders.rules import Move, Order, PaymentMethod
from core.people import service as people
from core.people.rules import AUDIT, CHANGE, FOUND, Person, Role
from core.points import service as points
from core.points import store as point_store
from core.privacy import rules, store
from core.privacy import service as privacy
from core.privacy.rules import Hindrance
from core.settings import service as settings
from core.shop import Reader, Shop, counter
from tests.support import builders, lives
from tests.support.patience import PATIENCE


async def _forget(shop: Shop, person: Person) -> None:
    await privacy.forget_me(shop, person, int(shop.clock.now().timestamp()))


async def test_nothing_says_who_they_were(shop: Shop) -> None:
    """Every value of every table is looked at: before each secret stands somewhere, afterwards none anywhere."""
    person, _ = await lives.somebody(shop)
    assert lives.found(await shop.db.read(lives.everything)) == list(lives.SECRETS)
    await _forget(shop, person)
    assert lives.found(await shop.db.read(lives.everything)) == []


@pytest.mark.parametrize("kind", [FOUND, AUDIT, CHANGE])
async def test_what_staff_typed_of_them_goes(sqlite_shop: Shop, kind: str) -> None:
    """Sokha looked for their name, in the orders or in the audit, or left a change of their address half done."""
    person, _ = await lives.somebody(sqlite_shop)
    sokha = await builders.worker(sqlite_shop, Role.ADMIN)
    await people.ask(sqlite_shop, sokha, kind, words=lives.NAME)
    await _forget(sqlite_shop, person)
    assert lives.found(await sqlite_shop.db.read(lives.everything)) == []


async def test_the_books_stay(shop: Shop) -> None:
    """Order, lines, amounts, province, stock and promo use are as they were; the points end with a row that says so."""
    person, order = await lives.somebody(shop)
    await _forget(shop, person)
    after = await builders.read(shop, order)
    assert after.forgotten
    assert (after.number, after.lines, after.total, after.status) == (
        order.number,
        order.lines,
        order.total,
        order.status,
    )
    assert (after.destination.province_code, after.destination.written_en) == ("12", "Phnom Penh")
    assert await builders.count(shop, t.promo_uses, t.promo_uses.c.person_id == person.id) == 1
    assert await builders.count(shop, t.reviews, t.reviews.c.text == "Soft as silk") == 1
    assert await shop.db.read(point_store.balance, person.id, shop.clock.now()) == 0
    await builders.sound(shop)


async def test_cards_say_that_they_are_gone(shop: Shop) -> None:
    """Staff and strangers read "Deleted customer"; the counter's card is owed to its group, nothing to the person."""
    person, order = await lives.somebody(shop)
    await shop.db.write(lambda tx: tx.execute(t.outbox.delete()) and None)
    await _forget(shop, person)
    after = await builders.read(shop, order)
    stranger = Reader(Person(0, None, ""), translator("km"))
    card, seen = order_card(shop, after, counter(shop.policy)), order_card(shop, after, stranger)
    assert card.whereto is not None
    assert (card.whereto.recipient, card.whereto.phone, card.whereto.address) == ("Deleted customer", "", "Phnom Penh")
    assert (seen.forgotten, seen.whereto) == ("អតិថិជនបានលុបទិន្នន័យ", None)
    assert await builders.owed(shop) == [(lives.OTHER_CHAT, MessageKind.STAFF_CARD)]


async def test_whatever_shows_them_hears_of_it(shop: Shop) -> None:
    """The order's page that stands open, what is said of products, and whoever knew them by sight."""
    person, order = await lives.somebody(shop)
    with (
        shop.changes.bell("order", order.id) as page,
        shop.changes.bell("product") as said,
        shop.changes.bell("person", lives.ID) as known,
    ):
        await _forget(shop, person)
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(page.wait(), said.wait(), known.wait())


async def test_what_is_being_sent_leaves_no_trace(shop: Shop) -> None:
    """A card on its way to them while they are forgotten is not remembered as standing in their chat."""
    person, order = await lives.somebody(shop)
    later = shop.clock.now() + timedelta(minutes=1)
    await shop.db.write(messages.owe, lives.ID, MessageKind.ORDER_CARD, order.id, shop.clock.now())
    owed = [one for one in await shop.db.write(messages.claim_owed, "me", later) if one.kind is MessageKind.ORDER_CARD]
    await _forget(shop, person)
    card = messages.MessageRef(lives.ID, 77, has_photo=False)
    await shop.db.write(messages.sent, owed[0], later, card)
    assert lives.found(await shop.db.read(lives.everything)) == []


async def test_what_is_answered_at_that_moment_is_not_kept(shop: Shop) -> None:
    """Staff answer while their customer is forgotten: before it and gone with it, or refused; never kept or sent."""
    staff = await builders.worker(shop)
    for chat in range(5000, 5006):
        person = await builders.customer(shop, chat, "Dara", "")
        talk, _ = await shop.db.write(talk_store.open_talk, person.id, None, shop.clock.now())
        spot = Spot(talk, Side.SHOP)
        lines = [Written(lives.OTHER_CHAT, chat * 10 + i, Media.TEXT, lives.ASKED) for i in range(6)]
        said = [talks.answer(shop, staff, spot, line) for line in lines]
        ends = await asyncio.gather(*said[:3], _forget(shop, person), *said[3:], return_exceptions=True)
        assert [end for end in ends if end is not None and not isinstance(end, ShopError)] == []
        assert ends[3] is None
    assert await builders.count(shop, t.help_messages) == 0
    assert await builders.owed(shop, MessageKind.HELP_ANSWERED) == []


async def test_the_update_that_asked_is_done_with(shop: Shop) -> None:
    """Killed right after it: nobody works the update again, which would make them known anew; others still come."""
    person, _ = await lives.somebody(shop)
    later = shop.clock.now() + timedelta(minutes=5)
    await shop.db.write(updates.receive, [Received(5, 2001, "{}")], "one", later, later)
    await _forget(shop, person)
    left = await shop.db.write(updates.claim_new, "two", later + timedelta(minutes=1), later + timedelta(minutes=2))
    assert [one.update_id for one in left] == [5]


async def test_not_with_the_shops_cash(shop: Shop) -> None:
    """A courier who carries cash, or whose cash nobody has counted yet, hands it in first."""
    courier = await builders.worker(shop, Role.COURIER)
    order = await builders.order(shop, await builders.customer(shop), await builders.product(shop))
    now, amounts = shop.clock.now(), {"cents": 1350, "riel": 0}

    async def add(table: Table, **values: object) -> None:
        await shop.db.write(lambda tx: tx.execute(table.insert().values(**values, **amounts)) and None)

    await add(t.cash_collections, order_id=order.id, courier_id=courier.id, expected=1350, collected_at=now)
    with pytest.raises(Refused, match="cash_carried"):
        await _forget(shop, courier)
    await add(t.cash_hand_ins, id=1, courier_id=courier.id, state="handed", handed_at=now)
    await shop.db.write(lambda tx: tx.execute(update(t.cash_collections).values(hand_in_id=1)) and None)
    with pytest.raises(Refused, match="cash_carried"):
        await _forget(shop, courier)
    counted = {"state": "confirmed", "confirmed_at": now}
    await shop.db.write(lambda tx: tx.execute(update(t.cash_hand_ins).values(counted)) and None)
    await _forget(shop, courier)


@pytest.mark.parametrize("moves", [(), (Move.PREPARE,), (Move.PREPARE, Move.READY, Move.OUT)], ids=len)
async def test_not_with_an_order_under_way(shop: Shop, moves: tuple[Move, ...]) -> None:
    """Pending, preparing or on its way: refused, the order is named, nothing is changed."""
    person, _ = await lives.somebody(shop)
    staff = await builders.worker(shop)
    order = await builders.order(shop, person, await builders.product(shop, sku="ROSE-31"))
    await builders.moved(shop, staff, order, *moves)
    before = await shop.db.read(lives.everything)
    with pytest.raises(Refused, match="delete_waits") as refused:
        await _forget(shop, person)
    assert refused.value.values == {"number": order.number}
    (waiting,) = await privacy.hindrances(shop, person)
    assert (waiting.number, waiting.why) == (order.number, Hindrance.UNDER_WAY)
    assert await shop.db.read(lives.everything) == before


async def test_not_while_money_is_under_way(shop: Shop) -> None:
    """A cancelled order whose QR was shown may still be paid for a day; one whose refund is due waits for that."""
    await builders.with_khqr(shop)
    person = await builders.customer(shop)
    order = await builders.order(shop, person, await builders.product(shop), 1, PaymentMethod.KHQR)
    await builders.moved(shop, person, order, Move.CANCEL)
    assert [one.why for one in await privacy.hindrances(shop, person)] == [Hindrance.QR]
    shop.clock.move(timedelta(days=1, minutes=6))
    assert await privacy.hindrances(shop, person) == []
    await shop.db.write(lambda tx: tx.execute(update(t.orders).values(payment_status="refund_due")) and None)
    with pytest.raises(Refused, match="delete_waits"):
        await _forget(shop, person)
    assert [one.why for one in await privacy.hindrances(shop, person)] == [Hindrance.MONEY]


async def test_not_while_somebody_looks_at_money(shop: Shop) -> None:
    """An order is over and paid; what came a second time waits at the counter: until that is done, so do they."""
    person, order = await lives.somebody(shop)
    assert await privacy.hindrances(shop, person) == []
    waits = {"state": "open", "closed_at": None}
    await shop.db.write(lambda tx: tx.execute(update(t.payment_cases).values(waits)) and None)
    assert [(one.number, one.why) for one in await privacy.hindrances(shop, person)] == [
        (order.number, Hindrance.MONEY)
    ]


async def test_not_the_only_owner(shop: Shop) -> None:
    """The last owner stays; with another one beside them they may go, and their role goes with them."""
    owner = await builders.worker(shop, Role.OWNER, 3001, "Owner One")
    with pytest.raises(Refused, match="last_owner"):
        await _forget(shop, owner)
    await builders.worker(shop, Role.OWNER, 3002, "Owner Two")
    await _forget(shop, owner)
    assert await builders.count(shop, t.roles) == 1


async def test_not_whom_the_settings_name(shop: Shop) -> None:
    """An owner by HAANG_OWNER_IDS would be known again at the next start; a chat that alerts go to needs its reader."""
    person = await builders.customer(shop)
    shop.config = shop.config.model_copy(update={"owner_ids": (person.telegram_id,)})
    with pytest.raises(Refused, match="owner_by_settings"):
        await privacy.hindrances(shop, person)
    shop.config = shop.config.model_copy(update={"owner_ids": ()})
    await settings.change(shop.db, shop.clock, "admin_chat_id", person.telegram_id, None)
    with pytest.raises(Refused, match="alerts_reader"):
        await _forget(shop, person)


async def test_whose_chat_the_alerts_came_to_once(shop: Shop) -> None:
    """The line of the audit stays, of who changed it and when; the chat's number, which is theirs, does not."""
    owner = await builders.worker(shop, Role.OWNER, 3001, "Owner One")
    person = await builders.worker(shop, Role.OWNER, lives.ID, "Owner Two")
    for chat in (lives.ID, owner.telegram_id):
        await settings.change(shop.db, shop.clock, "admin_chat_id", chat, owner.id)
    await shop.refresh()
    assert lives.found(await shop.db.read(lives.everything)) == [str(lives.ID)]
    await _forget(shop, person)
    assert lives.found(await shop.db.read(lives.everything)) == []
    lines = select(t.audit.c.detail).where(t.audit.c.subject == "admin_chat_id").order_by(t.audit.c.id)
    told = await shop.db.read(lambda tx: tx.execute(lines).scalars().all())
    assert told == [{"from": 0, "to": None}, {"from": None, "to": owner.telegram_id}]


async def test_many_orders_are_looked_through_at_once(shop: Shop) -> None:
    """Whoever ordered for years: as many statements as for two orders, while nobody else can write."""
    person, variant = await builders.customer(shop), await builders.product(shop, 100)
    counts = []
    for more in (2, 8):
        for _ in range(more):
            await builders.moved(shop, person, await builders.order(shop, person, variant), Move.CANCEL)
        counts.append(await shop.db.read(_statements, person, shop))
    assert counts[0] == counts[1]


def _statements(tx: Connection, person: Person, shop: Shop) -> int:
    seen: list[str] = []

    def note(_tx: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    event.listen(tx, "before_cursor_execute", note)
    store.unfinished(tx, person.id, shop.clock.now())
    event.remove(tx, "before_cursor_execute", note)
    return len(seen)


async def test_a_colleague_is_forgotten_in_what_they_did(shop: Shop) -> None:
    """A courier who leaves: their name stands at no event and on no card; the order's customer stays as they are."""
    courier = await builders.worker(shop, Role.ADMIN, 2002, "Vuthyzyx")
    customer = await builders.customer(shop)
    order = await builders.order(shop, customer, await builders.product(shop))
    await builders.moved(shop, courier, order, Move.PREPARE)
    await _forget(shop, courier)
    assert "Vuthyzyx" not in await shop.db.read(lives.everything)
    after = await builders.read(shop, order)
    assert (after.destination.recipient, after.holder_name) == ("Dara", "")


@pytest.mark.parametrize("late", [-1, 601])
async def test_the_last_button_is_of_these_minutes(sqlite_shop: Shop, late: int) -> None:
    """Eleven minutes after it was asked, or with a forged moment of tomorrow, the button deletes nothing."""
    shop = sqlite_shop
    person = await builders.customer(shop)
    with pytest.raises(Refused, match="delete_ask_again"):
        await privacy.forget_me(shop, person, int(shop.clock.now().timestamp()) - late)
    assert await shop.db.read(store.graves) == []


async def test_a_tombstone_and_an_audit_line_name_nobody(shop: Shop) -> None:
    """What remembers it: the row's number, its birth and a fingerprint that the bot's token is needed for."""
    person, _ = await lives.somebody(shop)
    await _forget(shop, person)
    (grave,) = await shop.db.read(store.graves)
    assert (grave.person_id, grave.at) == (person.id, shop.clock.now())
    assert grave.person_hash != people.rules.fingerprint("another token", lives.ID)
    line = await shop.db.read(lambda tx: tx.execute(select(t.audit).where(t.audit.c.action == "forget")).one())
    assert (line.actor_id, line.subject_id, line.detail) == (None, None, None)


async def test_who_comes_back_is_new(shop: Shop) -> None:
    """Another row, none of the old orders; a friend's invitation rewards nobody a second time."""
    person, order = await lives.somebody(shop)
    friend = await people.arrive(shop, 700_100_201, "Friend Other")
    code = (await points.standing(shop, friend)).referral_code
    await _forget(shop, person)
    again = await people.arrive(shop, lives.ID, lives.NAME)
    assert again.id != person.id
    assert (again.phone, again.language) == (None, None)
    assert not await points.brought_by(shop, again, code)
    stranger = await people.arrive(shop, 700_100_299, "New")
    assert await points.brought_by(shop, stranger, code)
    assert (await builders.read(shop, order)).person_id == person.id


async def test_a_friend_is_thanked_though_who_brought_them_is_gone(shop: Shop) -> None:
    """Their first parcel earns the friend's points; nothing is booked for the one who was forgotten."""
    person, _ = await lives.somebody(shop)
    staff = await builders.worker(shop, Role.ADMIN)
    await _forget(shop, person)
    friend = await builders.customer(shop, 700_100_201, "Friend Other")
    order: Order = await builders.order(shop, friend, await builders.product(shop, sku="ROSE-32"))
    await builders.moved(shop, staff, order, Move.PREPARE, Move.READY, Move.OUT, Move.DELIVER)
    now = shop.clock.now()
    earned = shop.policy.friend_points + order.total.amount // 100 * shop.policy.points_per_dollar
    assert await shop.db.read(point_store.balance, friend.id, now) == earned
    assert await shop.db.read(point_store.balance, person.id, now) == 0
    await builders.sound(shop)


def test_a_day_and_ten_minutes() -> None:
    """The two waits are what the sentences say."""
    assert (timedelta(days=1), timedelta(minutes=10)) == (rules.APART, rules.VALID)
