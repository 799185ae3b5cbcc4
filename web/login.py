"""Who looks at a page of the counter: Telegram says so, signed with the bot's token; a cookie of ours remembers it.

Two ways in, both of Telegram's: what a Mini App is opened with (https://core.telegram.org/bots/webapps, "Validating
data received via the Mini App") and what a login button's link carries (https://core.telegram.org/widgets/login,
"Checking authorization"). Both only say who it is. What they may do is looked up at each request, so that whoever was
taken out of the team is out at once.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from aiohttp import web

from core.errors import NotAllowed
from core.people import service as people
from core.people.rules import Person, Rank
from core.shop import Shop

FRESH = timedelta(minutes=10)
"""So long after Telegram signed it is it taken: a link that was kept or passed on opens nothing."""
STAYS = timedelta(hours=12)
AHEAD = timedelta(minutes=1)
"""How far Telegram's clock may be ahead of ours."""
COOKIE = "desk"
LONGEST = 4096
_COOKIE = re.compile(r"([0-9]{1,16})\.([0-9]{1,12})\.([0-9a-f]{64})")


def by_app(init_data: str, token: str, now: datetime) -> int:
    """Take what a Mini App was opened with; returns the Telegram id. ``NotAllowed`` for anything forged or old."""
    fields = dict(parse_qsl(init_data[:LONGEST], keep_blank_values=True))
    key = hmac.digest(b"WebAppData", token.encode(), "sha256")
    _check(fields, key, now)
    try:
        return _number(json.loads(fields.get("user", ""))["id"])
    except (ValueError, KeyError, TypeError):
        raise NotAllowed from None


def by_link(query: Iterable[tuple[str, str]], token: str, now: datetime) -> int:
    """Take what a login button's link carries; returns the Telegram id. ``NotAllowed`` for anything forged or old."""
    fields = dict(query)
    _check(fields, hashlib.sha256(token.encode()).digest(), now)
    return _number(fields.get("id"))


def _check(fields: Mapping[str, str], key: bytes, now: datetime) -> None:
    """Hold the signature against all other fields, sorted, ``name=value`` by line; then the time it was made.

    A value of several lines could be read as other fields with the same signature; Telegram signs none.
    """
    if any("\n" in text for field in fields.items() for text in field):
        raise NotAllowed
    signed = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()) if name != "hash")
    right = hmac.digest(key, signed.encode("utf-8", "surrogatepass"), "sha256").hex()
    if not hmac.compare_digest(right.encode(), fields.get("hash", "").encode("utf-8", "surrogatepass")):
        raise NotAllowed
    age = now.timestamp() - _number(fields.get("auth_date"))
    if not -AHEAD.total_seconds() <= age <= FRESH.total_seconds():
        raise NotAllowed


def _number(text: object) -> int:
    """Read a number of Telegram's: at most 52 bits."""
    if not re.fullmatch(r"[0-9]{1,16}", str(text)):
        raise NotAllowed
    return int(str(text))


def let_in(response: web.StreamResponse, telegram_id: int, token: str, now: datetime, *, secure: bool) -> None:
    """Remember in a cookie who it is, for twelve hours."""
    until = int((now + STAYS).timestamp())
    value = f"{telegram_id}.{until}.{_seal(telegram_id, until, token)}"
    response.set_cookie(
        COOKIE, value, max_age=int(STAYS.total_seconds()), httponly=True, samesite="Lax", secure=secure, path="/desk"
    )


async def staff(request: web.Request, shop: Shop) -> Person:
    """Who looks, by their cookie; ``NotAllowed`` for nobody known, and for who is no staff."""
    found = _COOKIE.fullmatch(request.cookies.get(COOKIE, ""))
    if found is None:
        raise NotAllowed
    telegram_id, until, seal = int(found[1]), int(found[2]), found[3]
    right = _seal(telegram_id, until, shop.config.token)
    if not hmac.compare_digest(right, seal) or shop.clock.now().timestamp() > until:
        raise NotAllowed
    person = await people.known(shop, telegram_id)
    if person is None:
        raise NotAllowed
    person.must_be(Rank.STAFF)
    return person


def _seal(telegram_id: int, until: int, token: str) -> str:
    """Sign what stands in the cookie, with a key made of the bot's token: a new token lets nobody in any more."""
    return hmac.digest(f"haang desk {token}".encode(), f"{telegram_id}.{until}".encode(), "sha256").hex()
