"""What somebody means who looks for an order, and which lists are whose."""

import pytest

from core.boards.rules import COURIERS, STATUSES, Listing, Means, findable, statuses, wanted
from core.errors import NotAllowed, Refused
from core.orders.rules import ENDED, Status
from core.people.rules import Person, Role


@pytest.mark.parametrize(
    ("typed", "means", "text"),
    [
        ("MD00042", Means.NUMBER, "MD00042"),
        ("md42", Means.NUMBER, "MD00042"),
        ("Md 00042", Means.NUMBER, "MD00042"),
        ("XY123456", Means.NUMBER, "XY123456"),
        ("42", Means.NUMBER, "MD00042"),
        ("#42", Means.NUMBER, "MD00042"),
        ("00042", Means.NUMBER, "MD00042"),
        ("៤២", Means.NUMBER, "MD00042"),
        ("123456", Means.NUMBER, "MD123456"),
        ("012 345 678", Means.PHONE, "+85512345678"),
        ("012345678", Means.PHONE, "+85512345678"),
        ("+855 12-345-678", Means.PHONE, "+85512345678"),
        ("85512345678", Means.PHONE, "+85512345678"),
        ("០១២ ៣៤៥ ៦៧៨", Means.PHONE, "+85512345678"),
        ("Dara", Means.NAME, "Dara"),
        ("  dara\n sok ", Means.NAME, "dara sok"),
        ("ដារ៉ា\u200bសុខ", Means.NAME, "ដារ៉ាសុខ"),
        ("Dara 2", Means.NAME, "Dara 2"),
        ("12345678901234", Means.NAME, "12345678901234"),
        ("x" * 200, Means.NAME, "x" * 60),
    ],
)
def test_what_is_meant(typed: str, means: Means, text: str) -> None:
    """A number with its letters or without, any spelling of a phone, else a name; Khmer digits are digits."""
    assert (wanted(typed, "MD").means, wanted(typed, "MD").text) == (means, text)


@pytest.mark.parametrize("typed", ["", "   ", "#", "…", "\u200b"])
def test_nothing_is_meant(typed: str) -> None:
    """Nothing that could be looked for is asked again, with an example."""
    with pytest.raises(Refused, match="find_what"):
        wanted(typed, "MD")


def _person(role: Role | None) -> Person:
    return Person(1, 1, "Sokha", role=role)


def test_which_list_is_whose() -> None:
    """Staff see every list, couriers what is ready and out, a customer none; nothing that ended is open."""
    staff, courier = _person(Role.STAFF), _person(Role.COURIER)
    assert set(statuses(Listing.OPEN, staff)) == set(Status) - (ENDED - {Status.RETURNED})
    assert sorted(s for one in STATUSES for s in statuses(one, staff)) == sorted(statuses(Listing.OPEN, staff))
    assert statuses(Listing.OPEN, courier) == COURIERS
    assert statuses(Listing.READY, courier) == (Status.READY,)
    assert (set(findable(staff)), findable(courier)) == (set(Status), COURIERS)
    for listing in (Listing.NEW, Listing.PREPARING, Listing.BACK):
        with pytest.raises(NotAllowed):
            statuses(listing, courier)
    for look in (lambda: statuses(Listing.OUT, _person(None)), lambda: findable(_person(None))):
        with pytest.raises(NotAllowed):
            look()
