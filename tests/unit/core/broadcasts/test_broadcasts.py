"""Use cases of news to many: whom they reach, who may send what was seen, one copy a person whatever happens."""

import asyncio
import logging
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, text, update

from core.broadcasts import service as broadcasts
from core.broadcasts import store
from core.broadcasts.rules import Act, Bought, Broadcast, Content, Fate, Goal, Otherwise, Segment, State, Words
from core.database.tables import audit, broadcast_sends, people, subscribers
from core.errors import NotAllowed, NotFound, OutOfDate, Refused
from core.messages import store as messages
from core.messages.rules import MessageKind, MessageRef
from core.orders.rules import Move
from core.people import service as folk
from core.people.rules import Person, Role, Topic
from core.shop import Shop
from tests.support import builders

log = logging.getLogger(__name__)

CARD = MessageRef(2001, 5, has_photo=False)


async def _readers(shop: Shop, size: int, **more: object) -> list[int]:
    """So many people who want news, every second one reads Khmer; returns their ids."""
    folk_ = await builders.crowd(shop, size)
    ids = [person.id for person in folk_]

    def write(tx: Connection) -> None:
        tx.execute(update(people).where(people.c.id.in_(ids)).values(wants_news=True, language="en", **more))
        tx.execute(update(people).where(people.c.id.in_(ids[1::2])).values(language="km"))

    await shop.db.write(write)
    return ids


def _become(tx: Connection, person_id: int, values: dict[str, object]) -> None:
    tx.execute(update(people).where(people.c.id == person_id).values(values))


async def _ready(shop: Shop, boss: Person, *languages: str) -> Broadcast:
    """A draft that says something in these languages; the others get the other one."""
    made = await broadcasts.draft(shop, boss)
    for language in languages or ("en", "km"):
        made = await broadcasts.say(shop, boss, made.id, language, Words(f"<b>{language}</b>"))
    return await broadcasts.otherwise(shop, boss, made.id, made.stamp, Otherwise.OTHER)


async def _begun(shop: Shop, boss: Person, owner: str = "me") -> Broadcast:
    """One that was begun and whose people are listed."""
    made = await _ready(shop, boss)
    await broadcasts.start(shop, boss, made.id, made.stamp, CARD)
    one = await broadcasts.turn(shop, owner)
    assert one is not None
    while (await broadcasts.step(shop, owner, one.id, {}, 0, tell=False)).listing:
        pass
    return one


async def _counts(shop: Shop, one: Broadcast) -> dict[Fate, int]:
    return {fate: count for fate, count in (await shop.db.read(store.counts, one.id)).items() if count}


def _listed(tx: Connection, broadcast_id: int) -> set[str]:
    query = select(people.c.name).join(broadcast_sends, broadcast_sends.c.person_id == people.c.id)
    return set(tx.execute(query.where(broadcast_sends.c.broadcast_id == broadcast_id)).scalars())


async def test_who_is_reached(shop: Shop) -> None:
    """Each condition alone and together, on both engines: only who wants news, is not blocked and has a chat."""
    boss = await builders.worker(shop, Role.ADMIN)
    rose = await builders.product(shop)
    mask = await builders.product(shop, sku="MASK")
    shelf = next(one.id for one in (await shop.catalogue.now()).categories.values() if one.slug == "shelf-rose-30")
    names = ("old", "fresh", "never", "cancelled", "mask", "blocked", "shy")
    found = {
        name: await builders.customer(shop, 3000 + i, name, "12" if i % 2 else "08") for i, name in enumerate(names)
    }
    for name, person in found.items():
        await folk.hear(shop, person, Topic.NEWS, on=name != "shy")
        await folk.speak(shop, person, "km" if name in {"fresh", "mask"} else "en")
    await builders.order(shop, found["old"], rose)
    cancelled = await builders.order(shop, found["cancelled"], rose)
    await builders.moved(shop, boss, cancelled, Move.CANCEL)
    shop.clock.move(timedelta(days=40))  # type: ignore[attr-defined]
    await builders.order(shop, found["fresh"], rose)
    await builders.order(shop, found["mask"], mask)
    await folk.blocked(shop, found["blocked"].telegram_id or 0)
    wanting = {"old", "fresh", "never", "cancelled", "mask"}
    cases = [
        (Segment(), wanting), (Segment(language="km"), {"fresh", "mask"}),
        (Segment(bought=Bought.EVER), {"old", "fresh", "mask"}),
        (Segment(bought=Bought.NEVER), {"never", "cancelled"}), (Segment(days=30), {"old", "never", "cancelled"}),
        (Segment(bought=Bought.EVER, days=30), {"old"}), (Segment(category_id=shelf), {"old", "fresh"}),
        (Segment(province="12"), {"fresh", "cancelled"}), (Segment("km", Bought.EVER, 0, "12", shelf), {"fresh"}),
    ]  # fmt: skip
    for segment, expected in cases:
        draft = Broadcast(
            1, boss.id, State.DRAFT, segment, Content({"en": Words("x")}, Otherwise.OTHER), shop.clock.now()
        )
        assert (await broadcasts.audience(shop, boss, draft)).total == len(expected), segment
        made = await shop.db.write(store.create, boss.id, shop.clock.now())
        listed = replace(draft, id=made.id)
        await shop.db.write(
            store.list_people, listed, 10**9, ("en", "km") if not segment.language else ("km",), shop.clock.now()
        )
        assert await shop.db.read(_listed, made.id) == expected, segment


async def test_the_plan_is_by_index(sqlite_shop: Shop) -> None:
    """What somebody bought, where they live, whose turn it is are found by indexes: no table but people is walked."""
    one = Broadcast(
        1, 1, State.SENDING, Segment("", Bought.EVER, 30, "12", 1), Content({"en": Words("x")}), sqlite_shop.clock.now()
    )

    def plans(tx: Connection) -> str:
        query = select(people.c.id).where(*store._meant(one.segment, ("en",), sqlite_shop.clock.now()))
        claim = "SELECT person_id FROM broadcast_sends WHERE broadcast_id = 1 AND state IN ('waiting', 'sending')"
        sql = str(query.compile(tx.engine, compile_kwargs={"literal_binds": True}))
        return "\n".join(row[3] for which in (sql, claim) for row in tx.execute(text(f"EXPLAIN QUERY PLAN {which}")))

    plan = await sqlite_shop.db.read(plans)
    assert [line for line in plan.splitlines() if line.startswith("SCAN")] == ["SCAN people"], plan
    assert "ix_broadcast_sends_waiting" in plan


async def test_only_what_was_seen_is_sent(sqlite_shop: Shop) -> None:
    """Changed since it was looked at, begun by a colleague, unfinished, for nobody: refused, and nothing is begun."""
    shop, boss = sqlite_shop, await builders.worker(sqlite_shop, Role.ADMIN)
    with pytest.raises(NotAllowed):
        await broadcasts.draft(shop, await builders.worker(shop, Role.STAFF, 2002, "Staff"))
    made = await _ready(shop, boss, "en")
    with pytest.raises(Refused, match="news_nobody"):
        await broadcasts.start(shop, boss, made.id, made.stamp, CARD)
    await _readers(shop, 3)
    colleague = await builders.worker(shop, Role.ADMIN, 2003, "Bopha")
    changed = await broadcasts.say(shop, colleague, made.id, "en", Words("Something else"))
    with pytest.raises(OutOfDate):
        await broadcasts.start(shop, boss, made.id, made.stamp, CARD)
    with pytest.raises(OutOfDate):
        await broadcasts.narrow(shop, boss, made.id, made.stamp, days=30)
    with pytest.raises(NotFound):
        await broadcasts.point(shop, boss, made.id, changed.stamp, Goal.PRODUCT, 99)
    both = [broadcasts.start(shop, who, made.id, changed.stamp, CARD) for who in (boss, colleague)]
    begun = await asyncio.gather(*both, return_exceptions=True)
    assert [type(one) for one in begun if isinstance(one, BaseException)] == [OutOfDate]
    with pytest.raises(OutOfDate):
        await broadcasts.say(shop, boss, made.id, "km", Words("too late"))
    assert await builders.owed(shop, MessageKind.BROADCAST) == [(CARD.chat_id, MessageKind.BROADCAST)]
    told = await shop.db.read(lambda tx: [tuple(row) for row in tx.execute(select(audit.c.action, audit.c.detail))])
    assert ("news.start", {"people": 3}) in told
    assert {"what": "words", "before": made.stamp, "after": changed.stamp} in [detail for _, detail in told]
    assert "Something else" not in str(told)


async def test_subscribers_elsewhere_are_only_counted(sqlite_shop: Shop) -> None:
    """Who subscribed by mail stands beside the figures, and gets nothing from here."""
    shop, boss = sqlite_shop, await builders.worker(sqlite_shop, Role.ADMIN)
    await _readers(shop, 3)
    rows = [{"email": f"{i}@example.com", "active": i > 0, "subscribed_at": shop.clock.now()} for i in range(3)]
    await shop.db.write(lambda tx: tx.execute(insert(subscribers), rows))
    found = await broadcasts.audience(shop, boss, await _ready(shop, boss, "km"))
    assert (found.by_language, found.total, found.elsewhere) == ({"km": 3}, 3, 2)


async def test_two_processes_take_nobody_twice(shop: Shop) -> None:
    """One leads, the other is sent away; claims at the same moment share nobody, on both engines."""
    boss = await builders.worker(shop, Role.ADMIN)
    ids = await _readers(shop, 40)
    one = await _begun(shop, boss)
    alone = shop.db.dialect == "sqlite"  # where there is one process, another one's lead is a dead one's
    assert (await broadcasts.turn(shop, "other") is None) is not alone
    sent_away = await broadcasts.step(shop, "other", one.id, {}, 7, tell=False)
    assert (sent_away.state, bool(sent_away.claimed)) == ((State.SENDING, True) if alone else (None, False))
    now = shop.clock.now()
    claims = await asyncio.gather(*(shop.db.write(store.claim, one.id, 7, now) for _ in range(8)))
    taken = [person.person_id for claim in claims for person in claim]
    assert len(taken) == len(set(taken))
    assert set(taken) <= set(ids)
    assert len(taken) >= 7


async def test_what_a_dead_process_was_sending_is_unsure(sqlite_shop: Shop) -> None:
    """Claimed and then killed: never claimed again, counted apart; a late answer still says what is true."""
    shop, boss = sqlite_shop, await builders.worker(sqlite_shop, Role.ADMIN)
    await _readers(shop, 10)
    one = await _begun(shop, boss, "dead")
    taken = (await broadcasts.step(shop, "dead", one.id, {}, 4, tell=False)).claimed
    assert len(taken) == 4
    assert await broadcasts.turn(shop, "next") is not None
    assert await _counts(shop, one) == {Fate.UNSURE: 4, Fate.WAITING: 6}
    rest = (await broadcasts.step(shop, "next", one.id, {}, 45, tell=False)).claimed
    assert not {person.person_id for person in rest} & {person.person_id for person in taken}
    late = {Fate.SENT: [taken[0].person_id], Fate.WAITING: [taken[1].person_id]}
    await broadcasts.let_go(shop, one.id, late)
    done = {Fate.SENT: [person.person_id for person in rest]}
    await broadcasts.step(shop, "next", one.id, done, 0, tell=False)
    assert (await broadcasts.step(shop, "next", one.id, {}, 45, tell=False)).state is State.DONE
    assert await _counts(shop, one) == {Fate.SENT: 7, Fate.UNSURE: 3}


async def test_who_left_meanwhile_is_looked_at_again(sqlite_shop: Shop) -> None:
    """Opted out, blocked, forgotten after they were listed: their copy is marked so, never claimed."""
    shop, boss = sqlite_shop, await builders.worker(sqlite_shop, Role.ADMIN)
    ids = await _readers(shop, 6)
    one = await _begun(shop, boss)
    values: tuple[dict[str, object], ...] = (
        {"wants_news": False},
        {"blocked": True},
        {"telegram_id": None, "wants_news": False},
    )
    for person_id, value in zip(ids, values, strict=False):
        await shop.db.write(_become, person_id, value)
    taken = (await broadcasts.step(shop, "me", one.id, {}, 45, tell=False)).claimed
    assert [person.person_id for person in taken] == ids[3:]
    assert await _counts(shop, one) == {Fate.SENDING: 3, Fate.LEFT: 2, Fate.BLOCKED: 1}


async def test_pause_resume_and_end(sqlite_shop: Shop) -> None:
    """Paused nobody is claimed; two who steer at once: one wins; ended it never goes on; each is in the audit."""
    shop, boss = sqlite_shop, await builders.worker(sqlite_shop, Role.ADMIN)
    await _readers(shop, 5)
    one = await _begun(shop, boss)
    steered = await asyncio.gather(*(broadcasts.steer(shop, boss, one.id, Act.PAUSE) for _ in range(2)),
                                   return_exceptions=True)  # fmt: skip
    assert [type(error) for error in steered if error] == [OutOfDate]
    step = await broadcasts.step(shop, "me", one.id, {}, 45, tell=False)
    assert (step.state, step.claimed) == (State.PAUSED, ())
    await broadcasts.steer(shop, boss, one.id, Act.RESUME)
    assert len((await broadcasts.step(shop, "me", one.id, {}, 2, tell=False)).claimed) == 2
    await broadcasts.steer(shop, boss, one.id, Act.CANCEL)
    assert (await broadcasts.step(shop, "me", one.id, {}, 45, tell=False)).state is State.CANCELLED
    with pytest.raises(OutOfDate):
        await broadcasts.steer(shop, boss, one.id, Act.RESUME)
    told = await shop.db.read(lambda tx: list(tx.execute(select(audit.c.action).order_by(audit.c.id)).scalars()))
    assert [action for action in told if action.startswith("news.")][-3:] == [
        "news.pause",
        "news.resume",
        "news.cancel",
    ]


async def test_nobody_is_woken_by_news(sqlite_shop: Shop) -> None:
    """From nine in the evening to eight nobody is claimed; in the morning it goes on."""
    shop, boss = sqlite_shop, await builders.worker(sqlite_shop, Role.ADMIN)
    await _readers(shop, 5)
    one = await _begun(shop, boss)
    shop.clock.move(timedelta(hours=12))  # type: ignore[attr-defined]
    step = await broadcasts.step(shop, "me", one.id, {}, 45, tell=False)
    assert (step.quiet, step.claimed) == (True, ())
    shop.clock.move(timedelta(hours=11))  # type: ignore[attr-defined]
    assert len((await broadcasts.step(shop, "me", one.id, {}, 45, tell=False)).claimed) == 5


async def test_a_restored_backup_sends_no_news_again(sqlite_shop: Shop) -> None:
    """What waited when the backup was made may have come since: it ends, its copies are unsure."""
    shop, boss = sqlite_shop, await builders.worker(sqlite_shop, Role.ADMIN)
    await _readers(shop, 5)
    one = await _begun(shop, boss)
    await broadcasts.step(shop, "me", one.id, {}, 2, tell=False)
    await shop.db.write(messages.set_aside)
    assert await broadcasts.turn(shop, "me") is None
    assert await _counts(shop, one) == {Fate.UNSURE: 5}
    found = await broadcasts.get(shop, boss, one.id)
    assert found.broadcast.state is State.CANCELLED


def _highest() -> float:
    """The highest memory of this process so far, in MB (proc(5), VmHWM)."""
    return int(Path("/proc/self/status").read_text("utf-8").split("VmHWM:")[1].split()[0]) / 1024


def _crowd(tx: Connection, now: datetime, first: int, size: int) -> None:
    row = {"wants_news": True, "created_at": now, "seen_at": now}
    tx.execute(insert(people), [row | {"telegram_id": first + i, "name": f"N{first + i}"} for i in range(size)])


@pytest.mark.soak
async def test_a_hundred_thousand_are_listed_without_holding_up_the_shop(shop: Shop) -> None:
    """In steps of two thousand: none holds the writer for a third of a second, and they take 20 MB at most."""
    boss, size, at_once = await builders.worker(shop, Role.ADMIN), 100_000, 2_000
    for first in range(10**7, 10**7 + size, at_once):
        await shop.db.write(_crowd, shop.clock.now(), first, at_once)
    made = await _ready(shop, boss)
    loop, before = asyncio.get_running_loop(), _highest()
    begun = loop.time()
    await broadcasts.start(shop, boss, made.id, made.stamp, CARD)
    took = [loop.time() - begun]
    assert await broadcasts.turn(shop, "me") is not None
    listing = True
    while listing:
        begun = loop.time()
        listing = (await broadcasts.step(shop, "me", made.id, {}, 0, tell=False)).listing
        took.append(loop.time() - begun)
    assert len(took) > 20
    begun = loop.time()
    assert len((await broadcasts.step(shop, "me", made.id, {}, 45, tell=False)).claimed) == 45
    claimed = loop.time() - begun
    begun = loop.time()
    assert (await shop.db.read(store.counts, made.id))[Fate.WAITING] == size - 45
    counted, more = loop.time() - begun, _highest() - before
    log.warning("%s: %.1f s in %d steps, the longest %.3f s; a claim %.3f s, the card's figures %.3f s; %.1f MB more",
                shop.db.dialect, sum(took), len(took), max(took), claimed, counted, more)  # fmt: skip
    assert max(took) < 0.35, took
    assert claimed < 0.1
    assert more < 20
