"""Bring a backup back, or try whether it could be: `restore` and `drill`."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from core.backups import contents, drill, encryption, restore, swap
from core.backups.contents import Contents
from core.backups.drill import Drilled, Outcome
from core.backups.loading import Told
from core.backups.manifest import Manifest
from core.backups.restore import Restored
from core.backups.swap import Standing
from core.clock import SystemClock
from core.commands.backups import IdentityOption
from core.commands.running import JsonOption, refuse, run, say, shops_config, with_shop
from core.config import Config
from core.database import aside
from core.i18n import translator
from core.privacy import service as privacy
from core.shop import Shop

app = typer.Typer()
WORD = "replace"


@dataclass(frozen=True, slots=True)
class Wish:
    """What was typed."""

    path: Path
    identity: str
    foreign: bool
    sure: bool
    patience: float


@app.command("restore")
def restore_command(
    backup: Annotated[Path, typer.Argument(exists=True, help="A backup: its folder, or a .json or .json.gz file.")],
    *,
    identity: IdentityOption = None,
    foreign: Annotated[bool, typer.Option("--foreign", help="Also a backup of another shop.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Replace the shop that is here without asking.")] = False,
    wait: Annotated[float, typer.Option(min=0, help="Seconds for an open shop to stand aside.")] = aside.PATIENCE,
    as_json: JsonOption = False,
) -> None:
    """Bring a backup back, into either engine. What is here is backed up first, then replaced as a whole.

    Exit code 0: restored. 1: refused; the shop is as it was.
    """

    async def work() -> Restored:
        key = encryption.read_identity(identity) if identity else ""
        return await bring_back(shops_config(), Wish(backup, key, foreign, yes, wait), quiet=as_json)

    done = run(work())
    if as_json:
        say.print_json(json.dumps(_plain(done)))
    else:
        _tell(done)


async def bring_back(config: Config, wish: Wish, *, quiet: bool) -> Restored:
    """Carry a restore out: look, ask, have the shop alone, replace."""
    manifest = contents.peek(wish.path, wish.identity)
    there = await restore.standing(config)
    _must_fit(config, manifest, there)
    with _progress("reading", 1, quiet=quiet) as told:
        found = contents.opened(wish.path, wish.identity)
        told(wish.path.name, 0)
    restore.may_replace(found, there, foreign=wish.foreign)
    if there.filled and not wish.sure:
        _ask(there, found)
    async with aside.alone(config, wish.patience):
        with _progress("restoring", len(manifest.tables), quiet=quiet) as told:
            return await privacy.bring_back(config, found, SystemClock().now(), foreign=wish.foreign, told=told)


def _must_fit(config: Config, manifest: Manifest, there: Standing) -> None:
    """Refuse before minutes of reading what there is no room for."""
    raw = sum(table.bytes for table in manifest.tables)
    swap.must_have_room(config, raw, there.bytes if there.filled else 0)


def _ask(there: Standing, found: Contents) -> None:
    """Let whoever types say it in a word; without a terminal, only ``--yes`` says it."""
    has = f"its last order is number {there.order_number}" if there.readable else "it cannot be read"
    say.print(
        f"There is a shop here: {has}. It is backed up, then replaced by {found.name} ({found.manifest.made_at})."
    )
    if not sys.stdin.isatty():
        refuse("Nobody is at the keyboard to say yes: add --yes. Nothing was changed.")
    if typer.prompt(f'Type "{WORD}" to go on', default="", show_default=False).strip().lower() != WORD:
        refuse("Nothing was changed.")


@contextmanager
def _progress(what: str, tables: int, *, quiet: bool) -> Iterator[Told]:
    bar = Progress(TextColumn(f"{what} {{task.description}}"), BarColumn(), MofNCompleteColumn(), console=say,
                   transient=True, disable=quiet or not say.is_terminal)  # fmt: skip
    with bar:
        task = bar.add_task("", total=tables)
        yield lambda table, _rows: bar.update(task, advance=1, description=table)


def _tell(done: Restored) -> None:
    say.print(f"{done.manifest.rows:,} rows restored, read back and equal.")
    say.print(f"{done.messages} messages and {done.updates} updates waited in it: set aside, neither sent nor worked.")
    if done.forgotten:
        say.print(f"{done.forgotten} people in it had asked to be forgotten since: they are, again.")
    if done.kept:
        say.print(f"What was here before is kept: {done.kept.name}.")
    say.print(f"Order numbers go on after {done.order_number}.")


def _plain(done: Restored) -> dict[str, object]:
    return {
        "rows": done.manifest.rows, "made_at": done.manifest.made_at, "messages": done.messages,
        "updates": done.updates, "forgotten": done.forgotten, "order_number": done.order_number,
        "kept": done.kept.name if done.kept else None,
    }  # fmt: skip


# ── on trial ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@app.command("drill")
def drill_command(
    backup: Annotated[Path | None, typer.Argument(exists=True, help="A backup; else the newest one.")] = None,
    *,
    identity: IdentityOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring a backup back on trial and compare every row.

    The shop is not touched. Exit code 1 where the backup cannot be brought back.
    """

    async def work(shop: Shop) -> Drilled:
        key = encryption.read_identity(identity) if identity else ""
        return await drill.drill(shop, backup or "", key)

    with say.status("Bringing it back on trial …") if not as_json else nullcontext():
        done = run(with_shop(work))
    if as_json:
        say.print_json(json.dumps(asdict(done), default=str))
    else:
        say.print(_in_words(done))
    raise typer.Exit(0 if done.good else 1)


def _in_words(done: Drilled) -> str:
    if done.outcome is Outcome.FINE:
        return f"{done.name}: {done.rows:,} rows brought back on trial in {done.seconds:.1f} s, all as they were."
    if done.outcome is Outcome.SEALED:
        return f"{done.name} is encrypted and lies there as it was written. To try more: --identity FILE."
    if done.outcome is Outcome.NONE:
        return "There is no backup to try."
    return f"{done.name} cannot be brought back. {translator('en')(f'errors.{done.why}', **done.values)}"
