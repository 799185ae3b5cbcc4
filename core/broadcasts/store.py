"""SQL of broadcasts: drafts, whom they are for, and one row a person, which alone says what became of their copy."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    exists,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    text,
    update,
)

from core import changes
from core.broadcasts import rules
from core.broadcasts.rules import Bought, Broadcast, Counts, Fate, Recipient, Segment, State
from core.database.columns import insert_into, insert_new
from core.database.tables import (
    addresses,
    broadcast_sends,
    broadcasts,
    job_runs,
    order_lines,
    orders,
    people,
    products,
    subscribers,
    variants,
)
from core.messages.store import of_the_dead

LEAD, _SLOT = "broadcasts", datetime.fromtimestamp(0, UTC)
_SILENT = timedelta(seconds=5)
"""Who leads looks at the rows every second."""
_OPEN = text("broadcast_sends.state IN ('waiting', 'sending')")
"""Written out as the partial index ``ix_broadcast_sends_waiting`` is: SQLite finds it for no other wording."""
_UNDONE = ("cancelled", "expired", "returned")
_LANGUAGE = func.coalesce(people.c.language, "en")
"""Who chose none yet reads English, as everywhere (``i18n.translator``)."""


# ── broadcasts ───────────────────────────────────────────────────────────────────────────────────────────────────────
def create(tx: Connection, author_id: int, now: datetime) -> Broadcast:
    """Begin a draft that says nothing yet."""
    both = rules.packed(Segment(), rules.Content())
    made = insert(broadcasts).values(author_id=author_id, state=State.DRAFT, created_at=now, **both)
    return _must(by_id(tx, int(tx.execute(made.returning(broadcasts.c.id)).scalar_one())))


def by_id(tx: Connection, broadcast_id: int, *, locked: bool = False) -> Broadcast | None:
    """Read one; ``locked`` until the commit, where the engine locks rows."""
    query = select(broadcasts).where(broadcasts.c.id == broadcast_id)
    row = tx.execute(query.with_for_update() if locked else query).one_or_none()
    return _broadcast(row) if row else None


def newest(tx: Connection, most: int) -> list[Broadcast]:
    """Read the newest."""
    return [_broadcast(row) for row in tx.execute(select(broadcasts).order_by(broadcasts.c.id.desc()).limit(most))]


def first_sending(tx: Connection) -> Broadcast | None:
    """The one whose turn it is: they go one after the other."""
    going = select(broadcasts).where(broadcasts.c.state == State.SENDING)
    row = tx.execute(going.order_by(broadcasts.c.started_at, broadcasts.c.id).limit(1)).one_or_none()
    return _broadcast(row) if row else None


def write(tx: Connection, found: Broadcast) -> None:
    """Keep what a broadcast says, to whom, and how far its people are listed."""
    both = rules.packed(found.segment, found.content)
    both["content"] |= {"chat": found.chat_id, "reached": found.reached, "last": found.last}
    both["content"] |= {"trouble": asdict(found.trouble)}
    tx.execute(update(broadcasts).where(broadcasts.c.id == found.id).values(both))


def move(tx: Connection, broadcast_id: int, of: Collection[State], to: State, **moments: datetime) -> bool:
    """Go from one state to another; False where it stands in none of those any more."""
    there = update(broadcasts).where(broadcasts.c.id == broadcast_id, broadcasts.c.state.in_(sorted(of)))
    changes.note(tx, "broadcast", broadcast_id)
    return tx.execute(there.values(state=to, **moments)).rowcount == 1


def last_person(tx: Connection) -> int:
    """The highest id there is."""
    return int(tx.execute(select(func.coalesce(func.max(people.c.id), 0))).scalar_one())


def _broadcast(row: Row[Any]) -> Broadcast:
    kept = row.content
    return Broadcast(
        row.id, row.author_id, State(row.state), rules.segment_of(row.segment), rules.content_of(kept),
        row.created_at, row.started_at, row.finished_at, int(kept.get("chat", 0)), int(kept.get("reached", 0)),
        int(kept.get("last", 0)), rules.trouble_of(kept.get("trouble", {})),
    )  # fmt: skip


def _must(found: Broadcast | None) -> Broadcast:
    if found is None:  # pragma: no cover - just written in this transaction
        raise LookupError
    return found


# ── to whom ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def audience(tx: Connection, segment: Segment, languages: Sequence[str], now: datetime) -> dict[str, int]:
    """Count whom a broadcast would reach, by the language they read."""
    query = select(_LANGUAGE, func.count()).where(*_meant(segment, languages, now)).group_by(_LANGUAGE)
    return {row[0]: row[1] for row in tx.execute(query)}


def elsewhere(tx: Connection) -> int:
    """Count who subscribed outside Telegram: they are in the lists, no bot can write to them."""
    return int(tx.execute(select(func.count()).select_from(subscribers).where(subscribers.c.active)).scalar_one())


def list_people(tx: Connection, found: Broadcast, upto: int, languages: Sequence[str], now: datetime) -> int:
    """Give a row to each person it is meant for whose id is above ``found.reached``, up to ``upto``; how many."""
    theirs = (people.c.id > found.reached, people.c.id <= upto)
    query = select(literal(found.id), people.c.id, literal("waiting"), literal(now, broadcast_sends.c.at.type))
    query = query.where(*theirs, *_meant(found.segment, languages, now))
    new = insert_into(tx.dialect.name, broadcast_sends)
    listed = new.from_select(["broadcast_id", "person_id", "state", "at"], query).on_conflict_do_nothing()
    return tx.execute(listed).rowcount


def count_anew(tx: Connection) -> None:
    """Let PostgreSQL see how many there are by now: else each claim would sort them all, until it looks by itself."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("ANALYZE broadcast_sends"))


def _meant(segment: Segment, languages: Sequence[str], now: datetime) -> list[ColumnElement[bool]]:
    """Conditions on people; what they bought is found by the index of their own orders."""
    where = [*_wanting(), _LANGUAGE.in_(list(languages))]
    if segment.bought is not Bought.ANY:
        where.append(_bought() if segment.bought is Bought.EVER else not_(_bought()))
    if (since := rules.since(segment, now)) is not None:
        where.append(not_(_bought(orders.c.placed_at > since)))
    if segment.category_id:
        where.append(_bought_from(segment.category_id))
    if segment.province:
        home = (addresses.c.person_id == people.c.id, addresses.c.province_code == segment.province)
        where.append(exists().where(*home, addresses.c.active))
    return where


def _wanting() -> list[ColumnElement[bool]]:
    """Who wants news, and can be written to."""
    return [people.c.wants_news, not_(people.c.blocked), people.c.telegram_id.is_not(None)]


def _bought(*more: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(orders.c.person_id == people.c.id, orders.c.status.not_in(_UNDONE), *more)


def _bought_from(category_id: int) -> ColumnElement[bool]:
    lines = (
        select(order_lines.c.id)
        .join(orders, orders.c.id == order_lines.c.order_id)
        .join(variants, variants.c.id == order_lines.c.variant_id)
        .join(products, products.c.id == variants.c.product_id)
    )
    theirs = (orders.c.person_id == people.c.id, orders.c.status.not_in(_UNDONE))
    return lines.where(*theirs, products.c.category_id == category_id).exists()


# ── who sends ────────────────────────────────────────────────────────────────────────────────────────────────────────
def lead(tx: Connection, owner: str, now: datetime, lease: timedelta) -> bool | None:
    """Be the one process that sends: True where it is that from now on, None where it was already, False for another.

    One at a time, for Telegram's limit is the whole bot's. Who leads anew must bury what the one before was sending.
    """
    mine: dict[str, Any] = {"state": "running", "owner": owner, "lease_until": now + lease, "finished_at": None}
    if insert_new(tx, job_runs, ["job", "slot"], job=LEAD, slot=_SLOT, attempt=1, started_at=now, **mine):
        return True
    row = and_(job_runs.c.job == LEAD, job_runs.c.slot == _SLOT)
    if tx.execute(update(job_runs).where(row, job_runs.c.owner == owner).values(mine)).rowcount:
        return None
    dead = of_the_dead(tx, job_runs.c.owner, owner)
    if tx.dialect.name == "postgresql":  # who looks alive to nobody, but sent a moment ago, is alive
        dead &= job_runs.c.lease_until < now + lease - _SILENT
    free = or_(job_runs.c.lease_until < now, dead)
    return tx.execute(update(job_runs).where(row, free).values(started_at=now, **mine)).rowcount == 1 or False


def bury(tx: Connection, now: datetime) -> int:
    """What a dead process was sending may have come: unsure, never sent again; returns how many."""
    left = update(broadcast_sends).where(_OPEN, broadcast_sends.c.state == "sending")
    return tx.execute(left.values(state="unsure", at=now)).rowcount


def claim(tx: Connection, broadcast_id: int, most: int, now: datetime) -> list[Recipient]:
    """Take the next who still want it; who left or blocked the bot meanwhile is marked so, and none is taken twice."""
    mine = (broadcast_sends.c.broadcast_id == broadcast_id, _OPEN, broadcast_sends.c.state == "waiting")
    next_ = select(broadcast_sends.c.person_id).where(*mine).order_by(broadcast_sends.c.person_id).limit(most)
    ids = list(tx.execute(next_.with_for_update(skip_locked=True)).scalars())
    who = (people.c.id, people.c.telegram_id, _LANGUAGE.label("reads"), people.c.wants_news, people.c.blocked)
    rows = tx.execute(select(*who).where(people.c.id.in_(ids)).order_by(people.c.id)).all()
    fates: dict[Fate, list[int]] = {Fate.SENDING: [], Fate.BLOCKED: [], Fate.LEFT: []}
    for row in rows:
        fates[_standing(row)].append(row.id)
    mark(tx, broadcast_id, fates, now, of=(Fate.WAITING,))
    return [Recipient(row.id, row.telegram_id, row.reads) for row in rows if _standing(row) is Fate.SENDING]


def _standing(row: Any) -> Fate:
    if row.blocked and row.telegram_id is not None:
        return Fate.BLOCKED
    return Fate.SENDING if row.wants_news and row.telegram_id is not None else Fate.LEFT


def mark(
    tx: Connection, broadcast_id: int, fates: Mapping[Fate, Collection[int]], now: datetime,
    of: Collection[Fate] = (Fate.SENDING, Fate.UNSURE),
) -> None:  # fmt: skip
    """Write down what became of copies. An answer that comes late still says what is true of an unsure one.

    Only what is being sent goes back to waiting: nothing unsure is ever sent again.
    """
    for fate, ids in fates.items():
        if ids:
            states = (Fate.SENDING,) if fate is Fate.WAITING else of
            theirs = (broadcast_sends.c.broadcast_id == broadcast_id, broadcast_sends.c.person_id.in_(sorted(ids)))
            one = update(broadcast_sends).where(*theirs, broadcast_sends.c.state.in_([state.value for state in states]))
            tx.execute(one.values(state=fate, at=now))


def again(tx: Connection, broadcast_id: int, now: datetime) -> int:
    """Let those wait once more whose copy Telegram refused: it surely did not come; returns how many."""
    refused = update(broadcast_sends).where(broadcast_sends.c.broadcast_id == broadcast_id)
    return tx.execute(refused.where(broadcast_sends.c.state == Fate.FAILED).values(state=Fate.WAITING, at=now)).rowcount


def any_open(tx: Connection, broadcast_id: int) -> bool:
    """Whether a copy waits or is being sent."""
    query = select(broadcast_sends.c.person_id).where(broadcast_sends.c.broadcast_id == broadcast_id, _OPEN)
    return tx.execute(query.limit(1)).first() is not None


def counts(tx: Connection, broadcast_id: int) -> Counts:
    """How many copies had which fate."""
    state = broadcast_sends.c.state
    query = select(state, func.count()).where(broadcast_sends.c.broadcast_id == broadcast_id).group_by(state)
    found = {Fate(row[0]): row[1] for row in tx.execute(query)}
    return {fate: found.get(fate, 0) for fate in Fate}


def standing(tx: Connection, telegram_id: int) -> Fate:
    """Look at somebody once more: ``SENDING`` where their copy may go, else what becomes of it."""
    query = select(people.c.telegram_id, people.c.wants_news, people.c.blocked)
    row = tx.execute(query.where(people.c.telegram_id == telegram_id)).one_or_none()
    return _standing(row) if row else Fate.LEFT
