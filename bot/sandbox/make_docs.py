"""Write the tables of docs/sandbox.md anew: methods served, methods outside, what people do.

    python -m bot.sandbox.make_docs docs/sandbox.md

Each table stands between two comments, `<!-- name -->` and `<!-- end -->`; the rest of the page is left as it is.
"""

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bot.sandbox.acts import ACTS, ENDS, VIEWS
from bot.sandbox.api import WAITING
from bot.sandbox.check import schema
from bot.sandbox.methods import METHODS

_WIDTH = 180


def tables() -> dict[str, str]:
    """Return each table's text by its name."""
    served = {*METHODS, *WAITING}
    names = schema().names
    outside = [name for lower, name in names.items() if lower not in served]
    return {
        "methods": _words(names[lower] for lower in names if lower in served),
        "outside": _words(outside) or "None.",
        "acts": "\n".join(["| Route | What it does |", "| --- | --- |", *_routes()]),
    }


def written(page: str) -> str:
    """Return a page with its tables as they should be; raise ValueError when it has no place for one."""
    for name, text in tables().items():
        page, places = re.subn(rf"(<!-- {name} -->\n).*?(?=<!-- end -->)", rf"\g<1>{text}\n", page, flags=re.DOTALL)
        if places != 1:
            raise ValueError(f"the page needs one <!-- {name} --> … <!-- end -->")
    return page


def _routes() -> Iterable[str]:
    for verb, table in (("POST", ACTS), ("GET", VIEWS), ("DELETE", ENDS)):
        for name, act in table.items():
            yield f"| `{verb} /sandbox/{name}` | {_said(act)} |"


def _said(act: Callable[..., Any]) -> str:
    """Return the first line of a docstring; a bar would end the cell."""
    return (act.__doc__ or "").strip().split("\n")[0].replace("|", "\\|")


def _words(names: Iterable[str]) -> str:
    """Return names as one paragraph of lines that fit a page."""
    lines = [""]
    for name in sorted(names, key=str.lower):
        word = f"`{name}`"
        if len(lines[-1]) + len(word) > _WIDTH:
            lines.append("")
        lines[-1] += f"{word} "
    return "\n".join(line.rstrip() for line in lines).strip()


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(written(path.read_text(encoding="utf-8")), encoding="utf-8")
