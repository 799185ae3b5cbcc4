"""Who did what: page by page, and searched by a name, an order's number or a word."""

from bot import taps
from bot.me import Me
from bot.screen import Screen
from bot.screens import team as screens
from core.errors import NotFound, Refused
from core.people import service as people
from core.people.rules import AUDIT, Question, Rank
from core.team import audit
from core.team.rules import Pages


async def command(text: str, me: Me) -> Screen:
    """Show the newest deeds, of all or of what is written behind the command."""
    _must_read(me)
    asked = (await people.ask(me.shop, me.person, "audit", words=text)).stamp if text.strip() else 0
    return await _show(me, text, Pages(), asked)


async def search_again(text: str, me: Me, _question: Question) -> Screen:
    """Take a line for another search."""
    return await command(text, me)


async def turn(tap: taps.TurnAudit, me: Me) -> Screen:
    """Show older deeds; ``NotFound`` for an earlier search."""
    _must_read(me)
    words = ""
    if tap.asked:
        question = await people.question(me.shop, me.person)
        if question is None or question.kind != AUDIT or question.stamp != tap.asked:
            raise NotFound("search_gone")
        words = str(question.data["words"])
    return await _show(me, words, Pages(tap.lines, tap.events), tap.asked)


def _must_read(me: Me) -> None:
    me.person.must_be(Rank.ADMIN)
    if not (me.private or me.chat_id == me.shop.policy.admin_chat_id):
        raise Refused("team_private")


async def _show(me: Me, words: str, before: Pages, asked: int) -> Screen:
    page = await audit.read(me.shop, me.person, words, before, screens.meaning)
    return screens.audit(me.reader.t, page, me.shop.config.zone, asked, first=before == Pages())
