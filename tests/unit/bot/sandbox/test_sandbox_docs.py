"""What docs/sandbox.md says is what the sandbox does, and the bot here calls nothing that it does not serve."""

import ast
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.acts import ACTS
from bot.sandbox.api import WAITING
from bot.sandbox.check import schema
from bot.sandbox.faults import KINDS
from bot.sandbox.make_docs import tables, written
from bot.sandbox.methods import METHODS

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs" / "sandbox.md").read_text("utf-8")
SHORT = {"answer": "answerCallbackQuery", "reply_text": "sendMessage", "reply_photo": "sendPhoto"}
NOT_THE_BOT = {"close"}  # what sessions and files have too


def test_the_tables_are_true() -> None:
    """Methods and acts stand in the page as they are; else run: python -m bot.sandbox.make_docs docs/sandbox.md."""
    assert written(PAGE) == PAGE
    assert len(PAGE.splitlines()) <= 250


def test_every_method_is_in_one_table() -> None:
    """Each of the schema's methods is served or outside, and everything served is in the schema."""
    served, outside = (set(re.findall(r"`(\w+)`", tables()[name])) for name in ("methods", "outside"))
    assert served | outside == set(schema().names.values())
    assert served & outside == set()
    assert {name.lower() for name in served} == {*METHODS, *WAITING}


def test_a_page_without_a_place_is_refused() -> None:
    """A page that lost a mark is refused, not written without its table."""
    with pytest.raises(ValueError, match="<!-- methods -->"):
        written(PAGE.replace("<!-- methods -->", ""))


async def test_waiting_methods_are_served(desk: Any) -> None:
    """The methods that are not in the table of METHODS are served all the same."""
    for name in sorted(WAITING):
        assert (await desk.raw(name)).get("error_code") != 404, name


def test_faults_and_routes_are_told() -> None:
    """Every kind of fault and every act has its line."""
    assert [kind for kind in KINDS if f"`{kind}`" not in PAGE] == []
    assert [name for name in ACTS if f"/sandbox/{name}`" not in PAGE] == []


def called() -> dict[str, str]:
    """Every Bot API method the bot here calls, by the library's name or by Telegram's, and where."""
    names = schema().names.values()
    spoken = {re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(): name for name in names} | SHORT
    found = {}
    for path in (ROOT / "bot").rglob("*.py"):
        if "sandbox" in path.relative_to(ROOT / "bot").parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in spoken:
                found[spoken[node.attr]] = f"{path.name}:{node.lineno}"
            elif isinstance(node, ast.Constant) and node.value in names:
                found[str(node.value)] = f"{path.name}:{node.lineno}"
    return {name: where for name, where in found.items() if name not in NOT_THE_BOT}


def test_every_method_the_bot_calls_is_served() -> None:
    """No method the bot calls is unknown to the sandbox; the scan sees those it surely calls."""
    calls = called()
    assert {"sendMessage", "sendPhoto", "editMessageText", "setWebhook", "setMyCommands"} <= set(calls)
    assert {name: where for name, where in calls.items() if name.lower() not in {*METHODS, *WAITING}} == {}


def test_it_stands_on_its_own() -> None:
    """The sandbox imports itself, the standard library and what the page says; its bank two things more."""
    home = ROOT / "bot" / "sandbox"
    bank = list((home / "bank").glob("*.py"))
    others = [path for path in home.rglob("*.py") if path not in bank and path.name != "make_schema.py"]
    assert {name for path in others for name in imported(path)} == {"aiohttp"}
    assert {name for path in bank for name in imported(path)} == {"aiohttp", "jinja2", "fontpkg"}


def imported(path: Path) -> set[str]:
    """What a module of the sandbox imports that is neither of it nor of Python."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    names = {one.name for node in nodes if isinstance(node, ast.Import) for one in node.names}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{one.name}" for one in node.names}
    strange = {name for name in names if not name.startswith("bot.sandbox")}
    return {name if name.startswith("bot") else name.partition(".")[0] for name in strange} - sys.stdlib_module_names
