"""The payment inbox at the counter, and what a customer is asked who says that they paid."""

from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from bot import taps
from bot.me import Me
from bot.screen import Button, Rows, Screen, Style
from bot.screens import counter
from bot.screens.shop import banner
from core.cards import CaseCard
from core.fulfilment.inbox import Waiting
from core.i18n import Translator
from core.orders.rules import Order, Status
from core.people.rules import Question
from core.settlements.rules import ELSEWHERE, WORDS, Act

STYLES = {Act.APPROVE: Style.SUCCESS, Act.SEND: Style.PRIMARY, Act.FINISH: Style.SUCCESS, Act.REFUND: Style.DANGER}


def case(t: Translator, card: CaseCard, back: taps.Tap | None) -> Screen:
    """One case: what is wrong, how much, whose it is, where it stands; ``back`` leads to the list it came from."""
    since = Markup('<tg-time unix="{}" format="r">{}</tg-time>').format(int(card.opened_at.timestamp()), card.opened)
    head = [t.html("case.title", number=card.number, title=card.title), t.html("case.text", text=card.what)]
    figures = [t.html("total.row", label=label, amount=amount) for label, amount in card.figures]
    about = [t.html("case.text", text=one) for one in card.about]
    blocks = [
        head,
        figures,
        [t.html("case.who", name=card.customer, since=since), *about],
        [t.html("case.stands", text=card.state)],
    ]
    return Screen(Markup("\n\n").join(Markup("\n").join(block) for block in blocks), _rows(t, card, back))


def _rows(t: Translator, card: CaseCard, back: taps.Tap | None) -> Rows:
    acts = tuple(
        Button(_label(t, act, card), taps.ActOnCase(card.case_id, act, card.version), style=STYLES.get(act))
        for act in card.acts
    )
    order = Button(t("button.order"), taps.OrderBelow(card.order_id))
    last = (Button(t("button.back"), back), order) if back else (order,)
    return (acts, last) if acts else (last,)


def _label(t: Translator, act: Act, card: CaseCard) -> str:
    """What is seen is taken as good; what is only said came, or did not."""
    return t("case.act.came" if act is Act.APPROVE and card.kind in WORDS | ELSEWHERE else f"case.act.{act}")


def waiting(t: Translator, found: Waiting) -> Screen:
    """The cases that wait, each a button; the first button of the last row is this very page."""
    rows: list[tuple[Button, ...]] = [
        (Button(t("case.listed", number=number, title=t(f"case.kind.{one.kind}"),
                  amount=one.amount if one.amount.amount else "").rstrip(" ·"), taps.OpenCase(one.id)),)
        for one, number in found.cases
    ]  # fmt: skip
    last = [Button(t("button.refresh"), taps.Payments(found.after))]
    if found.after:
        last.append(Button(t("button.from_start"), taps.Payments(0)))
    if found.more:
        last.append(Button(t("button.more"), taps.Payments(found.cases[-1][0].id)))
    text = t.html("case.waiting" if found.cases else "case.none_left" if found.after else "case.none")
    return Screen(text, (*rows, tuple(last)))


def ask_reference(t: Translator, card: CaseCard, act: Act, me: Me, question: Question) -> Screen:
    """Ask for the bank's reference: in a group by a reply, in their own chat in the next line."""
    what = t.html(f"case.ask.{act}", number=card.number)
    if not me.private:
        return counter.ask(t, what, me.person, question)
    return Screen(what, ((Button(t("button.back"), taps.OpenCase(card.case_id)),),))


def done(t: Translator, card: CaseCard, act: Act, me: Me) -> Screen:
    """What was waiting for the reference is done; where it stands now."""
    text = t.html("case.written", number=card.number, done=t(f"case.done.{act}"))
    if me.private:
        below = case(t, card, None)
        return replace(below, text=Markup("\n\n").join([text, below.text]))
    return Screen(text, reply_to=me.wrote.message_id if me.wrote else None)


def ask_picture(t: Translator, shop_name: str, order: Order) -> Screen:
    """Ask a customer who says that they paid for a picture of it."""
    rows = ((Button(t("button.no_picture"), taps.SayPaid(order.id)),),
            (Button(t("button.back"), taps.OpenOrder(order.id)),))  # fmt: skip
    return Screen(t.html("money.ask_picture", number=order.number), rows, banner(t, shop_name))


def thanked(t: Translator, order: Order) -> Screen:
    """The picture is with the shop."""
    rows = ((Button(t("button.order"), taps.OpenOrder(order.id)),),)
    return Screen(t.html("money.thanks_picture", number=order.number), rows)


def which_payment(t: Translator, found: Sequence[Order]) -> Screen:
    """Ask which order's payment a picture is of; about one that was cancelled it is sent to the shop."""
    rows = [
        (Button(f"{order.number} · {order.total}",
                taps.OpenHelp(order.id, 0) if order.status is Status.CANCELLED else taps.IHavePaid(order.id)),)
        for order in found
    ]  # fmt: skip
    last = (Button(t("button.help"), taps.OpenHelp(0, 0)), Button(t("button.home"), taps.Home()))
    return Screen(t.html("money.which_payment"), (*rows, last))
