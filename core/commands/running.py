"""How a command runs: the settings read, the shop opened and closed, what is refused said in one sentence."""

import asyncio
import errno
import os
from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from pydantic import SecretStr
from rich.console import Console

from core import config as core_config
from core.config import SANDBOX_TOKEN, Config
from core.database import FILE, marker
from core.errors import ShopError, StartRefused
from core.i18n import translator
from core.payments.bakong import ManualBank
from core.shop import Shop, open_shop

T = TypeVar("T")
say = Console(highlight=False, soft_wrap=True)
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON.")]
NO_PLACE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENOSPC}


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end; what the shop refuses becomes one sentence and exit code 1.

    What is written (orders with phones and streets) is for the shop's own user only.
    """
    os.umask(0o077)
    try:
        return asyncio.run(work)
    except StartRefused as error:
        refuse(str(error))
    except ShopError as error:
        refuse(translator("en")(error.key, **error.values))
    except OSError as error:
        if error.errno not in NO_PLACE:
            raise
        refuse(f"{error.filename or 'The data folder'} cannot be written: {error.strerror}.")


def configured(**overrides: object) -> Config:
    """Read the settings; a wrong one is named, and the shop does not start; a misspelt name is pointed out."""
    for sentence in core_config.unknown():
        typer.echo(sentence, err=True)
    try:
        return core_config.read(**overrides)
    except StartRefused as error:
        refuse(str(error))


def refuse(sentence: str) -> NoReturn:
    """Say why not, and stop."""
    typer.echo(sentence, err=True)
    raise SystemExit(1)


def megabytes(size: int) -> str:
    """Write bytes for people."""
    return f"{size / 1e6:,.1f} MB"


async def with_shop(work: Callable[[Shop], Awaitable[T]], *, afresh: bool = False) -> T:
    """Run one use case on the shop's data, beside a serving process or without one; ``afresh`` as in ``open_shop``."""
    config = core_config.read()
    if config.sandbox:
        if config.database_url:
            raise StartRefused(
                "HAANG_DATABASE_URL names a shop's database, but HAANG_BOT_TOKEN is not set: whose is it?"
            )
        typer.echo("This is the practice shop: HAANG_BOT_TOKEN is not set.", err=True)
    config = practice_config(config) if config.sandbox else folders(config)
    with marker.unmade_on_failure(config.data_dir / FILE):
        shop = await open_shop(config, ManualBank(), afresh=afresh)
        try:
            return await work(shop)
        finally:
            await shop.close()


def practice_config(config: Config) -> Config:
    """The sandbox's own folders and database, whatever else is set."""
    own = {"data_dir": config.data_dir / "sandbox", "backup_dir": config.backup_dir / "sandbox", "database_url": None,
           "webhook_secret": None, "host": "127.0.0.1", "bot_token": SecretStr(SANDBOX_TOKEN)}  # fmt: skip
    return folders(config.model_copy(update=own))


def folders(config: Config) -> Config:
    """Make the folders the shop writes to; where that cannot be, :func:`run` says so."""
    for folder in (config.data_dir, config.media_dir / "products", config.media_dir / "qr_codes", config.backup_dir):
        folder.mkdir(parents=True, exist_ok=True)
    return config
