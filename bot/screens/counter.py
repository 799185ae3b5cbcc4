"""What is asked at the counter, whatever it is about."""

from markupsafe import Markup

from bot import taps
from bot.screen import Button, Screen
from core.i18n import Translator
from core.people.rules import Person, Question

MENTION = Markup('<a href="tg://user?id={}">{}</a>')


def ask(t: Translator, what: Markup, person: Person, question: Question) -> Screen:
    """Ask one of those who work here in their group; a reply to this very message answers it."""
    who = MENTION.format(person.telegram_id, person.name)
    words = Markup("\n").join([what, t.html("counter.reply", who=who)])
    return Screen(words, ((Button(t("button.not_now"), taps.NotNow(question.stamp)),),), fresh=True)


def not_asked(t: Translator) -> Screen:
    """Nothing is asked any more."""
    return Screen(t.html("counter.not_asked"))
