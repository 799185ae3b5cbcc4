"""What is offered to somebody who writes the bot's name in another chat: pure.

A shared line names its product by the number at its end (``Rose Serum #12``), whatever else is called alike.
"""

import re
from collections.abc import Sequence
from heapq import nsmallest

from core.catalog.rules import PAGE, Badge, Catalogue, Product
from core.catalog.search import LONGEST

BEST = (Badge.BEST_SELLER, Badge.NEW, Badge.SALE, Badge.LIMITED, None)
"""What the shop shows first to somebody who has not said what they look for."""
NAME = 60
"""So many characters of a product's name stand in a shared line; Telegram takes 256 in all."""
_NUMBERED = re.compile(r"(?:^|\s)#([0-9]{1,18})\s*$")


def shared(name: str, product_id: int) -> str:
    """Write the line that offers exactly this product."""
    return f"{' '.join(name.split())[:NAME].strip()} #{product_id}"


def offered(catalogue: Catalogue, line: str, page: int) -> tuple[Sequence[Product], bool]:
    """Give a page of what a line means, and whether more follow; a page that is not there is empty.

    An empty line means the best of the shop. ``page`` counts from 0.
    """
    numbered = _NUMBERED.search(line)
    product = catalogue.products.get(int(numbered[1])) if numbered else None
    if product is not None:
        return ([product] if page == 0 else [], False)
    if not line.strip():
        best = _best(catalogue, (page + 1) * PAGE + 1)
        return best[page * PAGE : (page + 1) * PAGE], len(best) > (page + 1) * PAGE
    found = catalogue.search((line[: numbered.start()] if numbered else line)[:LONGEST], page)
    return (found.products, page + 1 < found.pages) if found.number == page else ([], False)


def _best(catalogue: Catalogue, most: int) -> list[Product]:
    """Give the first ``most``, or more; where the marked ones are as many, the rest need no ranking."""
    everything = catalogue.products.values()
    marked = [product for product in everything if product.badge and product.left > 0]
    return sorted(marked, key=_rank) if len(marked) >= most else nsmallest(most, everything, key=_rank)


def _rank(product: Product) -> tuple[bool, int, int, int]:
    return product.left < 1, BEST.index(product.badge), product.position, product.id
