"""The admin's panel of the house: how much there is of everything, what could go, backups, how it all is."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from markupsafe import Markup

from bot import taps
from bot.screen import Button, Rows, Screen, StoragePicture, Style
from bot.screens import admin
from bot.screens.room import paired
from bot.screens.shop import cut
from bot.screens.storage import SIGNS, metric
from core.backups.service import Listed
from core.doctor.rules import Finding, State
from core.i18n import Translator
from core.maintenance.emergency import Emergency, Step
from core.maintenance.rules import Work
from core.pictures.storage import StorageSheet
from core.storage.candidates import Cleanup, total
from core.storage.figures import File, readable
from core.storage.orphans import Orphans
from core.storage.quarantine import SetAside
from core.storage.watching import Alert, Concern

LARGEST, BACKUPS, FILES, PATH, FINDINGS, ASIDE = 4, 6, 12, 36, 14, 9
"""As many of the largest files, backups, files and findings are named; so many letters of a path; files set aside."""
FINE = {State.OK: "✅", State.WARNING: "⚠️", State.FAILED: "🔴"}


def panel(
    t: Translator, sheet: StorageSheet, lines: Sequence[str], standing: Sequence[Alert], undelivered: int
) -> Screen:  # fmt: skip
    """All on one card: the picture, a few lines, what stands; and every way on."""
    text = [Markup("\n").join([t.html("storage.title"), *(t.html("storage.line", text=line) for line in lines)])]
    if standing:
        text.append(Markup("\n").join([t.html("storage.alerts"), *(_standing(t, one) for one in standing)]))
    if undelivered:
        text.append(t.html("storage.undelivered", count=undelivered))
    return Screen(Markup("\n\n").join(text), _ways(t), StoragePicture(sheet))


def _standing(t: Translator, one: Alert) -> Markup:
    if Concern(one.metric).is_forecast:
        return t.html("storage.forecast", metric=metric(t, Concern(one.metric)), days=round(one.percent))
    level = t(f"alert.level.{one.level.word}")
    return t.html("storage.alert", sign=SIGNS[one.level], metric=metric(t, Concern(one.metric)), level=level)


def _ways(t: Translator) -> Rows:
    buttons = [
        Button(t("button.clean"), taps.PreviewCleanup()), Button(t("button.alert_backup"), taps.StartWork(Work.BACKUP)),
        Button(t("button.backups"), taps.ListBackups()), Button(t("button.alert_files"), taps.LargeFiles()),
        Button(t("button.emergency"), taps.EmergencyPlan()),
        Button(t("button.optimise"), taps.StartWork(Work.OPTIMISE)),
        Button(t("button.smaller_photos"), taps.StartWork(Work.PHOTOS)),
        Button(t("button.doctor"), taps.RunDoctor()), Button(t("button.refresh"), taps.OpenStorage()),
    ]  # fmt: skip
    return (*paired(buttons), admin.back(t))


def _back(t: Translator) -> tuple[Button, ...]:
    return (Button(t("button.back"), taps.OpenStorage()),)


# ── what could go ────────────────────────────────────────────────────────────────────────────────────────────────────
def cleanup(t: Translator, pictures: Cleanup, orphans: Orphans) -> Screen:
    """What cleaning up would free, and the button that does it."""
    aside = () if orphans.too_many else orphans.found
    parts = (("qr", pictures.found), ("orphans", aside), ("left", orphans.leftovers))
    lines = [t.html(f"storage.cleanup.{name}", files=len(found), size=readable(total(found))) for name, found in parts
             if found]  # fmt: skip
    text = Markup("\n").join([t.html("storage.clean" if lines else "storage.clean_none"), *lines])
    if orphans.too_many:
        text += Markup("\n\n") + t.html("storage.too_many")
    go = (Button(t("button.clean_go"), taps.StartWork(Work.CLEAN), style=Style.PRIMARY),)
    return Screen(text, (*([go] if lines else []), (Button(t("button.aside"), taps.OpenAside()), *_back(t))))


def aside(t: Translator, found: Sequence[SetAside]) -> Screen:
    """What is set aside, the newest first; each of those named comes back by a button."""
    shown = found[:ASIDE]
    lines = [t.html("storage.aside" if shown else "storage.aside_none")]
    lines += [t.html("storage.one_aside", place=place, size=readable(one.bytes), path=end(one.path),
                     until=t.day(one.until)) for place, one in enumerate(shown, 1)]  # fmt: skip
    if len(found) > ASIDE:
        lines.append(t.html("storage.aside_more", count=len(found) - ASIDE))
    back = [Button(t("button.bring_back", place=place), taps.BringBack(one.mark)) for place, one in enumerate(shown, 1)]
    return Screen(Markup("\n").join(lines), (*paired(back, 3), _back(t)))


def end(path: str) -> str:
    """Write the end of a path, by which files are told apart."""
    seen = path.encode("utf-8", "replace").decode()
    return seen if len(seen) <= PATH else "…" + seen[1 - PATH :]


def plan(t: Translator, found: Emergency) -> Screen:
    """What the emergency plan would do, each step with its size; one button does what is seen here, no more."""
    steps = [_step(t, step) for step in found.steps if step.found]
    lines = [t.html("storage.plan" if steps else "storage.plan_none"), *steps]
    blocks = [Markup("\n").join(lines)]
    if steps:
        blocks.append(t.html("storage.plan_total", size=readable(found.bytes + found.reserve)))
    if found.large:
        large = [t.html("storage.plan_large"), *(_file(t, one) for one in found.large[:LARGEST])]
        blocks.append(Markup("\n").join(large))
    made, _, digest = found.stamp.partition("-")
    go = (Button(t("button.emergency_go"), taps.RunEmergency(made, digest), style=Style.DANGER),)
    return Screen(Markup("\n\n").join(blocks), (*([go] if steps else []), _back(t)))


def _step(t: Translator, step: Step) -> Markup:
    part = t(f"storage.part.{step.part}")
    return t.html("storage.step", part=part, files=len(step.found), size=readable(step.bytes))


def large(t: Translator, found: Sequence[File], least: int) -> Screen:
    """The largest files; none of them goes by a button."""
    key = "storage.large" if found else "storage.large_none"
    lines = [t.html(key, least=readable(least)), *(_file(t, one) for one in found[:FILES])]
    return Screen(Markup("\n").join(lines), (_back(t),))


def _file(t: Translator, one: File) -> Markup:
    return t.html("storage.file", size=readable(one.bytes), path=end(one.path))


# ── backups ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def backups(t: Translator, found: Sequence[Listed], zone: ZoneInfo) -> Screen:
    """The newest backups, what is known of each, and what keeps one by hand."""
    shown = found[:BACKUPS]
    lines = [t.html("storage.backups" if shown else "storage.backups_none")]
    lines += [_backup(t, place, one, zone) for place, one in enumerate(shown, 1)]
    pins = [Button(t("button.unpin" if one.standing.pinned else "button.pin", place=place),
                   taps.PinBackup(stamp(one.standing.name), int(not one.standing.pinned)))
            for place, one in enumerate(shown, 1)]  # fmt: skip
    ways = [Button(t("button.alert_backup"), taps.StartWork(Work.BACKUP))]
    if shown:
        lines += [Markup(""), t.html("storage.signs")]
        ways.append(Button(t("button.check_backup"), taps.StartWork(Work.CHECK)))
    return Screen(Markup("\n").join(lines), (*paired(ways), *paired(pins, 3), _back(t)))


def _backup(t: Translator, place: int, one: Listed, zone: ZoneInfo) -> Markup:
    there = one.standing
    encrypted = there.manifest is not None and bool(there.manifest.recipient)
    signs = "✓" * there.verified + "⚠️" * (not there.verified) + " 📌" * there.pinned + " 🔒" * encrypted
    when = t.when(there.at, zone) if there.manifest is not None else cut(there.name, PATH)
    return t.html("storage.one_backup", place=place, when=when, size=readable(there.bytes), signs=signs)


def stamp(name: str) -> str:
    """Write when a backup was made as a button carries it: its name's date and time in twelve digits."""
    return "".join(char for char in name if char.isdigit())[2:14]


# ── how it all is ────────────────────────────────────────────────────────────────────────────────────────────────────
def doctor(t: Translator, found: Sequence[Finding]) -> Screen:
    """What needs a look, the worst first, each with what helps; and how much is fine."""
    bad = worst_first(found)
    head = t.html("storage.ill", bad=len(bad), count=len(found)) if bad else t.html("storage.well")
    blocks = [Markup("\n").join([t.html("storage.doctor"), head])]
    blocks += [finding(t, one) for one in bad[:FINDINGS]]
    blocks.append(t.html("storage.all_well", count=len(found) - len(bad)))
    again = (Button(t("button.refresh"), taps.RunDoctor()), *_back(t))
    return Screen(Markup("\n\n").join(blocks), (again,))


def worst_first(found: Sequence[Finding]) -> list[Finding]:
    """Take what needs a look, the worst first."""
    return sorted((one for one in found if one.state is not State.OK), key=lambda one: one.state is not State.FAILED)


def finding(t: Translator, one: Finding) -> Markup:
    """Say what was found, and on the next line what helps."""
    what = t.html("storage.finding", sign=FINE[one.state], what=one.title(t), said=one.sentence(t))
    return Markup("\n").join([what, t.html("storage.fix", fix=one.remedy(t))])
