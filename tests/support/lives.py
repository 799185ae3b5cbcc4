"""Somebody with one of everything that the shop keeps, each with a word of its own to be found again by."""

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, insert, select

from core.database import tables as t
from core.inbox import store as inbox
from core.inbox.rules import Received
from core.messages import store as messages
from core.messages.rules import MessageKind, MessageRef
from core.orders.rules import Move, Order
from core.people import store as people
from core.people.rules import Person, Question, Role
from core.shop import Shop
from tests.support import builders

ID, NAME, USERNAME, PHONE = 700_100_200, "Zyxandra ចាន់ធូ", "zyx_user", "+85512777001"
STREET, NOTE, ASKED, OTHER_CHAT = "77 Zyxstreet", "Zyxnote", "Zyxhelp", -100_200_300
SECRETS = (str(ID), "Zyxandra", "ចាន់ធូ", USERNAME, PHONE, "Zyxstreet", "Zyxnote", "Zyxhelp", "11.5512",
           "zyx_invite", "Zyxhush", "ZYX-9-PARCEL")  # fmt: skip
"""What must be found nowhere once they are forgotten."""
SHOPS_OWN = {"Zyxhush"}
"""What of it no customer is given: what staff tell each other."""
WHERE: dict[str, Any] = {"recipient": NAME, "phone": PHONE, "province_code": "12", "district_code": "1201",
                         "commune_code": "", "street": STREET, "latitude": 11.5512, "longitude": 104.9}  # fmt: skip


async def somebody(shop: Shop) -> tuple[Person, Order]:
    """A customer with a delivered order, and with a row of every other kind; Sokha of the staff had to do with it."""
    staff = await builders.worker(shop, Role.ADMIN)
    person = await shop.db.write(_arrived, shop)
    variant = await builders.product(shop)
    await builders.promo(shop)
    await builders.give_points(shop, person, 320, 30)
    cart_id = await builders.cart(shop, person, (variant, 2))
    await builders.type_promo(shop, person, cart_id, "rose10")
    await shop.db.write(lambda tx: tx.execute(t.carts.update().values(note=NOTE)) and None)
    order = await builders.place(shop, person, cart_id)
    order = await builders.moved(shop, staff, order, Move.PREPARE, Move.READY, Move.OUT, Move.DELIVER)
    await shop.db.write(_belongings, shop, person, order, staff)
    return person, order


def _arrived(tx: Connection, shop: Shop) -> Person:
    people.arrive(tx, ID, NAME, USERNAME, shop.clock.now())
    people.change(tx, ID, phone=PHONE, language="km", referral_code="zyx_invite")
    person = people.by_telegram(tx, ID)
    assert person is not None
    people.save_address(tx, person.id, shop.clock.now(), **WHERE)
    return person


def _belongings(tx: Connection, shop: Shop, person: Person, order: Order, staff: Person) -> None:
    now = shop.clock.now()

    def add(table: Any, **values: Any) -> None:
        tx.execute(insert(table).values(**values))

    line = tx.execute(select(t.order_lines)).one()
    product = tx.execute(select(t.products.c.id)).scalar_one()
    add(t.favourites, person_id=person.id, product_id=product, at=now)
    add(t.waitlist, person_id=person.id, variant_id=line.variant_id, asked_at=now)
    add(t.reviews, order_line_id=line.id, product_id=product, person_id=person.id, stars=5, text="Soft as silk",
        created_at=now, updated_at=now)  # fmt: skip
    add(t.help_threads, id=1, person_id=person.id, state="open", order_id=order.id, opened_at=now, updated_at=now)
    for number, (side, author, chat) in enumerate((("customer", person, ID), ("shop", staff, OTHER_CHAT)), 1):
        copied = {"copy_chat_id": OTHER_CHAT if chat == ID else ID, "copy_message_id": number}
        add(t.help_messages, thread_id=1, side=side, author_id=author.id, text=f"{ASKED} {number}", chat_id=chat,
            message_id=number, at=now, **copied)  # fmt: skip
    add(t.order_notes, order_id=order.id, author_id=staff.id, text="Zyxhush is her other name", at=now)
    add(t.shipments, order_id=order.id, carrier="jt", tracking_number="ZYX-9-PARCEL", by_id=staff.id, at=now)
    add(t.payment_cases, order_id=order.id, kind="claimed", state="done", currency="USD", amount=0, proof=NOTE,
        note=f"{NAME} sent it", opened_at=now, closed_at=now)  # fmt: skip
    add(t.carts, id=99, person_id=person.id, kind="basket", state="open", note=NOTE, created_at=now, updated_at=now)
    add(t.cart_lines, cart_id=99, variant_id=line.variant_id, quantity=1, seen_price=1200, added_at=now)
    people.ask(tx, person.id, Question("street", now, {"street": STREET}))
    friend = people.arrive(tx, 700_100_201, "Friend Other", "", now)
    tx.execute(t.people.update().where(t.people.c.id == friend.id).values(referrer_id=person.id))
    _messages(tx, shop, order)


def _messages(tx: Connection, shop: Shop, order: Order) -> None:
    """What came from them and was sent to them, where their cards stand; a colleague's tap on their card."""
    now = shop.clock.now()
    raw = json.dumps({"from": {"id": ID, "first_name": NAME}})
    card = json.dumps({"callback_query": {"message": {"text": f"{NAME} {PHONE} {STREET}"}}}, ensure_ascii=False)
    arrived = [Received(1, ID, raw), Received(2, 2001, card), Received(3, 2001, card), Received(4, ID, raw)]
    inbox.receive(tx, arrived, "one", now, now + timedelta(minutes=1))
    inbox.finish(tx, [1, 2], [3])
    messages.owe(tx, ID, MessageKind.NOTE_OUT, order.id, now)
    messages.remember(tx, MessageKind.ORDER_CARD, order.id, MessageRef(ID, 5, has_photo=True), now)
    messages.remember(tx, MessageKind.STAFF_CARD, order.id, MessageRef(OTHER_CHAT, 6, has_photo=False), now)


def everything(tx: Connection) -> str:
    """Every value of every column of every table, as one text."""
    rows = (row for table in t.metadata.sorted_tables for row in tx.execute(select(table)))
    return "\n".join(json.dumps(list(row), default=str, ensure_ascii=False) for row in rows)


def found(text: str) -> list[str]:
    """Which of their secrets stand in a text."""
    return [secret for secret in SECRETS if secret in text]
