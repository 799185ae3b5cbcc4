"""What the shop keeps about the person: told, given as a file, deleted after asking twice."""

from bot import taps
from bot.me import Me
from bot.screen import Screen
from bot.screens import privacy as screens
from core.privacy import service as privacy


async def my_data(_tap: taps.MyData | taps.ExportData | taps.AskDelete, me: Me) -> Screen:
    """Say what is kept and why."""
    return screens.my_data(me.reader.t, me.shop.policy.shop_name)


async def export(tap: taps.ExportData, me: Me) -> Screen:
    """Have it written into a file, which comes as a message of its own."""
    await privacy.ask_export(me.shop, me.person)
    return (await my_data(tap, me)).saying(me.say("privacy.file_comes"))


async def ask_delete(tap: taps.AskDelete, me: Me) -> Screen:
    """Ask whether to delete it, or name the orders that must be done with first."""
    t, name = me.reader.t, me.shop.policy.shop_name
    waiting = await privacy.hindrances(me.shop, me.person)
    if waiting:
        return screens.not_yet(t, name, waiting)
    return screens.ask_again(t, name, me.shop.clock.now()) if tap.step > 1 else screens.ask_delete(t, name)


async def ask_once_more(_tap: taps.DeleteMe, me: Me) -> Screen:
    """Begin to ask again: the last answer came too late, or something stands in the way now."""
    return await ask_delete(taps.AskDelete(1), me)


async def delete_me(tap: taps.DeleteMe, me: Me) -> Screen:
    """Delete it."""
    await privacy.forget_me(me.shop, me.person, tap.asked_at)
    return screens.deleted(me.reader.t, me.shop.policy.shop_name)
