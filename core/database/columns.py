"""How a column is written here: moments with their zone, money in minor units, choices with their CHECK."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    DateTime,
    Dialect,
    ForeignKey,
    Insert,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
    false,
    text,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime in and out; a naive one is refused with ``ValueError``."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse what has no zone; SQLite keeps UTC without writing the zone down."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a moment needs its zone"
            raise ValueError(msg)
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give every moment its zone back."""
        _ = dialect
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


Big = BigInteger().with_variant(Integer, "sqlite")
Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def key() -> Column[int]:
    """Make a surrogate primary key."""
    return Column("id", Big, primary_key=True, autoincrement=True)


def ref(name: str, target: str, **more: Any) -> Column[int]:
    """Make a foreign key to ``target``'s ``id``; not null unless said."""
    more.setdefault("nullable", False)
    return Column(name, Big, ForeignKey(f"{target}.id"), **more)


def moment(name: str, **more: Any) -> Column[datetime]:
    """Make a point in time; not null unless said."""
    more.setdefault("nullable", False)
    return Column(name, Moment, **more)


def minor(name: str, **more: Any) -> Column[int]:
    """Make an amount in minor units; not null unless said."""
    more.setdefault("nullable", False)
    return Column(name, BigInteger, **more)


def words(name: str, length: int = 200) -> Column[str]:
    """Make a short text that is never null; unknown is the empty string."""
    return Column(name, String(length), nullable=False, server_default="")


def choice(name: str, *values: str, nullable: bool = False) -> tuple[Column[str], CheckConstraint]:
    """Make a column that holds one of ``values`` and the CHECK that sees to it."""
    allowed = ", ".join(f"'{value}'" for value in values)
    return Column(name, String(32), nullable=nullable), CheckConstraint(f"{name} IN ({allowed})", name=name)


def rule(sql: str, name: str) -> CheckConstraint:
    """Make a named CHECK."""
    return CheckConstraint(sql, name=name)


def switch(name: str, *, default: bool) -> Column[bool]:
    """Make a yes or no with a default."""
    return Column(name, Boolean, nullable=False, server_default=true() if default else false())


def insert_new(tx: Connection, table: Table, unique: Sequence[str], where: str | None = None, **values: Any) -> bool:
    """Insert a row unless one with the same ``unique`` columns stands (within a partial index's ``where``).

    Returns whether it was inserted. ON CONFLICT DO NOTHING: no error aborts the transaction, on either engine.
    """
    return tx.execute(_unless_there(tx.dialect.name, table, tuple(unique), where), values).rowcount == 1


@cache
def _unless_there(
    dialect: str, table: Table, unique: tuple[str, ...], where: str | None, *, returning: bool = False
) -> Insert:
    """Build what :func:`insert_new` says, once: SQLAlchemy takes as long to build it as SQLite to do it."""
    index_where = text(where) if where else None
    new = insert_into(dialect, table).on_conflict_do_nothing(index_elements=list(unique), index_where=index_where)
    return new.returning(*(table.c[name] for name in unique)) if returning else new


def insert_fresh(tx: Connection, table: Table, unique: str, rows: Sequence[Mapping[str, Any]]) -> set[int]:
    """Insert those of some rows whose ``unique`` number does not stand yet; returns the numbers that were inserted."""
    new = _unless_there(tx.dialect.name, table, (unique,), None, returning=True)
    return set(tx.execute(new, rows).scalars()) if rows else set()


def put(tx: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any], **first: Any) -> None:
    """Give the row with this unique ``key`` these values; where there is none, insert it with ``first`` as well."""
    tx.execute(_over(tx.dialect.name, table, tuple(key), tuple(values)), {**key, **values, **first})


@cache
def _over(dialect: str, table: Table, key: tuple[str, ...], values: tuple[str, ...]) -> Insert:
    """Build what :func:`put` says, once."""
    new = insert_into(dialect, table)
    return new.on_conflict_do_update(index_elements=list(key), set_={name: new.excluded[name] for name in values})


def insert_into(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Begin an INSERT that may say what to do about a conflict."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
