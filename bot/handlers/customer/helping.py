"""Talks with the shop: write to it, be answered, close; staff answer by replying in their group."""

from dataclasses import replace

from bot import taps
from bot.me import Me
from bot.screen import Screen
from bot.screens import helping as screens
from core.cards import answered_from
from core.errors import NotFound
from core.help import service
from core.help.rules import Side, Spot, Written
from core.people import service as people
from core.people.rules import Question


async def open_help(tap: taps.OpenHelp, me: Me) -> Screen:
    """Let all that comes next go to the shop."""
    number = await service.order_of(me.shop, me.person, tap.order_id) if tap.order_id else ""
    await people.ask(me.shop, me.person, "help", order_id=tap.order_id)
    screen = screens.ask(me.reader.t, me.shop.policy.shop_name, number, answered_from(me.shop, me.reader))
    return replace(screen, fresh=bool(tap.below))


async def said(_text: str, me: Me, question: Question) -> Screen | None:
    """Bring a message to the shop; the first of a stretch is confirmed, the others are marked when they arrived."""
    heard = await service.say(me.shop, me.person, _wrote(me), int(question.data["order_id"]) or None)
    return screens.sent(me.t, more=True) if heard.first else None


async def spot(me: Me) -> Spot | None:
    """Find the talk that holds the message this one replies to."""
    replied = me.wrote.reply_to if me.wrote else None
    return await service.spot(me.shop, me.chat_id, replied) if replied else None


async def replied(found: Spot, me: Me) -> Screen | None:
    """Bring a reply to where it belongs: to the shop, or from whoever works here to the talk's customer."""
    if found.side is Side.SHOP:
        await service.answer(me.shop, me.person, found, _wrote(me))
        return None
    if found.talk.person_id != me.person.id:
        raise NotFound
    heard = await service.say(me.shop, me.person, _wrote(me))
    return screens.sent(me.t, more=False) if heard.first else None


async def at_counter(me: Me) -> Screen | None:
    """Bring a reply in the staff's group to the talk's customer; say so where it belongs to none."""
    found = await spot(me)
    if found is not None and found.side is Side.SHOP:
        return await replied(found, me)
    wrote = _wrote(me)
    if me.person.role is None or await service.is_card(me.shop, me.chat_id, wrote.reply_to or 0):
        return None
    return screens.no_talk(me.reader.t, wrote.message_id)


async def close(tap: taps.CloseHelp, me: Me) -> Screen:
    """Close a talk: its card says so, and a customer is thanked below what they were answered."""
    talk = await service.close(me.shop, me.person, tap.talk_id)
    here = await service.spot(me.shop, me.chat_id, me.card.message_id) if me.card else None
    if here is None or here.side is Side.CUSTOMER:
        return screens.thanked(me.reader.t)
    card = await service.card(me.shop, talk.id)
    if card is None:
        raise NotFound
    return screens.card(me.reader.t, card).saying(me.say("help.closed"))


def _wrote(me: Me) -> Written:
    if me.wrote is None:
        raise NotFound
    return me.wrote
