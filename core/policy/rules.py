"""What somebody saw of a rule, and what single provinces cost: pure."""

from dataclasses import dataclass
from hashlib import sha256
from typing import ClassVar

from core.i18n import Translator
from core.money import usd
from core.settings.known import Rule
from core.settings.rules import Policy


def stamp(value: str | int) -> str:
    """Make eight letters of a value, the same for the same: what a button says that its reader saw."""
    return sha256(repr(value).encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Fee:
    """What delivery to one province costs: ``cents`` of its own, None as its zone; ``sent`` False: nothing goes there.

    ``written`` is what a button carries: cents, ``same``, ``none``.
    """

    cents: int | None = None
    sent: bool = True

    SAME: ClassVar["Fee"]
    NO_DELIVERY: ClassVar["Fee"]

    @classmethod
    def of(cls, cents: int | None) -> "Fee":
        """Make a fee of its own, or none."""
        return cls(cents)

    @classmethod
    def read(cls, text: str) -> "Fee":
        """Read what a button carries; ``ValueError`` for what none of ours does."""
        named = {"same": cls(), "none": cls(sent=False)}
        return named[text] if text in named else cls(int(text))

    @property
    def written(self) -> str:
        """Write it as a button carries it."""
        if not self.sent:
            return "none"
        return "same" if self.cents is None else str(self.cents)

    def said(self, t: Translator) -> str:
        """Write it as people do."""
        if not self.sent:
            return t("policy.is.no_delivery")
        return t("policy.is.same") if self.cents is None else str(usd(self.cents))


Fee.SAME, Fee.NO_DELIVERY = Fee(), Fee(sent=False)


def province_values(policy: Policy, code: str, fee: Fee) -> dict[Rule, str]:
    """Write both rules as they are once a province costs that; in the order of the codes."""
    fees, closed = dict(policy.own_fees), set(policy.no_delivery.split()) - {code}
    fees.pop(code, None)
    if fee.cents is not None:
        fees[code] = fee.cents
    if not fee.sent:
        closed.add(code)
    own = " ".join(f"{one}={cents}" for one, cents in sorted(fees.items()))
    return {Rule.PROVINCE_FEES: own, Rule.NO_DELIVERY: " ".join(sorted(closed))}
