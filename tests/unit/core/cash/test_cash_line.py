"""What somebody says was in a hand, in one typed line: read as it was meant, or asked once more, never guessed."""

import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.cash.rules import MOST, NOTE, Cash, counted_as, parse, taken_for
from core.errors import Refused
from core.money import Currency, usd

KHMER = str.maketrans("0123456789", "០១២៣៤៥៦៧៨៩")
READ = {
    "13.50": Cash(1350),
    "10 + 14000៛ had no more dollars": Cash(1000, 14_000, "had no more dollars"),
    "14,000៛ and $10 had no more": Cash(1000, 14_000, "had no more"),
    "១០ + ១៤០០០៛ អស់ដុល្លារ": Cash(1000, 14_000, "អស់ដុល្លារ"),
    "៛១៤,០០០ និង ១០ ដុល្លារ": Cash(1000, 14_000),
    "$10 14000៛": Cash(1000, 14_000),
    "10, 14000 riel, he was short": Cash(1000, 14_000, "he was short"),
    "USD 1,350.5 KHR 4000": Cash(135_050, 4000),
    "5 + 5 + 3.50 three notes": Cash(1350, 0, "three notes"),
    "55400 រៀល": Cash(0, 55_400),
    "10 ៛14000": Cash(1000, 14_000),
    "10 and two bags missing": Cash(1000, 0, "and two bags missing"),
    "13.5. ": Cash(1350),
    "12 (no change)": Cash(1200, 0, "no change"),
    "\u200b12\u200b ខ្វះ": Cash(1200, 0, "ខ្វះ"),
    "0": Cash(),
    "12 ...": Cash(1200),
}  # fmt: skip
UNREAD = [
    "", "had no money", "-10", "−10 x", "10 - 2", "10-2", "10 + ", "10 + note", "10 + -5", "$10៛", "10k",
    "14 k", "14 ពាន់", "10€", "10 baht", "១០ បាត", "10,5", "1,35.00", "10.555", "1.2.3", "14000.5៛", "10៛៛", "1e5",
    "0x10", "10%", "(10)", "+10", "14000៛ 10", "10 2 bags were missing", "10 $5 is missing", "10 ៛ 14000", "10usdt",
    "ten dollars", "½", "²",
]  # fmt: skip


@pytest.mark.parametrize("line", READ)
def test_a_line_is_read(line: str) -> None:
    """Dollars and riel in any order, Khmer digits, commas, signs before and behind; words after it are the note."""
    assert parse(line) == READ[line]


@pytest.mark.parametrize("line", UNREAD)
def test_nonsense_is_asked_again(line: str) -> None:
    """Whatever could be read in two ways, or in none, is refused with a sentence that shows how."""
    with pytest.raises(Refused) as refused:
        parse(line)
    assert refused.value.key == "errors.cash_unread"


@pytest.mark.parametrize("line", ["14000", "99999999999999999999", "50000001៛", "9,999 + 2", "1" * 4000])
def test_a_slip_of_the_hand_is_refused(line: str) -> None:
    """More than any courier carries is too much, and so are fourteen thousand "dollars"."""
    with pytest.raises(Refused) as refused:
        parse(line)
    assert refused.value.key == "errors.cash_too_much"


SIGNS = {
    Currency.USD: ("${}", "{}$", "{} usd", "{} DOLLARS", "{} ដុល្លារ", "USD {}"),
    Currency.KHR: ("{}៛", "៛{}", "{} riel", "{} រៀល", "KHR{}"),
}
WORDS = st.text(string.ascii_letters + " ខ្វះ", max_size=40).map(lambda text: f"note {text}".rstrip())


@settings(max_examples=400)
@given(cents=st.integers(0, MOST[Currency.USD]), riel=st.integers(0, MOST[Currency.KHR]), note=WORDS, data=st.data())
def test_what_is_written_is_what_is_read(cents: int, riel: int, note: str, data: st.DataObject) -> None:
    """Any two amounts, in any order, sign, digits, with commas or without, joined in any way, with any words behind."""
    commas, khmer = data.draw(st.booleans()), data.draw(st.booleans())
    written = []
    for currency, amount in ((Currency.USD, cents), (Currency.KHR, riel)):
        whole, part = divmod(amount, 100) if currency is Currency.USD else (amount, 0)
        number = f"{whole:,}" if commas else str(whole)
        number += f".{part:02d}" if part or (currency is Currency.USD and data.draw(st.booleans())) else ""
        written.append(data.draw(st.sampled_from(SIGNS[currency])).format(number))
    if data.draw(st.booleans()):
        written.reverse()
    line = data.draw(st.sampled_from([" + ", "+", " and ", " និង ", " & ", " ", ", "])).join(written) + " " + note
    found = parse(line.translate(KHMER) if khmer else line)
    assert (found.cents, found.riel, found.note) == (cents, riel, " ".join(note.split()))


@settings(max_examples=600)
@given(st.text(max_size=60) | st.text("0123456789 .,+-$៛k១២៣usdriel", max_size=20))
@example("1" * 60)
def test_no_line_breaks_it(line: str) -> None:
    """Any text is either read, within what can be, or refused with a sentence."""
    found, said = Cash(), "errors.cash_unread"
    try:
        found = parse(line)
    except Refused as refused:
        said = refused.key
    assert said in {"errors.cash_unread", "errors.cash_too_much", "errors.text_too_long"}
    assert 0 <= found.cents <= MOST[Currency.USD]
    assert 0 <= found.riel <= MOST[Currency.KHR]
    assert len(found.note) <= NOTE


def test_what_may_be_taken_for_a_parcel() -> None:
    """The very sum needs no note, any other does; nothing at all and far too much are refused; the rate is its own."""
    due = usd(1350)
    assert taken_for(due, 4100, Cash(1350)) == Cash(1350)
    assert taken_for(due, 4100, Cash(1000, 14_000, "x")).riel == 14_000
    for taken, key in ((Cash(1349), "cash_note"), (Cash(0, 55_400), "cash_note"), (Cash(note="x"), "cash_nothing"),
                       (Cash(4701, 0, "x"), "cash_too_much"), (Cash(0, 192_800, "x"), "cash_too_much")):  # fmt: skip
        with pytest.raises(Refused) as refused:
            taken_for(due, 4100, taken)
        assert refused.value.key == f"errors.{key}"
    assert taken_for(due, 4100, Cash(4700, 0, "gave a fifty")).cents == 4700


def test_what_may_be_counted() -> None:
    """The very sums are one tap; others need a note, nothing at all too."""
    brought = Cash(5000, 14_000)
    assert counted_as(brought, None) == counted_as(brought, Cash(5000, 14_000)) == brought
    assert counted_as(brought, Cash(0, 0, "all lost")).note == "all lost"
    with pytest.raises(Refused):
        counted_as(brought, Cash(4900, 14_000))
