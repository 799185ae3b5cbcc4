"""What buyers say: the lines to judge, the stars, what others said, the counter's note."""

from markupsafe import Markup

from bot import taps
from bot.screen import Button, Picture, Rows, Screen, Style
from bot.screens.room import paired
from bot.screens.shop import banner, cut, fits
from core.cards import ProductCard
from core.i18n import Translator
from core.reviews.rules import OPEN_FOR, STARS, Delivered, Judged, Opinion, OpinionPage

NAME = 48
WORDS = (500, 400, 320, 260, 200, 160)
"""As many characters of each opinion, whatever a caption has room for."""


def stars(given: int) -> str:
    """``★★★★☆``."""
    return "★" * given + "☆" * (len(STARS) - given)


def named(t: Translator, line: Judged | Opinion) -> str:
    """What was bought, with its variant."""
    name, variant = t.pick(line.name_en, line.name_km), t.pick(line.variant_en, line.variant_km)
    return f"{cut(name, NAME)} · {cut(variant, NAME)}" if variant else cut(name, NAME)


def lines(t: Translator, shop_name: str, order: Delivered) -> Screen:
    """The lines of a delivered order, each a button with the stars it has."""
    rows = [
        (Button(f"{stars(line.stars) if line.stars else '☆'} {named(t, line)}",
                taps.JudgeLine(order.order_id, line.variant_id)),)
        for line in order.lines
    ]  # fmt: skip
    rows.append((Button(t("button.back"), taps.OpenOrder(order.order_id)),))
    return Screen(t.html("reviews.which", number=order.number), tuple(rows), banner(t, shop_name))


def line(
    t: Translator, shop_name: str, order: Delivered, judged: Judged, *, still: bool, asking: bool = False
) -> Screen:  # fmt: skip
    """One line as it stands; ``still``: it can be changed, ``asking``: what is typed next is said about it."""
    parts = [t.html("reviews.line", name=named(t, judged))]
    if judged.stars:
        parts.append(_said(t, judged.stars, judged.text))
    key = "over" if not still else "ask" if not judged.stars else "thanks"
    if key == "thanks" and judged.text:
        key = "again" if asking else "written"
    parts.append(t.html(f"reviews.{key}", days=OPEN_FOR.days))
    rows = [_stars(order.order_id, judged)] * still
    if still and judged.text:
        change = Button(t("button.change_words"), taps.JudgeLine(order.order_id, judged.variant_id))
        drop = Button(t("button.drop_words"), taps.DropWords(order.order_id, judged.variant_id))
        rows += paired([drop] if asking else [change, drop])
    back = taps.JudgeOrder(order.order_id) if len(order.lines) > 1 else taps.OpenOrder(order.order_id)
    return Screen(Markup("\n\n").join(parts), (*rows, (Button(t("button.back"), back),)), banner(t, shop_name))


def _stars(order_id: int, judged: Judged) -> tuple[Button, ...]:
    """One star to five; those that were given are marked."""
    return tuple(
        Button(f"{'●' if n == judged.stars else ''}{n}★", taps.GiveStars(order_id, judged.variant_id, n)) for n in STARS
    )


def _said(t: Translator, given: int, text: str) -> Markup:
    return t.html("reviews.words" if text else "reviews.stars", stars=stars(given), text=text)


def about(t: Translator, card: ProductCard, picture: Picture, page: OpinionPage) -> Screen:
    """What is said of a product, three a page: first names only."""
    title = t.html("reviews.none", name=cut(card.name, 2 * NAME))
    if page.opinions:
        title = t.html("reviews.title", name=cut(card.name, 2 * NAME), rating=card.rating, count=card.rated)
    texts = (Markup("\n\n").join([title, *(_opinion(t, one, most) for one in page.opinions)]) for most in WORDS)
    text = next((text for text in texts if fits(text)), title)
    turn = [Button("‹", taps.OpenOpinions(card.id, card.chosen, page.number - 1))] * (page.number > 0)
    turn += [Button("›", taps.OpenOpinions(card.id, card.chosen, page.number + 1))] * (page.number + 1 < page.pages)
    back = (Button(t("button.back"), taps.OpenProduct(card.id, card.chosen)),)
    return Screen(text, (*((tuple(turn),) if turn else ()), back), picture)


def _opinion(t: Translator, one: Opinion, most: int) -> Markup:
    who = t.html("reviews.by", stars=stars(one.stars), name=one.first_name or t("reviews.somebody"))
    return who + Markup("\n") + t.html("reviews.text", text=cut(one.text, most)) if one.text else who


def staff(t: Translator, one: Opinion) -> Screen:
    """The counter's note of what somebody wrote, with the way to hide it."""
    who = t.html("reviews.from", number=one.number, name=one.name)
    parts = [t.html("reviews.line", name=named(t, one)), who, _said(t, one.stars, one.text)]
    if one.hidden:
        parts.append(t.html("reviews.hidden"))
    hide = Button(t("button.hide"), taps.HideOpinion(one.id, 1), style=Style.DANGER)
    rows: Rows = ((Button(t("button.show"), taps.HideOpinion(one.id, 0)) if one.hidden else hide,),)
    return Screen(Markup("\n\n").join(parts), rows)
