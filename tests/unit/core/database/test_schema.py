"""The schema: one history, the same on both engines as in ``tables/``, and every choice as its enum has it."""

import re
from enum import StrEnum

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, inspect

from core.carts.rules import CartKind, CartState
from core.catalog.rules import Badge
from core.database.migrate import alembic_config
from core.database.tables import metadata
from core.help.rules import Side, TalkState
from core.i18n import LANGUAGES
from core.money import Currency
from core.orders.carriers import Carrier
from core.orders.rules import PaymentMethod, PaymentStatus, Status
from core.payments.rules import AttemptState
from core.people.rules import Role
from core.points.rules import EntryKind
from core.promotions.rules import PromoKind
from core.settlements.rules import CaseKind, CaseState, Kind, Outcome, Source
from core.shop import Shop
from core.stock.rules import HoldState, MovementKind
from core.storage.rules import MEDIA
from core.suspicion.rules import Verdict
from core.topics.rules import Topic


def test_one_head() -> None:
    """Two people's migrations were put in one line before they met here."""
    scripts = ScriptDirectory.from_config(alembic_config())
    assert len(scripts.get_heads()) == 1
    assert len(scripts.get_bases()) == 1


async def test_the_migrated_schema_is_the_tables(shop: Shop) -> None:
    """Alembic finds nothing to add, drop or change, types and defaults included."""

    def differences(tx: Connection) -> list[object]:
        options = {"compare_type": True, "compare_server_default": tx.dialect.name == "postgresql"}
        return list(compare_metadata(MigrationContext.configure(tx, opts=options), metadata))

    assert await shop.db.write(differences) == []


async def test_the_migrated_checks_are_the_tables(shop: Shop) -> None:
    """Alembic compares no CHECKs: each table has in the database those that ``tables/`` says, and no other."""

    def found(tx: Connection) -> dict[str, set[str | None]]:
        look = inspect(tx)
        return {name: {check["name"] for check in look.get_check_constraints(name)} for name in metadata.tables}

    said = {
        table.name: {f"ck_{table.name}_{check.name}".replace(f"ck_{table.name}_ck_{table.name}", f"ck_{table.name}")
                     for check in table.constraints if isinstance(check, CheckConstraint)}
        for table in metadata.tables.values()
    }  # fmt: skip
    assert await shop.db.read(found) == said


def _checks() -> dict[tuple[str, str], set[str]]:
    """(table, column) → the values its CHECK allows."""
    found = {}
    for table in metadata.tables.values():
        for constraint in table.constraints:
            if isinstance(constraint, CheckConstraint) and " IN (" in str(constraint.sqltext):
                column, values = str(constraint.sqltext).split(" IN ")
                found[table.name, column] = set(re.findall(r"'(\w+)'", values))
    return found


ENUMS: dict[tuple[str, str], type[StrEnum]] = {
    ("products", "badge"): Badge,
    ("stock_movements", "kind"): MovementKind,
    ("holds", "state"): HoldState,
    ("carts", "kind"): CartKind,
    ("carts", "state"): CartState,
    ("promo_codes", "kind"): PromoKind,
    ("point_entries", "kind"): EntryKind,
    ("orders", "status"): Status,
    ("orders", "payment_method"): PaymentMethod,
    ("orders", "payment_status"): PaymentStatus,
    ("orders", "currency"): Currency,
    ("payment_attempts", "state"): AttemptState,
    ("payment_attempts", "currency"): Currency,
    ("roles", "role"): Role,
    ("invitations", "role"): Role,
    ("help_threads", "state"): TalkState,
    ("help_messages", "side"): Side,
    ("settlements", "kind"): Kind,
    ("settlements", "source"): Source,
    ("payment_cases", "kind"): CaseKind,
    ("payment_cases", "state"): CaseState,
    ("payment_cases", "outcome"): Outcome,
    ("order_checks", "verdict"): Verdict,
    ("shipments", "carrier"): Carrier,
    ("topics", "topic"): Topic,
}
PLAIN = {
    ("people", "language"): set(LANGUAGES),
    ("orders", "language"): set(LANGUAGES),
    ("cash_hand_ins", "state"): {"handed", "confirmed"},
    ("inbox", "state"): {"new", "done", "failed", "restored"},
    ("outbox", "state"): {"pending", "sending", "sent", "failed", "restored"},
    ("job_runs", "state"): {"running", "done", "failed"},
    ("backup_copies", "state"): {"waiting", "uploaded", "verified", "failed"},
    ("backup_copies", "target"): {"store", "chat"},
    ("broadcasts", "state"): {"draft", "sending", "paused", "done", "cancelled"},
    ("broadcast_sends", "state"): {"waiting", "sending", "sent", "blocked", "left", "failed", "unsure"},
    ("import_files", "kind"): {"products", "promo_codes"},
    ("import_files", "state"): {"shown", "applied", "dropped"},
    ("hero_slides", "kind"): {"image", "video", "url"},
    ("media_files", "kind"): set(MEDIA),
    ("storage_alerts", "level"): {"ok", "warning", "critical", "emergency"},
    ("storage_alerts", "seen_level"): {"ok", "warning", "critical", "emergency"},
}


def test_every_choice_is_its_enum() -> None:
    """Each CHECK allows exactly the members of the enum that the code reads it with; a new one must be named here."""
    assert _checks() == {key: {member.value for member in enum} for key, enum in ENUMS.items()} | PLAIN


@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_moments_have_zones_and_money_is_whole(table: str) -> None:
    """No column of money is a float, no moment is stored without its zone's type."""
    for column in metadata.tables[table].columns:
        name = type(column.type).__name__
        if re.search(r"price|amount|total|fee|discount", column.name):
            assert name == "BigInteger", column
        assert name not in {"DateTime", "Numeric"}, column
