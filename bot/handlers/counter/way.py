"""The way back from a message to the list that it was opened from: the tapped message itself remembers it."""

from contextlib import suppress

from bot import taps
from bot.me import Me
from bot.screen import Screen
from bot.screens import courier as screens


def with_way(screen: Screen, me: Me) -> Screen:
    """Keep the way back, where the tapped message is that list, or a card opened from it; never in a group."""
    there = came_from(me)
    if me.private and isinstance(there, taps.MyParcels):
        return screens.to_list(me.reader.t, screen, there)
    return screen


def came_from(me: Me) -> taps.Tap | None:
    """Read what the first button of the tapped message's last row leads to; None for no button of ours."""
    with suppress(taps.BadTap):
        return taps.unpack(me.corner)
    return None
