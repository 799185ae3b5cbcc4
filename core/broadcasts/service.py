"""Use cases of broadcasts: written by an admin, begun, steered, sent step by step by the one process that leads."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from core.broadcasts import rules, store
from core.broadcasts.rules import Act, Audience, Broadcast, Counts, Fate, Goal, Otherwise, Recipient, State, Words
from core.errors import NotFound, OutOfDate, Refused
from core.messages import store as messages
from core.messages.rules import MessageKind, MessageRef
from core.people import store as people
from core.people.rules import Person, Question, Rank
from core.settings import store as settings
from core.settings.hours import quiet_until
from core.shop import Shop

SHOWN = 6
"""As many broadcasts are listed."""
LEASE = timedelta(seconds=60)
LISTED = 2_000
"""So many people are looked at in one transaction while they are listed: the shop's own writes go between."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a step found: the state (None: another process leads), who was claimed, whether it is night."""

    state: State | None
    claimed: tuple[Recipient, ...] = ()
    quiet: bool = False
    listing: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """A broadcast with its author's name and what became of its copies."""

    broadcast: Broadcast
    author: str
    counts: Counts


# ── written by an admin ──────────────────────────────────────────────────────────────────────────────────────────────
async def newest(shop: Shop, person: Person) -> list[Report]:
    """Read the newest broadcasts; an admin's."""
    person.must_be(Rank.ADMIN)
    return await shop.db.read(lambda tx: [_report(tx, one) for one in store.newest(tx, SHOWN)])


async def get(shop: Shop, person: Person, broadcast_id: int) -> Report:
    """Read one; an admin's. ``NotFound`` where there is none."""
    person.must_be(Rank.ADMIN)
    found = await shop.db.read(shown, broadcast_id)
    if found is None:
        raise NotFound
    return found


def shown(tx: Connection, broadcast_id: int) -> Report | None:
    """Read one as its card shows it."""
    found = store.by_id(tx, broadcast_id)
    return _report(tx, found) if found else None


def _report(tx: Connection, found: Broadcast) -> Report:
    author = people.by_id(tx, found.author_id)
    return Report(found, author.name if author else "?", store.counts(tx, found.id))


async def audience(shop: Shop, person: Person, found: Broadcast) -> Audience:
    """Count whom a draft would reach now, by the language of the words they get."""
    person.must_be(Rank.ADMIN)
    read, elsewhere = await shop.db.read(_count, shop, found)
    by_language = dict.fromkeys(found.content.words, 0)
    for language, count in read.items():
        by_language[rules.spoken(found.content, language)] += count
    return Audience(by_language, elsewhere)


def _count(tx: Connection, shop: Shop, found: Broadcast) -> tuple[dict[str, int], int]:
    languages = rules.readers(found.segment, found.content)
    return store.audience(tx, found.segment, languages, shop.clock.now()), store.elsewhere(tx)


async def draft(shop: Shop, person: Person) -> Broadcast:
    """Begin a draft; an admin's, audited."""
    person.must_be(Rank.ADMIN)

    def write(tx: Connection) -> Broadcast:
        now = shop.clock.now()
        made = store.create(tx, person.id, now)
        settings.write_audit(tx, now, person.id, "news.draft", "broadcast", made.id)
        return made

    return await shop.db.write(write)


async def say(
    shop: Shop, person: Person, broadcast_id: int, language: str, words: Words | None, question: Question | None = None
) -> Broadcast:
    """Write a draft's words in one language, None for none; how long they may be, :func:`rules.must_fit` said.

    The ``question`` that was answered by them is closed in the same transaction.

    What stopped by itself can be mended the same way, but nobody's language taken out of it.
    """

    def change(found: Broadcast) -> Broadcast:
        others = {key: one for key, one in found.content.words.items() if key != language}
        both = others | ({language: words} if words else {})
        return replace(found, content=replace(found.content, words={key: both[key] for key in sorted(both)}))

    return await _change(shop, person, broadcast_id, None, "words", change, language if words else "", question)


async def narrow(shop: Shop, person: Person, broadcast_id: int, stamp: int, **chosen: Any) -> Broadcast:
    """Choose whom a draft is for; ``OutOfDate`` where somebody changed what was seen."""

    def change(found: Broadcast) -> Broadcast:
        return replace(found, segment=rules.narrowed(found.segment, **chosen))

    return await _change(shop, person, broadcast_id, stamp, "segment", change)


async def otherwise(shop: Shop, person: Person, broadcast_id: int, stamp: int, chosen: Otherwise) -> Broadcast:
    """Choose what those get whose language is missing."""

    def change(found: Broadcast) -> Broadcast:
        return replace(found, content=replace(found.content, otherwise=chosen))

    return await _change(shop, person, broadcast_id, stamp, "otherwise", change)


async def point(
    shop: Shop, person: Person, broadcast_id: int, stamp: int | None, goal: Goal, goal_id: int,
    question: Question | None = None,
) -> Broadcast:  # fmt: skip
    """Choose where a draft's button leads, by a ``question``'s answer too; ``NotFound`` for what is not on sale."""
    catalogue = await shop.catalogue.now()
    there: Mapping[Goal, Collection[int]] = {Goal.CATEGORY: catalogue.categories, Goal.PRODUCT: catalogue.products}
    if goal in there and goal_id not in there[goal]:
        raise NotFound

    def change(found: Broadcast) -> Broadcast:
        known = goal_id if goal in {Goal.CATEGORY, Goal.PRODUCT} else 0
        return replace(found, content=replace(found.content, goal=goal, goal_id=known))

    return await _change(shop, person, broadcast_id, stamp, "button", change, question=question)


async def _change(
    shop: Shop, person: Person, broadcast_id: int, stamp: int | None, what: str,
    change: Callable[[Broadcast], Broadcast], language: str = "", question: Question | None = None,
) -> Broadcast:  # fmt: skip
    """Write a draft anew; an admin's, audited with the stamps before and after: what it says is no matter of the audit.

    ``OutOfDate`` where it is no draft any more, or not the one that was seen.
    """
    person.must_be(Rank.ADMIN)

    def write(tx: Connection) -> Broadcast:
        found = store.by_id(tx, broadcast_id, locked=True)
        if found is None:
            raise NotFound
        if not rules.may_change(found, language) or stamp not in {None, found.stamp}:
            raise OutOfDate("news_moved_on")
        changed = change(found)
        if changed.stamp != found.stamp:
            store.write(tx, changed)
            detail = {"what": what, "before": found.stamp, "after": changed.stamp}
            settings.write_audit(tx, shop.clock.now(), person.id, "news.change", "broadcast", found.id, detail)
        people.close_question(tx, person.id, question)
        return changed

    return await shop.db.write(write)


# ── begun and steered ────────────────────────────────────────────────────────────────────────────────────────────────
async def start(shop: Shop, person: Person, broadcast_id: int, stamp: int, card: MessageRef) -> Broadcast:
    """Send what was seen; the message that showed it is its card from now on.

    ``OutOfDate`` where it was changed or begun meanwhile, ``Refused`` where it is not ready or would reach nobody.

    Its people are listed later, some thousand at a time, as they stand then; who comes later is none of them.
    """
    person.must_be(Rank.ADMIN)

    def write(tx: Connection) -> Broadcast:
        now, found = shop.clock.now(), store.by_id(tx, broadcast_id, locked=True)
        if found is None:
            raise NotFound
        if found.state is not State.DRAFT or found.stamp != stamp:
            raise OutOfDate("news_moved_on")
        rules.must_be_ready(found)
        count = sum(_count(tx, shop, found)[0].values())
        if not count:
            raise Refused("news_nobody")
        store.write(tx, replace(found, chat_id=card.chat_id, reached=0, last=store.last_person(tx)))
        store.move(tx, found.id, {State.DRAFT}, State.SENDING, started_at=now)
        settings.write_audit(tx, now, person.id, "news.start", "broadcast", found.id, {"people": count})
        if card.message_id:
            messages.remember(tx, MessageKind.BROADCAST, found.id, card, now)
        messages.owe(tx, card.chat_id, MessageKind.BROADCAST, found.id, now)
        return found

    return await shop.db.write(write)


async def steer(shop: Shop, person: Person, broadcast_id: int, act: Act) -> None:
    """Pause, go on or end it at once; ``OutOfDate`` where it stands otherwise by now.

    Where it stopped by itself, whoever was refused by Telegram gets theirs after all.
    """
    person.must_be(Rank.ADMIN)

    def write(tx: Connection) -> None:
        now, found = shop.clock.now(), store.by_id(tx, broadcast_id, locked=True)
        if found is None:
            raise NotFound
        of, to = rules.MOVES[act]
        ends = {"finished_at": now} if to is State.CANCELLED else {}
        if not store.move(tx, found.id, of, to, **ends):
            raise OutOfDate("news_moved_on")
        if act is Act.RESUME and found.trouble.stopped:
            store.again(tx, found.id, now)
            store.write(tx, replace(found, trouble=rules.Trouble()))
        detail = {"before": found.state, "after": to}
        settings.write_audit(tx, now, person.id, f"news.{act}", "broadcast", found.id, detail)
        messages.owe(tx, found.chat_id, MessageKind.BROADCAST, found.id, now)

    await shop.db.write(write)


async def discard(shop: Shop, person: Person, broadcast_id: int, stamp: int) -> None:
    """Give a draft up; ``OutOfDate`` where it was changed or begun meanwhile."""
    person.must_be(Rank.ADMIN)

    def write(tx: Connection) -> None:
        now, found = shop.clock.now(), store.by_id(tx, broadcast_id, locked=True)
        seen = found is not None and found.stamp == stamp
        if not seen or not store.move(tx, broadcast_id, {State.DRAFT}, State.CANCELLED, finished_at=now):
            raise OutOfDate("news_moved_on")
        settings.write_audit(tx, now, person.id, "news.discard", "broadcast", broadcast_id)

    await shop.db.write(write)


# ── sent ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
async def turn(shop: Shop, owner: str) -> Broadcast | None:
    """The broadcast that is this process's to send; None where nothing is to be sent, or another process leads."""
    return await shop.db.write(_turn, shop, owner) if await shop.db.read(store.first_sending) else None


def _turn(tx: Connection, shop: Shop, owner: str) -> Broadcast | None:
    if not _leads(tx, shop, owner):
        return None
    store.bury(tx, shop.clock.now())  # this process has nothing in hand now, so what is being sent was left by somebody
    return store.first_sending(tx)


def _leads(tx: Connection, shop: Shop, owner: str) -> bool:
    now = shop.clock.now()
    new = store.lead(tx, owner, now, LEASE)
    if new:
        store.bury(tx, now)
    return new is not False


async def step(
    shop: Shop, owner: str, broadcast_id: int, fates: Mapping[Fate, Collection[int]], most: int, *, tell: bool,
    why: str = "",
) -> Step:  # fmt: skip
    """Write down what became of copies and take up to ``most`` more, in one transaction.

    ``tell`` owes the card anew. What is paused, cancelled or of the night claims nobody; with nothing left it is done.
    After ``rules.VAIN`` copies in a row that did not come it pauses itself; ``why`` is what Telegram said of the last.
    """

    def write(tx: Connection) -> Step:
        leads, now = _leads(tx, shop, owner), shop.clock.now()
        store.mark(tx, broadcast_id, fates, now)
        found = store.by_id(tx, broadcast_id, locked=True)
        if not leads or found is None:
            return Step(None)
        trouble = rules.told(found.trouble, fates, why)
        if trouble != found.trouble and not found.trouble.stopped:
            found = replace(found, trouble=trouble)
            store.write(tx, found)
        done = _go_on(tx, shop, found, most)
        if tell or done.quiet or done.state is State.DONE:
            messages.owe(tx, found.chat_id, MessageKind.BROADCAST, found.id, now)
        return done

    return await shop.db.write(write)


def _go_on(tx: Connection, shop: Shop, found: Broadcast, most: int) -> Step:
    now = shop.clock.now()
    if found.state is State.SENDING and found.trouble.row >= rules.VAIN:
        return _stop(tx, shop, found)
    if found.state is not State.SENDING or is_quiet(shop):
        return Step(found.state, quiet=found.state is State.SENDING)
    if not found.is_listed:
        upto = min(found.reached + LISTED, found.last)
        store.list_people(tx, found, upto, rules.readers(found.segment, found.content), now)
        store.write(tx, replace(found, reached=upto))
        if upto == found.last:
            store.count_anew(tx)
        return Step(found.state, listing=True)
    claimed = tuple(store.claim(tx, found.id, most, now)) if most else ()
    if most and not claimed and not store.any_open(tx, found.id):
        if rules.came_to_nothing(found.trouble, store.counts(tx, found.id)):
            return _stop(tx, shop, found)
        store.move(tx, found.id, {State.SENDING}, State.DONE, finished_at=now)
        return Step(State.DONE)
    return Step(found.state, claimed)


def _stop(tx: Connection, shop: Shop, found: Broadcast) -> Step:
    """Pause what does not come, and say why: in a new message, for an edit wakes nobody."""
    now = shop.clock.now()
    store.move(tx, found.id, {State.SENDING}, State.PAUSED)
    store.write(tx, replace(found, trouble=replace(found.trouble, stopped=True)))
    detail = {"before": State.SENDING, "after": State.PAUSED, "row": found.trouble.row, "fate": found.trouble.fate}
    settings.write_audit(tx, now, None, "news.stop", "broadcast", found.id, detail)
    messages.no_card(tx, found.chat_id, MessageKind.BROADCAST, found.id)
    messages.owe(tx, found.chat_id, MessageKind.BROADCAST, found.id, now)
    return Step(State.PAUSED)


def is_quiet(shop: Shop) -> bool:
    """Whether nobody is to be woken by news now."""
    return quiet_until(shop.policy, shop.clock.now().astimezone(shop.config.zone)) is not None


async def let_go(shop: Shop, broadcast_id: int, fates: Mapping[Fate, Collection[int]]) -> None:
    """Write down what became of copies, and give back what was not begun (``Fate.WAITING``)."""
    await shop.db.write(store.mark, broadcast_id, fates, shop.clock.now())


async def blocked(shop: Shop, telegram_id: int) -> None:
    """Remember who blocked the bot."""
    await shop.db.write(people.change, telegram_id, blocked=True)


async def standing(shop: Shop, telegram_id: int) -> Fate:
    """Tell whether the copy of somebody who changed something since they were claimed may still go (``SENDING``)."""
    return await shop.db.read(store.standing, telegram_id)


async def goal(shop: Shop, broadcast_id: int) -> tuple[Goal, int]:
    """Where the button of a broadcast leads; anybody's who got it."""
    found = await shop.db.read(store.by_id, broadcast_id)
    if found is None:
        raise NotFound
    return found.content.goal, found.content.goal_id
