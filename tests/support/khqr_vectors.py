"""KHQRs of the official SDK: requests made from a seed, written by ``khqr_sdk.cjs``, kept compressed.

``python -m tests.support.khqr_vectors`` writes the kept ones anew; it needs node and, in NODE_PATH, npm's
``bakong-khqr`` 1.0.20.
"""

import json
import random
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import zstandard

from core.money import Currency
from core.payments.khqr import EPOCH, Individual, Merchant, PaymentRequest

HERE = Path(__file__).parent
KEPT = HERE.parent / "unit" / "core" / "payments" / "khqr_vectors.jsonl.zst"
SCRIPT = HERE / "khqr_sdk.cjs"
GOOD, SEED = 10_000, 20_261_122

LATIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
MARKS = " .,'&()/#:+-_*!?%=;<>[]{}\"\\~^`|$@"
KHMER = "".join(map(chr, range(0x1780, 0x17B4))) + "".join(map(chr, range(0x17B6, 0x17D4))) + "០១២៣៤៥៦៧៨៩"
OTHERS = "éüñçßøŁЖд中文日本語ไทยລາວ한글ÆœТ€£–—“”…"
SHOPS = ("MADAM DA", "Tonle Shop", "ហាងទន្លេ", "Café Phnom", "ម៉ាដាម ដា", "A", "O'Brien & Sons", "ផ្សារថ្មី")
Vector = dict[str, Any]


class Requests:
    """Requests within every limit; one seed makes the same ones for ever."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)
        strips = (LATIN, LATIN + MARKS, KHMER, KHMER + LATIN + " ", OTHERS + LATIN)
        self._strips = ["".join(self._draw.choices(letters, k=1200)) for letters in strips]
        self._names = "".join(self._draw.choices(LATIN + "_.-", k=1200))

    def __iter__(self) -> Iterator[PaymentRequest]:
        while True:
            yield self._one()

    def _one(self) -> PaymentRequest:
        draw = self._draw
        currency = draw.choice((Currency.USD, Currency.KHR))
        times = self._times() if draw.random() < 0.85 else None
        name_km = self._text(25) if draw.random() < 0.35 else ""
        return PaymentRequest(
            self._account(), draw.choice((*SHOPS, self._text(25), self._text(25))),
            draw.choice(("Phnom Penh", "Siem Reap", self._text(15))), currency,
            self._amount(currency) if times else None, *self._additional(), name_km,
            self._text(15) if name_km and draw.random() < 0.6 else "", *(times or (None, None)),
        )  # fmt: skip

    def _account(self) -> Individual | Merchant:
        draw = self._draw
        account = f"{self._word(20)}@{self._word(11)}"
        if draw.random() < 0.4:
            return Merchant(account, self._text(22), self._text(22))
        return Individual(account, *(self._text(22) if draw.random() < 0.4 else "" for _ in range(2)))

    def _additional(self) -> tuple[str, ...]:
        """Bill number, mobile, store, terminal and purpose, as many as fit together into 99 characters."""
        room, found = 99, []
        for _ in range(5):
            wanted = self._text(25) if self._draw.random() < 0.5 else ""
            found.append(wanted if wanted and len(wanted) + 4 <= room else "")
            room -= len(found[-1]) + 4 if found[-1] else 0
        return tuple(found)

    def _amount(self, currency: Currency) -> int:
        """Amounts of every size, and those at the edges: one cent, whole dollars, the longest that fit."""
        draw = self._draw
        edges = {Currency.USD: (1, 10, 100, 999, 1000, 10**12 - 1, 10**12), Currency.KHR: (1, 400, 10**13 - 1)}
        most = {Currency.USD: 12, Currency.KHR: 13}
        return (
            draw.choice(edges[currency])
            if draw.random() < 0.1
            else draw.randrange(1, 10 ** draw.randrange(1, most[currency] + 1))
        )

    def _times(self) -> tuple[datetime, datetime]:
        made = EPOCH + timedelta(milliseconds=self._draw.randrange(10**12, 4 * 10**12))
        return made, made + timedelta(milliseconds=self._draw.choice((1, 300_000, self._draw.randrange(1, 10**11))))

    def _word(self, most: int) -> str:
        start = self._draw.randrange(1000)
        return self._names[start : start + self._draw.randint(1, most)]

    def _text(self, most: int) -> str:
        """Cut one to ``most`` characters from a strip of the basic plane's; half of the texts are as long as can be."""
        draw = self._draw
        strip, long = draw.choice(self._strips), draw.choice((most, draw.randint(1, most)))
        start = draw.randrange(len(strip) - long)
        text = strip[start : start + long]
        return text if text.strip() else "x"


def asked(request: PaymentRequest) -> Vector:
    """Write a request as ``khqr_sdk.cjs`` reads it: what is empty is left out, an amount in the currency's whole."""
    account, currency = request.account, request.currency
    found: Vector = {"account": account.account, "currency": currency.lower(), "bank": account.bank}
    if isinstance(account, Merchant):
        found["merchant_id"] = account.merchant_id
    else:
        found["information"] = account.information
    names = ("name", "city", "bill_number", "mobile", "store", "terminal", "purpose", "name_km", "city_km")
    found |= {name: getattr(request, name) for name in names}
    if request.amount is not None:
        whole, part = divmod(request.amount, 10**currency.decimals)
        found["amount"] = f"{whole}.{part:02d}" if currency.decimals else str(whole)
    for name in ("created_at", "expires_at"):
        moment = getattr(request, name)
        found[name] = (moment - EPOCH) // timedelta(milliseconds=1) if moment else None
    return {name: value for name, value in found.items() if value not in {"", None}}


def request_of(asked_for: Vector) -> PaymentRequest:
    """Read such a request back."""
    rest = dict(asked_for)
    account, bank = rest.pop("account"), rest.pop("bank", "")
    merchant, information = rest.pop("merchant_id", None), rest.pop("information", "")
    currency = Currency(rest.pop("currency").upper())
    amount = rest.pop("amount", None)
    for name in ("created_at", "expires_at"):
        if name in rest:
            rest[name] = EPOCH + timedelta(milliseconds=rest[name])
    return PaymentRequest(
        Merchant(account, merchant, bank) if merchant else Individual(account, information, bank), currency=currency,
        amount=int(amount.replace(".", "")) if amount else None, **rest,
    )  # fmt: skip


def broken() -> list[PaymentRequest]:
    """Requests that the SDK answers with a KHQR no bank can read: too long a template, or a character it miscounts."""
    made = datetime(2026, 11, 22, tzinfo=UTC)
    live: Vector = {"amount": 1250, "created_at": made, "expires_at": made + timedelta(minutes=5)}
    full: Vector = {"bill_number": "B" * 25, "mobile": "1" * 25, "store": "S" * 25, "terminal": "T" * 25}
    return [
        PaymentRequest(Individual("seller@devb"), "Shop", **full, **live),
        PaymentRequest(Individual("seller@devb"), "Shop", **full, purpose="P" * 25, **live),
        PaymentRequest(Merchant("s" * 28 + "@abc", "1" * 32, "B" * 32), "Shop", **live),
        PaymentRequest(Individual("s" * 28 + "@abc", "1" * 32, "B" * 32), "Shop"),
        PaymentRequest(Individual("seller@devb"), "Rose \N{ROSE}"),
        PaymentRequest(Individual("seller@devb"), "Shop", store="\N{SMILING FACE WITH SUNGLASSES} shades"),
        PaymentRequest(Individual("seller@devb"), "Line\nbreak"),
        PaymentRequest(Individual("seller@devb"), "   "),
        PaymentRequest(Individual("@"), "Shop"),
    ]


def by_sdk(requests: Sequence[PaymentRequest]) -> list[Vector]:
    """Let the official SDK write them; each answer has ``qr`` and ``md5``, or ``error``."""
    node = shutil.which("node") or "node"
    lines = "".join(f"{json.dumps(asked(request))}\n" for request in requests)
    done = subprocess.run([node, str(SCRIPT)], input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def kept() -> list[Vector]:
    """Read the vectors that are committed."""
    return [json.loads(line) for line in zstandard.decompress(KEPT.read_bytes()).decode().splitlines()]


def main() -> None:
    """Write them anew."""
    requests = [request for _, request in zip(range(GOOD), Requests(SEED), strict=False)]
    lines = "".join(f"{json.dumps(vector, ensure_ascii=False)}\n" for vector in by_sdk([*requests, *broken()]))
    KEPT.write_bytes(zstandard.compress(lines.encode(), 19))


if __name__ == "__main__":
    main()
