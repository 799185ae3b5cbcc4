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
from core.database import aside
from core.errors import ShopError, StartRefused
from core.i18n import translator
from core.payments.bakong import ManualBank
from core.shop import Shop, open_shop
from core.storage import reserve

T = TypeVar("T")
say = Console(highlight=False, soft_wrap=True)
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON.")]
NO_PLACE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENOSPC}
NO_ROOM = "The disk is full. Nothing was lost. See what can go: python run.py emergency"
"""Said to who types; in a chat the same refusal says that the owner knows, which a command tells nobody."""


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
        refuse(NO_ROOM if error.key == "errors.storage_full" else translator("en")(error.key, **error.values))
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


async def with_shop(work: Callable[[Shop], Awaitable[T]], config: Config | None = None) -> T:
    """Run one use case on the shop's data, beside a serving process or without one; by the settings as they are."""
    config = config or shops_config()
    if not config.database_url and aside.asked(config.data_dir):
        raise StartRefused("A restore has the database to itself just now. Try again in a minute.")
    shop = await open_shop(config, ManualBank())
    try:
        return await work(shop)
    finally:
        await shop.close()


def shops_config() -> Config:
    """Read the settings for a command, its folders made: the shop's, or without a token the practice shop's."""
    config = core_config.read()
    if not config.sandbox:
        return folders(config)
    if config.database_url:
        raise StartRefused("HAANG_DATABASE_URL names a shop's database, but HAANG_BOT_TOKEN is not set: whose is it?")
    typer.echo("This is the practice shop: HAANG_BOT_TOKEN is not set.", err=True)
    return practice_config(config)


def practice_config(config: Config) -> Config:
    """The sandbox's own folders and database, whatever else is set."""
    own = {"data_dir": config.data_dir / "sandbox", "backup_dir": config.backup_dir / "sandbox", "database_url": None,
           "backup_store": None, "webhook_secret": None, "host": "127.0.0.1",
           "bot_token": SecretStr(SANDBOX_TOKEN)}  # fmt: skip
    return folders(config.model_copy(update=own))


def folders(config: Config) -> Config:
    """Make the folders the shop writes to, with room in them; where that cannot be, :func:`run` says so."""
    for folder in (config.data_dir, config.media_dir / "products", config.media_dir / "qr_codes", config.backup_dir):
        folder.mkdir(parents=True, exist_ok=True)
    reserve.make_way(config.data_dir)
    return config
