"""Parcels: what is printed for them, the way to a new code, where one stands for who may see no more."""

from markupsafe import Markup

from bot import taps
from bot.screen import Button, Document, PaperPicture, Screen, Style
from bot.screens.orders import progress
from bot.screens.room import paired
from core.cards import OrderCard
from core.i18n import Translator
from core.orders.rules import Order
from core.parcels.rules import Batch, Paper
from core.pictures.label import Label
from core.pictures.slip import Slip

NAMES = {Paper.LABEL: "label", Paper.SLIP: "slip"}
ALL = {Paper.LABEL: "all_labels", Paper.SLIP: "all_slips"}
LEFT_OUT = 20
"""As many parcels are named that nothing is printed for."""


def drawn(t: Translator, order: Order, of: Label | Slip, *, pdf: bool = False) -> PaperPicture:
    """One order's paper; what it says is known by the order's version, but for the shop, the carrier and the code.

    Nothing of whom it goes to is in its name: that stays when they are forgotten.
    """
    rest = (of.shop, of.carrier, of.tracking, of.link) if isinstance(of, Label) else (of.shop,)
    return PaperPicture((of,), f"{order.id}:{order.version}:{t.language}", rest, pdf=pdf)


def picture(t: Translator, order: Order, of: Label | Slip, below: int | None) -> Screen:
    """A label or slip as a picture below the card, with the way to its file."""
    paper = Paper.LABEL if isinstance(of, Label) else Paper.SLIP
    text = t.html(f"parcel.{NAMES[paper]}", number=order.number)
    rows = ((Button(t("button.pdf"), taps.GetPdf(order.id, paper)),),)
    return Screen(text, rows, drawn(t, order, of), fresh=True, reply_to=below)


def pdf(t: Translator, order: Order, of: Label | Slip, below: int | None) -> Screen:
    """The same as a file."""
    name = NAMES[Paper.LABEL if isinstance(of, Label) else Paper.SLIP]
    text = t.html(f"parcel.{name}", number=order.number)
    document = Document(f"{order.number}-{name}.pdf", paper=drawn(t, order, of, pdf=True))
    return Screen(text, (), document=document, fresh=True, reply_to=below)


def batch(
    t: Translator, found: Batch, papers: tuple[Label | Slip, ...], paper: Paper, day: str, page: Button | None = None
) -> Screen:
    """One file for every parcel that is ready: how many, which were left out and why, and the other paper's file.

    ``page`` leads to all of them on the web, for a printer there.
    """
    lines = [t.html(f"parcel.{NAMES[paper]}s", count=len(papers)) if papers else t.html("parcel.none_ready")]
    left = ", ".join(t(f"parcel.left.{why}", number=number) for number, why in found.left_out[:LEFT_OUT])
    if left:
        lines.append(t.html("parcel.left_out", text=left))
    if len(found.left_out) > LEFT_OUT:
        lines.append(t.html("more_lines", count=len(found.left_out) - LEFT_OUT))
    other = Paper.SLIP if paper is Paper.LABEL else Paper.LABEL
    first = papers[0].number if papers else ""
    buttons = [Button(t(f"button.{ALL[other]}"), taps.AllPapers(other, 0))] * bool(papers)
    if found.after:
        lines.append(t.html("parcel.more"))
        buttons.append(Button(t("button.next_parcels"), taps.AllPapers(paper, found.after)))
    buttons += [page] if page is not None and papers else []
    name = f"{NAMES[paper]}s-{day}-{first}.pdf"
    document = Document(name, paper=PaperPicture(papers, pdf=True)) if papers else None
    return Screen(Markup("\n").join(lines), paired(buttons), document=document, fresh=True)


def ask_new_code(t: Translator, card: OrderCard, counters: Screen) -> Screen:
    """The card as it stands, with the question whether its parcel gets a new code."""
    question = t.html("parcel.ask_new_code", number=card.number)
    give = Button(t("button.give_new_code"), taps.NewCode(card.order_id, card.version), style=Style.DANGER)
    rows = ((give, Button(t("button.back"), taps.OpenOrder(card.order_id))),)
    return counters.opened(rows, question)


def tracking(t: Translator, card: OrderCard) -> Screen:
    """Where a parcel stands, for who may know no more of it: no name, no phone, no address, no sum."""
    parts = [t.html("parcel.tracking", number=card.number, status=card.headline)]
    parts += [progress(card)] if card.steps else []
    return Screen(Markup("\n\n").join(parts), ((Button(t("button.home"), taps.HomeBelow()),),))
