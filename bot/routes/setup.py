"""What answers on opening day: what is set, and codes for the shop's groups.

``/link`` alone shows the same; with a code behind it, anywhere and by anybody, it is ``bot/linking.py``.
"""

from collections.abc import Mapping

from bot import taps
from bot.handlers.admin import setup
from bot.routing import Handler, Route

TAPS: Mapping[type[taps.Tap], Route] = {
    taps.OpenSetup: Route(setup.open_setup, group=True),
    taps.CheckSetup: Route(setup.check, group=True),
    taps.MakeCode: Route(setup.make_code, setup.open_setup),
}

COMMANDS: Mapping[str, Handler] = {"setup": setup.command, "link": setup.command}
