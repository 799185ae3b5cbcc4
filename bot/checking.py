"""Look at a shop from outside: its bot, webhook and groups at Telegram, its site, the bank. Nothing is changed there.

**Looking for another program that fetches.** Telegram tells nobody of it; a second ``getUpdates`` throws the first one
out (409), and the first one, coming back, throws out the second. So, and only where no process of this shop is open
(the place at its database says so) and no webhook is set, updates are asked for without an offset, which confirms none,
and without ``allowed_updates``, which leaves that as it was: one update, waited for four seconds. Whoever fetches loses
one wait, as at every restart, and is back within the four seconds: then our own is thrown out. Where something waits
already it is asked for twice: still there, so nobody fetches; gone, so somebody does. A shop that is open is not asked
about: its own fetching meets the other, and has the owners told (``bot/fetching.py``).
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit

import aiohttp
from telegram import Bot
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.fetching import WEBHOOK_PATH
from bot.linking import rights
from bot.request import AiohttpRequest, is_stranger
from core.clock import SystemClock
from core.config import Config
from core.doctor import outside
from core.doctor.outside import Group, Hook, Miss, Outside, Poller, Site, Word
from core.payments.bakong import Bakong
from core.payments.rules import UNAUTHORIZED, Unknown
from core.people import service as people
from core.setup.rules import Goal
from core.shop import Shop

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that looking waits for others."""

    answer: float = 6.0
    """That each look may take; they are made at the same time."""
    poller: float = 4.0
    """That another program has to come back: libraries wait a second after a 409."""
    between: float = 1.5
    """Between two looks at what waits: who fetches would have taken it at once."""


USUAL = Patience()
NO_PAYMENT = "0" * 32
"""A QR that nobody made, to see whether the bank answers."""


async def look(shop: Shop, served: bool, *, patience: Patience = USUAL) -> Outside:  # noqa: FBT001 - `opening.Look`
    """Look at everything at once; whatever is not reached is a :class:`Miss`. ``served``: this shop is open."""
    config, account = shop.config, shop.policy.khqr_account
    telegram, apart, site, ends, bank = await asyncio.gather(
        _telegram(shop, served=served, patience=patience), _within(_apart(config.telegram_api), patience),
        _there(_site, config, patience), _there(_certificate, config, patience),
        _within(_bank(config, account, patience), patience),
    )  # fmt: skip
    return replace(telegram, apart=apart, site=site, certificate=ends, bank=bank)


async def _telegram(shop: Shop, *, served: bool, patience: Patience) -> Outside:
    """Look at all that Telegram knows; a void token says it all, and so does whoever is not Telegram."""
    config, policy = shop.config, shop.policy
    wanted = f"{config.public_url or ''}{WEBHOOK_PATH}" if config.webhook_secret else ""
    async with AiohttpRequest(read_timeout=patience.answer, connect_timeout=patience.answer) as calling:
        bot = Bot(config.token, f"{config.telegram_api}/bot", request=calling, get_updates_request=calling)
        me, hook, staff, admin = await asyncio.gather(
            _asked(_me(bot)), _asked(_hook(bot)), _group(shop, bot, policy.staff_chat_id, Goal.STAFF),
            _group(shop, bot, policy.admin_chat_id, Goal.ADMIN),
        )  # fmt: skip
        if isinstance(me, Miss) and me.says_all:
            return Outside(me, served=served)
        poller = None if wanted else await _poller(bot, hook, served=served, patience=patience)
    return Outside(me, hook, poller, staff, admin, wanted=wanted, served=served)


async def _asked(call: Awaitable[T]) -> T | Miss:
    """Ask Telegram; what it refuses and what does not reach it are told apart, and no token stands in either."""
    try:
        return await call
    except (InvalidToken, Forbidden, BadRequest, Conflict) as error:
        return Miss(error.message, refused=True)
    except RetryAfter:
        return Miss("flood wait")
    except TelegramError as error:
        if is_stranger(error):
            return Miss(outside.STRANGER)
        return Miss(error.message.partition(":")[2].strip() or type(error).__name__)


async def _within(call: Awaitable[T], patience: Patience) -> T | Miss:
    """Ask anybody else, within the limit; only kinds of errors are told, for addresses may hold secrets.

    A server without a clock in its answer, or a certificate without an end, is a ``KeyError``.
    """
    try:
        async with asyncio.timeout(patience.answer):
            return await call
    except (OSError, ValueError, KeyError, aiohttp.ClientError) as error:
        return Miss(type(error).__name__)


# ── Telegram ─────────────────────────────────────────────────────────────────────────────────────────────────────────
async def _me(bot: Bot) -> outside.Bot:
    me = await bot.get_me()
    hears, joins, inline = me.can_read_all_group_messages, me.can_join_groups, me.supports_inline_queries
    return outside.Bot(me.full_name, me.username or "", bool(hears), bool(joins), bool(inline))


async def _hook(bot: Bot) -> Hook:
    found = await bot.get_webhook_info()
    return Hook(found.url, found.pending_update_count, found.last_error_message or "", found.last_error_date)


async def _poller(bot: Bot, hook: Hook | Miss, *, served: bool, patience: Patience) -> Poller | Miss | None:
    """Find out who fetches, as the module says; None where a webhook keeps everybody from it."""
    if isinstance(hook, Miss):
        return hook
    if hook.url:
        return None
    return Poller.OURS if served else await _asked(_fetching(bot, patience))


async def _fetching(bot: Bot, patience: Patience) -> Poller:
    try:
        first = await bot.get_updates(limit=1, timeout=timedelta(seconds=patience.poller))
        if not first:
            return Poller.NOBODY
        await asyncio.sleep(patience.between)
        again = await bot.get_updates(limit=1, timeout=0)
    except Conflict:
        return Poller.OTHER
    return Poller.NOBODY if again and again[0].update_id == first[0].update_id else Poller.OTHER


async def _group(shop: Shop, bot: Bot, chat_id: int, goal: Goal) -> Group | Miss | None:
    if not chat_id:
        return None
    found = await _asked(rights(bot, chat_id, goal))
    if chat_id > 0 and isinstance(found, Group):
        person = await people.known(shop, chat_id)
        return Group(found.title, private=True, blocked=person is not None and person.blocked)
    return found


# ── the web ──────────────────────────────────────────────────────────────────────────────────────────────────────────
async def _apart(address: str) -> timedelta:
    """By how much this machine's clock differs from a server's, which says whole seconds; no token goes along."""
    async with aiohttp.ClientSession() as session:
        before = SystemClock().now()
        async with session.head(f"{address}/", allow_redirects=False) as answer:
            said, after = parsedate_to_datetime(answer.headers["Date"]), SystemClock().now()
    return max(said - after, before - said - timedelta(seconds=1), timedelta())


async def _there(
    see: Callable[[Config, SplitResult], Awaitable[T]], config: Config, patience: Patience
) -> T | Miss | None:
    """Look at the public address, if there is one."""
    return await _within(see(config, urlsplit(config.public_url)), patience) if config.public_url else None


async def _site(config: Config, address: SplitResult) -> Site | Miss:
    """Ask the site whose it is, as Telegram would: nobody is followed elsewhere."""
    trust = await asyncio.to_thread(ssl.create_default_context)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust)) as session:
        try:
            async with session.get(f"{address.geturl()}/health", allow_redirects=False) as answer:
                to = urlsplit(answer.headers.get("Location", "")).hostname or ""
                ours = answer.headers.get(outside.MARK) == outside.mark(config.token)
                return Site(answer.status, ours, to)
        except aiohttp.ClientConnectorCertificateError:
            return Miss("certificate")


async def _certificate(_config: Config, address: SplitResult) -> datetime | Miss | None:
    """Read when the certificate ends, as a machine that trusts what everybody trusts; None for plain HTTP."""
    if address.scheme != "https":
        return None
    trust = await asyncio.to_thread(ssl.create_default_context)
    try:
        _, writer = await asyncio.open_connection(address.hostname, address.port or 443, ssl=trust)
    except ssl.SSLCertVerificationError as error:
        return Miss(error.verify_message, refused=True)
    ends = writer.get_extra_info("peercert")["notAfter"]
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC)


async def _bank(config: Config, account: str, patience: Patience) -> Word | Miss | None:
    """Ask the bank about a QR that nobody made; None without a token. Given no e-mail, it renews none by that."""
    if config.bakong_token is None:
        return None
    bank = Bakong(config.bakong_url, config.bakong_token, timeout=patience.answer)
    try:
        said = await bank.check(NO_PAYMENT)
        if isinstance(said, Unknown):
            return Word.REFUSED if said.reason == UNAUTHORIZED else Miss(said.reason)
        known = await bank.check_account(account) if account else True
    finally:
        await bank.close()
    return Word.NO_ACCOUNT if known is False else Word.WELL
