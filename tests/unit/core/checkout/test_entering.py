"""An order entered for somebody who phoned: whose it is, whose points and limits it touches, how it is found again."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from core.carts import store as carts
from core.checkout import entering
from core.checkout import service as checkout
from core.checkout.service import Wish
from core.database.tables import addresses, people
from core.errors import NotAllowed, NotFound, Refused
from core.fulfilment import service as fulfilment
from core.fulfilment.rules import Wanted
from core.messages.rules import MessageKind
from core.orders import service as orders
from core.orders import store as order_store
from core.orders.rules import Move, Order, PaymentMethod, PaymentStatus
from core.people import service as people_service
from core.people import store
from core.people.rules import BOOK, CHANGE, Person, Role
from core.points import store as points
from core.privacy import service as privacy
from core.shop import Shop
from tests.support import builders, lives

PHONE = "+85512777888"
"""Of who phoned; the clerk's own is another."""


async def _clerk(shop: Shop, phone: str = PHONE, telegram_id: int = 2001) -> Person:
    """Sokha with a phone of her own, and an address that names who phoned."""
    clerk = await builders.worker(shop, Role.STAFF, telegram_id, f"Sokha {telegram_id}")
    clerk = await people_service.say_phone(shop, clerk, "012 555 666")
    where = builders.WHERE | {"recipient": "Chenda", "phone": phone}
    await shop.db.write(lambda tx: store.save_address(tx, clerk.id, shop.clock.now(), **where) and None)
    return clerk


async def _enter(
    shop: Shop, clerk: Person, variant: int, method: PaymentMethod = PaymentMethod.COD, units: int = 1
) -> Order:
    cart = await builders.cart(shop, clerk, (variant, units))
    found = await entering.review(shop, clerk, cart)
    return await entering.enter(shop, clerk, Wish(cart, method, found.total.amount))


async def _book(shop: Shop, person_id: int) -> list[str]:
    """Recipients of an address book."""
    return [one.recipient for one in await shop.db.read(store.address_book, person_id)]


async def test_who_is_not_known_is_made_known(shop: Shop) -> None:
    """A person without Telegram, found by the same phone again; the clerk's book stays empty; told is the counter."""
    await builders.with_khqr(shop, staff_chat_id=builders.STAFF_CHAT)
    clerk, rose = await _clerk(shop), await builders.product(shop)
    order = await _enter(shop, clerk, rose)
    assert (order.entered_by, order.destination.recipient, order.payment_status) == (
        clerk.id, "Chenda", PaymentStatus.DUE)  # fmt: skip
    buyer = await shop.db.read(store.by_id, order.person_id)
    assert buyer is not None
    assert (buyer.telegram_id, buyer.name, buyer.phone) == (None, "Chenda", PHONE)
    assert (await _book(shop, clerk.id), await _book(shop, buyer.id)) == ([], ["Chenda"])
    assert await builders.owed(shop) == [(builders.STAFF_CHAT, "staff_card")]
    event = (await shop.db.read(order_store.events, order.id))[0]
    assert (event.kind, event.actor_id) == ("placed", clerk.id)
    read = await builders.read(shop, order)
    assert (read.entered_name, read.entered_by) == (clerk.name, clerk.id)
    await _clerk(shop)
    assert (await _enter(shop, clerk, rose)).person_id == buyer.id
    order = await builders.moved(shop, clerk, order, Move.PREPARE, Move.READY, Move.OUT, Move.DELIVER)
    assert await shop.db.read(points.balance, buyer.id, shop.clock.now()) == 13
    await builders.sound(shop)


async def test_the_same_tap_twice_is_one_order(shop: Shop) -> None:
    """Twice at once, and again later: one order, one person."""
    clerk, rose = await _clerk(shop), await builders.product(shop)
    cart = await builders.cart(shop, clerk, (rose, 1))
    wish = Wish(cart, PaymentMethod.COD, 1350)
    made = await asyncio.gather(*(entering.enter(shop, clerk, wish) for _ in range(2)))
    made.append(await entering.enter(shop, clerk, wish))
    assert len({order.id for order in made}) == 1
    assert await builders.count(shop, people, people.c.telegram_id.is_(None)) == 1
    await builders.sound(shop)


async def test_whose_points_and_limits(sqlite_shop: Shop) -> None:
    """The clerk's points are not spent, their use of a code is not counted; the customer's is."""
    shop = sqlite_shop
    clerk, rose = await _clerk(shop), await builders.product(shop)
    await builders.promo(shop, person_limit=1)
    await builders.give_points(shop, clerk, 500)
    for refused in (None, "promo_used"):
        cart = await builders.cart(shop, clerk, (rose, 2))
        await builders.type_promo(shop, clerk, cart, "rose10")
        await checkout.spend_points(shop, clerk, cart, spend=True)
        found = await entering.review(shop, clerk, cart)
        assert (found.points.points, found.could_redeem.points) == (0, 0)
        assert (found.promo_refused.key if found.promo_refused else None) == (refused and f"errors.{refused}")
        order = await entering.enter(shop, clerk, Wish(cart, PaymentMethod.COD, found.total.amount))
        assert (order.points_used, order.promo_code) == (0, "" if refused else "ROSE10")
        await _clerk(shop)
    assert await shop.db.read(points.balance, clerk.id, shop.clock.now()) == 500
    mine = await builders.cart(shop, clerk, (rose, 1))
    assert (await builders.type_promo(shop, clerk, mine, "rose10")).promo is not None
    await builders.sound(shop)


async def test_only_a_confirmed_phone_is_somebodys(sqlite_shop: Shop) -> None:
    """Who typed the phone gets nothing of it; whom Telegram confirmed it of gets the order, and its card."""
    shop = sqlite_shop
    clerk, rose = await _clerk(shop), await builders.product(shop)
    thief = await builders.customer(shop, 1002, "Thief")
    thief = await people_service.say_phone(shop, thief, PHONE)
    order = await _enter(shop, clerk, rose)
    assert order.person_id != thief.id
    assert await entering.claim(shop, thief) == 0
    assert (await orders.mine(shop, thief)).orders == ()
    await _clerk(shop)
    dara = await builders.customer(shop, province="")
    dara = await people_service.say_phone(shop, dara, PHONE, confirmed=True)
    second = await _enter(shop, clerk, rose)
    assert second.person_id == dara.id
    assert (1001, "order_card") in await builders.owed(shop, MessageKind.ORDER_CARD)
    assert await _book(shop, dara.id) == ["Chenda"]
    dara = await people_service.say_phone(shop, dara, PHONE)
    assert await entering.claim(shop, dara) == 0  # typed over it: no longer sure


async def test_found_when_the_phone_is_shared(shop: Shop) -> None:
    """Orders, points, code and address become theirs, once; what is under way stands before them as a card."""
    clerk, rose = await _clerk(shop), await builders.product(shop)
    first = await _enter(shop, clerk, rose)
    first = await builders.moved(shop, clerk, first, Move.PREPARE, Move.READY, Move.OUT, Move.DELIVER)
    await _clerk(shop)
    second = await _enter(shop, clerk, rose, units=2)
    dara = await builders.customer(shop, province="")
    dara = await people_service.say_phone(shop, dara, PHONE, confirmed=True)
    assert sorted(await asyncio.gather(entering.claim(shop, dara), entering.claim(shop, dara))) == [0, 2]
    assert [one.id for one in (await orders.mine(shop, dara)).orders] == [second.id, first.id]
    assert await shop.db.read(points.balance, dara.id, shop.clock.now()) == 13
    assert await _book(shop, dara.id) == ["Chenda"]  # the same address twice is one
    assert await builders.owed(shop, MessageKind.ORDER_CARD) == [(1001, "order_card")]

    def ghosts(tx: Connection) -> list[tuple[str, str | None]]:
        rows = tx.execute(select(people).where(people.c.telegram_id.is_(None)))
        return [(row.name, row.phone) for row in rows]

    assert await shop.db.read(ghosts) == [("", None)]
    await builders.moved(shop, dara, second, Move.CANCEL)
    await builders.sound(shop)


async def test_what_is_refused(sqlite_shop: Shop) -> None:
    """To one's own phone, by who is no staff, without an address, another's cart, another sum: nothing is written."""
    shop = sqlite_shop
    clerk, rose = await _clerk(shop, "+85512555666"), await builders.product(shop)
    cart = await builders.cart(shop, clerk, (rose, 1))
    assert await entering.review(shop, clerk, cart) is None
    with pytest.raises(Refused, match="enter_own"):
        await entering.enter(shop, clerk, Wish(cart, PaymentMethod.COD, 1350))
    courier = await builders.worker(shop, Role.COURIER, 2005, "Vuthy")
    for who in (courier, await builders.customer(shop)):
        with pytest.raises(NotAllowed):
            await entering.enter(shop, who, Wish(cart, PaymentMethod.COD, 1350))
        with pytest.raises(NotAllowed):
            await entering.review(shop, who, cart)
    await shop.db.write(lambda tx: tx.execute(addresses.delete().where(addresses.c.person_id == clerk.id)) and None)
    with pytest.raises(Refused, match="address_missing"):
        await entering.enter(shop, clerk, Wish(cart, PaymentMethod.COD, 1350))
    assert await builders.figures(shop, rose) == (10, 0, 0)
    assert await builders.count(shop, people, people.c.telegram_id.is_(None)) == 0


SAID = {
    "012 777 888 Chenda": "Chenda", "Chenda, +855 12 777 888": "Chenda", "Sok Chenda: 012-777-888": "Sok Chenda",
    "០១២៧៧៧៨៨៨ ចិន្តា": "ចិន្តា", "012777888 Chenda (House 12)": "Chenda (House 12)",
}  # fmt: skip


@pytest.mark.parametrize("line", SAID)
def test_who_phoned(line: str) -> None:
    """Phone and name in one line, in either order, in either digits."""
    clerk = Person(1, 2001, "Sokha", role=Role.STAFF, phone="+85512555666")
    assert entering.who(line, clerk) == {"recipient": SAID[line], "phone": "+85512777888"}


@pytest.mark.parametrize(
    ("line", "why"),
    [("Chenda", "enter_who"), ("", "enter_who"), ("012 777 888", "text_empty"), ("012 555 666 Me", "enter_own"),
     ("123 456 Chenda", "phone_invalid"), ("099 999 999 999 Chenda", "phone_invalid")],
)  # fmt: skip
def test_who_phoned_is_unclear(line: str, why: str) -> None:
    """No phone, no name, a phone that cannot be, one's own: a sentence each."""
    with pytest.raises(Refused, match=why):
        entering.who(line, Person(1, 2001, "Sokha", role=Role.STAFF, phone="+85512555666"))


async def test_its_qr_is_the_clerks_to_show(sqlite_shop: Shop) -> None:
    """Staff renew the QR of an entered order; of no other customer's."""
    shop = sqlite_shop
    await builders.with_khqr(shop)
    clerk, rose = await _clerk(shop), await builders.product(shop)
    order = await _enter(shop, clerk, rose, PaymentMethod.KHQR)
    assert (await builders.attempts(shop, order))[0].amount_minor == 1350
    shop.clock.move(timedelta(minutes=6))
    await fulfilment.new_qr(shop, clerk, order.id)
    assert len(await builders.attempts(shop, order)) == 2
    other = await builders.order(shop, await builders.customer(shop), rose, 1, PaymentMethod.KHQR)
    for who, which in ((clerk, other), (await builders.customer(shop, 1002, "Bopha"), order)):
        with pytest.raises(NotFound):
            await fulfilment.new_qr(shop, who, which.id)


async def test_their_customer_can_be_forgotten(sqlite_shop: Shop) -> None:
    """The address that the clerk's cart went to, also with no room in a book, and a change left half done go along."""
    shop = sqlite_shop
    clerk, rose = await _clerk(shop), await builders.product(shop)
    dara = await builders.customer(shop, province="")
    for _ in range(BOOK):
        await shop.db.write(lambda tx: store.save_address(tx, dara.id, shop.clock.now(), **builders.WHERE) and None)
    dara = await people_service.say_phone(shop, dara, PHONE, confirmed=True)
    cart, (address,) = (
        await builders.cart(shop, clerk, (rose, 1)), await shop.db.read(store.address_book, clerk.id),
    )  # fmt: skip
    await shop.db.write(carts.send_to, cart, address.id, shop.clock.now())
    order = await entering.enter(shop, clerk, Wish(cart, PaymentMethod.COD, 1350))
    wanted = Wanted().going("street", "Zyxstreet 9").written()
    await people_service.ask(shop, clerk, CHANGE, chat_id=-5, order_id=order.id, version=1, **wanted)
    await builders.moved(shop, clerk, order, Move.CANCEL)
    shop.clock.move(timedelta(days=3))
    await privacy.forget_me(shop, dara, int(shop.clock.now().timestamp()))
    text = await shop.db.read(lives.everything)
    assert not [word for word in ("Chenda", PHONE, "Zyxstreet") if word in text]
    await builders.sound(shop)
