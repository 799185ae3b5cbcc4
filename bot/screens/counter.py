"""What is asked at the counter, whatever it is about."""

from markupsafe import Markup

from bot import taps
from bot.me import Me
from bot.screen import Button, Screen
from bot.taps import Tap
from core.i18n import Translator
from core.people.rules import Person, Question

MENTION = Markup('<a href="tg://user?id={}">{}</a>')


def ask(t: Translator, what: Markup, person: Person, question: Question) -> Screen:
    """Ask one of those who work here in their group; a reply to this very message answers it."""
    who = MENTION.format(person.telegram_id, person.name)
    words = Markup("\n").join([what, t.html("counter.reply", who=who)])
    return Screen(words, ((Button(t("button.not_now"), taps.NotNow(question.stamp)),),), fresh=True)


def ask_either(t: Translator, what: Markup, me: Me, question: Question, back: Tap) -> Screen:
    """Ask who works here: in their group by a reply, in their own chat in the next line."""
    if not me.private:
        return ask(t, what, me.person, question)
    return Screen(what, ((Button(t("button.back"), back),),))


def not_asked(t: Translator) -> Screen:
    """Nothing is asked any more."""
    return Screen(t.html("counter.not_asked"))
