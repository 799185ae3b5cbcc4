"""News on their way, in a sandbox with Telegram's own limits: their rate, nobody twice, everybody accounted for."""

import asyncio
import random
from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest

from bot.sandbox.faults import Fault
from bot.screen import Screen
from core.broadcasts import service as broadcasts
from core.broadcasts.rules import VAIN, Act, Broadcast, Fate, State, Trouble, Words
from core.errors import OutOfDate
from core.i18n import translator
from core.messages import store as messages
from core.messages.rules import MessageKind, MessageRef
from core.people import service as people
from core.people.rules import Topic
from core.shop import Shop
from tests.support import builders
from tests.support.readers import BOSS, FIRST, WORDS, Readers, readers

ALLOWED = 30
"""Messages a second that Telegram lets a bot send."""


async def _found(there: Readers, one: Broadcast) -> Broadcast:
    boss = await people.known(there.shop, BOSS)
    assert boss is not None
    return (await broadcasts.get(there.shop, boss, one.id)).broadcast


async def _state(there: Readers, one: Broadcast) -> State:
    return (await _found(there, one)).state


async def _sent_to_the_end(there: Readers) -> None:
    worker = there.worker("last")
    while await worker.send():
        pass


async def test_nearly_all_of_the_rate_and_no_refusal(sqlite_shop: Shop) -> None:
    """A hundred and fifty people: at least 95 % of what Telegram allows from the first to the last, and not one 429."""
    async with readers(sqlite_shop, 150) as there:
        one = await there.begin()
        await _sent_to_the_end(there)
        assert there.got() == Counter(dict.fromkeys(there.numbers, 1))
        assert await there.counts(one) == {Fate.SENT: 150}
        assert await _state(there, one) is State.DONE
        seconds = there.went[-1] - there.went[0]
        assert (len(there.went) - 1) / seconds >= 0.95 * ALLOWED
        assert there.pacing.refused == 0
        owed = await builders.owed(sqlite_shop, MessageKind.BROADCAST)
        assert owed == [(BOSS, MessageKind.BROADCAST)]
        assert dict(there.sandbox.world.findings) == {}


async def test_people_are_never_behind_news(sqlite_shop: Shop) -> None:
    """While news go at full rate the next message to a person leaves at once, and news hold back."""
    async with readers(sqlite_shop, 75) as there:
        await there.begin()
        sending = asyncio.create_task(there.worker("one").send())
        await there.until(35, sending)
        at = there.now()
        assert there.pacing.delay(BOSS, at) == 0
        there.sandbox.people.write(BOSS, BOSS, "/start")
        await there.show.send(BOSS, Screen(translator("en").html("news.none")))
        await sending
        assert sum(at <= one < at + 1 for one in there.went) <= 26
        assert there.pacing.refused == 0


async def test_blocked_left_failed_and_unsure_are_counted(sqlite_shop: Shop) -> None:
    """Who blocked the bot is marked for good, who opts out gets none, what may have come is not sent again."""
    async with readers(sqlite_shop, 12) as there:
        one = await there.begin()
        there.sandbox.people.block(FIRST, blocked=True)
        faults = there.sandbox.world.faults
        faults.add(Fault("sendmessage", "cut_after", chat=str(FIRST + 1)))
        faults.add(Fault("sendmessage", "502", chat=str(FIRST + 2)))
        shy = await people.arrive(sqlite_shop, FIRST + 11, "Reader")
        sending = asyncio.create_task(there.worker("one").send())
        await there.until(3, sending)
        await people.hear(sqlite_shop, shy, Topic.NEWS, on=False)
        await sending
        assert await there.counts(one) == {Fate.SENT: 8, Fate.BLOCKED: 1, Fate.LEFT: 1, Fate.UNSURE: 2}
        got = there.got()
        assert [got[FIRST + i] for i in (0, 1, 2, 11)] == [0, 1, 0, 0]
        assert max(got.values()) == 1
        blocked = await people.known(sqlite_shop, FIRST)
        assert blocked is not None
        assert blocked.blocked


async def test_a_flood_wait_stops_all_of_it(sqlite_shop: Shop) -> None:
    """One 429 of seven seconds: nothing goes to anybody before they are over, then everybody gets theirs once."""
    async with readers(sqlite_shop, 60) as there:
        one = await there.begin()
        there.sandbox.world.faults.add(Fault("sendmessage", "429", seconds=7, chat=str(FIRST + 20)))
        await _sent_to_the_end(there)
        gaps = [later - earlier for earlier, later in zip(there.went, there.went[1:], strict=False)]
        assert max(gaps) >= 6.9
        assert sorted(gaps)[-2] < 1
        assert there.got() == Counter(dict.fromkeys(there.numbers, 1))
        assert await there.counts(one) == {Fate.SENT: 60}


def _goes_wrong(there: Readers, cause: str) -> None:
    """See to it that no copy can come, for one of the reasons there are."""
    if cause == "blocked":
        for number in there.numbers:
            there.sandbox.people.block(number, blocked=True)
    elif cause == "502":
        there.sandbox.world.faults.add(Fault("sendmessage", "502", times=1000))
    elif cause == "gone":
        for number in there.numbers:
            there.sandbox.world.state.chats.pop(number)


@pytest.mark.parametrize(
    ("cause", "fate", "why"),
    [
        ("words", Fate.FAILED, "Can't parse entities"),
        ("gone", Fate.FAILED, "Chat not found"),
        ("blocked", Fate.BLOCKED, "bot was blocked by the user"),
        ("502", Fate.UNSURE, "Bad Gateway"),
    ],
)
async def test_what_comes_to_nobody_stops_by_itself(sqlite_shop: Shop, cause: str, fate: Fate, why: str) -> None:
    """Twenty copies in a row did not come: it pauses, a new message says why, the others still wait for theirs."""
    async with readers(sqlite_shop, 60) as there:
        one = await there.begin(words="<b>half" if cause == "words" else WORDS)
        _goes_wrong(there, cause)
        card = MessageRef(BOSS, 7, has_photo=False)
        await sqlite_shop.db.write(messages.remember, MessageKind.BROADCAST, one.id, card, sqlite_shop.clock.now())
        await _sent_to_the_end(there)
        found = await _found(there, one)
        assert (found.state, found.trouble.stopped, found.trouble.fate) == (State.PAUSED, True, fate)
        assert why in found.trouble.why
        assert VAIN <= found.trouble.row <= VAIN + 5
        gone = len(there.went)
        assert gone <= VAIN + 5
        assert await there.counts(one) == {fate: gone, Fate.WAITING: 60 - gone}
        assert not await there.worker("another").send()
        assert await sqlite_shop.db.read(messages.ref, BOSS, MessageKind.BROADCAST, one.id) is None
        assert (BOSS, MessageKind.BROADCAST) in await builders.owed(sqlite_shop, MessageKind.BROADCAST)


async def test_a_few_who_cannot_be_reached_stop_nothing(sqlite_shop: Shop) -> None:
    """Nineteen in a row blocked the bot, the twentieth did not: all the others get theirs."""
    async with readers(sqlite_shop, 45) as there:
        one = await there.begin()
        for number in [*range(FIRST, FIRST + 19), *range(FIRST + 20, FIRST + 39)]:
            there.sandbox.people.block(number, blocked=True)
        await _sent_to_the_end(there)
        assert await there.counts(one) == {Fate.SENT: 7, Fate.BLOCKED: 38}
        assert await _state(there, one) is State.DONE


async def test_mended_and_resumed_everybody_gets_one(sqlite_shop: Shop) -> None:
    """Words that Telegram refused: written anew and let go on, also who was refused gets one; nothing else changes."""
    async with readers(sqlite_shop, 60) as there:
        one = await there.begin(words="<b>half")
        await _sent_to_the_end(there)
        boss = await people.known(sqlite_shop, BOSS)
        assert boss is not None
        for late in (broadcasts.say(sqlite_shop, boss, one.id, "km", Words("too late")),
                     broadcasts.say(sqlite_shop, boss, one.id, "en", None),
                     broadcasts.narrow(sqlite_shop, boss, one.id, one.stamp, days=30)):  # fmt: skip
            with pytest.raises(OutOfDate):
                await late
        mended = await broadcasts.say(sqlite_shop, boss, one.id, "en", Words(WORDS))
        assert mended.trouble.stopped
        await broadcasts.steer(sqlite_shop, boss, one.id, Act.RESUME)
        await _sent_to_the_end(there)
        assert there.got() == Counter(dict.fromkeys(there.numbers, 1))
        assert await there.counts(one) == {Fate.SENT: 60}
        found = await _found(there, one)
        assert (found.state, found.trouble) == (State.DONE, Trouble())
        with pytest.raises(OutOfDate):
            await broadcasts.say(sqlite_shop, boss, one.id, "en", Words("too late"))


async def test_paused_at_once_and_resumed(sqlite_shop: Shop) -> None:
    """Paused in the middle: at most one more begins; resumed, everybody got it once; ended, the rest never does."""
    async with readers(sqlite_shop, 90) as there:
        one = await there.begin()
        boss = await people.known(sqlite_shop, BOSS)
        assert boss is not None
        for act, at in ((Act.PAUSE, 30), (Act.CANCEL, 60)):
            sending = asyncio.create_task(there.worker("one").send())
            await there.until(at, sending)
            await broadcasts.steer(sqlite_shop, boss, one.id, act)
            begun = len(there.went)
            await sending
            assert len(there.went) <= begun + 1
            if act is Act.PAUSE:
                assert (await there.counts(one))[Fate.WAITING] == 90 - len(there.went)
                await broadcasts.steer(sqlite_shop, boss, one.id, Act.RESUME)
        assert max(there.got().values()) == 1
        counts = await there.counts(one)
        assert counts == {Fate.SENT: len(there.went), Fate.WAITING: 90 - len(there.went)}
        assert not await there.worker("two").send()


async def _kills(shop: Shop, seed: int, size: int, kills: int) -> None:
    """Kill so many processes at random instants, then let one go on to the end; nobody twice, nobody forgotten."""
    chance = random.Random(seed)
    async with readers(shop, size) as there:
        one = await there.begin()
        for number in range(kills):
            with suppress(asyncio.CancelledError):  # the last may be done before it is killed
                await there.worker(f"killed {number}", kill_after=chance.randint(1, size // kills)).send()
            for _ in range(chance.randint(0, 5)):
                await asyncio.sleep(0)
        await _sent_to_the_end(there)
        got, counts = there.got(), await there.counts(one)
        assert max(got.values()) == 1, seed
        assert sum(counts.values()) == size
        assert set(counts) <= {Fate.SENT, Fate.UNSURE}, counts
        sent, unsure = counts.get(Fate.SENT, 0), counts.get(Fate.UNSURE, 0)
        assert sent <= sum(got.values()) <= sent + unsure
        assert counts.get(Fate.UNSURE, 0) <= 45 * kills
        assert await _state(there, one) is State.DONE


async def test_killed_and_resumed_nobody_gets_two(sqlite_shop: Shop) -> None:
    """Three processes are killed in the middle: what was in their hands is unsure, the rest comes, nothing twice."""
    await _kills(sqlite_shop, 1, 100, 3)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 22))
async def test_killed_anywhere_nobody_gets_two(sqlite_shop: Shop, seed: int) -> None:
    """The same at other instants, of many seeds."""
    await _kills(sqlite_shop, seed, 150, 1 + seed % 5)


async def test_news_wait_for_the_morning(sqlite_shop: Shop) -> None:
    """Begun late in the evening, cut by the night: the rest goes at eight."""
    async with readers(sqlite_shop, 90) as there:
        there.shop.clock.move(timedelta(hours=10, minutes=59, seconds=58))  # type: ignore[attr-defined]
        one = await there.begin()
        worker = there.worker("one")
        while await worker.send():
            pass
        counts = await there.counts(one)
        assert 0 < counts[Fate.SENT] < 90
        assert counts[Fate.SENT] + counts[Fate.WAITING] == 90
        assert not await worker.send()
        there.shop.clock.move(timedelta(hours=11))  # type: ignore[attr-defined]
        while await worker.send():
            pass
        assert await there.counts(one) == {Fate.SENT: 90}
        assert max(there.got().values()) == 1
