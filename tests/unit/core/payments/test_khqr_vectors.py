"""The KHQR payload beside the official SDK: ten thousand kept strings, and live ones where node is there."""

import os
from itertools import islice

import pytest

from core.payments.khqr import KhqrError, build, parse
from tests.support import khqr_vectors as vectors


def wrong(found: list[vectors.Vector]) -> list[vectors.Vector]:
    """Leave those whose payload or md5 we write differently, or which do not read back as they were asked."""
    return [one for one in found if not _same(one)]


def _same(one: vectors.Vector) -> bool:
    request = vectors.request_of(one["request"])
    made = build(request)
    return (made.payload, made.md5) == (one["qr"], one["md5"]) and parse(one["qr"]) == request


def test_ten_thousand_of_the_sdk() -> None:
    """Individuals and merchants, dollars and riel, every field, Khmer names, edges: byte for byte, and read back."""
    kept = vectors.kept()[: vectors.GOOD]
    assert len(kept) == 10_000
    assert wrong(kept) == []


def test_the_kept_ones_reach_every_corner() -> None:
    """Both kinds of account, both currencies, static and dynamic, and each optional field stand in many of them."""
    asked = [one["request"] for one in vectors.kept()[: vectors.GOOD]]
    names = ("merchant_id", "information", "bank", "bill_number", "mobile", "store", "terminal", "purpose", "name_km")
    for name in (*names, "city_km", "amount"):
        assert 1_000 < sum(name in one for one in asked) < 9_000, name
    assert {one["currency"] for one in asked} == {"usd", "khr"}


@pytest.mark.parametrize("one", vectors.kept()[vectors.GOOD :], ids=lambda one: one["qr"][:40])
def test_what_the_sdk_breaks_is_refused(one: vectors.Vector) -> None:
    """Where the SDK writes a KHQR that no bank reads (a length of three digits, an emoji …), we refuse by name."""
    with pytest.raises(KhqrError):
        build(vectors.request_of(one["request"]))


@pytest.mark.sdk
def test_live_runs_of_the_sdk() -> None:
    """Requests of a seed nobody chose, written by the SDK now, come out the same here."""
    requests = list(islice(vectors.Requests(int.from_bytes(os.urandom(4))), 2_000))
    found = vectors.by_sdk(requests)
    assert [one["request"] for one in found] == [vectors.asked(request) for request in requests]
    assert wrong(found) == []
