"""The KHQR payload: what stands inside the QR that a Cambodian banking app scans.

EMVCo merchant-presented QR as the National Bank of Cambodia profiles it: fields of two-digit tag, two-digit length and
value, in one fixed order. Lengths count characters; the CRC and the md5 run over UTF-8 bytes. The order of the fields
and their limits are those of the official JavaScript SDK (npm ``bakong-khqr`` 1.0.20), whose output this equals byte
for byte. Pure: no clock, no network.
"""

import binascii
import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.money import Currency

CURRENCY_CODES = {Currency.USD: "840", Currency.KHR: "116"}
"""ISO 4217 numeric codes, field 53."""
TEMPLATE_LIMIT = 99
"""A length has two digits, so no field, template or not, is longer than this (the SDK does not check it)."""
AMOUNT_LIMIT = 13
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNSPEAKABLE = {"Cc", "Cs", "Zl", "Zp"}
"""Unicode categories that no field may carry: control characters, halves of surrogate pairs, line separators."""
STATIC, DYNAMIC = "11", "12"
CATEGORY, COUNTRY, LANGUAGE = "5999", "KH", "km"


class KhqrError(ValueError):
    """A payload that cannot be built or read: ``field`` names the culprit, ``str(error)`` is a plain sentence."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class Individual:
    """A person's account (tag 29): ``name@bank``, with what the bank may want beside it."""

    account: str
    information: str = ""
    bank: str = ""


@dataclass(frozen=True, slots=True)
class Merchant:
    """A merchant's account (tag 30): ``name@bank``, the merchant id and the bank that gave it."""

    account: str
    merchant_id: str
    bank: str


Account = Individual | Merchant


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """Who asks for how much.

    ``amount`` is in minor units (USD cents, whole KHR); ``None`` leaves it to the payer and makes a static QR, which
    has no times. With an amount both times (aware) are required; the payload keeps their milliseconds.
    """

    account: Account
    name: str
    city: str = "Phnom Penh"
    currency: Currency = Currency.USD
    amount: int | None = None
    bill_number: str = ""
    mobile: str = ""
    store: str = ""
    terminal: str = ""
    purpose: str = ""
    name_km: str = ""
    city_km: str = ""
    created_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Khqr:
    """A finished payload; its md5 (hex, lower case) is the name Bakong knows the payment by."""

    payload: str
    md5: str
    created_at: datetime | None
    expires_at: datetime | None


def build(request: PaymentRequest) -> Khqr:
    """Write the payload of ``request``; :class:`KhqrError` names the first field that a bank would refuse."""
    body = "".join(
        (
            _field("00", "01"),
            _field("01", STATIC if request.amount is None else DYNAMIC),
            _account_field(request.account),
            _field("52", CATEGORY),
            _field("53", _currency_code(request.currency)),
            _amount_field(request),
            _field("58", COUNTRY),
            _field("59", _text("name", request.name, 25)),
            _field("60", _text("city", request.city, 15)),
            _additional_field(request),
            _khmer_field(request),
            _times_field(request),
            "6304",
        )
    )
    payload = body + crc(body)
    md5 = hashlib.md5(payload.encode(), usedforsecurity=False).hexdigest()
    return Khqr(payload, md5, request.created_at, request.expires_at)


def crc(body: str) -> str:
    """CRC-16/CCITT-FALSE of the UTF-8 bytes (``6304`` included), as four capital hex digits."""
    return f"{binascii.crc_hqx(body.encode(errors='replace'), 0xFFFF):04X}"


def parse(payload: str) -> PaymentRequest:
    """Read a KHQR back: fields it does not know are passed over; a damaged or foreign one is a :class:`KhqrError`."""
    if len(payload) < len("6304FFFF") or payload[-8:-4] != "6304":
        raise KhqrError("crc", "This is not a KHQR: its last field is not a checksum.")
    if crc(payload[:-4]) != payload[-4:].upper():
        raise KhqrError("crc", "This KHQR is damaged: its checksum does not match.")
    fields = _fields(payload[:-8])
    additional, khmer, times = (_fields(fields.get(tag, "")) for tag in ("62", "64", "99"))
    currency = _currency(fields.get("53", ""))
    return PaymentRequest(
        account=_account(fields),
        name=fields.get("59", ""),
        city=fields.get("60", ""),
        currency=currency,
        amount=_amount(fields["54"], currency) if "54" in fields else None,
        bill_number=additional.get("01", ""),
        mobile=additional.get("02", ""),
        store=additional.get("03", ""),
        terminal=additional.get("07", ""),
        purpose=additional.get("08", ""),
        name_km=khmer.get("01", ""),
        city_km=khmer.get("02", ""),
        created_at=_moment("created_at", times.get("00")),
        expires_at=_moment("expires_at", times.get("01")),
    )


def _field(tag: str, value: str, name: str = "payload") -> str:
    if len(value) > TEMPLATE_LIMIT:
        sentence = f"The {name.replace('_', ' ')} fields are {len(value)} characters long together; 99 fit in a KHQR."
        raise KhqrError(name, sentence)
    return f"{tag}{len(value):02d}{value}"


def _template(tag: str, name: str, parts: tuple[tuple[str, str], ...]) -> str:
    """Write the parts that are there into one field, or nothing at all."""
    value = "".join(_field(part_tag, part) for part_tag, part in parts if part)
    return _field(tag, value, name) if value else ""


def _text(name: str, value: str, limit: int, *, required: bool = True) -> str:
    """Pass ``value`` on if a banking app can show it.

    JavaScript counts an emoji as two characters and we as one, so that the lengths would differ: emoji are refused.
    """
    spoken = name.replace("_", " ")
    if required and not value.strip():
        raise KhqrError(name, f"The {spoken} is missing.")
    if len(value) > limit:
        raise KhqrError(name, f"The {spoken} is {len(value)} characters long; {limit} fit in a KHQR.")
    if any(char > "\uffff" or unicodedata.category(char) in UNSPEAKABLE for char in value):
        raise KhqrError(name, f"The {spoken} has a character that a KHQR cannot carry (an emoji, or a line break).")
    return value


def _optional(name: str, value: str, limit: int) -> str:
    return _text(name, value, limit, required=False)


def _account_field(account: Account) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", _text("account", account.account, 32)):
        raise KhqrError("account", "The account must look like name@bank.")
    if isinstance(account, Merchant):
        merchant_id = _text("merchant_id", account.merchant_id, 32)
        parts = (("00", account.account), ("01", merchant_id), ("02", _text("bank", account.bank, 32)))
        return _template("30", "account", parts)
    information = _optional("information", account.information, 32)
    parts = (("00", account.account), ("01", information), ("02", _optional("bank", account.bank, 32)))
    return _template("29", "account", parts)


def _currency_code(currency: Currency) -> str:
    if currency not in CURRENCY_CODES:
        raise KhqrError("currency", "A KHQR asks for USD or KHR, nothing else.")
    return CURRENCY_CODES[currency]


def _amount_field(request: PaymentRequest) -> str:
    """Field 54: ``10`` or ``12.50`` for dollars, whole riel, nothing for a static QR."""
    amount = request.amount
    if amount is None:
        return ""
    if amount <= 0:
        raise KhqrError("amount", "The amount must be more than zero.")
    dollars, cents = divmod(amount, 100)
    in_dollars = f"{dollars}.{cents:02d}" if cents else str(dollars)
    value = in_dollars if request.currency == Currency.USD else str(amount)
    if len(value) > AMOUNT_LIMIT:
        raise KhqrError("amount", f"The amount {value} is too large for a KHQR.")
    return _field("54", value)


def _additional_field(request: PaymentRequest) -> str:
    parts = (
        ("01", _optional("bill_number", request.bill_number, 25)),
        ("02", _optional("mobile", request.mobile, 25)),
        ("03", _optional("store", request.store, 25)),
        ("07", _optional("terminal", request.terminal, 25)),
        ("08", _optional("purpose", request.purpose, 25)),
    )
    return _template("62", "additional", parts)


def _khmer_field(request: PaymentRequest) -> str:
    name, city = _optional("name_km", request.name_km, 25), _optional("city_km", request.city_km, 15)
    if city and not name:
        raise KhqrError("name_km", "A Khmer city needs a Khmer name beside it.")
    return _template("64", "khmer", (("00", LANGUAGE), ("01", name), ("02", city))) if name else ""


def _times_field(request: PaymentRequest) -> str:
    created, expires = request.created_at, request.expires_at
    if request.amount is None:
        if created or expires:
            raise KhqrError("expires_at", "A KHQR without an amount never expires: leave the times out.")
        return ""
    if created is None or expires is None:
        raise KhqrError("expires_at", "A KHQR with an amount needs the time it was made and the time it expires.")
    if expires <= created:
        raise KhqrError("expires_at", "The KHQR would expire before it was made.")
    parts = (("00", _milliseconds("created_at", created)), ("01", _milliseconds("expires_at", expires)))
    return _template("99", "times", parts)


def _milliseconds(name: str, moment: datetime) -> str:
    """13 digits since 1970; the field has no room for fewer or more."""
    value = str((moment - EPOCH) // timedelta(milliseconds=1))
    if not re.fullmatch(r"\d{13}", value):
        raise KhqrError(name, "The time must lie between the years 2001 and 2286.")
    return value


def _split(value: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(value):
        head = value[at : at + 4]
        if not re.fullmatch(r"[0-9]{4}", head) or at + 4 + int(head[2:]) > len(value):
            raise KhqrError("payload", "This is not a KHQR: its fields do not add up.")
        end = at + 4 + int(head[2:])
        yield head[:2], value[at + 4 : end]
        at = end


def _fields(value: str) -> dict[str, str]:
    """Tag to value; a tag that stands twice would let two readers see two payments, so it is refused."""
    pairs = list(_split(value))
    if len({tag for tag, _ in pairs}) < len(pairs):
        raise KhqrError("payload", "This is not a KHQR: a field stands in it twice.")
    return dict(pairs)


def _account(fields: dict[str, str]) -> Account:
    parts = _fields(fields.get("30") or fields.get("29", ""))
    if not parts.get("00"):
        raise KhqrError("account", "This KHQR names no account.")
    if fields.get("30"):
        return Merchant(parts["00"], parts.get("01", ""), parts.get("02", ""))
    return Individual(parts["00"], parts.get("01", ""), parts.get("02", ""))


def _currency(code: str) -> Currency:
    for currency, known in CURRENCY_CODES.items():
        if code == known:
            return currency
    raise KhqrError("currency", "This KHQR asks for a currency other than USD and KHR.")


def _amount(value: str, currency: Currency) -> int:
    """Minor units of field 54; other builders write ``12.5`` too."""
    match = re.fullmatch(r"([0-9]{1,13})(?:\.([0-9]{1,2}))?", value)
    if match is None or (match[2] and not currency.decimals):
        raise KhqrError("amount", "This KHQR's amount is not a number of its currency.")
    return int(match[1] + (match[2] or "").ljust(currency.decimals, "0"))


def _moment(name: str, value: str | None) -> datetime | None:
    if value is None:
        return None
    if not re.fullmatch(r"[0-9]{13}", value):
        raise KhqrError(name, "This KHQR's time is not a number of milliseconds.")
    return EPOCH + timedelta(milliseconds=int(value))
