"""What a list of goods changes, written piece by piece: shelves and products first, then variants, stock and audit."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core import changes
from core.catalog import store as catalog
from core.imports.mapping import slug
from core.settings import store as settings
from core.sheets import store
from core.sheets.rules import Draft, folded, shown

ALL = ("All", "ទាំងអស់")
"""The shelf of what names none."""
MANY_BELLS = 50
"""From so many products on, "any of them" rings."""
_PRODUCT: Mapping[str, Any] = {"name": "", "name_kh": "", "description": "", "description_kh": "", "badge": None,
                               "is_active": True, "photo": ""}  # fmt: skip
_VARIANT: Mapping[str, Any] = {"variant": "", "variant_kh": "", "price": 0, "old_price": None, "cost": None,
                               "variant_active": True}  # fmt: skip

Home = int | tuple[str, str]
"""Whose variant a row is: a product's id, or of a new one what its rows have in common (its slug or name)."""
Difference = dict[str, tuple[Any, Any]]


@dataclass(slots=True)
class Plan:
    """What one row comes to: ``variant`` None is a new one; values before and after, by column."""

    draft: Draft
    variant: int | None
    home: Home
    product: Difference = field(default_factory=dict)
    own: Difference = field(default_factory=dict)
    sku: str = ""
    slug: str = ""

    @property
    def sort(self) -> str:
        """New, changed, same; hidden where it takes something off the shelf."""
        if self.variant is None:
            return "new"
        everything = self.product | self.own
        if any(name in everything and everything[name][1] is False for name in ("is_active", "variant_active")):
            return "hidden"
        return "changed" if everything else "same"


class Writer:
    """Writes plans in one transaction; ``by`` None is whoever may type commands."""

    def __init__(
        self, tx: Connection, now: datetime, by: int | None, shelf: Callable[[str], int | None],
        labels: defaultdict[str, set[int]],
    ) -> None:  # fmt: skip
        self._tx, self._now, self._by, self._shelf, self._labels = tx, now, by, shelf, labels
        self._made: dict[Home, int] = {}
        self._touched: set[int] = set()

    def write(self, plans: list[Plan]) -> None:
        """Write what they come to; every change of what stood is a line of the audit."""
        self._add([plan for plan in plans if plan.variant is None])
        standing = [plan for plan in plans if plan.product and isinstance(plan.home, int)]
        rows = {plan.home: self._product(plan.product) for plan in standing if isinstance(plan.home, int)}
        store.change(self._tx, "product", {home: row | {"updated_at": self._now} for home, row in rows.items()})
        changed = [(plan, plan.variant) for plan in plans if plan.variant is not None]
        store.change(self._tx, "variant", {variant: _named(plan.own, store.VARIANT) for plan, variant in changed})
        units = {variant: plan.own["stock"] for plan, variant in changed if "stock" in plan.own}
        store.count(self._tx, {one: after - before for one, (before, after) in units.items()}, self._now, self._by)
        for plan, _ in changed:
            self._remember(plan)
        self._touched |= {plan.home for plan in plans if isinstance(plan.home, int)}

    def _add(self, plans: list[Plan]) -> None:
        """Add new products, then new variants."""
        first = {plan.home: plan for plan in plans if not isinstance(plan.home, int) and plan.home not in self._made
                 and plan.product}  # fmt: skip
        rows = [self._product(_filled(plan.product, _PRODUCT)) | {"slug": plan.slug} for plan in first.values()]
        ids = store.add_products(self._tx, rows, self._now)
        self._made |= {home: ids[plan.slug] for home, plan in first.items()}
        new, units = [], {}
        for plan in plans:
            home = plan.home if isinstance(plan.home, int) else self._made[plan.home]
            own = _named(_filled(plan.own, _VARIANT), store.VARIANT)
            new.append(own | {"product_id": home, "sku": plan.sku, "position": plan.draft.line})
            units[plan.sku] = plan.own["stock"][1] if "stock" in plan.own else 0
            self._touched.add(home)
        store.add_variants(self._tx, new, units, self._now, self._by)

    def _product(self, product: Difference) -> dict[str, Any]:
        row = _named(product, store.PRODUCT)
        if "category_id" in row:
            row["category_id"] = self._category(row["category_id"])
        if "badge" in row:
            row["badge"] = row["badge"] or None
        return row

    def _category(self, name: str) -> int:
        """The category of a name, made where there is none."""
        found = self._shelf(name)
        if found is None:
            word = slug(name) or "shelf"
            free = next(one for one in (word, *(f"{word}-{at}" for at in range(2, 10_000)))
                        if folded(one) not in self._labels)  # fmt: skip
            english, khmer = ALL if name == ALL[0] else (name, "")
            found = catalog.add_category(self._tx, slug=free, name_en=english, name_km=khmer)
            for label in (free, name):
                self._labels[folded(label)].add(found)
        return found

    def _remember(self, plan: Plan) -> None:
        everything = plan.product | plan.own
        told = {when: {name: shown(name, pair[at]) for name, pair in everything.items()}
                for at, when in enumerate(("before", "after"))}  # fmt: skip
        subject = plan.draft.text("sku") or plan.draft.text("name") or plan.draft.text("name_kh")
        detail = told | {"variant_id": plan.variant}
        settings.write_audit(self._tx, self._now, self._by, "sheet.product", subject[:60], None, detail)

    def ring(self) -> None:
        """Tell of what was written."""
        for one in sorted(self._touched) if len(self._touched) < MANY_BELLS else [0] * bool(self._touched):
            changes.note(self._tx, "product", one)


def _filled(found: Difference, otherwise: Mapping[str, Any]) -> Difference:
    return {name: (None, value) for name, value in otherwise.items()} | found


def _named(found: Difference, names: Mapping[str, str]) -> dict[str, Any]:
    """The new values by their columns in the table."""
    return {names[name]: after for name, (_, after) in found.items() if name in names}
