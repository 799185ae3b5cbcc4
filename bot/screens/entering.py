"""An order entered for somebody who phoned: how, what it costs, that it stands, the QR to forward."""

from markupsafe import Markup

from bot import taps
from bot.screen import Button, KhqrPicture, Screen, Style
from bot.screens.shop import banner, cart_button, cut, fitting, listing
from core.cards import ReviewCard, both
from core.i18n import Translator
from core.money import Money
from core.orders.rules import Order, PaymentMethod
from core.payments.rules import Attempt
from core.people.rules import shown_phone

NAME = 48


def how(t: Translator, shop_name: str, cart_id: int | None, units: int) -> Screen:
    """How it is done, with the way on where the basket holds something."""
    words = t("button.enter_for")
    rows = [(Button(words, taps.EnterFor(cart_id), style=Style.PRIMARY),)] if cart_id and units else []
    last = (cart_button(t, units), Button(t("button.home"), taps.Home()))
    return Screen(t.html("enter.how", button=words), (*rows, last), banner(t, shop_name))


def for_whom(t: Translator, shop_name: str, cart_id: int) -> Screen:
    """Ask who works here whether they buy for themselves."""
    other = Button(t("button.enter_for"), taps.EnterFor(cart_id), style=Style.PRIMARY)
    mine = Button(t("button.for_me"), taps.BuyForMyself(cart_id))
    return Screen(
        t.html("enter.for_whom"), ((other,), (mine, Button(t("button.home"), taps.Home()))), banner(t, shop_name)
    )


def ask_who(t: Translator, shop_name: str, cart_id: int) -> Screen:
    """Ask for phone and name of who phoned, in one typed line."""
    return Screen(t.html("enter.who"), ((Button(t("button.back"), taps.OpenReview(cart_id)),),), banner(t, shop_name))


def review(t: Translator, shop_name: str, card: ReviewCard, *, khqr: bool) -> Screen:
    """What will be charged to whom the address names, and how they pay."""
    totals = [t.html("total.row", label=label, amount=amount) for label, amount in card.totals]
    head = t.html("enter.heading", name=cut(card.recipient, NAME), phone=card.phone)
    warnings = [t.html("review.warning", text=cut(text, NAME * 2)) for text in card.warnings[:3]]
    sums = Markup("\n").join([*totals, t.html("total.grand", amount=card.total)])
    to = t.html("review.address", name=cut(card.recipient, NAME), phone=card.phone, address=cut(card.address, 160))
    text = fitting(lambda most: Markup("\n\n").join([head, *warnings, listing(t, card.lines, most), sums, to]))
    pay = [PaymentMethod.KHQR] * khqr + [PaymentMethod.COD]
    words = {PaymentMethod.KHQR: t("button.pay_khqr"), PaymentMethod.COD: t("button.pay_cod")}
    ways = tuple(Button(words[one], taps.EnterOrder(card.cart_id, one, card.total_cents)) for one in pay)
    last = (Button(t("button.change_address"), taps.Addresses(card.cart_id)),
            Button(t("button.back"), taps.OpenReview(card.cart_id)))  # fmt: skip
    return Screen(text, (ways, last) if card.ready else (last,), banner(t, shop_name))


def done(t: Translator, order: Order) -> Screen:
    """It stands; its card is at the counter."""
    to = order.destination
    total = both(order.total, order.riel_rate)
    words = {"number": order.number, "name": to.recipient, "phone": shown_phone(to.phone), "total": total}
    return Screen(t.html("enter.done", **words), (_order(t, order),))


def _order(t: Translator, order: Order) -> tuple[Button, ...]:
    return (Button(t("button.order"), taps.OrderBelow(order.id)),)


def qr(t: Translator, shop_name: str, order: Order, attempt: Attempt | None) -> Screen:
    """The QR as a picture to forward; without one that can be paid, the way to the next."""
    rows = ((Button(t("button.new_qr"), taps.EnteredQr(order.id)), *_order(t, order)),)
    name = order.destination.recipient
    if attempt is None:
        return Screen(t.html("enter.qr_over", number=order.number, name=name), rows)
    total = both(Money(attempt.amount_minor, attempt.currency), order.riel_rate)
    usd, _, riel = total.partition(" / ")
    expires = Markup('<tg-time unix="{}" format="r">{}</tg-time>').format(
        int(attempt.expires_at.timestamp()), t("order.five_minutes")
    )  # fmt: skip
    text = t.html("enter.qr", number=order.number, name=name, total=total, expires=expires)
    return Screen(text, rows, KhqrPicture(order.number, attempt.payload, shop_name, usd, riel))
