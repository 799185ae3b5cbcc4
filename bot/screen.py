"""What one message shows: text, keyboard, picture. Pure data; ``bot/show.py`` alone turns it into calls."""

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from markupsafe import Markup, escape

from bot.taps import Tap
from core.messages.rules import PAPERS
from core.pictures.day import DaySheet
from core.pictures.label import Label
from core.pictures.receipt import Receipt
from core.pictures.slip import Slip
from core.pictures.storage import StorageSheet


class Style(StrEnum):
    """How Telegram colours a button."""

    PRIMARY = "primary"
    SUCCESS = "success"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Button:
    """One inline button: a tap, a link, a text to copy, or a line to ``share`` by writing it in another chat.

    ``app`` opens a page as a Mini App (in private chats only), ``login`` in the browser: both tell it who it is.
    """

    text: str
    tap: Tap | None = None
    url: str | None = None
    copy: str | None = None
    share: str | None = None
    app: str | None = None
    login: str | None = None
    style: Style | None = None


class Ask(StrEnum):
    """What a reply keyboard asks the person to share."""

    CONTACT = "contact"
    LOCATION = "location"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Sharing:
    """A keyboard under the composer with one button that shares something."""

    ask: Ask
    text: str
    placeholder: str


@dataclass(frozen=True, slots=True)
class ProductPhoto:
    """A picture below the media folder."""

    path: str

    @property
    def key(self) -> str:
        """The picture's name in the memory of what Telegram has."""
        return f"media:{self.path}"


@dataclass(frozen=True, slots=True)
class SentPhoto:
    """A picture that somebody sent to the bot, by Telegram's own name for it."""

    file_id: str

    @property
    def key(self) -> str:
        """As above."""
        return f"sent:{self.file_id}"


@dataclass(frozen=True, slots=True)
class Banner:
    """The shop's front, drawn."""

    title: str
    subtitle: str

    @property
    def key(self) -> str:
        """As above; another text is another picture."""
        return "banner:" + hashlib.sha256(f"{self.title}\n{self.subtitle}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class KhqrPicture:
    """The card with the QR that is paid; ``number`` names its file."""

    number: str
    payload: str
    name: str
    amount: str
    second: str

    @property
    def key(self) -> str:
        """As above; every attempt is another picture."""
        return "khqr:" + hashlib.sha256(self.payload.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class ReceiptPicture:
    """A receipt, drawn."""

    number: str
    receipt: Receipt

    @property
    def key(self) -> str:
        """As above; another content is another picture."""
        return f"receipt:{self.number}:" + hashlib.sha256(repr(self.receipt).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class DayPicture:
    """The sheet of one of the shop's days, drawn."""

    sheet: DaySheet

    @property
    def key(self) -> str:
        """As above; other figures are another picture."""
        return "day:" + hashlib.sha256(repr(self.sheet).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class StoragePicture:
    """The sheet of what the shop takes up, drawn."""

    sheet: StorageSheet

    @property
    def key(self) -> str:
        """As above; other figures are another picture."""
        return "storage:" + hashlib.sha256(repr(self.sheet).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class PaperPicture:
    """Labels and slips as they are printed: one as a picture, or any number as the pages of a PDF.

    ``name`` and ``rest`` know those of one order from any other, and from what they said before; without a name they
    are drawn anew each time.
    """

    papers: tuple[Label | Slip, ...]
    name: str = ""
    rest: tuple[str, ...] = ()
    pdf: bool = False

    @property
    def key(self) -> str:
        """As above."""
        what = repr(self.rest if self.name else self.papers)
        kind = f"{'pdf' if self.pdf else 'png'}:{type(self.papers[0]).__name__.lower()}"
        return f"{PAPERS}{kind}:{self.name}:" + hashlib.sha256(what.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Document:
    """A file to keep, by its name: its ``content``, or papers that are drawn and, of one order, uploaded once."""

    name: str
    content: bytes = b""
    paper: PaperPicture | None = None


Picture = ProductPhoto | SentPhoto | Banner | KhqrPicture | ReceiptPicture | DayPicture | StoragePicture | PaperPicture
Rows = tuple[tuple[Button, ...], ...]
Look = tuple[Markup, Rows, Picture | None]


@dataclass(frozen=True, slots=True)
class Screen:
    """One message. ``toast`` answers the tap that led here, as an alert if ``alert``.

    ``sharing`` asks for a contact or location and makes it a new message. ``fresh`` sends it below instead of editing.
    ``thanks`` is said first, in a message that takes that keyboard away again. ``document`` comes as a new message.
    ``reply_to``: a new message stands below that one of its chat, while that is there. ``stays``: the tapped message
    is left as it is, and nothing else is sent; the tap alone is answered. ``under``: how the card looks whose page this
    is (:meth:`opened`).
    """

    text: Markup
    rows: Rows = ()
    picture: Picture | None = None
    toast: str = ""
    alert: bool = False
    sharing: Sharing | None = None
    fresh: bool = False
    thanks: str = ""
    document: Document | None = None
    reply_to: int | None = None
    stays: bool = False
    under: Look | None = None

    @property
    def look(self) -> Look:
        """All that is seen of it; the answer to the tap is no part of the message."""
        return self.text, self.rows, self.picture

    def saying(self, toast: str, *, alert: bool = False) -> Self:
        """Show the same with an answer to the tap."""
        return replace(self, toast=toast, alert=alert)

    def opened(self, rows: Rows, question: Markup | None = None) -> Self:
        """Open a page of this card: the same with other buttons, and a question below it.

        While the card looks as it does now, whatever the outbox owes of it leaves the page open.
        """
        text = self.text if question is None else Markup("\n\n").join([self.text, question])
        return replace(self, text=text, rows=rows, under=self.look)

    def telling(self, sentence: str) -> Self:
        """Show the same below a sentence: why it is not what the person was going to."""
        return replace(self, text=escape(sentence) + Markup("\n\n") + self.text)


@dataclass(frozen=True, slots=True)
class Copy:
    """Somebody's message, sent again as it is; ``caption`` instead of its own, None leaves that."""

    chat_id: int
    message_id: int
    caption: Markup | None = None
    rows: Rows = ()
    reply_to: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing offered in another chat: ``title`` and ``detail`` are read in the list, the rest is the message sent.

    ``small`` is the address of its picture for the list, ``page`` of its page on the site: where Telegram does not have
    the picture yet, the list and the message show those.
    """

    key: str
    title: str
    detail: str
    text: Markup
    rows: Rows = ()
    picture: Picture | None = None
    small: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class Offers:
    """An answer to an inline query; ``more`` names the next page, ``button`` stands above and opens the shop."""

    offers: tuple[Offer, ...]
    more: str = ""
    button: str = ""


def grid(buttons: list[Button], width: int) -> Rows:
    """Lay buttons out in rows of ``width``."""
    return tuple(tuple(buttons[i : i + width]) for i in range(0, len(buttons), width))
