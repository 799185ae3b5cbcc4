"""Commands over money: whether the books add up."""

import json
from dataclasses import asdict

import typer
from rich.table import Table

from core.commands.running import JsonOption, run, say, with_shop
from core.fulfilment import reconciling

app = typer.Typer(help="Money: whether the books add up.", no_args_is_help=True)


@app.command()
def reconcile(*, as_json: JsonOption = False) -> None:
    """Hold every order beside its payments, refunds and cash; exit code 1 where something differs."""
    found = run(with_shop(reconciling.differences))
    if as_json:
        say.print_json(json.dumps([asdict(one) for one in found]))
    elif found:
        table = Table("order", "what differs")
        for one in found:
            table.add_row(one.number, ", ".join(one.found).replace("_", " "))
        say.print(table)
    else:
        say.print("The books add up.")
    raise typer.Exit(1 if found else 0)
