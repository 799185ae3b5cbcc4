"""The one entry: ``python run.py`` opens the shop, ``python run.py test`` proves it, ``--help`` lists the rest."""

# The environment comes first: it needs nothing but Python itself.
from core import environment

if __name__ == "__main__":
    environment.ready()

import asyncio
import errno
import gc
import os
import signal
import socket
import subprocess
import sys
import webbrowser
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from aiohttp import web as aiohttp_web
from pydantic import SecretStr

import web.app
import web.closed
from bot import checking
from bot.app import Face
from bot.closed import ClosedDoor
from bot.fetching import WEBHOOK_PATH
from bot.greeting import hello
from bot.sandbox import practice
from core import logs
from core.backups import swap
from core.catalog.sample import stocking
from core.commands import backups, cleanup, copies, guide, house, imports, payments, relief, restoring, sheets, storage
from core.commands import setup as setting_up
from core.commands.running import configured, folders, practice_config, refuse, run, say
from core.config import SANDBOX_TOKEN, Config
from core.database import aside
from core.errors import StartRefused
from core.jobs import JOBS
from core.payments.bakong import Bakong, ManualBank
from core.people import service as people
from core.people.rules import Role
from core.promotions import service as promotions
from core.promotions.rules import PromoKind
from core.scheduler import Scheduler
from core.settings import service as settings
from core.shipping import service as places
from core.shop import Shop, open_shop
from core.storage import accounting

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
PORTS = 50
PRACTICE = "  (a practice shop; stop it with Ctrl-C)"


# ── commands ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@app.callback(invoke_without_command=True, help="Haang, a shop in Telegram. Without a command: open the shop.")
def start(context: typer.Context) -> None:
    """Open the shop: the real bot where HAANG_BOT_TOKEN is set, else the sandbox."""
    if context.invoked_subcommand is None:
        run(serving(configured()))


@app.command()
def serve() -> None:
    """Serve the real bot and the site; needs HAANG_BOT_TOKEN."""
    config = configured()
    if config.sandbox:
        refuse("HAANG_BOT_TOKEN is not set. For a practice shop that needs none: python run.py sandbox")
    run(serving(config))


@app.command()
def sandbox(
    *, browser: Annotated[bool, typer.Option(help="Open the browser where there is a desktop.")] = True
) -> None:
    """Open a practice shop in the browser, without Telegram."""
    run(serving(configured(bot_token=SecretStr(SANDBOX_TOKEN)), browser=browser))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(context: typer.Context) -> None:
    """Prove everything: style, types, imports, tests, browser. More words go to pytest."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # every worker, and every shop they open, would compile all anew
    module = [sys.executable, "-m"]
    lint = [str(Path(sys.executable).with_name("lint-imports"))]
    steps = [[*module, "ruff", "check"], [*module, "ruff", "format", "--check"], [*module, "mypy"], lint]
    for step in [] if context.args else steps:
        if subprocess.run(step, check=False, cwd=environment.ROOT).returncode:
            raise typer.Exit(1)
    raise typer.Exit(subprocess.run([*module, "pytest", *context.args], check=False, cwd=environment.ROOT).returncode)


app.add_typer(storage.app)
app.add_typer(backups.app)
app.add_typer(copies.app)
app.add_typer(restoring.app)
app.add_typer(cleanup.app)
app.add_typer(relief.app)
app.add_typer(payments.app, name="payments")
app.add_typer(house.app)
app.add_typer(guide.app)
app.command("setup")(setting_up.wizard(hello, checking.look))
app.add_typer(setting_up.owners, name="owner")
app.add_typer(imports.app)
app.add_typer(sheets.app)


# ── serving ──────────────────────────────────────────────────────────────────────────────────────────────────────────
async def serving(config: Config, *, browser: bool = True) -> None:
    """Open everything in its order, wait for the sign to stop, close it in the other order.

    When somebody wants the database alone (a restore), everything is closed as at a stop and opened again afterwards.
    """
    stop, over, desk = asyncio.Event(), list[str](), None

    def give_up(why: str) -> None:
        over.append(why)
        stop.set()

    config = practice_config(config) if config.sandbox else folders(config)
    async with AsyncExitStack() as stack:
        stack.enter_context(stopping(stop))
        while not stop.is_set():
            async with AsyncExitStack() as house:
                place = await let_in(house, config, stop)
                if place is None:
                    break
                swap.sweep(config.data_dir)
                first = desk is None
                if config.sandbox and first:
                    desk, config = await open_desk(stack, config)
                await open_house(house, config, desk, give_up)
                say.print(f"The shop is open: {desk or address_of(config)}" + (PRACTICE if desk else ""))
                if desk and first and browser and desktop():
                    webbrowser.open(desk)
                wanted = await until(stop, place.wanted())
                say.print("Standing aside: the database is wanted …" if wanted else "Closing the shop …")
    if over:
        raise StartRefused(over[0])


async def let_in(house: AsyncExitStack, config: Config, stop: asyncio.Event) -> aside.Place | None:
    """Take a place at the database; while somebody has it alone, a closed door answers. None when it is to stop."""
    taking = asyncio.ensure_future(house.enter_async_context(aside.serving(config)))
    try:
        await asyncio.wait({taking}, timeout=1)
        if not taking.done():
            async with closed_door(config):
                await until(stop, asyncio.wait({taking}))
        return taking.result() if taking.done() else None
    finally:
        taking.cancel()
        await asyncio.wait({taking})


@asynccontextmanager
async def closed_door(config: Config) -> AsyncIterator[None]:
    """Answer, in the chat and on the site, that the shop is closed for a moment."""
    async with AsyncExitStack() as stack:
        runner = web.app.runner(web.closed.build(sandbox=config.sandbox))
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await aiohttp_web.SockSite(runner, listening(config.host, config.port)).start()
        if config.webhook_secret is None:
            answering = asyncio.create_task(ClosedDoor(config).answer())
            stack.push_async_callback(asyncio.wait, {answering})
            stack.callback(answering.cancel)
        yield


async def until(stop: asyncio.Event, work: Coroutine[Any, Any, Any]) -> bool:
    """Wait for some work or the sign to stop; tells whether the work came first."""
    doing, stopping_ = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    done, rest = await asyncio.wait({doing, stopping_}, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    return doing in done and stopping_ not in done


def address_of(config: Config) -> str:
    """The site's address as it is known here."""
    host = f"[{config.host}]" if ":" in config.host else config.host
    return config.public_url or f"http://{host}:{config.port}"


async def open_house(stack: AsyncExitStack, config: Config, desk: str | None, give_up: Callable[[str], None]) -> None:
    """Open shop, bot, site and schedule; the first thing opened is the last one closed.

    The port comes first: a shop that is started twice by mistake touches neither the database nor Telegram.
    """
    door = listening(config.host, config.port)
    stack.callback(door.close)
    logs.open_logs(config.log_dir, config.log_level)
    stack.callback(logs.close_logs)
    shop = await open_shop(config, bank(config))
    stack.push_async_callback(shop.close)
    await settings.may_serve(shop.db, bot_id(config))
    for owner in config.owner_ids:
        await people.grant(shop, owner, "Owner", Role.OWNER)
    if desk:
        await furnish(shop)
    face, name = Face(shop, give_up), ""
    shop.door = lambda payload: bot_link(desk, name, payload)
    site = web.app.build(shop, shop.door)
    site.router.add_post(WEBHOOK_PATH, face.webhook)
    runner = web.app.runner(site)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    name = await face.start()
    stack.push_async_callback(face.stop)
    await settings.belong_to(shop.db, shop.clock, bot_id(config))  # only a token that Telegram knows
    await aiohttp_web.SockSite(runner, door).start()
    schedule = Scheduler(shop, JOBS)
    await schedule.start()
    stack.push_async_callback(schedule.stop)
    keep_standing(stack)
    reading = asyncio.create_task(read_ahead(), name="read ahead")  # only who comes meanwhile waits for it
    stack.push_async_callback(asyncio.wait, {reading})


def keep_standing(stack: AsyncExitStack) -> None:
    """Let the collector pass by what stands until the house is closed: walking through it held a tap up for 60 ms."""
    gc.collect()
    gc.freeze()
    stack.callback(gc.unfreeze)


async def read_ahead() -> None:
    """Read, beside the open shop, what the first comers would wait for; it stands from then on as all else does."""
    await places.ready()
    gc.freeze()


def bot_id(config: Config) -> int:
    """The bot's id, which its token begins with."""
    number, _, rest = config.token.partition(":")
    if not (number.isdecimal() and rest):
        raise StartRefused("HAANG_BOT_TOKEN is no bot's token. @BotFather gives one, it looks like 123456789:ABC…")
    return int(number)


def bank(config: Config) -> Bakong | ManualBank:
    """The bank that can be asked, or staff who approve by hand where there is no token."""
    if config.bakong_token is None:
        return ManualBank()
    email = config.bakong_email.get_secret_value() if config.bakong_email else ""
    return Bakong(config.bakong_url, config.bakong_token, email=email)


def bot_link(desk: str | None, name: str, payload: str) -> str | None:
    """The link that opens the bot with a start payload; in the sandbox, its chat page."""
    query = f"?start={payload}" if payload else ""
    if desk:
        return f"{desk}/{query}"
    return f"https://t.me/{name}{query}" if name else None


# ── the practice shop ────────────────────────────────────────────────────────────────────────────────────────────────
async def open_desk(stack: AsyncExitStack, config: Config) -> tuple[str, Config]:
    """Start Telegram's and the bank's stand-ins; returns the chat page's address and the shop's settings for them."""
    port = free_port(config.port)
    if config.port not in {0, port}:
        say.print(f"Port {config.port} is taken; using {port}.")
    stand_in = practice.open_sandbox(SANDBOX_TOKEN, config.data_dir)
    stack.push_async_callback(stand_in.stop)
    address = await stand_in.start(port)
    desk, site = f"http://localhost:{port}", free_port(port + 1)
    stand_in.links["shop"] = f"http://localhost:{site}"
    given = {"telegram_api": address, "port": site, "public_url": f"http://localhost:{site}",
             "staff_chat_id": practice.STAFF_GROUP, "admin_chat_id": practice.ADMIN, "bakong_url": f"{address}/bakong",
             "bakong_token": SecretStr(practice.BANK_TOKEN)}  # fmt: skip
    return desk, config.model_copy(update=given)


async def furnish(shop: Shop) -> None:
    """Give the practice shop its people, its bank account and its shelves, once."""
    for person, name, role in practice.STAFF:
        await people.grant(shop, person, name, Role(role))
    if not shop.policy.khqr_account:
        await settings.change(shop.db, shop.clock, "khqr_account", practice.ACCOUNT, None)
    if await stocking.stock_sample(shop):
        await accounting.reconcile(shop)
        await promotions.create(shop, "WELCOME10", PromoKind.PERCENT, 10, by=None, cap=500, person_limit=1)


# ── the machine ──────────────────────────────────────────────────────────────────────────────────────────────────────
def free_port(first: int) -> int:
    """The first port from ``first`` on that nobody listens on, on this machine."""
    for port in range(first, first + PORTS) if first else [0]:
        with socket.socket() as probe:
            if os.name != "nt":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise StartRefused(f"No port between {first} and {first + PORTS} is free. Set HAANG_PORT to another.")


def listening(host: str, port: int) -> socket.socket:
    """Listen, on an address of either family; what stands in the way is a sentence."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, _, _, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)  # localhost is both
        dual = family == socket.AF_INET6 and socket.has_dualstack_ipv6()
        return socket.create_server(address, family=family, backlog=512, dualstack_ipv6=dual)
    except (OSError, UnicodeError) as error:  # a name that cannot be one fails before it is looked up
        reason = getattr(error, "errno", None)
        if reason == errno.EADDRINUSE:
            raise StartRefused(f"Port {port} is taken by another program. Set HAANG_PORT to another.") from None
        if reason == errno.EACCES:
            raise StartRefused(f"Port {port} is not for everybody to open. Set HAANG_PORT above 1023.") from None
        raise StartRefused(f"HAANG_HOST is {host}, which is no address of this machine.") from None


@contextmanager
def stopping(stop: asyncio.Event) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM set ``stop`` instead of breaking off."""
    loop = asyncio.get_running_loop()
    before = {sign: signal.getsignal(sign) for sign in (signal.SIGINT, signal.SIGTERM)}
    for sign in before:
        signal.signal(sign, lambda *_: loop.call_soon_threadsafe(stop.set))
    try:
        yield
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)


def desktop() -> bool:
    """Whether somebody sits before this machine's screen."""
    here = sys.platform in {"darwin", "win32"} or "DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ
    return here and "CI" not in os.environ and sys.stdout.isatty()


if __name__ == "__main__":
    app()
