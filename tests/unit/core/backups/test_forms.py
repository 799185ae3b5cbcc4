"""The forms of a backup: a folder, one file for the eye, packed, encrypted for one reader; each whole, each of use."""

import gzip
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyrage
import pytest
import zstandard

from core.backups import archive, backup, encryption, forms
from core.backups.archive import Fault
from core.backups.backup import About
from core.errors import Refused
from tests.unit.core.backups.made import NOW, RECIPIENT, SECRET, filled, made

KEY = str(SECRET)
FORMS = {"dir": {}, "json": {"end": ".json"}, "gz": {"end": ".json.gz"}, "age": {"recipient": RECIPIENT}}


@pytest.fixture(scope="module")
def kept(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One shop in each form."""
    place = tmp_path_factory.mktemp("forms")
    source = filled(sqlite_template, place / "haang.sqlite3")
    return {name: made(source, place / name, note="ចំណាំ", **about) for name, about in FORMS.items()}


@pytest.fixture
def copied(kept: dict[str, Path], tmp_path: Path) -> Callable[[str], Path]:
    """A way to get a form that may be spoiled."""

    def copy(name: str) -> Path:
        place = tmp_path / kept[name].name
        return Path(shutil.copytree(kept[name], place) if kept[name].is_dir() else shutil.copy(kept[name], place))

    return copy


def refused(path: Path, identity: str = "") -> str:
    """Why a backup is refused; empty for one that is not."""
    try:
        forms.check(path, identity)
    except Refused as error:
        return error.key.removeprefix("errors.")
    return ""


@pytest.mark.parametrize("name", FORMS)
def test_every_form_gives_the_same_lines(kept: dict[str, Path], name: str) -> None:
    """Table by table the same bytes as the folder's, with their digests: so any form can be restored."""
    plain, key = forms.check(kept["dir"]), KEY if name == "age" else ""
    manifest = forms.check(kept[name], key)
    assert (manifest.shop, manifest.note, manifest.rows) == (77, "ចំណាំ", plain.rows)
    for ours, theirs in zip(manifest.tables, plain.tables, strict=True):
        assert (ours.table, ours.sha256, ours.rows, ours.bytes) == (
            theirs.table, theirs.sha256, theirs.rows, theirs.bytes,
        )  # fmt: skip
        if ours.table in {"orders", "products", "settings", "addresses", "reviews"}:
            assert _lines(kept[name], ours.table, key) == _lines(kept["dir"], theirs.table), ours.table


def _lines(path: Path, table: str, identity: str = "") -> bytes:
    """One table of a backup, as whoever loads it gets it."""
    found = forms.walk(path, forms.check(path, identity), identity)
    return {file.table: b"".join(blocks) for file, blocks in found}[table]


def test_the_readable_file_is_for_the_eye(kept: dict[str, Path]) -> None:
    """Plain JSON: the heading says what money and moments mean, rows are objects, Khmer is Khmer."""
    text = kept["json"].read_text("utf-8")
    plain = json.loads(text)
    assert "minor units" in " ".join(plain["haang_backup"])
    order = plain["tables"]["orders"][0]
    assert (order["number"], order["total"], order["placed_at"]) == ("MD00001", 1400, "2026-11-21T03:00:00.000001Z")
    assert order["address"] == {"a": True, "z": {"a": [None, 1.5, "ខ្មែរ"], "b": 1}}
    assert "ផ្កាកុលាប" in text
    assert max(map(len, text.splitlines())) < 2000
    assert gzip.decompress(kept["gz"].read_bytes()).decode() == text.replace(
        kept["json"].name, kept["gz"].name
    )  # fmt: skip


@pytest.mark.parametrize("name", ["json", "gz", "age"])
def test_a_flipped_bit_or_a_missing_end_is_seen(copied: Callable[[str], Path], name: str) -> None:
    """Thirty bits and cuts over each form's files, also without the key: every one refused."""
    path = copied(name)
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    for number in range(30):
        file = files[number * 7 % len(files)]
        whole = file.read_bytes()
        place = (number * 7919 + 13) % (8 * len(whole))
        flipped = bytearray(whole)
        flipped[place // 8] ^= 1 << place % 8
        for spoiled in (bytes(flipped), whole[: len(whole) * number // 30]):
            file.write_bytes(spoiled)
            skipped = name == "gz" and spoiled[3:10] != whole[3:10] and spoiled[10:] == whole[10:]
            assert skipped or refused(path), (file.name, number, place)
        file.write_bytes(whole)
    assert not refused(path)


def test_more_behind_the_end_is_refused(copied: Callable[[str], Path]) -> None:
    """A readable file that goes on, one with a row twice, one with a row's spelling changed."""
    path = copied("json")
    text = path.read_text("utf-8")
    row = next(line for line in text.splitlines(keepends=True) if '"MD00002"' in line)
    for spoiled in (text + "\n", text.replace(row, row + row), text.replace('"riel_rate": 4100', '"riel_rate":4100')):
        path.write_text(spoiled, "utf-8")
        assert refused(path) == "backup_damaged"


@pytest.mark.parametrize("wrong", [{"sha256": "0" * 64}, {"rows": 11}, {"bytes": 1}])
def test_a_manifest_that_says_otherwise_is_refused(copied: Callable[[str], Path], wrong: dict[str, str | int]) -> None:
    """Files as they were, but a manifest, whole in itself, that counts or digests a table otherwise."""
    path = copied("dir")
    manifest = archive.read_manifest(path)
    tables = tuple(replace(table, **wrong) if table.table == "orders" else table for table in manifest.tables)
    (path / archive.MANIFEST).write_bytes(replace(manifest, tables=tables).to_bytes())
    assert refused(path) == "backup_damaged"


# ── encrypted ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_stock_tool_reads_it(kept: dict[str, Path]) -> None:
    """``age --decrypt`` and ``zstd -d``, as docs/backups.md says, give the table's lines; no file gives any without."""
    plain, sealed = kept["dir"], kept["age"]
    for table in ("orders", "people"):
        opened = pyrage.decrypt((sealed / "data" / f"{table}.jsonl.zst.age").read_bytes(), [SECRET])
        lines = zstandard.ZstdDecompressor().decompressobj().decompress(opened)
        assert lines == b"".join(archive.read_table(plain, table_of(plain, table)))
    assert all(
        file.name == "manifest.json" or file.name.endswith(".age") for file in sealed.rglob("*.*") if file.is_file()
    )
    assert all(file.read_bytes().startswith(b"age-encryption.org/v1") for file in sealed.rglob("*.age"))


def table_of(path: Path, name: str) -> archive.TableFile:
    """A table of a backup by its name."""
    return next(table for table in forms.read_manifest(path).tables if table.table == name)


def test_the_open_manifest_gives_nothing_away(kept: dict[str, Path]) -> None:
    """No digest and no size of what was encrypted stands in the open: a guess at a row cannot be tried."""
    said = (kept["age"] / "manifest.json").read_text("utf-8")
    plain = forms.read_manifest(kept["dir"])
    assert not [table.table for table in plain.tables if table.rows and table.sha256 in said]
    assert {table.bytes for table in forms.read_manifest(kept["age"]).tables} == {0}
    assert KEY not in said
    assert forms.read_manifest(kept["age"], KEY).tables[0].bytes >= 0


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux says which files are open")
@pytest.mark.parametrize(("recipient", "where"), [(RECIPIENT, "shop"), ("", "backups")], ids=["encrypted", "open"])
def test_the_snapshot_has_no_name(sqlite_template: Path, tmp_path: Path, recipient: str, where: str) -> None:
    """A kill leaves none of it behind; what will be encrypted is never in the open on the backups' own disk."""
    (tmp_path / "shop").mkdir()
    source, seen = filled(sqlite_template, tmp_path / "shop" / "haang.sqlite3", 1), set[str]()

    def look(*_step: object) -> None:
        places = [str(path.readlink()) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
        seen.update(place for place in places if str(tmp_path) in place and ".partial" in place)

    backup.make(source, tmp_path / "backups", NOW, About(recipient=recipient), look)
    (place,) = {place for place in seen if ".jsonl" not in place}
    assert place.endswith(" (deleted)")
    assert place.startswith(str(tmp_path / where))


def test_another_key_or_none_is_a_sentence(kept: dict[str, Path]) -> None:
    """Without the key rows are refused by name, with another's key by another; whole it is in either case."""
    other = str(pyrage.x25519.Identity.generate())
    assert refused(kept["age"]) == ""
    assert refused(kept["age"], other) == "backup_wrong_key"
    with pytest.raises(Refused) as error:
        _lines(kept["age"], "orders")
    assert error.value.key == "errors.backup_needs_key"


def test_a_swapped_encrypted_table_is_refused(copied: Callable[[str], Path], kept: dict[str, Path]) -> None:
    """Somebody without the secret can encrypt, too: another table for the same reader fits no digest."""
    path = copied("age")
    file = path / "data" / "orders.jsonl.zst.age"
    file.write_bytes(pyrage.encrypt((kept["dir"] / "data" / "people.jsonl.zst").read_bytes(), [SECRET.to_public()]))
    assert refused(path) == "backup_damaged"
    assert forms.faults(path, KEY) == (Fault("data/orders.jsonl.zst.age", "changed"),)


def test_a_key_file_is_read_as_age_keygen_writes_it(tmp_path: Path) -> None:
    """Comments and empty lines go; a public key, two keys, a picture or nothing is refused without being shown."""
    file = tmp_path / "key.txt"
    file.write_text(f"# created: 2026-11-21\n# public key: {RECIPIENT}\n\n{KEY}\n")
    assert encryption.read_identity(file) == KEY
    for wrong in (b"", RECIPIENT.encode(), f"{KEY}\n{KEY}\n".encode(), b"\xff\xd8\xff"):
        file.write_bytes(wrong)
        with pytest.raises(Refused, match="backup_no_identity") as error:
            encryption.read_identity(file)
        assert error.value.values == {"name": "key.txt", "begins": "AGE-SECRET-KEY-1"}


# ── what is wrong ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_every_fault_is_named(copied: Callable[[str], Path]) -> None:
    """One file missing, one changed, one too many: three sentences, not the first of them."""
    path = copied("dir")
    (path / "data" / "people.jsonl.zst").unlink()
    (path / "data" / "orders.jsonl.zst").write_bytes(b"nothing")
    (path / "notes.txt").write_text("?")
    assert set(forms.faults(path)) == {
        Fault("data/people.jsonl.zst", "missing"), Fault("data/orders.jsonl.zst", "changed"),
        Fault("notes.txt", "strange"),
    }  # fmt: skip


@pytest.mark.parametrize("word", ["../db_backup_20261121_100000", "/etc", "", "db_backup_20261121_100000.zip", "mine"])
def test_a_name_stays_in_its_folder(kept: dict[str, Path], word: str) -> None:
    """What is no name of a backup leads nowhere, whoever says it."""
    with pytest.raises(Refused, match="backup_missing"):
        forms.at(kept["dir"].parent, word)
    assert forms.at(kept["dir"].parent, kept["dir"].name) == kept["dir"]
