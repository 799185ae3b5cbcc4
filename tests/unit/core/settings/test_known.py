"""The rules of the shop as people meet them: each on a page, with words, read strictly, written as people do."""

from contextlib import suppress
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import ROOT
from core.errors import Refused
from core.i18n import LANGUAGES, Translator, sentences, translator
from core.settings import holidays, words
from core.settings.known import Group, Kind, Rule, of
from core.settings.reading import EXAMPLES, example, fitting, read
from core.settings.rules import ALLOWED, Policy, conflict, valid

EN, KM = translator("en"), translator("km")
TODAY = date(2026, 11, 22)


def test_every_rule_stands_on_a_page_with_its_words() -> None:
    """Each field of the policy is one rule, each rule on one page, with a name and a sentence in both languages."""
    names = {field.name for field in fields(Policy)}
    assert {rule.value for rule in Rule} == names == set(ALLOWED)
    assert sorted(rule for group in Group for rule in of(group)) == sorted(Rule)
    for language in LANGUAGES:
        known = sentences(language)
        told = [{key.split(".")[2] for key in known if key.startswith(f"policy.{part}.")} for part in ("name", "about")]
        assert told == [names, names]
        assert all(f"policy.group.{group}" in known for group in Group)


def test_the_page_of_settings_says_the_same() -> None:
    """docs/settings.md has a row for each, with its default and what it does, in the order of the pages."""
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    rows = [line.split("|")[1:-1] for line in page.partition("## In chat")[2].splitlines() if line.startswith("| ")]
    found = [tuple(cell.strip() for cell in row) for row in rows[1:]]
    expected = [(EN(f"policy.group.{rule.group}"), words.name(rule, EN), words.said(rule, rule.standard, EN),
                 words.about(rule, EN)) for group in Group for rule in of(group)]  # fmt: skip
    assert found == expected


def test_what_is_offered_fits() -> None:
    """Each common value and each example is one that the rule takes; by default all go together."""
    for rule in Rule:
        assert [value for value in (*rule.common, rule.standard) if not valid(rule, value)] == []
    for kind, typed in EXAMPLES.items():
        assert all(read(rule, typed) is not None for rule in Rule if rule.kind is kind)
    assert [
        rule for rule in Rule if example(rule) and read(rule, example(rule)) != (rule.standard or "name@bank")
    ] == []
    assert (example(Rule.KHQR_CITY), example(Rule.FREE_DELIVERY_FROM)) == ("Phnom Penh", "$50.00")
    assert conflict(Policy()) == ()


READ = [
    (Rule.FEE_CAPITAL, "1.50", 150), (Rule.FEE_CAPITAL, "$2", 200), (Rule.FEE_CAPITAL, "១.៥០ $", 150),
    (Rule.FEE_CAPITAL, " 2 ដុល្លារ", 200), (Rule.FEE_CAPITAL, "1,500", 150_000), (Rule.FEE_CAPITAL, "0", 0),
    (Rule.FEE_CAPITAL, "6000៛", 146), (Rule.FEE_PROVINCE, "8.200 រៀល", 200), (Rule.FEE_CAPITAL, "1.5", 150),
    (Rule.FREE_DELIVERY_FROM, "100,000៛", 2439), (Rule.FREE_DELIVERY_FROM, "១០០.០០០៛", 2439),
    (Rule.RIEL_RATE, "4.100៛", 4100), (Rule.RIEL_RATE, "1$ = 4.050 រៀល", 4050),
    (Rule.FREE_DELIVERY_FROM, "never", 0), (Rule.FREE_DELIVERY_FROM, "មិនដែល", 0),
    (Rule.RIEL_RATE, "4100", 4100), (Rule.RIEL_RATE, "៤,១០០៛", 4100), (Rule.RIEL_RATE, "$1 = 4,000", 4000),
    (Rule.OPENS, "08:00", "08:00"), (Rule.OPENS, "8 am", "08:00"), (Rule.CLOSES, "8:30 pm", "20:30"),
    (Rule.CLOSES, "20", "20:00"), (Rule.CLOSES, "៨:៣០ ល្ងាច", "20:30"), (Rule.OPENS, "12 am", "00:00"),
    (Rule.CLOSES, "12:30", "12:30"), (Rule.KHQR_HOLD_MINUTES, "20", 20), (Rule.KHQR_HOLD_MINUTES, "2 hours", 120),
    (Rule.POINTS_DAYS, "30 ថ្ងៃ", 30), (Rule.REMINDER_HOURS, "1 day", 24), (Rule.NUDGE_OUT_MINUTES, "off", 0),
    (Rule.WARN_PERCENT, "75 %", 75), (Rule.TOTAL_LIMIT_MB, "1.5 GB", 1536), (Rule.MEDIA_LIMIT_MB, "700 mb", 700),
    (Rule.ORDER_PREFIX, "ab", "AB"), (Rule.SHOP_NAME, "  Rose   &  Co ", "Rose & Co"),
    (Rule.KHQR_ACCOUNT, "dara@aclb", "dara@aclb"), (Rule.REFERRAL_POINTS, "1,000", 1000),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "line", "value"), READ)
def test_a_line_is_read(rule: Rule, line: str, value: object) -> None:
    """Either digits, with or without sign and unit."""
    assert read(rule, line) == value


REFUSED = [
    (Rule.FEE_CAPITAL, "1,50", "setting_twice"), (Rule.FEE_CAPITAL, "1.500", "setting_twice"),
    (Rule.RIEL_RATE, "4.100", "setting_twice"), (Rule.OPENS, "8", "setting_twice"),
    (Rule.CLOSES, "8:00", "setting_twice"), (Rule.CLOSES, "12", "setting_twice"),
    (Rule.FEE_CAPITAL, "6000.50៛", "setting_unread"), (Rule.FEE_CAPITAL, "100.000$", "setting_twice"),
    (Rule.FEE_CAPITAL, "-1", "setting_unread"),
    (Rule.FEE_CAPITAL, "two", "setting_unread"), (Rule.FEE_CAPITAL, "1.50 or 2", "setting_unread"),
    (Rule.OPENS, "25:00", "setting_unread"), (Rule.OPENS, "13 pm", "setting_unread"),
    (Rule.OPENS, "08:60", "setting_unread"), (Rule.POINTS_DAYS, "36 hours", "setting_unread"),
    (Rule.KHQR_HOLD_MINUTES, "3 weeks", "setting_unread"), (Rule.KHQR_HOLD_MINUTES, "never", "setting_unread"),
    (Rule.KHQR_HOLD_MINUTES, "0", "setting_beyond"), (Rule.RIEL_RATE, "41", "setting_beyond"),
    (Rule.WARN_PERCENT, "101", "setting_beyond"), (Rule.ORDER_PREFIX, "MD-1", "setting_unread"),
    (Rule.KHQR_ACCOUNT, "dara", "setting_unread"), (Rule.SHOP_NAME, " ", "setting_unread"),
    (Rule.STAFF_CHAT_ID, "-100", "setting_unread"), (Rule.STAFF_LANGUAGE, "en", "setting_unread"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "line", "key"), REFUSED)
def test_a_line_is_refused(rule: Rule, line: str, key: str) -> None:
    """What could mean two things is asked again with both; what is none, or out of bounds, says what would be one."""
    with pytest.raises(Refused) as refused:
        read(rule, line)
    assert refused.value.key == f"errors.{key}"


def test_both_readings_and_the_bounds_are_named() -> None:
    """As people write them: ``$0.00`` to ``$1,000,000.00``, ``08:00`` or ``20:00``."""
    with pytest.raises(Refused) as refused:
        read(Rule.CLOSES, "8:15")
    assert (refused.value.values["one"], refused.value.values["other"]) == ("08:15", "20:15")
    with pytest.raises(Refused) as refused:
        read(Rule.FEE_CAPITAL, "1,50")
    assert (refused.value.values["one"], refused.value.values["other"]) == ("1.50", "150")
    with pytest.raises(Refused) as refused:
        fitting(Rule.RIEL_RATE, 41)
    assert refused.value.values == {"least": "1,000៛", "most": "100,000៛"}


def test_values_are_written_as_people_do() -> None:
    """Money, rate, times, sizes, never and none, in both languages; holidays without those that are over."""
    told: list[tuple[Rule, str | int, str, str]]
    told = [(Rule.FEE_CAPITAL, 150, "$1.50", "$1.50"), (Rule.RIEL_RATE, 4100, "4,100៛ for $1", "4,100៛ ក្នុង $1"),
            (Rule.KHQR_HOLD_MINUTES, 15, "15 min", "15 នាទី"), (Rule.NUDGE_OUT_MINUTES, 720, "12 h", "12 ម៉ោង"),
            (Rule.REMINDER_HOURS, 24, "1 day", "1 ថ្ងៃ"), (Rule.REMINDER_HOURS, 0, "never", "មិនដែល"),
            (Rule.FEE_CAPITAL, 0, "$0.00", "$0.00"), (Rule.TOTAL_LIMIT_MB, 1024, "1 GB", "1 GB"),
            (Rule.BACKUP_TO_CHAT, 1, "on", "បើក"), (Rule.STAFF_LANGUAGE, "km", "Khmer", "ខ្មែរ"),
            (Rule.KHQR_ACCOUNT, "", "not set", "គ្មាន"), (Rule.WARN_PERCENT, 80, "80%", "80%"),
            (Rule.NO_DELIVERY, "16 17", "2 of 25", "2 ក្នុងចំណោម 25")]  # fmt: skip
    assert [(words.said(rule, value, EN), words.said(rule, value, KM)) for rule, value, *_ in told] == [
        (english, khmer) for *_, english, khmer in told
    ]  # fmt: skip
    days = "2026-11-21 2026-12-25 2027-04-14 2027-04-15 2027-05-01 2027-05-14"
    said = "25 Dec 2026, 14–15 Apr 2027, 1 May 2027, … and 1 more"
    assert words.said(Rule.HOLIDAYS, days, EN, TODAY.isoformat()) == said
    months = "2026-11-30 2026-12-01 2026-12-31 2027-01-01"
    assert words.said(Rule.HOLIDAYS, months, EN) == "30 Nov – 1 Dec 2026, 31 Dec 2026 – 1 Jan 2027"
    assert words.said(Rule.HOLIDAYS, months, KM) == "30 វិច្ឆិកា – 1 ធ្នូ 2026, 31 ធ្នូ 2026 – 1 មករា 2027"
    assert Rule.HOLIDAYS.kind is Kind.DAYS_OFF


@pytest.mark.parametrize(
    ("line", "days"),
    [("14.04.2027", "2027-04-14"), ("2027-04-14", "2027-04-14"), ("១៤.០៤.២០២៧", "2027-04-14"),
     ("14/04/2027", "2027-04-14"), ("05/05/2027", "2027-05-05"), ("04.05.2027", "2027-05-04"),
     ("30.04.2027 – 02.05.2027", "2027-04-30 2027-05-01 2027-05-02"),
     ("2027-04-14 to 2027-04-15", "2027-04-14 2027-04-15"), ("22.11.2026", "2026-11-22"),
     ("24 Nov 2026", "2026-11-24"), ("14-15 April 2027", "2027-04-14 2027-04-15"),
     ("១៤ ដល់ ១៥ ខែមេសា ២០២៧", "2027-04-14 2027-04-15"), ("1 Sept. 2027", "2027-09-01"),
     ("30 April to 1 May 2027", "2027-04-30 2027-05-01"), ("30 Apr.–1 May, 2027", "2027-04-30 2027-05-01"),
     ("14 until 15 April 2027", "2027-04-14 2027-04-15"),
     ("31 Dec 2026 - 1 January 2027", "2026-12-31 2027-01-01"),
     ("៣០ មេសា ដល់ ១ ខែឧសភា ២០២៧", "2027-04-30 2027-05-01"),
     ("ថ្ងៃទី១៤ ខែមេសា ឆ្នាំ២០២៧", "2027-04-14"), ("១៤ មេសា ឆ្នាំ ២០២៧", "2027-04-14"),
     ("ថ្ងៃទី១៤ខែមេសាឆ្នាំ២០២៧។", "2027-04-14"), ("ថ្ងៃទី 14.04.2027", "2027-04-14"),
     ("ពី ១៤ ដល់ ១៥ មេសា ២០២៧", "2027-04-14 2027-04-15"),
     ("ចាប់ពីថ្ងៃទី១៤ រហូតដល់ថ្ងៃទី១៥ ខែមេសា ឆ្នាំ២០២៧", "2027-04-14 2027-04-15"),
     ("14-04-2027", "2027-04-14"), ("2027/04/05", "2027-04-05"), ("2027.04.05", "2027-04-05"),
     ("April 14, 2027", "2027-04-14"), ("Apr. 14th 2027", "2027-04-14"), ("14th of April 2027", "2027-04-14"),
     ("14 April 2027.", "2027-04-14"), ("1st - 2nd May 2027", "2027-05-01 2027-05-02"),
     ("14–15.04.2027", "2027-04-14 2027-04-15"), ("14-15.04.2027", "2027-04-14 2027-04-15"),
     ("14.04 - 15.04.2027", "2027-04-14 2027-04-15"), ("14/04 - 15/04/2027", "2027-04-14 2027-04-15"),
     ("14-04-2027-15-04-2027", "2027-04-14 2027-04-15"), ("From 14 to 15 April 2027", "2027-04-14 2027-04-15"),
     ("April 14–15, 2027", "2027-04-14 2027-04-15"), ("April 30 – May 1, 2027", "2027-04-30 2027-05-01"),
     ("30.04.2027 – 1 May 2027", "2027-04-30 2027-05-01"), ("30.04 – 1 May 2027", "2027-04-30 2027-05-01"),
     ("31 December – 1 January 2028", "2027-12-31 2028-01-01"), ("31.12. – 01.01.2028", "2027-12-31 2028-01-01"),
     ("៣១ ធ្នូ ដល់ ១ មករា ២០២៩", "2028-12-31 2029-01-01"),
     ("20.11.2026 – 23.11.2026", "2026-11-22 2026-11-23"), ("20 to 22 Nov 2026", "2026-11-22")],
)  # fmt: skip
def test_days_are_read(line: str, days: str) -> None:
    """A day or a range, by points, strokes or as a computer writes it, in either digits; today too.

    The first of two has from the last what it leaves out, and the year before over its end; what is over is left out.
    """
    assert holidays.written(holidays.read(line, TODAY)) == days


@pytest.mark.parametrize("t", [EN, KM], ids=["en", "km"])
def test_days_are_read_as_they_are_written(t: Translator) -> None:
    """What the shop wrote of its days can be typed back: within a month, over its end, over the year's, each month."""
    spans = [(first, first + timedelta(days=more)) for month in range(1, 13) for more in (0, 1, 4, 33)
             for first in (date(2027, month, 1), date(2027, month, 28))]  # fmt: skip
    for first, last in spans:
        line = words.span((first, last), t)
        found = holidays.read(line, TODAY)
        assert (found[0], found[-1], len(found)) == (first, last, (last - first).days + 1), line


@pytest.mark.parametrize(
    ("line", "key"),
    [("04/05/2027", "setting_twice"), ("tomorrow", "holiday_unread"), ("31.02.2027", "holiday_none"),
     ("04-05-2027", "setting_twice"), ("04/05 – 16/05/2027", "setting_twice"), ("4 - 04/05/2027", "setting_twice"),
     ("04/14/2027", "holiday_unread"), ("04-05 - 06-05-2027", "holiday_unread"), ("14-04", "holiday_unread"),
     ("from 14 April 2027", "holiday_unread"), ("until 14 April 2027", "holiday_unread"),
     ("ពី ១៤ មេសា ២០២៧", "holiday_unread"), ("14, 2027", "holiday_unread"), ("14 – 16, 2027", "holiday_unread"),
     ("April 2027", "holiday_unread"), ("14, 2027 – 16 April 2027", "holiday_unread"),
     ("14.04.2027 – 16.04", "holiday_unread"), ("14 – 15 – 16 April 2027", "holiday_unread"),
     ("14 April 2571", "holiday_unread"), ("30 December – 2 January 0001", "holiday_unread"),
     ("00.04.2027", "holiday_none"), ("30 Feb 2027", "holiday_none"), ("29 Feb – 2 Mar 2027", "holiday_none"),
     ("16 – 14 April 2027", "holiday_backwards"), ("2 May – 30 April 2027", "holiday_backwards"),
     ("29 Feb – 2 January 2028", "holiday_backwards"), ("18.11.2026 – 21.11.2026", "holiday_over"),
     ("14.04", "holiday_unread"), ("14 April", "holiday_unread"), ("30 Apr 1 May 2027", "holiday_unread"),
     ("30 Apr 2027 – 2 May", "holiday_unread"), ("30 Foo – 2 May 2027", "holiday_unread"),
     ("31 Apr – 2 May 2027", "holiday_none"), ("31 June 2027", "holiday_none"), ("21.11.2026", "holiday_over"),
     ("02.05.2027 - 01.05.2027", "holiday_backwards"),
     ("01.01.2027 - 31.12.2027", "holiday_many")],
)  # fmt: skip
def test_days_are_refused(line: str, key: str) -> None:
    """Two meanings, no such day, over, the wrong way round, a whole year."""
    with pytest.raises(Refused) as refused:
        holidays.read(line, TODAY)
    assert refused.value.key == f"errors.{key}"


@pytest.mark.parametrize(
    ("line", "words_"),
    [("30 Feb 2027", {"day": "30.02.2027"}), ("30.2.0800", {"day": "30.02.0800"}),
     ("1 January 0001", {"day": "01.01.0001"}),
     ("4/5 – 16/5/2027", {"one": "04.05.2027", "other": "05.04.2027"})],
)  # fmt: skip
def test_a_refused_day_is_written_as_the_shop_writes_it(line: str, words_: dict[str, str]) -> None:
    """Two figures, two, and four, whatever year it is."""
    with pytest.raises(Refused) as refused:
        holidays.read(line, TODAY)
    assert refused.value.values.items() >= words_.items()
    assert all(word in t(refused.value.key, **refused.value.values) for t in (EN, KM) for word in words_.values())


@given(st.text("0123456789.-–/ ,aprilnovtfmdec" + "ថ្ងៃទីខែឆ្នាំពីដល់", max_size=24) | st.builds(
    "{}{}{}{}{}".format, st.integers(0, 40), st.sampled_from([".", "/", "-", " "]), st.integers(0, 14),
    st.sampled_from([".", "/", "-", " "]), st.integers(0, 2600)))  # fmt: skip
def test_any_line_is_read_or_refused(line: str) -> None:
    """Never an error of ours, and what is read can be kept."""
    with suppress(Refused):
        assert valid("holidays", holidays.written(holidays.read(line, TODAY)))


@pytest.mark.parametrize(
    ("changes", "clash"),
    [({"opens": "08:00", "closes": "08:00"}, ("opens", "closes")), ({"opens": "00:00", "closes": "00:00"}, ()),
     ({"opens": "18:00", "closes": "02:00"}, ()), ({"warn_percent": 90}, ("warn_percent", "critical_percent",
      "emergency_percent")), ({"khqr_hold_minutes": 121}, ("khqr_hold_minutes", "khqr_silence_minutes")),
     ({"khqr_hold_minutes": 120}, ()), ({"province_fees": "17=1 17=2"}, ("province_fees",))],
)  # fmt: skip
def test_rules_that_do_not_go_together(changes: dict[str, Any], clash: tuple[str, ...]) -> None:
    """One that never opens, levels that do not rise, a bank waited for less than the goods are held, a fee twice."""
    assert conflict(Policy(**changes)) == clash
