"""Ask Bakong, the bank, over its Open API; the only room of the shop's payments that calls out.

Source: the National Bank of Cambodia's "Bakong Open API" document (``reference/khqr.md``, "Bakong Open API"): all calls
are ``POST /v1/…`` with a bearer token that lives 90 days; every answer is ``{responseCode, responseMessage, errorCode,
data}``. There is no webhook. Nothing here raises for what the bank does: whatever is no clear answer is
:class:`~core.payments.rules.Unknown` with a short reason, which never holds the token, the address or the answer.
"""

import asyncio
import base64
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Any

import aiohttp
from pydantic import SecretStr

from core.money import Currency
from core.payments.rules import UNAUTHORIZED, Failed, NotFound, Observation, Received, Unknown

log = logging.getLogger(__name__)

_NOT_FOUND, _FAILED, _UNAUTHORIZED, _NO_ACCOUNT = 1, 3, 6, 11  # errorCode
_OK, _HTTP_UNAUTHORIZED, _HTTP_FORBIDDEN, _HTTP_NOT_FOUND = 200, 401, 403, 404
_LARGEST = 15  # digits before the point; more is no amount of money
_EARLY = 7 * 24 * 3600.0  # seconds before its end that a token is renewed, while it still opens the door
_NEVER = 1e11  # epoch seconds: no token ends so late
_EARLY_AGAIN = 3600.0  # seconds between two tries to


class _NoAnswer(Exception):
    """The bank gave no usable answer; the message is the reason."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """The bank's envelope."""

    ok: bool
    error: int | None
    data: dict[str, Any]


class Bakong:
    """The bank over HTTP.

    ``base_url`` without ``/v1``; ``email`` is the one registered with the bank, without it the token cannot be renewed;
    ``timeout`` in seconds for one call. A refused token is renewed at most once in ``renew_pause`` seconds; one that
    names its end is renewed a week before it, by ``clock`` (epoch seconds). A session that is passed in stays the
    caller's to close. The new token lives in memory: at the next start the configured one is tried first again.
    """

    can_check = True

    def __init__(
        self,
        base_url: str,
        token: SecretStr | str,
        *,
        email: SecretStr | str = "",
        timeout: float = 5.0,  # seconds
        renew_pause: float = 60.0,
        session: aiohttp.ClientSession | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._token = _secret(token)
        self._email = _secret(email)
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._renew_pause = renew_pause
        self._renewed_at: float | None = None
        self._renewing = asyncio.Lock()
        self._clock = clock
        self._early_at: float | None = None
        self._session = session
        self._owns_session = session is None

    def __repr__(self) -> str:
        return "Bakong()"

    async def check(self, md5: str) -> Observation:
        """Ask whether the QR whose payload has this md5 (32 hex digits) was paid."""
        try:
            answer = await self._ask("check_transaction_by_md5", {"md5": md5})
            return _observation(answer)
        except _NoAnswer as silence:
            return Unknown(str(silence))

    async def check_account(self, account: str) -> bool | None:
        """Tell whether the account (``name@bank``) exists; None where the bank does not say."""
        try:
            answer = await self._ask("check_bakong_account", {"accountId": account})
        except _NoAnswer:
            return None
        if answer.ok:
            return True
        return False if answer.error == _NO_ACCOUNT else None

    async def deeplink(self, payload: str, app_name: str, icon_url: str, callback: str) -> str | None:
        """Make a link that opens the bank's app on this QR; None where there is none (the service is optional).

        The bank takes the source whole or not at all: with an empty part it is left out.
        """
        source = {"appIconUrl": icon_url, "appName": app_name, "appDeepLinkCallback": callback}
        body = {"qr": payload, "sourceInfo": source} if all(source.values()) else {"qr": payload}
        try:
            answer = await self._ask("generate_deeplink_by_qr", body)
        except _NoAnswer:
            return None
        link = answer.data.get("shortLink")
        return link if isinstance(link, str) and link.startswith(("https://", "http://")) else None

    async def renew(self) -> bool:
        """Ask for a new token now; False (with a line in the log) where the bank gives none."""
        async with self._renewing:
            return await self._renew()

    async def close(self) -> None:
        """Close the session, if it is our own."""
        if self._owns_session and self._session is not None:
            await self._session.close()
            self._session = None

    async def _ask(self, method: str, body: dict[str, Any]) -> _Answer:
        """Call once, and once more with a new token where the first was refused; :class:`_NoAnswer` otherwise."""
        await self._renew_early()
        token = self._token
        status, answer = await self._post(method, body, token)
        if _refused(status, answer) and await self._replace(token):
            status, answer = await self._post(method, body, self._token)
        if _refused(status, answer) or status == _HTTP_FORBIDDEN:  # a new token opens no door that is closed to us
            raise _NoAnswer(UNAUTHORIZED)
        if answer is None:
            raise _NoAnswer("unreadable answer" if status == _OK else f"http {status}")
        return answer

    async def _post(self, method: str, body: dict[str, Any], token: SecretStr | None) -> tuple[int, _Answer | None]:
        """Make one HTTP call: its status, and the envelope where there is one to read.

        Redirects are not followed: the token goes to the bank and nowhere else.
        """
        if self._session is None:
            self._session = aiohttp.ClientSession()
        headers = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}
        url = f"{self._base_url}/v1/{method}"
        try:
            async with self._session.post(
                url, json=body, headers=headers, timeout=self._timeout, allow_redirects=False
            ) as response:
                return response.status, _envelope(response.status, await response.read())
        except TimeoutError:
            raise _NoAnswer("timeout") from None
        except (aiohttp.ClientError, OSError, ValueError):  # ValueError: a token no header can carry
            raise _NoAnswer("unreachable") from None

    async def _renew_early(self) -> None:
        """Renew a token that ends soon, by one of those who ask; where that fails the old one is still good."""
        ends_at, now = _ends_at(self._token), self._clock()
        if ends_at is None or now < ends_at - _EARLY or not self._email.get_secret_value():
            return
        if self._early_at is None or not 0 <= now - self._early_at < _EARLY_AGAIN:
            self._early_at = now
            await self.renew()

    async def _replace(self, refused: SecretStr) -> bool:
        """Renew a refused token, once for all who were refused together."""
        async with self._renewing:
            if self._token is not refused:
                return True
            if self._renewed_at is not None and time.monotonic() - self._renewed_at < self._renew_pause:
                return False
            return await self._renew()

    async def _renew(self) -> bool:
        if not self._email.get_secret_value():
            log.warning("The bank refuses the token, and without the registered e-mail it cannot be renewed.")
            return False
        self._renewed_at = time.monotonic()
        try:
            _, answer = await self._post("renew_token", {"email": self._email.get_secret_value()}, None)
        except _NoAnswer:
            answer = None
        token = answer.data.get("token") if answer and answer.ok else None
        if not isinstance(token, str) or not token:
            log.warning("The bank did not renew the token.")
            return False
        self._token = SecretStr(token)
        log.info("The bank renewed the token.")
        return True


class ManualBank:
    """No token: the QR is shown all the same, the customer says "I have paid", and people look at the account."""

    can_check = False

    async def check(self, md5: str) -> Observation:
        """Answer that nobody was asked."""
        _ = md5
        return Unknown("no token")

    async def deeplink(self, payload: str, app_name: str, icon_url: str, callback: str) -> str | None:
        """Make no link: the bank makes them, for those with a token."""
        _ = payload, app_name, icon_url, callback
        return None

    async def close(self) -> None:
        """Hold nothing, so let go of nothing."""


def _secret(value: SecretStr | str) -> SecretStr:
    plain = value.get_secret_value() if isinstance(value, SecretStr) else value
    return SecretStr(plain.strip())


def _ends_at(token: SecretStr) -> float | None:
    """Read when a JWT ends, in epoch seconds: its own word, not verified. None where it does not say."""
    _, _, rest = token.get_secret_value().partition(".")
    claims, dot, _ = rest.partition(".")
    try:
        found = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4))) if dot else None
    except (ValueError, RecursionError):
        return None
    ends_at = found.get("exp") if isinstance(found, dict) else None
    return float(ends_at) if isinstance(ends_at, int | float) and 0 < ends_at < _NEVER else None


def _refused(status: int, answer: _Answer | None) -> bool:
    return status == _HTTP_UNAUTHORIZED or (answer is not None and not answer.ok and answer.error == _UNAUTHORIZED)


def _envelope(status: int, body: bytes) -> _Answer | None:
    """Read the envelope, amounts as Decimal; None where it is no clear answer.

    Only 200, and a 404 that says so in the envelope too, are answers: a proxy's page must not pass for one.
    """
    if status not in {_OK, _HTTP_NOT_FOUND}:
        return None
    try:
        found = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("responseCode") not in (0, 1):
        return None
    ok, error, data = found["responseCode"] == 0, found.get("errorCode"), found.get("data")
    if status != _OK and (ok or error != _NOT_FOUND):
        return None
    return _Answer(ok, error if isinstance(error, int) else None, data if isinstance(data, dict) else {})


def _observation(answer: _Answer) -> Observation:
    """Read a ``check_transaction…`` answer; :class:`_NoAnswer` where it says neither yes nor no."""
    if answer.ok:
        return _received(answer.data)
    if answer.error == _NOT_FOUND:
        return NotFound()
    if answer.error == _FAILED:
        return Failed()
    raise _NoAnswer("error without a code" if answer.error is None else f"bank error {answer.error}")


def _received(data: dict[str, Any]) -> Received:
    """Read a paid transaction. The account is the one paid *into*; ``createdDateMs`` is when it was paid."""
    texts = [data.get(name) for name in ("hash", "toAccountId", "currency")]
    paid_ms, amount = data.get("createdDateMs"), data.get("amount")
    if not all(isinstance(text, str) and text for text in texts) or isinstance(paid_ms, bool):
        raise _NoAnswer("unreadable payment")
    bank_hash, account, currency = map(str, texts)
    minor, exact = _minor(amount, currency)
    try:
        paid_at = datetime.fromtimestamp(int(paid_ms) / 1000, UTC)  # type: ignore[arg-type]  # refused below
    except (TypeError, ValueError, OverflowError, OSError):
        raise _NoAnswer("unreadable payment") from None
    return Received(bank_hash, account, currency, minor, paid_at, exact)


def _minor(amount: object, currency: str) -> tuple[int, bool]:
    """Turn a JSON amount in major units into minor units rounded down, and tell whether nothing was cut off.

    A currency we do not know counts two decimals: it goes before a person anyway.
    """
    if isinstance(amount, bool) or not isinstance(amount, int | Decimal):
        raise _NoAnswer("unreadable payment")
    major = Decimal(amount)
    if not major.is_finite() or major <= 0 or major.adjusted() > _LARGEST:
        raise _NoAnswer("unreadable payment")
    decimals = Currency(currency).decimals if currency in Currency.__members__ else 2
    minor = major.scaleb(decimals)
    floor = minor.to_integral_value(ROUND_FLOOR)
    return int(floor), floor == minor
