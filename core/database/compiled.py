"""Statements are compiled once a process, not once for each engine: SQLite has three (its writer and the readers).

SQLAlchemy keeps what it compiled by the dialect's identity. Ours are equal where they would compile the same: of one
class, and for servers of one version.
"""

from typing import Any

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

MOST = 2_000
_KEPT: LRUCache[Any, Any] = LRUCache(MOST)
ONCE: dict[str, Any] = {"compiled_cache": _KEPT}
"""Execution options of an engine that reads what another one compiled, and lets it read."""
SQLITE, POSTGRES = "sqlite+one", "postgresql+one"


class _Sqlite(SQLiteDialect_pysqlite):
    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))


class _Postgres(PGDialect_asyncpg):
    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Postgres) and other._kind() == self._kind()

    def __hash__(self) -> int:
        return hash(type(self))

    def _kind(self) -> tuple[object, ...]:
        """Name what its server decides about how statements are written."""
        return getattr(self, "server_version_info", None), self._backslash_escapes, self.default_schema_name


for _name, _dialect in ((SQLITE, _Sqlite), (POSTGRES, _Postgres)):
    registry.register(_name.replace("+", "."), __name__, _dialect.__name__)
