"""What the bank remembers: payments and the links to its pages, as one JSON line each, so that they outlive a kill."""

import json
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

FILE = "bank.jsonl"


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transfer. ``amount`` is in major units of ``currency``, ``at`` is epoch seconds by the bank's clock."""

    hash: str
    md5: str
    account: str
    currency: str
    amount: Decimal
    at: float
    bill: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A short link: the page ``id`` pays ``payload`` and leads back to ``callback`` of ``app``."""

    id: str
    payload: str
    app: str = ""
    callback: str = ""


class Ledger:
    """Payments and links, in memory and, where a folder is given, in its ``bank.jsonl``.

    A line is handed to the system before its payment is believed, which survives a killed process (not a power cut:
    this is a sandbox). A last line that was cut off is dropped at the next start.
    """

    def __init__(self, folder: Path | None) -> None:
        self.transactions: list[Transaction] = []
        self.links: dict[str, Link] = {}
        self._path = folder / FILE if folder else None
        if self._path:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._read(self._path)

    def add(self, transaction: Transaction) -> None:
        """Remember a payment."""
        self._write({"transaction": asdict(transaction) | {"amount": str(transaction.amount)}})
        self.transactions.append(transaction)

    def add_link(self, link: Link) -> None:
        """Remember a link; the same again costs nothing."""
        if self.links.get(link.id) != link:
            self._write({"link": asdict(link)})
            self.links[link.id] = link

    def payments(self, md5: str) -> list[Transaction]:
        """Give the good payments of one QR, oldest first."""
        return [found for found in self.transactions if found.md5 == md5 and not found.failed]

    def answer(self, md5: str) -> Transaction | None:
        """Give what the API tells of a QR: its first good payment, else its last failed one."""
        tries = [found for found in self.transactions if found.md5 == md5]
        return next((found for found in tries if not found.failed), tries[-1] if tries else None)

    def _write(self, line: dict[str, Any]) -> None:
        if self._path:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def _read(self, path: Path) -> None:
        data = path.read_bytes() if path.exists() else b""
        whole = data[: data.rfind(b"\n") + 1]
        if whole != data:
            path.write_bytes(whole)
        for text in whole.splitlines():
            line = json.loads(text)
            if "link" in line:
                link = Link(**line["link"])
                self.links[link.id] = link
            else:
                fields = line["transaction"]
                self.transactions.append(Transaction(**fields | {"amount": Decimal(fields["amount"])}))
