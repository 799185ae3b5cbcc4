"""A file of rows is read as it is: packed or not, whatever its letters, and in a bounded memory."""

import gzip
import json
import tracemalloc
from pathlib import Path

import pytest

from core.errors import Refused
from core.imports import madamda, reading

ROWS = [{"a": 1}, {"b": "ក្រែម 💄 \u2028"}, [1, [2]], "text", 12.5, None]
PLAIN = json.dumps(ROWS, ensure_ascii=False)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("plain.json", PLAIN.encode()),
        ("named_gz_but_plain.json.gz", PLAIN.encode()),
        ("packed.json", gzip.compress(PLAIN.encode(), mtime=0)),
        ("marked.json", b"\xef\xbb\xbf" + PLAIN.encode()),
        ("powershell.json", PLAIN.encode("utf-16")),
        ("packed_and_marked.json.gz", gzip.compress(b"\xef\xbb\xbf" + PLAIN.encode(), mtime=0)),
        ("spread.json", json.dumps(ROWS, indent=4).encode() + b"\r\n \n"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_a_file_is_read_whatever_it_is_called(tmp_path: Path, name: str, data: bytes) -> None:
    """What is packed is unpacked, what only says so is not; marks and UTF-16 are understood; values are the same."""
    (tmp_path / name).write_bytes(data)
    assert list(reading.rows(tmp_path / name)) == ROWS


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "import_no_list"), (b'{"model": 1}', "import_no_list"), (b"PK\x03\x04", "import_no_list"),
        (b"[1, 2", "import_cut_short"), (b"[1 2]", "import_no_json"), (b"[1,]", "import_no_json"),
        (b'[{"a": ', "import_cut_short"), (b"[1, yes]", "import_no_json"),
        (b"[\xff\xfe]", "import_no_json"), (b"[" * 100_000, "import_no_json"),
        (gzip.compress(PLAIN.encode())[:-9], "import_cut_short"), (b"\x1f\x8b" + b"0" * 40, "import_cut_short"),
    ],
    ids=range(12),
)  # fmt: skip
def test_what_is_no_list_of_rows_is_refused_in_a_sentence(tmp_path: Path, data: bytes, key: str) -> None:
    """Nothing, another kind of file, one that is cut or packed wrongly: each has its sentence, none a traceback."""
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(Refused) as refused:
        list(reading.rows(tmp_path / "file"))
    assert refused.value.key == f"errors.{key}"


def test_a_row_may_lie_across_pieces_and_the_memory_does_not_grow(tmp_path: Path) -> None:
    """Rows that are cut by every piece come whole; of a file of 9 MB no more than two pieces of it are held."""
    path, row = tmp_path / "large.json", {"model": "app.order", "fields": {"notes": "ខ" * 999, "n": 123456}}
    path.write_text(json.dumps([row] * 1500), "utf-8")
    tracemalloc.start()
    count = sum(found == row for found in reading.rows(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 1500
    assert peak < path.stat().st_size / 6


def test_a_number_across_two_pieces_is_one_number(tmp_path: Path) -> None:
    """A value that seems whole at the end of a piece is read on before it is believed."""
    (tmp_path / "cut.json").write_text("[" + " " * (reading.PIECE - 3) + "123456, 7]")
    assert list(reading.rows(tmp_path / "cut.json")) == [123456, 7]


def test_a_dump_of_something_else_says_what_it_holds(tmp_path: Path) -> None:
    """JSON that is a dump of another site is refused, with the names of its models; a folder is refused too."""
    (tmp_path / "blog.json").write_text('[{"model": "blog.post", "pk": 1, "fields": {}}, {"model": 4}, 7]')
    with pytest.raises(Refused) as refused:
        madamda.read(tmp_path / "blog.json")
    assert refused.value.values == {"models": "blog.post"}
    with pytest.raises(Refused, match="import_unreadable"):
        madamda.read(tmp_path)
