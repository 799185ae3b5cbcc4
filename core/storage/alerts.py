"""What the shop's own watch owes the admins, and what they say to it: who looks after it, or that it can wait.

The words are chosen where a message is rendered, in the reader's language and by what is true then. Where each metric
stands is a row of its own, so that an alert which reaches nobody today is told tomorrow, as it stands tomorrow.
"""

import logging
import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from core.errors import OutOfDate
from core.messages import store as messages
from core.messages.rules import MessageKind
from core.people import store as people
from core.people.rules import Person, Rank
from core.settings import store as settings
from core.settings.rules import Policy
from core.shop import Shop
from core.storage import store, watching
from core.storage.rules import Level, Metric, Thresholds
from core.storage.watching import Alert, Concern, News

log = logging.getLogger(__name__)

REDRAW_AFTER = timedelta(seconds=2)
"""The tap redraws its own chat; the outbox looks again in case it never got so far."""
SNOOZES = {1: timedelta(hours=1), 24: timedelta(days=1)}
"""How long an alert can be put off, by hours."""


def owe_alert(
    tx: Connection, policy: Policy, subject: str, data: dict[str, Any], now: datetime, chats: Sequence[int] = (), *,
    apart: timedelta | None = None,
) -> None:  # fmt: skip
    """Owe an alert to the admin chat or, where none is set, to each owner; to ``chats`` where they are named.

    ``subject`` tells alerts apart: while one about it still waits to be sent, another adds nothing. ``data`` holds
    ``metric`` and ``level`` and whatever figures the sentence needs. ``apart``: told again only after so long.
    """
    if apart is not None and not store.remind(tx, subject, now, apart):
        return
    told = [chat for chat in chats or people.admin_chats(tx, policy.admin_chat_id) if chat]
    if not told:
        log.warning("nobody is there to be told: %s", data.get("metric"))
    for chat_id in told:
        messages.owe(tx, chat_id, MessageKind.ALERT, number(subject), now, data=data)


def number(subject: str) -> int:
    """Give what an alert is about the number that messages know it by."""
    return zlib.crc32(subject.encode())


# ── what was measured ────────────────────────────────────────────────────────────────────────────────────────────────
def take(tx: Connection, policy: Policy, metrics: Iterable[Metric], now: datetime) -> list[tuple[str, News]]:
    """Take one sample of each metric, and owe what people must hear of it; returns that, by metric."""
    known, thresholds, told = store.alerts(tx), Thresholds.of(policy), []
    for metric in metrics:
        before = known.get(metric.name) or watching.quiet(metric.name, now)
        after, news = watching.take(before, metric, now, thresholds)
        store.save_alert(tx, after)
        if news is not None:
            _tell(tx, policy, after, news, now)
            told.append((metric.name, news))
    return told


def _tell(tx: Connection, policy: Policy, alert: Alert, news: News, now: datetime) -> None:
    """Owe the card of a metric: anew where it rose or is reminded of, else where it stands; and that it is over."""
    subject, data = number(alert.metric), {"metric": alert.metric}
    standing = messages.stands_in(tx, MessageKind.WATCH, subject)
    rose = news in {News.RAISED, News.REMINDED}
    chats = people.admin_chats(tx, policy.admin_chat_id) if rose else standing
    if rose and not any(chats):
        log.warning("nobody is there to be told: %s is %s", alert.metric, alert.level.word)
    for chat_id in chats:
        messages.owe(tx, chat_id, MessageKind.WATCH, subject, now, data=data)
    if news is News.RECOVERED:
        over = data | {"level": Level.OK.word, "percent": alert.percent}
        for chat_id in standing:
            messages.owe(tx, chat_id, MessageKind.ALERT, number(f"{alert.metric} is over"), now, data=over)


def anew(tx: Connection, chat_id: int, now: datetime) -> None:
    """Owe a chat the card of everything that is not well: it became another chat, in which none stands."""
    for alert in store.alerts(tx).values():
        if alert.level is not Level.OK:
            data = {"metric": alert.metric}
            messages.owe(tx, chat_id, MessageKind.WATCH, number(alert.metric), now, data=data)


def card(tx: Connection, chat_id: int, concern: Concern) -> Alert | None:
    """What a chat's card of something says now; None where it says nothing any more.

    What rose, or is reminded of, since that card was drawn comes as a new message: the old one stands no more. What was
    over before it reached a chat is no news there.
    """
    alert = store.alerts(tx).get(concern)
    if alert is None:
        return None
    drawn = messages.drawn_at(tx, chat_id, MessageKind.WATCH, number(concern))
    if alert.level is Level.OK:
        return alert if drawn is not None else None
    if drawn is not None and alert.told_at is not None and drawn < alert.told_at:
        messages.no_card(tx, chat_id, MessageKind.WATCH, number(concern))
    return alert


# ── what the admins say ──────────────────────────────────────────────────────────────────────────────────────────────
async def seen(shop: Shop, person: Person, concern: Concern) -> Alert:
    """Where something stands, for an admin; ``OutOfDate`` for what is well."""
    person.must_be(Rank.ADMIN)
    return _standing(await shop.db.read(store.alerts), concern)


async def now(shop: Shop, concern: Concern) -> Alert:
    """Where something stands, whatever that is."""
    known = await shop.db.read(store.alerts)
    return known.get(concern) or watching.quiet(concern, shop.clock.now())


def _standing(known: dict[str, Alert], concern: Concern) -> Alert:
    alert = known.get(concern)
    if alert is None or alert.level is Level.OK:
        raise OutOfDate("alert_over")
    return alert


async def acknowledge(shop: Shop, person: Person, concern: Concern, shown_in: int = 0) -> Alert:
    """Somebody looks after it: no reminders for a day; should it grow worse, that is told. ``OutOfDate`` when over."""
    return await _mute(shop, person, concern, watching.ACKNOWLEDGED_FOR, person.id, shown_in)


async def snooze(shop: Shop, person: Person, concern: Concern, hours: int, shown_in: int = 0) -> Alert:
    """Put the reminders off for an hour or a day; ``OutOfDate`` when it is over."""
    lasts = SNOOZES.get(hours, SNOOZES[1])
    return await _mute(shop, person, concern, lasts, None, shown_in)


async def _mute(
    shop: Shop, person: Person, concern: Concern, lasts: timedelta, by: int | None, shown_in: int
) -> Alert:  # fmt: skip
    person.must_be(Rank.ADMIN)
    now = shop.clock.now()

    def write(tx: Connection) -> Alert:
        after = watching.muted(_standing(store.alerts(tx), concern), now, lasts, by)
        store.save_alert(tx, after)
        detail = {"hours": lasts / timedelta(hours=1)}
        settings.write_audit(
            tx, now, person.id, "alert.acknowledge" if by else "alert.snooze", concern, detail=detail
        )  # fmt: skip
        for chat_id in messages.stands_in(tx, MessageKind.WATCH, number(concern)):
            due = now + REDRAW_AFTER if chat_id == shown_in else now
            messages.owe(tx, chat_id, MessageKind.WATCH, number(concern), now, due_at=due, data={"metric": concern})
        return after

    return await shop.db.write(write)


async def standing(shop: Shop) -> list[Alert]:
    """Everything that is not well, the worst first."""
    found = [alert for alert in (await shop.db.read(store.alerts)).values() if alert.level is not Level.OK]
    return sorted(found, key=lambda alert: (-alert.level, alert.metric))


async def undelivered(shop: Shop) -> int:
    """How many alerts wait for a chat that can be reached again."""
    return await shop.db.read(messages.held_up, (MessageKind.ALERT, MessageKind.WATCH))
