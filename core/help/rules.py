"""What a talk with the shop is made of, and how much of it at once: pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.errors import Refused
from core.people.rules import Person

MOST, WITHIN = 30, timedelta(minutes=10)
"""So many messages one person may send the shop in so long."""
STRETCH = timedelta(minutes=10)
"""What is written within so long of the last message is the same stretch, and is not confirmed once more."""


class Side(StrEnum):
    """Who said it."""

    CUSTOMER = "customer"
    SHOP = "shop"


class TalkState(StrEnum):
    """Whether somebody still waits for an answer. Whoever writes opens it again."""

    OPEN = "open"
    CLOSED = "closed"


class Media(StrEnum):
    """What a message holds; words alone are a text."""

    TEXT = "text"
    PHOTO = "photo"
    VIDEO = "video"
    ANIMATION = "animation"
    AUDIO = "audio"
    VOICE = "voice"
    DOCUMENT = "document"
    VIDEO_NOTE = "video_note"
    STICKER = "sticker"
    LOCATION = "location"
    VENUE = "venue"
    CONTACT = "contact"

    @property
    def has_caption(self) -> bool:
        """Whether words can stand below it."""
        return self in {Media.PHOTO, Media.VIDEO, Media.ANIMATION, Media.AUDIO, Media.VOICE, Media.DOCUMENT}


class News(StrEnum):
    """What the staff are told below a talk's card."""

    BLOCKED = "blocked"
    UNREACHED = "unreached"
    LOST_ANSWER = "lost_answer"
    LOST_QUESTION = "lost_question"
    SOLVED = "solved"


@dataclass(frozen=True, slots=True)
class Written:
    """A message as its author sent it. ``media`` is None for what no talk brings over (a poll, a game).

    ``reply_to`` is the message of the same chat that it answers; ``mark`` tells a picture from every other one.
    ``html`` is the text as it was formatted, ``photo`` Telegram's name for the largest size of a photo; ``album``: it
    is one of several that were sent together.
    """

    chat_id: int
    message_id: int
    media: Media | None
    text: str = ""
    reply_to: int | None = None
    mark: str = ""
    html: str = ""
    photo: str = ""
    album: bool = False


@dataclass(frozen=True, slots=True)
class Talk:
    """One person's talk with the shop; ``order_id`` is the order it was opened from last."""

    id: int
    person_id: int
    state: TalkState
    order_id: int | None


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a talk. ``reply_to`` is what it answers, in the chat it goes to."""

    id: int
    talk_id: int
    side: Side
    author_id: int
    media: Media
    text: str
    chat_id: int
    message_id: int
    reply_to: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in a talk a message stands: whoever replies to it speaks for ``side``; ``said`` is None on its card."""

    talk: Talk
    side: Side
    said: Said | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of a message to the shop; ``first`` of a stretch, so it is worth a word to whoever wrote it."""

    first: bool


@dataclass(frozen=True, slots=True)
class TalkCard:
    """What a talk's card shows the staff."""

    talk: Talk
    name: str
    language: str | None
    order_number: str


@dataclass(frozen=True, slots=True)
class Piece:
    """What a talk has to bring to a chat next, and where the talk's card stands there (None: nowhere yet)."""

    talk: Talk
    said: Said
    card_id: int | None


def taken(written: Written) -> Media:
    """Name what a message holds; ``Refused`` for what cannot be brought over."""
    if written.media is None:
        raise Refused("help_kind")
    return written.media


def is_first(before: Said | None, now: datetime) -> bool:
    """Tell whether a customer's message begins a stretch: after an answer, or after a while."""
    return before is None or before.side is Side.SHOP or now - before.at > STRETCH


def may_close(talk: Talk, person: Person) -> bool:
    """Either side may: the customer whose talk it is, and whoever works here."""
    return talk.person_id == person.id or person.role is not None
