"""What a bank does to taps: its word is told where there is one, its silence is no "no", nobody waits for a link."""

import asyncio
from datetime import timedelta

from bot import taps
from bot.handlers.customer import orders as handlers
from bot.handlers.customer import paying
from bot.me import Me
from core.fulfilment import links
from core.payments.rules import NotFound, Observation, Unknown
from core.shop import Shop, reader
from tests.support import builders
from tests.support.builders import ScriptedBank
from tests.support.patience import PATIENCE


class Hanging(ScriptedBank):
    """A bank that never makes a link and never says whether money came; how often it was asked for either."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()
        self.calls = 0

    async def check(self, md5: str) -> Observation:
        """Never answer."""
        self.calls += 1
        await asyncio.Event().wait()
        return await super().check(md5)

    async def deeplink(self, payload: str, app_name: str, icon_url: str, callback: str) -> str | None:
        """Never answer."""
        self.calls += 1
        self.begun.set()
        await asyncio.Event().wait()
        return await super().deeplink(payload, app_name, icon_url, callback)


async def test_silence_is_not_told_as_not_paid(sqlite_shop: Shop) -> None:
    """A bank that fails is said to be silent, so that nobody pays twice; once it answers, its no is said."""
    shop = sqlite_shop
    bank = await builders.with_khqr(shop)
    bank.otherwise = Unknown("500")
    order, _attempt = await builders.khqr_order(shop)
    who = await builders.customer(shop)
    me = Me(shop, who, reader(who), 1001, private=True)
    told = await paying.i_have_paid(taps.IHavePaid(order.id), me)
    assert told.toast == me.say("order.bank_silent")
    bank.otherwise = NotFound()
    shop.clock.move(timedelta(seconds=5))  # type: ignore[attr-defined]
    told = await paying.i_have_paid(taps.IHavePaid(order.id), me)
    assert told.toast == me.say("order.not_paid_yet")


async def test_no_tap_waits_for_the_bank(sqlite_shop: Shop) -> None:
    """While the bank hangs over the link, the card with its QR is drawn without it, and asks it nothing itself."""
    shop = sqlite_shop
    await builders.with_khqr(shop)
    order, _ = await builders.khqr_order(shop)
    bank = shop.bank = Hanging()
    dara = await builders.customer(shop)
    me = Me(shop, dara, reader(dara), 1001, private=True)
    asking = asyncio.create_task(links.ask_links(shop))
    await asyncio.wait_for(bank.begun.wait(), PATIENCE)
    card = await asyncio.wait_for(handlers.decide(order, me), PATIENCE)
    assert card.pay is not None
    assert not card.pay.deeplink
    assert bank.calls == 1  # of the link that is asked for beside it
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
