"""A list of goods against what stands: who each row means, what it would change, and the change itself.

Who a row means is decided by what stood before the first of them was written, so that looking and doing agree: by SKU,
else by the ancestor's id, else by a name that only one has. Nothing is guessed: what could mean two is left out.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core.imports.mapping import slug
from core.sheets import labels, store
from core.sheets.rules import (
    FEW,
    GOODS,
    PRODUCTS_OWN,
    Draft,
    Example,
    Report,
    Stamp,
    Wrong,
    folded,
    shown,
)
from core.sheets.rules import slug as new_slug
from core.sheets.writing import ALL, Difference, Home, Plan, Writer

_READ = {column.name: column.read for column in GOODS}
_TEXTS = ("name", "name_kh", "variant", "variant_kh", "description", "description_kh", "photo", "category")


class Goods:
    """One look or import under way, within its transaction; ``doing``: what is found is written, piece by piece."""

    def __init__(
        self, tx: Connection, report: Report, now: datetime, by: int | None, there: Callable[[str], bool],
        *, doing: bool,
    ) -> None:  # fmt: skip
        self.tx, self.report, self.there, self.doing = tx, report, there, doing
        self.stamp = Stamp(report.kind)
        self.skus: dict[str, int] = {}
        self.names: dict[int, list[tuple[int, str]]] = defaultdict(list)
        self.by_name: dict[str, list[int]] = defaultdict(list)
        self.slugs: dict[str, int] = {}
        self.ancestors = store.ancestors(tx)
        shelves = store.shelves(tx)
        self.labels, self.label = labels.meanings(shelves), labels.names(shelves)
        self.said: dict[Home, int] = {}
        self.fresh: dict[Home, str] = {}
        self.used: set[Any] = set()
        self._look_around()
        self._writer = Writer(tx, now, by, self.shelf, self.labels)

    def _look_around(self) -> None:
        """Learn who there is: what a row may mean does not change while rows are written."""
        for variant, product, sku, name in store.every_variant(self.tx):
            self.skus[" ".join(sku.split())] = variant
            self.names[product].append((variant, " ".join(name.split())))
        for product, word, english, khmer in store.every_product(self.tx):
            self.slugs[word] = product
            for name in {" ".join(english.split()), " ".join(khmer.split())} - {""}:
                self.by_name[name].append(product)
        self.products = {variant: product for product, ours in self.names.items() for variant, _ in ours}

    # ── one piece of rows ────────────────────────────────────────────────────────────────────────────────────────────
    def take(self, drafts: Iterable[Draft]) -> None:
        """Decide some rows and, if ``doing``, write what they change."""
        met: list[tuple[Draft, int | None, Home]] = []
        for one in drafts:
            try:
                variant = self._meant(one)
                home = self.products[variant] if variant is not None else self._home(one)
            except Wrong as wrong:
                self.report.fail(one.line, wrong)
            else:
                met.append((one, variant, home))
        was = store.goods(self.tx, {variant for _, variant, _ in met if variant is not None}, keep=self.doing)
        homes = store.product_fields(self.tx, {home for _, variant, home in met if variant is None
                                               and isinstance(home, int)})  # fmt: skip
        plans = []
        for one, variant, home in met:
            try:
                before = was[variant] if variant is not None else homes.get(home, {}) if isinstance(home, int) else {}
                plans.append(self._planned(one, variant, home, before))
            except Wrong as wrong:
                self.report.fail(one.line, wrong)
        for plan in plans:
            self._tell(plan)
        if self.doing:
            self._writer.write([plan for plan in plans if plan.sort != "same"])

    def finish(self) -> None:
        """Know this difference again; ring for what was written."""
        self.report.stamp = self.stamp.short
        self._writer.ring()

    def _meant(self, one: Draft) -> int | None:
        """Which variant a row means; None for a new one."""
        sku, key = one.text("sku"), one.text("id")
        if sku:
            return self.skus.get(sku)
        if key in self.ancestors and self.ancestors[key] in self.products:
            return self.ancestors[key]
        name, variant = one.text("name") or one.text("name_kh"), one.text("variant")
        ids = [found for product in self.by_name.get(name, ()) for found, called in self.names[product]
               if not variant or called == variant]  # fmt: skip
        if len(ids) > 1:
            raise Wrong("ambiguous", "name")
        return ids[0] if ids else None

    def _home(self, one: Draft) -> Home:
        """Whose variant a new row is: of the product it names, or of one that is new as well."""
        word, name = one.text("product"), one.text("name") or one.text("name_kh")
        if word:
            return self.slugs.get(word, ("slug", word))
        if not name:
            raise Wrong("name_missing", "name")
        ids = self.by_name.get(name, ())
        if len(ids) > 1:
            raise Wrong("ambiguous", "name")
        if ids and not one.text("variant"):
            raise Wrong("name_stands", "name")
        return ids[0] if ids else ("name", name)

    # ── what a row comes to ──────────────────────────────────────────────────────────────────────────────────────────
    def _planned(self, one: Draft, variant: int | None, home: Home, before: Mapping[str, Any]) -> Plan:
        plan = Plan(one, variant, home)
        values = {name: value for name, value in one.values.items() if name not in {"sku", "id", "product"}}
        if variant is not None and not (one.text("sku") or one.text("variant")):
            values.pop("variant", None)  # found by its name alone, it says nothing of its variant
        common = hash(tuple((name, values[name]) for name in PRODUCTS_OWN if name in values))
        if self.said.get(home, common) != common:
            raise Wrong("contradicts", "name")
        is_first, is_new = home not in self.said, not isinstance(home, int)
        if is_first:
            plan.product = self._compared(values, before if not is_new else {}, PRODUCTS_OWN)
        mine = [name for name in values if name not in PRODUCTS_OWN]
        plan.own = self._compared(values, before if variant is not None else {}, mine)
        self._check_own(plan, before)
        if is_first:
            self._check_product(plan, before, is_new=is_new)
        self._name(plan)
        self.said[home] = common
        return plan

    def _compared(self, values: Mapping[str, Any], before: Mapping[str, Any], names: Iterable[str]) -> Difference:
        found: Difference = {}
        for name in names:
            if name not in values:
                continue
            new, was = values[name], self._as_read(name, before.get(name))
            if name == "photo" and new != was and not self.there(new):
                self.report.photos += 1
            elif name == "category" and self.shelf(new) is not None and self.shelf(new) == before.get("category"):
                continue
            elif new != was:
                found[name] = was, new
        return found

    def _as_read(self, name: str, value: Any) -> Any:
        """What stands, as its own export would be read."""
        if name == "category":
            return self.label.get(value, "")
        if name in _TEXTS:
            return _READ[name](value or "")
        return (value or "") if name == "badge" else value

    def shelf(self, name: str) -> int | None:
        """Which category a name means; None for a new one."""
        ids = self.labels.get(folded(name), set())
        if len(ids) > 1:
            raise Wrong("category_two", "category")
        return next(iter(ids), None)

    def _check_product(self, plan: Plan, before: Mapping[str, Any], *, is_new: bool) -> None:
        names = [plan.product[name][1] if name in plan.product else before.get(name) for name in ("name", "name_kh")]
        if not any(names):
            raise Wrong("name_missing", "name")
        if is_new and "category" not in plan.product:
            plan.product["category"] = "", ALL[0]
        if "category" in plan.product:
            name = plan.product["category"][1]
            if self.shelf(name) is None and name not in self.report.shelves:
                self.report.shelves.append(name)

    def _check_own(self, plan: Plan, before: Mapping[str, Any]) -> None:
        own, is_new = plan.own, plan.variant is None

        def now(name: str) -> Any:
            return own[name][1] if name in own else None if is_new else before.get(name)

        price, old = now("price"), now("old_price")
        if not price:
            raise Wrong("price_missing" if price is None else "money", "price")
        if old is not None and old <= price:
            raise Wrong("old_price", "old_price")
        if "stock" in own and own["stock"][1] < (0 if is_new else before["promised"]):
            raise Wrong("stock_held", "stock")

    def _name(self, plan: Plan) -> None:
        """Give a new variant its SKU and a new product its slug; ``Wrong("twice")`` where the file had it before."""
        variant = plan.draft.text("variant")
        if plan.variant is not None:
            self._once(("id", plan.variant))
            return
        taken = {called for _, called in self.names[plan.home]} if isinstance(plan.home, int) else set()
        if variant in taken:
            raise Wrong("twice", "variant")
        sku = plan.draft.text("sku")
        if sku and ("sku", sku) in self.used:
            raise Wrong("twice", "sku")
        self._once(("variant", plan.home, variant))
        if not isinstance(plan.home, int):
            plan.slug = self._slug(plan) if plan.home not in self.fresh else self.fresh[plan.home]
            self.fresh[plan.home] = plan.slug
        plan.sku = sku or self._free(slug(f"{plan.slug or 'v'}-{variant}", 50) or "v", self.skus, "sku", plan)
        self.used.add(("sku", plan.sku))

    def _once(self, key: Any) -> None:
        if key in self.used:
            raise Wrong("twice", "name")
        self.used.add(key)

    def _slug(self, plan: Plan) -> str:
        if isinstance(plan.home, tuple) and plan.home[0] == "slug":
            return new_slug(plan.home[1])
        return self._free(slug(plan.draft.text("name")) or "p", self.slugs, "slug", plan)

    def _free(self, wanted: str, standing: Mapping[str, int], what: str, plan: Plan) -> str:
        """A word that nobody has, made of the wanted one: the same at every look."""
        said = hashlib.sha256(repr((plan.home, plan.draft.text("variant"), plan.draft.line)).encode()).hexdigest()
        tries = [wanted, *(f"{wanted}-{said[:length]}" for length in (4, 8, 20))]
        found = next(one for one in tries if one not in standing and (what, one) not in self.used)
        self.used.add((what, found))
        return found

    # ── telling and writing ──────────────────────────────────────────────────────────────────────────────────────────
    def _tell(self, plan: Plan) -> None:
        report, sort = self.report, plan.sort
        setattr(report, sort, getattr(report, sort) + 1)
        if sort == "same":
            return
        everything = plan.product | plan.own
        self.stamp.feed(plan.variant, plan.home, plan.sku, sorted(everything.items()))
        if len(report.first) < FEW:
            name = plan.draft.text("name") or plan.draft.text("name_kh") or plan.draft.text("sku")
            parts = tuple((name, shown(name, old), shown(name, new)) for name, (old, new) in everything.items())
            report.first.append(Example(name, sort, parts))
