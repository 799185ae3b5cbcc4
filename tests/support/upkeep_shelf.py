"""The screens of the house's own care for the gallery: every alert, every work, every page of the panel."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

from bot.screen import Screen
from bot.screens import staff
from bot.screens import storage as watching_screens
from bot.screens import upkeep as panels
from core.backups.manifest import Manifest
from core.backups.retention import Reason
from core.backups.service import Listed
from core.backups.shelf import Standing
from core.cards import storage_caption, storage_sheet
from core.doctor.rules import Finding, State
from core.i18n import Translator
from core.maintenance.emergency import Emergency, Part, Step
from core.maintenance.rules import Run, Work
from core.maintenance.rules import State as Going
from core.storage.candidates import Candidate, Cleanup
from core.storage.figures import File
from core.storage.orphans import Orphans
from core.storage.quarantine import SetAside
from core.storage.rules import MB, Level
from core.storage.watching import Alert, Concern, muted
from tests.support import figures_shelf
from tests.support.furnished import ODD, House

FIGURES = {"bytes": 4_300_000, "files": 12, "aside": 3, "trouble": 1, "before": 90 * MB, "after": 70 * MB,
           "new": 1200, "changed": 340, "hidden": 2, "same": 9000, "failed": 7,
           "made": "2026-11-22T03:00:00+00:00"}  # fmt: skip


async def screens(house: House, t: Translator) -> list[Screen]:
    """Each alert at each level, looked after, put off and reminded of; each work in each state; the panel's pages."""
    return [*_alerts(house, t), *_works(house, t), *_panel(house, t), *_pages(house, t)]


def alert(house: House, concern: Concern, level: Level = Level.CRITICAL, reminders: int = 0) -> Alert:
    """Something that stands since a while."""
    now = house.shop.clock.now()
    return Alert(concern, level, level, 2, 106.0, now - timedelta(hours=5), told_at=now, reminders=reminders)


def _alerts(house: House, t: Translator) -> list[Screen]:
    now, zone = house.shop.clock.now(), house.shop.config.zone
    found = [alert(house, concern, level, 3 * (level is Level.WARNING)) for concern, level in product(Concern, Level)]
    stands = alert(house, Concern.DISK)
    quiet = [muted(stands, now, timedelta(hours=1)), muted(stands, now, timedelta(days=1), 7)]
    cards = [watching_screens.alert(t, one, zone, now, ODD) for one in (*found, *quiet)]
    over = [staff.alert(t, {"metric": one.value, "level": "ok", "percent": 71.0}) for one in Concern
            if not one.is_forecast]  # fmt: skip
    return [*cards, watching_screens.ask_snooze(t, cards[-1], Concern.DISK), *over]


def _works(house: House, t: Translator) -> list[Screen]:
    now, zone = house.shop.clock.now(), house.shop.config.zone
    going = [Run(work, 1, Going.RUNNING, "me", now) for work in Work]
    done = [replace(run, state=Going.DONE, result=FIGURES) for run in going]
    failed = [replace(run, state=Going.FAILED, result={"error": "errors.work_broken"}) for run in going]
    none = Run(Work.PHOTOS, 1, Going.DONE, "me", now, result=FIGURES | {"files": 0, "trouble": 0})
    return [
        watching_screens.work(t, run, ODD, zone, now + timedelta(seconds=20)) for run in (*going, *done, *failed, none)
    ]


def _panel(house: House, t: Translator) -> list[Screen]:
    shop, now = house.shop, house.shop.clock.now()
    busy = figures_shelf.of(now, shop.policy, busy=True)
    sheet, lines = storage_sheet(shop, busy, t, now), storage_caption(shop, busy, t, now)
    stands = [alert(house, concern) for concern in Concern]
    return [panels.panel(t, sheet, lines, few, len(few)) for few in ((), stands[:2], stands)]


def _pages(house: House, t: Translator) -> list[Screen]:
    now, zone = house.shop.clock.now(), house.shop.config.zone
    files = tuple(Candidate(Path(f"/{number}"), 3 * MB, 1, 1, "x") for number in range(3))
    orphans = [Orphans(files, files, 200), Orphans(files * 99, (), 300), Orphans((), (), 0)]
    steps = tuple(Step(part, files) for part in Part)
    large = tuple(File("12/" * 40 + "7", number * MB) for number in range(20, 0, -1))
    aside = [SetAside(f"products/{'12/' * 40}{one}.webp", now.date(), 9 * MB, Path(f"/{one}")) for one in range(12)]
    made = Manifest(now.isoformat(), "0021", "sqlite", (), recipient="age1")
    there = Standing(Path("/db_backup_20261122_030000"), made, 4 * MB, in_place=True, pinned=True, checked=None)
    listed = [Listed(replace(there, pinned=pinned, in_place=whole), keep=True, reason=Reason.DAILY, copies=())
              for pinned, whole in product((True, False), repeat=2)]  # fmt: skip
    findings = [Finding("owners"), Finding("database", State.FAILED, "ill", {"word": "7"}, "7"),
                Finding("owners", State.WARNING, "none", {}, "7")]  # fmt: skip
    pictures = [Cleanup(files * few, dry_run=True) for few in (1, 1, 0)]
    return [
        *(panels.cleanup(t, old, one) for old, one in zip(pictures, orphans, strict=True)),
        panels.plan(t, Emergency(now, steps, large, 8 * MB, "6921f2c0-0123456789ab")),
        panels.plan(t, Emergency(now, (Step(Part.QR, ()),), (), 0, "6921f2c0-0123456789ab")),
        panels.large(t, large, MB), panels.large(t, (), MB),
        panels.aside(t, aside), panels.aside(t, aside[:2]), panels.aside(t, ()),
        panels.backups(t, listed * 2, zone), panels.backups(t, (), zone),
        panels.doctor(t, findings), panels.doctor(t, findings[:1]),
    ]  # fmt: skip
