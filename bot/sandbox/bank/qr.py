"""Read a KHQR the way a bank's app does: strictly, and refusing with a sentence.

Source: EMV QR Code Specification for Payment Systems, merchant-presented mode, with the National Bank of Cambodia's
tags (``reference/khqr.md``, "Payload"). Lengths count characters; the CRC and the md5 run over UTF-8 bytes.
"""

import hashlib
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

CURRENCIES = {"840": "USD", "116": "KHR"}
DECIMALS = {"USD": 2, "KHR": 0}


class QrRefused(Exception):
    """The bank's app does not pay this; the message is what it says."""


@dataclass(frozen=True, slots=True)
class Qr:
    """What a KHQR says. ``amount`` is in major units, None where the payer chooses; moments are epoch seconds."""

    payload: str
    md5: str
    account: str
    merchant: str
    merchant_km: str
    city: str
    currency: str
    amount: Decimal | None
    bill: str
    store: str
    created: float | None
    expires: float | None


def read_qr(payload: str) -> Qr:
    """Read and check a payload; raises :class:`QrRefused`."""
    _check_crc(payload)
    tags = _tlv(payload)
    if tags.get("00") != "01" or not ("29" in tags or "30" in tags):
        raise QrRefused("This is not a KHQR")
    account = _tlv(tags.get("29") or tags["30"]).get("00", "")
    if not is_account(account):
        raise QrRefused("The KHQR names no account")
    currency = CURRENCIES.get(tags.get("53", ""))
    if currency is None:
        raise QrRefused("The KHQR is in a currency that Bakong does not know")
    more, khmer, times = _tlv(tags.get("62", "")), _tlv(tags.get("64", "")), _tlv(tags.get("99", ""))
    amount = read_amount(tags["54"], currency) if "54" in tags else None
    created, expires = _moment(times.get("00")), _moment(times.get("01"))
    if tags.get("01") == "12" and (amount is None or expires is None):
        raise QrRefused("A KHQR for one payment needs an amount and an expiry")
    return Qr(
        payload=payload,
        md5=hashlib.md5(payload.encode(), usedforsecurity=False).hexdigest(),
        account=account,
        merchant=tags.get("59", ""),
        merchant_km=khmer.get("01", ""),
        city=tags.get("60", ""),
        currency=currency,
        amount=amount,
        bill=more.get("01", ""),
        store=more.get("03", ""),
        created=created,
        expires=expires,
    )


def is_account(text: str) -> bool:
    """Tell whether this has the shape of a Bakong account, ``name@bank``."""
    name, at, bank = text.partition("@")
    return bool(name and at and bank) and "@" not in bank and " " not in text


def read_amount(text: str, currency: str) -> Decimal:
    """Read an amount in major units; raises :class:`QrRefused` for what is no positive amount of ``currency``."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise QrRefused("The amount is not a number") from None
    if not amount.is_finite() or not 0 < amount < Decimal(10) ** 13:
        raise QrRefused("The amount is out of range")
    if amount != round(amount, DECIMALS[currency]):
        raise QrRefused(f"The amount has too many decimals for {currency}")
    return amount


def least(currency: str) -> Decimal:
    """Give the smallest amount of a currency: a cent, one riel."""
    return Decimal(1).scaleb(-DECIMALS[currency])


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Round to what can be paid in a currency."""
    return amount.quantize(least(currency))


def crc16(data: bytes) -> str:
    """CRC-16/CCITT-FALSE (polynomial 0x1021, from 0xFFFF) as four upper-case hex digits."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
        crc &= 0xFFFF
    return f"{crc:04X}"


def _check_crc(payload: str) -> None:
    body, tag, crc = payload[:-8], payload[-8:-4], payload[-4:]
    if tag != "6304" or crc16(f"{body}{tag}".encode()) != crc:
        raise QrRefused("The KHQR is damaged: its checksum is wrong")


def _tlv(text: str) -> dict[str, str]:
    """Split two-digit tags with two-digit lengths; a tag twice or a length beyond the end is refused."""
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        tag, length = text[at : at + 2], text[at + 2 : at + 4]
        if not (tag.isascii() and tag.isdigit() and length.isascii() and length.isdigit()) or tag in found:
            raise QrRefused("The KHQR is damaged: its fields do not add up")
        at += 4 + int(length)
        if at > len(text):
            raise QrRefused("The KHQR is damaged: its fields do not add up")
        found[tag] = text[at - int(length) : at]
    return found


def _moment(ms: str | None) -> float | None:
    """Read 13-digit epoch milliseconds as seconds."""
    if ms is None:
        return None
    if not (ms.isascii() and ms.isdigit() and len(ms) == 13):  # noqa: PLR2004 - the format's own width
        raise QrRefused("The KHQR is damaged: its times are unreadable")
    return int(ms) / 1000
