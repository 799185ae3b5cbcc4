"""Buying and afterwards, for the customer: review, address, the QR, the live card, the notes."""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from bot import taps
from bot.screen import Ask, Button, KhqrPicture, ReceiptPicture, Rows, Screen, Sharing, Style, grid
from bot.screens.shop import LINES, banner, cut, fitting, listing, squeezed
from core.cards import Mark, OrderCard, ParcelText, ReviewCard
from core.i18n import Translator
from core.orders.rules import CancelReason, Move, Order, PaymentMethod, PaymentStatus, Status
from core.pictures.receipt import Receipt, ReceiptLine

WARNINGS = 3
NOTE = 96
"""As many characters of a note stand where a caption must hold all else too."""
QUESTION = 112
"""As many characters of a card stay free for the question whether to cancel it."""
UNDER_WAY = frozenset(Status) - {Status.DELIVERED, Status.CANCELLED, Status.EXPIRED}
NO_BREAK = "\N{NO-BREAK SPACE}"
MARKS = {Mark.DONE: "●", Mark.NOW: "◉", Mark.AHEAD: "○"}


def ask_phone(t: Translator) -> Screen:
    """Ask for the phone: one tap shares it, or it is typed."""
    sharing = Sharing(Ask.CONTACT, t("button.share_phone"), t("ask.phone_placeholder"))
    return Screen(t.html("ask.phone"), sharing=sharing)


def ask_promo(t: Translator, shop_name: str, cart_id: int) -> Screen:
    """Ask for a promo code in one typed line."""
    return Screen(t.html("ask.promo"), ((Button(t("button.back"), taps.OpenReview(cart_id)),),), banner(t, shop_name))


def ask_note(t: Translator, shop_name: str, cart_id: int) -> Screen:
    """Ask for a note to the shop in one typed line."""
    return Screen(t.html("ask.note"), ((Button(t("button.back"), taps.OpenReview(cart_id)),),), banner(t, shop_name))


def review(t: Translator, shop_name: str, card: ReviewCard, *, khqr: bool, clerk: bool = False) -> Screen:
    """Exactly what will be charged, and how to pay it; a ``clerk`` can enter it for somebody who phoned."""
    warnings = [t.html("review.warning", text=squeezed(text, 96)) for text in card.warnings[:WARNINGS]]
    if len(card.warnings) > WARNINGS:
        warnings.append(t.html("more_lines", count=len(card.warnings) - WARNINGS))
    totals = [t.html("total.row", label=label, amount=amount) for label, amount in card.totals]
    to = t.html("review.no_address")
    if card.address:
        to = t.html("review.address", name=cut(card.recipient, 48), phone=card.phone, address=card.address)
    if card.note:
        to = Markup("\n").join([to, t.html("order.note", text=cut(card.note, NOTE // 2))])
    above = [t.html("review.heading"), *([Markup("\n").join(warnings)] if warnings else [])]
    known = [t.html("review.known", text=text) for text in (card.hold * khqr, card.closed) if text]
    sums = Markup("\n").join([*totals, t.html("total.grand", amount=card.total)])
    below = [sums, to, *([Markup("\n").join(known)] if known else [])]
    text = fitting(lambda most: Markup("\n\n").join([*above, listing(t, card.lines, most), *below]))
    rows = _review_rows(t, card, khqr=khqr)
    if clerk:
        rows = (*rows[:-1], (Button(t("button.enter_for"), taps.EnterFor(card.cart_id)),), rows[-1])
    return Screen(text, rows, banner(t, shop_name))


def _review_rows(t: Translator, card: ReviewCard, *, khqr: bool) -> Rows:
    pay = [
        Button(
            t("button.pay_khqr"),
            taps.PlaceOrder(card.cart_id, PaymentMethod.KHQR, card.total_cents),
            style=Style.PRIMARY,
        )
    ] * khqr
    pay.append(Button(t("button.pay_cod"), taps.PlaceOrder(card.cart_id, PaymentMethod.COD, card.total_cents)))
    rows = [tuple(pay)] if card.ready else []
    promo = Button(t("button.promo"), taps.AskPromo(card.cart_id))
    if card.promo_code:
        promo = Button(t("button.drop_promo", code=card.promo_code), taps.DropPromo(card.cart_id))
    note = Button(t("button.note"), taps.AskNote(card.cart_id))
    if card.note:
        note = Button(t("button.drop_note"), taps.DropNote(card.cart_id))
    rows += [(Button(t("button.change_address"), taps.Addresses(card.cart_id)), promo), (note,)]
    if card.points:
        rows.append((Button(t("button.keep_points", points=card.points), taps.SpendPoints(card.cart_id, 0)),))
    elif card.could_redeem:
        words = t("button.spend_points", points=card.could_redeem, amount=card.redeems)
        rows.append((Button(words, taps.SpendPoints(card.cart_id, 1)),))
    if len(card.lines) == 1 and card.variants:
        quantity = card.lines[0].quantity
        fewer = [Button("−", taps.ChangeLine(card.cart_id, card.variants[0], quantity - 1))] * (quantity > 1)
        rows.append((*fewer, Button(str(quantity), taps.OpenReview(card.cart_id)),
                     Button("+", taps.ChangeLine(card.cart_id, card.variants[0], quantity + 1))))  # fmt: skip
    cart = [Button(t("button.cart"), taps.OpenCart())] * (len(card.lines) > 1)  # there each line has its − and +
    rows.append((*cart, Button(t("button.home"), taps.Home())))
    return tuple(rows)


def order(t: Translator, shop_name: str, card: OrderCard) -> Screen:
    """The live card: where the order stands, what is in it, what can be done."""
    if card.pay is not None:
        return _to_pay(t, shop_name, card)
    parts = [t.html("order.title", number=card.number, status=card.headline)]
    if card.steps:
        parts.append(progress(card))
    if card.outcome:
        parts.append(t.html("order.outcome", text=card.outcome))
    if card.problem:
        parts.append(t.html("order.problem", text=card.problem))
    if card.money:
        parts.append(t.html("order.money", text=card.money))
    beside = sum(
        map(bool, (card.note, card.reason, card.received, card.taken, card.parcel, card.outcome, card.outcome))
    )
    below = [Markup("\n").join(t.html("total.row", label=label, amount=amount) for label, amount in card.totals)]
    below += [t.html("order.total", total=card.total, payment=card.payment), *_remarks(t, card)]
    if card.can_renew and not card.rest:
        below.append(t.html("order.qr_over"))
    draw: Callable[[int], Markup] = lambda most: Markup("\n\n").join(  # noqa: E731 - one place
        [*parts, listing(t, card.lines, most), *below]
    )
    return Screen(fitting(draw, LINES - beside, QUESTION), _order_rows(t, card), banner(t, shop_name))


def _remarks(t: Translator, card: OrderCard) -> list[Markup]:
    """Where it goes until it is there; why it ended, when it came, what was taken for it, what the customer wrote."""
    said = [t.html("order.reason", text=card.reason)] if card.reason else []
    if card.whereto and card.status in UNDER_WAY:
        to = card.whereto
        said.append(t.html("review.address", name=cut(to.recipient, 48), phone=to.phone, address=cut(to.address, 160)))
    if card.parcel:
        said.append(t.html("card.parcel", name=card.parcel.carrier, number=card.parcel.number))
    if card.received:
        said.append(t.html("order.received", when=card.received))
    if card.taken:
        said.append(t.html("cash.line", text=cut(card.taken, NOTE)))
    if card.note:
        said.append(t.html("order.note", text=cut(card.note, NOTE)))
    return said


def progress(card: OrderCard) -> Markup:
    """``● Paid ─ ◉ Preparing ─ ○ Out ─ ○ Delivered``; a line may break between steps, never inside one."""
    return Markup(" ─ ").join(f"{MARKS[step.mark]}{NO_BREAK}{step.label}" for step in card.steps)


def _order_rows(t: Translator, card: OrderCard) -> Rows:
    rows: list[tuple[Button, ...]] = []
    if card.can_renew:
        words = "button.pay_rest" if card.rest else "button.new_qr"
        rows.append((Button(t(words), taps.NewQr(card.order_id), style=Style.PRIMARY),
                     Button(t("button.i_paid"), taps.IHavePaid(card.order_id))))  # fmt: skip
    if card.tracking_url:
        rows.append((Button(t("button.track"), url=card.tracking_url),))
    if card.parcel and card.parcel.url:
        rows.append((carrier_site(t, card.parcel),))
    if card.status is Status.DELIVERED or card.payment_status is PaymentStatus.PAID:
        rows.append((Button(t("button.receipt"), taps.GetReceipt(card.order_id)),))
    if Move.CANCEL in card.moves:
        rows.append((Button(t("button.cancel_order"), taps.AskCancel(card.order_id)),))
    return (*rows, *grid(_afterwards(t, card), 2), (Button(t("button.home"), taps.HomeBelow()),))


def _afterwards(t: Translator, card: OrderCard) -> list[Button]:
    """What is done when it came, or came to its end; and whom to ask, at any time."""
    buttons = []
    if card.can_receive:
        buttons.append(Button(t("button.received"), taps.HaveReceived(card.order_id), style=Style.SUCCESS))
    if card.can_judge:
        buttons.append(Button(t("button.review"), taps.JudgeOrder(card.order_id)))
    if card.again:
        buttons.append(Button(t("button.again"), taps.BuyAgain(card.order_id)))
    return [*buttons, _help(t, card)]


def _help(t: Translator, card: OrderCard) -> Button:
    """Write to the shop about it, below: the live card stays where it stands."""
    return Button(t("button.help"), taps.OpenHelp(card.order_id, 1))


def _to_pay(t: Translator, shop_name: str, card: OrderCard) -> Screen:
    """The QR card with its countdown, running on the customer's own device."""
    attempt = card.pay
    if attempt is None:
        raise ValueError(card.number)
    usd, _, riel = card.to_pay.partition(" / ")
    picture = KhqrPicture(card.number, attempt.payload, shop_name, usd, riel)
    expires = Markup('<tg-time unix="{}" format="r">{}</tg-time>').format(
        int(attempt.expires_at.timestamp()), t("order.five_minutes")
    )  # fmt: skip
    text = t.html("order.to_pay", number=card.number, total=card.to_pay, expires=expires)
    if card.rest:
        text = Markup("\n\n").join([t.html("money.the_rest", text=card.problem), text])
    first = [Button(t("button.open_bank"), url=attempt.deeplink, style=Style.PRIMARY)] if attempt.deeplink else []
    rows = [(*first, Button(t("button.i_paid"), taps.IHavePaid(card.order_id))),
            (Button(t("button.cancel_order"), taps.AskCancel(card.order_id)), _help(t, card))]  # fmt: skip
    return Screen(text, tuple(rows), picture)


def ask_cancel(t: Translator, order: Order, card: Screen, reasons: Sequence[CancelReason]) -> Screen:
    """The card as it stands, with the question whether to cancel, and why; each answer is a button."""
    rows = [
        (Button(t(f"reason.{reason}"), taps.CancelOrder(order.id, reason, order.version), style=Style.DANGER),)
        for reason in reasons
    ]
    question = t.html("order.ask_cancel", number=order.number)
    keep = (Button(t("button.keep"), taps.OpenOrder(order.id)),)
    return card.opened((*rows, keep), question)


def carrier_site(t: Translator, parcel: ParcelText) -> Button:
    """The carrier's own page, where the number is typed that stands on the card to be copied."""
    return Button(t("button.carrier_site", name=parcel.carrier), url=parcel.url)


def note(t: Translator, key: str, card: OrderCard) -> Screen:
    """A short message of its own for the moments that matter."""
    first = [Button(t("button.track"), url=card.tracking_url)] if card.tracking_url else []
    if card.can_judge:
        first = [Button(t("button.review"), taps.JudgeOrder(card.order_id))]
    elif card.outcome and card.again:
        first = [Button(t("button.again"), taps.BuyAgain(card.order_id))]
    rows: list[tuple[Button, ...]] = [(*first, Button(t("button.order"), taps.OpenOrder(card.order_id)))]
    parts = [t.html(f"note.{key}", number=card.number, status=card.headline, total=card.total)]
    if card.parcel and key == "out":
        parts.append(t.html("card.parcel", name=card.parcel.carrier, number=card.parcel.number))
        rows += [(carrier_site(t, card.parcel),)] if card.parcel.url else []
    if card.reason:
        parts.append(t.html("order.reason", text=card.reason))
    if card.outcome:
        parts.append(t.html("order.outcome", text=card.outcome))
    if card.outcome and card.problem:
        parts.append(t.html("order.problem", text=card.problem))
    if card.money and (card.outcome or key == "not_found"):
        parts.append(t.html("order.money", text=card.money))
    return Screen(Markup("\n").join(parts), tuple(rows))


def receipt(t: Translator, shop_name: str, card: OrderCard) -> Screen:
    """The receipt as a picture."""
    drawn = Receipt(
        shop_name, card.number, card.placed,
        tuple(ReceiptLine(line.name, line.detail, f"× {line.quantity}", line.amount) for line in card.lines),
        (*card.totals, (t("total.total"), card.total)), card.payment, t("receipt.thanks"),
        ((t("cash.label"), card.taken),) if card.taken else (), settled=card.payment_status is PaymentStatus.PAID,
    )  # fmt: skip
    text = t.html("receipt.text", number=card.number)
    return Screen(text, (), ReceiptPicture(card.number, drawn), fresh=True)
