"""What a broadcast says, to whom, and which way it may go: pure."""

import json
import zlib
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from core.errors import Refused
from core.i18n import LANGUAGES
from core.shipping.rules import provinces

TEXT, CAPTION = 4096, 1024
"""As many characters Telegram takes by themselves and below a picture."""
SILENCES = (0, 30, 60, 90, 180, 365)
"""Days since the last order that can be asked for; 0 is "whenever"."""
VAIN = 20
"""As many copies in a row that did not come stop a broadcast: what is wrong then is wrong for all."""


class State(StrEnum):
    """How far a broadcast is."""

    DRAFT = "draft"
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


class Act(StrEnum):
    """What can be done with one that was begun."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"


class Fate(StrEnum):
    """What became of one person's copy; ``unsure`` may have come, and is never sent again: rather none than two."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    BLOCKED = "blocked"
    LEFT = "left"
    FAILED = "failed"
    UNSURE = "unsure"


NAUGHT = (Fate.FAILED, Fate.BLOCKED, Fate.UNSURE)
"""What became of copies that did not come though they were sent; who left was sent nothing."""


class Bought(StrEnum):
    """Whether they bought here: an order that was neither cancelled nor expired nor brought back."""

    ANY = "any"
    EVER = "ever"
    NEVER = "never"


class Otherwise(StrEnum):
    """What those get whose language is missing; nobody answered it yet, they get the other one, or nothing."""

    ASK = "ask"
    OTHER = "other"
    NOTHING = "nothing"


class Goal(StrEnum):
    """Where its button leads; short, for buttons carry it."""

    NONE = "n"
    SHOP = "s"
    CATEGORY = "c"
    PRODUCT = "p"


MOVES: Mapping[Act, tuple[frozenset[State], State]] = {
    Act.PAUSE: (frozenset({State.SENDING}), State.PAUSED),
    Act.RESUME: (frozenset({State.PAUSED}), State.SENDING),
    Act.CANCEL: (frozenset({State.SENDING, State.PAUSED}), State.CANCELLED),
}
"""From which states each act leads whither."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Whom of those who want news it is for; empty, ``any`` and 0 leave nobody out.

    ``province`` is the code of one where an address of their book lies, ``days``: they ordered nothing for so long.
    """

    language: str = ""
    bought: Bought = Bought.ANY
    days: int = 0
    province: str = ""
    category_id: int = 0


@dataclass(frozen=True, slots=True)
class Words:
    """One language: ``html`` as Telegram reads it, ``photo`` by Telegram's own name for it, "" for none."""

    html: str
    photo: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """What is sent: the words by language, and where the button leads."""

    words: Mapping[str, Words] = field(default_factory=dict)
    otherwise: Otherwise = Otherwise.ASK
    goal: Goal = Goal.NONE
    goal_id: int = 0


@dataclass(frozen=True, slots=True)
class Trouble:
    """How many copies in a row did not come, what became of most of the last ones, and Telegram's own words for it.

    ``stopped`` while the broadcast waits for somebody to look at that.
    """

    row: int = 0
    fate: Fate = Fate.FAILED
    why: str = ""
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Broadcast:
    """``reached`` is the id up to which people were listed, ``last`` the highest that was there when it began."""

    id: int
    author_id: int
    state: State
    segment: Segment
    content: Content
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    chat_id: int = 0
    reached: int = 0
    last: int = 0
    trouble: Trouble = field(default_factory=Trouble)

    @property
    def stamp(self) -> int:
        """Know again what was seen: words, button and segment."""
        seen = json.dumps(packed(self.segment, self.content), sort_keys=True)
        return zlib.crc32(seen.encode())

    @property
    def is_listed(self) -> bool:
        """Whether everybody it goes to has a row."""
        return self.reached >= self.last


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody whose copy was claimed, in the language they read."""

    person_id: int
    telegram_id: int
    language: str


@dataclass(frozen=True, slots=True)
class Audience:
    """How many get it in which language (of the words, not theirs); how many subscribers no bot can write to."""

    by_language: Mapping[str, int]
    elsewhere: int = 0

    @property
    def total(self) -> int:
        """All together."""
        return sum(self.by_language.values())


Counts = Mapping[Fate, int]


def spoken(content: Content, language: str) -> str:
    """Name the language in which somebody who reads ``language`` gets it; "" where they get nothing."""
    if language in content.words:
        return language
    if content.otherwise is not Otherwise.OTHER:
        return ""
    return next(iter(content.words), "")


def readers(segment: Segment, content: Content) -> tuple[str, ...]:
    """Name the languages whose readers get it."""
    asked = (segment.language,) if segment.language else LANGUAGES
    return tuple(language for language in asked if spoken(content, language))


def lettered(text: str) -> str:
    """Tell by its letters in which language somebody wrote: one Khmer letter is enough, for names stay Latin.

    ``Refused("news_which")`` where there is no letter of either.
    """
    if any("\u1780" <= letter <= "\u17d3" for letter in text):
        return "km"
    if not any(letter.isascii() and letter.isalpha() for letter in text):
        raise Refused("news_which")
    return "en"


def must_fit(length: int, *, photo: bool) -> None:
    """Refuse words that Telegram would not take: none at all, or too many."""
    if not length and not photo:
        raise Refused("news_empty")
    longest = CAPTION if photo else TEXT
    if length > longest:
        raise Refused("news_too_long", longest=f"{longest:,}", length=f"{length:,}")


def must_be_ready(broadcast: Broadcast) -> None:
    """Refuse to send what says nothing, or leaves open what those get whose language is missing."""
    if not broadcast.content.words:
        raise Refused("news_nothing")
    if lacking(broadcast) and broadcast.content.otherwise is Otherwise.ASK:
        raise Refused("news_otherwise")


def lacking(broadcast: Broadcast) -> str:
    """Name the language that is missing for readers it is meant for, "" for none."""
    meant = (broadcast.segment.language,) if broadcast.segment.language else LANGUAGES
    return next((one for one in meant if one not in broadcast.content.words), "")


def told(trouble: Trouble, fates: Mapping[Fate, Collection[int]], why: str) -> Trouble:
    """Count on with what became of some copies: one that came ends the row."""
    if fates.get(Fate.SENT):
        return Trouble()
    vain = {fate: len(fates[fate]) for fate in NAUGHT if fates.get(fate)}
    if not vain:
        return trouble
    most = max(vain, key=lambda fate: vain[fate])
    return Trouble(trouble.row + sum(vain.values()), most, why or trouble.why)


def may_change(found: Broadcast, language: str = "") -> bool:
    """Whether it can still be changed: a draft can; of what stopped by itself the words of a language it speaks."""
    stopped = found.state is State.PAUSED and found.trouble.stopped
    return found.state is State.DRAFT or (stopped and language in found.content.words)


def came_to_nothing(trouble: Trouble, counts: Counts) -> bool:
    """Whether the last copy was gone and none ever came, for what can be mended: Telegram refused them."""
    return bool(trouble.row) and not counts[Fate.SENT] and bool(counts[Fate.FAILED])


def narrowed(segment: Segment, **changes: Any) -> Segment:
    """Change what was chosen; what says nothing beside it goes: who never bought was never silent since.

    ``Refused`` for a value that no button of ours carries.
    """
    found = replace(segment, **changes)
    known = found.language in {"", *LANGUAGES} and found.days in SILENCES and found.category_id >= 0
    if not known or (found.province and found.province not in {one.code for one in provinces()}):
        raise Refused("old_button")
    if found.bought is Bought.NEVER:
        found = replace(found, days=0, category_id=0)
    return found


def since(segment: Segment, now: datetime) -> datetime | None:
    """The moment since when they ordered nothing; None for whenever."""
    return now - timedelta(days=segment.days) if segment.days else None


def packed(segment: Segment, content: Content) -> dict[str, Any]:
    """Write both as JSON can."""
    return {"segment": asdict(segment), "content": asdict(content) | {"words": {
        language: asdict(content.words[language]) for language in sorted(content.words)
    }}}  # fmt: skip


def segment_of(kept: Mapping[str, Any]) -> Segment:
    """Read what :func:`packed` wrote."""
    return Segment(
        kept.get("language", ""), Bought(kept.get("bought", "any")), int(kept.get("days", 0)),
        kept.get("province", ""), int(kept.get("category_id", 0)),
    )  # fmt: skip


def trouble_of(kept: Mapping[str, Any]) -> Trouble:
    """Read what was written of it; none in what was written before there was any."""
    return Trouble(**{**kept, "fate": Fate(kept["fate"])}) if kept else Trouble()


def content_of(kept: Mapping[str, Any]) -> Content:
    """Read what :func:`packed` wrote."""
    words = {language: Words(**one) for language, one in kept.get("words", {}).items()}
    otherwise, goal = Otherwise(kept.get("otherwise", "ask")), Goal(kept.get("goal", "n"))
    return Content(words, otherwise, goal, int(kept.get("goal_id", 0)))
