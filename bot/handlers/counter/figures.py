"""What the outbox brings of the shop's figures about itself."""

import asyncio

from bot.screen import Screen
from bot.screens import figures as screens
from core.backups import service as backups
from core.cards import storage_caption, storage_sheet
from core.i18n import Translator
from core.messages.rules import Owed
from core.shop import Shop
from core.storage import accounting


async def letter(shop: Shop, _owed: Owed, t: Translator) -> Screen:
    """Show the month's storage report, with the figures of the moment it is sent."""
    found, verified = await asyncio.gather(accounting.report(shop), backups.last_verified(shop))
    sheet, lines = storage_sheet(shop, found, t, verified), storage_caption(shop, found, t, verified)
    return screens.storage_report(t, sheet, lines)
