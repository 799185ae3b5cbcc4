"""A product's draft: shown as what it would change, corrected by lines and taps, saved as it was shown."""

from dataclasses import replace

from bot import taps
from bot.handlers.admin.home import must_run
from bot.handlers.counter import asking
from bot.me import Me
from bot.screen import Screen
from bot.screens import products as screens
from core.catalog import service, shelves
from core.catalog.captions import Caption
from core.catalog.goods import Draft
from core.errors import OutOfDate
from core.people import service as people
from core.people.rules import WAITING, Question

KIND = "goods_draft"
Later = taps.ShowDraft | taps.SaveDraft | taps.AskDraftShelf | taps.DraftShelf | taps.DraftUnits


async def begin(me: Me, draft: Draft) -> tuple[Question, Draft]:
    """Remember a new draft, by itself on the shelf of the person's last one; earlier ones wait beside it."""
    stands = await asking.standing(me)
    draft = replace(draft, usual=await shelves.last(me.shop, me.person))
    waiting = stands.beside if stands is not None and stands.kind == KIND else []
    more = {"waiting": waiting, **draft.written()}
    return await people.ask(me.shop, me.person, "goods_draft", chat_id=me.chat_id, **more), draft


async def keep(me: Me, asked: Question, draft: Draft) -> Question:
    """Go on with a draft of which more is known."""
    waiting = asked.data.get(WAITING, [])
    return await people.ask_on(me.shop, me.person, asked, chat_id=me.chat_id, waiting=waiting, **draft.written())


async def draw(me: Me, asked: Question, draft: Draft) -> Screen:
    """Show what saving it would do."""
    found = await service.preview(me.shop, me.person, draft)
    return screens.draft(me.reader.t, found, await service.shelves(me.shop, me.person), asked)


async def standing(me: Me, stamp: int) -> tuple[Question, Draft]:
    """Find the draft that a button is about, which is worked on from now; ``OutOfDate`` where it was saved or left."""
    must_run(me)
    stands = await asking.standing(me)
    asked = stands.turned(stamp) if stands is not None and stands.kind == KIND else None
    if asked is None:
        raise OutOfDate("draft_closed")
    draft = Draft.read(asked.data)
    return (asked if asked is stands else await keep(me, asked, draft)), draft


async def again(tap: Later, me: Me) -> Screen:
    """Show it as it stands."""
    asked, draft = await standing(me, tap.asked)
    return await draw(me, asked, draft)


async def corrected(text: str, me: Me, question: Question) -> Screen:
    """Take a line that corrects it, and show it below."""
    must_run(me)
    if question.data.get(shelves.NAMING):
        asked = await shelves.name_for(me.shop, me.person, question, text)
        return replace(await draw(me, asked, Draft.read(asked.data)), fresh=True)
    said = await service.read_caption(me.shop, text)
    draft = Draft.read(question.data).corrected(said)
    asked = await keep(me, question, draft)
    return replace(await draw(me, asked, draft), fresh=True)


async def ask_shelf(tap: taps.AskDraftShelf, me: Me) -> Screen:
    """Ask on which shelf it stands."""
    asked, draft = await standing(me, tap.asked)
    found = await service.shelves(me.shop, me.person)
    return screens.draft_shelf(me.reader.t, await draw(me, asked, draft), found, asked)


async def name_shelf(tap: taps.NameDraftShelf, me: Me) -> Screen:
    """Ask what a new shelf is called; the next line answers."""
    asked, draft = await standing(me, tap.asked)
    asked = await people.ask_on(me.shop, me.person, asked, **asked.data, **{shelves.NAMING: True})
    return screens.draft_new_shelf(me.reader.t, await draw(me, asked, draft), asked)


async def shelf(tap: taps.DraftShelf, me: Me) -> Screen:
    """Put it on a shelf."""
    asked, draft = await standing(me, tap.asked)
    draft = replace(draft, shelf_id=tap.category_id)
    return await draw(me, await keep(me, asked, draft), draft)


async def units(tap: taps.DraftUnits, me: Me) -> Screen:
    """Say what its number of units means."""
    asked, draft = await standing(me, tap.asked)
    draft = replace(draft, caption=draft.caption.corrected(Caption(counting=tap.counting)))
    return await draw(me, await keep(me, asked, draft), draft)


async def save(tap: taps.SaveDraft, me: Me) -> Screen:
    """Save it, and write what it is now where the draft stood."""
    asked, _ = await standing(me, tap.asked)
    made = await service.save(me.shop, me.person, asked, tap.digest)
    return screens.draft_saved(me.reader.t, made).saying(me.say("goods.saved"))
