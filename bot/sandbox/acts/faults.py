"""What goes wrong on demand, the limits, and the world begun again."""

from collections.abc import Callable
from typing import Any

from bot.sandbox.acts.given import word
from bot.sandbox.limits import Fault
from bot.sandbox.people import ActError, People
from bot.sandbox.state import Json
from bot.sandbox.world import World


def faults(world: World, _people: People, given: Json) -> Json:
    """Ask for a fault: `kind`, on `method` ("*" for any), `times`, `seconds`."""
    fault = Fault(word(given, "method", "*").lower(), word(given, "kind"))
    try:
        fault.times, fault.seconds = int(given.get("times", 1)), float(given.get("seconds", 1))
        world.faults.add(fault)
    except (TypeError, ValueError) as error:
        raise ActError(str(error)) from error
    return {}


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
    "limits": limits,
    "reset": reset,
}
