"""Cash: why a parcel came back, what was taken for one, what a courier holds, what waits to be counted."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from markupsafe import Markup

from bot import taps
from bot.me import Me
from bot.screen import Button, Rows, Screen, Style
from bot.screens import counter
from bot.screens.room import paired
from bot.screens.shop import cut
from core.cards import OrderCard
from core.cash.rules import Cash, Day, HandIn, Purse, Till, together
from core.i18n import Translator
from core.orders.rules import Order, ReturnReason
from core.people.rules import Question

PARCELS, WAITING, NAME, NOTE = 40, 5, 24, 80
"""As many parcels and hand-ins stand in one message, as many characters of a name and of a note."""


def ask_return(t: Translator, order: Order, card: Screen, reasons: Sequence[ReturnReason]) -> Screen:
    """The card as it stands, with the question why the parcel was not accepted; each answer is a button."""
    buttons = [Button(t(f"return_reason.{why}"), taps.ReturnOrder(order.id, why, order.version)) for why in reasons]
    question = t.html("cash.ask_return", number=order.number)
    rows = (*paired(buttons), (Button(t("button.back"), taps.OpenOrder(order.id)),))
    return card.opened(rows, question)


def ask_taken(t: Translator, card: OrderCard, me: Me, question: Question) -> Screen:
    """Ask how much was taken: in a group by a reply, in their own chat in the next line."""
    what = t.html("cash.ask_taken", number=card.number, total=card.collect)
    return counter.ask_either(t, what, me, question, taps.OpenOrder(card.order_id))


def ask_counted(t: Translator, found: HandIn, me: Me, question: Question) -> Screen:
    """Ask what a hand-in was counted to be, in the same way."""
    what = t.html("cash.ask_counted", name=cut(found.courier, NAME), amount=found.brought)
    return counter.ask_either(t, what, me, question, taps.OpenHandIn(found.id))


def took(t: Translator, order: Order, taken: Cash, me: Me) -> Screen:
    """It is written down; the card itself is drawn again where it stands."""
    text = t.html("cash.took", number=order.number, status=t(f"status.{order.standing}"), amount=taken)
    rows = ((Button(t("button.order"), taps.OpenOrder(order.id)),),) if me.private else ()
    return Screen(text, rows, reply_to=None if me.private or me.wrote is None else me.wrote.message_id)


def purse(t: Translator, found: Purse, zone: ZoneInfo, *, own: bool) -> Screen:
    """What a courier holds, day by day and parcel by parcel; what they handed in, and what was missing in it."""
    blocks = [[t.html("cash.mine") if own else t.html("cash.theirs", name=found.courier),
               t.html("cash.held", amount=found.held) if found.days else t.html("cash.nothing")]]  # fmt: skip
    left = PARCELS
    for day in reversed(found.days):  # the newest are what they still know by heart
        blocks.append(_day(t, day, left))
        left = max(left - len(day.collections), 0)
    told = [t.html("cash.waiting", when=t.when(one.handed_at, zone), amount=one.brought)
            for one in found.waiting[:WAITING]]  # fmt: skip
    told += [_differed(t, one, zone) for one in found.differed]
    blocks += [told] if told else []
    return Screen(Markup("\n\n").join(Markup("\n").join(block) for block in blocks), _purse_rows(t, found, own=own))


def _day(t: Translator, day: Day, most: int) -> list[Markup]:
    lines = [t.html("cash.day", day=t.day(day.day), amount=day.taken)]
    for one in day.collections[:most]:
        key = "cash.parcel_note" if one.taken.note else "cash.parcel"
        lines.append(t.html(key, number=one.number, amount=one.taken, note=cut(one.taken.note, NOTE)))
    if len(day.collections) > most:
        lines.append(t.html("cash.earlier", count=len(day.collections) - most))
    return lines


def _differed(t: Translator, one: HandIn, zone: ZoneInfo) -> Markup:
    note = cut(one.counted.note, NOTE) if one.counted else ""
    return t.html(
        "cash.differed", when=t.when(one.handed_at, zone), amount=one.brought, counted=one.counted,
        difference=_difference(one), note=note,
    )  # fmt: skip


def _difference(one: HandIn) -> str:
    return ", ".join(map(str, one.difference))


def _purse_rows(t: Translator, found: Purse, *, own: bool) -> Rows:
    if not own:
        take = Button(t("cash.take_over", amount=found.held), taps.TakeOverCash(found.courier_id, *found.held.sums))
        return (*([(take,)] if found.held.amounts else []), (Button(t("button.back"), taps.OpenTill()),))
    refresh = (Button(t("button.refresh"), taps.MyCash()),)
    if not found.held.amounts:
        return (refresh,)
    give = Button(t("button.hand_in", amount=found.held), taps.HandInCash(*found.held.sums), style=Style.PRIMARY)
    return ((give,), refresh)


def till(t: Translator, found: Till, zone: ZoneInfo, *, own: bool) -> Screen:
    """Who holds what, and what waits to be counted; ``own``: with the way to the reader's own cash."""
    lines = [t.html("cash.till")]
    if found.holdings:
        lines.append(t.html("cash.till_holds", amount=together(one.held for one in found.holdings)))
    if not (found.holdings or found.waiting):
        lines.append(t.html("cash.till_empty"))
    waiting = found.waiting[:WAITING]
    lines += [t.html("cash.till_waits", name=cut(one.courier, NAME), amount=one.brought,
                     when=t.when(one.handed_at, zone)) for one in waiting]  # fmt: skip
    if len(found.waiting) > WAITING:
        lines.append(t.html("cash.earlier", count=len(found.waiting) - WAITING))
    rows = [row for one in waiting for row in _to_count(t, one)]
    rows += [(Button(t("cash.holding", name=cut(one.courier, 12), amount=one.held), taps.OpenPurse(one.courier_id)),)
             for one in found.holdings[:PARCELS]]  # fmt: skip
    last = [Button(t("button.refresh"), taps.OpenTill())]
    if own:
        last.append(Button(t("button.my_cash"), taps.MyCash()))
    return Screen(Markup("\n").join(lines), (*rows, tuple(last)))


def _to_count(t: Translator, one: HandIn) -> Rows:
    name = cut(one.courier, 12)
    confirm = t("button.confirm_whose", name=name, amount=one.brought)
    other = t("button.other_whose", name=name)
    return (
        (Button(confirm, taps.ConfirmCash(one.id), style=Style.SUCCESS),),
        (Button(other, taps.AskCounted(one.id)),),
    )


def hand_in(t: Translator, found: HandIn, zone: ZoneInfo, *, alone: bool = True) -> Screen:
    """One hand-in for the admins: to be counted, or counted by whom; not ``alone``, the way back to the till."""
    when = t.when(found.handed_at, zone)
    lines = [
        t.html("cash.card", name=cut(found.courier, NAME), amount=found.brought, when=when),
        *_counted(t, found, zone),
    ]
    rows: list[tuple[Button, ...]] = []
    if found.counted is None:
        confirm = Button(
            t("button.confirm_cash", amount=found.brought), taps.ConfirmCash(found.id), style=Style.SUCCESS
        )
        rows = [*paired([confirm, Button(t("button.other_amount"), taps.AskCounted(found.id))])]
    if not alone:
        rows.append((Button(t("button.back"), taps.OpenTill()),))
    return Screen(Markup("\n").join(lines), tuple(rows))


def _counted(t: Translator, found: HandIn, zone: ZoneInfo) -> list[Markup]:
    if found.counted is None or found.confirmed_at is None:
        return []
    when = t.when(found.confirmed_at, zone)
    lines = [t.html("cash.counted_by", name=cut(found.confirmed_by, NAME), when=when, amount=found.counted)]
    return [*lines, *_missing(t, found)]


def _missing(t: Translator, found: HandIn) -> list[Markup]:
    if not found.difference or found.counted is None:
        return []
    return [t.html("cash.differs", difference=_difference(found), note=found.counted.note)]


def counted(t: Translator, found: HandIn) -> Screen:
    """Tell the courier that it was counted, and what was missing."""
    said = t.html("cash.yours_counted", name=cut(found.confirmed_by, NAME), amount=found.counted)
    rows = ((Button(t("button.my_cash"), taps.MyCash()),),)
    return Screen(Markup("\n").join([said, *_missing(t, found)]), rows)
