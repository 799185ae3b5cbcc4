"""The house's own care, for admins: what is watched and work that is started; and what the outbox brings of it."""

from markupsafe import Markup
from sqlalchemy import Connection

from bot import taps
from bot.me import Me
from bot.screen import Screen
from bot.screens import staff as staff_screens
from bot.screens import storage as screens
from core.i18n import Translator
from core.maintenance import works
from core.maintenance.rules import Work
from core.messages.rules import Owed
from core.people import store as people
from core.people.rules import Rank
from core.shop import Shop
from core.storage import alerts
from core.storage.rules import Level
from core.storage.watching import Alert, Concern


# ── what is watched ──────────────────────────────────────────────────────────────────────────────────────────────────
async def open_alert(tap: taps.OpenAlert | taps.AskSnooze | taps.SnoozeAlert | taps.AcknowledgeAlert, me: Me) -> Screen:
    """Show an alert as it stands now, also where all is well again."""
    me.person.must_be(Rank.ADMIN)
    found = await alerts.now(me.shop, tap.concern)
    return await _draw(me.shop, me.reader.t, found)


async def _draw(shop: Shop, t: Translator, found: Alert) -> Screen:
    name = await shop.db.read(_name, found.muted_by) if found.muted_by else ""
    return screens.alert(t, found, shop.config.zone, shop.clock.now(), name)


def _name(tx: Connection, person_id: int) -> str:
    found = people.by_id(tx, person_id)
    return found.name if found else ""


async def ask_snooze(tap: taps.AskSnooze, me: Me) -> Screen:
    """Ask for how long it can wait."""
    found = await alerts.seen(me.shop, me.person, tap.concern)
    return screens.ask_snooze(me.reader.t, await _draw(me.shop, me.reader.t, found), tap.concern)


async def snooze(tap: taps.SnoozeAlert, me: Me) -> Screen:
    """Put the reminders off."""
    found = await alerts.snooze(me.shop, me.person, tap.concern, tap.hours, shown_in=me.chat_id)
    until = me.t.when(found.muted_until or me.shop.clock.now(), me.shop.config.zone)
    return (await _draw(me.shop, me.reader.t, found)).saying(me.say("watch.snoozed", when=until))


async def acknowledge(tap: taps.AcknowledgeAlert, me: Me) -> Screen:
    """Whoever tapped looks after it."""
    found = await alerts.acknowledge(me.shop, me.person, tap.concern, shown_in=me.chat_id)
    return (await _draw(me.shop, me.reader.t, found)).saying(me.say("watch.acknowledged"))


# ── work ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
async def start_work(tap: taps.StartWork, me: Me) -> Screen:
    """Begin it; its own card comes below and is edited, the tapped message stays."""
    await works.start(me.shop, me.person, tap.work, me.chat_id)
    return begun(tap.work, me)


def begun(work: Work, me: Me) -> Screen:
    """The tap is answered in words, the tapped message stays."""
    return Screen(Markup(), toast=me.say("work.started", work=me.say(f"work.{work}")), stays=True)


# ── what the outbox brings ───────────────────────────────────────────────────────────────────────────────────────────
async def watch_letter(shop: Shop, owed: Owed, t: Translator) -> Screen | None:
    """Draw what is true of an alert now; nothing, where it was over before it was told here."""
    found = await shop.db.write(alerts.card, owed.chat_id, Concern(owed.data["metric"]))
    return await _draw(shop, t, found) if found else None


async def alert_letter(shop: Shop, owed: Owed, t: Translator) -> Screen | None:
    """Say what happened in the house; that all is well again only while it is."""
    metric = str(owed.data["metric"])
    if metric in {one.value for one in Concern}:
        found = await alerts.now(shop, Concern(metric))
        if found.level is not Level.OK:
            return None
    return staff_screens.alert(t, owed.data)


async def work_letter(shop: Shop, owed: Owed, t: Translator) -> Screen | None:
    """How far a work is; nothing, where it was started again since."""
    found = await shop.db.read(works.shown, owed.subject_id)
    return screens.work(t, *found, shop.config.zone, shop.clock.now()) if found else None
