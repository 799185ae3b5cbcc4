"""Commands over what is kept: what it takes up, cleaning, backing up, bringing back."""

import json
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from core.commands.running import JsonOption, megabytes, run, say, with_shop
from core.database import marker
from core.privacy import service as privacy
from core.storage import service as storage_service

app = typer.Typer()


@app.command()
def storage(*, as_json: JsonOption = False) -> None:
    """Show what the database, media, logs and backups take up."""
    usage = run(with_shop(storage_service.usage))
    if as_json:
        say.print_json(json.dumps(asdict(usage), default=str))
        return
    table = Table("what", "count", "size")
    table.add_row("database", f"{sum(count for _, count in usage.tables):,} rows", megabytes(usage.database))
    for kind in usage.kinds:
        table.add_row(kind.name, f"{kind.files:,} files", megabytes(kind.bytes))
    table.add_row("disk", "free", megabytes(usage.disk.free))
    say.print(table)


@app.command("cleanup-qr")
def cleanup_qr(
    *,
    days: Annotated[int, typer.Option(min=0, help="Keep pictures younger than this many days.")] = 7,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Whatever their age; never one that is being paid.")] = False,
) -> None:
    """Remove old payment and tracking QR pictures."""
    done = run(with_shop(lambda shop: storage_service.cleanup_qr(shop, days, dry_run=dry_run, force=force)))
    word = "would free" if dry_run else "freed"
    say.print(f"{len(done.found)} pictures, {word} {megabytes(done.bytes)}")


@app.command()
def backup() -> None:
    """Write a verified backup of the database into backups/."""
    made = run(with_shop(storage_service.backup))
    rows = sum(table.rows for table in made.manifest.tables)
    say.print(f"Backup {made.path.name}: {rows:,} rows, read back and equal.")


@app.command()
def restore(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="A folder in backups/.")],
) -> None:
    """Load a backup into an empty database of either engine."""
    again = partial(privacy.restore, folder=folder)
    done = run(with_shop(lambda shop: again(shop, order_number=marker.number(shop.config.data_dir)), afresh=True))
    say.print(f"{done.manifest.rows:,} rows restored, read back and equal.")
    say.print(f"{done.messages} messages and {done.updates} updates waited in it: set aside, neither sent nor worked.")
    if done.forgotten:
        say.print(f"{done.forgotten} people in it had asked to be forgotten since: they are, again.")
    say.print(f"Order numbers go on after {done.order_number}.")
