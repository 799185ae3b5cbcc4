"""Commands over what comes from elsewhere: shown as a difference first, taken in with ``--apply``."""

import json
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table

from core.commands.running import JsonOption, run, say, with_shop
from core.i18n import translator
from core.imports import service
from core.imports.rules import Remark, Report
from core.money import usd

app = typer.Typer()
FEW = 10
"""As many rows are named of one kind; ``--verbose`` names all."""
COUNTS = ("new", "changed", "same", "kept", "skipped")


@app.command("import-madamda")
def import_madamda(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What dumpdata wrote, packed or not.")],
    *,
    media: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Its media folder, for the pictures.")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Take it in; else only show what would change.")] = False,
    as_json: JsonOption = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Name every row there is something to say of.")] = False,
) -> None:
    """Bring products, people, orders and points from MADAM DA."""
    screen = Console(stderr=True)
    columns = (TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as progress:
        bars = _Bars(progress)
        report = run(with_shop(partial(
            service.from_madamda, file=file, media=media, apply=apply, backup=apply, tell=bars.tell
        )))  # fmt: skip
    if as_json:
        say.print_json(json.dumps(asdict(report)))
    else:
        _print(report, most=None if verbose else FEW, pictures=media is not None)
    raise typer.Exit(1 if report.troubles else 0)


class _Bars:
    """A bar for each model that is at work."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._bars = progress, dict[str, TaskID]()

    def tell(self, model: str, done: int, total: int) -> None:
        """Move a model's bar on."""
        if model not in self._bars:
            self._bars[model] = self._progress.add_task(model, total=total)
        self._progress.update(self._bars[model], completed=done)


def _print(report: Report, most: int | None, *, pictures: bool) -> None:
    table = Table("what", *COUNTS)
    for model, tally in report.tallies.items():
        table.add_row(model, *(f"{getattr(tally, name):,}" for name in COUNTS))
    say.print(table)
    ignored = ", ".join(f"{count:,} {model}" for model, count in sorted(report.ignored.items()))
    if ignored:
        say.print(f"Not taken, none of a shop's: {ignored}.", markup=False)
    if not pictures:
        say.print("Pictures were not looked for: --media names their folder.")
    _print_money(report)
    _print_remarks("Left out", report.troubles, most)
    _print_remarks("To know", report.remarks, most)
    if report.applied:
        say.print(f"Taken in. Order numbers go on after {report.last_number}.")
        say.print(f"What was here before is kept: {report.backup}.", markup=False)
    elif report.changes:
        say.print("Nothing was changed. To take it in, say it again with --apply.")
    else:
        say.print("Nothing to take in: all of it is here.")


def _print_money(report: Report) -> None:
    money = report.money
    if money.charged:
        say.print(f"Money: {usd(money.charged)} was charged, {usd(money.paid)} of it is paid.")
    if money.differing:
        say.print(f"  {money.differing} totals do not add up, by {usd(money.gap)} together: kept as they were charged.")
    if money.unseen:
        say.print(f"  {money.unseen} orders, {usd(money.unseen_cents)}, went on though nobody looked for the money.")
    if money.kept_though_cancelled:
        cancelled = f"{money.kept_though_cancelled} cancelled orders, {usd(money.kept_cents)}"
        say.print(f"  {cancelled}, had been paid: look whether it went back.")


def _print_remarks(title: str, remarks: list[Remark], most: int | None) -> None:
    t, by_cause = translator("en"), dict[str, list[Remark]]()
    for one in remarks:
        by_cause.setdefault(one.cause, []).append(one)
    for cause, found in by_cause.items():
        say.print(f"{title}: {t(f'imports.why.{cause}')} ({len(found)})", markup=False)
        for one in found[:most]:
            say.print(f"  {one.model} {one.key}" + (f": {one.about}" if one.about else ""), markup=False)
        if most is not None and len(found) > most:
            say.print(f"  … and {len(found) - most} more (--verbose)")
