"""Opening day for the gallery: nothing set and everything; each code; each chat linked, with all it lacks."""

from dataclasses import replace
from datetime import timedelta

from bot.screen import Screen
from bot.screens import setup, staff
from core.doctor import outside
from core.doctor.outside import Bot, Group, Hook, Miss, Outside, Poller, Site, Word
from core.i18n import Translator
from core.setup.rules import LENGTH, Goal, Lack, Progress
from tests.support.furnished import ODD, House


def _seen(house: House) -> list[Outside]:
    """All well; all as bad as it can be; nobody reached; a page in Telegram's place."""
    now, nobody = house.shop.clock.now(), Miss("ClientConnectorDNSError")
    well = Outside(
        Bot(ODD, "shop_bot", hears_all=False, joins=True, inline=True), Hook("", 0), Poller.OURS, Group(ODD),
        Group("", private=True), timedelta(), Site(200, ours=True), now + timedelta(days=90), Word.WELL,
    )  # fmt: skip
    ill = Outside(
        Bot(ODD, "shop_bot", hears_all=True, joins=False, inline=False), Hook("https://10.1.1.1/x", 0), Poller.MET,
        Group(ODD, topics=True, lacks=tuple(Lack)), Miss(ODD, refused=True),
        timedelta(minutes=9), Site(200, ours=False), Miss(ODD, refused=True), Word.REFUSED,
    )  # fmt: skip
    return [well, ill, Outside(*(nobody,) * 9), Outside(Miss(outside.STRANGER))]


async def screens(house: House, t: Translator) -> list[Screen]:
    """Every page of it, and what owners hear from the shell."""
    name, told = house.shop.policy.shop_name, ("owner_door", "owner_new")
    none, everything = Progress(False, False, 0, False, False), Progress(True, True, 3, True, True)  # noqa: FBT003
    everything = replace(everything, delivery=True, rate=True, owners=2, name=True)
    return [
        *(setup.progress(t, shop_name, one, owner=own, private=own) for one in (none, everything)
          for shop_name in (name, ODD) for own in (True, False)),
        *(setup.progress(t, name, none, owner=own, private=not own) for own in (True, False)),
        *(setup.check(t, outside.findings(seen, house.shop.clock.now())) for seen in _seen(house)),
        *(setup.code(t, goal, "W" * LENGTH) for goal in Goal),
        *(setup.linked(t, goal, lacks, topics=topics) for goal in Goal for lacks in ((), tuple(Lack))
          for topics in (True, False)),
        setup.wrong(t, None),
        *(staff.alert(t, {"metric": metric, "level": "critical", "name": ODD}) for metric in told),
    ]  # fmt: skip
