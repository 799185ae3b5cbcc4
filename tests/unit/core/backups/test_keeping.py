"""The use cases of backups: what may be asked for, by whom, and what is known of what stands there."""

import json
import os
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from typer.testing import CliRunner

from core.backups import forms
from core.backups import service as backups
from core.backups.archive import Fault
from core.backups.retention import Reason
from core.commands import backups as commands
from core.config import version
from core.database import tables as t
from core.errors import NotAllowed, Refused
from core.people.rules import Role
from core.shop import Shop
from tests.support import builders
from tests.unit.core.backups.made import RECIPIENT, SECRET, filled, made


async def test_a_backup_says_what_it_is(sqlite_shop: Shop, tmp_path: Path) -> None:
    """Version, series, note and the shop's one number; each table is told of; written elsewhere, nothing goes."""
    told: list[tuple[str, int, int]] = []
    first = await backups.backup(
        sqlite_shop, "manual", note="  before\nthe move ", told=lambda *step: told.append(step)
    )  # fmt: skip
    manifest = first.manifest
    assert (manifest.app, manifest.series, manifest.note) == (version(), "manual", "before the move")
    assert manifest.app
    assert [table for table, _, _ in told] == [table.table for table in manifest.tables]
    assert [(done, of) for _, done, of in told] == [(n, len(told)) for n in range(1, len(told) + 1)]
    sqlite_shop.clock.move(timedelta(days=800))
    second = await backups.backup(sqlite_shop, folder=tmp_path / "elsewhere")
    assert second.manifest.shop == manifest.shop > 0
    assert (second.path.parent, second.manifest.series) == (tmp_path / "elsewhere", "database")
    assert first.path.exists()


REFUSALS = [
    ({"form": "xml"}, "backup_form"), ({"note": "x" * 201}, "backup_note_long"),
    ({"encrypt": True}, "backup_no_recipient"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "key"), REFUSALS)
async def test_what_cannot_be_is_refused_before_anything_is_written(
    sqlite_shop: Shop, asked: dict[str, str | bool], key: str
) -> None:
    """Another form, a letter as a note, encryption for nobody: a sentence, and the folder is not even made."""
    with pytest.raises(Refused, match=key):
        await backups.backup(sqlite_shop, **asked)
    assert not sqlite_shop.config.backup_dir.exists()


async def test_with_a_key_set_nothing_is_written_in_the_open(sqlite_shop: Shop) -> None:
    """Encrypted unless somebody says otherwise; a readable file only in so many words."""
    sqlite_shop.config = sqlite_shop.config.model_copy(update={"backup_recipient": RECIPIENT})
    killed = sqlite_shop.config.data_dir / ".db_backup_20200101_000000.partial"
    killed.write_text("the snapshot of one that was killed")
    os.utime(killed, (0, 0))
    made = await backups.backup(sqlite_shop)
    assert made.manifest.recipient == RECIPIENT
    assert forms.check(made.path, str(SECRET)).recipient == RECIPIENT
    assert not list(sqlite_shop.config.data_dir.glob(".*"))
    with pytest.raises(Refused, match="backup_readable_encrypted"):
        await backups.backup(sqlite_shop, form="json")
    readable = await backups.backup(sqlite_shop, "manual", form="json", compress=True, encrypt=False)
    assert readable.path.name.endswith(".json.gz")
    assert forms.check(readable.path).rows == readable.manifest.rows


async def test_only_who_runs_the_shop_may(sqlite_shop: Shop) -> None:
    """Staff and couriers are refused whatever they ask for; an admin leaves a line of the audit each time."""
    shop = sqlite_shop
    name = (await backups.backup(shop)).path.name
    asked: list[Callable[[object], Awaitable[object]]] = [
        lambda by: backups.backup(shop, by=by), lambda by: backups.check(shop, name, by=by),
        lambda by: backups.prune(shop, by=by), lambda by: backups.pin(shop, name, by=by),
        lambda by: backups.pin(shop, name, pinned=False, by=by), lambda by: backups.listing(shop, by=by),
    ]  # fmt: skip
    for number, role in enumerate((Role.STAFF, Role.COURIER), 8001):
        worker = await builders.worker(shop, role, number, "Sok")
        for ask in asked:
            with pytest.raises(NotAllowed):
                await ask(worker)
    admin = await builders.worker(shop, Role.ADMIN, 8003, "Vanna")
    for ask in asked:
        await ask(admin)
    lines = select(t.audit.c.action).where(t.audit.c.subject == "backup").order_by(t.audit.c.id)
    found = await shop.db.read(lambda tx: list(tx.execute(lines).scalars()))
    assert found == [f"backup.{word}" for word in ("make", "check", "prune", "pin", "unpin")]


async def test_a_damaged_one_is_no_last_backup(sqlite_shop: Shop) -> None:
    """A check that finds something is remembered: the night before counts as the last good one, the list says so."""
    shop = sqlite_shop
    assert await backups.last_verified(shop) is None
    first = await backups.backup(shop)
    shop.clock.move(timedelta(days=1))
    last = await backups.backup(shop)
    assert await backups.last_verified(shop) == shop.clock.now()
    file = last.path / "data" / "settings.jsonl.zst"
    file.write_bytes(bytes(reversed(file.read_bytes())))
    assert await backups.check(shop, last.path.name) == (Fault("data/settings.jsonl.zst", "changed"),)
    assert await backups.last_verified(shop) == shop.clock.now() - timedelta(days=1)
    listed = await backups.listing(shop)
    assert [(one.standing.name, one.keep, one.reason) for one in listed] == [
        (last.path.name, True, Reason.DAMAGED), (first.path.name, True, Reason.DAILY),
    ]  # fmt: skip
    (first.path / "manifest.json").write_text("{}")
    with pytest.raises(Refused, match="backup_damaged"):
        await backups.check(shop, first.path.name)
    assert await backups.last_verified(shop) is None


async def test_a_backup_from_the_future_is_no_news(sqlite_shop: Shop) -> None:
    """Made by a clock that ran ahead, it does not hide that there was none since."""
    await backups.backup(sqlite_shop)
    sqlite_shop.clock.move(timedelta(days=-400))
    assert await backups.last_verified(sqlite_shop) is None


async def test_a_copy_elsewhere_is_listed(sqlite_shop: Shop) -> None:
    """The list names each copy with its state."""
    made = await backups.backup(sqlite_shop)
    row = {"backup": made.path.name, "target": "store", "state": "verified", "at": sqlite_shop.clock.now()}
    await sqlite_shop.db.write(lambda tx: tx.execute(t.backup_copies.insert().values(row)) and None)
    (listed,) = await backups.listing(sqlite_shop)
    assert [(copy.target, copy.state) for copy in listed.copies] == [("store", "verified")]


async def test_rules_that_keep_nothing_remove_nothing(sqlite_shop: Shop) -> None:
    """All three at nought, or one below: refused, and what stands there stands."""
    made = await backups.backup(sqlite_shop)
    for daily, weekly in ((0, 0), (-1, 4)):
        with pytest.raises(Refused, match="retention_empty"):
            await backups.prune(sqlite_shop, daily=daily, weekly=weekly, monthly=0)
    assert made.path.exists()


async def test_a_dead_database_tells_no_password(sqlite_shop: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    """A PostgreSQL that does not answer: one sentence; its address with the password stands nowhere."""
    url = SecretStr("postgresql://haang:very-secret@127.0.0.1:1/haang")
    sqlite_shop.config = sqlite_shop.config.model_copy(update={"database_url": url})
    with pytest.raises(Refused) as refused:
        await backups.backup(sqlite_shop)
    said = "".join(capfd.readouterr()) + str(refused.value) + str(refused.value.values)
    assert refused.value.key == "errors.backup_unreadable"
    assert "very-secret" not in said


@pytest.fixture
def typed(
    sqlite_template: Path, tmp_path: Path, no_settings: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., tuple[int, str]]]:
    """A way to type a command in a practice shop whose database is gone and whose backup lies there."""
    monkeypatch.setenv("HAANG_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HAANG_BACKUP_DIR", str(tmp_path / "backups"))
    made(filled(sqlite_template, tmp_path / "haang.sqlite3", 2), tmp_path / "backups" / "sandbox", note="by hand")
    before = os.umask(0o077)

    def type_(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(commands.app, words)
        return done.exit_code, done.stdout

    yield type_
    os.umask(before)


def test_check_as_typed(typed: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    """Whole: a sentence and 0. Damaged: a sentence for each file and 1, by name, path or as the newest; no database."""
    name = "db_backup_20261121_030000"
    path = tmp_path / "backups" / "sandbox" / name
    code, said = typed("check")
    assert (code, said.startswith(f"{name}: "), said.endswith(" rows, read back and equal.\n")) == (0, True, True)
    (path / "data" / "people.jsonl.zst").write_bytes(b"")
    (path / "more").write_text("?")
    wrong = ["data/people.jsonl.zst is not as it was written.", "more does not belong there."]
    for words in ((), (name,), (str(path),), ("--all",)):
        assert typed("check", *words) == (1, f"{name}: {' '.join(wrong)}\n")
    code, said = typed("check", "--json", name)
    assert (code, json.loads(said)) == (1, [{"name": name, "whole": False, "wrong": wrong}])
    assert typed("check", "nowhere") == (1, "nowhere: nowhere is no backup, or it is not there.\n")
    assert typed("check", "--nonsense")[0] == 2


def test_list_as_typed(typed: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    """Also where the database is gone: name, note, what is wrong and what the rules do."""
    code, said = typed("list", "--json")
    (one,) = json.loads(said)
    assert (code, one["note"], one["verified"], one["keep"], one["pinned"]) == (0, "by hand", True, True, False)
    (tmp_path / "backups" / "sandbox" / one["name"] / "data" / "people.jsonl.zst").write_bytes(b"")
    code, said = typed("list")
    assert code == 0
    assert all(word in said for word in (one["name"], "DAMAGED", "left", "“by"))
