"""Talks with the shop: what the customer sees of one, and its card where staff answer."""

from markupsafe import Markup

from bot import taps
from bot.screen import Button, Copy, Rows, Screen
from bot.screens.shop import CAPTION, LANGUAGE_NAMES, banner
from core.help.rules import News, Said, TalkCard, TalkState
from core.i18n import Translator

MESSAGE = 4096
"""Telegram's limit for a text, in characters as they are read."""


def ask(t: Translator, shop_name: str, number: str, opens: str) -> Screen:
    """From here on everything goes to the shop; about order ``number``, answered from ``opens``, where there are."""
    parts = [t.html("help.ask", shop=shop_name)]
    if number:
        parts.append(t.html("help.about", number=number))
    if opens:
        parts.append(t.html("help.closed_now", when=opens))
    return Screen(Markup("\n\n").join(parts), _done(t), banner(t, shop_name))


def sent(t: Translator, *, more: bool) -> Screen:
    """It is on its way; ``more``: the next line goes to the shop too."""
    if more:
        return Screen(t.html("help.sent"), _done(t))
    return Screen(t.html("help.sent_reply"), ((Button(t("button.write_more"), taps.OpenHelp(0, 0)),),))


def _done(t: Translator) -> Rows:
    return ((Button(t("button.done"), taps.Home()),),)


def thanked(t: Translator) -> Screen:
    """The customer has what they asked for."""
    home = (Button(t("button.home"), taps.Home()), Button(t("button.write_more"), taps.OpenHelp(0, 0)))
    return Screen(t.html("help.thanked"), (home,), fresh=True)


def answer(t: Translator, shop_name: str, said: Said, order_id: int | None) -> Screen | Copy:
    """What the shop answers, under its name; a thing that takes no words, or has too many, comes as it is."""
    rows = ((Button(t("button.write_back"), taps.OpenHelp(order_id or 0, 1)),
             Button(t("button.solved"), taps.CloseHelp(said.talk_id))),)  # fmt: skip
    plain = len(shop_name) + len(said.text) + 8
    head = t.html("help.answer", shop=shop_name)
    words = Markup("\n").join([head, Markup.escape(said.text)]) if said.text else head
    if said.media == "text" and plain <= MESSAGE:
        return Screen(words, rows, reply_to=said.reply_to)
    caption = words if said.media.has_caption and plain <= CAPTION else None
    return Copy(said.chat_id, said.message_id, caption, rows, said.reply_to)


def card(t: Translator, found: TalkCard) -> Screen:
    """Who asks, in which language, about which order, and how to answer."""
    about = [found.name or t("order.forgotten"), LANGUAGE_NAMES.get(found.language or "", ""), found.order_number]
    title = t.html("help.title", about=" · ".join(part for part in about if part))
    if found.talk.state is TalkState.CLOSED:
        return Screen(Markup("\n").join([title, t.html("help.closed")]))
    close = (Button(t("button.close_talk"), taps.CloseHelp(found.talk.id)),)
    return Screen(Markup("\n").join([title, t.html("help.how")]), (close,))


def told(t: Translator, found: TalkCard, news: News, card_id: int | None) -> Screen:
    """Tell the staff, below the talk's card, what became of it."""
    return Screen(t.html(f"help.told.{news}", name=found.name or t("order.forgotten")), reply_to=card_id)


def no_talk(t: Translator, reply_to: int) -> Screen:
    """Say to somebody at the counter that what they replied to is no customer's."""
    return Screen(t.html("help.no_talk"), reply_to=reply_to)


def nobody(t: Translator, reply_to: int) -> Screen:
    """Say to an admin who writes as the group that nobody answered: with no name there is no role."""
    return Screen(t.html("help.nobody"), reply_to=reply_to)
