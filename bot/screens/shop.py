"""The storefront: front, languages, shelves, products, basket."""

import html
import re
from collections.abc import Callable, Iterable, Sequence

from markupsafe import Markup

from bot import taps
from bot.screen import Banner, Button, Picture, ProductPhoto, Rows, Screen, Style, grid
from bot.screens.room import paired
from core.cards import LineText, ProductCard, ReviewCard
from core.catalog.rules import Category, Page, Product
from core.doors import Goal
from core.errors import NotFound, ShopError
from core.i18n import Translator
from core.pictures.text import clusters
from core.points.rules import Standing
from core.settings.rules import Policy

LANGUAGE_NAMES = {"en": "English", "km": "ភាសាខ្មែរ"}
DESCRIPTION = 600
LINES = 8
CAPTION = 1024
"""Telegram's limit for what stands below a picture, in characters as they are read."""
_TAG = re.compile(r"<[^<>]*>")


def banner(t: Translator, shop_name: str) -> Banner:
    """The picture of every screen that has none of its own."""
    return Banner(shop_name, t("home.banner"))


def languages(t: Translator, shop_name: str, then: int = 0, goal: Goal = Goal.FRONT) -> Screen:
    """Offer the languages in their own words, the reader's first; ``goal`` and ``then``: where the person was going."""
    names = sorted(LANGUAGE_NAMES.items(), key=lambda one: one[0] != t.language)
    rows = tuple((Button(name, taps.Speak(code, then, goal)),) for code, name in names)
    return Screen(t.html("home.languages", shop=shop_name), rows, banner(t, shop_name))


def cart_button(t: Translator, units: int) -> Button:
    """The way to the basket, and how many units are in it."""
    return Button(t("button.cart_of", count=units) if units else t("button.cart"), taps.OpenCart())


def home(
    t: Translator, shop_name: str, categories: list[Category], site: str | None, units: int = 0, *,
    carries: bool = False, runs: bool = False,
) -> Screen:  # fmt: skip
    """The front: the shelves, the basket with its ``units``, the person's orders; what somebody ``carries``, first.

    Who ``runs`` the shop finds the way to that as well: nobody reads a list of commands first.
    """
    shelves = _shelves(t, categories)
    last = [cart_button(t, units), Button(t("button.my_orders"), taps.MyOrders())]
    more = [Button(t("button.favourites"), taps.MyFavourites(0)), Button(t("button.points"), taps.MyPoints())]
    care = [Button(t("button.help"), taps.OpenHelp(0, 0)), Button(t("button.settings"), taps.Settings())]
    web = [(Button(t("button.site"), url=site),)] if site else []
    text = t.html("home.text" if categories else "home.empty", shop=shop_name)
    work = [(Button(t("button.run_shop"), taps.OpenAdmin()),)] if runs else []
    work += [(Button(t("button.my_parcels"), taps.MyParcels(0)),)] if carries else []
    return Screen(text, (*work, *paired(shelves), tuple(last), tuple(more), tuple(care), *web), banner(t, shop_name))


def shelf(t: Translator, shop_name: str, category: Category, page: Page) -> Screen:
    """One page of a shelf: each product a button with its price."""
    rows = _products(t, page, lambda number: taps.OpenCategory(category.id, number))
    name = f"{category.emoji} {t.pick(category.name_en, category.name_km)}".strip()
    text = t.html("shelf.text", name=name, at=_at(page))
    return Screen(text, rows, banner(t, shop_name))


def found(t: Translator, shop_name: str, line: str, page: Page, search: int) -> Screen:
    """One page of what a typed line found; ``search`` is the stamp its pages are turned by."""
    text = t.html("search.found", line=line, at=_at(page))
    rows = _products(
        t, page, lambda number: taps.TurnResults(search, number), lambda one: taps.OpenResult(one, search, page.number)
    )
    return Screen(text, rows, banner(t, shop_name))


def favourites(t: Translator, shop_name: str, page: Page) -> Screen:
    """One page of what somebody keeps."""
    key = "favourites.title" if page.products else "favourites.none"
    rows = _products(t, page, taps.MyFavourites, lambda one: taps.OpenFavourite(one, page.number))
    return Screen(t.html(key, at=_at(page)), rows, banner(t, shop_name))


def _at(page: Page) -> str:
    """Which page of how many, where there is more than one."""
    return f" · {page.number + 1}/{page.pages}" if page.pages > 1 else ""


def nothing_found(t: Translator, shop_name: str, line: str, categories: list[Category]) -> Screen:
    """Nothing is called that: the shelves."""
    rows = (*paired(_shelves(t, categories)), (Button(t("button.home"), taps.Home()),))
    return Screen(t.html("search.nothing", line=line), rows, banner(t, shop_name))


def _shelves(t: Translator, categories: list[Category]) -> list[Button]:
    return [Button(f"{c.emoji} {t.pick(c.name_en, c.name_km)}".strip(), taps.OpenCategory(c.id, 0)) for c in categories]


def _products(
    t: Translator, page: Page, turned: Callable[[int], taps.Tap],
    opened: Callable[[int], taps.Tap] = lambda product_id: taps.OpenProduct(product_id, 0),
) -> Rows:  # fmt: skip
    """The products of a page, each a button with its price; below them the ways to turn it, and home."""
    buttons = [Button(_entry(t, product), opened(product.id)) for product in page.products]
    turn = [Button("‹", turned(page.number - 1))] if page.number > 0 else []
    turn += [Button("›", turned(page.number + 1))] if page.number + 1 < page.pages else []
    return (*grid(buttons, 1), *((tuple(turn),) if turn else ()), (Button(t("button.home"), taps.Home()),))


def _entry(t: Translator, product: Product) -> str:
    price = product.cheapest.price if product.left else t("badge.sold_out")
    return f"{t.pick(product.name_en, product.name_km)} · {price}"


def product(t: Translator, card: ProductCard, back: taps.Tap, picture: Picture, share: str = "") -> Screen:
    """A product: one line that sells it, its variants, and the ways to buy; ``share`` is the line that offers it."""
    parts = [t.html("product.title", name=card.name, badge=f" · {card.badge}" if card.badge else "")]
    price = t.html("product.was", old=card.old_price) if card.old_price else Markup("")
    parts.append(t.html("product.price", price=card.price, stock=card.stock) + price)
    if card.description:
        parts.append(t.html("product.description", text=cut(card.description, DESCRIPTION)))
    rows = [*paired(_choices(card))] if len(card.variants) > 1 else []
    if not card.sold_out:
        rows.append((Button(t("button.buy_now"), taps.BuyNow(card.chosen), style=Style.PRIMARY),
                     Button(t("button.add"), taps.AddToCart(card.chosen))))  # fmt: skip
    else:
        rows.append((_tell_me(t, card),))
    rows += [_turning(card)] if len(card.album) > 1 else []
    heart = taps.LetGo if card.kept else taps.Keep
    beside = [Button("♥" if card.kept else "♡", heart(card.id, card.chosen, card.photo_id))]
    beside += [Button(t("button.share"), share=share)] if share else []
    if card.rated:
        beside.append(Button(f"★ {card.rating} ({card.rated})", taps.OpenOpinions(card.id, card.chosen, 0)))
    rows.append(tuple(beside))
    rows.append((Button(t("button.back"), back), cart_button(t, card.units)))
    return Screen(Markup("\n\n").join(parts), tuple(rows), picture)


def _tell_me(t: Translator, card: ProductCard) -> Button:
    """Below what is sold out: be told when it is back, or not any more."""
    words = "button.stop_waiting" if card.waits else "button.tell_me"
    return Button(t(words), taps.TellMe(card.chosen, 0 if card.waits else 1))


def back_in_stock(t: Translator, card: ProductCard, picture: Picture) -> Screen:
    """Tell who asked that something is back, and how many there are."""
    detail = next((variant.name for variant in card.variants if variant.id == card.chosen), "")
    name = f"{squeezed(card.name, 90)} · {squeezed(detail, 40)}" if detail else squeezed(card.name, 90)
    rows = ((Button(t("button.buy_now"), taps.BuyNow(card.chosen), style=Style.PRIMARY),
             Button(t("button.look"), taps.OpenProduct(card.id, card.chosen))),)  # fmt: skip
    return Screen(t.html("waiting.back", name=name, stock=card.stock, price=card.price), rows, picture)


def _choices(card: ProductCard) -> list[Button]:
    """The variants; the chosen one is marked, a sold-out one struck by a dot."""
    return [
        Button(
            f"{'● ' if v.id == card.chosen else ''}{f'{v.name} · ' if v.name else ''}{v.price}{'' if v.left else ' ✕'}",
            taps.OpenProduct(card.id, v.id) if not card.photo_id else taps.ShowPhoto(card.id, v.id, card.photo_id),
        )
        for v in card.variants
    ]


def _turning(card: ProductCard) -> tuple[Button, ...]:
    """``‹ 2/5 ›``: through the product's photos, round and round."""
    ids = [photo.id for photo in card.album]
    here, count = ids.index(card.photo_id), len(ids)
    words = {-1: "‹", 0: f"{here + 1}/{count}", 1: "›"}
    return tuple(
        Button(text, taps.ShowPhoto(card.id, card.chosen, ids[(here + step) % count])) for step, text in words.items()
    )


def photo(card: ProductCard, t: Translator, shop_name: str) -> Picture:
    """The product's photo, or the shop's banner where it has none."""
    return ProductPhoto(card.photo) if card.photo else banner(t, shop_name)


def points(t: Translator, policy: Policy, found: Standing, ends: str, link: str | None) -> Screen:
    """What somebody has and what it is worth; the invitation, where the shop has a link to give."""
    parts = [t.html("points.text", balance=found.balance, worth=found.worth)]
    if ends:
        parts.append(t.html("points.ending", points=found.ending, when=ends))
    rows: list[tuple[Button, ...]] = [(Button(t("button.home"), taps.Home()),)]
    if link:
        parts.append(t.html("points.invite", mine=policy.referral_points, theirs=policy.friend_points, link=link))
        rows.insert(0, (Button(t("button.copy_invitation"), copy=link),))
    if found.friends:
        parts.append(t.html("points.friends", count=found.friends))
    return Screen(Markup("\n\n").join(parts), tuple(rows), banner(t, policy.shop_name))


def cart(t: Translator, shop_name: str, card: ReviewCard | None) -> Screen:
    """The basket: every line with − and +, then to the checkout."""
    home_row = (Button(t("button.home"), taps.Home()),)
    if card is None or not card.lines:
        return Screen(t.html("cart.empty"), (home_row,), banner(t, shop_name))
    rows = [
        (Button("−", taps.ChangeLine(card.cart_id, variant, line.quantity - 1)),
         Button(f"{line.quantity} × {line.name}", taps.OpenProduct(0, variant)),
         Button("+", taps.ChangeLine(card.cart_id, variant, line.quantity + 1)))
        for line, variant in zip(card.lines, card.variants, strict=True)
    ]  # fmt: skip
    text = Markup("\n").join([t.html("cart.title"), "", listing(t, card.lines), "",
                              t.html("cart.sum", total=card.goods)])  # fmt: skip
    buy = (Button(t("button.checkout"), taps.OpenReview(card.cart_id), style=Style.PRIMARY),)
    return Screen(text, (*rows, buy, home_row), banner(t, shop_name))


def listing(t: Translator, lines: Sequence[LineText], most: int = LINES) -> Markup:
    """The lines of a cart, review or order; those that a caption has no room for are counted."""
    shown = [entry(t, line) for line in lines[:most]]
    if len(lines) > most:
        shown.append(t.html("more_lines", count=len(lines) - most))
    return Markup("\n").join(shown)


def entry(t: Translator, line: LineText) -> Markup:
    """One line, short enough that a full caption holds ``LINES`` of them."""
    name = f"{line.name} · {line.detail}" if line.detail else line.name
    return t.html("line", quantity=line.quantity, name=cut(name, 48), amount=line.amount)


def fitting(draw: Callable[[int], Markup], most: int = LINES, spare: int = 0) -> Markup:
    """Draw with as many lines as a caption has room for, ``most`` at most, one at least; ``spare`` is left free."""
    texts = (draw(lines) for lines in range(most, 0, -1))
    return next((text for text in texts if fits(text, spare)), draw(1))


def fits(text: Markup, spare: int = 0) -> bool:
    """Whether a caption has room for a text and as many characters more."""
    return len(html.unescape(_TAG.sub("", text))) <= CAPTION - spare


def cut(text: str, longest: int) -> str:
    """Shorten a text at a word, or between Khmer clusters where that would leave less than half; with an ellipsis."""
    if len(text) <= longest:
        return text
    kept = _begin(clusters(text), longest - 1)
    words = kept.rsplit(" ", 1)[0]
    return (words if 2 * len(words) >= longest else kept).rstrip(" ,;·") + "…"


def _begin(parts: Iterable[str], longest: int) -> str:
    """Take whole parts, as many as make no more than ``longest`` characters."""
    kept = ""
    for part in parts:
        if len(kept) + len(part) > longest:
            break
        kept += part
    return kept


def squeezed(text: str, longest: int) -> str:
    """Shorten a text in its middle: what a sentence says of a long name stands at its end."""
    if len(text) <= longest:
        return text
    half, parts = longest // 2, list(clusters(text))
    end = _begin((part[::-1] for part in reversed(parts)), half)[::-1]
    return f"{_begin(parts, longest - half - 1).rstrip()}…{end.lstrip()}"


def refused(t: Translator, error: ShopError) -> Screen:
    """Say why not, to a message; where the way ends there, show the way back to the shop."""
    rows = ((Button(t("button.home"), taps.Home()),),) if isinstance(error, NotFound) else ()
    return Screen(t.html(error.key, **error.values), rows)


def heard(t: Translator, *, private: bool) -> Screen:
    """What was said was taken already, and its answer perhaps never came: in a ``private`` chat with the ways on."""
    ways = (Button(t("button.cart"), taps.OpenCart()), Button(t("button.home"), taps.Home()))
    return Screen(t.html("ask.heard"), (ways,) if private else ())


def lost(t: Translator, shop_name: str) -> Screen:
    """Not understood: the way back."""
    return Screen(t.html("errors.not_understood"), ((Button(t("button.home"), taps.Home()),),), banner(t, shop_name))
