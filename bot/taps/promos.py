"""Buttons of promo codes and of who brings by them."""

from dataclasses import dataclass

from bot.taps.base import Tap
from core.promoters.rules import PromoterField
from core.promotions.drafting import PromoField


@dataclass(frozen=True, slots=True)
class OpenPromos(Tap):
    """A page of all codes."""

    prefix = "ul"
    page: int


@dataclass(frozen=True, slots=True)
class OpenPromo(Tap):
    """One code as it is now, and what it did so far."""

    prefix = "up"
    promo_id: int


@dataclass(frozen=True, slots=True)
class PromoUses(Tap):
    """The newest orders that used a code."""

    prefix = "uu"
    promo_id: int


@dataclass(frozen=True, slots=True)
class NewPromo(Tap):
    """Begin a new code."""

    prefix = "un"


@dataclass(frozen=True, slots=True)
class AnswerPromo(Tap):
    """Answer the question ``asked`` about a field by one of the usual words."""

    prefix = "ua"
    asked: int
    field: PromoField
    word: str


@dataclass(frozen=True, slots=True)
class AddPromoter(Tap):
    """Add somebody new where the question ``asked`` asks whose code it is, then go on with that."""

    prefix = "uy"
    asked: int


@dataclass(frozen=True, slots=True)
class AskDraft(Tap):
    """Ask about a field of the draft once more."""

    prefix = "uq"
    asked: int
    field: PromoField


@dataclass(frozen=True, slots=True)
class FinishDraft(Tap):
    """Leave all that was not asked yet as it is otherwise."""

    prefix = "uf"
    asked: int


@dataclass(frozen=True, slots=True)
class CreatePromo(Tap):
    """Make the code that the draft stands for."""

    prefix = "uc"
    asked: int


@dataclass(frozen=True, slots=True)
class EditPromo(Tap):
    """Ask for a field of a code anew; ``stamp`` is how the code was seen."""

    prefix = "ue"
    promo_id: int
    field: PromoField
    stamp: int


@dataclass(frozen=True, slots=True)
class TurnPromo(Tap):
    """Let a code be used (1) or not (0)."""

    prefix = "ut"
    promo_id: int
    on: int
    stamp: int


@dataclass(frozen=True, slots=True)
class OpenPromoters(Tap):
    """Who brings customers."""

    prefix = "um"


@dataclass(frozen=True, slots=True)
class OpenPromoter(Tap):
    """One of them, with their codes."""

    prefix = "uo"
    promoter_id: int


@dataclass(frozen=True, slots=True)
class NewPromoter(Tap):
    """Ask for somebody new."""

    prefix = "uw"


@dataclass(frozen=True, slots=True)
class AnswerRate(Tap):
    """Answer the question for a rate by a usual one, in whole percent."""

    prefix = "ur"
    asked: int
    percent: int


@dataclass(frozen=True, slots=True)
class EditPromoter(Tap):
    """Ask for a field of theirs anew."""

    prefix = "ud"
    promoter_id: int
    field: PromoterField
    stamp: int


@dataclass(frozen=True, slots=True)
class TurnPromoter(Tap):
    """Let them earn by new orders (1) or not (0)."""

    prefix = "ux"
    promoter_id: int
    on: int
    stamp: int
