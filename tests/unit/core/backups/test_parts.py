"""A backup in parts for the chat: encrypted, cut, put together again; nothing that is not ours comes out of it."""

import io
import tarfile
from pathlib import Path

import pyrage
import pytest

from core.backups import encryption
from core.backups.copies import parts
from core.backups.copies.parts import Part
from core.errors import Refused
from tests.support.standing import much, put, stored

KEY = pyrage.x25519.Identity.generate()
ME, SECRET = str(KEY.to_public()), str(KEY)
NAME = "db_backup_20261121_100000"


def joined(place: Path, target: Path, found: tuple[Part, ...]) -> Path:
    """The parts one after the other in a file."""
    target.write_bytes(b"".join(parts.part_path(place, number).read_bytes() for number in range(len(found))))
    return target


def test_there_and_back(sqlite_shop, tmp_path):
    """Cut into parts no larger than said and read back equal; without the key, or with another's, nothing is."""
    name = put(sqlite_shop, rows=1, text=f"first{much()}")
    found = parts.pack(sqlite_shop.config.backup_dir / name, tmp_path / "p", ME)
    assert len(found) > 1
    assert {part.bytes for part in found[:-1]} == {parts.PART}
    whole = joined(tmp_path / "p", tmp_path / f"{name}.tar.age", found)
    assert b"first" not in whole.read_bytes()
    back = parts.unpack(whole, tmp_path / "new", SECRET)
    assert stored(back) == stored(sqlite_shop.config.backup_dir / name)
    with pytest.raises(Refused, match="backup_wrong_key"):
        parts.unpack(whole, tmp_path / "other", str(pyrage.x25519.Identity.generate()))
    with pytest.raises(Refused, match="backup_exists"):
        parts.unpack(whole, tmp_path / "new", SECRET)


@pytest.mark.parametrize("harm", ["flip", "short"])
def test_damage_is_refused_and_nothing_left(sqlite_shop, tmp_path, harm):
    """One bit that flipped, or a part that is missing: refused, no folder under a real name or another."""
    name = put(sqlite_shop)
    found = parts.pack(sqlite_shop.config.backup_dir / name, tmp_path / "p", ME)
    whole = joined(tmp_path / "p", tmp_path / f"{name}.tar.age", found)
    raw = bytearray(whole.read_bytes())
    raw[len(raw) // 2] ^= 1
    whole.write_bytes(raw if harm == "flip" else raw[:-20])
    with pytest.raises(Refused, match="backup_damaged"):
        parts.unpack(whole, tmp_path / "new", SECRET)
    assert stored(tmp_path / "new") == {}


def test_what_went_while_it_was_packed_is_no_copy(tmp_path):
    """An archive that ends too early is encrypted and cut as well as a whole one: packing says that it failed."""
    with pytest.raises(FileNotFoundError):
        parts.pack(tmp_path / NAME, tmp_path / "p", ME)


def test_what_was_damaged_before_it_was_packed_is_refused(sqlite_shop, tmp_path):
    """Whole as an archive is not whole as a backup: it is checked as one before it has a name."""
    name = put(sqlite_shop)
    (victim,) = (sqlite_shop.config.backup_dir / name).rglob("orders.jsonl.zst")
    victim.write_bytes(victim.read_bytes()[:-1] + b"?")
    found = parts.pack(sqlite_shop.config.backup_dir / name, tmp_path / "p", ME)
    with pytest.raises(Refused, match="backup_damaged"):
        parts.unpack(joined(tmp_path / "p", tmp_path / f"{name}.tar.age", found), tmp_path / "new", SECRET)
    assert stored(tmp_path / "new") == {}


def _link(name: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.SYMTYPE, "manifest.json"
    return member


@pytest.mark.parametrize(
    ("member", "word"),
    [(tarfile.TarInfo("../out"), "damaged"), (tarfile.TarInfo("/out"), "missing"), (_link(NAME), "damaged")],
)
def test_a_strangers_archive_writes_nothing_outside(tmp_path, member, word):
    """Paths that lead out and links are refused, whoever encrypted them for us."""
    packed, sealed = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        tar.addfile(member)
    packed.seek(0)
    encryption.encrypt(packed, sealed, ME)
    whole = tmp_path / f"{NAME}.tar.age"
    whole.write_bytes(sealed.getvalue())
    with pytest.raises(Refused, match=f"backup_{word}"):
        parts.unpack(whole, tmp_path / "new", SECRET)
    assert set(stored(tmp_path)) == {whole.name}


@pytest.mark.parametrize(
    "raw",
    [b"", b"{}", b"[]", b'{"haang": 2}', parts.to_manifest("../etc", [Part(1, "a")]), parts.to_manifest(NAME, []),
     parts.to_manifest(NAME, [Part(parts.PART + 1, "a")]), parts.to_manifest(NAME, [Part(0, "a")])],
)  # fmt: skip
def test_what_is_no_manifest_is_refused(raw):
    """Another file, another version, a name that is none, parts larger than any of ours."""
    with pytest.raises(Refused, match="copy_no_manifest"):
        parts.from_manifest(raw)
