"""The filter below every log: secrets and people out of a text in any spelling, all else as it was."""

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.logs import redacted

TOKEN = "1000001:AAmade-up_token0123456789abcdefghij"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJpZCI6Im1hZGUtdXAifQ.made_up-signature"
TRACKING = "made-up_22-characters0"
SECRETS = [
    (f"https://api.telegram.org/bot{TOKEN}/sendMessage", "AAmade"), (f"token {TOKEN}", "AAmade"),
    (f"Authorization: Bearer {JWT}", "eyJ"), (f'{{"token":"{JWT}"}}', "signature"),
    (f"GET /t/{TRACKING} 200", TRACKING), (f"https://shop.example/t/{TRACKING}?lang=km", TRACKING),
    (f"/start k_{TRACKING}", TRACKING), (f"https://t.me/haang_bot?start=i_{TRACKING}", TRACKING),
    (f"/t/{TRACKING}/live", TRACKING), ("postgresql://shop:hunter2@db/haang", "hunter2"),
    ("postgresql+asyncpg://shop:hunter2@10.0.0.5:5432/haang", "hunter2"), ("postgres://shop:p%40ss@db", "p%40ss"),
    ("key AGE-SECRET-KEY-1MADEUPMADEUPMADEUP is wrong", "MADEUP"),
]  # fmt: skip
FRAMES = ["{}", "phone {} is wrong", '"{}"', "({},)", "phone={}", "a\n{}\nb", "{}.", "tel: {}"]
INNOCENT = [
    "order MD00042 of cart 12345678", "2026-11-21 03:00:00,012 INFO bot.inbox: 12 updates", "took 0.012345678 s",
    "$1,012.00 / 4,149,200៛", "update 912345678 failed", "person 12 may not MoveOrder", "chat -1001000000001",
    "127.0.0.1:8080 0123 times", "backup 20261121T030000Z: 10,000 rows", "/t/short", "127.0.0.1 GET /t/{token} 200",
    "sha256 0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f", "slot 2026-11-21T03:00:00+00:00", "postgresql://db/haang",
    "version 8.551234", "took 0.12345678 s", "127.0.0.1 10.0.12.34 2026.11.21", "01.02.2026: 12 orders",
    "12.5 MB in 85 files", "MD00001 · 49,200៛ · 10:30",
]  # fmt: skip


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_secrets_vanish(text: str, secret: str) -> None:
    """Bot tokens in an address too, the bank's JWT, tracking links, passwords of a database: gone, the rest stands."""
    found = redacted(text)
    assert secret not in found
    assert "[token]" in found or "[secret]@" in found
    assert found.split("[")[0] == text[: len(found.split("[")[0])]


def _spellings(digits: str) -> list[str]:
    """The same phone as people and machines write it; ``digits`` are those after the country's code."""
    gaps = [digits, f"{digits[:2]} {digits[2:5]} {digits[5:]}", f"{digits[:2]}-{digits[2:5]}-{digits[5:]}"]
    return [before + written for before, written in product(("+855", "+855 ", "855", "0"), gaps)]


@given(st.from_regex(r"[1-9][0-9]{7,8}", fullmatch=True), st.sampled_from(FRAMES))
def test_phones_vanish_however_they_are_written(digits: str, frame: str) -> None:
    """Eight or nine digits with or without the country's code, with blanks or strokes, inside anything."""
    for phone in _spellings(digits):
        found = redacted(frame.format(phone))
        assert digits[-3:] not in found, (phone, found)
        assert found == frame.format("[phone]")


WRITTEN = [
    "012.345.678", "012.34.56.78", "(012) 345 678", "(012)345678", "tel:012345678", "phone:012345678",
    "012\u00a0345\u00a0678",
    "+855.12.345.678", "+855 (12) 345 678", "+855 (0)12 345 678", "0085512345678", "tel:+85512345678", "855-12.345 678",
    "០១២៣៤៥៦៧៨", "០១២ ៣៤៥ ៦៧៨", "+៨៥៥ ១២ ៣៤៥ ៦៧៨", "០12-345-៦៧៨",
]  # fmt: skip


@pytest.mark.parametrize("phone", WRITTEN)
def test_phones_vanish_in_every_spelling(phone: str) -> None:
    """Dots, brackets, links, the double nought, no-break blanks and Khmer digits: at most three digits stay."""
    found = redacted(f"call {phone} now")
    assert "[phone]" in found
    assert found.endswith(" now")
    assert not any(character.isdigit() for character in found)


@pytest.mark.parametrize("password", ["p@ss", "p/w", "a:b@c/d", "p#w?x=1", "'quoted'", '"x"', "<p>", "100%"])
@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+asyncpg", "POSTGRES", "http", "socks5", "redis"])
def test_passwords_of_addresses_vanish(scheme: str, password: str) -> None:
    """Whatever stands in it, raw as it should never be: gone with the name before it, the server stays."""
    found = redacted(f"cannot reach {scheme}://shop:{password}@db.example:5432/haang, again")
    assert found == f"cannot reach {scheme}://[secret]@db.example:5432/haang, again"


@pytest.mark.parametrize("text", INNOCENT)
def test_all_else_stays(text: str) -> None:
    """Order numbers, prices, times, dates, ids and addresses of machines are what a log is read for."""
    assert redacted(text) == text


@given(st.integers(0, 99_999), st.integers(0, 10**7), st.floats(10**9, 4 * 10**9))
def test_numbers_times_and_prices_stay(number: int, cents: int, at: float) -> None:
    """Any order, any price, any moment as Python and people write them."""
    moment = datetime.fromtimestamp(at, UTC)
    text = f"{moment} MD{number:05} ${cents / 100:,.2f} {cents // 25 * 100:,}៛ {moment:%Y-%m-%d %H:%M}"
    assert redacted(text) == text


def test_redacting_twice_changes_nothing_more() -> None:
    """What stands in place of a secret is taken for none."""
    once = redacted("\n".join(text for text, _ in SECRETS) + " +855 12 000 001")
    assert redacted(once) == once
