"""Pacing in moved time: `Time` stands for the clock and for sleeping, so that minutes pass at once."""

import asyncio
import heapq
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from telegram.error import BadRequest, RetryAfter

from bot.pacing import BULK, Limits, Pacing

GROUP = -100123


@dataclass
class Time:
    """A clock that moves when told to, waking the sleepers on its way."""

    now: float = 1000.0
    sleepers: list[tuple[float, int, asyncio.Future[None]]] = field(default_factory=list)
    slept: int = 0

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock stands so much later."""
        done = asyncio.get_running_loop().create_future()
        self.slept += 1  # those who wake together wake in the order they lay down
        heapq.heappush(self.sleepers, (self.now + seconds, self.slept, done))
        await done

    async def move(self, seconds: float) -> None:
        """Let so many seconds pass, with everything that happens in them in its order."""
        end = self.now + seconds
        await settle()
        while self.sleepers and self.sleepers[0][0] <= end:
            self.now, _, done = heapq.heappop(self.sleepers)
            if not done.done():
                done.set_result(None)
            await settle()
        self.now = end


async def settle() -> None:
    """Let everything run that can run without the clock."""
    for _ in range(300):
        await asyncio.sleep(0)


@dataclass
class Far:
    """Pacing over a pretended Telegram that notes who was called when, counted from the start."""

    time: Time
    pacing: Pacing
    went: list[tuple[float, object]] = field(default_factory=list)
    floods: dict[object, list[int]] = field(default_factory=dict)
    tasks: list[asyncio.Task[object]] = field(default_factory=list)

    def call(
        self, chat: object, method: str = "sendMessage", *, bulk: bool = False, **data: object
    ) -> asyncio.Task[object]:
        """Begin one call; its answer is True."""
        parameters = data if chat is None else {"chat_id": chat, **data}
        callback = self.answer
        coroutine = self.pacing.process_request(callback, (chat,), {}, method, parameters, BULK if bulk else None)
        self.tasks.append(asyncio.create_task(coroutine))
        return self.tasks[-1]

    async def answer(self, chat: object) -> bool:
        """Note the call, then refuse it as long as its chat has flood waits to hand out."""
        self.went.append((round(self.time.now - 1000, 6), chat))
        if self.floods.get(chat):
            raise RetryAfter(timedelta(seconds=self.floods[chat].pop(0)))
        return True

    def times(self, chat: object) -> list[float]:
        """When the chat was called."""
        return [at for at, whom in self.went if whom == chat]


@pytest.fixture
async def far(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Far]:
    """Telegram's own limits, nobody called yet."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # as bot/request.py does for the whole bot
    time = Time()
    far = Far(time, Pacing(Limits(alone=25), clock=lambda: time.now, sleep=time.sleep))
    yield far
    for task in far.tasks:
        task.cancel()
    await asyncio.gather(*far.tasks, return_exceptions=True)


def most_in(times: list[float], span: float) -> int:
    """The most calls in any span of so many seconds (less what instants are rounded by)."""
    return max(sum(start <= at < start + span - 1e-5 for at in times) for start in times)


async def test_thirty_a_second_altogether(far: Far) -> None:
    """A hundred chats at once: never over thirty a second, and not slower than that."""
    for chat in range(1, 101):
        far.call(chat)
    await far.time.move(3.0)
    times = [at for at, _ in far.went]
    assert len(times) == 100
    assert most_in(times, 1.0) == 30


async def test_one_a_second_in_a_private_chat_with_a_short_burst(far: Far) -> None:
    """Five at once, then one each second, in the order they came."""
    tasks = [far.call(7) for _ in range(9)]
    await far.time.move(10)
    assert far.times(7) == [0, 0, 0, 0, 0, 1, 2, 3, 4]
    assert all(task.result() is True for task in tasks)


async def test_twenty_a_minute_in_a_group(far: Far) -> None:
    """A group gets twenty, the next twenty when the minute is over; sends and edits share."""
    for n in range(45):
        far.call(GROUP, "editMessageText" if n % 2 else "sendPhoto")
    await far.time.move(150)
    assert far.times(GROUP) == [0] * 20 + [60] * 20 + [120] * 5


async def test_a_full_chat_holds_up_nobody_else(far: Far) -> None:
    """Whoever waits for a chat waits alone: another chat's message, come later, goes at once."""
    for _ in range(30):
        far.call(GROUP)
        far.call(7, bulk=True)
    await far.time.move(1.5)
    far.call(8)
    far.call(9, bulk=True)
    await far.time.move(0)
    assert (far.times(8), far.times(9)) == ([1.5], [1.5])


async def test_a_tap_s_edit_waits_for_nothing(far: Far) -> None:
    """With a broadcast under way, fifty edits in one private chat and fifty in others leave at once."""
    for chat in range(1000, 1400):
        far.call(chat, bulk=True)
    await far.time.move(0.5)
    for n in range(50):
        far.call(7, "editMessageText")
        far.call(100 + n, "editMessageMedia", media=object())
    await far.time.move(0)
    assert far.times(7) == [0.5] * 50
    assert sum(at == 0.5 for at, _ in far.went) == 100


async def test_an_edit_counts_in_its_chat(far: Far) -> None:
    """Edits use up the chat's limit for messages, which they share at Telegram; fifty are no debt of fifty seconds."""
    for chat in [7] * 5 + [8] * 50:
        far.call(chat, "editMessageText")
    far.call(7)
    far.call(8)
    await far.time.move(1)
    assert (far.times(7), far.times(8)) == ([0] * 5 + [1], [0] * 50 + [1])


async def test_a_broadcast_leaves_room_for_people(far: Far) -> None:
    """A broadcast uses twenty-five a second at most, and five messages to people go between at any instant."""
    for chat in range(1000, 1200):
        far.call(chat, bulk=True)
    await far.time.move(0.5)
    for chat in range(1, 6):
        far.call(chat)
    await far.time.move(0)
    assert [far.times(chat) for chat in range(1, 6)] == [[0.5]] * 5
    await far.time.move(10)
    bulk = [at for at, whom in far.went if isinstance(whom, int) and whom >= 1000]
    assert len(bulk) == 200
    assert most_in(bulk, 1.0) == 25
    assert most_in([at for at, _ in far.went], 1.0) <= 30


async def test_a_message_overtakes_the_broadcast_to_the_same_chat(far: Far) -> None:
    """A person's own message does not wait behind a broadcast that still waits to reach them."""
    for chat in range(1000, 1100):
        far.call(chat, bulk=True)
    waiting = far.call(7, bulk=True)
    await far.time.move(0.2)
    far.call(7)
    await far.time.move(0)
    assert far.times(7) == [0.2]
    await far.time.move(10)
    assert waiting.result() is True


@pytest.mark.parametrize(
    ("chat", "method"),
    [
        (None, "answerCallbackQuery"),
        (None, "getFile"),
        (None, "editMessageText"),
        (7, "sendChatAction"),
        (7, "getChat"),
    ],
)
async def test_what_shows_no_message_is_not_paced(far: Far, chat: int | None, method: str) -> None:
    """Answers to taps and questions leave at once, whatever waits, and use nothing up."""
    for _ in range(60):
        far.call(8)
        far.call(chat, method)
    await far.time.move(0)
    assert far.times(chat) == [0] * 60
    assert far.pacing.delay(7, far.time.now) == 0


async def test_a_flood_wait_pauses_its_chat_alone(far: Far) -> None:
    """After a 429 that chat rests, edits too; others go on; the call is tried again and answered."""
    far.floods[7] = [5]
    refused = far.call(7)
    await far.time.move(1)
    far.call(7, "editMessageText")
    far.call(8)
    await far.time.move(10)
    assert far.times(7) == [0, 5, 5]
    assert far.times(8) == [1]
    assert refused.result() is True


async def test_a_flood_wait_without_a_chat_pauses_all(far: Far) -> None:
    """A 429 to a call that concerned no chat holds everything until it is over."""
    far.floods[None] = [5]
    far.call(None, "setMyCommands")
    await far.time.move(1)
    far.call(7, "editMessageText")
    far.call(8)
    far.call(None, "answerCallbackQuery")
    assert far.pacing.delay(99, far.time.now) == 4
    await far.time.move(10)
    assert [at for at, _ in far.went] == [0, 5, 5, 5, 5]


async def test_a_flood_wait_that_comes_while_waiting_counts(far: Far) -> None:
    """Calls already waiting for their turn notice a pause that begins meanwhile."""
    for _ in range(6):
        far.call(7)
    await far.time.move(0.5)
    far.floods[7] = [20]
    far.call(7, "editMessageText")
    await far.time.move(30)
    assert far.times(7) == [0, 0, 0, 0, 0, 0.5, 20.5, 20.5]


async def test_retries_end(far: Far) -> None:
    """Four refusals in a row are the caller's to know: no call is repeated for ever."""
    far.floods[7] = [1] * 10
    refused = far.call(7)
    await far.time.move(60)
    assert len(far.times(7)) == 4
    assert isinstance(refused.exception(), RetryAfter)


async def test_a_long_flood_wait_is_not_sat_out(far: Far) -> None:
    """Five minutes are the caller's at once, also for later calls, which are not even tried until it is over."""
    far.floods[7] = [300]
    first = far.call(7)
    await far.time.move(100)
    second = far.call(7, "editMessageText")
    other = far.call(8)
    await far.time.move(0)
    assert isinstance(first.exception(), RetryAfter)
    assert isinstance(second.exception(), RetryAfter)
    assert "0:03:20" in str(second.exception())
    assert other.result() is True
    await far.time.move(200)
    assert await far.call(7)
    assert far.times(7) == [0, 300]


async def test_other_errors_pass_at_once(far: Far) -> None:
    """What is no flood wait is neither retried nor changed."""
    tried = []

    async def refuse() -> bool:
        tried.append(1)
        raise BadRequest("message is not modified")

    with pytest.raises(BadRequest):
        await far.pacing.process_request(refuse, (), {}, "sendMessage", {"chat_id": 7}, None)
    assert tried == [1]


async def test_cancelled_calls_leave_no_trace(far: Far) -> None:
    """Cancelled in the queue of a chat or of everyone, a call takes nobody's turn and blocks nobody."""
    for _ in range(5):
        far.call(7)
    await far.time.move(0)
    waiting = [far.call(7) for _ in range(5)]
    bulk = [far.call(chat, bulk=True) for chat in range(1000, 1200)]
    await far.time.move(0.5)
    gone = [*waiting[:4], *bulk[:-1]]
    for task in gone:
        task.cancel()
    await asyncio.gather(*gone, return_exceptions=True)
    await far.time.move(2.5)
    assert far.times(7) == [0, 0, 0, 0, 0, 1]
    assert far.times(1199) == [1]


async def test_albums_and_several_copies_count_as_several(far: Far) -> None:
    """Two albums of eight leave room for four in a group's minute; eight copies do not fit."""
    for _ in range(2):
        far.call(GROUP, "sendMediaGroup", media=[object()] * 8)
    far.call(GROUP, "copyMessages", message_ids=[1] * 8)
    far.call(7, "sendMediaGroup", media=[object()] * 10)  # more than its burst: the whole of it, not never
    await far.time.move(59)
    assert far.times(GROUP) == [0, 0]
    assert far.times(7) == [0]
    await far.time.move(2)
    assert far.times(GROUP) == [0, 0, 60]


async def test_memory_follows_the_chats_that_talk(far: Far) -> None:
    """Ten thousand chats, one after the other, do not pile up; one in a flood wait is not forgotten."""
    far.floods[7] = [3000]
    far.call(7)
    for chat in range(1000, 11_000):
        far.call(chat, "editMessageText")
        if chat % 200 == 0:
            await far.time.move(20)
    assert len(far.pacing._chats) <= 512
    assert far.pacing.delay(7, far.time.now) > 1500


async def test_a_chat_somebody_waits_for_is_not_forgotten(far: Far) -> None:
    """A call that waits for the broadcast's turn counts for its chat in the end, however many chats came and went."""
    for chat in range(1000, 1600):
        far.call(chat, bulk=True)
    for _ in range(5):
        far.call(7, bulk=True)
    for chat in range(2000, 2600):
        far.call(chat, "editMessageText")
    await far.time.move(24)
    assert far.times(7) == [24] * 5
    assert far.pacing.delay(7, far.time.now) == 1


async def test_delay_tells_when_a_chat_may_receive(far: Far) -> None:
    """Zero for a chat with room, the wait of a full or paused one, and asking changes nothing."""
    assert far.pacing.delay(7, far.time.now) == 0
    for _ in range(5):
        far.call(7)
    await far.time.move(0.25)
    assert far.pacing.delay(7, far.time.now) == 0.75
    assert far.pacing.delay("7", far.time.now + 0.5) == 0.25
    assert far.pacing.delay(8, far.time.now) == 0
    far.floods[8] = [30]
    far.call(8)
    await far.time.move(1)
    assert far.pacing.delay(8, far.time.now) == 29
    for chat in range(100, 130):
        far.call(chat)
    await far.time.move(0.25)
    assert far.pacing.delay(9, far.time.now) == 0.75


async def test_one_chat_has_one_limit_whatever_it_is_called(far: Far) -> None:
    """A group's number as text, and a public name in capitals, are the same chat."""
    for n in range(21):
        far.call(str(GROUP) if n % 2 else GROUP)
        far.call("@Shop" if n % 2 else "@shop")
    await far.time.move(1)
    assert len(far.times(GROUP) + far.times(str(GROUP))) == 20
    assert len(far.times("@shop") + far.times("@Shop")) == 20


async def test_a_wrong_priority_is_refused(far: Far) -> None:
    """A misspelt priority is an error, not a silent default."""
    with pytest.raises(ValueError, match="bulk"):
        await far.pacing.process_request(far.answer, (7,), {}, "sendMessage", {"chat_id": 7}, "bluk")


async def test_shutdown_forgets(far: Far) -> None:
    """A stopped bot that starts again begins without old counts and pauses."""
    far.floods[None] = [50]
    far.call(None, "getMe")
    for _ in range(3):
        far.call(7)
    await far.time.move(0)
    assert far.pacing.delay(7, far.time.now) == 50
    await far.pacing.shutdown()
    await far.pacing.initialize()
    assert far.pacing.delay(7, far.time.now) == 0


async def test_limits_hold_in_a_random_hour(far: Far) -> None:
    """Four hundred calls at random instants: each limit holds in every span, and everyone is served."""
    chance = random.Random(7)
    for _ in range(400):
        far.call(chance.choice([GROUP, GROUP - 1, *range(1, 60)]), bulk=chance.random() < 0.5)
        if chance.random() < 0.1:
            await far.time.move(chance.random())
    await far.time.move(600)
    assert all(task.done() for task in far.tasks)
    assert most_in([at for at, _ in far.went], 1.0) <= 30
    assert most_in(far.times(GROUP), 60) <= 20
    assert all(most_in(far.times(chat), span) <= 5 + span for chat in range(1, 60) for span in (1, 3, 30))
