"""What is asked of who works here in one line: in their own chat the next line answers it, in a group a reply to it."""

from bot import taps
from bot.me import Me
from bot.screen import Screen
from bot.screens import counter as screens
from core.errors import OutOfDate, Refused
from core.people import service as people
from core.people.rules import Question


async def standing(me: Me) -> Question | None:
    """Read what the person is asked in this chat."""
    question = await people.question(me.shop, me.person) if me.person.asked else None
    return question if question is not None and question.asked_in(me.chat_id) else None


def is_answer(me: Me) -> bool:
    """Tell whether a message replies to one that asks something, whoever was asked."""
    return me.replied.startswith(f"{taps.NotNow.prefix}:")


def meant(stands: Question | None, me: Me) -> Question | None:
    """Name the one that a message replies to, of several that wait in one row; else the one that stands."""
    stamp = me.replied.partition(":")[2] if is_answer(me) else ""
    return (stands.turned(int(stamp)) or stands) if stands is not None and stamp else stands


async def replied(me: Me) -> Question:
    """Find the question that a reply in a group answers: the very one that its message asks, and of who replies."""
    question = meant(await standing(me), me)
    if question is None or me.replied != taps.NotNow(question.stamp).pack():
        raise Refused("asked_before")
    return question


async def not_now(tap: taps.NotNow, me: Me) -> Screen:
    """Ask no more; only who was asked can say so."""
    stands = await standing(me)
    question = stands.turned(tap.asked) if stands else None
    if question is None:
        raise OutOfDate("old_button")
    await people.leave(me.shop, me.person, question)
    return screens.not_asked(me.reader.t)
