"""The catalogue held in memory, read again product by product as the bell tells of changes.

A tap that only browses costs no database at all; a sale costs one small read by whoever looks next.
"""

import asyncio

from core.catalog import store
from core.catalog.rules import Catalogue
from core.changes import Change, Changes
from core.database import Database


class CatalogueMemory:
    """``await memory.now()`` is the catalogue as it stands."""

    def __init__(self, db: Database, changes: Changes) -> None:
        self._db = db
        self._catalogue = Catalogue()
        self._all_dirty = True
        self._dirty: set[int] = set()
        self._reading = asyncio.Lock()
        changes.listen("product", self._heard)

    def _heard(self, change: Change) -> None:
        if change.id:
            self._dirty.add(change.id)
        else:
            self._all_dirty = True

    async def now(self) -> Catalogue:
        """Give the catalogue, after reading what changed since the last look."""
        if self._all_dirty or self._dirty:
            async with self._reading:
                await self._read()
        return self._catalogue

    async def _read(self) -> None:
        if self._all_dirty:
            self._all_dirty = False
            self._dirty.clear()
            fresh = Catalogue({category.id: category for category in await self._db.read(store.all_categories)})
            fresh.load(await self._db.read(store.on_sale))
            self._catalogue = fresh
        elif self._dirty:
            ids, self._dirty = self._dirty, set()
            found = {product.id: product for product in await self._db.read(store.on_sale, ids)}
            for product_id in ids:
                if product_id in found:
                    self._catalogue.put(found[product_id])
                else:
                    self._catalogue.drop(product_id)
