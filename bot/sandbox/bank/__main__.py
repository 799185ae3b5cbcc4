"""Run the bank alone: ``python -m bot.sandbox.bank --port 8100 --token practice --account shop@sandbox``."""

import argparse
import logging
from pathlib import Path

from aiohttp import web

from bot.sandbox.bank.server import Bank

_PORT = 8100


def main() -> None:
    """Read the options and serve this machine until it is stopped."""
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox.bank", description="An emulator of the Bakong API.")
    parser.add_argument("--port", type=int, default=_PORT, help="where it listens, on this machine only")
    parser.add_argument("--token", action="append", default=[], help="a token that is good for 90 days; may come again")
    parser.add_argument("--email", action="append", default=[], help="whoever gives it gets a new token")
    parser.add_argument("--account", action="append", help="an account that exists; without any, every one does")
    parser.add_argument("--folder", type=Path, help="where payments are kept; without one, they end with the process")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    bank = Bank(tokens=given.token or ["practice"], emails=given.email, accounts=given.account, folder=given.folder)
    web.run_app(bank.app, host="127.0.0.1", port=given.port, print=logging.getLogger("bank").info, access_log=None)


if __name__ == "__main__":
    main()
