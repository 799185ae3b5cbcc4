"""The screens of news to many for the gallery: drafts, whom they are for, cards of every state, what comes."""

from dataclasses import replace
from datetime import timedelta

from bot.me import Me
from bot.screen import Screen
from bot.screens import news
from bot.taps.news import Field
from core.broadcasts.rules import (
    NAUGHT,
    Audience,
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
from core.broadcasts.service import Report
from core.i18n import LANGUAGES, Translator
from core.people.rules import Question
from tests.support.furnished import EN, KM, ODD, House
from tests.support.talk import DARA, STAFF_GROUP


def broadcast(house: House, **changes: object) -> Broadcast:
    """A draft in both languages with the oddest words, for the narrowest segment."""
    words = {"en": Words("<b>50 &lt;%&gt;</b>"), "km": Words("<b>50 %</b>")}
    segment = Segment("", Bought.EVER, 30, "12", 1)
    one = Broadcast(7, 1, State.DRAFT, segment, Content(words, Otherwise.ASK, Goal.SHOP), house.shop.clock.now())
    return replace(one, **changes)  # type: ignore[arg-type]


async def screens(house: House, t: Translator) -> list[Screen]:
    """Each page of a draft, each state of its card, the message that people get."""
    one, now, zone = broadcast(house), house.shop.clock.now(), house.shop.config.zone
    catalogue, audience = await house.shop.catalogue.now(), Audience({"en": 1204, "km": 98_765}, 12)
    begun = replace(one, started_at=now, reached=9, last=9)
    counts = dict.fromkeys(Fate, 12_345)
    own = t.language
    mine = replace(one, content=Content({own: Words("<b>50 %</b>", "photo")}, Otherwise.NOTHING, Goal.PRODUCT, 1))
    bare = replace(one, segment=Segment(), content=Content())
    states = [replace(begun, state=state) for state in State if state is not State.DRAFT]
    ended = replace(begun, state=State.DONE, finished_at=now + timedelta(hours=1))
    states += [replace(begun, state=State.PAUSED, content=mine.content, trouble=Trouble(20, fate, ODD, stopped=True))
               for fate in NAUGHT]  # fmt: skip
    reports = [Report(one_, ODD, counts) for one_ in (*states, ended, replace(begun, state=State.SENDING, last=10))]
    who = house.reader(own)
    alone = Me(house.shop, who.person, who, DARA, private=True)
    together = replace(alone, chat_id=STAFF_GROUP, private=False)
    asked = Question("news_words", now, {"chat_id": STAFF_GROUP})
    other = next(language for language in LANGUAGES if language != own)
    drafts = [mine, bare, *(replace(mine, content=replace(mine.content, otherwise=chosen, goal=goal))
                            for chosen in Otherwise for goal in Goal)]  # fmt: skip
    return [
        news.listing(t, [], zone), news.listing(t, reports[:2], zone),
        *(news.draft(t, draft, audience, catalogue, private=private) for draft in drafts for private in (True, False)),
        *(news.ask_words(t, one, other, me, asked) for me in (alone, together)),
        *(news.ask_product(t, one, me, asked) for me in (alone, together)),
        news.goals(t, mine, catalogue), news.segment(t, one, audience, catalogue),
        *(news.choices(t, one, field, page, catalogue) for field in Field for page in (0, 1)),
        news.sure(t, one, audience, catalogue),
        *(news.card(t, report, zone, quiet=quiet) for report in reports for quiet in (False, True)),
        *(news.news(t, replace(begun, content=Content({own: Words({"en": EN, "km": KM}[own].replace("<", "&lt;"))},
                                                      goal=goal))) for goal in Goal),
    ]  # fmt: skip
