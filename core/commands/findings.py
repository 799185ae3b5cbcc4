"""Findings on a terminal: one table, or JSON; the same for ``doctor`` and ``setup --check``."""

import json
from collections.abc import Sequence
from typing import NoReturn

import typer
from rich.markup import escape
from rich.table import Table

from core.commands.running import say
from core.doctor.rules import Finding, State, plain, worst
from core.i18n import translator

MARKS = {State.OK: "[green]ok[/]", State.WARNING: "[yellow]warning[/]", State.FAILED: "[red]failed[/]"}


def tell(found: Sequence[Finding], *, as_json: bool) -> NoReturn:
    """Say what was found and what helps, then end: exit code 1 where anything failed."""
    t = translator("en")
    if as_json:
        say.print_json(json.dumps(plain(found, t)))
    else:
        table = Table("", "what", "found, and what to do")
        for one in found:
            lines = [one.sentence(t), *([f"→ {one.fix(t)}"] if one.fix(t) else [])]
            table.add_row(MARKS[one.state], one.title(t), escape("\n".join(lines)))
        say.print(table)
    raise typer.Exit(1 if worst(found) is State.FAILED else 0)
