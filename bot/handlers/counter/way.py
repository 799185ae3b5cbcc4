"""The way back from a card to the list of parcels that it was opened from: the tapped message itself remembers it."""

from contextlib import suppress

from bot import taps
from bot.me import Me
from bot.screen import Screen
from bot.screens import courier as screens


def with_way(screen: Screen, me: Me) -> Screen:
    """Keep the way back, where the tapped message is that list, or a card opened from it; never in a group."""
    with suppress(taps.BadTap):
        there = taps.unpack(me.corner)
        if me.private and isinstance(there, taps.MyParcels):
            return screens.to_list(me.reader.t, screen, there)
    return screen
