"""The house's own care: what is watched and who looks after it, work that goes on."""

from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from bot import taps
from bot.screen import Button, Rows, Screen, Style
from bot.screens.room import paired
from bot.screens.shop import cut
from core.i18n import Translator
from core.maintenance.rules import Run, State, Work
from core.storage.alerts import SNOOZES
from core.storage.figures import readable
from core.storage.rules import Level
from core.storage.watching import NO_BACKUP_FOR, Alert, Concern

NAME = 24
SIGNS = {Level.OK: "✅", Level.WARNING: "⚠️", Level.CRITICAL: "🔴", Level.EMERGENCY: "🚨"}
CLEAN, BACKUP, FILES, PLAN, TIDY = "clean", "backup", "files", "plan", "tidy"
HELP: dict[Concern, tuple[str, ...]] = {
    Concern.DISK: (CLEAN, FILES, PLAN),
    Concern.INODES: (CLEAN, PLAN),
    Concern.DATABASE: (TIDY, BACKUP),
    Concern.WAL: (BACKUP,),
    Concern.MEDIA: (CLEAN, FILES),
    Concern.LOGS: (PLAN, FILES),
    Concern.BACKUPS: (PLAN, FILES),
    Concern.TOTAL: (CLEAN, FILES, PLAN),
    Concern.BACKUP_AGE: (BACKUP,),
    Concern.DATABASE_FILE: (),
    Concern.DISK_FORECAST: (CLEAN, FILES),
    Concern.DATABASE_FORECAST: (TIDY,),
    Concern.MEDIA_FORECAST: (CLEAN, FILES),
    Concern.TOTAL_FORECAST: (CLEAN, FILES),
}
"""What helps against what."""


# ── what is watched ──────────────────────────────────────────────────────────────────────────────────────────────────
def alert(t: Translator, found: Alert, zone: ZoneInfo, now: datetime, name: str) -> Screen:
    """The card of one alert: how bad it is, since when, what helps, and ``name``, who looks after it."""
    concern = Concern(found.metric)
    if found.level is Level.OK:
        return Screen(t.html("watch.over", metric=metric(t, concern), when=t.when(found.since, zone)))
    blocks = [_what(t, found, concern, zone)]
    if not concern.is_forecast:
        blocks.append(t.html(f"watch.hint.{concern}"))
    if told := _told(t, found, zone, now, name):
        blocks.append(told)
    return Screen(Markup("\n\n").join(blocks), _alert_rows(t, concern, muted=found.is_muted(now)))


def metric(t: Translator, concern: Concern) -> str:
    """Name what is watched."""
    return t(f"watch.name.{concern.value.removesuffix('_forecast')}")


def _what(t: Translator, found: Alert, concern: Concern, zone: ZoneInfo) -> Markup:
    if concern.is_forecast:
        return t.html("watch.forecast", metric=metric(t, concern), days=round(found.percent))
    title = t.html("watch.title", sign=SIGNS[found.level], level=t(f"alert.level.{found.level.word}"),
                   metric=metric(t, concern))  # fmt: skip
    when = t.when(found.since, zone)
    if concern is Concern.BACKUP_AGE:
        hours = round(found.percent * NO_BACKUP_FOR.total_seconds() / 3600 / 100)
        return Markup("\n").join([title, t.html("watch.waits", hours=hours)])
    key = "watch.gone" if concern is Concern.DATABASE_FILE else "watch.full"
    return Markup("\n").join([title, t.html(key, percent=round(found.percent), when=when)])


def _told(t: Translator, found: Alert, zone: ZoneInfo, now: datetime, name: str) -> Markup | None:
    """Who looks after it, until when it is put off, or how often it was reminded of."""
    if found.muted_until is not None and found.is_muted(now):
        until = t.when(found.muted_until, zone)
        if found.muted_by is None:
            return t.html("watch.quiet", when=until)
        return t.html("watch.seen", name=cut(name, NAME) or "?", when=until)
    return t.html("watch.reminder", count=found.reminders) if found.reminders else None


def _alert_rows(t: Translator, concern: Concern, *, muted: bool) -> Rows:
    ways = {
        CLEAN: Button(t("button.alert_clean"), taps.StartWork(Work.CLEAN), style=Style.PRIMARY),
        BACKUP: Button(t("button.alert_backup"), taps.StartWork(Work.BACKUP), style=Style.PRIMARY),
        TIDY: Button(t("button.alert_optimise"), taps.StartWork(Work.OPTIMISE), style=Style.PRIMARY),
        FILES: Button(t("button.alert_files"), taps.LargeFiles()),
        PLAN: Button(t("button.emergency"), taps.EmergencyPlan()),
    }
    rows = paired([ways[way] for way in HELP[concern]])
    if concern.is_forecast:
        return rows
    seen = [] if muted else [Button(t("button.alert_seen"), taps.AcknowledgeAlert(concern))]
    return (*rows, *paired([*seen, Button(t("button.alert_snooze"), taps.AskSnooze(concern))]))


def ask_snooze(t: Translator, card: Screen, concern: Concern) -> Screen:
    """The card as it stands, with the question for how long it can wait."""
    buttons = [Button(t(f"watch.hours.{hours}"), taps.SnoozeAlert(concern, hours)) for hours in SNOOZES]
    back = (Button(t("button.back"), taps.OpenAlert(concern)),)
    return card.opened((*paired(buttons), back), t.html("watch.snooze"))


# ── work that goes on ────────────────────────────────────────────────────────────────────────────────────────────────
def work(t: Translator, run: Run, name: str, zone: ZoneInfo, now: datetime) -> Screen:
    """How far a work is, or what came out; what did not succeed can be started again."""
    what = t(f"work.{run.work}")
    if run.state is State.RUNNING:
        seconds = max(round((now - run.started_at).total_seconds()), 0)
        when = t.when(run.started_at, zone, "HH:mm")
        return Screen(t.html("work.running", work=what, name=cut(name, NAME), when=when, seconds=seconds))
    if run.state is State.FAILED:
        why = t(str(run.result["error"]), **run.result.get("values", {}))
        again = Button(t("button.retry"), taps.StartWork(run.work))
        rows = () if run.work in {Work.EMERGENCY, Work.IMPORT} else ((again,),)
        return Screen(t.html("work.failed", work=what, why=why), rows)
    rows = () if run.work is Work.IMPORT else ((Button(t("button.storage"), taps.OpenStorage()),),)
    if run.work in {Work.CLEAN, Work.PHOTOS} and (run.result.get("aside") or run.result.get("files")):
        rows = (*rows, (Button(t("button.aside"), taps.OpenAside()),))
    nothing = run.work is Work.PHOTOS and not run.result.get("files") and not run.result.get("trouble")
    done = "no_photos" if nothing else run.work
    return Screen(t.html(f"work.done.{done}", **_figures(t, run, zone)), rows)


def _figures(t: Translator, run: Run, zone: ZoneInfo) -> dict[str, object]:
    """What came out: sizes and moments as people read them."""
    sizes = {"bytes", "before", "after"}
    said = {key: readable(value) if key in sizes else value for key, value in run.result.items()}
    return said | ({"when": t.when(datetime.fromisoformat(run.result["made"]), zone)} if run.result.get("made") else {})
