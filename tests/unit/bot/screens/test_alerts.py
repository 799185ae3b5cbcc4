"""What the admins are told: every alert that the shop owes can be drawn, in both languages, with its own figures."""

import pytest

from bot.screens import staff
from core.i18n import LANGUAGES, translator


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", ["refund", "review", "earlier"])
def test_money_that_waits_names_the_order(language: str, reason: str) -> None:
    """The order's number is there to look it up by, and each reason has words of its own."""
    data = {"metric": "payment", "level": "warning", "number": "MD00042", "reason": reason}
    said = str(staff.alert(translator(language), data).text)
    assert said.startswith("⚠️ <b>MD00042</b>")
    assert translator(language)(f"alert.reason.{reason}") in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_lost_staff_chat_names_the_order(language: str) -> None:
    """Whoever gets the card instead is told which order's it is, and why."""
    data = {"metric": "staff_chat", "level": "warning", "number": "MD00042"}
    said = str(staff.alert(translator(language), data).text)
    assert said == str(translator(language).html("alert.staff_chat", number="MD00042"))
    assert "<b>MD00042</b>" in said
