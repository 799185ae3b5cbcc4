"""Lists for the gallery: what a file would change, little and much, with rows nobody can read; what became of it."""

from dataclasses import replace

from bot.screen import Screen
from bot.screens import sheets
from core.i18n import Translator
from core.sheets.rules import FEW, Broken, Example, Kind, Report
from core.sheets.service import Waiting
from tests.support.furnished import ODD, House

CAUSES = (
    "ambiguous", "badge", "category_two", "code", "contradicts", "date", "dates", "discount", "long", "money",
    "name_missing", "name_stands", "number", "old_price", "percent", "price_missing", "promoter", "riel", "slug",
    "stock_held", "switch", "twice", "value_missing",
)  # fmt: skip


async def screens(house: House, t: Translator) -> list[Screen]:
    """Every page of it, once nearly empty and once as full as it gets."""
    _ = house
    parts = (("price", "12.00", "11.00"), ("stock", "4", "40"), ("name", ODD, ODD * 9))
    first = [Example(ODD + "7" * 40, sort, parts) for sort in ("new", "changed", "hidden", "changed", "changed")][:FEW]
    broken = [Broken(10_000 + at, cause, "description_kh") for at, cause in enumerate(CAUSES)]
    full = Report(Kind.PRODUCTS, 9000, 800, 200, 9999, len(broken), 41, "0123456789ab", first=first, broken=broken,
                  shelves=[ODD] * 9, unknown=[ODD] * 9)  # fmt: skip
    few = [replace(full, failed=1, broken=[one]) for one in broken]
    one, none = Report(Kind.CODES, new=1, stamp="0123456789ab"), Report(Kind.CODES, same=3)
    found = Waiting(10**9, ODD + "7" * 90, Kind.PRODUCTS, "shown", full)
    return [
        sheets.home(t), sheets.exported(t, "products-2026-11-22.xlsx", b"x"),
        *(sheets.preview(t, replace(found, kind=report.kind, report=report)) for report in (full, one, none, *few)),
        *(sheets.preview(t, replace(found, report=None, state=state)) for state in ("applied", "dropped")),
    ]  # fmt: skip
