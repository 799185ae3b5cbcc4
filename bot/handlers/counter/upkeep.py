"""The admin's panel of the house: in their own chat, or in the admin chat; each handler asks who they are."""

import asyncio

from bot import taps
from bot.handlers.counter.storage import begun
from bot.me import Me
from bot.screen import Screen
from bot.screens import upkeep as screens
from core.backups import service as backups
from core.cards import storage_caption, storage_sheet
from core.doctor import service as doctor
from core.errors import NotFound, Refused
from core.maintenance import emergency, works
from core.maintenance.rules import Work
from core.people.rules import Rank
from core.storage import accounting, alerts, orphans, qr

LARGE = 1024 * 1024
"""Bytes from which a file is worth being named."""


async def storage_command(_text: str, me: Me) -> Screen:
    """Open the panel where admins alone read."""
    me.person.must_be(Rank.ADMIN)
    if not me.private and me.chat_id != me.shop.policy.admin_chat_id:
        raise Refused("storage_private")
    return await panel(taps.OpenStorage(), me)


async def panel(tap: taps.OpenStorage, me: Me) -> Screen:
    """Show how much there is of everything, and what stands."""
    _ = tap
    me.person.must_be(Rank.ADMIN)
    shop = me.shop
    found, standing, verified, waiting = await asyncio.gather(
        accounting.report(shop), alerts.standing(shop), backups.last_verified(shop), alerts.undelivered(shop)
    )
    t = me.reader.t
    sheet, lines = storage_sheet(shop, found, t, verified), storage_caption(shop, found, t, verified)
    return screens.panel(t, sheet, lines, standing, waiting)


async def clean(tap: taps.PreviewCleanup, me: Me) -> Screen:
    """Show what cleaning up would free."""
    _ = tap
    me.person.must_be(Rank.ADMIN)
    pictures = await qr.cleanup_qr(me.shop, dry_run=True, person=me.person)
    return screens.cleanup(me.reader.t, pictures, await orphans.plan(me.shop))


async def aside(tap: taps.OpenAside | taps.BringBack, me: Me) -> Screen:
    """Show what is set aside."""
    _ = tap
    return screens.aside(me.reader.t, await orphans.aside(me.shop, me.person))


async def bring_back(tap: taps.BringBack, me: Me) -> Screen:
    """Put a file back where it was."""
    back = await orphans.bring_back(me.shop, me.person, tap.mark)
    return (await aside(tap, me)).saying(me.say("storage.back", name=screens.end(back.path)))


async def listing(tap: taps.ListBackups | taps.PinBackup, me: Me) -> Screen:
    """Show the newest backups."""
    _ = tap
    me.person.must_be(Rank.ADMIN)
    return screens.backups(me.reader.t, await backups.listing(me.shop, me.person), me.shop.config.zone)


async def pin(tap: taps.PinBackup, me: Me) -> Screen:
    """Keep a backup whatever its age, or let the rules decide again."""
    me.person.must_be(Rank.ADMIN)
    names = sorted(one.standing.name for one in await backups.listing(me.shop, me.person))
    name = next((name for name in names if screens.stamp(name) == tap.stamp), None)
    if name is None:
        raise NotFound
    await backups.pin(me.shop, name, pinned=bool(tap.pinned), by=me.person)
    return (await listing(tap, me)).saying(me.say("storage.pinned" if tap.pinned else "storage.unpinned"))


async def large(tap: taps.LargeFiles, me: Me) -> Screen:
    """Show the largest files."""
    _ = tap
    me.person.must_be(Rank.ADMIN)
    return screens.large(me.reader.t, await accounting.large_files(me.shop, LARGE, screens.FILES), LARGE)


async def plan(tap: taps.EmergencyPlan | taps.RunEmergency, me: Me) -> Screen:
    """Show what the emergency plan would do now."""
    _ = tap
    me.person.must_be(Rank.ADMIN)
    return screens.plan(me.reader.t, await emergency.plan(me.shop))


async def relieve(tap: taps.RunEmergency, me: Me) -> Screen:
    """Do what was seen; its result comes below."""
    await works.start(me.shop, me.person, Work.EMERGENCY, me.chat_id, f"{tap.made}-{tap.digest}")
    return begun(Work.EMERGENCY, me)


async def examine(tap: taps.RunDoctor, me: Me) -> Screen:
    """Look whether all is well, but for each page of the database."""
    _ = tap
    me.person.must_be(Rank.ADMIN)
    return screens.doctor(me.reader.t, await doctor.examine(me.shop, deep=False))
