"""Every button as a type: what it carries, packed into Telegram's 64 bytes. Ids and enums only, never a text.

A tap is untrusted: whoever holds a chat can send any value. Unpacking proves only its shape; services prove the rest.
Each file of this folder holds the buttons of one part of the shop; all of them are ``taps.Name`` here.
"""

from bot.taps.backlog import *  # noqa: F403 - as below
from bot.taps.base import LONGEST as LONGEST
from bot.taps.base import BadTap as BadTap
from bot.taps.base import Tap as Tap
from bot.taps.boards import *  # noqa: F403 - every button in it is one of ours
from bot.taps.buying import *  # noqa: F403 - every button in it is one of ours
from bot.taps.card import *  # noqa: F403 - as above
from bot.taps.cash import *  # noqa: F403 - as above
from bot.taps.changing import *  # noqa: F403 - as above
from bot.taps.counter import *  # noqa: F403 - as above
from bot.taps.courier import *  # noqa: F403 - as above
from bot.taps.entering import *  # noqa: F403 - as above
from bot.taps.helping import *  # noqa: F403 - as above
from bot.taps.kept import *  # noqa: F403 - as above
from bot.taps.news import *  # noqa: F403 - as above
from bot.taps.nudges import *  # noqa: F403 - as above
from bot.taps.opinions import *  # noqa: F403 - as above
from bot.taps.orders import *  # noqa: F403 - as above
from bot.taps.parcels import *  # noqa: F403 - as above
from bot.taps.places import *  # noqa: F403 - as above
from bot.taps.policy import *  # noqa: F403 - as above
from bot.taps.privacy import *  # noqa: F403 - as above
from bot.taps.products import *  # noqa: F403 - as above
from bot.taps.promos import *  # noqa: F403 - as above
from bot.taps.setup import *  # noqa: F403 - as above
from bot.taps.sheets import *  # noqa: F403 - as above
from bot.taps.storage import *  # noqa: F403 - as above
from bot.taps.storefront import *  # noqa: F403 - as above
from bot.taps.suspicion import *  # noqa: F403 - as above
from bot.taps.team import *  # noqa: F403 - as above
from bot.taps.wishes import *  # noqa: F403 - as above

KINDS: dict[str, type[Tap]] = {kind.prefix: kind for kind in Tap.__subclasses__()}


def unpack(data: str) -> Tap:
    """Read a button's value into its type; ``BadTap`` when it is none of ours."""
    prefix, *values = data.split(":")
    kind = KINDS.get(prefix)
    if kind is None:
        raise BadTap(prefix)
    return kind.parse(values)
