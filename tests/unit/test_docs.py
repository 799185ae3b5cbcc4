"""The documents say what is there: commands, tables of contents, rooms, tables. Who adds one must write it down."""

import re

import pytest
import typer.main
from typer.testing import CliRunner

import run
from core.config import ROOT
from core.database.columns import metadata
from core.database.tables import people

README = (ROOT / "README.md").read_text("utf-8")
DESIGN = (ROOT / "docs" / "design.md").read_text("utf-8")
DOCUMENTS = README + "".join(path.read_text("utf-8") for path in (ROOT / "docs").glob("*.md"))
KNOWN = typer.main.get_command(run.app).commands
COMMANDS = sorted(name for name, command in KNOWN.items() if not command.hidden)
CONTENTS = (
    "bot/routes/__init__.py", "bot/routes/typed.py", "bot/routes/shop.py", "bot/routes/afterwards.py", "web/routes.py",
    "core/jobs.py",
)  # fmt: skip
ONE_SCREEN = 80


def rooms(folder: str) -> list[str]:
    """The rooms of one part of the house: its packages and modules, as design.md writes them."""
    found = [path for path in (ROOT / folder).iterdir() if not path.name.startswith(("_", "."))]
    return sorted(
        path.name if path.suffix else f"{path.name}/" for path in found if path.suffix == ".py" or path.is_dir()
    )


def named(room: str) -> bool:
    """Whether design.md says it: a folder by its name and a stroke, a module by its name or in the table of floors."""
    plain = room.removesuffix("/").removesuffix(".py")
    return bool(re.search(rf"(?<![\w/]){re.escape(plain)}(/|\.py)", DESIGN)) or (
        plain in re.findall(r"\w+", "".join(re.findall(r"^\| \d \| (.*) \|$", DESIGN, re.MULTILINE)))
    )


def test_the_readmes_two_commands_are_there() -> None:
    """What the README tells a newcomer to type is what run.py answers to."""
    typed = re.findall(r"^```\npython run\.py ?(.*)\n```", README, re.MULTILINE)
    assert typed == ["", "test"]
    assert "test" in COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_help_and_in_a_document(command: str) -> None:
    """One line in ``--help`` that is not cut off, and a word in the README or docs/."""
    shown = CliRunner().invoke(run.app, ["--help"], env={"COLUMNS": "80"}).output
    line = re.search(rf"^\s+{re.escape(command)}\s{{2,}}(\S.*)$", shown, re.MULTILINE)
    assert line is not None
    assert line[1].rstrip().endswith(".")
    assert not line[1].rstrip().endswith("...")
    assert re.search(rf"(run\.py|[|:]) {re.escape(command)}\b", DOCUMENTS)


def test_every_command_that_a_document_names_is_there() -> None:
    """Nobody is told to type what does not exist."""
    told = set(re.findall(r"python run\.py ([a-z][a-z_-]*)", DOCUMENTS + (ROOT / "CONTRIBUTING.md").read_text("utf-8")))
    assert told <= set(KNOWN)


@pytest.mark.parametrize("path", CONTENTS)
def test_a_table_of_contents_fits_one_screen(path: str) -> None:
    """The three that tell a newcomer everything: there, short, and the README points at them."""
    assert len((ROOT / path).read_text("utf-8").splitlines()) <= ONE_SCREEN
    assert f"({path})" in README


@pytest.mark.parametrize("folder", ["core", "bot", "web"])
def test_the_design_names_every_room(folder: str) -> None:
    """A room that docs/design.md does not know is a stray one, or a page that was forgotten."""
    assert [room for room in rooms(folder) if not named(room)] == []


def test_the_design_draws_every_table() -> None:
    """Each table of the schema stands in the diagram of what is built."""
    built = DESIGN.partition("erDiagram")[2].partition("```")[0]
    assert people.name in metadata.tables
    assert [table for table in metadata.tables if not re.search(rf"\b{table}\b", built)] == []


def test_the_diagram_draws_no_table_that_is_not_there() -> None:
    """What stands among the built ones was built."""
    built = DESIGN.partition("erDiagram")[2].partition("```")[0]
    drawn = set(re.findall(r"^    (\w+) (?:\||\{)", built, re.MULTILINE))
    drawn |= set(re.findall(r"[|}o]{2}--[|{o]{2} (\w+) ", built))
    assert drawn == set(metadata.tables)


def test_the_changelog_has_a_place_for_what_comes() -> None:
    """Unreleased stands first and is not empty."""
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    first, _, rest = changes.partition("\n## ")[2].partition("\n")
    assert first == "Unreleased"
    assert rest.partition("\n## ")[0].strip().startswith("- ")


def links(text: str) -> list[str]:
    """The files that a document links to."""
    return [link.partition("#")[0] for link in re.findall(r"\]\((?!https?:)([^)]+)\)", text)]


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "docs/design.md", "docs/settings.md"])
def test_every_link_leads_somewhere(document: str) -> None:
    """No document points at a file that is not there; pictures are made by the tests and looked for by them."""
    file = ROOT / document
    there = [link for link in links(file.read_text("utf-8")) if link and "screenshots/" not in link]
    assert [link for link in there if not (file.parent / link).exists()] == []
