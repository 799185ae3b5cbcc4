"""Orders of before: the list, and the basket with the same things once more."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from markupsafe import Markup

from bot import taps
from bot.screen import Button, Screen
from bot.screens.shop import banner, cart, cut, fitting, listing, squeezed
from core.cards import ReviewCard
from core.checkout.rules import Again
from core.i18n import Translator
from core.orders.rules import ENDED, Order, OrderPage, Turn

NOTE = 96
"""As many characters as a sentence about a line may have, that several fit a caption."""


NAME = 32
"""As many characters of what an order is about: ten of them fit a caption."""


def my_orders(t: Translator, shop_name: str, page: OrderPage, zone: ZoneInfo) -> Screen:
    """One page of a person's orders; those that came to their end can be bought again from here."""
    found = page.orders
    rows: list[tuple[Button, ...]] = []
    for order in found:
        here = Button(f"{order.number} · {order.total}", taps.OpenOrder(order.id))
        again = Button(t("button.again"), taps.BuyAgain(order.id))
        rows.append((here, again) if order.status in ENDED else (here,))
    turn = [Button(t("button.newer"), taps.TurnOrders(Turn.NEWER, found[0].id))] if page.newer else []
    turn += [Button(t("button.older"), taps.TurnOrders(Turn.OLDER, found[-1].id))] if page.older else []
    home = (Button(t("button.home"), taps.Home()),)
    text = t.html("order.none")
    if found:
        text = Markup("\n\n").join([t.html("order.mine"), Markup("\n").join(_entry(t, one, zone) for one in found)])
    return Screen(text, (*rows, *((tuple(turn),) if turn else ()), home), banner(t, shop_name))


def _entry(t: Translator, order: Order, zone: ZoneInfo) -> Markup:
    when, status = t.when(order.placed_at, zone, "d MMM y"), t(f"status.{order.standing}")
    first, more = order.lines[0], len(order.lines) - 1
    things = cut(t.pick(first.name_en, first.name_km), NAME) + (f" + {more}" if more else "")
    return t.html("order.listed", number=order.number, when=when, total=order.total, status=status, things=things)


def again(t: Translator, shop_name: str, found: Again, notes: Sequence[str], card: ReviewCard) -> Screen:
    """The basket, with what an order had and, above it, what changed since."""
    basket = cart(t, shop_name, card)
    head = t.html("again.nothing" if found.nothing else "again.text", number=found.order.number)
    warnings = [t.html("review.warning", text=squeezed(note, NOTE)) for note in notes]

    def text(most: int) -> Markup:
        more = [t.html("more_lines", count=len(warnings) - most)] if len(warnings) > most else []
        told = [Markup("\n").join([*warnings[:most], *more])] if warnings else []
        held = [listing(t, card.lines, most), t.html("cart.sum", total=card.goods)] if card.lines else []
        return Markup("\n\n").join([head, *told, *(held or [t.html("cart.empty")])])

    return Screen(fitting(text), basket.rows, basket.picture)
