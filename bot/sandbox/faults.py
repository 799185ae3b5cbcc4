"""What goes wrong on demand: calls that are refused, late or cut off, and updates that come twice, late or mixed up."""

from dataclasses import asdict, dataclass
from typing import Any

CALLS = ("429", "500", "502", "too_big", "delay", "cut_before", "cut_after")
UPDATES = ("duplicate", "late", "reorder")
KINDS = (*CALLS, *UPDATES)
ANY = "*"


@dataclass(slots=True)
class Fault:
    """Something to go wrong `times` times.

    On a `method` (lower case) or, for updates, a kind of `update`, "*" for any; in a `chat` or, where None, in any;
    `seconds` to wait where there is a wait in it. `n` is its number in the list of those that wait.
    """

    method: str
    kind: str
    times: int = 1
    seconds: float = 1.0
    update: str = ANY
    chat: str | None = None
    n: int = 0


class Faults:
    """The faults still to come, oldest first."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._last = 0

    def add(self, fault: Fault) -> Fault:
        """Ask for a fault; return it with its number; raise ValueError for a kind that does not exist."""
        if fault.kind not in KINDS:
            raise ValueError(f"a fault is one of {', '.join(KINDS)}")
        self._last += 1
        fault.n = self._last
        self._waiting.append(fault)
        return fault

    def take(self, method: str, chat: object) -> Fault | None:
        """Return the fault a call meets, and count it; `chat` is its chat_id, None where it names none."""
        return self._take(CALLS, method, chat) if self._waiting else None

    def take_update(self, kind: str, chat: object) -> Fault | None:
        """Return the fault an update meets, and count it."""
        return self._take(UPDATES, kind, chat) if self._waiting else None

    def shown(self) -> list[dict[str, Any]]:
        """Return what still waits."""
        return [asdict(fault) for fault in self._waiting]

    def drop(self, number: int) -> Fault | None:
        """Call off one; return it, None when it does not wait any more."""
        found = next((fault for fault in self._waiting if fault.n == number), None)
        if found:
            self._waiting.remove(found)
        return found

    def clear(self) -> None:
        """Call off what has not happened yet."""
        self._waiting.clear()

    def _take(self, kinds: tuple[str, ...], name: str, chat: object) -> Fault | None:
        fault = next((one for one in self._waiting if one.kind in kinds and _meets(one, name, chat)), None)
        if fault:
            fault.times -= 1
            if fault.times <= 0:
                self._waiting.remove(fault)
        return fault


def _meets(fault: Fault, name: str, chat: object) -> bool:
    wanted = fault.update if fault.kind in UPDATES else fault.method
    return wanted in {ANY, name} and (fault.chat is None or fault.chat == str(chat))
