"""What a person wants to hear of: the settings, the offer of news, the reminder of a basket."""

from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from bot import taps
from bot.screen import Button, Screen, Style
from bot.screens.shop import banner, listing
from core.cards import LineText
from core.i18n import Translator
from core.people.rules import Person, Topic

FIRST = 3
"""As many lines of a basket are named in its reminder."""


def settings(t: Translator, shop_name: str, person: Person) -> Screen:
    """The language, and a switch for each topic that says how it stands."""
    on = {Topic.NEWS: person.wants_news, Topic.REMINDERS: person.wants_reminders}
    switches = tuple(
        (Button(t(f"settings.{topic}_{'on' if on[topic] else 'off'}"), taps.Hear(topic, int(not on[topic]))),)
        for topic in Topic
    )
    rows = (
        (Button(t("button.language"), taps.Languages()),), *switches, (Button(t("button.my_data"), taps.MyData()),),
        (Button(t("button.home"), taps.Home()),),
    )  # fmt: skip
    return Screen(t.html("settings.text"), rows, banner(t, shop_name))


def stopped(t: Translator, sentence: str) -> Screen:
    """Say what ended, with the way to change it and the way back."""
    rows = ((Button(t("button.settings"), taps.Settings()), Button(t("button.home"), taps.Home())),)
    return Screen(t.html(f"settings.{sentence}"), rows)


def with_news(t: Translator, note: Screen, order_id: int) -> Screen:
    """Offer the news below a note: one question, one button."""
    text = Markup("\n\n").join([note.text, t.html("settings.offer")])
    return replace(note, text=text, rows=(*note.rows, (Button(t("button.take_news"), taps.HearNews(order_id)),)))


def reminder(t: Translator, lines: Sequence[LineText]) -> Screen:
    """The one reminder of a basket: its first lines, the way there, and the way to hear no more."""
    text = Markup("\n\n").join([t.html("reminder.text"), listing(t, lines, FIRST)])
    rows = (
        (Button(t("button.open_cart"), taps.OpenCart(), style=Style.PRIMARY),),
        (Button(t("button.stop_reminders"), taps.StopReminders()),),
    )
    return Screen(text, rows)
