"""``setup``: questions and answers between a bot's token and a shop that opens; ``owner``: a way back in."""

import asyncio
import os
import re
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from pydantic import SecretStr

from core import config as core_config
from core.commands.findings import tell
from core.commands.running import JsonOption, configured, folders, refuse, run, with_shop
from core.config import ROOT, Config
from core.doctor import opening, outside
from core.doctor.rules import Finding
from core.errors import ShopError, StartRefused
from core.i18n import translator
from core.payments import khqr
from core.payments.bakong import ManualBank
from core.settings import reading
from core.settings import service as settings
from core.settings.known import Rule
from core.settings.rules import Policy, conflict
from core.setup import envfile, service
from core.setup.rules import Goal, shown
from core.shop import Shop, open_shop
from core.storage.usage import sqlite_file

T = TypeVar("T")
Hello = Callable[[str, str], Coroutine[Any, Any, tuple[str, str]]]
TOKEN = re.compile(r"[0-9]{5,16}:[A-Za-z0-9_-]{30,64}")
PUBLIC = """The shop sells without an address of its own. With one (https://…) cards link
to the tracking page and the catalog opens inside Telegram: docs/deploy/proxy.md"""
CODE, KEEP, NONE = "code", "keep", "none"
ASKED = (
    (Rule.SHOP_NAME, "The shop's name"),
    (Rule.RIEL_RATE, "Riel for one dollar"),
    (Rule.FEE_CAPITAL, "Delivery in Phnom Penh"),
    (Rule.FEE_PROVINCE, "Delivery to the provinces"),
    (Rule.FREE_DELIVERY_FROM, "Free delivery from (none: never)"),
    (Rule.OPENS, "Opens at"),
    (Rule.CLOSES, "Closes at"),
)
"""Rules of the shop that are asked for, each with its question."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered: lines of ``.env`` by name, rules of the shop by theirs; whether a code is to make an owner."""

    env: dict[str, str]
    rules: dict[str, Any]
    code: bool


@dataclass(frozen=True, slots=True)
class Asking:
    """How questions are asked: with ``yes`` not at all, what was not given stays as it is."""

    yes: bool

    def answer(self, question: str, given: str | None, default: str, read: Callable[[str], T]) -> T:
        """Take what was given, else ask until it can be read; what was given and cannot be read ends the command."""
        if given is not None or self.yes:
            try:
                return read(default if given is None else given)
            except (ShopError, StartRefused) as error:
                refuse(f"{question}: {_sentence(error)}")
        while True:
            try:
                return read(typer.prompt(question, default=default))
            except (ShopError, StartRefused) as error:
                typer.echo(f"  {_sentence(error)}", err=True)


def _sentence(error: ShopError | StartRefused) -> str:
    if isinstance(error, StartRefused):
        return str(error)
    return re.sub(r"<[^<>]*>", "", translator("en")(error.key, **error.values))


def wizard(hello: Hello, look: opening.Look) -> Callable[..., None]:
    """Make the command; ``hello`` asks Telegram (address, token) for the bot's name and username, ``look`` looks."""

    def setup(
        *,
        check: Annotated[
            bool, typer.Option("--check", help="Change nothing: say what is well and what is not.")
        ] = False,
        as_json: JsonOption = False,
        token_file: Annotated[Path | None, typer.Option(help="A file with the bot's token; - for the input.")] = None,
        shop_name: Annotated[str | None, typer.Option(help="The shop's name.")] = None,
        zone: Annotated[str | None, typer.Option(help="The shop's time zone.")] = None,
        riel_rate: Annotated[str | None, typer.Option(help="Riel for one dollar.")] = None,
        khqr_account: Annotated[str | None, typer.Option(help="name@bank, or none: cash only.")] = None,
        khqr_city: Annotated[str | None, typer.Option(help="The city that a KHQR code names.")] = None,
        fee_capital: Annotated[str | None, typer.Option(help="Delivery in Phnom Penh.")] = None,
        fee_province: Annotated[str | None, typer.Option(help="Delivery to the provinces.")] = None,
        free_delivery_from: Annotated[str | None, typer.Option(help="Free delivery from, or none.")] = None,
        opens: Annotated[str | None, typer.Option(help="Opens at.")] = None,
        closes: Annotated[str | None, typer.Option(help="Closes at.")] = None,
        public_url: Annotated[str | None, typer.Option(help="The site's address, https://…, or none.")] = None,
        owner: Annotated[str | None, typer.Option(help="The owner's Telegram id, code, or keep.")] = None,
        yes: Annotated[bool, typer.Option("--yes", help="Ask nothing: the rest stays as it is.")] = False,
        env_file: Annotated[Path, typer.Option(help="Where it is written.")] = ROOT / ".env",
    ) -> None:
        """Set up the shop; can be run again. With --check: is it ready, and what helps where it is not."""
        if check:
            _check(look, env_file, as_json=as_json)
        given = {"shop_name": shop_name, "riel_rate": riel_rate, "fee_capital": fee_capital, "opens": opens,
                 "fee_province": fee_province, "free_delivery_from": free_delivery_from, "closes": closes,
                 "khqr_account": khqr_account, "khqr_city": khqr_city}  # fmt: skip
        asking, before = Asking(yes), configured(_env_file=env_file)
        token = _token(asking, hello, before, token_file)
        config = _config(env_file, bot_token=SecretStr(token))
        env = {"HAANG_BOT_TOKEN": token, "HAANG_TIME_ZONE": _zone(asking, env_file, config, zone)}
        rules = _rules(asking, given, run(_policy(config)))
        env |= _public(asking, env_file, config, public_url)
        who = _who(asking, owner, before)
        env |= {"HAANG_OWNER_IDS": _owners(before, who)} if who.isdigit() else {}
        if not yes:
            typer.confirm("Write this down?", default=True, abort=True)
        _finish(env_file, config, Answers(env, rules, who == CODE))

    return setup


def _check(look: opening.Look, env_file: Path, *, as_json: bool) -> NoReturn:
    """Look at everything, change nothing; without a token nobody else can be asked."""
    config = configured(_env_file=env_file)
    if config.sandbox or not TOKEN.fullmatch(config.token):
        seen = None if config.sandbox else outside.Miss("", refused=True)
        tell([outside.bot(seen), *opening.local(config, env_file)], as_json=as_json)

    async def examine(shop: Shop) -> tuple[Finding, ...]:
        await settings.may_serve(shop.db, _bot_id(config))
        return await opening.examine(shop, look, env=env_file)

    tell(run(with_shop(examine, folders(config))), as_json=as_json)


def _config(env_file: Path, **given: object) -> Config:
    return core_config.read(_env_file=env_file, **given)


def _bot_id(config: Config) -> int:
    return int(config.token.partition(":")[0])


def _setting(env_file: Path, name: str, value: str) -> Config:
    """Read the settings with another value for one of them; ``StartRefused`` says what is wrong with that, and no more.

    Whatever else is wrong was said when they were read first.
    """
    try:
        return _config(env_file, **{name: value})
    except StartRefused as error:
        raise StartRefused(str(error).rpartition(": ")[2].removeprefix("Value error, ")) from None


# ── the answers ──────────────────────────────────────────────────────────────────────────────────────────────────────
def _token(asking: Asking, hello: Hello, before: Config, file: Path | None) -> str:
    """Take the token of the file, else the one that is set, else what is typed unseen; Telegram says whose it is."""
    kept = "" if before.sandbox else before.token

    def read(text: str) -> str:
        token = text.strip() or kept
        if not TOKEN.fullmatch(token):
            raise StartRefused("This is no bot's token. @BotFather gives one, it looks like 123456789:ABC…")
        name, username = asyncio.run(hello(before.telegram_api, token))
        typer.echo(f"This is {name}, @{username}.")
        return token

    if file is not None:
        given = sys.stdin.readline() if str(file) == "-" else _text(file)
        return asking.answer("Token", given, "", read)
    if asking.yes:
        return asking.answer("Token", kept, "", read)
    question = f"Token from @BotFather (not shown{'; Enter keeps the one that is set' if kept else ''})"
    while True:
        try:
            return read(typer.prompt(question, default="" if kept else None, hide_input=True, show_default=False))
        except StartRefused as error:
            typer.echo(f"  {error}", err=True)


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        refuse(f"{file} cannot be read.")


def _zone(asking: Asking, env_file: Path, config: Config, given: str | None) -> str:
    return asking.answer(
        "Time zone", given, config.time_zone, lambda one: _setting(env_file, "time_zone", one).time_zone
    )


def _public(asking: Asking, env_file: Path, config: Config, given: str | None) -> dict[str, str]:
    """Take the address that customers and Telegram reach the site by, or none."""

    def read(text: str) -> str:
        if text.strip().lower() in {"", NONE}:
            return ""
        return _setting(env_file, "public_url", text.strip()).public_url or ""

    if not asking.yes and given is None:
        typer.echo(PUBLIC)
    address = asking.answer("Public address of the site, or none", given, config.public_url or NONE, read)
    if address.startswith("http://"):
        typer.echo("  It is not encrypted: Telegram opens no such page and brings no messages there.", err=True)
    return {"HAANG_PUBLIC_URL": address} if address or config.public_url else {}


def _rules(asking: Asking, given: dict[str, str | None], policy: Policy) -> dict[str, Any]:
    """Ask for the rules of the shop, each as it is now unless something else is said."""
    rules: dict[str, Any] = {}
    for rule, question in ASKED:
        rules[rule.value] = _rule(asking, rule, question, given[rule.value], replace(policy, **rules))
    return rules | _khqr(asking, given, policy)


def _rule(asking: Asking, rule: Rule, question: str, given: str | None, policy: Policy) -> str | int:
    """Ask for one; ``policy`` is what was answered before, which it must fit."""

    def read(text: str) -> str | int:
        value = reading.read(rule, text)
        changed: dict[str, Any] = {rule.value: value}
        if rule.value in conflict(replace(policy, **changed))[-1:]:
            raise StartRefused("That is when it opens. A shop that never closes does both at 00:00.")
        return value

    return asking.answer(question, given, _written(rule, getattr(policy, rule.value)), read)


def _written(rule: Rule, value: str | int) -> str:
    """Write a value as it can be typed."""
    if rule.stops and value == 0:
        return NONE
    return f"${value / 100:.2f}" if rule.group == "delivery" and isinstance(value, int) else str(value)


def _khqr(asking: Asking, given: dict[str, str | None], policy: Policy) -> dict[str, Any]:
    """Take the account and the city beside it, that its bank's QR can be drawn for, or none; the name is the shop's."""

    def fits(account: str, city: str) -> None:
        try:
            khqr.build(khqr.PaymentRequest(khqr.Individual(account), policy.khqr_name, city))
        except khqr.KhqrError as error:
            raise StartRefused(str(error)) from None

    def read(text: str) -> str:
        if text.strip().lower() in {"", NONE}:
            return ""
        account = str(reading.read(Rule.KHQR_ACCOUNT, text))
        fits(account, policy.khqr_city)
        return account

    def city_of(text: str) -> str:
        try:
            city = str(reading.read(Rule.KHQR_CITY, text))
        except ShopError:
            raise StartRefused("Write up to 15 letters, like Phnom Penh.") from None
        fits(account, city)
        return city

    question, was = "KHQR account, name@bank (none: cash only)", policy.khqr_account or NONE
    account = asking.answer(question, given["khqr_account"], was, read)
    if not account:
        return {"khqr_account": ""}
    city = asking.answer("City on the KHQR code", given["khqr_city"], policy.khqr_city, city_of)
    return {"khqr_account": account, "khqr_city": city}


def _who(asking: Asking, given: str | None, before: Config) -> str:
    """Take who owns the shop; where somebody does, who owns it too."""
    another = "Another owner" if before.owner_ids else "Owner"
    return asking.answer(f"{another}: a Telegram id, code, or keep", given, KEEP if before.owner_ids else CODE, _owner)


def _owner(text: str) -> str:
    who = text.strip().lower()
    if who in {CODE, KEEP} or re.fullmatch(r"[1-9][0-9]{3,15}", who):
        return who
    raise StartRefused("Write a Telegram id (digits), or code: one is shown then, to type to the bot.")


def _owners(before: Config, who: str) -> str:
    return ",".join(map(str, dict.fromkeys((*before.owner_ids, int(who)))))


# ── written down ─────────────────────────────────────────────────────────────────────────────────────────────────────
async def _policy(config: Config) -> Policy:
    """Read the rules that are in force, if there is a database; none is made."""
    file = sqlite_file(config)
    if file is not None and not file.exists():
        return Policy()
    shop = await open_shop(config, ManualBank())
    try:
        return shop.policy
    finally:
        await shop.close()


def _finish(env_file: Path, config: Config, answers: Answers) -> None:
    changed, code, payee = run(_save(config, answers))
    try:
        envfile.write(env_file, answers.env)
    except (OSError, ValueError) as error:
        refuse(f"{env_file} cannot be written: {getattr(error, 'strerror', None) or error}.")
    typer.echo(f"Written to {env_file}: {', '.join(answers.env)}.")
    typer.echo(f"Changed in the shop: {', '.join(changed) or 'nothing'}.")
    if payee:
        typer.echo(f"The KHQR names: {payee}")
    for name, value in answers.env.items():
        if os.environ.get(name) not in {None, "", value}:
            typer.echo(f"{name} is set in the environment too, which comes before {env_file.name}.", err=True)
    if code:
        typer.echo(f"To own the shop, type to the bot within 15 minutes of now:  /link {shown(code)}")
    typer.echo("Open the shop: python run.py    Then tell the bot /setup: it links the groups.")
    typer.echo("Is all well? python run.py setup --check")


async def _save(config: Config, answers: Answers) -> tuple[list[str], str, str]:
    """Write the rules down; returns which changed, the owner's code or "", and whom the KHQR names, "" without one."""
    shop = await open_shop(folders(config), ManualBank())
    try:
        await settings.may_serve(shop.db, _bot_id(config))
        changed = await service.set_up(shop, answers.rules)
        await shop.refresh()
        payee = shop.policy.khqr_name if shop.policy.khqr_account else ""
        return changed, await service.make_code(shop, None, Goal.OWNER) if answers.code else "", payee
    finally:
        await shop.close()


# ── a way back in ────────────────────────────────────────────────────────────────────────────────────────────────────
owners = typer.Typer(help="Owners: a way back in from the shell.", no_args_is_help=True)


@owners.callback()
def _owners_page() -> None:
    """Keep ``add`` a word of its own."""


@owners.command("add")
def add_owner(
    telegram_id: Annotated[int | None, typer.Argument(help="Their Telegram id.")] = None,
    *,
    code: Annotated[bool, typer.Option("--code", help="Show a one-time code to type to the bot instead.")] = False,
) -> None:
    """Make somebody an owner; the other owners hear of it."""
    if (telegram_id is None) is not code:
        refuse("Give a Telegram id, or --code.")
    if telegram_id is None:
        typer.echo(f"Type this to the bot within 15 minutes:  /link {shown(run(with_shop(_owner_code)))}")
        return
    if telegram_id <= 0:
        refuse("A person's Telegram id is above 0.")
    new = run(with_shop(lambda shop: service.add_owner(shop, telegram_id)))
    typer.echo("They own the shop now." if new else "They own the shop already.")


async def _owner_code(shop: Shop) -> str:
    return await service.make_code(shop, None, Goal.OWNER)
