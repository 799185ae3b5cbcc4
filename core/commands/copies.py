"""Commands over copies of backups off this server, and over backups of the pictures."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn
from rich.table import Column, Table

from core.backups import encryption
from core.backups.copies import chat, parts
from core.backups.copies import service as copies
from core.backups.copies.service import Told
from core.backups.media import service as media_service
from core.commands.running import JsonOption, configured, practice_config, run, say, with_shop
from core.config import Config
from core.i18n import translator
from core.storage.figures import readable

app = typer.Typer()
away = typer.Typer(help="Copies of backups off this server.", no_args_is_help=True)
app.add_typer(away, name="copies")


class Switch(StrEnum):
    """On or off, as it is typed."""

    ON = "on"
    OFF = "off"


WIDEST = len("media_backup_20261121_033000_2")
NameArgument = Annotated[str, typer.Argument(help="A backup's name, as `copies list` shows it.")]


# ── copies ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@away.command("list")
def listing(*, as_json: JsonOption = False) -> None:
    """Show every copy that is or should be, and what the store has; exit code 1 where one is not good."""
    found, t = run(with_shop(copies.listing)), translator("en")
    if as_json:
        plain = [asdict(copy) | {"parts": len(copy.parts or ())} for copy in found.copies]
        say.print_json(json.dumps({"copies": plain, "there": found.there, "trouble": found.trouble}, default=str))
    else:
        table = Table(
            Column("backup", no_wrap=True, min_width=WIDEST), "where", "state", "size", "read back", "what is wrong"
        )
        for copy in found.copies:
            read_back = f"{copy.verified_at:%Y-%m-%d %H:%M} UTC" if copy.verified_at else ""
            wrong = t(f"errors.{copy.trouble}", name=copy.backup, folder="backups") if copy.trouble else ""
            table.add_row(copy.backup, copy.target, copy.state, readable(copy.bytes), read_back, wrong)
        for name in found.there:
            table.add_row(name, copies.STORE, "there", "", "", "nobody here knows of it: copies fetch brings it back")
        say.print(table if table.row_count else "There are no copies off this server.")
        if found.trouble:
            say.print(t(found.trouble))
    raise typer.Exit(1 if found.trouble or any(not copy.good for copy in found.copies) else 0)


@away.command()
def send(*, as_json: JsonOption = False) -> None:
    """Copy now what is not copied yet, and read it back; exit code 1 where that failed, or another run is at it."""
    with _progress(shown=not as_json) as told:
        done, t = run(with_shop(lambda shop: copies.send(shop, now=True, told=told))), translator("en")
    if as_json:
        say.print_json(json.dumps(asdict(done)))
    else:
        for name in done.sent:
            say.print(f"{name}: copied, read back and equal.")
        for name, word in done.failed:
            say.print(f"{name}: {t(f'errors.{word}', name=name, folder='backups')}")
        for name in done.running:
            say.print(t("errors.copy_taken", name=name))
        if not (done.sent or done.failed or done.running):
            say.print("Every backup is copied.")
    raise typer.Exit(1 if done.failed or done.running else 0)


@away.command()
def verify(name: NameArgument) -> None:
    """Read a copy back whole and compare; one that is damaged is sent again."""
    with _progress() as told:
        size = run(with_shop(lambda shop: copies.verify(shop, name, told)))
    say.print(f"{name}: {readable(size)} read back and equal.")


@away.command()
def fetch(name: NameArgument) -> None:
    """Bring a backup back from the store into backups/, checked; works on a new server without a database."""
    path = run(copies.fetch(_settings(), name))
    say.print(f"{path} is back, read whole and equal.")


@away.command()
def unpack(
    file: Annotated[str, typer.Argument(help="A NAME.tar.age in backups/ that came back from the chat.")],
    *,
    identity: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="The file with the secret key.")],
) -> None:
    """Decrypt a backup that came back from the chat, check it, and put it among the others."""

    async def work() -> Path:
        folder, key = _settings().backup_dir, encryption.read_identity(identity)
        return await asyncio.to_thread(parts.unpack, folder / Path(file).name, folder, key)

    say.print(f"{run(work())} is back, read whole and equal.")


@away.command("chat")
def to_chat(
    switch: Annotated[Switch, typer.Argument(help="on: the newest backup goes to the admins' chat, encrypted.")],
) -> None:
    """Let copies go to the admins' chat, or not."""
    run(with_shop(lambda shop: chat.turn(shop, on=switch is Switch.ON)))
    say.print(f"Copies in the admins' chat: {switch.value}.")


def _settings() -> Config:
    config = configured()
    return practice_config(config) if config.sandbox and not config.backup_store else config


@contextmanager
def _progress(*, shown: bool = True) -> Iterator[Told | None]:
    """Show how far each backup is, on the other stream than what is printed; nothing where nobody looks."""
    columns, screen = (TextColumn("{task.description}"), BarColumn(), DownloadColumn()), Console(stderr=True)
    with Progress(*columns, console=screen, transient=True, disable=not (shown and screen.is_terminal)) as bar:
        tasks: dict[str, TaskID] = {}

        def told(name: str, done: int, whole: int) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name)
            bar.update(tasks[name], completed=done, total=whole)

        yield told


# ── pictures ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@app.command("backup-media")
def backup_media(*, as_json: JsonOption = False) -> None:
    """Back up pictures and films: only what is new is copied."""
    made = run(with_shop(media_service.backup_media))
    files, size = len(made.manifest.files), made.manifest.total
    if as_json:
        plain = {"name": made.manifest.name, "files": files, "bytes": size, "copied": made.copied,
                 "copied_bytes": made.copied_bytes, "left_out": made.unquiet}  # fmt: skip
        say.print_json(json.dumps(plain))
        return
    say.print(f"{made.manifest.name}: {files:,} files, {readable(size)}; "
              f"{made.copied:,} new contents, {readable(made.copied_bytes)}, read back and equal.")  # fmt: skip
    for path in made.unquiet:
        say.print(f"Left out, for it was being written: {path}")


@app.command("restore-media")
def restore_media(
    name: Annotated[str, typer.Argument(help="A media backup's name; the newest where none is given.")] = "",
    *,
    to: Annotated[Path | None, typer.Option(file_okay=False, help="Another folder than the shop's media.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Also over files that are newer than the backup's.")] = False,
) -> None:
    """Put the files of a media backup back."""
    done = run(with_shop(lambda shop: media_service.restore_media(shop, name, to, force=force)))
    say.print(f"{done.written:,} files put back, {done.same:,} were there already.")
    if done.newer:
        say.print(f"{len(done.newer):,} are newer here and stay (--force replaces them): {', '.join(done.newer[:5])}")
    for path in done.damaged:
        say.print(f"Damaged in the backup, not put back: {path}")
    raise typer.Exit(1 if done.damaged else 0)


@app.command("check-media")
def check_media(
    name: Annotated[str, typer.Argument(help="A media backup's name; the newest where none is given.")] = "",
) -> None:
    """Read a media backup back whole."""
    found, bad = run(with_shop(lambda shop: media_service.check_media(shop, name)))
    for path in bad:
        say.print(f"Missing or damaged: {path}")
    say.print(f"{found}: " + (f"{len(bad):,} files cannot be put back." if bad else "read back and equal."))
    raise typer.Exit(1 if bad else 0)
