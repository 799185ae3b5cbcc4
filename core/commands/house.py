"""Commands over the house itself: is all well, tidying the database, the logs."""

import json
import sqlite3
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from core.commands.findings import tell
from core.commands.running import JsonOption, run, say, with_shop
from core.database.engine import sqlite_version
from core.doctor import service as examination
from core.doctor.rules import SQLITE
from core.maintenance import logs
from core.maintenance.optimise import optimise as optimising
from core.shop import Shop
from core.storage.figures import readable

app = typer.Typer()

PARTS = {"backup": "Backing up …", "statistics": "Counting …", "pages": "Giving pages back …",
         "whole": "Writing all of it anew …", "indexes": "Building indexes anew …"}  # fmt: skip
errors = Console(stderr=True)


@app.command()
def doctor(
    *,
    quick: Annotated[bool, typer.Option("--quick", help="Leave out what reads the whole database.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Look whether all is well; say what helps.

    Exit code 1 where anything failed.
    """
    tell(run(with_shop(lambda shop: examination.examine(shop, deep=not quick))), as_json=as_json)


@app.command()
def optimize(
    *,
    full: Annotated[bool | None, typer.Option(help="Write all of it anew; else that is done at night only.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Tidy the database, after a backup."""
    if sqlite_version() < SQLITE and not as_json:
        say.print(f"[yellow]SQLite {sqlite3.sqlite_version} has a rare fault, newer ones have not: see doctor.[/]")
    with errors.status("Looking …") as line:
        done = run(with_shop(lambda shop: optimising(shop, full=full, tick=lambda part: line.update(PARTS[part]))))
    if as_json:
        say.print_json(json.dumps(asdict(done) | {"freed": done.freed}))
        return
    say.print(f"Backup {done.backup}, then tidied{' as a whole' if done.full else ''} in {done.seconds:.1f} s: "
              f"{readable(done.before)} before, {readable(done.after)} now.")  # fmt: skip


# ── logs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
journals = typer.Typer(help="Logs: what there is, rotate them.", no_args_is_help=True)
app.add_typer(journals, name="logs")


@journals.command("list")
def listing(*, as_json: JsonOption = False) -> None:
    """Show every file of the logs, the oldest first."""
    found = run(with_shop(_listed))
    if as_json:
        rows = [{"name": one.path.name, "log": one.log, "kind": one.kind, "begins": one.begins.isoformat(),
                 "bytes": one.bytes} for one in found]  # fmt: skip
        say.print_json(json.dumps(rows))
        return
    if not found:
        say.print("There are no logs yet.")
        return
    table = Table("file", "begins", "what", "size")
    for one in found:
        table.add_row(one.path.name, f"{one.begins:%d %b %Y %H:%M}", one.kind, readable(one.bytes))
    say.print(table)


@journals.command()
def rotate(*, as_json: JsonOption = False) -> None:
    """Begin new files now, pack the old ones, throw away what is too old."""
    done = run(with_shop(lambda shop: logs.rotate(shop, now=True)))
    if done is None:
        typer.echo("Another process is rotating them just now.", err=True)
        raise typer.Exit(1)
    if as_json:
        say.print_json(json.dumps({"turned": done.turned, "packed": done.packed, "archived": done.archived,
                                   "removed": done.removed, "bytes": done.bytes}))  # fmt: skip
        return
    say.print(f"{len(done.turned)} begun anew, {len(done.packed)} packed, {len(done.archived)} put into a month's, "
              f"{len(done.removed)} removed. The logs take {readable(done.bytes)}.")  # fmt: skip


async def _listed(shop: Shop) -> tuple[logs.LogFile, ...]:
    return logs.listing(shop.config.log_dir, shop.config.zone)
