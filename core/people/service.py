"""Use cases of people: arrive, choose a language, say a phone, keep an address, answer a question."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from core.errors import NotFound, Refused
from core.people import rules, store
from core.people.rules import Address, AddressPart, Person, Question, Role, Topic
from core.settings import store as settings_store
from core.shop import Shop

REMEMBERED = 20_000


async def arrive(shop: Shop, telegram_id: int, name: str, username: str = "") -> Person:
    """Know who wrote: from memory, else from the database, written only when new or renamed.

    What changes while it is read (a role taken, a language chosen) is not remembered as it was before.
    """
    name = rules.clean_name(name)
    shop.db.overhear()
    known = shop.seen.get(telegram_id)
    if known is not None and (known.name, known.username) == (name, username):
        return known
    with shop.changes.bell("person", telegram_id) as changed:
        known = await shop.db.read(store.by_telegram, telegram_id)
        if known is None or (known.name, known.username) != (name, username) or known.blocked:
            known = await shop.db.write(store.arrive, telegram_id, name, username, shop.clock.now())
    if len(shop.seen) >= REMEMBERED:
        shop.seen.clear()
    if not changed.is_set():
        shop.seen[telegram_id] = known
    return known


async def known(shop: Shop, telegram_id: int) -> Person | None:
    """Know somebody by sight: nobody is made known, nothing is written."""
    shop.db.overhear()
    return shop.seen.get(telegram_id) or await shop.db.read(store.by_telegram, telegram_id)


async def speak(shop: Shop, person: Person, language: str) -> Person:
    """Choose the language of everything this person reads."""
    await shop.db.write(store.change, person.telegram_id or 0, language=language)
    return replace(person, language=language)


async def blocked(shop: Shop, telegram_id: int, *, blocked: bool = True) -> None:
    """Remember that somebody blocked the bot, or let it in again."""
    await shop.db.write(store.change, telegram_id, blocked=blocked)


async def hear(shop: Shop, person: Person, *topics: Topic, on: bool) -> Person:
    """Choose whether the shop may write to this person about these topics."""
    wants: dict[str, Any] = {f"wants_{topic}": on for topic in topics}
    await shop.db.write(store.change, person.telegram_id or 0, **wants)
    return replace(person, **wants)


async def say_phone(
    shop: Shop, person: Person, text: str, question: Question | None = None, *, confirmed: bool = False
) -> Person:
    """Keep a phone, typed or shared, and forget the question it answers; ``Refused`` when it cannot be dialled.

    ``confirmed``: Telegram says that it is this person's own.
    """
    phone = rules.normal_phone(text)

    def write(tx: Connection) -> None:
        store.change(tx, person.telegram_id or 0, phone=phone, phone_confirmed=confirmed)
        store.close_question(tx, person.id, question)

    await shop.db.write(write)
    return replace(person, phone=phone)


async def grant(shop: Shop, telegram_id: int, name: str, role: Role, by: int | None = None) -> Person:
    """Give somebody a role, making them known if they never wrote; audited."""

    def write(tx: Connection) -> Person:
        person = store.by_telegram(tx, telegram_id) or store.arrive(tx, telegram_id, name, "", shop.clock.now())
        if person.role is not role:
            store.grant(tx, person, role, by, shop.clock.now())
            settings_store.write_audit(tx, shop.clock.now(), by, "grant", "person", person.id, {"role": role})
        return replace(person, role=role)

    return await shop.db.write(write)


async def revoke(shop: Shop, telegram_id: int, by: int | None = None) -> Person:
    """Take somebody's role away; audited, and in force at once in every process.

    ``NotFound`` for one who is not known, ``Refused`` for the only owner. Who has no role stays as they are.
    """

    def write(tx: Connection) -> Person:
        person = store.by_telegram(tx, telegram_id)
        if person is None:
            raise NotFound
        if person.role is Role.OWNER and len(store.owners(tx, locked=True)) == 1:
            raise Refused("last_owner")
        if person.role is not None:
            store.revoke(tx, person)
            detail = {"role": person.role}
            settings_store.write_audit(tx, shop.clock.now(), by, "revoke", "person", person.id, detail)
        return replace(person, role=None)

    return await shop.db.write(write)


async def address_book(shop: Shop, person: Person) -> list[Address]:
    """Read the person's addresses, the last used first."""
    return await shop.db.read(store.address_book, person.id)


async def address(shop: Shop, person: Person, address_id: int) -> Address:
    """Read one address of the person's book; ``NotFound`` for any other."""
    found = await shop.db.read(store.address, address_id, person.id)
    if found is None:
        raise NotFound
    return found


async def correct_address(shop: Shop, person: Person, question: Question, text: str) -> None:
    """Write the part of an address anew that a question asked for; orders that were placed keep what they had.

    ``Refused`` where it cannot be that, ``NotFound`` where the address was removed meanwhile. Said again for the same
    question it changes nothing.
    """
    part = AddressPart(question.data["part"])
    value = rules.corrected(part, text)

    def write(tx: Connection) -> None:
        if not store.take(tx, person.id, question):
            return
        if not store.change_address(tx, int(question.data["address_id"]), person.id, **{part.value: value}):
            raise NotFound

    await shop.db.write(write)


async def remove_address(shop: Shop, person: Person, address_id: int) -> None:
    """Take an address out of the person's book; ``NotFound`` where it is not in it."""
    if not await shop.db.write(store.change_address, address_id, person.id, active=False):
        raise NotFound


async def ask(shop: Shop, person: Person, kind: str, **data: Any) -> Question:
    """Remember what is being asked, so that the answer is understood after a restart too."""
    asked = Question(kind, shop.clock.now(), data, by=person.update_id)
    await shop.db.write(store.ask, person.id, asked)
    return asked


async def ask_on(shop: Shop, person: Person, asked: Question, **data: Any) -> Question:
    """Go on with the same question, of which more is known: its stamp stays, so its message's buttons stay good."""
    same = Question(asked.kind, asked.asked_at, data, by=person.update_id)
    await shop.db.write(store.ask, person.id, same)
    return same


async def leave(shop: Shop, person: Person, asked: Question) -> None:
    """Ask it no more; the next that waits in its row is asked instead."""
    after = asked.following
    await shop.db.write(store.ask, person.id, after) if after else await shop.db.write(store.answered, person.id)


async def question(shop: Shop, person: Person) -> Question | None:
    """What the person is being asked."""
    found = await shop.db.read(store.question, person.id)
    return replace(found, answers=person.update_id) if found is not None else None


async def was_heard(shop: Shop, person: Person) -> bool:
    """Tell whether what the person says now was worked before, to its end but for the mark, as after a kill."""
    found = await shop.db.read(store.standing, person.id)
    return found is not None and found.is_after(person.update_id)


async def has_answered(shop: Shop, person: Person, stamp: int) -> bool:
    """Tell whether the question with this stamp was answered by this person, and nothing was asked of them since."""
    found = await shop.db.read(store.standing, person.id)
    return found is not None and found.kind == rules.ANSWERED and found.stamp == stamp


async def is_asked(shop: Shop, kind: str, stamp: int, order_id: int) -> bool:
    """Tell whether anybody is being asked this about an order, by the question's kind and stamp."""
    asked = await shop.db.read(store.asked_of_anybody, kind)
    return any((one.stamp, one.data.get("order_id")) == (stamp, order_id) for one in asked)


async def forget_question(shop: Shop, person: Person) -> None:
    """Ask no more: the person went elsewhere, and their next line is no answer."""
    await shop.db.write(store.answered, person.id)
