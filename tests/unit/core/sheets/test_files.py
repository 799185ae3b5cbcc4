"""Files as they come: written in any format and any letters, broken, or made to do harm."""

import codecs
import zipfile
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import pytest
import xlsxwriter

from core.errors import Refused
from core.sheets import formats, rules, workbook
from core.sheets.rules import Format

HEAD, ROSE = ["sku", "name", "price"], ["007", 'ផ្កា; "Rose",\nNo. 1', "12.50"]


def book(path: Path, *rows: Sequence[str], formula: str = "") -> Path:
    """Write a workbook."""
    made = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False})
    sheet = made.add_worksheet()
    for at, row in enumerate(rows):
        sheet.write_row(at, 0, row)
    if formula:
        sheet.write_formula(5, 5, formula)
    made.close()
    return path


@pytest.mark.parametrize("how", Format)
def test_what_is_written_is_read_again(tmp_path: Path, how: Format) -> None:
    """Khmer, quotes, lines, separators, leading zeros and a name like a formula, in every format."""
    path, rows = tmp_path / "list", [ROSE, ["0", "=1+1", "1.00"], ["1", "'+a", "2.00"], ["2", "_x000D_", ""]]
    assert formats.write(path, how, HEAD, [[*row[:2], None] for row in rows]) == 4
    _, *found = [cells for _, cells in formats.rows(path)]
    assert [[str(cell) for cell in cells[:2]] for cells in found] == [row[:2] for row in rows]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("sku,name\n1,ផ្កា\n".encode(), "ផ្កា"), (codecs.BOM_UTF8 + "sku;name\r\n1;ផ្កា\r\n".encode(), "ផ្កា"),
        ("sku\tname\n1\tផ្កា\n".encode("utf-16"), "ផ្កា"), ("sku;name\n1;Crème, 2\n".encode("cp1252"), "Crème, 2"),
        (b'"a;b;c;sku",name\n1,"x"\n', "x"), (b"\n\nsku,name\n,\n1,x", "x"),
    ],
    ids=range(6),
)  # fmt: skip
def test_letters_and_separators_are_found(tmp_path: Path, data: bytes, name: str) -> None:
    """With or without a mark, UTF-16, Windows' Latin; comma, semicolon or tab, not those within quotes."""
    (tmp_path / "list.csv").write_bytes(data)
    _, (_, cells) = formats.rows(tmp_path / "list.csv")
    assert cells == ["1", name]


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "sheet_empty"), (b"\x1f\x8b1234", "sheet_broken"), (b"\xd0\xcf\x11\xe0old", "sheet_broken"),
        (b"a,b\n\0\0", "sheet_broken"), (b"\x81\x8d\x8f", "sheet_broken"), (b'sku,name\n1,"x\n', "sheet_broken"),
        (b"PK\x03\x04rest", "sheet_broken"), (b"sku\n" + b"x" * 30_000, "sheet_cell"),
        (b"," * 300 + b"\n", "sheet_wide"),
        (b'[{"sku": [1]}]', "sheet_uneven"), (b"[1, 2]", "sheet_uneven"), (b"[]", "sheet_empty"),
        (b'[{"a": 1', "import_cut_short"),
    ],
    ids=range(13),
)  # fmt: skip
def test_what_is_no_list_is_refused_in_a_sentence(tmp_path: Path, data: bytes, key: str) -> None:
    """Empty, packed, of another kind, cut, far too wide: each has its sentence, none a traceback."""
    (tmp_path / "list").write_bytes(data)
    with pytest.raises(Refused) as refused:
        list(formats.rows(tmp_path / "list"))
    assert refused.value.key == f"errors.{key}"


def test_a_workbook_with_formulas_or_ways_elsewhere_is_refused(tmp_path: Path) -> None:
    """A formula anywhere in it; macros; a link to another file; a part that is there twice."""
    plain = book(tmp_path / "plain.xlsx", HEAD, ROSE)
    assert [number for number, _ in formats.rows(plain)] == [1, 2]
    told = {"sheet_formulas": book(tmp_path / "formula.xlsx", HEAD, ROSE, formula='=HYPERLINK("http://x","y")')}
    for part in ("xl/vbaProject.bin", "xl/externalLinks/externalLink1.xml", "xl/workbook.xml"):
        told[part] = tmp_path / part.replace("/", "-")
        told[part].write_bytes(plain.read_bytes())
        twice = pytest.warns(UserWarning, match="Duplicate") if part == "xl/workbook.xml" else nullcontext()
        with twice, zipfile.ZipFile(told[part], "a") as archive:
            archive.writestr(part, "x")
    found = {}
    for name, path in told.items():
        with pytest.raises(Refused) as refused:
            list(formats.rows(path))
        found[name] = refused.value.key.removeprefix("errors.")
    assert list(found.values()) == ["sheet_formulas", "sheet_elsewhere", "sheet_elsewhere", "sheet_bomb"]


@pytest.mark.parametrize("lies", [False, True])
def test_a_bomb_is_counted_not_believed(tmp_path: Path, *, lies: bool) -> None:
    """What unpacks to more than a list can be is refused, also where its header says that it is small."""
    path = book(tmp_path / "bomb.xlsx", HEAD, ROSE)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/more.xml", b"0" * (workbook.MOST_UNPACKED + 2**20))
    if lies:
        size = (workbook.MOST_UNPACKED + 2**20).to_bytes(4, "little")
        path.write_bytes(path.read_bytes().replace(size, (100).to_bytes(4, "little")))
    with pytest.raises(Refused) as refused:
        list(formats.rows(path))
    assert refused.value.key == "errors.sheet_bomb"


def test_a_file_larger_than_a_bot_gets_is_refused(tmp_path: Path) -> None:
    """By its size, before a byte of it is read."""
    with (tmp_path / "list.csv").open("wb") as file:
        file.truncate(rules.MOST_BYTES + 1)
    with pytest.raises(Refused) as refused:
        formats.rows(tmp_path / "list.csv")
    assert refused.value.key == "errors.sheet_large"
    assert rules.MOST_BYTES == 20 * 2**20
