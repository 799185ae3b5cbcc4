"""SQL of privacy: everything that is kept of one person, and its emptying. Orders stay for the books, without them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, delete, exists, func, literal, or_, select, update

from core import changes
from core.database.columns import insert_new
from core.database.tables import (
    addresses,
    audit,
    cart_lines,
    carts,
    cash_collections,
    cash_hand_ins,
    favourites,
    help_messages,
    help_threads,
    inbox,
    message_refs,
    order_checks,
    order_events,
    order_lines,
    order_notes,
    orders,
    outbox,
    payment_attempts,
    payment_cases,
    people,
    point_entries,
    products,
    promo_codes,
    promo_uses,
    questions,
    reviews,
    roles,
    settlements,
    shipments,
    subscribers,
    tombstones,
    variants,
    waitlist,
)
from core.messages import store as messages
from core.messages.rules import MessageKind, MessageRef
from core.money import Currency, Money
from core.orders import store as order_store
from core.orders.rules import CARRIED
from core.people.rules import ANSWERED, AUDIT, CHANGE, FOUND, Question
from core.points import store as points
from core.privacy.rules import WATCHED, Tombstone, Unfinished, hindrance
from core.shipping import rules as shipping
from core.suspicion.rules import CHECKED, FLAGGED

Rows = list[dict[str, Any]]
_THING = (products.c.name_en, products.c.name_km)
_MONEY = frozenset({
    "subtotal", "discount", "points_discount", "delivery_fee", "total", "prepaid", "unit_price", "amount"
})  # fmt: skip
STAFFS_OWN = (FLAGGED, CHECKED)
"""Events of what staff think of an order, kept back as ``order_checks`` is."""
_ASKED = ("new", "pending", "expired", "superseded")
"""Attempts that the bank is still asked about."""


# ── what is kept ─────────────────────────────────────────────────────────────────────────────────────────────────────
def kept(tx: Connection, person_id: int) -> dict[str, Any]:
    """Read all that is kept of a person and is theirs, under names that people can read."""
    row = tx.execute(select(people).where(people.c.id == person_id)).one()
    return {
        "person": _without(row, "id", "language", "wants_news", "wants_reminders", "referral_code", "referrer_id"),
        "settings": {"language": row.language, "wants_news": row.wants_news, "wants_reminders": row.wants_reminders},
        "role": _rows(tx, select(roles.c.role, roles.c.granted_at).where(roles.c.person_id == person_id)),
        "addresses": [_placed(_without(one, "id", "person_id")) for one in _mine(tx, addresses, person_id)],
        "cart": _cart(tx, person_id),
        "orders": _orders(tx, person_id),
        "points": _points(tx, person_id),
        "promo_codes": _promos(tx, person_id),
        "referrals": {
            "invitation_code": row.referral_code, "came_by_an_invitation": row.referrer_id is not None,
            "friends_who_had_a_parcel": points.friends(tx, person_id),
        },
        "favourites": _rows(tx, select(*_THING, favourites.c.at).join_from(favourites, products).where(
            favourites.c.person_id == person_id).order_by(favourites.c.at)),
        "waiting_for": _waits(tx, person_id),
        "reviews": _reviews(tx, person_id),
        "help": _talk(tx, person_id),
        "newsletter": [_without(one, "id") for one in _news(tx, row)],
        "question_being_asked": [_without(one, "person_id") for one in _mine(tx, questions, person_id)
                                 if one.kind != ANSWERED and not Question(one.kind, one.asked_at, one.data).at_counter],
    }  # fmt: skip


def _news(tx: Connection, person: Row[Any]) -> Sequence[Row[Any]]:
    """Who subscribed outside Telegram with the phone that Telegram confirmed of a person; a typed one is no proof."""
    return tx.execute(select(subscribers).where(*_subscribed(person))).all()


def _subscribed(person: Row[Any]) -> tuple[ColumnElement[bool], ...]:
    sure = bool(person.phone and person.phone_confirmed)
    return subscribers.c.phone == (person.phone or ""), subscribers.c.phone != "", literal(sure)


def _mine(tx: Connection, table: Table, person_id: int) -> Sequence[Row[Any]]:
    return tx.execute(select(table).where(table.c.person_id == person_id).order_by(*table.primary_key.columns)).all()


def _without(row: Row[Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in row._mapping.items() if key not in names}  # noqa: SLF001 - its public name


def _placed(entry: dict[str, Any]) -> dict[str, Any]:
    """Write an address's place beside its codes, which nobody knows by heart."""
    codes = (entry["province_code"], entry["district_code"], entry["street"], entry["commune_code"])
    return entry | dict(zip(("written_en", "written_km"), shipping.written(*codes), strict=True))


def _rows(tx: Connection, query: Any) -> Rows:
    return [dict(row) for row in tx.execute(query).mappings()]


def _priced(row: dict[str, Any], currency: str) -> dict[str, Any]:
    """Give every amount its currency."""
    return {key: Money(value, Currency(currency)) if key in _MONEY else value for key, value in row.items()}


def _cart(tx: Connection, person_id: int) -> Rows:
    mine = (carts.c.person_id == person_id, carts.c.state == "open")
    query = select(*_THING, variants.c.name_en.label("variant_en"), variants.c.name_km.label("variant_km"),
                   cart_lines.c.quantity, cart_lines.c.added_at, carts.c.note)  # fmt: skip
    query = query.select_from(carts.join(cart_lines).join(variants, variants.c.id == cart_lines.c.variant_id))
    return _rows(tx, query.join(products, products.c.id == variants.c.product_id).where(*mine).order_by(carts.c.id))


def _orders(tx: Connection, person_id: int) -> Rows:
    mine = select(orders.c.id).where(orders.c.person_id == person_id)
    lines = _of(tx, order_lines, mine, "id", "variant_id", "position")
    events = _of(tx, order_events, mine, "id", "detail")
    paid = _of(tx, payment_attempts, mine, "id", "payload", "md5", "deeplink", "next_check_at", "checks", "answered_at")
    cases = _of(tx, payment_cases, mine, "id", "attempt_id", "version", "closed_by")
    ledger = _of(tx, settlements, mine, "id", "attempt_id", "case_id", "actor_id")
    sent = _of(tx, shipments, mine, "by_id")
    hidden = ("id", "cart_id", "person_id", "tracking_token", "parcel_token", "holder_id", "held_at", "courier_id",
              "entered_by", "version", "currency")  # fmt: skip
    return [
        _priced(_without(row, *hidden), row.currency) | {
            "lines": [_priced(line, row.currency) for line in lines[row.id]],
            "shipments": sent[row.id],
            "events": [_by(event, person_id) for event in events[row.id] if event["kind"] not in STAFFS_OWN],
            "payments": [_priced(one, one.pop("currency")) for one in paid[row.id]],
            "questions_about_money": [_priced(one, one.pop("currency")) for one in cases[row.id]],
            "money": [_priced(one, one.pop("currency")) for one in ledger[row.id]],
        }
        for row in _mine(tx, orders, person_id)
    ]  # fmt: skip


def _of(tx: Connection, table: Table, mine: Any, *hidden: str) -> defaultdict[int, Rows]:
    """Read a table's rows of all these orders, by order."""
    found: defaultdict[int, Rows] = defaultdict(list)
    for row in tx.execute(select(table).where(table.c.order_id.in_(mine)).order_by(*table.primary_key.columns)):
        found[row.order_id].append(_without(row, "order_id", *hidden))
    return found


def _by(event: dict[str, Any], person_id: int) -> dict[str, Any]:
    """Say who did it without naming anybody else: the customer, or the shop."""
    actor, _ = event.pop("actor_id"), event.pop("actor_name")
    return event | {"by": "you" if actor == person_id else "the shop"}


def _points(tx: Connection, person_id: int) -> Rows:
    columns = (point_entries.c.kind, point_entries.c.points, point_entries.c.remaining, point_entries.c.at,
               point_entries.c.expires_at, orders.c.number.label("order"))  # fmt: skip
    own = (orders.c.id == point_entries.c.order_id) & (orders.c.person_id == person_id)  # a friend's order is theirs
    query = select(*columns).select_from(point_entries.outerjoin(orders, own))
    return _rows(tx, query.where(point_entries.c.person_id == person_id).order_by(point_entries.c.id))


def _promos(tx: Connection, person_id: int) -> Rows:
    columns = (promo_codes.c.code, promo_uses.c.discount, promo_uses.c.used_at, promo_uses.c.returned_at,
               orders.c.number.label("order"), orders.c.currency)  # fmt: skip
    query = select(*columns).select_from(promo_uses.join(promo_codes, promo_codes.c.id == promo_uses.c.promo_id))
    query = query.join(orders, orders.c.id == promo_uses.c.order_id).where(promo_uses.c.person_id == person_id)
    return [_priced(row, row.pop("currency")) for row in _rows(tx, query.order_by(promo_uses.c.id))]


def _waits(tx: Connection, person_id: int) -> Rows:
    query = select(*_THING, variants.c.name_en.label("variant_en"), variants.c.name_km.label("variant_km"),
                   waitlist.c.asked_at, waitlist.c.told_at)  # fmt: skip
    query = query.select_from(waitlist.join(variants).join(products, products.c.id == variants.c.product_id))
    return _rows(tx, query.where(waitlist.c.person_id == person_id).order_by(waitlist.c.id))


def _reviews(tx: Connection, person_id: int) -> Rows:
    columns = (reviews.c.stars, reviews.c.text, reviews.c.hidden, reviews.c.created_at, reviews.c.updated_at)
    query = select(*_THING, *columns).join_from(reviews, products).where(reviews.c.person_id == person_id)
    return _rows(tx, query.order_by(reviews.c.id))


def _talk(tx: Connection, person_id: int) -> Rows:
    """Read what was said in a person's talk with the shop: by side, not by name."""
    columns = (help_messages.c.side, help_messages.c.text, help_messages.c.at)
    query = select(*columns).join_from(help_messages, help_threads).where(help_threads.c.person_id == person_id)
    return _rows(tx, query.order_by(help_messages.c.id))


def last_export(tx: Connection, person_id: int) -> datetime | None:
    """When a person was last given their data."""
    mine = (audit.c.subject == "person", audit.c.subject_id == person_id, audit.c.action == "export")
    last: datetime | None = tx.execute(select(func.max(audit.c.at)).where(*mine)).scalar_one()
    return last


# ── what stands in the way ───────────────────────────────────────────────────────────────────────────────────────────
def lock(tx: Connection, person_id: int) -> None:
    """Keep a person's orders, then their row, for this transaction: no order can come meanwhile, none can move."""
    mine = select(orders.c.id).where(orders.c.person_id == person_id).order_by(orders.c.id)
    tx.execute(mine.with_for_update())
    tx.execute(select(people.c.id).where(people.c.id == person_id).with_for_update())


def unfinished(tx: Connection, person_id: int, now: datetime) -> list[Unfinished]:
    """Name the orders that are not done with, the newest first."""
    asked = exists().where(
        payment_attempts.c.order_id == orders.c.id, payment_attempts.c.state.in_(_ASKED),
        payment_attempts.c.expires_at > now - WATCHED,
    )  # fmt: skip
    query = select(orders.c.id, asked.label("asked")).where(orders.c.person_id == person_id)
    theirs = {row.id: bool(row.asked) for row in tx.execute(query)}
    found = [(order, hindrance(order, asked=theirs[order.id])) for order in order_store.by_ids(tx, list(theirs))]
    return [Unfinished(order.id, order.number, why) for order, why in reversed(found) if why]


def holds_cash(tx: Connection, person_id: int) -> bool:
    """Tell whether a courier has cash of the shop's, or handed some in that nobody has counted yet."""
    carried = select(cash_collections.c.id).where(
        cash_collections.c.courier_id == person_id, cash_collections.c.hand_in_id.is_(None)
    )
    uncounted = select(cash_hand_ins.c.id).where(
        cash_hand_ins.c.courier_id == person_id, cash_hand_ins.c.state == "handed"
    )
    return any(tx.execute(query.limit(1)).first() is not None for query in (carried, uncounted))


# ── emptied ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def forget(tx: Connection, person_id: int, now: datetime) -> None:
    """Empty everything that tells who a person is; what the books need stays, without them."""
    row = tx.execute(select(people).where(people.c.id == person_id)).one()
    _strip_orders(tx, person_id)
    _draw_again(tx, person_id, row.telegram_id, now)
    _drop_the_rest(tx, person_id)
    points.close(tx, person_id, now)
    tx.execute(delete(subscribers).where(*_subscribed(row)))
    if row.telegram_id is not None:
        _drop_messages(tx, row.telegram_id)
        _strip_audit(tx, row.telegram_id)
        changes.note(tx, "person", row.telegram_id)
    tx.execute(update(people).where(people.c.id == person_id).values(
        telegram_id=None, name="", username="", language=None, phone=None, phone_confirmed=False, blocked=False,
        wants_news=False, wants_reminders=False, seen_at=row.created_at, referral_code=None, referrer_id=None,
    ))  # fmt: skip
    changes.note(tx, "product")


def _strip_orders(tx: Connection, person_id: int) -> None:
    """Leave of each order's customer the province: fees and reports go by it."""
    for row in tx.execute(select(orders.c.id, orders.c.address).where(orders.c.person_id == person_id)).all():
        province = str(row.address.get("province_code", ""))
        english, khmer = shipping.written(province, "", "") if province else ("", "")
        left = {"province_code": province, "district_code": "", "street": "", "written_en": english,
                "written_km": khmer}  # fmt: skip
        tx.execute(update(orders).where(orders.c.id == row.id).values(recipient="", phone="", address=left, note=""))
        changes.note(tx, "order", row.id)
    mine = select(orders.c.id).where(orders.c.person_id == person_id)
    tx.execute(update(payment_cases).where(payment_cases.c.order_id.in_(mine)).values(proof="", note=""))
    tx.execute(update(order_checks).where(order_checks.c.order_id.in_(mine)).values(flags=[]))
    carried = (orders.c.courier_id == person_id, orders.c.status.in_(CARRIED))
    tx.execute(update(orders).where(*carried).values(courier_id=None))  # whoever brings it now, nobody without a name
    tx.execute(update(order_events).where(order_events.c.actor_id == person_id).values(actor_name=""))
    for table in (order_notes, shipments):  # a carrier's number opens name and street at the carrier's
        tx.execute(delete(table).where(table.c.order_id.in_(mine)))


def _draw_again(tx: Connection, person_id: int, telegram_id: int | None, now: datetime) -> None:
    """Owe every chat that shows a card with the person's name the same card without it."""
    mine = select(orders.c.id).where(orders.c.person_id == person_id)
    talks = select(help_threads.c.id).where(help_threads.c.person_id == person_id)
    for kind, subjects in ((MessageKind.STAFF_CARD, mine), (MessageKind.HELP_CARD, talks)):
        cards = (message_refs.c.kind == kind, message_refs.c.subject_id.in_(subjects))
        for row in tx.execute(select(message_refs.c.chat_id, message_refs.c.subject_id).where(*cards)).all():
            if row.chat_id != telegram_id:
                messages.owe(tx, row.chat_id, kind, row.subject_id, now)
    named = (message_refs.c.kind == MessageKind.ORDER_NAMED, message_refs.c.subject_id.in_(mine))
    for row in tx.execute(select(message_refs).where(*named)).all():
        digest = messages.standing(tx, MessageKind.ORDER_DIGEST, MessageRef(row.chat_id, row.message_id, row.has_photo))
        if digest is not None:
            messages.owe(tx, row.chat_id, MessageKind.ORDER_DIGEST, digest, now)


def _drop_the_rest(tx: Connection, person_id: int) -> None:
    """Remove what no book needs: carts that became no order, addresses, likes, waits, what was said, the role."""
    mine = carts.c.person_id == person_id
    ordered = exists().where(orders.c.cart_id == carts.c.id)
    tx.execute(delete(carts).where(mine, ~ordered))
    tx.execute(update(carts).where(mine).values(address_id=None, note="", last_update=None))
    talks = help_threads.c.person_id == person_id
    tx.execute(delete(help_messages).where(help_messages.c.thread_id.in_(select(help_threads.c.id).where(talks))))
    tx.execute(update(help_threads).where(talks).values(state="closed", order_id=None))
    theirs = carts.c.address_id.in_(select(addresses.c.id).where(addresses.c.person_id == person_id))
    tx.execute(update(carts).where(theirs).values(address_id=None))  # of who entered an order for them
    for table in (addresses, favourites, waitlist, questions, roles):
        tx.execute(delete(table).where(table.c.person_id == person_id))
    kinds = (FOUND, AUDIT, CHANGE)  # staff may have looked for this very person, or left their order half changed
    tx.execute(delete(questions).where(questions.c.kind.in_(kinds)))


def _drop_messages(tx: Connection, telegram_id: int) -> None:
    """Remove what was sent to somebody's chat, what stands there, and every update as it came.

    Updates of other people hold cards with a customer's name and street: what is worked through is not needed again.
    The update that asked for this is done with it, for a second time it would make its person known anew.
    """
    tx.execute(delete(outbox).where(outbox.c.chat_id == telegram_id))
    tx.execute(delete(message_refs).where(message_refs.c.chat_id == telegram_id))
    own = update(inbox).where(inbox.c.person == telegram_id)
    tx.execute(own.values(payload="{}", person=0, state="done", claimed_by=None, claimed_until=None))
    tx.execute(update(inbox).where(inbox.c.state != "new", inbox.c.payload != "{}").values(payload="{}"))
    said = help_messages.c
    tx.execute(update(help_messages).where(said.chat_id == telegram_id).values(chat_id=0, message_id=-said.id))
    tx.execute(update(help_messages).where(said.copy_chat_id == telegram_id).values(
        copy_chat_id=None, copy_message_id=None))  # fmt: skip


def _strip_audit(tx: Connection, telegram_id: int) -> None:
    """Leave of a setting that once was their chat (where alerts come to) who changed it, and when."""
    chats = select(audit.c.id, audit.c.detail).where(audit.c.subject.in_(("admin_chat_id", "staff_chat_id")))
    for row in tx.execute(chats).all():
        left = {name: None if value == telegram_id else value for name, value in (row.detail or {}).items()}
        if left != row.detail:
            tx.execute(update(audit).where(audit.c.id == row.id).values(detail=left))


# ── and remembered to be so ──────────────────────────────────────────────────────────────────────────────────────────
def bury(tx: Connection, person_id: int, person_hash: str, now: datetime) -> None:
    """Write down that a person is to be forgotten, by the row's id and birth, before it is emptied."""
    joined_at = tx.execute(select(people.c.created_at).where(people.c.id == person_id)).scalar_one()
    _write(tx, Tombstone(person_id, joined_at, person_hash, now))


def graves(tx: Connection) -> list[Tombstone]:
    """Everybody who was forgotten."""
    query = select(tombstones).order_by(tombstones.c.person_id, tombstones.c.joined_at)
    return [Tombstone(row.person_id, row.joined_at, row.person_hash, row.at) for row in tx.execute(query)]


def forget_again(tx: Connection, known: Iterable[Tombstone], now: datetime) -> int:
    """Forget whoever of these people is there again, as after a restore; returns how many that were."""
    found = 0
    for one in known:
        _write(tx, one)
        same = (people.c.id == one.person_id, people.c.created_at == one.joined_at)
        there = or_(people.c.telegram_id.is_not(None), people.c.name != "", people.c.phone.is_not(None))
        if tx.execute(select(people.c.id).where(*same, there)).first() is not None:
            forget(tx, one.person_id, now)
            found += 1
    return found


def _write(tx: Connection, one: Tombstone) -> None:
    values: dict[str, Any] = {
        "person_id": one.person_id,
        "joined_at": one.joined_at,
        "person_hash": one.person_hash,
        "at": one.at,
    }
    insert_new(tx, tombstones, ["person_id", "joined_at"], **values)
