"""Commands over lists of goods and promo codes: a file told as a difference, taken in with ``--apply``, or written."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Table

from core.commands.running import JsonOption, run, say, with_shop
from core.i18n import translator
from core.sheets import service
from core.sheets.rules import MANY, Example, Format, Kind, Report

app = typer.Typer()
taking = typer.Typer(help="Take in goods or promo codes from a list.")
giving = typer.Typer(help="Write goods or promo codes as a list.")
app.add_typer(taking, name="import")
app.add_typer(giving, name="export")
FEW = 20
"""As many broken rows are named; ``--json`` names up to a thousand."""

FileArgument = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="xlsx, csv, tsv or json.")]
ApplyOption = Annotated[bool, typer.Option("--apply", help="Take it in; else only show what would change.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How it is written.")]
OutputOption = Annotated[Path | None, typer.Option("--output", dir_okay=False, help="Where to; else a name is made.")]


@taking.command("products")
def import_products(file: FileArgument, *, apply: ApplyOption = False, as_json: JsonOption = False) -> None:
    """Take in goods: prices, stock, names, new products."""
    _take(Kind.PRODUCTS, file, apply=apply, as_json=as_json)


@taking.command("promos")
def import_promos(file: FileArgument, *, apply: ApplyOption = False, as_json: JsonOption = False) -> None:
    """Take in promo codes."""
    _take(Kind.CODES, file, apply=apply, as_json=as_json)


@giving.command("products")
def export_products(how: FormatOption = Format.XLSX, output: OutputOption = None) -> None:
    """Write all goods, hidden ones too."""
    _give(Kind.PRODUCTS, how, output or Path(f"products.{how.value}"))


@giving.command("promos")
def export_promos(how: FormatOption = Format.XLSX, output: OutputOption = None) -> None:
    """Write all promo codes."""
    _give(Kind.CODES, how, output or Path(f"promos.{how.value}"))


def _give(kind: Kind, how: Format, path: Path) -> None:
    count = run(with_shop(partial(service.export, kind=kind, how=how, path=path)))
    say.print(f"{path}: {count:,} rows.", markup=False)


def _take(kind: Kind, file: Path, *, apply: bool, as_json: bool) -> None:
    with _progress() as tell:
        work = service.take if apply else service.look
        report = run(with_shop(partial(work, path=file, kind=kind, tell=tell)))
    if as_json:
        say.print_json(json.dumps(asdict(report)))
    else:
        _print(report)
    raise typer.Exit(1 if report.failed else 0)


@contextmanager
def _progress() -> Iterator[service.Tell]:
    screen = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.completed:,} rows"))
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as progress:
        bar = progress.add_task("rows", total=None)
        yield lambda done: progress.update(bar, completed=done)


def _print(report: Report) -> None:
    t, table = translator("en"), Table(*report.counts)
    table.add_row(*(f"{count:,}" for count in report.counts.values()))
    say.print(table)
    for example in report.first:
        _print_example(example)
    if report.shelves:
        say.print(f"New categories: {', '.join(report.shelves)}", markup=False)
    if report.unknown:
        say.print(f"Columns nobody reads: {', '.join(report.unknown)}", markup=False)
    for one in report.broken[:FEW]:
        where = f" ({one.about})" if one.about else ""
        say.print(f"  line {one.line}{where}: {t(f'sheet.why.{one.cause}')}", markup=False)
    if report.failed > FEW:
        say.print(f"  … and {report.failed - FEW} more (--json names {MANY:,})")
    say.print(_ending(report))


def _print_example(example: Example) -> None:
    parts = [f"{name}: {before or '–'} → {after or '–'}" for name, before, after in example.fields]
    said = "new" if example.sort == "new" else "; ".join(parts)[:300].replace("\n", " ")
    say.print(f"  {example.name}: {said}", markup=False)


def _ending(report: Report) -> str:
    left = f" {report.failed:,} rows cannot be read and are left out." if report.failed else ""
    if report.applied:
        return f"Taken in: {report.changes:,} changes.{left}"
    if report.changes:
        return f"Nothing was changed.{left} To take the rest in, say it again with --apply."
    return f"Nothing to take in.{left}"
