"""An update as it came, and when one is held to be what killed its process: pure."""

from dataclasses import dataclass
from datetime import timedelta

MOST_LIVES = 3
"""How often an update that a process died with is worked again before it is held to be what killed them."""
CALM = timedelta(seconds=5)
"""So long a process lives before it works again what two died with; four times as long after each further death.

Whoever is killed again and again for a reason of its own does not come so far, and blames nobody.
"""


@dataclass(frozen=True, slots=True)
class Received:
    """One update as it came: ``person`` is who must be served in order (the user, else the chat).

    ``left``: a process died while it had this one; ``deaths``: so many died working it again.
    """

    update_id: int
    person: int
    payload: str
    left: bool = False
    deaths: int = 0

    @property
    def rest(self) -> float:
        """Seconds that it waits, so that only what it does itself is held against it."""
        return CALM.total_seconds() * 4 ** (self.deaths - 1) if self.left and 0 < self.deaths < MOST_LIVES else 0.0
