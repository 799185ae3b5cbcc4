"""SQL of the storage feature: table sizes, media files, samples, alerts, what cleanup must spare, what goes by age."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, exists, func, or_, select, text, update

from core.database.columns import insert_into, insert_new, put
from core.database.tables import (
    carts,
    counters,
    media_files,
    metadata,
    orders,
    payment_attempts,
    storage_alerts,
    storage_samples,
    uploads,
    waitlist,
)
from core.messages.rules import PAPERS
from core.storage import figures
from core.storage.figures import MONTH, File, MediaFile, Sample
from core.storage.rules import MEDIA, Kind, Level, Metric
from core.storage.watching import Alert, Concern

COUNTED = "media_counted"
"""The counter that says when the media folder was last counted on the disk: seconds since 1970, the shop's clock."""
_SUMS = tuple((kind, what) for kind in MEDIA for what in ("bytes", "files"))


@dataclass(frozen=True, slots=True)
class State:
    """What the database alone knows of usage: rows by table, and its bytes where it has no file of ours."""

    tables: tuple[tuple[str, int], ...]
    bytes: int


def state(tx: Connection) -> State:
    """Count every table's rows, in name order, by one question."""
    counts = tuple((name, int(count)) for name, count in tx.execute(_counts()).mappings().one().items())
    if tx.dialect.name != "postgresql":
        return State(counts, 0)
    return State(counts, int(tx.execute(select(func.pg_database_size(func.current_database()))).scalar_one()))


@cache
def _counts() -> Select[Any]:
    tables = sorted(metadata.tables.values(), key=lambda table: table.name)
    return select(*(select(func.count()).select_from(table).scalar_subquery().label(table.name) for table in tables))


# ── media files ──────────────────────────────────────────────────────────────────────────────────────────────────────
def media_kinds(tx: Connection) -> tuple[Kind, ...]:
    """How much there is of each kind of media, in the order of ``MEDIA``: from sums that are kept of the rows."""
    kept = select(counters.c.name, counters.c.value).where(counters.c.name.in_([_sum(*of) for of in _SUMS]))
    found: dict[str, int] = {row.name: row.value for row in tx.execute(kept)}
    return tuple(Kind(kind, *(found.get(_sum(kind, what), 0) for what in ("bytes", "files"))) for kind in MEDIA)


def _sum(kind: str, what: str) -> str:
    return f"media {kind} {what}"


def _turn(tx: Connection) -> None:
    """Wait for whoever changes rows of media just now, so that no sum is added to twice."""
    put(tx, counters, {"name": "media"}, {"value": 0})


def _add(tx: Connection, more: Mapping[tuple[str, str], int]) -> None:
    """Add to the sums; what was counted wrong is put right by the next count."""
    new = insert_into(tx.dialect.name, counters)
    grown = new.on_conflict_do_update(index_elements=["name"], set_={"value": counters.c.value + new.excluded.value})
    if rows := [{"name": _sum(*of), "value": size} for of, size in more.items() if size]:
        tx.execute(grown, rows)


def _counted(tx: Connection, paths: Collection[str], sign: int) -> Counter[tuple[str, str]]:
    """Bytes and files of some rows by kind, times ``sign``."""
    rows = select(media_files.c.kind, media_files.c.bytes).where(media_files.c.path.in_(paths))
    found: Counter[tuple[str, str]] = Counter()
    for kind, size in tx.execute(rows):
        found[kind, "bytes"] += sign * size
        found[kind, "files"] += sign
    return found


def media_sizes(tx: Connection) -> dict[str, int]:
    """What every row says: bytes by path below the media folder."""
    return {path: size for path, size in tx.execute(select(media_files.c.path, media_files.c.bytes))}  # noqa: C416 - rows


def large_media(tx: Connection, at_least: int, most: int) -> list[File]:
    """The largest files of so many bytes and more, largest first; their paths begin with ``media/``."""
    here = (media_files.c.kind.in_(MEDIA), media_files.c.bytes >= at_least)  # as the index over both is asked
    query = select(media_files.c.path, media_files.c.bytes).where(*here).order_by(media_files.c.bytes.desc(), "path")
    return [File(f"media/{row.path}", row.bytes) for row in tx.execute(query.limit(most))]


def media_written(tx: Connection, files: Sequence[MediaFile]) -> None:
    """Write down files that are there, new or changed; of a few thousand at once."""
    rows = {f.path: {"path": f.path, "kind": f.kind, "bytes": f.bytes, "written_at": f.written_at} for f in files}
    if not rows:
        return
    _turn(tx)
    more = _counted(tx, rows, -1)
    new = insert_into(tx.dialect.name, media_files)
    changed = {name: new.excluded[name] for name in ("kind", "bytes", "written_at")}
    tx.execute(new.on_conflict_do_update(index_elements=["path"], set_=changed), list(rows.values()))
    more.update(_counted(tx, rows, 1))
    _add(tx, more)


def media_removed(tx: Connection, paths: Collection[str]) -> None:
    """Strike out files that are gone; of a few thousand at once."""
    if paths:
        _turn(tx)
        less = _counted(tx, paths, -1)
        tx.execute(delete(media_files).where(media_files.c.path.in_(paths)))
        _add(tx, less)


def media_counted(tx: Connection) -> datetime | None:
    """When the media folder was last counted on the disk; None where it never was."""
    at = tx.execute(select(counters.c.value).where(counters.c.name == COUNTED)).scalar_one_or_none()
    return None if at is None else datetime.fromtimestamp(at, UTC)


def count_media(tx: Connection, now: datetime) -> None:
    """Write down that it was counted now, and the sums anew."""
    _turn(tx)
    by_kind = select(media_files.c.kind, func.sum(media_files.c.bytes).label("bytes"), func.count().label("files"))
    found = {row.kind: row for row in tx.execute(by_kind.group_by(media_files.c.kind))}
    for kind, what in _SUMS:
        size = int(getattr(found[kind], what)) if kind in found else 0
        put(tx, counters, {"name": _sum(kind, what)}, {"value": size})
    put(tx, counters, {"name": COUNTED}, {"value": int(now.timestamp())})


# ── samples and alerts ───────────────────────────────────────────────────────────────────────────────────────────────
def sample(tx: Connection, metrics: Iterable[Metric], now: datetime) -> None:
    """Write down what was measured; a second look at the same moment adds nothing."""
    for metric in metrics:
        insert_new(tx, storage_samples, ["at", "metric"], at=now, metric=metric.name, bytes=metric.bytes)


def samples(tx: Connection, metrics: Collection[str], since: datetime) -> list[Sample]:
    """What was measured of some metrics since a moment."""
    query = select(storage_samples).where(storage_samples.c.at >= since, storage_samples.c.metric.in_(metrics))
    return [Sample(row.at, row.metric, row.bytes) for row in tx.execute(query)]


def month_ago(tx: Connection, now: datetime) -> dict[str, Sample]:
    """What the look of a month ago said by metric: the last before then, or the first of a younger shop."""
    at, metric = storage_samples.c.at, storage_samples.c.metric
    looks = select(at).where(metric == "total")  # written by every whole look
    then = tx.execute(looks.where(at <= now - MONTH).order_by(at.desc()).limit(1)).scalar_one_or_none()
    then = then or tx.execute(looks.order_by(at).limit(1)).scalar_one_or_none()
    if then is None:
        return {}
    near = select(storage_samples).where(at >= then - timedelta(hours=1), at <= then + timedelta(hours=1))
    found: dict[str, Sample] = {}
    for row in sorted(tx.execute(near), key=lambda row: -abs(row.at - then)):
        found[row.metric] = Sample(row.at, row.metric, row.bytes)
    return found


def forget_samples(tx: Connection, now: datetime) -> int:
    """Thin out what was measured: ``figures.thin`` says which goes; returns how many."""
    at, metric = storage_samples.c.at, storage_samples.c.metric
    gone = figures.thin(((row.at, row.metric) for row in tx.execute(select(at, metric))), now)
    if gone:
        one = delete(storage_samples).where(at == bindparam("gone_at"), metric == bindparam("gone"))
        tx.execute(one, [{"gone_at": moment, "gone": name} for moment, name in gone])
    return len(gone)


def alerts(tx: Connection) -> dict[str, Alert]:
    """Where everything that is watched stands, by name; not what is only told again after a time (:func:`remind`)."""
    watched = storage_alerts.c.metric.in_([one.value for one in Concern])
    return {
        row.metric: Alert(
            row.metric, Level[row.level.upper()], Level[row.seen_level.upper()], row.seen_times, row.percent,
            row.since, row.clear_since, row.muted_until, row.muted_by, row.reminded_at, row.reminders,
        )
        for row in tx.execute(select(storage_alerts).where(watched))
    }  # fmt: skip


def save_alert(tx: Connection, alert: Alert) -> None:
    """Write where a metric stands."""
    values: dict[str, Any] = {
        "level": alert.level.word, "seen_level": alert.seen.word, "seen_times": alert.seen_times,
        "percent": alert.percent, "since": alert.since, "clear_since": alert.clear_since,
        "muted_until": alert.muted_until, "muted_by": alert.muted_by, "reminded_at": alert.told_at,
        "reminders": alert.reminders,
    }  # fmt: skip
    if not insert_new(tx, storage_alerts, ["metric"], metric=alert.metric, **values):
        tx.execute(update(storage_alerts).where(storage_alerts.c.metric == alert.metric).values(values))


def remind(tx: Connection, metric: str, now: datetime, apart: timedelta) -> bool:
    """Tell whether people must hear of something again, ``apart`` after the last time; who is told so tells them."""
    first: dict[str, Any] = {"level": "critical", "seen_level": "critical", "percent": 0.0, "since": now}
    if insert_new(tx, storage_alerts, ["metric"], metric=metric, reminded_at=now, **first):
        return True
    last = storage_alerts.c.reminded_at
    long_ago = or_(last.is_(None), last <= now - apart, last > now)  # after a clock that jumped back, too
    again = update(storage_alerts).where(storage_alerts.c.metric == metric, long_ago).values(reminded_at=now)
    return tx.execute(again).rowcount == 1


# ── health ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def beat(tx: Connection, number: int) -> None:
    """Write down a number that was never there."""
    put(tx, counters, {"name": "health"}, {"value": number})


def last_beat(tx: Connection) -> int | None:
    """Read the number that was written last, by whichever process; and a page that is written by none of them.

    What was just written is read from the log beside the database: it would be well though the file were spoiled.
    """
    tx.execute(text("SELECT version_num FROM alembic_version")).first()
    number: int | None = tx.execute(select(counters.c.value).where(counters.c.name == "health")).scalar_one_or_none()
    return number


# ── cleanup ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def live_numbers(tx: Connection) -> frozenset[str]:
    """Numbers of orders that somebody may be paying just now."""
    live = select(orders.c.number).join(payment_attempts, payment_attempts.c.order_id == orders.c.id)
    return frozenset(tx.execute(live.where(payment_attempts.c.state.in_(["new", "pending"]))).scalars())


def forget_carts(tx: Connection, before: datetime) -> int:
    """Remove carts that nobody touched since ``before`` and that never became an order; their lines go with them."""
    ordered = exists().where(orders.c.cart_id == carts.c.id)
    old = delete(carts).where(carts.c.updated_at < before, carts.c.state != "ordered", ~ordered)
    return tx.execute(old).rowcount


def forget_told(tx: Connection, before: datetime) -> int:
    """Remove from the list for what was sold out those who were told before ``before``; who still waits stays."""
    return tx.execute(delete(waitlist).where(waitlist.c.told_at < before)).rowcount


def forget_papers(tx: Connection, before: datetime) -> int:
    """Forget under which file ids Telegram has labels and slips that were printed before ``before``."""
    old = (uploads.c.picture.startswith(PAPERS), uploads.c.at < before)
    return tx.execute(delete(uploads).where(*old)).rowcount


# ── order numbers ────────────────────────────────────────────────────────────────────────────────────────────────────
def counted(tx: Connection, name: str) -> int:
    """Read a counter of the house; 0 where it was never written."""
    return int(tx.execute(select(counters.c.value).where(counters.c.name == name)).scalar_one_or_none() or 0)


def order_number(tx: Connection) -> int:
    """How far order numbers have come."""
    return counted(tx, "order")


def go_on_from(tx: Connection, number: int) -> int:
    """Let the next order have a number above ``number``, too; returns how far they have come now."""
    if number > order_number(tx):
        put(tx, counters, {"name": "order"}, {"value": number})
    return order_number(tx)
