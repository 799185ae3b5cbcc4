"""The buttons of what buyers say: judge a delivered line, read what others say, hide it at the counter."""

from dataclasses import dataclass

from bot.taps.base import Tap


@dataclass(frozen=True, slots=True)
class JudgeOrder(Tap):
    """The lines of a delivered order, to judge one."""

    prefix = "vo"
    order_id: int


@dataclass(frozen=True, slots=True)
class JudgeLine(Tap):
    """One delivered line: the one of this variant."""

    prefix = "vl"
    order_id: int
    variant_id: int


@dataclass(frozen=True, slots=True)
class GiveStars(Tap):
    """Give a delivered line its stars, 1 to 5."""

    prefix = "vs"
    order_id: int
    variant_id: int
    stars: int


@dataclass(frozen=True, slots=True)
class DropWords(Tap):
    """Take back what was written about a line; the stars stay."""

    prefix = "vw"
    order_id: int
    variant_id: int


@dataclass(frozen=True, slots=True)
class OpenOpinions(Tap):
    """What is said of a product; ``page`` counts from 0, ``variant_id`` is the one to come back to."""

    prefix = "vp"
    product_id: int
    variant_id: int
    page: int


@dataclass(frozen=True, slots=True)
class HideOpinion(Tap):
    """Hide what somebody wrote (1) or show it again (0)."""

    prefix = "vh"
    opinion_id: int
    hidden: int
