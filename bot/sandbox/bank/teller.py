"""The bank behind its counters: who may ask, what is paid, what goes wrong on demand. No HTTP here."""

import base64
import json
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from bot.sandbox.bank.ledger import Ledger, Link, Transaction
from bot.sandbox.bank.qr import CURRENCIES, Qr, QrRefused, is_account, least, read_amount, read_qr, rounded

TOKEN_LIVES = 90 * 24 * 3600  # seconds
FAULTS = ("401", "403", "429", "500", "slow", "timeout", "down", "garbage", "cannot_connect")
SLOW = 5.0  # seconds of a slow answer, where nobody says otherwise
SILENT = 30.0  # seconds of a time-out: longer than any client waits
WAYS = ("exact", "short", "over", "currency", "late", "twice")
RATE = 4100  # riel to a dollar, where somebody pays in the other currency
_AFTER = 60.0  # seconds after its end that a QR is paid late
_SHARE = Decimal("0.1")  # by how much too little or too much is paid


@dataclass(slots=True)
class Fault:
    """What goes wrong with the next ``times`` calls (None: until cleared); a wait lasts ``seconds``; ``n`` names it."""

    kind: str
    times: int | None
    seconds: float
    n: int = 0


class Teller:
    """The bank's books and moods.

    ``tokens`` are good for 90 days of ``clock`` (epoch seconds); whoever gives one of ``emails`` gets a new one.
    ``accounts`` are those that exist; None: every account of the right shape does. ``folder`` keeps the ledger.
    """

    def __init__(
        self,
        *,
        tokens: Iterable[str],
        clock: Callable[[], float],
        emails: Iterable[str] = (),
        accounts: Iterable[str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.clock = clock
        self.ledger = Ledger(folder)
        self.calls = 0
        self._tokens = {token: clock() + TOKEN_LIVES for token in tokens}
        self._emails = frozenset(emails)
        self._accounts = None if accounts is None else frozenset(accounts)
        self._faults: list[Fault] = []
        self._last_fault = 0

    def knows(self, token: str) -> bool:
        """Tell whether a token is good now."""
        return self._tokens.get(token, 0) > self.clock()

    @property
    def tokens(self) -> Sequence[str]:
        """Every token it ever took."""
        return tuple(self._tokens)

    def admit(self, token: str) -> None:
        """Take a token as good for 90 days."""
        self._tokens[token] = self.clock() + TOKEN_LIVES

    def issue_token(self, email: str) -> str | None:
        """Make a new token for a registered e-mail."""
        if email not in self._emails:
            return None
        token = jwt(self.clock() + TOKEN_LIVES)
        self.admit(token)
        return token

    def expire_tokens(self) -> None:
        """Let every token grow old at once."""
        self._tokens = dict.fromkeys(self._tokens, 0.0)

    def has_account(self, account: str) -> bool:
        """Tell whether money can go to this account."""
        return is_account(account) if self._accounts is None else account in self._accounts

    @property
    def faults(self) -> Sequence[Fault]:
        """What still waits to go wrong, next first."""
        return tuple(self._faults)

    def fault(self, kind: str, times: int | None = 1, *, seconds: float | None = None) -> int:
        """Let the next ``times`` API calls go wrong; None: until cleared. Gives its number; ``ValueError`` if unknown.

        ``slow`` answers after ``seconds`` (5), ``timeout`` later than anybody waits (30), ``down`` cuts the line.
        """
        if kind not in FAULTS or (times is not None and times < 1):
            msg = f"a fault is one of {', '.join(FAULTS)}, once or more"
            raise ValueError(msg)
        self._last_fault += 1
        wait = (SLOW if kind == "slow" else SILENT) if seconds is None else seconds
        self._faults.append(Fault(kind, times, wait, self._last_fault))
        return self._last_fault

    def drop_fault(self, number: int) -> None:
        """Call off one; one that does not wait any more is no matter."""
        self._faults = [fault for fault in self._faults if fault.n != number]

    def clear_faults(self) -> None:
        """Be well again."""
        self._faults.clear()

    def take_fault(self) -> Fault | None:
        """Give what goes wrong with the call at hand, and count it."""
        self.calls += 1
        if not self._faults:
            return None
        fault = self._faults[0]
        if fault.times is not None:
            fault.times -= 1
            if fault.times == 0:
                self._faults.pop(0)
        return fault

    def open_link(self, payload: str, app: str = "", callback: str = "") -> Link:
        """Make the page of a QR; raises :class:`~bot.sandbox.bank.qr.QrRefused`."""
        link = Link(read_qr(payload).md5[:16], payload, app, callback)
        self.ledger.add_link(link)
        return link

    def pay(
        self,
        payload_or_md5: str,
        *,
        amount: Decimal | float | str | None = None,
        currency: str | None = None,
        account: str | None = None,
        at: float | None = None,
        times: int = 1,
        force: bool = False,
    ) -> str:
        """Pay a QR (by md5: one the bank has made a link for) and give the payment's hash.

        Without more, what the QR says is paid. Another ``amount`` (major units), ``currency`` or ``account``, more
        ``times``, or ``at`` another moment (epoch seconds) is what a shop must notice. ``force`` pays what has expired.
        Raises :class:`~bot.sandbox.bank.qr.QrRefused`.
        """
        qr = self.find(payload_or_md5)
        when = self.clock() if at is None else at
        if not force and qr.expires is not None and when > qr.expires:
            raise QrRefused("QR expired")
        if not force and not self.has_account(qr.account):
            raise QrRefused("The account does not exist")
        if times < 1:
            raise QrRefused("Nothing was to be paid")
        paid_in = currency or qr.currency
        paid = _amount(qr, amount, paid_in)
        hashes = [secrets.token_hex(32) for _ in range(times)]
        for bank_hash in hashes:
            self.ledger.add(Transaction(bank_hash, qr.md5, account or qr.account, paid_in, paid, when, qr.bill))
        return hashes[0]

    def pay_as(self, payload_or_md5: str, way: str) -> str:
        """Pay a QR as people do, rightly or wrongly, and give the (first) payment's hash; ``ValueError`` if unknown.

        ``exact``; ``short`` and ``over`` by a tenth; in the other ``currency`` for as much; ``late``: stamped by the
        bank's clock a minute after the QR's end, and told at once so that nobody has to wait for it; ``twice``.
        """
        qr = self.find(payload_or_md5)
        if way not in WAYS:
            msg = f"a way to pay is one of {', '.join(WAYS)}"
            raise ValueError(msg)
        if way == "late":
            if qr.expires is None:
                raise QrRefused("This QR has no end, nothing is late for it")
            return self.pay(qr.payload, at=max(self.clock(), qr.expires + _AFTER), force=True)
        currency, amount = _wrongly(qr, way)
        return self.pay(qr.payload, amount=amount, currency=currency, times=2 if way == "twice" else 1)

    def fail(self, payload_or_md5: str) -> str:
        """Let a payment of this QR be tried and fail; gives its hash."""
        qr = self.find(payload_or_md5)
        bank_hash = secrets.token_hex(32)
        amount = qr.amount or Decimal(1)
        self.ledger.add(
            Transaction(bank_hash, qr.md5, qr.account, qr.currency, amount, self.clock(), qr.bill, failed=True)
        )
        return bank_hash

    def find(self, payload_or_md5: str) -> Qr:
        """Read a payload, or find one by md5 among the links; raises :class:`~bot.sandbox.bank.qr.QrRefused`."""
        if not re.fullmatch(r"[0-9a-f]{32}", payload_or_md5):
            return read_qr(payload_or_md5)
        link = self.ledger.links.get(payload_or_md5[:16])
        if link is None:
            raise QrRefused("The bank has never seen a QR with this md5: send the payload")
        return read_qr(link.payload)


def jwt(ends_at: float) -> str:
    """Make a token that names its end, as the bank's do; its signature is made up."""
    claims = {"data": {"id": secrets.token_hex(8)}, "iat": round(ends_at) - TOKEN_LIVES, "exp": round(ends_at)}
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
             for part in ({"alg": "HS256"}, claims)]  # fmt: skip
    return ".".join([*parts, secrets.token_urlsafe(32)])


def _wrongly(qr: Qr, way: str) -> tuple[str, Decimal | None]:
    """Choose currency and amount of a way to pay; None is what the QR says."""
    if qr.amount is None and way in {"short", "over", "currency"}:
        raise QrRefused("This QR names no amount to be short of or over")
    amount = qr.amount or Decimal(0)
    if way == "currency":
        other = "KHR" if qr.currency == "USD" else "USD"
        return other, rounded(amount * RATE if other == "KHR" else max(amount / RATE, Decimal("0.01")), other)
    part = max(rounded(amount * _SHARE, qr.currency), least(qr.currency))
    return qr.currency, {"short": amount - part, "over": amount + part}.get(way)


def _amount(qr: Qr, amount: Decimal | float | str | None, currency: str) -> Decimal:
    """Choose what is paid: the amount given, else the QR's own."""
    if currency not in CURRENCIES.values():
        raise QrRefused("Bakong pays in USD and KHR")
    if amount is not None and amount != "":
        return read_amount(str(amount), currency)
    if qr.amount is None:
        raise QrRefused("The amount is missing")
    return read_amount(str(qr.amount), currency)
