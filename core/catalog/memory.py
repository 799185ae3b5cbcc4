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
        self._read_once = False
        self._dirty: set[int] = set()
        self._reading = asyncio.Lock()
        changes.listen("product", self._heard)

    def _heard(self, change: Change) -> None:
        if change.id:
            self._dirty.add(change.id)
        else:
            self._all_dirty = True

    @property
    def last(self) -> Catalogue | None:
        """The catalogue as it was read last, for when it cannot be read now; None before the first time."""
        return self._catalogue if self._read_once else None

    async def now(self) -> Catalogue:
        """Give the catalogue, after reading what changed since the last look; whoever comes meanwhile waits for it."""
        self._db.overhear()
        if self._all_dirty or self._dirty or self._reading.locked():
            async with self._reading:
                await self._read()
        return self._catalogue

    async def _read(self) -> None:
        """Read what is dirty; what could not be read (an error, a caller gone) stays dirty."""
        everything, ids = self._all_dirty, self._dirty
        self._all_dirty, self._dirty = False, set()
        try:
            if everything:
                self._catalogue = await self._all()
                self._read_once = True
            elif ids:
                await self._some(ids)
        except BaseException:
            self._all_dirty, self._dirty = self._all_dirty or everything, self._dirty | ids
            raise

    async def _all(self) -> Catalogue:
        categories, products = await self._db.read(store.whole)
        fresh = Catalogue({category.id: category for category in categories})
        await asyncio.to_thread(fresh.load, products)  # with the index of ten thousand products it takes a second
        return fresh

    async def _some(self, ids: set[int]) -> None:
        found = {product.id: product for product in await self._db.read(store.shown, ids)}
        for product_id in ids:
            if product_id in found:
                self._catalogue.put(found[product_id])
            else:
                self._catalogue.drop(product_id)
