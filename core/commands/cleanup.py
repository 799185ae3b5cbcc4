"""Commands that tidy up: old QR pictures, files that no row names, and what is set aside."""

import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from core.commands.running import JsonOption, run, say, with_shop
from core.config import Config
from core.shop import Shop
from core.storage import candidates, orphans, quarantine, service
from core.storage.candidates import Candidate, Cleanup
from core.storage.figures import readable

T = TypeVar("T")
app = typer.Typer()
stray = typer.Typer(help="Media that no row names: find, set aside, bring back.", no_args_is_help=True)
app.add_typer(stray, name="orphans")
DryOption = Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")]
VerboseOption = Annotated[bool, typer.Option("--verbose", help="Each file with its reason.")]


def with_progress(
    words: str, work: Callable[[Shop, Callable[[object], None]], Awaitable[T]], config: Config | None = None
) -> T:
    """Run one use case with a bar on the terminal that counts what is done; on anything else than a terminal, none."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task(words, total=None)
        return run(with_shop(lambda shop: work(shop, lambda _one: progress.advance(bar)), config))


@app.command("cleanup-qr")
def cleanup_qr(
    *,
    days: Annotated[int, typer.Option(min=0, help="Keep pictures younger than this many days.")] = 7,
    dry_run: DryOption = False,
    force: Annotated[bool, typer.Option("--force", help="Whatever their age; never one that is being paid.")] = False,
    verbose: VerboseOption = False,
    as_json: JsonOption = False,
) -> None:
    """Remove old payment and tracking QR pictures."""
    done = with_progress(
        "QR pictures", lambda shop, tick: service.cleanup_qr(shop, days, dry_run=dry_run, force=force, tick=tick)
    )
    report(done, as_json=as_json, verbose=verbose)


@stray.command("plan")
def plan(*, as_json: JsonOption = False) -> None:
    """Show what no row names and what was never finished; nothing is touched."""
    found = run(with_shop(orphans.plan))
    every = (*found.found, *found.leftovers)
    report(Cleanup(every, dry_run=True), as_json=as_json, verbose=True)
    if found.too_many and not as_json:
        say.print(f"That is most of {found.files:,} files: is this the right database? Only --force moves them.")


@stray.command("apply")
def apply(
    *, force: Annotated[bool, typer.Option("--force", help="Even if it is most of what is there.")] = False,
    verbose: VerboseOption = False, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Set aside what no row names, remove what was never finished, and what was set aside a week ago."""
    done = with_progress("files", lambda shop, tick: orphans.tidy(shop, force=force, tick=tick))
    parts = (done.set_aside, done.leftovers, done.purged)
    found, removed, kept = ([one for part in parts for one in getattr(part, name)] for name in FIELDS)
    report(Cleanup(tuple(found), tuple(removed), tuple(kept)), as_json=as_json, verbose=verbose)
    if done.set_aside.removed and not as_json:
        say.print("Orphans are in quarantine for a week and take their room so long: orphans restore PATH")


@stray.command("restore")
def restore(path: Annotated[str, typer.Argument(help="As `orphans list` shows it.")]) -> None:
    """Bring a file back from quarantine."""
    back = run(with_shop(lambda shop: orphans.put_back(shop, path)))
    say.print(f"{back.name} is back in {back.parent.name}/.")


@stray.command("list")
def listing(*, as_json: JsonOption = False) -> None:
    """Show what is set aside, and until when."""
    found = run(with_shop(_set_aside))
    if as_json:
        rows = [{"path": one.path, "day": str(one.day), "until": str(one.until), "bytes": one.bytes} for one in found]
        say.print_json(json.dumps(rows))
        return
    table = Table("file", "since", "until", "size")
    for one in found:
        table.add_row(one.path, f"{one.day:%d %b %Y}", f"{one.until:%d %b %Y}", readable(one.bytes))
    say.print(table if found else "Nothing is set aside.")


async def _set_aside(shop: Shop) -> list[quarantine.SetAside]:
    return list(quarantine.listing(shop.config))


FIELDS = ("found", "removed", "kept")


def report(done: Cleanup, *, as_json: bool, verbose: bool = False) -> None:
    """Say what went or would go: a row for each kind, with ``verbose`` one for each file."""
    shown = done.found if done.dry_run else done.removed
    if as_json:
        say.print_json(json.dumps(as_data(done)))
    else:
        if shown:
            say.print(_each(shown) if verbose else _kinds(shown))
        what = "file" if len(shown) == 1 else "files"
        deed = "would free" if done.dry_run else "freed"
        say.print(f"{len(shown):,} {what}, {deed} {readable(total(shown))}")
        if done.kept:
            say.print(f"{len(done.kept):,} stayed: changed, in use again, or not to be removed.")


def as_data(done: Cleanup) -> dict[str, Any]:
    """Write a cleanup as plain data: sums of each kind, and each file."""
    rows = {name: [_row(one) for one in getattr(done, name)] for name in FIELDS}
    sums = {kind: {"files": files, "bytes": size} for kind, (files, size) in candidates.kinds(done.found).items()}
    return {"dry_run": done.dry_run, "bytes": done.bytes, "freed": done.freed, "kinds": sums, **rows}


def total(shown: Iterable[Candidate]) -> int:
    """Bytes of what is shown."""
    return candidates.total(shown)


def _row(one: Candidate) -> dict[str, Any]:
    return asdict(one) | {"path": one.path.as_posix()}


def _kinds(shown: Iterable[Candidate]) -> Table:
    table = Table("what", "files", "size")
    for kind, (files, size) in candidates.kinds(shown).items():
        table.add_row(kind.replace("_", " "), f"{files:,}", readable(size))
    return table


def _each(shown: Iterable[Candidate]) -> Table:
    table = Table("file", "why", "size")
    for one in shown:
        table.add_row(f"{one.path.parent.name}/{one.path.name}", one.reason.replace("_", " "), readable(one.size))
    return table
