"""The sandbox's bank: an emulator of the Bakong Open API, with a page to pay a QR on. It imports nothing of ours.

``Bank(tokens={"…"}).app`` is an aiohttp application to mount (the sandbox does, at ``/bakong``) or to run alone.
"""

from bot.sandbox.bank.ledger import Transaction
from bot.sandbox.bank.qr import Qr, QrRefused, read_qr
from bot.sandbox.bank.server import Bank

__all__ = ["Bank", "Qr", "QrRefused", "Transaction", "read_qr"]
