"""Buttons of products as admins see them: drafts, the list, a product's fields, photos, shelves, goods that come in."""

from dataclasses import dataclass

from bot.taps.base import Tap
from core.catalog.captions import Counting
from core.catalog.goods import Field, Way


# ── a draft; ``asked`` is the stamp of the question that holds it ────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class ShowDraft(Tap):
    """The draft as it stands."""

    prefix = "jd"
    asked: int


@dataclass(frozen=True, slots=True)
class SaveDraft(Tap):
    """Save the draft as it was shown, which ``digest`` names."""

    prefix = "js"
    asked: int
    digest: str


@dataclass(frozen=True, slots=True)
class AskDraftShelf(Tap):
    """Ask on which shelf it stands."""

    prefix = "jq"
    asked: int


@dataclass(frozen=True, slots=True)
class DraftShelf(Tap):
    """It stands on this shelf."""

    prefix = "jc"
    asked: int
    category_id: int


@dataclass(frozen=True, slots=True)
class NameDraftShelf(Tap):
    """It stands on a shelf that there is not yet: ask what it is called."""

    prefix = "jg"
    asked: int


@dataclass(frozen=True, slots=True)
class DraftUnits(Tap):
    """What its number of units says."""

    prefix = "ju"
    asked: int
    counting: Counting


# ── products ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class ListGoods(Tap):
    """A page of all products; ``asked`` is the stamp of what was searched, 0: all."""

    prefix = "jl"
    asked: int
    page: int


@dataclass(frozen=True, slots=True)
class OpenGoods(Tap):
    """One product with all that is known of it."""

    prefix = "jo"
    product_id: int


@dataclass(frozen=True, slots=True)
class OpenStocked(Tap):
    """One of its variants."""

    prefix = "jv"
    product_id: int
    variant_id: int


@dataclass(frozen=True, slots=True)
class EditGoods(Tap):
    """Ask what a field should be; ``variant_id`` 0 for one of the product's own."""

    prefix = "je"
    product_id: int
    variant_id: int
    field: Field


@dataclass(frozen=True, slots=True)
class SetBadge(Tap):
    """Another badge, or none, than the one that was seen."""

    prefix = "jb"
    product_id: int
    before: str
    badge: str


@dataclass(frozen=True, slots=True)
class SetShelf(Tap):
    """Another shelf than the one that was seen."""

    prefix = "jm"
    product_id: int
    before: int
    category_id: int


@dataclass(frozen=True, slots=True)
class PutGoods(Tap):
    """Show (1) or hide (0) a product, or one of its variants."""

    prefix = "jh"
    product_id: int
    variant_id: int
    on_sale: int


@dataclass(frozen=True, slots=True)
class AddStocked(Tap):
    """Ask for one more variant."""

    prefix = "ja"
    product_id: int


@dataclass(frozen=True, slots=True)
class OpenPhotos(Tap):
    """A product's photos, at one of them; 0 is the first."""

    prefix = "jp"
    product_id: int
    photo_id: int


@dataclass(frozen=True, slots=True)
class AddPhoto(Tap):
    """Ask for one more photo."""

    prefix = "ji"
    product_id: int


@dataclass(frozen=True, slots=True)
class DropPhoto(Tap):
    """Take a photo out of the album that was ``seen``."""

    prefix = "jx"
    product_id: int
    photo_id: int
    seen: int


@dataclass(frozen=True, slots=True)
class MovePhoto(Tap):
    """Bring a photo of the album that was ``seen`` to another place."""

    prefix = "jy"
    product_id: int
    photo_id: int
    seen: int
    way: Way


# ── shelves ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class ListShelves(Tap):
    """All shelves."""

    prefix = "jk"


@dataclass(frozen=True, slots=True)
class OpenShelf(Tap):
    """One shelf, to be renamed, moved, hidden."""

    prefix = "jf"
    category_id: int


@dataclass(frozen=True, slots=True)
class AskShelf(Tap):
    """Ask what a shelf is called; 0: a new one."""

    prefix = "jn"
    category_id: int


@dataclass(frozen=True, slots=True)
class MoveShelf(Tap):
    """One place up, from the place that was seen."""

    prefix = "jw"
    category_id: int
    before: int


@dataclass(frozen=True, slots=True)
class PutShelf(Tap):
    """Show (1) or hide (0) a shelf."""

    prefix = "jz"
    category_id: int
    on_sale: int


# ── goods that come in ───────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class AskDelivery(Tap):
    """Ask for the list of what came in."""

    prefix = "jr"


@dataclass(frozen=True, slots=True)
class TakeDelivery(Tap):
    """Take the list in as it was shown."""

    prefix = "jt"
    asked: int
    digest: str
