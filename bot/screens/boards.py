"""The counter's lists, what was found, and the pinned board."""

from zoneinfo import ZoneInfo

from markupsafe import Markup

from bot import taps
from bot.screen import Button, Rows, Screen
from bot.screens.room import paired
from bot.screens.shop import cut
from core.boards.rules import STATUSES, Counts, Found, Listed, Listing, Page
from core.i18n import Translator
from core.orders.rules import Status
from core.parcels.rules import Paper

NAME, HOLDER = 20, 12
"""As many characters of the two names on a button."""
SAID = 60
"""As many characters of what was looked for are said again."""
IN_A_ROW = 6
"""As many of the board's buttons, a sign and a figure each; the words stand above them."""
ENDS = {Status.DELIVERED: "✓", Status.CANCELLED: "✕", Status.EXPIRED: "✕"}
SIGNS = {
    Listing.NEW: "🆕",
    Listing.PREPARING: "🎁",
    Listing.READY: "📦",
    Listing.OUT: "🛵",
    Listing.BACK: "↩️",
}
"""One sign for each list, on its button and before its orders where several lists stand together."""


def _sign(status: Status) -> str:
    listing = next((one for one, group in STATUSES.items() if status in group), None)
    return SIGNS[listing] if listing else ENDS[status]


def _row(one: Listed, tap: taps.Tap) -> tuple[Button, ...]:
    """``🎁 MD00042 · $13.50 · Dara · Sokha``."""
    parts = [f"{_sign(one.status)} {one.number}", str(one.total), cut(one.name, NAME), cut(one.holder, HOLDER)]
    return (Button(" · ".join(part for part in parts if part), tap),)


def orders(t: Translator, listing: Listing, page: Page, *, own: bool, prints: bool) -> Screen:
    """One page of a list; ``own``: with the way to the orders that the reader placed themselves; who ``prints``."""
    rows = [_row(one, taps.OpenListed(one.id, listing, page.after)) for one in page.orders]
    turn = [Button(t("button.refresh"), taps.OrderList(listing, page.after))]
    if page.after:
        turn.append(Button(t("button.from_start"), taps.OrderList(listing, 0)))
    if page.more:
        turn.append(Button(t("button.more"), taps.OrderList(listing, page.orders[-1].id)))
    if prints and listing is Listing.READY and page.orders:
        rows.append((Button(t("button.all_labels"), taps.AllPapers(Paper.LABEL, 0)),
                     Button(t("button.all_slips"), taps.AllPapers(Paper.SLIP, 0))))  # fmt: skip
    mine: Rows = ((Button(t("button.own_orders"), taps.MyOrders()),),) if own else ()
    words = t.html("list.title", title=t(f"list.{listing}"))
    if not page.orders:
        words = Markup("\n\n").join([words, t.html("list.none_left" if page.after else "list.none")])
    return Screen(words, (*rows, tuple(turn), *mine))


def found(t: Translator, text: str, page: Found, asked: int, below: int | None = None) -> Screen:
    """What was found, the newest first; ``asked`` is when, ``below`` the message that asked for it."""
    rows = [_row(one, taps.OpenFound(one.id, asked, page.before)) for one in page.orders]
    turn = [Button(t("button.from_start"), taps.TurnFound(asked, 0))] if page.before else []
    turn += [Button(t("button.more"), taps.TurnFound(asked, page.orders[-1].id))] if page.more else []
    words = t.html("find.found" if page.orders else "find.none", text=cut(text, SAID))
    return Screen(words, (*rows, tuple(turn)) if turn else tuple(rows), reply_to=below)


def board(t: Translator, counts: Counts, zone: ZoneInfo) -> Screen:
    """What waits, in figures; each leads to its list. Telegram itself keeps counting since when the oldest waits."""
    waiting = counts.waiting
    lines = [t.html("board.line", sign=SIGNS[one], words=t(f"list.{one}"), count=waiting.get(one, 0))
             for one in STATUSES if one is not Listing.BACK or waiting.get(one)]  # fmt: skip
    if counts.unclaimed and counts.oldest:
        since = Markup('<tg-time unix="{}" format="r">{}</tg-time>').format(
            int(counts.oldest.timestamp()), t.when(counts.oldest, zone)
        )
        lines += [Markup(), t.html("board.unclaimed", count=counts.unclaimed, since=since)]
    if counts.cases:
        lines.append(t.html("board.cases", count=counts.cases))
    if counts.talks:
        lines.append(t.html("board.talks", count=counts.talks))
    if not (sum(waiting.values()) or counts.cases or counts.talks):
        lines += [Markup(), t.html("board.nothing")]
    lists = [Button(f"{SIGNS[one]} {waiting.get(one, 0)}", taps.BoardList(one))
             for one in STATUSES if one is not Listing.BACK or waiting.get(one)]  # fmt: skip
    if counts.cases:
        lists.append(Button(f"💰 {counts.cases}", taps.BoardPayments()))
    return Screen(Markup("\n").join([t.html("board.title"), Markup(), *lines]), paired(lists, IN_A_ROW))
