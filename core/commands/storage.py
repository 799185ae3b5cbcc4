"""The command over what is kept: what it takes up, how it grows, when it is full. docs/operations.md has its JSON."""

import json
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.box import SIMPLE
from rich.columns import Columns
from rich.table import Table
from rich.text import Text

from core.commands.running import JsonOption, run, say, with_shop
from core.shop import Shop
from core.storage import service
from core.storage.figures import File, Forecast, Growth, Report, Watched, readable
from core.storage.rules import MB, Level

app = typer.Typer()
BAR = 12
"""Letters of a full bar."""
COLOURS = {Level.OK: "green", Level.WARNING: "yellow", Level.CRITICAL: "red", Level.EMERGENCY: "bold white on red"}
LargeOption = Annotated[
    int | None, typer.Option("--large", min=1, metavar="MB", help="Name files from so many MB on, too.")
]


@app.command()
def storage(*, large: LargeOption = None, as_json: JsonOption = False) -> None:
    """Show what everything takes up, and how it grows."""
    report, files = run(with_shop(lambda shop: _ask(shop, large)))
    if as_json:
        say.print_json(json.dumps(as_data(report, files)))
        return
    for part in (_limits(report), _kinds(report), _tables(report)):
        say.print(part)
    if files is not None:
        say.print(_files(files))


async def _ask(shop: Shop, large: int | None) -> tuple[Report, list[File] | None]:
    files = None if large is None else await service.large_files(shop, large * MB)
    return await service.report(shop), files


# ── for people ───────────────────────────────────────────────────────────────────────────────────────────────────────
def _limits(report: Report) -> Table:
    """Every limit with a bar, its level by colour and by word."""
    table = _table("Limits", "", "", "used", "of", "%", "level", "a day", "full in")
    for one in report.limits:
        percent, colour = one.metric.percent, COLOURS[one.level]
        full = min(BAR, round(percent / 100 * BAR))
        bar = Text("█" * full, colour) + Text("░" * (BAR - full), "bright_black")
        table.add_row(one.name, bar, readable(one.metric.bytes), readable(one.metric.limit), f"{percent:.0f}",
                      Text(one.level.word, colour), _signed(one.forecast.per_day), _when(one.forecast))  # fmt: skip
    return table


def _table(title: str, *columns: str) -> Table:
    """A plain table: words to the left, figures to the right."""
    table = Table(title=title, title_justify="left", box=SIMPLE, padding=(0, 1))
    for column in columns:
        words = column in {"", "file", "level"}
        table.add_column(column, no_wrap=column != "file", justify="left" if words else "right")
    return table


def _signed(size: float | None) -> str:
    if size is None:
        return "?"
    return f"{'+' if size > 0 else ''}{readable(size)}"


def _when(forecast: Forecast) -> str:
    if forecast.word != "days" or forecast.days is None:
        return forecast.word
    return f"{forecast.days:,.0f} days" if forecast.days < 3650 else "> 10 years"  # noqa: PLR2004 - days


def _kinds(report: Report) -> Table:
    """Every kind, how much of it there is, and how much came in a month."""
    table = _table("What there is", "", "size", "how many", "since a month ago")
    many = {kind.name: f"{kind.files:,} files" for kind in report.usage.kinds}
    many["database"] = f"{sum(count for _, count in report.usage.tables):,} rows"
    for one in report.growth:
        table.add_row(one.name, readable(one.bytes), many.get(one.name, ""), _since(one))
    table.add_row("disk", readable(report.usage.disk.free), "free", "")
    return table


def _since(one: Growth) -> str:
    return "" if one.more is None or one.since is None else f"{_signed(one.more)} since {one.since:%d %b %Y}"


def _tables(report: Report) -> Columns:
    """Rows by table; the empty ones are only counted."""
    filled = sorted((-count, name) for name, count in report.usage.tables if count)
    words = [f"{name} {-count:,}" for count, name in filled]
    empty = len(report.usage.tables) - len(filled)
    return Columns([*words, f"({empty} tables are empty)"] if empty else words, title="Rows by table", padding=(0, 3))


def _files(files: list[File]) -> Table:
    table = _table("Large files" if files else "No file is that large", "size", "file")
    for file in files:
        table.add_row(readable(file.bytes), file.path)
    return table


# ── for programs ─────────────────────────────────────────────────────────────────────────────────────────────────────
def as_data(report: Report, files: list[File] | None = None) -> dict[str, Any]:
    """Write a report as JSON takes it: bytes everywhere, moments in UTC, what is not known as null."""
    usage = report.usage
    rows = dict(usage.tables)
    return {
        "at": usage.at.isoformat(),
        "level": report.level.word,
        "database": {"bytes": usage.database, "rows": sum(rows.values()), "tables": rows},
        "kinds": {kind.name: {"bytes": kind.bytes, "files": kind.files} for kind in usage.kinds},
        "media": usage.media,
        "total": usage.total,
        "disk": {"total": usage.disk.total, "free": usage.disk.free},
        "limits": {one.name: dict(_limit(one)) for one in report.limits},
        "growth": {
            one.name: {"bytes": one.more, "since": one.since.isoformat() if one.since else None}
            for one in report.growth
        },
        "counted_at": report.counted.isoformat() if report.counted else None,
        **({} if files is None else {"large": [{"path": file.path, "bytes": file.bytes} for file in files]}),
    }


def _limit(one: Watched) -> Iterator[tuple[str, Any]]:
    days = one.forecast.days if one.forecast.word in {"days", "full"} else None
    yield from (("bytes", one.metric.bytes), ("limit", one.metric.limit), ("percent", round(one.metric.percent, 1)),
                ("level", one.level.word), ("per_day", one.forecast.per_day), ("full", one.forecast.word),
                ("days", days))  # fmt: skip
