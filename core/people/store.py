"""SQL of people, roles, addresses and questions."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, not_, select, update

from core import changes
from core.database.columns import insert_new
from core.database.tables import addresses, people, questions, roles, tombstones
from core.errors import Refused
from core.people.rules import ANSWERED, BOOK, SILENT, Address, Person, Question, Rank, Role, straight

_PERSON = select(people, roles.c.role, questions.c.kind.label("asked")).select_from(
    people.outerjoin(roles, roles.c.person_id == people.c.id).outerjoin(questions, questions.c.person_id == people.c.id)
)

_BY_ID = _PERSON.where(people.c.id == bindparam("person"))
_BOOK = (
    select(addresses)
    .where(addresses.c.person_id == bindparam("person"), addresses.c.active)
    .order_by(addresses.c.used_at.desc())
    .limit(bindparam("most"))
)
_USED = update(addresses).where(addresses.c.id == bindparam("address")).values(used_at=bindparam("now"))
"""Built once: every order reads and writes by them."""


def _person(row: Row[Any]) -> Person:
    return Person(
        row.id, row.telegram_id, straight(row.name) or "?", row.username, row.language, row.phone,
        Role(row.role) if row.role else None, row.blocked, row.asked is not None and row.asked not in SILENT,
        row.wants_news, row.wants_reminders,
    )  # fmt: skip


def by_telegram(tx: Connection, telegram_id: int) -> Person | None:
    """Find a person by Telegram id."""
    row = tx.execute(_PERSON.where(people.c.telegram_id == telegram_id)).one_or_none()
    return _person(row) if row else None


def by_id(tx: Connection, person_id: int) -> Person | None:
    """Find a person by our id."""
    row = tx.execute(_BY_ID, {"person": person_id}).one_or_none()
    return _person(row) if row else None


def was_here(tx: Connection, person_hash: str) -> bool:
    """Tell whether somebody with this fingerprint was forgotten once."""
    theirs = select(tombstones.c.at).where(tombstones.c.person_hash == person_hash)
    return tx.execute(theirs.limit(1)).first() is not None


def lock(tx: Connection, person_id: int) -> None:
    """Keep a person for this transaction where the engine locks rows: what they hold is counted one tap at a time.

    Order, person, cart, address, order number, promo code, stock: in that order rows are locked everywhere.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(select(people.c.id).where(people.c.id == person_id).with_for_update(key_share=True))


def arrive(tx: Connection, telegram_id: int, name: str, username: str, now: datetime) -> Person:
    """Make or update the person who wrote; a second arrival at the same moment finds the first's row."""
    made = insert_new(tx, people, ["telegram_id"], telegram_id=telegram_id, name=name, username=username,
                      created_at=now, seen_at=now)  # fmt: skip
    if not made:
        change(tx, telegram_id, name=name, username=username, blocked=False, seen_at=now)
    person = by_telegram(tx, telegram_id)
    if person is None:  # pragma: no cover - just written in this transaction
        raise LookupError
    return person


def owner_of(tx: Connection, phone: str) -> Person | None:
    """Whose phone this is: who Telegram confirmed it of, the last who was here; else who never wrote and was entered.

    What somebody only typed proves nothing: anybody can type anybody's.
    """
    theirs = _PERSON.where(people.c.phone == phone)
    sure = theirs.where(people.c.phone_confirmed, people.c.telegram_id.is_not(None))
    row = tx.execute(sure.order_by(people.c.seen_at.desc(), people.c.id).limit(1)).one_or_none()
    row = row or tx.execute(theirs.where(people.c.telegram_id.is_(None)).order_by(people.c.id).limit(1)).one_or_none()
    return _person(row) if row else None


def entered(tx: Connection, name: str, phone: str, now: datetime) -> Person:
    """Make known somebody who phoned and never wrote."""
    made = insert(people).values(name=name, phone=phone, created_at=now, seen_at=now).returning(people.c.id)
    person = by_id(tx, int(tx.execute(made).scalar_one()))
    if person is None:  # pragma: no cover - just written in this transaction
        raise LookupError
    return person


def same_phone(tx: Connection, person_id: int) -> list[int]:
    """Who never wrote and has the phone that Telegram confirmed of this person; nobody where it confirmed none."""
    me = people.alias("me")
    sure = (me.c.id == person_id, me.c.phone_confirmed, me.c.telegram_id.is_not(None))
    query = select(people.c.id).join(me, me.c.phone == people.c.phone).where(*sure, people.c.telegram_id.is_(None))
    return list(tx.execute(query.order_by(people.c.id)).scalars())


def give_book(tx: Connection, from_id: int, to_id: int, only: int | None = None) -> None:
    """Give addresses of one's book, or ``only`` one of them, to somebody else: theirs, whether or not they are shown.

    What their book has no room for, or has already, stands in it no more; it goes with whose it is, once forgotten.
    """
    there = [replace(one, id=0, person_id=0) for one in address_book(tx, to_id)]
    for one in address_book(tx, from_id):
        if only in {None, one.id}:
            same = replace(one, id=0, person_id=0)
            new = len(there) < BOOK and same not in there
            tx.execute(update(addresses).where(addresses.c.id == one.id).values(person_id=to_id, active=new))
            there += [same] * new
    if only is None:
        tx.execute(update(addresses).where(addresses.c.person_id == from_id).values(person_id=to_id))


def give_ties(tx: Connection, from_id: int, to_id: int) -> None:
    """Give whom somebody brought, who brought them, and the code of their invitation where the other has none."""
    was = tx.execute(select(people.c.referral_code, people.c.referrer_id).where(people.c.id == from_id)).one()
    tx.execute(update(people).where(people.c.id == from_id).values(referral_code=None, referrer_id=None))
    brought = (people.c.referrer_id == from_id, people.c.id != to_id)
    tx.execute(update(people).where(*brought).values(referrer_id=to_id))
    theirs = people.c.id == to_id
    if was.referral_code:
        mine = update(people).where(theirs, people.c.referral_code.is_(None))
        tx.execute(mine.values(referral_code=was.referral_code))
    if was.referrer_id not in {None, to_id}:
        tx.execute(update(people).where(theirs, people.c.referrer_id.is_(None)).values(referrer_id=was.referrer_id))


def fade(tx: Connection, person_id: int) -> None:
    """Empty who never wrote, once all that was theirs is somebody's who does."""
    tx.execute(update(people).where(people.c.id == person_id).values(name="", phone=None, username=""))


def change(tx: Connection, telegram_id: int, /, **values: Any) -> None:
    """Write columns of a person and tell every process to look again."""
    tx.execute(update(people).where(people.c.telegram_id == telegram_id).values(**values))
    changes.note(tx, "person", telegram_id)


def grant(tx: Connection, person: Person, role: Role, by: int | None, now: datetime) -> None:
    """Give a role, replacing the one they had; what they were asked at the counter goes with that."""
    _take_role(tx, person)
    tx.execute(insert(roles).values(person_id=person.id, role=role, granted_at=now, granted_by=by))
    changes.note(tx, "person", person.telegram_id or 0)


def revoke(tx: Connection, person: Person) -> None:
    """Take a role away, and what they were asked at the counter."""
    _take_role(tx, person)
    changes.note(tx, "person", person.telegram_id or 0)


def _take_role(tx: Connection, person: Person) -> None:
    tx.execute(delete(roles).where(roles.c.person_id == person.id))
    asked = question(tx, person.id)
    if asked is not None and asked.at_counter:
        answered(tx, person.id)


def _address(row: Row[Any]) -> Address:
    return Address(
        row.id, row.person_id, straight(row.recipient), row.phone, row.province_code, row.district_code,
        row.commune_code, row.street, row.latitude, row.longitude,
    )  # fmt: skip


def save_address(tx: Connection, person_id: int, now: datetime, /, **values: Any) -> int:
    """Add an address to the book; returns its id. ``Refused`` where the book is full."""
    if len(address_book(tx, person_id)) >= BOOK:
        raise Refused("book_full", most=BOOK)
    made = insert(addresses).values(person_id=person_id, created_at=now, used_at=now, **values)
    return int(tx.execute(made.returning(addresses.c.id)).scalar_one())


def address(tx: Connection, address_id: int, person_id: int) -> Address | None:
    """One address of the book, only if it is this person's."""
    row = tx.execute(select(addresses).where(*_in_book(address_id, person_id))).one_or_none()
    return _address(row) if row else None


def address_book(tx: Connection, person_id: int, most: int = BOOK) -> list[Address]:
    """A person's addresses, the last used first."""
    return [_address(row) for row in tx.execute(_BOOK, {"person": person_id, "most": most})]


def change_address(tx: Connection, address_id: int, person_id: int, /, **values: Any) -> bool:
    """Write columns of an address of the book; False where it is not there, or not this person's."""
    return tx.execute(update(addresses).where(*_in_book(address_id, person_id)).values(**values)).rowcount == 1


def _in_book(address_id: int, person_id: int) -> tuple[Any, ...]:
    return addresses.c.id == address_id, addresses.c.person_id == person_id, addresses.c.active


def use_address(tx: Connection, address_id: int, now: datetime) -> None:
    """Remember that an address was used, so that it comes first next time."""
    tx.execute(_USED, {"address": address_id, "now": now})


def ask(tx: Connection, person_id: int, question: Question) -> None:
    """Remember what the person is being asked, instead of what was asked before."""
    answered(tx, person_id)
    data = question.data | ({_BY: question.by} if question.by else {})
    tx.execute(insert(questions).values(person_id=person_id, kind=question.kind, data=data, asked_at=question.asked_at))


_BY = "by update"
"""Where the row of a question keeps the update that it came of."""


def question(tx: Connection, person_id: int) -> Question | None:
    """What the person is being asked, if anything."""
    found = standing(tx, person_id)
    return found if found is not None and found.kind != ANSWERED else None


def standing(tx: Connection, person_id: int) -> Question | None:
    """What stands there, be it only that something was answered."""
    row = tx.execute(select(questions).where(questions.c.person_id == person_id)).one_or_none()
    if row is None:
        return None
    return _question(row)


def _question(row: Row[Any]) -> Question:
    data = {name: value for name, value in row.data.items() if name != _BY}
    return Question(row.kind, row.asked_at, data, by=int(row.data.get(_BY, 0)))


def asked_of_anybody(tx: Connection, kind: str) -> list[Question]:
    """What people are being asked of one kind, whoever they are."""
    return [_question(row) for row in tx.execute(select(questions).where(questions.c.kind == kind))]


def answered(tx: Connection, person_id: int) -> None:
    """Forget the question."""
    tx.execute(delete(questions).where(questions.c.person_id == person_id))
    _tell(tx, person_id)


def take(tx: Connection, person_id: int, question: Question) -> bool:
    """Forget a question if it still stands; False where it was answered already, or another took its place.

    Which update answered it stands there instead, in the answer's own transaction.
    """
    same = (questions.c.person_id == person_id, questions.c.kind == question.kind)
    stands = (*same, questions.c.asked_at == question.asked_at)
    _tell(tx, person_id)
    if not question.answers:
        return tx.execute(delete(questions).where(*stands)).rowcount == 1
    trace = {"kind": ANSWERED, "data": {_BY: question.answers}}
    return tx.execute(update(questions).where(*stands).values(**trace)).rowcount == 1


def close_question(tx: Connection, person_id: int, question: Question | None) -> None:
    """Forget the question that was answered by what this transaction does, where one was; gone already is as good."""
    if question is not None:
        take(tx, person_id, question)


def _tell(tx: Connection, person_id: int) -> None:
    """Tell every process to look at this person again."""
    telegram_id = tx.execute(select(people.c.telegram_id).where(people.c.id == person_id)).scalar_one_or_none()
    changes.note(tx, "person", telegram_id or 0)


def admin_desk(tx: Connection, admin_chat_id: int) -> int:
    """The admin chat, where the shop may be read in it; 0 for none, and for the own chat of somebody who left."""
    reader = by_telegram(tx, admin_chat_id) if admin_chat_id > 0 else None
    return admin_chat_id if admin_chat_id < 0 or (reader is not None and reader.rank >= Rank.STAFF) else 0


def admin_chats(tx: Connection, admin_chat_id: int) -> list[int]:
    """Where admins are told: their chat or, where none is set or its person left, each owner."""
    desk = admin_desk(tx, admin_chat_id)
    return [desk] if desk else [owner.telegram_id or 0 for owner in owners(tx)]


def admins(tx: Connection) -> list[int]:
    """The own chats of everybody who runs the shop, but of who blocked the bot."""
    theirs = (roles.c.role.in_((Role.OWNER, Role.ADMIN)), people.c.telegram_id.is_not(None), not_(people.c.blocked))
    query = select(people.c.telegram_id).join(roles, roles.c.person_id == people.c.id).where(*theirs)
    return list(tx.execute(query.order_by(people.c.id)).scalars())


def workers(tx: Connection) -> list[Person]:
    """Everybody who works here: couriers first, then the others, each group by name."""
    found = [_person(row) for row in tx.execute(_PERSON.where(roles.c.role.is_not(None)))]
    return sorted(found, key=lambda one: (one.role is not Role.COURIER, one.name.casefold(), one.id))


def owners(tx: Connection, *, locked: bool = False) -> list[Person]:
    """Everybody who owns the shop; ``locked`` where the engine locks rows, for two who leave at once."""
    if locked:
        tx.execute(select(roles.c.person_id).where(roles.c.role == Role.OWNER).with_for_update())
    return [_person(row) for row in tx.execute(_PERSON.where(roles.c.role == Role.OWNER))]
