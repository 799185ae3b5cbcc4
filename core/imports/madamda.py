"""The ancestor's file (Django ``dumpdata``) as rows with their references found: pure but for reading it.

``--natural-primary`` leaves keys out and ``--natural-foreign`` writes references as lists: both are followed, by what
such a shop would take for a natural key. Of rows that nobody needs (sessions, QR payloads) only the number is kept.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import Refused
from core.imports import reading
from core.imports.rules import Row, digest

SOURCE = "madamda"
MODELS = (
    "product", "customer", "promoter", "promocode", "order", "orderitem", "loyaltypoint", "referral", "newsletter",
    "heroslide",
)  # fmt: skip
NATURAL: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "product": (("name",),),
    "customer": (("phone",), ("email",), ("referral_code",), ("name", "phone")),
    "promoter": (("name",), ("phone",), ("email",), ("name", "phone")),
    "promocode": (("code",),),
    "order": (("order_number",),),
    "newsletter": (("email",), ("phone",)),
    "heroslide": (("title", "order"),),
}
"""What a row may be called by where it has no key of its own, the likeliest first."""
NOT_OURS = frozenset({"auth", "sessions", "admin", "contenttypes", "sites", "authtoken"})
KEY = 80


@dataclass(slots=True)
class Dump:
    """A file's rows by model, in their order; ``strange`` are things in it that are no rows."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: {model: [] for model in MODELS})
    ignored: Counter[str] = field(default_factory=Counter)
    strange: int = 0
    _rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    _names: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)

    def key_of(self, model: str, reference: Any) -> str | None:
        """Find whom a reference means: a key, or a natural key as a list; None for none or nobody in the file."""
        if reference in (None, "", []):
            return None
        said = tuple(map(str, reference)) if isinstance(reference, list) else (str(reference),)
        return self._names.get((model, said))

    def add(self, row: Row, pk: Any) -> None:
        """Take a row in under its key and all its natural names; the first of a name keeps it."""
        self.rows[row.model].append(row)
        self._rows.setdefault((row.model, row.key), row)
        names: list[tuple[str, ...]] = [] if pk is None else [(str(pk),)]
        names += [found for names_of in NATURAL.get(row.model, ()) if (found := _named(row.fields, names_of))]
        for name in names:
            self._names.setdefault((row.model, name), row.key)

    def row(self, model: str, key: str | None) -> Row | None:
        """The row of a model with this key, the first of several."""
        return self._rows.get((model, key)) if key is not None else None

    def grouped(self, model: str, field_name: str, target: str) -> dict[str, list[Row]]:
        """The rows of a model by the key of the row they point at; those that point nowhere under an empty key."""
        found: defaultdict[str, list[Row]] = defaultdict(list)
        for row in self.rows[model]:
            found[self.key_of(target, row.fields.get(field_name)) or ""].append(row)
        return found


def read(path: Path) -> Dump:
    """Read a dump; ``Refused`` where it is none, or holds no model of such a shop."""
    dump = gathered(reading.rows(path))
    if not any(dump.rows.values()):
        raise Refused("import_no_dump", models=", ".join(sorted(dump.ignored)[:5]) or "–")
    return dump


def gathered(values: Iterable[Any]) -> Dump:
    """Sort a dump's values: what is ours by model, the rest only counted."""
    dump = Dump()
    for value in values:
        fields = value.get("fields") if isinstance(value, dict) else None
        name = value.get("model") if isinstance(value, dict) else None
        if not isinstance(fields, dict) or not isinstance(name, str):
            dump.strange += 1
            continue
        app, _, model = name.lower().rpartition(".")
        if app in NOT_OURS or model not in dump.rows:
            dump.ignored[name[:60]] += 1
        else:
            dump.add(Row(model, _key(model, value.get("pk"), fields), fields), value.get("pk"))
    return dump


def _key(model: str, pk: Any, fields: Mapping[str, Any]) -> str:
    """A row's own key; without one, what it is called by, so written that it tells nobody's phone."""
    if pk is not None and len(str(pk)) <= KEY:
        return str(pk)
    named = next((found for names in NATURAL.get(model, ()) if (found := _named(fields, names))), None)
    return "~" + digest([model, named or dict(fields)])


def _named(fields: Mapping[str, Any], names: tuple[str, ...]) -> tuple[str, ...] | None:
    found = tuple(str(fields.get(name) or "") for name in names)
    return found if all(found) else None
