"""The rules of news to many: who gets which language, what can be sent, whom a segment leaves out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.broadcasts import rules
from core.broadcasts.rules import (
    Act,
    Bought,
    Broadcast,
    Content,
    Fate,
    Goal,
    Otherwise,
    Segment,
    State,
    Trouble,
    Words,
)
from core.errors import Refused

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
EN, KM = Words("Hello"), Words("សួស្ដី", "photo")
BOTH = {"en": EN, "km": KM}


def _draft(content: Content = Content(), segment: Segment = Segment()) -> Broadcast:  # noqa: B008 - frozen
    return Broadcast(1, 1, State.DRAFT, segment, content, NOW)


@pytest.mark.parametrize(
    ("words", "otherwise", "en", "km"),
    [
        (BOTH, Otherwise.ASK, "en", "km"),
        ({"en": EN}, Otherwise.ASK, "en", ""),
        ({"en": EN}, Otherwise.OTHER, "en", "en"),
        ({"km": KM}, Otherwise.OTHER, "km", "km"),
        ({"km": KM}, Otherwise.NOTHING, "", "km"),
        ({}, Otherwise.OTHER, "", ""),
    ],
)
def test_who_gets_which_language(words: dict[str, Words], otherwise: Otherwise, en: str, km: str) -> None:
    """Their own where it is written; else the other one only where somebody chose that; who gets none is left out."""
    content = Content(words, otherwise)
    assert (rules.spoken(content, "en"), rules.spoken(content, "km")) == (en, km)
    assert rules.readers(Segment(), content) == tuple(one for one, got in (("en", en), ("km", km)) if got)
    assert rules.readers(Segment(language="km"), content) == (("km",) if km else ())


@pytest.mark.parametrize(
    ("length", "photo", "key"),
    [(0, False, "news_empty"), (0, True, ""), (4096, False, ""), (4097, False, "news_too_long"), (1024, True, ""),
     (1025, True, "news_too_long")],
)  # fmt: skip
def test_what_telegram_takes(length: int, key: str, *, photo: bool) -> None:
    """4,096 characters by themselves, 1,024 below a picture, a picture alone; nothing at all is refused."""
    if key:
        with pytest.raises(Refused, match=key):
            rules.must_fit(length, photo=photo)
    else:
        rules.must_fit(length, photo=photo)


@pytest.mark.parametrize(
    ("content", "segment", "key"),
    [
        (Content(), Segment(), "news_nothing"),
        (Content({"en": EN}), Segment(), "news_otherwise"),
        (Content({"en": EN}), Segment(language="en"), ""),
        (Content({"en": EN}), Segment(language="km"), "news_otherwise"),
        (Content({"en": EN}, Otherwise.NOTHING), Segment(), ""),
        (Content(BOTH), Segment(), ""),
    ],
)
def test_what_is_ready(content: Content, segment: Segment, key: str) -> None:
    """It says something, and it was chosen what those get whose language is missing."""
    if key:
        with pytest.raises(Refused, match=key):
            rules.must_be_ready(_draft(content, segment))
    else:
        rules.must_be_ready(_draft(content, segment))


def test_a_segment_says_nothing_twice() -> None:
    """Who never bought has no last order and no shelf: choosing that takes both away; the others stay together."""
    chosen = rules.narrowed(Segment(), days=30, category_id=4, province="12", language="km")
    assert rules.narrowed(chosen, bought=Bought.EVER) == replace(chosen, bought=Bought.EVER)
    assert rules.narrowed(chosen, bought=Bought.NEVER) == Segment("km", Bought.NEVER, 0, "12", 0)
    assert rules.since(chosen, NOW) == NOW - timedelta(days=30)
    assert rules.since(Segment(), NOW) is None


@pytest.mark.parametrize(
    "forged", [{"language": "fr"}, {"days": 31}, {"days": -30}, {"province": "99"}, {"province": "1201"},
               {"category_id": -1}],
)  # fmt: skip
def test_a_forged_choice_is_refused(forged: dict[str, object]) -> None:
    """Only what a button of ours carries is a choice."""
    with pytest.raises(Refused):
        rules.narrowed(Segment(), **forged)


def test_what_was_seen_is_known_again() -> None:
    """Words, button, segment and what the rest gets each change the stamp; how far it is does not; JSON keeps it."""
    one = _draft(Content(BOTH, Otherwise.OTHER, Goal.PRODUCT, 3), Segment("en", Bought.EVER, 30, "12", 4))
    others = [replace(one, segment=Segment()), replace(one, content=replace(one.content, goal=Goal.SHOP)),
              replace(one, content=replace(one.content, words={"en": EN})),
              replace(one, content=replace(one.content, otherwise=Otherwise.ASK))]  # fmt: skip
    assert len({one.stamp, *(other.stamp for other in others)}) == 5
    assert replace(one, state=State.SENDING, reached=9).stamp == one.stamp
    kept = rules.packed(one.segment, one.content)
    assert rules.segment_of(kept["segment"]) == one.segment
    assert rules.content_of(kept["content"]) == one.content


def test_where_each_act_leads() -> None:
    """Paused only while sent, resumed only while paused, ended from both; what is over stays over."""
    allowed = {(act, state) for act in Act for state in State if state in rules.MOVES[act][0]}
    assert allowed == {
        (Act.PAUSE, State.SENDING), (Act.RESUME, State.PAUSED), (Act.CANCEL, State.SENDING), (Act.CANCEL, State.PAUSED)
    }  # fmt: skip
    assert {fate.value for fate in Fate} == {"waiting", "sending", "sent", "blocked", "left", "failed", "unsure"}


@pytest.mark.parametrize(
    ("fates", "row", "fate"),
    [
        ({}, 7, Fate.UNSURE),
        ({Fate.LEFT: [1, 2], Fate.WAITING: [3]}, 7, Fate.UNSURE),
        ({Fate.FAILED: [1, 2], Fate.BLOCKED: [3]}, 10, Fate.FAILED),
        ({Fate.UNSURE: [1]}, 8, Fate.UNSURE),
        ({Fate.SENT: [1], Fate.FAILED: [2, 3]}, 0, Fate.FAILED),
    ],
)
def test_how_many_in_a_row_did_not_come(fates: dict[Fate, list[int]], row: int, fate: Fate) -> None:
    """What was refused, blocked or never answered counts on; one that came begins anew; who left says nothing."""
    found = rules.told(Trouble(7, Fate.UNSURE, "before"), fates, "now")
    assert (found.row, found.fate) == (row, fate)
    assert found.why == ("" if not row else "before" if row == 7 else "now")


def test_what_can_still_be_mended() -> None:
    """A draft whole; of what stopped by itself the words of a language it speaks; of all others nothing."""
    stopped = replace(_draft(Content({"en": EN})), state=State.PAUSED, trouble=Trouble(20, stopped=True))
    assert rules.may_change(_draft())
    assert rules.may_change(stopped, "en")
    assert not rules.may_change(stopped, "km")
    assert not rules.may_change(stopped)
    assert not rules.may_change(replace(stopped, trouble=Trouble()), "en")
    assert not rules.may_change(replace(stopped, state=State.SENDING), "en")
    assert rules.trouble_of({}) == Trouble()
