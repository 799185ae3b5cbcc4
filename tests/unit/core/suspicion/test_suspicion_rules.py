"""The four rules, with the false alarms of the shop before this one: who orders often under one name is no suspect."""

import pytest

from core.money import Currency, Money, usd
from core.settings.rules import Policy
from core.suspicion.rules import Facts, Flag, Named, Rule, judge, other_names, read, spellings, written


def _facts(*others: Named, cents: int = 5000, name: str = "Dara", known: bool = True) -> Facts:
    return Facts(name, usd(cents), 4100, others, known)


LOYAL = tuple(Named(name, 4, 0) for name in ("Dara", "DARA", " dara ", "Dárà", "Dara.", "D\u200bara"))
"""One buyer, twenty-four orders, as phones and keyboards write the name."""

POLICY = Policy()
NO_ALARMS = {
    "twelve orders under one name": _facts(Named("Dara", 12, 0)),
    "one name, spelled in six ways": _facts(*LOYAL),
    "his wife orders too": _facts(Named("Dara", 5, 0), Named("Bopha", 7, 0)),
    "words in another order": _facts(Named("Dara Sok", 2, 0), Named("Bopha", 1, 0), name="Sok Dara"),
    "words written as one": _facts(Named("SokDara", 2, 0), Named("Bopha", 1, 0), name="Sok Dara"),
    "Khmer without its signs": _facts(Named("សុខ ដារា", 3, 0), Named("បុប្ផា", 1, 0), name="សុខ ដារ៉ា"),
    "a Khmer vowel in two pieces": _facts(Named("សេាភា", 3, 0), Named("ដារា", 1, 0), name="សោភា"),
    "a parcel without a name": _facts(Named("", 3, 0), Named("…", 2, 0), Named("Bopha", 1, 0)),
    "a thousand dollars exactly": _facts(Named("Dara", 1, 0), cents=1000_00),
    "two more within the hour": _facts(Named("Dara", 9, 2)),
    "a first order of a hundred exactly": _facts(cents=100_00, known=False),
    "the second order, and it is dear": _facts(Named("Dara", 1, 0), cents=500_00),
    "the first from this phone, not of this customer": _facts(cents=500_00, known=True),
    "a cancelled one before, from that phone": _facts(Named("Dara", 1, 0), cents=500_00, known=False),
    "verified for this phone": _facts(
        Named("Dara", 1, 0, verified=True), Named("Bopha", 1, 0), Named("Sokha", 1, 0), name="dara"
    ),
}


@pytest.mark.parametrize("facts", NO_ALARMS.values(), ids=NO_ALARMS)
def test_no_false_alarm(facts: Facts) -> None:
    """Nobody of these is flagged."""
    assert judge(facts, POLICY) == ()


ALARMS = {
    "two other names": (_facts(Named("Bopha", 1, 0), Named("Sokha", 1, 0)), [Flag(Rule.OTHER_NAMES, 2)]),
    "another verified, not this": (
        _facts(Named("Bopha", 1, 0, verified=True), Named("Sokha", 3, 0)),
        [Flag(Rule.OTHER_NAMES, 2)],
    ),
    "a cent more than a thousand": (_facts(Named("Dara", 1, 0), cents=1000_01), [Flag(Rule.LARGE)]),
    "three more within the hour": (_facts(Named("Dara", 9, 2), Named("dara", 1, 1)), [Flag(Rule.MANY, 3)]),
    "a first order of a cent more": (_facts(cents=100_01, known=False), [Flag(Rule.FIRST)]),
    "all at once": (
        _facts(Named("A", 2, 2), Named("B", 1, 1), cents=1000_01, known=False),
        [Flag(Rule.OTHER_NAMES, 2), Flag(Rule.LARGE), Flag(Rule.MANY, 3)],
    ),
    "large and first": (_facts(cents=2000_00, known=False), [Flag(Rule.LARGE), Flag(Rule.FIRST)]),
    "verified is no pass for the rest": (
        _facts(Named("Dara", 5, 3, verified=True), Named("B", 1, 0), Named("C", 1, 0), cents=2000_00),
        [Flag(Rule.LARGE), Flag(Rule.MANY, 3)],
    ),
}


@pytest.mark.parametrize(("facts", "flags"), ALARMS.values(), ids=ALARMS)
def test_an_alarm(facts: Facts, flags: list[Flag]) -> None:
    """Each rule at its edge, alone and together, with its figure."""
    assert list(judge(facts, POLICY)) == flags


@pytest.mark.parametrize(("limit", "flagged"), [(0, False), (1, True), (2, True), (3, False)])
def test_how_many_names_is_a_rule(limit: int, *, flagged: bool) -> None:
    """Two other names with a phone: from the first on where the shop says so, never at 0."""
    facts = _facts(Named("Bopha", 1, 0), Named("Sokha", 1, 0))
    assert (Flag(Rule.OTHER_NAMES, 2) in judge(facts, Policy(suspicious_names=limit))) is flagged


def test_riel_are_compared_at_the_orders_own_rate() -> None:
    """4,100,000 riel are a thousand dollars at 4,100, more at 4,000; one riel over is over."""
    for riel, rate, flags in ((4_100_000, 4100, ()), (4_100_001, 4100, (Flag(Rule.LARGE),)),
                              (4_100_000, 4000, (Flag(Rule.LARGE),))):  # fmt: skip
        facts = Facts("Dara", Money(riel, Currency.KHR), rate, (Named("Dara", 1, 0),), known=True)
        assert judge(facts, POLICY) == flags, (riel, rate)


def test_other_people_have_other_names() -> None:
    """What differs in a letter or a vowel is another name; a half of a name is; Khmer and Latin are two."""
    for one, two in (("Dara", "Dora"), ("ដារា", "ដារី"), ("ស្រី", "សរី"), ("Sok Dara", "Dara"), ("Dara", "ដារា")):
        assert not spellings(one) & spellings(two), (one, two)
    assert other_names("Dara", ["DARA", "Bopha", "bopha", "B. opha", "Sokha", "", "!"]) == 2


def test_what_is_kept_names_nobody() -> None:
    """Rules and figures, read again as they were; a rule of another version is left out."""
    flags = judge(_facts(Named("Bopha", 1, 3), Named("Sokha", 1, 0)), POLICY)
    kept = written(flags)
    assert kept == [{"rule": "other_names", "count": 2}, {"rule": "many", "count": 3}]
    assert read([*kept, {"rule": "moon"}]) == flags
