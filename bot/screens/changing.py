"""An order that is being changed: what it would be, what is asked for it, and what its customer hears of it."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from bot import taps
from bot.screen import Button, Rows, Screen, Style
from bot.screens import counter
from bot.screens.room import paired, within
from bot.screens.shop import cut
from core.cards import OrderCard, both
from core.catalog.rules import Product, Variant
from core.fulfilment.changing import Told, lines_of
from core.fulfilment.rules import Proposal, Settling
from core.i18n import Translator
from core.money import usd
from core.orders.rules import Order, PaymentMethod, PaymentStatus
from core.people.rules import AddressPart, Person, Question, shown_phone
from core.shipping.rules import Place

NAME, ITEMS, PARTS = 48, 8, 12
"""As many characters of a name in a line, as many things to add, as many lines of a note."""


def draft(t: Translator, found: Proposal, person: Person, asked: Question) -> Screen:
    """What the order would be, each line with fewer and more; ``asked`` is the row that remembers it."""
    order, to = found.order, found.to
    lines = Markup("\n").join(_line(t, found, *one) for one in _lines(t, found))
    blocks = [t.html("change.title", number=order.number, name=person.name), lines]
    if found.where:
        written = t.pick(to.written_en, to.written_km)
        blocks.append(t.html("review.address", name=to.recipient, phone=shown_phone(to.phone), address=written))
    blocks.append(Markup("\n").join(_sums(t, found)))
    return Screen(Markup("\n\n").join(blocks), (*_rows(t, found), _last(t, asked)))


def _lines(t: Translator, found: Proposal) -> Iterator[tuple[str, int, int, int]]:
    """Name, variant, units before and after of each line."""
    before = {line.variant_id: line.quantity for line in found.order.lines}
    for line, after in lines_of(found):
        name, variant = t.pick(line.name_en, line.name_km), t.pick(line.variant_en, line.variant_km)
        yield (f"{name} · {variant}" if variant else name), line.variant_id, before.get(line.variant_id, 0), after


def _line(t: Translator, found: Proposal, name: str, variant: int, before: int, after: int) -> Markup:
    amount = next((line.total for line in found.lines if line.variant_id == variant), usd(0))
    if before == after:
        return t.html("line", quantity=after, name=cut(name, NAME), amount=amount)
    return t.html("change.other", before=before, after=after, name=cut(name, NAME), amount=amount)


def _sums(t: Translator, found: Proposal) -> list[Markup]:
    """What it would cost, what is taken off no more, what becomes of the difference."""
    order, total = found.order, found.total
    delivery = str(total.delivery) if total.delivery.amount else t("total.free")
    said = [t.html("total.row", label=t("total.subtotal"), amount=total.goods)]
    if total.discount.amount:
        said.append(t.html("total.row", label=t("total.discount"), amount=f"-{total.discount}"))
    said.append(t.html("total.row", label=t("total.delivery"), amount=delivery))
    after = both(total.charged, order.riel_rate)
    if total.charged == order.total:
        said.append(t.html("total.grand", amount=after))
    else:
        said.append(t.html("change.total", before=order.total, after=after))
    if found.code_gone:
        said.append(t.html("change.code_gone", code=order.promo_code))
    if found.points < order.points_used:
        said.append(t.html("change.points_fewer", before=order.points_used, after=found.points))
    if found.settling is not Settling.SAME:
        said.append(t.html(f"change.settling.{found.settling}", amount=both(found.amount, order.riel_rate)))
    return said


def _rows(t: Translator, found: Proposal) -> Rows:
    order = found.order
    rows: list[tuple[Button, ...]] = []
    for name, variant, _, units in _lines(t, found):
        fewer = [Button("−", taps.ChangeUnits(order.id, variant, units - 1))] * (units > 0)
        shown = Button(within(f"{units} × {name}", 3), taps.ShowChange(order.id))
        rows.append((*fewer, shown, Button("+", taps.ChangeUnits(order.id, variant, units + 1))))
    more = [Button(t("button.add_item"), taps.AskItem(order.id)),
            Button(t("button.change_where"), taps.ChangeWhere(order.id))]  # fmt: skip
    rows += paired(more)
    if found.differs:
        charged = found.total.charged
        confirm = taps.ConfirmChange(order.id, order.version, charged.amount)
        rows.append((Button(t("button.confirm_change", total=charged), confirm, style=Style.PRIMARY),))
    return tuple(rows)


def _last(t: Translator, asked: Question, back: taps.Tap | None = None) -> tuple[Button, ...]:
    """The last row: its first button says what a reply to this message answers."""
    leave = Button(t("button.not_now"), taps.NotNow(asked.stamp))
    return (leave, Button(t("button.back"), back)) if back else (leave,)


def _asked(t: Translator, what: Markup, person: Person, asked: Question, order_id: int, rows: Rows = ()) -> Screen:
    """Ask in one line: in a group by a reply to this message, in their own chat in the next line."""
    if asked.data.get("chat_id", 0) < 0:
        what = counter.ask(t, what, person, asked).text
    return Screen(what, (*rows, _last(t, asked, taps.ShowChange(order_id))))


def ask_item(t: Translator, order: Order, person: Person, asked: Question) -> Screen:
    """Ask what is to be added."""
    return _asked(t, t.html("change.ask_item", number=order.number), person, asked, order.id)


def items(
    t: Translator, found: Proposal, line: str, things: Sequence[tuple[Product, Variant]], person: Person,
    asked: Question,
) -> Screen:  # fmt: skip
    """What a typed line found, each a button that adds one; or that nothing is called so."""
    order, there = found.order, {variant: units for _, variant, _, units in _lines(t, found)}
    if not things:
        return _asked(t, t.html("change.no_item", number=order.number, line=line), person, asked, order.id)
    rows = tuple(
        (Button(_item(t, *one), taps.ChangeUnits(order.id, one[1].id, there.get(one[1].id, 0) + 1)),)
        for one in things[:ITEMS]
    )
    return _asked(t, t.html("change.choose_item", number=order.number), person, asked, order.id, rows)


def _item(t: Translator, product: Product, variant: Variant) -> str:
    name, kind = t.pick(product.name_en, product.name_km), t.pick(variant.name_en, variant.name_km)
    words = cut(f"{name} · {kind}" if kind else name, NAME // 2)
    return t("change.item", name=words, price=variant.price, left=t("stock.left", left=variant.left))


def where(t: Translator, found: Proposal, asked: Question) -> Screen:
    """Where it would go, and which part of that is another."""
    order, to = found.order, found.to
    written = t.pick(to.written_en, to.written_km)
    text = [t.html("change.where", number=order.number),
            t.html("review.address", name=to.recipient, phone=shown_phone(to.phone), address=written)]  # fmt: skip
    parts = [Button(t(f"part.{part}"), taps.AskWhere(order.id, part)) for part in AddressPart]
    parts.append(Button(t("button.change_place"), taps.ChangePlace(order.id, "")))
    rows = (*paired(parts), _last(t, asked, taps.ShowChange(order.id)))
    return Screen(Markup("\n\n").join(text), rows)


def ask_where(t: Translator, order: Order, part: AddressPart, person: Person, asked: Question) -> Screen:
    """Ask for a part of the address."""
    what = t.html("change.ask_part", number=order.number, ask=t(f"ask_part.{part}"))
    return _asked(t, what, person, asked, order.id)


def places(t: Translator, order: Order, way: Place | None, found: Sequence[Place], asked: Question) -> Screen:
    """Choose a province, or a district of the province ``way``, with which it can be left too."""
    name = t.pick(way.name_en, way.name_km) if way else ""
    buttons = [
        Button(t.pick(one.name_en, one.name_km), taps.ChangePlace(order.id, one.code)) for one in found
    ]  # fmt: skip
    rows = list(paired(buttons, 3))
    if way:
        rows.append((Button(t("change.leave_place", place=name), taps.ShowChange(order.id)),))
    key = "change.ask_district" if way else "change.ask_place"
    last = _last(t, asked, taps.ChangeWhere(order.id))
    return Screen(t.html(key, number=order.number, place=name), (*rows, last))


def done(t: Translator, card: OrderCard, found: Proposal) -> Screen:
    """It is changed; the order's own card is drawn again where it stands."""
    text = [t.html("change.done", number=card.number), Markup("\n").join(_sums(t, found))]
    return Screen(Markup("\n\n").join(text), ((Button(t("button.order"), taps.OrderBelow(card.order_id)),),))


def note(t: Translator, order: Order, told: Told, card: OrderCard) -> Screen:
    """Tell the customer what of their order is another, what it costs now, and what becomes of the difference."""
    blocks = [t.html("note.changed", number=order.number)]
    parts = [t.html("told.part", before=one.before, after=one.after, name=cut(t.pick(one.name_en, one.name_km), NAME))
             for one in told.parts[:PARTS]]  # fmt: skip
    if len(told.parts) > PARTS:
        parts.append(t.html("more_lines", count=len(told.parts) - PARTS))
    if parts:
        blocks.append(Markup("\n").join(parts))
    if told.where and card.whereto:
        to = card.whereto
        blocks.append(t.html("told.where", name=to.recipient, phone=to.phone, address=to.address))
    if told.before != told.after:
        before, after = usd(told.before), both(usd(told.after), order.riel_rate)
        blocks.append(Markup("\n").join([t.html("change.total", before=before, after=after), *_means(t, order, told)]))
    rows = ((Button(t("button.order"), taps.OpenOrder(order.id)),),)
    return Screen(Markup("\n\n").join(blocks), rows)


def _means(t: Translator, order: Order, told: Told) -> list[Markup]:
    said = [t.html("told.code", code=told.code)] if told.code else []
    if told.back:
        said.append(t.html("told.back", amount=usd(told.back)))
    due = both(order.to_collect, order.riel_rate)
    if order.payment_status is PaymentStatus.DUE and order.prepaid.amount:
        said.append(t.html("told.rest", paid=order.prepaid, rest=due))
    elif order.payment_status is PaymentStatus.DUE:
        said.append(t.html("told.cash", amount=due))
    elif order.payment_method is PaymentMethod.KHQR and order.payment_status is PaymentStatus.UNPAID:
        said.append(t.html("told.qr"))
    return said
