"""What goes wrong on demand, the limits, the clock, and the world begun again."""

from collections.abc import Callable
from typing import Any

from bot.sandbox.acts.given import number, real, word
from bot.sandbox.check import schema
from bot.sandbox.faults import ANY, Fault
from bot.sandbox.people import ActError, People
from bot.sandbox.state import Json
from bot.sandbox.world import World

_MOST = 100_000  # times
_LONGEST = 86_400.0  # seconds
_FARTHEST = 3_000_000_000.0  # seconds a clock may be moved: a century


def faults(world: World, _people: People, given: Json) -> Json:
    """Ask for a fault (`kind`, on `method` or kind of `update`, in `chat`, `times`, `seconds`).

    Or `clear`: true calls them all off, a number the one that has it.
    """
    off = given.get("clear")
    if off:
        return no_faults(world) if off is True else _without(world, number(given, "clear"))
    chat = word(given, "chat") or None
    method = word(given, "method", ANY)
    if method.lower() not in {ANY, *schema().names}:
        raise ActError(f"Telegram knows no method {method}")
    fault = Fault(method.lower(), word(given, "kind"), chat=chat, update=word(given, "update", ANY))
    fault.times, fault.seconds = int(real(given, "times", 1, 1, _MOST)), real(given, "seconds", 1, 0, _LONGEST)
    try:
        return {"n": world.faults.add(fault).n}
    except ValueError as error:
        raise ActError(str(error)) from error


def shown(world: World) -> Json:
    """List the faults still to come."""
    return {"faults": world.faults.shown()}


def _without(world: World, which: int) -> Json:
    fault = world.faults.drop(which)
    if fault is None:
        raise ActError("this fault does not wait any more", 404)
    if fault.kind == "reorder":
        world.updates.release_all()
    return shown(world)


def no_faults(world: World) -> Json:
    """Call off what has not happened yet, and let the bot have the updates that were held back."""
    world.faults.clear()
    world.updates.release_all()
    return {"faults": []}


def clock(world: World, _people: People, given: Json) -> Json:
    """Move the clock `by` seconds, back with a negative number; returns the time it shows now."""
    world.move_clock(real(given, "by", 0, -_FARTHEST, _FARTHEST))
    return {"now": world.clock()}


def time(world: World) -> Json:
    """Tell the sandbox's time in epoch seconds."""
    return {"now": world.clock()}


def limits(world: World, _people: People, given: Json) -> Json:
    """Switch Telegram's limits on sending `on` or off."""
    world.limits.on = bool(given.get("on"))
    world.limits.clear()
    return {"on": world.limits.on}


def reset(world: World, _people: People, _given: Json) -> Json:
    """Begin again with the seeds."""
    world.reset()
    return {}


ACTS: dict[str, Callable[[World, People, dict[str, Any]], Json]] = {
    "faults": faults,
    "clock": clock,
    "limits": limits,
    "reset": reset,
}
VIEWS: dict[str, Callable[[World], Json]] = {"faults": shown, "clock": time}
ENDS: dict[str, Callable[[World], Json]] = {"faults": no_faults}
