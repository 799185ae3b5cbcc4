"""QR codes that every reader reads."""

import random

import pytest
import zxingcpp

from core.pictures.qr import enlarge, qr_modules


@pytest.mark.parametrize("seed", range(40))
def test_the_fixed_mask_is_safe(seed: int) -> None:
    """Whatever is written, short or long, Latin or Khmer, reads back although the mask is never chosen."""
    chance = random.Random(seed)
    letters = "0123456789ABCDEFabcdef@. " if seed % 2 else "0123456789កខគងចឆជញ"
    data = "".join(chance.choices(letters, k=chance.randint(1, 330)))
    (code,) = zxingcpp.read_barcodes(enlarge(qr_modules(data), 3))
    assert code.bytes.decode() == data
    assert code.ec_level == "M"


@pytest.mark.parametrize("data", ["0" * 300, "U" * 200, "\xaa" * 100])
def test_dull_data_reads_too(data: str) -> None:
    """The patterns that a mask is there to break up read as well."""
    (code,) = zxingcpp.read_barcodes(enlarge(qr_modules(data), 3))
    assert code.bytes.decode() == data


def test_quiet_zone() -> None:
    """Four white modules stand on every side, and a module is a whole number of pixels."""
    code = enlarge(qr_modules("https://example.invalid/t/made-up"), 5)
    box = code.point(lambda value: 255 - value).getbbox()
    assert box == (20, 20, code.width - 20, code.height - 20)
    assert code.getcolors() is not None
    assert {colour for _, colour in code.getcolors()} == {0, 255}
