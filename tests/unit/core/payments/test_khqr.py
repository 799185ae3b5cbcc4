"""The KHQR payload: byte for byte what the official SDK writes, and nothing that a bank would refuse."""

import binascii
import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.money import Currency
from core.payments.khqr import Individual, KhqrError, Merchant, PaymentRequest, build, crc, parse

CREATED = datetime(2025, 1, 1, tzinfo=UTC)
EXPIRES = datetime(2099, 1, 1, tzinfo=UTC)
SELLER = Individual("seller@devb")
PLAIN = PaymentRequest(SELLER, "Tonle Shop")
DYNAMIC = replace(PLAIN, amount=1250, bill_number="ORD-1001", created_at=CREATED, expires_at=EXPIRES)

KNOWN = [
    (
        PLAIN,
        "00020101021129150011seller@devb5204599953038405802KH5910Tonle Shop6010Phnom Penh6304AA70",
    ),
    (
        replace(DYNAMIC, store="Tonle", terminal="TG-1"),
        (
            "00020101021229150011seller@devb520459995303840540512.505802KH5910Tonle Shop6010Phnom Penh"
            "62290108ORD-10010305Tonle0704TG-1993400131735689600000011340709088000006304DACA"
        ),
    ),
    (
        replace(
            DYNAMIC,
            currency=Currency.KHR,
            amount=50000,
            bill_number="ORD-1002",
            name_km="ហាងទន្លេ",
            city_km="ភ្នំពេញ",
        ),
        (
            "00020101021229150011seller@devb5204599953031165405500005802KH5910Tonle Shop6010Phnom Penh"
            "62120108ORD-100264290002km0108ហាងទន្លេ0207ភ្នំពេញ9934001317356896000000113407090880000063048D79"
        ),
    ),
    (
        replace(DYNAMIC, account=Merchant("seller@devb", "123456", "Dev Bank"), amount=1000, bill_number="ORD-1003"),
        (
            "00020101021230370011seller@devb01061234560208Dev Bank5204599953038405402105802KH5910Tonle Shop"
            "6010Phnom Penh62120108ORD-1003993400131735689600000011340709088000006304D4CD"
        ),
    ),
]


@pytest.mark.parametrize(("request_", "payload"), KNOWN)
def test_known_good_strings(request_: PaymentRequest, payload: str) -> None:
    """The official SDK's own strings come out byte for byte, with the md5 of their bytes, and read back the same."""
    khqr = build(request_)
    assert khqr.payload == payload
    assert khqr.md5 == hashlib.md5(payload.encode(), usedforsecurity=False).hexdigest()
    assert (khqr.created_at, khqr.expires_at) == (request_.created_at, request_.expires_at)
    assert parse(payload) == request_


def texts(limit: int, smallest: int = 0) -> st.SearchStrategy[str]:
    """Texts a field may carry: Latin and Khmer, any character of the basic plane but controls."""
    letters = st.one_of(
        st.characters(min_codepoint=0x20, max_codepoint=0x7E),
        st.characters(min_codepoint=0x1780, max_codepoint=0x17DC),
        st.characters(max_codepoint=0xFFFF, exclude_categories=("Cc", "Cs", "Zl", "Zp")),
    )
    return st.text(letters, min_size=smallest, max_size=limit).filter(lambda text: not smallest or text.strip())


accounts = st.from_regex(r"[a-z_]{1,12}@[a-z]{2,6}", fullmatch=True)
moments = st.integers(10**12, 10**13 - 10**9).map(
    lambda ms: datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=ms)
)


@st.composite
def requests(draw: st.DrawFn) -> PaymentRequest:
    """Any request within the limits."""
    holder = draw(
        st.one_of(
            st.builds(Individual, accounts, texts(32), texts(32)),
            st.builds(Merchant, accounts, texts(32, 1), texts(32, 1)),
        )
    )
    currency = draw(st.sampled_from(Currency))
    amount = draw(st.none() | st.integers(1, 10**12))
    created = draw(moments) if amount else None
    name_km = draw(texts(25))
    return PaymentRequest(
        account=holder,
        name=draw(texts(25, 1)),
        city=draw(texts(15, 1)),
        currency=currency,
        amount=amount,
        bill_number=draw(texts(25)),
        mobile=draw(texts(15)),
        store=draw(texts(15)),
        terminal=draw(texts(15)),
        purpose=draw(texts(9)),
        name_km=name_km,
        city_km=draw(texts(15)) if name_km else "",
        created_at=created,
        expires_at=created + timedelta(minutes=5) if created else None,
    )


@given(requests())
def test_what_is_built_reads_back(request_: PaymentRequest) -> None:
    """Whatever may be asked for reads back as it was asked, its checksum over UTF-8 bytes and its md5 true."""
    account = request_.account
    parts = (account.account, account.bank, getattr(account, "information", "") or getattr(account, "merchant_id", ""))
    assume(sum(len(part) + 4 for part in parts if part) <= 99)
    khqr = build(request_)
    assert parse(khqr.payload) == request_
    assert khqr.payload[-4:] == f"{binascii.crc_hqx(khqr.payload[:-4].encode(), 0xFFFF):04X}"
    assert khqr.md5 == hashlib.md5(khqr.payload.encode(), usedforsecurity=False).hexdigest()


@given(texts(25, 1))
def test_lengths_count_characters(name: str) -> None:
    """A Khmer name of eight characters is written 08 however many bytes it takes."""
    assert f"59{len(name):02d}{name}60" in build(replace(PLAIN, name=name)).payload


@given(st.text(max_size=120))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever a camera brings in, whole or cut, with a true checksum or not, is read or refused, never a crash."""
    for payload in (text, text + "6304", text + "6304" + crc(text + "6304")):
        with pytest.raises(KhqrError):
            parse(payload)


@given(st.integers(0, len(KNOWN[1][1]) - 1), st.sampled_from("0123456789ABCxyz"))
def test_one_wrong_character_is_found(at: int, char: str) -> None:
    """One changed character anywhere is refused, or leaves the payload as it was."""
    payload = KNOWN[1][1]
    damaged = payload[:at] + char + payload[at + 1 :]
    assume(damaged != payload)
    with pytest.raises(KhqrError) as refused:
        parse(damaged)
    assert refused.value.field == "crc"


REFUSED = [
    ("account", {"account": Individual("seller")}),
    ("account", {"account": Individual("a@b@c")}),
    ("account", {"account": Individual("seller @devb")}),
    ("account", {"account": Individual("s" * 28 + "@devb")}),
    ("account", {"account": Individual("seller@devb" + "b" * 20, "1" * 32, "2" * 32)}),
    ("merchant_id", {"account": Merchant("seller@devb", "", "Dev Bank")}),
    ("merchant_id", {"account": Merchant("seller@devb", "1" * 33, "Dev Bank")}),
    ("bank", {"account": Merchant("seller@devb", "1", " ")}),
    ("bank", {"account": Individual("seller@devb", bank="b" * 33)}),
    ("information", {"account": Individual("seller@devb", "1" * 33)}),
    ("name", {"name": ""}),
    ("name", {"name": "n" * 26}),
    ("name", {"name": "Rose 🌹"}),
    ("name", {"name": "two\nlines"}),
    ("name", {"name": "\ud800"}),
    ("city", {"city": "c" * 16}),
    ("city", {"city": " "}),
    ("currency", {"currency": "THB"}),
    ("amount", {"amount": 0}),
    ("amount", {"amount": -5}),
    ("amount", {"amount": 10**14, "currency": Currency.KHR}),
    ("amount", {"amount": 10**13 + 1}),
    ("bill_number", {"bill_number": "b" * 26}),
    ("mobile", {"mobile": "m" * 26}),
    ("store", {"store": "s" * 26}),
    ("terminal", {"terminal": "t" * 26}),
    ("purpose", {"purpose": "p" * 26}),
    ("additional", {"bill_number": "b" * 25, "store": "s" * 25, "terminal": "t" * 25, "purpose": "p" * 25}),
    ("name_km", {"name_km": "ក" * 26}),
    ("city_km", {"name_km": "ក", "city_km": "ក" * 16}),
    ("name_km", {"city_km": "ភ្នំពេញ"}),
    ("expires_at", {"expires_at": None}),
    ("expires_at", {"expires_at": CREATED}),
    ("expires_at", {"amount": None}),
    ("created_at", {"created_at": datetime(2001, 1, 1, tzinfo=UTC)}),
    ("expires_at", {"expires_at": datetime(2300, 1, 1, tzinfo=UTC)}),
]


@pytest.mark.parametrize(("field", "changes"), REFUSED)
def test_what_a_bank_would_refuse(field: str, changes: dict[str, object]) -> None:
    """Each limit is refused by the name of its field, with a sentence."""
    with pytest.raises(KhqrError) as refused:
        build(replace(DYNAMIC, **changes))
    assert refused.value.field == field
    assert str(refused.value).endswith((".", ")."))


def resealed(old: str, new: str) -> str:
    """Change one part of a known payload and put a true checksum on again."""
    body = KNOWN[1][1][:-4].replace(old, new)
    return body + crc(body)


@pytest.mark.parametrize(
    ("field", "payload"),
    [
        ("currency", resealed("5303840", "5303764")),
        ("amount", resealed("540512.50", "540512,50")),
        ("amount", resealed("5303840540512.50", "5303116540512.50")),
        ("account", resealed("29150011seller@devb", "")),
        ("payload", resealed("5910Tonle Shop", "5910Tonle Shop5910Other Shop")),
        ("payload", resealed("6010Phnom Penh", "6090Phnom Penh")),
        ("payload", resealed("6010Phnom Penh", "60xxPhnom Penh")),
        ("created_at", resealed("00131735689600000", "0013173568960000x")),
    ],
)
def test_foreign_payloads_with_a_true_checksum(field: str, payload: str) -> None:
    """A true checksum does not excuse a wrong currency, amount, account, time, or a field written twice."""
    with pytest.raises(KhqrError) as refused:
        parse(payload)
    assert refused.value.field == field


def test_another_builders_amount() -> None:
    """12.5 and 12.50 dollars are the same cents."""
    assert parse(resealed("540512.50", "540412.5")).amount == 1250
