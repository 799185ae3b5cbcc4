"""The gallery's screens of parcels in hands, and of orders that a rule found suspicious."""

from dataclasses import replace

from bot import taps
from bot.screen import Screen
from bot.screens import courier as carrying
from bot.screens import staff
from bot.screens import suspicion as checking
from core import cards
from core.cash.rules import Cash
from core.fulfilment.carrying import Hands, Load
from core.i18n import Translator
from core.orders.rules import Order, PaymentMethod, PaymentStatus, Status
from core.people.rules import Role
from core.suspicion.rules import Check, Flag, Rule, Verdict
from tests.support.furnished import ODD, House

GIVEN = (Status.READY, Status.OUT, Status.DELIVERED)
"""Where a parcel can be given to somebody, and where it cannot any more."""


async def screens(house: House, t: Translator) -> list[Screen]:
    """What one carries, whom to give one to, the word of it; flags, verdicts, the question once more."""
    who, cash = house.reader(t.language, Role.COURIER), Cash(1000, 14_000)
    due = {"payment_method": PaymentMethod.COD, "payment_status": PaymentStatus.DUE, "courier_name": ODD}
    out = replace(house.order, status=Status.OUT, **due)
    ready = replace(out, status=Status.READY, payment_status=PaymentStatus.PAID)
    page = Load((*(out,) * 6, *(ready,) * 4), 1, more=True, held=cash, today=cash)
    listed = [cards.order_card(house.shop, order, who) for order in page.parcels]
    hands = Hands(ready, (replace(house.dara, name=ODD),) * 10, 1, more=True)
    held = staff.order(t, house.card(t.language, Role.STAFF, status=Status.READY, **due))
    return [
        carrying.parcels(t, page, listed), carrying.parcels(t, Load(()), []), held,
        carrying.to_list(t, held, taps.MyParcels(1)), carrying.ask_give(t, hands, held),
        *(carrying.given(t, out, listed[0], yours=yours) for yours in (True, False)),
        *(staff.more(t, house.card(t.language, Role.STAFF, status=status, **due)) for status in GIVEN),
        *_flagged(house, t, out),
    ]  # fmt: skip


def _flagged(house: House, t: Translator, order: Order) -> list[Screen]:
    """Every flag, with every verdict, where it can and cannot be rejected."""
    who, now = house.reader(t.language, Role.STAFF), house.shop.clock.now()
    check = Check(1, tuple(Flag(rule, 3) for rule in Rule))
    drawn = []
    for status in (Status.PENDING, Status.OUT, Status.CANCELLED):
        for verdict in (None, *Verdict):
            found = replace(check, verdict=verdict, by_id=1, by=ODD, decided_at=now)
            card = cards.order_card(house.shop, replace(order, status=status), who)
            drawn.append(staff.order(t, cards.with_check(house.shop, card, found, who)))
    return [*drawn, checking.ask_reject(t, order, "suspicious", drawn[0])]
