"""The house rules that no linter knows: sizes, docstrings, the few broad excepts, real parts in tests, rooms."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("core", "bot", "web")
FILE_LINES, FUNCTION_LINES, HANDLER_LINES, SMALLEST = 400, 50, 15, 15
TOP = {"run.py", "core", "bot", "web", "data", "backups", "tests", "benchmarks", "docs"}
BROAD_EXCEPTS = {("bot", "dispatch.py"), ("core", "scheduler", "service.py"), ("web", "edge.py")}
"""One update, one job, one request: the three edges where whatever is wrong must not stop the next."""


def python_files(*folders: str) -> list[Path]:
    """Every Python file of ours in these folders, and run.py; migrations are written once by Alembic."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [*(path for path in found if "versions" not in path.parts), ROOT / "run.py"]


@dataclass(frozen=True)
class Function:
    """A function or method: its name, how many lines it stands on, whether it says what it is."""

    name: str
    lines: int
    documented: bool


@dataclass(frozen=True)
class Facts:
    """What the rules ask of a file, so that each file is parsed once; a tree of all would fill the memory."""

    functions: tuple[Function, ...]
    imports: tuple[ast.Import | ast.ImportFrom, ...]
    broad: bool
    waits: bool


@cache
def facts(path: Path) -> Facts:
    """Read a Python file."""
    functions, imports, broad, waits = list[Function](), list[ast.Import | ast.ImportFrom](), False, False
    for node in _statements(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = (node.end_lineno or node.lineno) - node.lineno + 1
            functions.append(Function(node.name, size, bool(ast.get_docstring(node))))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            imports.append(node)
        elif isinstance(node, ast.ExceptHandler):
            broad |= node.type is None or (isinstance(node.type, ast.Name) and node.type.id == "Exception")
        waits |= isinstance(node, ast.AsyncFunctionDef)  # nothing else may hold an `await`
    return Facts(tuple(functions), tuple(imports), broad, waits)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Every statement, handler and case below a node, not the expressions in them: a tenth of a tree."""
    for part in ("body", "orelse", "handlers", "finalbody", "cases"):
        for below in getattr(node, part, ()):
            yield below
            yield from _statements(below)


def short(path: Path) -> str:
    """The path as people write it."""
    return path.relative_to(ROOT).as_posix()


def test_no_file_is_too_long_or_too_short() -> None:
    """Every Python, JavaScript and template file stands between 15 and 400 lines; only __init__ may be shorter."""
    code = [*python_files(*OURS, "tests", "benchmarks")]
    pages = [p for folder in OURS for kind in ("*.js", "*.css", "*.html") for p in (ROOT / folder).rglob(kind)]
    length = {p: len(p.read_text("utf-8").splitlines()) for p in [*code, *pages]}
    long = [short(p) for p, found in length.items() if found > FILE_LINES]
    tiny = [short(p) for p in code if p.name not in {"__init__.py", "env.py"} and length[p] < SMALLEST]
    assert (long, tiny) == ([], [])


def test_functions_are_short() -> None:
    """No function is over 50 lines, half are at most 10, and a handler of the bot is at most 15."""
    sizes = [(f.lines, f"{short(p)}:{f.name}") for p in python_files(*OURS, "tests") for f in facts(p).functions]
    assert [name for size, name in sizes if size > FUNCTION_LINES] == []
    ours = [f.lines for p in python_files(*OURS) for f in facts(p).functions]
    assert median(ours) <= 10
    handlers = [(f.lines, f.name) for p in (ROOT / "bot" / "handlers").rglob("*.py") for f in facts(p).functions]
    assert [name for size, name in handlers if size > HANDLER_LINES] == []


def test_javascript_functions_are_short() -> None:
    """No JavaScript function is over 50 lines."""
    no = r"(?!\s*(?:export )?(?:class|if|for|while|switch|try|catch|\}))"
    start = re.compile(rf"^{no}(?P<indent>\s*)[^;]*\([^;]*\)\s*(?:=>\s*)?\{{$")
    too_long = []
    for path in [p for folder in OURS for p in (ROOT / folder).rglob("*.js")]:
        text = path.read_text("utf-8").splitlines()
        for i, line in enumerate(text):
            if found := start.match(line):
                end = next((j for j in range(i + 1, len(text)) if text[j].startswith(f"{found['indent']}}}")), i)
                if end - i >= FUNCTION_LINES:
                    too_long.append(f"{short(path)}:{i + 1}")
    assert too_long == []


def test_broad_excepts_stand_at_three_edges_only() -> None:
    """``except Exception`` (or bare, or BaseException that does not raise again) stands at three named edges."""
    found = {path.relative_to(ROOT).parts for path in python_files(*OURS) if facts(path).broad}
    assert found == BROAD_EXCEPTS


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("test_*.py")), ids=short)
def test_every_test_says_what_it_proves_and_patches_nothing_of_ours(path: Path) -> None:
    """A test has a docstring, patches no module of ours, and sleeps no real sleep."""
    text = path.read_text("utf-8")
    silent = [f.name for f in facts(path).functions if f.name.startswith("test_") and not f.documented]
    imported = re.findall(r"^from (?:core|bot|web)[\w.]* import (?:\(([^)]*)\)|(.*))", text, re.MULTILINE)
    ours = {"core", "bot", "web", *re.findall(r"\w+", " ".join("".join(names) for names in imported))}
    targets = re.findall(r"monkeypatch\.setattr\(\s*[\"']?(\w+)", text)
    patched = [*re.findall(r"unittest\.mo[c]k|mo[c]k\.patch", text), *ours.intersection(targets)]
    real_time = "faults" in path.parts  # processes killed at random instants of a real minute
    slept = [] if real_time else re.findall(r"(?:time|asyncio)\.sleep\((?:[1-9]|0\.[2-9])", text)
    assert (silent, patched, slept) == ([], [], [])


def test_pure_rooms_never_wait() -> None:
    """``rules.py``, cards, screens and taps hold no ``async`` and no ``await``."""
    pure = [*ROOT.glob("core/*/rules.py"), *ROOT.glob("core/cards/*.py"), ROOT / "bot/screen.py"]
    pure += [*(ROOT / "bot/screens").glob("*.py"), *(ROOT / "bot/taps").glob("*.py")]
    allowed = {"core/payments/rules.py"}  # a protocol of the bank says what may be awaited, and awaits nothing
    assert {short(path) for path in pure if facts(path).waits} <= allowed


def test_services_pass_the_connection_on_and_speak_no_sql() -> None:
    """Outside stores and the database itself, all that is taken from SQLAlchemy is the name of a connection."""
    allowed = {"Connection"}
    wrong = []
    for path in python_files(*OURS):
        parts = path.relative_to(ROOT).parts
        if "database" in parts or {"storage", "backups"} & set(parts) or path.name == "store.py":
            continue
        for node in facts(path).imports:
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
                wrong += [f"{short(path)}: {name.name}" for name in node.names if name.name not in allowed]
    assert wrong == []


def test_the_sandbox_imports_nothing_of_ours() -> None:
    """The sandbox imports itself, libraries and nothing else, so that it could be published on its own."""
    wrong = []
    for path in (ROOT / "bot/sandbox").rglob("*.py"):
        for node in facts(path).imports:
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            modules += [name.name for name in node.names] if isinstance(node, ast.Import) else []
            wrong += [
                f"{short(path)}: {m}"
                for m in modules
                if m.split(".")[0] in {"core", "web", "run"}
                or (m.split(".")[0] == "bot" and not m.startswith("bot.sandbox"))
            ]
    assert wrong == []


def test_the_house_has_no_other_rooms() -> None:
    """Nothing stands beside the named rooms, so that a stray module has to find its own."""
    code = {p.name for p in ROOT.glob("*.py")} | {p.parent.name for p in ROOT.glob("*/*.py")}
    assert code <= TOP | {".ci"}


def test_locks_pin_every_package_by_hash_and_name_no_index() -> None:
    """Both lock files pin versions with hashes, name no address, and agree with one another."""
    pins = []
    for name in ("requirements.lock", "requirements-test.lock"):
        text = (ROOT / name).read_text("utf-8")
        assert not re.search(r"https?://|--index|--find-links|--extra-index", text)
        found = dict(re.findall(r"^([A-Za-z0-9._-]+)==([^ ;]+)", text, re.MULTILINE))
        assert text.count("--hash=sha256:") >= len(found) > 20
        pins.append(found)
    assert pins[0].items() <= pins[1].items()
