"""How well each line of the health checklist is, judged from what was seen: pure.

Sentences stand in core/i18n: ``doctor.<line>.title``, ``doctor.<line>.<said>`` and, where something is to be done,
``doctor.<line>.fix`` with ``do``, which is typed or set as it stands.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from markupsafe import Markup

from core.i18n import Translator

SQLITE = (3, 51, 3)
"""Before it a reset of the write-ahead log may corrupt a database (sqlite.org, and /docs/operations.md)."""
BACKUP, DRILL, COPY = timedelta(hours=26), timedelta(days=8), timedelta(days=3)
"""How old the newest may be: a verified backup, a drill that went well, a copy elsewhere."""
COPIED = timedelta(hours=26)
"""How long a backup may wait for its copy: a night, and its next one is tried."""
LITTLE, VERY_LITTLE = 20.0, 10.0
"""Percent of the disk that should be free, and that must be."""
BIG_WAL = 64 * 1024 * 1024
LATE = timedelta(minutes=15)
"""A run that is due may be this late."""
WRONG, VERY_WRONG = timedelta(seconds=5), timedelta(minutes=1)
"""How far two clocks may differ."""
TOKEN_SOON = timedelta(days=14)
WAITED = timedelta(hours=1)
"""A message that waits longer is stuck."""
MOST_NAMES = 5
LOG = "app.log"
"""What stands for the log in ``do`` until :func:`with_log` says where that is."""


class State(StrEnum):
    """One word for a line; ``failed`` is what costs something if it stays."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found on one line of the list; ``do`` is what helps, empty where nothing is to be done by hand.

    ``advice`` names the sentence around ``do``. Two lines that are about the same kind of thing share their sentences,
    but for the title: then ``words`` is where those stand.
    """

    line: str
    state: State = State.OK
    said: str = "ok"
    values: Mapping[str, object] = field(default_factory=dict)
    do: str = ""
    advice: str = "fix"
    words: str = ""

    def title(self, t: Translator) -> str:
        """What was looked at."""
        return t(f"doctor.{self.line}.title")

    def sentence(self, t: Translator) -> str:
        """What was found."""
        return t(f"doctor.{self.words or self.line}.{self.said}", **self.values)

    def fix(self, t: Translator) -> str:
        """What to do; nothing where all is well."""
        return "" if self.state is State.OK else t(self._advice, do=self.do)

    def remedy(self, t: Translator) -> Markup:
        """Say the same as HTML, what is typed or set to be copied."""
        return t.html(self._advice, do=Markup("<code>{}</code>").format(self.do))

    @property
    def _advice(self) -> str:
        return f"doctor.{self.words or self.line}.{self.advice}"


@dataclass(frozen=True, slots=True)
class Run:
    """One job of the ledger: since when a run of it is due, and what became of that. ``state`` empty: nothing yet.

    ``began``: the ledger knows the job at all.
    """

    job: str
    due: datetime
    state: str = ""
    began: bool = True


def run(job: str, slot: datetime, period: timedelta, state: str, last: datetime | None) -> Run:
    """Tell since when a job is due: its newest slot, or the first one after the ``last`` that the ledger has."""
    return Run(job, slot if state or last is None else min(slot, last + period), state, last is not None)


def worst(findings: Collection[Finding]) -> State:
    """The worst of all lines."""
    return max((finding.state for finding in findings), key=list(State).index, default=State.OK)


def with_log(findings: Collection[Finding], log: str) -> tuple[Finding, ...]:
    """Say where the log stands that is to be read."""
    return tuple(replace(one, do=log) if one.do == LOG else one for one in findings)


def plain(findings: Sequence[Finding], t: Translator) -> dict[str, object]:
    """Write an examination for machines: ``state``, and ``lines`` of ``line``, ``state``, ``said`` and ``fix``."""
    lines = [
        {"line": one.line, "state": one.state.value, "said": one.sentence(t), "fix": one.fix(t)} for one in findings
    ]
    return {"state": worst(findings).value, "lines": lines}


def ok(line: str, said: str = "ok", **values: object) -> Finding:
    """All is well."""
    return Finding(line, State.OK, said, values)


def warning(line: str, said: str, do: str, *, advice: str = "fix", **values: object) -> Finding:
    """Somebody should look at it."""
    return Finding(line, State.WARNING, said, values, do, advice)


def failed(line: str, said: str, do: str, *, advice: str = "fix", **values: object) -> Finding:
    """Somebody must do something."""
    return Finding(line, State.FAILED, said, values, do, advice)


# ── the machine ──────────────────────────────────────────────────────────────────────────────────────────────────────
def folders(trouble: Sequence[str]) -> Finding:
    """Each folder takes a file."""
    return failed("folders", "closed", "ls -ld data backups", names=_few(trouble)) if trouble else ok("folders")


def static(missing: Sequence[str], count: int) -> Finding:
    """What pages ask for is there."""
    if missing:
        return failed("static", "missing", "git status web/static", names=_few(missing))
    return ok("static", count=count)


def khmer(*, shaped: bool) -> Finding:
    """A Khmer word is drawn as it is written."""
    return ok("khmer") if shaped else failed("khmer", "wrong", "rm -r .venv; python run.py --help")


def room(line: str, free: int, total: int) -> Finding:
    """So much of the disk (bytes, or inodes) is left; a system that counts none says 0 of 0."""
    percent = 100 * free / total if total else 100.0
    if percent >= LITTLE:
        return ok(line, percent=f"{percent:.0f}")
    judge = warning if percent >= VERY_LITTLE else failed
    return judge(line, "little", "python run.py emergency", percent=f"{percent:.1f}")


def logs(taken: int, most: int) -> Finding:
    """The logs stay below their limit."""
    sizes = {"size": _size(taken), "most": _size(most)}
    return warning("logs", "big", "python run.py logs rotate", **sizes) if taken > most else ok("logs", **sizes)


def errors(count: int, where: str) -> Finding:
    """No error was logged today; ``where`` is the part of the shop that logged the last."""
    return warning("errors", "some", LOG, count=count, where=where) if count else ok("errors")


def orphans(count: int, size: int) -> Finding:
    """No file is left of what is gone; bytes."""
    if count:
        return warning("orphans", "some", "python run.py orphans apply", count=count, size=_size(size))
    return ok("orphans")


def secrets(mode: int | None) -> Finding:
    """``.env`` is for its owner alone; None: there is none, or a system without modes."""
    if mode is not None and mode & 0o077:
        return failed("secrets", "open", "chmod 600 .env", mode=f"{mode & 0o777:o}")
    return ok("secrets")


def clock(apart: timedelta, newest: datetime | None, now: datetime) -> Finding:
    """The machine and the database agree on the time, and nothing was written later than now."""
    seconds = round(abs(apart).total_seconds())
    if abs(apart) >= WRONG:
        judge = warning if abs(apart) < VERY_WRONG else failed
        return judge("clock", "apart", "timedatectl set-ntp true", seconds=seconds)
    if newest is not None and newest - now > VERY_WRONG:
        minutes = round((newest - now) / timedelta(minutes=1))
        return warning("clock", "back", "timedatectl set-ntp true", minutes=minutes)
    return ok("clock")


# ── the database ─────────────────────────────────────────────────────────────────────────────────────────────────────
def database(word: str, *, well: bool) -> Finding:
    """It takes a row and gives it back; ``word`` is what ``/health`` says."""
    return ok("database") if well else failed("database", "ill", LOG, word=word)


def file(*, in_place: bool) -> Finding:
    """The database's file is where it was opened."""
    return ok("file") if in_place else failed("file", "moved", "python run.py restore")


def migrations(found: str, known: str) -> Finding:
    """The schema is the newest."""
    if found == known:
        return ok("migrations", found=found)
    return failed("migrations", "old", "python run.py", found=found or "-", known=known)


def indexes(missing: Sequence[str], invalid: Sequence[str], count: int) -> Finding:
    """Tables, columns and indexes are there, and the indexes whole."""
    if missing:
        return failed("indexes", "missing", "python run.py restore", names=_few(missing))
    if invalid:
        return warning("indexes", "invalid", "python run.py optimize", names=_few(invalid))
    return ok("indexes", count=count)


def integrity(trouble: int) -> Finding:
    """The database finds nothing wrong with itself."""
    return failed("integrity", "broken", "python run.py restore", count=trouble) if trouble else ok("integrity")


def foreign_keys(*, on: bool, broken: int) -> Finding:
    """Foreign keys are watched, and hold."""
    if not on:
        return failed("foreign_keys", "off", "python run.py")
    return failed("foreign_keys", "broken", "python run.py restore", count=broken) if broken else ok("foreign_keys")


def wal(size: int) -> Finding:
    """The write-ahead log is folded back; bytes."""
    return warning("wal", "big", "python run.py optimize", size=_size(size)) if size > BIG_WAL else ok("wal")


def engine(name: str, version: Sequence[int]) -> Finding:
    """The database's own version has no bug that is known to lose data."""
    written = ".".join(map(str, version))
    if name == "SQLite" and tuple(version) < SQLITE:
        return warning("engine", "old", "python --version", name=name, version=written, needed=_dotted(SQLITE))
    return ok("engine", name=name, version=written)


def review(orders: int, taken: int, most_orders: int, most: int) -> Finding:
    """It is not time yet to look at limits and machine anew; bytes."""
    values = {"orders": f"{orders:,}", "size": _size(taken)}
    if orders >= most_orders or taken >= most:
        return warning("review", "due", "docs/operations.md", **values)
    return ok("review", **values)


# ── what runs by itself ──────────────────────────────────────────────────────────────────────────────────────────────
def jobs(runs: Sequence[Run], now: datetime) -> Finding:
    """Every job of the ledger ran when it was due."""
    if not any(run.began for run in runs):
        return warning("jobs", "new", "python run.py")
    if broken := [run.job for run in runs if run.state == "failed"]:
        return failed("jobs", "failed", LOG, names=_few(broken))
    late = [run.job for run in runs if run.began and run.state != "done" and now - run.due > LATE]
    late = [name for name in late if name not in {run.job for run in runs if run.state == "running"}]
    return failed("jobs", "late", "python run.py", names=_few(late)) if late else ok("jobs", count=len(runs))


def backup(age: timedelta | None) -> Finding:
    """The newest verified backup is of today; None: there is none."""
    if age is None:
        return failed("backup", "none", "python run.py backup")
    hours = max(round(age / timedelta(hours=1)), 0)
    return failed("backup", "old", "python run.py backup", hours=hours) if age > BACKUP else ok("backup", hours=hours)


def drill(age: timedelta | None) -> Finding:
    """A backup was restored for trial not long ago."""
    if age is None:
        return warning("drill", "none", "python run.py drill")
    return warning("drill", "old", "python run.py drill", days=age.days) if age > DRILL else ok("drill", days=age.days)


def copies(age: timedelta | None, waited: timedelta = timedelta(), *, wanted: bool) -> Finding:
    """A backup lies elsewhere too, if the shop's machine is lost; ``waited``: how long one was tried in vain."""
    if not wanted:
        return warning("copies", "nowhere", "HAANG_BACKUP_STORE")
    if age is None or age > COPY:
        return failed("copies", "old", "python run.py copies send")
    if waited > COPIED:
        return warning("copies", "late", "python run.py copies list", hours=round(waited / timedelta(hours=1)))
    return ok("copies", days=age.days)


def messages(stuck: int) -> Finding:
    """What is owed is sent."""
    return warning("messages", "stuck", LOG, count=stuck) if stuck else ok("messages")


def alerts(standing: Sequence[str]) -> Finding:
    """No alarm stands."""
    return warning("alerts", "standing", "/storage", names=_few(standing)) if standing else ok("alerts")


# ── settings ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def owners(count: int, named: int = 0) -> Finding:
    """The shop is somebody's; who is named in the settings becomes its owner when it is opened."""
    if count:
        return ok("owners", count=count)
    return warning("owners", "named", "python run.py") if named else failed("owners", "none", "HAANG_OWNER_IDS")


def address(public_url: str | None) -> Finding:
    """Customers reach the site, and nobody between reads along."""
    if not public_url:
        return warning("address", "none", "HAANG_PUBLIC_URL")
    return ok("address") if public_url.startswith("https://") else warning("address", "open", "HAANG_PUBLIC_URL")


def updates(*, webhook: bool, public_url: str | None) -> Finding:
    """Updates can reach the bot by the way that was set."""
    if webhook and not (public_url or "").startswith("https://"):
        return failed("updates", "nowhere", "HAANG_PUBLIC_URL")
    return ok("updates", "webhook" if webhook else "polling")


def bank(ends: datetime | None, now: datetime, *, token: bool) -> Finding:
    """The bank's token lasts; ``ends`` None: it does not say how long."""
    if not token:
        return warning("bank", "by_hand", "HAANG_BAKONG_TOKEN")
    if ends is None:
        return ok("bank", "unknown")
    days = (ends - now).days
    if ends <= now:
        return failed("bank", "over", "HAANG_BAKONG_TOKEN")
    soon = ends - now < TOKEN_SOON
    return warning("bank", "soon", "HAANG_BAKONG_TOKEN", days=days) if soon else ok("bank", days=days)


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _few(names: Sequence[str]) -> str:
    more = f" +{len(names) - MOST_NAMES}" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more


def _size(count: int) -> str:
    return f"{count / 1024 / 1024:,.1f} MB"


def _dotted(version: Sequence[int]) -> str:
    return ".".join(map(str, version))
