"""Goods and codes written as a file: every column there is, so that the file taken in again changes nothing."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from core.promotions.rules import PromoKind
from core.sheets import formats, labels, store
from core.sheets.rules import Format, Kind, columns, shown

_NOT_OURS = frozenset({"id"})
"""The ancestor's own number is read and never written: ours are known by their SKU."""


def write(tx: Connection, kind: Kind, how: Format, path: Path, zone: ZoneInfo) -> int:
    """Write all of a kind to ``path`` as of this moment; returns how many rows those are."""
    names = [column.name for column in columns(kind, zone) if column.name not in _NOT_OURS]
    rows = _goods(tx) if kind is Kind.PRODUCTS else _codes(tx, zone)
    return formats.write(path, how, names, ([row.get(name) for name in names] for row in rows))


def _goods(tx: Connection) -> Iterator[dict[str, Any]]:
    called = labels.names(store.shelves(tx))
    for row in store.all_goods(tx):
        yield row | {"category": called[row["category"]]}


def _codes(tx: Connection, zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    promoters, last = dict(store.promoter_names(tx)), ""
    while found := store.codes(tx, after=last):
        last = found[-1]["code"]
        for row in found:
            moments = {name: _local(row[name], zone) for name in ("valid_from", "valid_until")}
            value = row["discount_value"]
            worth = shown("price", value) if row["discount_type"] == PromoKind.FIXED else value
            yield row | moments | {"promoter": promoters.get(row["promoter"], ""), "discount_value": worth}


def _local(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    return moment.astimezone(zone) if moment is not None else None
