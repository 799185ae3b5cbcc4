"""How a shop is seen from outside, judged: its bot, webhook and groups at Telegram, its site, the bank. Pure.

Who looks is the Telegram face (``bot/checking.py``): core calls nobody but the bank. Sentences: ``en_outside.toml``.
"""

import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from core.doctor.rules import LOG, VERY_WRONG, WRONG, Finding, State, failed, ok, warning
from core.setup.rules import Lack

MARK = "X-Haang-Shop"
"""The header in which a shop's site says whose it is."""
PROXY = "docs/deploy/proxy.md"
MANY = 100
"""So many updates that wait are too many for a shop that is open."""
FRESH = timedelta(hours=1)
"""How long a failure of Telegram's to bring an update counts."""
SOON = timedelta(days=14)
"""A certificate that ends sooner should have been renewed: Let's Encrypt's clients do so a month before."""
GATEWAY = frozenset({502, 503, 504})
"""What a proxy answers whose shop is not open."""

STRANGER = "not Telegram"
"""Why nothing was seen where a proxy's page answered in Telegram's place."""

_WHY = {"dns": "no_name", "timeout": "late", "timedout": "late", "connect": "nobody"}
"""What an error's name says of why nobody was reached."""


class Poller(StrEnum):
    """Who fetches the bot's updates; ``MET``: this shop does, and met another that does too within two hours."""

    OURS = "ours"
    NOBODY = "nobody"
    OTHER = "other"
    MET = "met"


class Word(StrEnum):
    """What the bank says to a shop that asks."""

    WELL = "well"
    NO_ACCOUNT = "no_account"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Miss:
    """Nothing was seen, and why in a few words without secrets; ``refused``: somebody was there and said no."""

    why: str
    refused: bool = False

    @property
    def says_all(self) -> bool:
        """Whether nothing else is to be asked there, or said of it."""
        return self.refused or self.why == STRANGER


@dataclass(frozen=True, slots=True)
class Bot:
    """The bot as Telegram has it. ``hears_all``: privacy mode is off; ``joins``: it can be put into groups."""

    name: str
    username: str
    hears_all: bool
    joins: bool
    inline: bool


@dataclass(frozen=True, slots=True)
class Hook:
    """The webhook as Telegram has it; ``waiting`` counts updates that nobody took yet."""

    url: str
    waiting: int
    error: str = ""
    failed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A chat of the shop's; what the bot may not do there. ``blocked``: somebody's own chat, and they blocked it."""

    title: str
    private: bool = False
    topics: bool = False
    lacks: tuple[Lack, ...] = ()
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class Site:
    """What answers at the public address: this shop, another page, or one that sends on ``to`` another host."""

    status: int
    ours: bool
    to: str = ""


@dataclass(frozen=True, slots=True)
class Outside:
    """All that was seen; None where there was nothing to look for. ``wanted``: the webhook's address, "" for polling.

    ``served``: a process of this shop is open. ``apart``: by how much the clock differs. ``certificate``: its end.
    """

    bot: Bot | Miss
    hook: Hook | Miss | None = None
    poller: Poller | Miss | None = None
    staff: Group | Miss | None = None
    admin: Group | Miss | None = None
    apart: timedelta | Miss | None = None
    site: Site | Miss | None = None
    certificate: datetime | Miss | None = None
    bank: Word | Miss | None = None
    wanted: str = ""
    served: bool = True


def mark(token: str) -> str:
    """Give what tells this shop's site from every other, in hex; it says nothing of the token."""
    return hmac.digest(f"haang site {token}".encode(), b"", "sha256").hex()[:16]


def findings(seen: Outside, now: datetime) -> list[Finding]:
    """Judge all of it; a void token, or no Telegram there, leaves nothing else to be said of Telegram."""
    told = [bot(seen.bot)]
    if seen.hook is not None:
        told.append(hook(seen.hook, seen.wanted, now, served=seen.served))
    if seen.poller is not None:
        told.append(poller(seen.poller))
    if isinstance(seen.bot, Bot):
        told += [privacy(seen.bot), joining(seen.bot, linked=seen.staff is not None), inline(seen.bot)]
    if not (isinstance(seen.bot, Miss) and seen.bot.says_all):
        told += [*group("staff_group", seen.staff), *group("admin_chat", seen.admin)]
    if seen.apart is not None:
        told.append(clock(seen.apart))
    if seen.site is not None:
        told.append(site(seen.site, served=seen.served))
    if seen.certificate is not None:
        told.append(certificate(seen.certificate, now))
    if seen.bank is not None:
        told.append(bank(seen.bank))
    return told


# ── Telegram ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def bot(seen: Bot | Miss | None) -> Finding:
    """Telegram knows the token; None: none is set."""
    if seen is None:
        return failed("bot", "unset", "python run.py setup")
    if isinstance(seen, Miss) and seen.why == STRANGER:
        return failed("bot", "stranger", "HAANG_TELEGRAM_API", advice="let_through")
    if isinstance(seen, Miss):
        return failed("bot", "void", "python run.py setup") if seen.refused else _unreached("bot", seen)
    return ok("bot", name=seen.name, username=seen.username)


def hook(seen: Hook | Miss, wanted: str, now: datetime, *, served: bool) -> Finding:
    """Updates come the way that was set; a shop that is closed has not set its webhook yet."""
    if isinstance(seen, Miss):
        return _unreached("hook", seen)
    there, host = seen.url == wanted, urlsplit(seen.url).hostname or ""
    if not seen.url and wanted:
        return failed("hook", "unset", "python run.py") if served else ok("hook", "later")
    if not there:
        said = "other" if wanted else "elsewhere"
        return failed("hook", said, "python run.py", host=host)
    if served and wanted and seen.error and seen.failed_at is not None and now - seen.failed_at < FRESH:
        minutes = max(round((now - seen.failed_at) / timedelta(minutes=1)), 0)
        return failed("hook", "failing", PROXY, advice="reach", minutes=minutes, error=seen.error)
    if served and seen.waiting > MANY:
        return warning("hook", "waiting", LOG, advice="look", count=seen.waiting)
    return ok("hook", "ours", host=host) if wanted else ok("hook", "none")


def poller(seen: Poller | Miss) -> Finding:
    """Nobody else fetches what is this shop's."""
    if isinstance(seen, Miss):
        return _unreached("poller", seen)
    return ok("poller", seen) if seen in {Poller.OURS, Poller.NOBODY} else failed("poller", seen, "python run.py setup")


def privacy(seen: Bot) -> Finding:
    """The bot hears no more than it needs: replies, commands, and all where it leads."""
    return warning("privacy", "off", "/setprivacy") if seen.hears_all else ok("privacy")


def joining(seen: Bot, *, linked: bool) -> Finding:
    """It can be put into the staff's group; one that is there stays there."""
    if seen.joins or linked:
        return ok("joining", "ok" if seen.joins else "shut")
    return failed("joining", "never", "/setjoingroups")


def inline(seen: Bot) -> Finding:
    """Products can be shared into other chats."""
    return ok("inline") if seen.inline else warning("inline", "off", "/setinline")


def group(line: str, seen: Group | Miss | None) -> list[Finding]:
    """A chat of the shop's is there, and the bot may do there what it must; one finding for each thing it may not."""
    if seen is None:
        found = [(failed if line == "staff_group" else warning)(line, f"no_{line}", "/setup")]
    elif isinstance(seen, Miss):
        found = [failed(line, "out", "/setup") if seen.refused else _unreached(line, seen)]
    elif seen.blocked:
        found = [failed(line, "blocked", "/start", advice="let_in")]
    elif seen.lacks:
        judged = [(one, failed if one is Lack.WRITE else warning) for one in seen.lacks]
        found = [judge(line, f"lack_{one}", "", advice=f"right_{one}", title=seen.title) for one, judge in judged]
    else:
        said = "private" if seen.private else "topics" if seen.topics else "ok"
        found = [ok(line, said, title=seen.title)]
    return [one if one.words else replace(one, words="group") for one in found]


def clock(apart: timedelta | Miss) -> Finding:
    """The machine's clock and Telegram's agree: a QR lives five minutes."""
    if isinstance(apart, Miss):
        return _unreached("world_clock", apart)
    seconds = round(abs(apart).total_seconds())
    if abs(apart) < WRONG:
        return ok("world_clock")
    judge = warning if abs(apart) < VERY_WRONG else failed
    return judge("world_clock", "apart", "timedatectl set-ntp true", seconds=seconds)


# ── the site ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def site(seen: Site | Miss, *, served: bool) -> Finding:
    """At the public address this shop answers; while it is closed, nobody need."""
    if isinstance(seen, Miss):
        return _unreached("site", seen, "site", PROXY)
    if seen.ours:
        return ok("site")
    if seen.to:
        return failed("site", "elsewhere", "HAANG_PUBLIC_URL", advice="address", host=seen.to)
    if seen.status in GATEWAY and not served:
        return warning("site", "closed", "python run.py", advice="open")
    return failed("site", "down" if seen.status in GATEWAY else "stranger", PROXY, status=seen.status)


def certificate(ends: datetime | Miss, now: datetime) -> Finding:
    """Browsers and Telegram believe the site's certificate, and will for a while."""
    if isinstance(ends, Miss):
        if ends.refused:
            return failed("certificate", "bad", PROXY, why=ends.why)
        return _unreached("certificate", ends, "site", PROXY)
    days = (ends - now).days
    return warning("certificate", "soon", PROXY, days=days) if ends - now < SOON else ok("certificate", days=days)


# ── the bank ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def bank(seen: Word | Miss) -> Finding:
    """The bank takes the token, and knows the account."""
    if isinstance(seen, Miss):
        return _unreached("bank_answer", seen)
    if seen is Word.WELL:
        return ok("bank_answer")
    if seen is Word.NO_ACCOUNT:
        return failed("bank_answer", "no_account", "/setup", advice="account")
    return failed("bank_answer", "refused", "HAANG_BAKONG_TOKEN")


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _unreached(line: str, seen: Miss, advice: str = "fix", do: str = "") -> Finding:
    """Say of any line that nobody was reached; the same words for all."""
    said = next((word for part, word in _WHY.items() if part in seen.why.lower()), "unreached")
    return Finding(line, State.FAILED, said, {"why": seen.why}, do, advice, words="network")
