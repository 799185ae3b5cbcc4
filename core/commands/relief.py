"""Commands for a disk that fills: what is large, photos made smaller, and the emergency plan."""

import asyncio
import json
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.table import Table

from core.commands.cleanup import DryOption, VerboseOption, with_progress
from core.commands.running import JsonOption, run, say, shops_config, with_shop
from core.config import Config
from core.maintenance import emergency, images
from core.maintenance.emergency import Emergency, Part, Relief
from core.maintenance.images import Optimised
from core.shop import Shop
from core.storage import candidates
from core.storage.figures import File, readable
from core.storage.rules import MB

app = typer.Typer()
STEPS = {
    Part.LEFTOVERS: "never finished", Part.QR: "old QR pictures", Part.LOGS: "packed logs",
    Part.QUARANTINE: "quarantine", Part.BACKUPS: "backups kept by no rule",
}  # fmt: skip
SAID = {
    "missing": "not there", "broken": "damaged", "wrong_format": "no picture we know", "too_big": "over 64 MB",
    "too_many_pixels": "too many pixels", "storage_read_only": "may not be read", "storage_failed": "cannot be read",
}  # fmt: skip


@app.command("large-files")
def large_files(
    *, at_least: Annotated[int, typer.Option("--at-least", min=1, help="Megabytes.")] = 10, as_json: JsonOption = False
) -> None:
    """Show the largest files of the shop; nothing is touched."""
    found = run(with_shop(lambda shop: emergency.large(shop, at_least * MB)))
    if as_json:
        say.print_json(json.dumps([asdict(one) for one in found]))
    else:
        say.print(_files(found) if found else f"No file has {at_least} MB or more.")


@app.command("emergency")
def emergency_plan(
    *, go: Annotated[bool, typer.Option("--run", help="Do it; without this it is only shown.")] = False,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Show what can go on a nearly full disk; --run frees it."""
    if not go:
        seen = run(with_shop(emergency.plan))
        say.print_json(json.dumps(_plan_data(seen))) if as_json else _show_plan(seen)
        return
    config, first = run(_first_aid())
    done = with_progress("emergency", lambda shop, tick: _seen_and_done(shop, tick, first), config)
    say.print_json(json.dumps(_relief_data(done))) if as_json else _show_relief(done)


async def _first_aid() -> tuple[Config, Relief]:
    """Free what needs no database, where the disk is too full to open one; said at once: it may not open even so."""
    config = shops_config()
    first = await asyncio.to_thread(emergency.first_aid, config)
    if first.steps:
        typer.echo(f"The disk is full. {readable(first.freed)} freed before the database is opened.", err=True)
    return config, first


async def _seen_and_done(shop: Shop, tick: candidates.Tick, first: Relief) -> Relief:
    return await emergency.run(shop, None, (await emergency.plan(shop)).stamp, tick, before=first)


def _show_plan(seen: Emergency) -> None:
    table = Table("step", "files", "frees")
    for step in seen.steps:
        table.add_row(STEPS[step.part], f"{len(step.found):,}", readable(step.bytes))
    table.add_row("together", f"{seen.files:,}", readable(seen.bytes))
    say.print(table)
    if seen.large:
        say.print("Large files, for you to decide about:", _files(seen.large))
    say.print("Nothing was touched. To free it: python run.py emergency --run")


def _show_relief(done: Relief) -> None:
    table = Table("step", "removed", "stayed", "freed")
    for part, one in done.steps:
        table.add_row(STEPS[part], f"{len(one.removed):,}", f"{len(one.kept):,}", readable(one.freed))
    table.add_row("together", f"{done.files:,}", "", readable(done.freed))
    say.print(table)
    if not done.written:
        say.print("The disk takes no line even now: the audit does not know of it, app.log does.")


def _plan_data(seen: Emergency) -> dict[str, Any]:
    steps = [{"step": one.part.value, "files": len(one.found), "bytes": one.bytes,
              "paths": [each.path.as_posix() for each in one.found]} for one in seen.steps]  # fmt: skip
    return {"at": seen.at.isoformat(), "stamp": seen.stamp, "bytes": seen.bytes, "reserve": seen.reserve,
            "steps": steps, "large": [asdict(one) for one in seen.large]}  # fmt: skip


def _relief_data(done: Relief) -> dict[str, Any]:
    steps = [{"step": part.value, "files": len(one.removed), "bytes": one.freed, "stayed": len(one.kept)}
             for part, one in done.steps]  # fmt: skip
    return {"freed": done.freed, "files": done.files, "written": done.written, "steps": steps}


@app.command("optimize-images")
def optimize_images(*, dry_run: DryOption = False, verbose: VerboseOption = False, as_json: JsonOption = False) -> None:
    """Make photos smaller that are larger than anyone sees.

    Exit code 1 where one cannot be read.
    """
    done = with_progress("photos", lambda shop, tick: images.optimise(shop, dry_run=dry_run, tick=tick))
    say.print_json(json.dumps(_images_data(done))) if as_json else _show_images(done, verbose=verbose)
    raise typer.Exit(1 if done.trouble else 0)


def _show_images(done: Optimised, *, verbose: bool) -> None:
    table = Table("photo", "before", "after", "smaller by")
    for one in done.made if verbose else ():
        table.add_row(one.name, readable(one.before), readable(one.after), f"{1 - one.after / one.before:.0%}")
    share = f"{done.saved / done.before:.0%}" if done.before else "-"
    table.add_row(f"{len(done.made):,} photos", readable(done.before), readable(done.after), share)
    say.print(table)
    say.print(f"{len(done.left):,} stay as they are.")
    for one in done.trouble:
        say.print(f"{one.name}: {SAID.get(one.word, one.word)}", markup=False)
    if done.made:
        say.print("Nothing was touched." if done.dry_run else "What was there is in quarantine for a week.")


def _images_data(done: Optimised) -> dict[str, Any]:
    return {"dry_run": done.dry_run, "before": done.before, "after": done.after, "left": len(done.left),
            "made": [{"photo": one.name, "new": one.new, "before": one.before, "after": one.after}
                     for one in done.made],
            "trouble": {one.name: one.word for one in done.trouble}, "changed": list(done.changed)}  # fmt: skip


def _files(found: list[File] | tuple[File, ...]) -> Table:
    table = Table("file", "size")
    for one in found:
        table.add_row(one.path, readable(one.bytes))
    return table
