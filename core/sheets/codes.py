"""A list of promo codes against what stands: a code is known by itself, a promoter by a name that only one has."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core.promotions.rules import PromoKind
from core.settings import store as settings
from core.sheets import store
from core.sheets.rules import FEW, Draft, Example, Report, Stamp, Wrong, cents, shown, whole

MOST_PERCENT = 100
_FRESH: Mapping[str, Any] = {"min_purchase": 0, "max_discount": None, "usage_limit": None, "person_limit": None,
                             "valid_from": None, "valid_until": None, "is_active": True, "promoter": None,
                             "description": "", "description_kh": ""}  # fmt: skip
Difference = dict[str, tuple[Any, Any]]


class Codes:
    """One look or import under way, within its transaction; ``doing``: what is found is written, piece by piece."""

    def __init__(self, tx: Connection, report: Report, now: datetime, by: int | None, *, doing: bool) -> None:
        self.tx, self.report, self.now, self.by, self.doing = tx, report, now, by, doing
        self.stamp, self.seen = Stamp(report.kind), set[str]()
        self.promoters: dict[str, list[int]] = defaultdict(list)
        self.names: dict[int, str] = {}
        for promoter, name in store.promoter_names(tx):
            self.names[promoter] = " ".join(name.split())
            self.promoters[self.names[promoter]].append(promoter)

    def take(self, drafts: Iterable[Draft]) -> None:
        """Decide some rows and, if ``doing``, write what they change."""
        mine = list(drafts)
        found = store.codes(self.tx, {one.text("code") for one in mine}, keep=self.doing)
        was = {row["code"]: row for row in found}
        new: list[dict[str, Any]] = []
        changed: dict[int, dict[str, Any]] = {}
        for one in mine:
            before = was.get(one.text("code"))
            try:
                difference = self._difference(one, before)
            except Wrong as wrong:
                self.report.fail(one.line, wrong)
                continue
            self._tell(one, before, difference)
            row = {store.CODE[name]: after for name, (_, after) in difference.items()}
            if before is None:
                new.append(row)
            elif row:
                changed[before["id"]] = row
                self._remember(one, before, difference)
        if self.doing:
            store.add_codes(self.tx, new, self.now)
            store.change(self.tx, "code", changed)

    def finish(self) -> None:
        """Know this difference again."""
        self.report.stamp = self.stamp.short

    def _difference(self, one: Draft, before: Mapping[str, Any] | None) -> Difference:
        code = one.text("code")
        if code in self.seen:
            raise Wrong("twice", "code")
        values = self._read(one, before)
        old = before or {}
        if before is None:
            values = dict(_FRESH) | values
        found = {name: (old.get(name), value) for name, value in values.items()
                 if before is None or value != self._as_read(name, old.get(name))}  # fmt: skip
        self.seen.add(code)
        return found

    def _read(self, one: Draft, before: Mapping[str, Any] | None) -> dict[str, Any]:
        """What a row says, its value in the unit of its kind."""
        values, old = dict(one.values), before or {}
        kind = values.get("discount_type") or old.get("discount_type")
        if kind is None:
            raise Wrong("discount", "discount_type")
        if "discount_value" in values:
            values["discount_value"] = _worth(kind, values["discount_value"])
        elif before is None or kind != before["discount_type"]:
            raise Wrong("value_missing", "discount_value")
        if values.get("max_discount") == 0:
            values["max_discount"] = None
        if "promoter" in values:
            values["promoter"] = self._promoter(values["promoter"], old.get("promoter"))
        if kind == PromoKind.FIXED != old.get("discount_type"):
            values.setdefault("max_discount", None)  # a fixed sum has none, whatever the percent had
        begin, end = (values.get(name, old.get(name)) for name in ("valid_from", "valid_until"))
        if begin is not None and end is not None and end <= begin:
            raise Wrong("dates", "valid_until")
        _check_limits(values, old)
        return values

    def _promoter(self, name: str, before: int | None) -> int | None:
        if name and before is not None and self.names.get(before) == name:
            return before
        found = self.promoters.get(name, []) if name else [0]
        if len(found) != 1:
            raise Wrong("ambiguous" if found else "promoter", "promoter")
        return found[0] or None

    def _as_read(self, name: str, value: Any) -> Any:
        if name in {"description", "description_kh"}:
            return " ".join((value or "").split())
        return value

    def _shown(self, name: str, value: Any, kind: str) -> str:
        if name == "promoter":
            return self.names.get(value, "")
        return shown("price", value) if name == "discount_value" and kind == PromoKind.FIXED else shown(name, value)

    def _texts(
        self, one: Draft, before: Mapping[str, Any] | None, difference: Difference
    ) -> list[tuple[str, str, str]]:
        kind = str(one.values.get("discount_type") or (before or {}).get("discount_type"))
        return [(name, self._shown(name, old, kind), self._shown(name, new, kind))
                for name, (old, new) in difference.items()]  # fmt: skip

    def _tell(self, one: Draft, before: Mapping[str, Any] | None, difference: Difference) -> None:
        hides = before is not None and difference.get("is_active", (None, None))[1] is False
        sort = "new" if before is None else "same" if not difference else "hidden" if hides else "changed"
        setattr(self.report, sort, getattr(self.report, sort) + 1)
        if sort == "same":
            return
        self.stamp.feed(one.text("code"), sort, sorted(difference.items()))
        if len(self.report.first) < FEW:
            texts = [
                part for part in self._texts(one, before, difference) if part[0] != "code" and (part[1] or part[2])
            ]
            self.report.first.append(Example(one.text("code"), sort, tuple(texts)))

    def _remember(self, one: Draft, before: Mapping[str, Any], difference: Difference) -> None:
        if self.doing:
            texts = self._texts(one, before, difference)
            told = {"before": {name: old for name, old, _ in texts}, "after": {name: new for name, _, new in texts}}
            settings.write_audit(self.tx, self.now, self.by, "sheet.code", one.text("code"), None, told)


def _check_limits(values: Mapping[str, Any], old: Mapping[str, Any]) -> None:
    """Refuse limits that nobody can mean: 0, fewer than are used, more for each than for all. What stands may stay."""
    new = {name: values.get(name, old.get(name)) for name in ("usage_limit", "person_limit")}
    changed = [name for name, limit in new.items() if limit != old.get(name)]
    for name in changed:
        if new[name] == 0:
            raise Wrong("limit_zero", name)
    every, each = new.values()
    if "usage_limit" in changed and every is not None and every < old.get("used", 0):
        raise Wrong("limit_used", "usage_limit")
    if changed and every and each and each > every:
        raise Wrong("limit_each", "person_limit")


def _worth(kind: str, value: object) -> int:
    """Read what a code takes off: whole percent, or cents."""
    try:
        found = whole(value) if kind == PromoKind.PERCENT else cents(value)
    except Wrong as wrong:
        raise Wrong("percent" if kind == PromoKind.PERCENT else wrong.cause, "discount_value") from None
    if not found or (kind == PromoKind.PERCENT and found > MOST_PERCENT):
        raise Wrong("percent" if kind == PromoKind.PERCENT else "money", "discount_value")
    return found
