"""Commands over backups: write one, read one back, list, keep and remove. docs/backups.md explains them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from core.backups import encryption, forms, pruning, service, shelf
from core.backups.archive import Fault
from core.backups.pruning import Plan
from core.backups.retention import Reason, Retention
from core.backups.service import Backup, Listed, Told
from core.clock import SystemClock
from core.commands.running import JsonOption, refuse, run, say, shops_config, with_shop
from core.config import Config
from core.errors import Refused, StartRefused
from core.i18n import translator
from core.storage.figures import readable

app = typer.Typer()
IdentityOption = Annotated[
    Path | None, typer.Option("--identity", exists=True, dir_okay=False, help="The age secret key of an encrypted one.")
]
KeepOption = Annotated[int | None, typer.Option(min=0, help="Instead of the shop's own rule.")]


# ── write ────────────────────────────────────────────────────────────────────────────────────────────────────────────
@app.command()
def backup(
    *,
    output: Annotated[Path | None, typer.Option(file_okay=False, help="Write it there; nothing is pruned.")] = None,
    compress: Annotated[bool, typer.Option("--compress", help="Pack a readable file; a folder is, always.")] = False,
    form: Annotated[Literal["dir", "json"], typer.Option("--format", help="json: one file, for the eye.")] = "dir",
    encrypt: Annotated[
        bool | None, typer.Option(help="For HAANG_BACKUP_RECIPIENT; the default where that is set.")
    ] = None,
    note: Annotated[str, typer.Option(metavar="WORDS", help="What it is for. Never encrypted.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Write a verified backup of the database into backups/.

    Exit code 1: there is none, and nothing was removed.
    """
    with _progress(quiet=as_json) as told:
        made = run(with_shop(lambda shop: service.backup(
            shop, "manual", folder=output, form=form, compress=compress, encrypt=encrypt, note=note, told=told,
        )))  # fmt: skip
    if as_json:
        say.print_json(json.dumps(_made(made)))
        return
    how = "compared before it was encrypted" if made.manifest.recipient else "read back and equal"
    say.print(f"Backup {made.path.name}: {made.manifest.rows:,} rows, {how}.")


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Told]:
    """Show on a terminal how many tables stand; elsewhere nothing."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    screen = Console(stderr=True)
    with Progress(*columns, console=screen, transient=True, disable=quiet or not screen.is_terminal) as bar:
        task = bar.add_task("snapshot", total=None)
        yield lambda table, done, of: bar.update(task, description=table, completed=done, total=of)


def _made(made: Backup) -> dict[str, Any]:
    manifest = made.manifest
    return {"name": made.path.name, "path": str(made.path), "made_at": manifest.made_at, "series": manifest.series,
            "rows": manifest.rows, "bytes": shelf.look(made.path).bytes, "schema": manifest.schema,
            "encrypted": bool(manifest.recipient), "note": manifest.note}  # fmt: skip


# ── read back ────────────────────────────────────────────────────────────────────────────────────────────────────────
@app.command()
def check(
    backup: Annotated[str, typer.Argument(help="A name in backups/, or a path. Empty: the newest.")] = "",
    *,
    every: Annotated[bool, typer.Option("--all", help="Every one in backups/.")] = False,
    identity: IdentityOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read backups back whole and say what is wrong with them.

    Needs no database. Exit code 1: something is wrong, a sentence for each file.
    """
    config, key = _read(), ""
    if identity:
        key = _sentence_for(lambda: encryption.read_identity(identity))
    wanted = _wanted(config, backup, every=every)
    found = {path: run(_faults(path, key, config)) for path in wanted}
    if as_json:
        plain = [{"name": path.name, "whole": not wrong, "wrong": wrong} for path, wrong in found.items()]
        say.print_json(json.dumps(plain))
    for path, wrong in () if as_json else found.items():
        say.print(f"{path.name}: " + (" ".join(wrong) or _whole(path, key)))
    raise typer.Exit(int(any(found.values())))


def _read() -> Config:
    async def read() -> Config:
        return shops_config()

    return run(read())


def _sentence_for(work: Any) -> Any:
    try:
        return work()
    except Refused as error:
        refuse(translator("en")(error.key, **error.values))


def _wanted(config: Config, word: str, *, every: bool) -> list[Path]:
    there = [one.path for one in shelf.standing(config.backup_dir)]
    if every or not word:
        if not there:
            refuse("There is no backup yet. python run.py backup writes one.")
        newest = max(there, key=lambda path: path.name)
        return there if every else [newest]
    here = config.backup_dir / word
    return [here if forms.NAME.fullmatch(word) and here.exists() else Path(word)]


async def _faults(path: Path, identity: str, config: Config) -> list[str]:
    """Say what is wrong with a backup, a sentence for each file."""
    ours = path.parent == config.backup_dir
    t = translator("en")
    try:
        found = await service.read_back(path, identity, SystemClock().now() if ours else None)
    except Refused as error:
        return [t(error.key, **error.values)]
    return [_say(fault) for fault in found]


def _say(fault: Fault) -> str:
    return translator("en")(f"backup_fault.{fault.kind}", file=fault.file)


def _whole(path: Path, identity: str) -> str:
    manifest = forms.read_manifest(path)
    if manifest.recipient and not identity:
        return f"{manifest.rows:,} rows, as they were encrypted; what is in them was compared before. More: --identity."
    return f"{manifest.rows:,} rows, read back and equal."


# ── list and keep ────────────────────────────────────────────────────────────────────────────────────────────────────
@app.command("list")
def listing(*, as_json: JsonOption = False) -> None:
    """List the backups, and what the rules will do with each."""
    config = _read()
    try:
        found = run(_listed(config))
    except OSError as error:
        refuse(f"{config.backup_dir} cannot be read: {error.strerror}.")
    if as_json:
        say.print_json(json.dumps([_as_data(one) for one in found]))
        return
    say.print(_table(found, config) if found else "There is no backup yet. python run.py backup writes one.")


async def _listed(config: Config) -> tuple[Listed, ...]:
    try:
        return await with_shop(service.listing)
    except StartRefused:  # the database is gone: that is when somebody wants to know what there is
        typer.echo("The database does not open. These are the backups, by the usual rules:", err=True)
        plan = pruning.plan(shelf.standing(config.backup_dir), Retention(), SystemClock().now(), config.zone)
        kept = {one.name for one in plan.keep}
        every = sorted((*plan.keep, *plan.remove), key=lambda one: one.name, reverse=True)
        return tuple(Listed(one, one.name in kept, plan.reasons[one.name], ()) for one in every)


def _table(found: tuple[Listed, ...], config: Config) -> Table:
    table = Table(box=SIMPLE, padding=(0, 1), pad_edge=False)
    table.add_column("backup", no_wrap=True)
    table.add_column("rows", no_wrap=True, justify="right")
    table.add_column("size", no_wrap=True, justify="right")
    table.add_column("state")
    table.add_column("rules")
    for one in found:
        manifest = one.standing.manifest
        table.add_row(one.standing.name, f"{manifest.rows:,}" if manifest else "", readable(one.standing.bytes),
                      _state(one, config), why(one.reason))  # fmt: skip
    return table


def _state(one: Listed, config: Config) -> str:
    """Say what it is, how well it is, and where else it lies."""
    there, manifest = one.standing, one.standing.manifest
    checked = f"checked {there.checked.at.astimezone(config.zone):%Y-%m-%d}" if there.checked else "verified"
    words = [manifest.series.replace("_", "-") if manifest else "", checked if there.verified else "DAMAGED",
             "pinned" if there.pinned else "", "encrypted" if manifest and manifest.recipient else "",
             *(f"{copy.target} {copy.state}" for copy in one.copies)]  # fmt: skip
    return ", ".join(filter(None, words)) + (f" “{manifest.note}”" if manifest and manifest.note else "")


def why(reason: Reason) -> str:
    """Say why a backup stays or goes."""
    return translator("en")(f"backup_reason.{reason.name.lower()}")


def _as_data(one: Listed) -> dict[str, Any]:
    there, manifest = one.standing, one.standing.manifest
    said = {"made_at": manifest.made_at, "series": manifest.series, "rows": manifest.rows, "note": manifest.note,
            "schema": manifest.schema, "encrypted": bool(manifest.recipient)} if manifest else {}  # fmt: skip
    copies = [{"target": copy.target, "state": copy.state} for copy in one.copies]
    checked = there.checked.at.isoformat() if there.checked else None
    return {"name": there.name, "bytes": there.bytes, "verified": there.verified, "checked_at": checked,
            "pinned": there.pinned, "keep": one.keep, "reason": str(one.reason), "copies": copies, **said}  # fmt: skip


@app.command()
def prune(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    keep_daily: KeepOption = None,
    keep_weekly: KeepOption = None,
    keep_monthly: KeepOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove the backups that no rule keeps, and say why.

    Rules that would keep nothing are refused.
    """
    plan = run(with_shop(lambda shop: service.prune(
        shop, dry_run=dry_run, daily=keep_daily, weekly=keep_weekly, monthly=keep_monthly,
    )))  # fmt: skip
    if as_json:
        say.print_json(json.dumps(_planned(plan, dry_run=dry_run)))
        return
    for one in (*plan.keep, *plan.remove):
        say.print(f"{'goes ' if one in plan.remove else 'stays'}  {one.name}  {why(plan.reasons[one.name])}")
    say.print(f"{len(plan.remove)} backups, {'would free' if dry_run else 'freed'} {readable(plan.freed)}.")


def _planned(plan: Plan, *, dry_run: bool) -> dict[str, Any]:
    decided = [
        {"name": one.name, "keep": one in plan.keep, "reason": str(plan.reasons[one.name]), "bytes": one.bytes}
        for one in (*plan.keep, *plan.remove)
    ]
    return {"dry_run": dry_run, "freed": plan.freed, "backups": decided}


@app.command()
def pin(name: Annotated[str, typer.Argument(help="A name in backups/.")]) -> None:
    """Let no rule remove a backup."""
    run(with_shop(lambda shop: service.pin(shop, name)))
    say.print(f"{name} stays until it is unpinned.")


@app.command()
def unpin(name: Annotated[str, typer.Argument(help="A name in backups/.")]) -> None:
    """Let the rules decide over a backup again."""
    run(with_shop(lambda shop: service.pin(shop, name, pinned=False)))
    say.print(f"{name} is kept as long as a rule keeps it.")
