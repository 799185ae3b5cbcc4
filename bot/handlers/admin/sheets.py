"""Lists of goods and codes in the chat: an admin sends a file, sees what it would change, and says yes or no."""

from telegram import Document

from bot import taps
from bot.handlers.admin import receiving
from bot.handlers.admin.home import must_run
from bot.handlers.counter.storage import begun
from bot.me import Me
from bot.screen import Screen
from bot.screens import sheets as screens
from bot.show import Show
from core.errors import Refused
from core.maintenance import works
from core.maintenance.rules import Work
from core.people.rules import Rank
from core.sheets import service
from core.sheets.formats import is_sheet
from core.sheets.rules import MOST_BYTES


def is_list(file: Document | None, me: Me) -> bool:
    """Whether a file that somebody sends may be a list, and they may bring one."""
    return file is not None and me.person.rank >= Rank.ADMIN and is_sheet(file.file_name or "")


async def brought(file: Document, me: Me, show: Show) -> Screen:
    """Fetch it, and show what it would change, or what would come in where that is asked for."""
    if (file.file_size or 0) > MOST_BYTES:
        raise Refused("sheet_large", most=MOST_BYTES // 2**20)
    content = await show.download(file.file_id)
    if came := await receiving.filed(content, me):
        return came
    return screens.preview(me.reader.t, await service.bring(me.shop, me.person, file.file_name or "", content))


async def open_sheets(tap: taps.OpenSheets, me: Me) -> Screen:
    """Show how it goes."""
    _ = tap
    must_run(me)
    return screens.home(me.reader.t)


async def export(tap: taps.ExportSheet, me: Me) -> Screen:
    """Send a list below."""
    must_run(me)
    return screens.exported(me.reader.t, *await service.exported(me.shop, me.person, tap.kind, tap.how))


async def look(tap: taps.ImportSheet | taps.DropSheet, me: Me) -> Screen:
    """Show what the file would change now."""
    return screens.preview(me.reader.t, await service.waiting(me.shop, me.person, tap.number))


async def take(tap: taps.ImportSheet, me: Me) -> Screen:
    """Begin to take it in; the result comes below."""
    await service.must_stand(me.shop, me.person, tap.number, tap.stamp)
    await works.start(me.shop, me.person, Work.IMPORT, me.chat_id, str(tap.number), tap.stamp)
    return begun(Work.IMPORT, me)


async def drop(tap: taps.DropSheet, me: Me) -> Screen:
    """Leave it."""
    return screens.preview(me.reader.t, await service.drop(me.shop, me.person, tap.number))
