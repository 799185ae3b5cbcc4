"""Who did what: one list of two tables, page by page, searched; written in one place, changed in none."""

import ast
from datetime import timedelta
from functools import reduce
from importlib import import_module
from pathlib import Path

import pytest

from core.broadcasts.rules import Act
from core.clock import SteppedClock
from core.config import ROOT
from core.database.tables import audit as table
from core.errors import NotAllowed
from core.help import service as help_service
from core.help.rules import Media, Written
from core.i18n import sentences
from core.maintenance.rules import Work
from core.orders.rules import Move, Order
from core.people import service as people
from core.people.rules import Person, Role
from core.promotions import service as promotions
from core.promotions.rules import PromoKind
from core.settings import service as settings
from core.settings import store as settings_store
from core.shop import Shop
from core.team import audit
from core.team import service as team
from core.team.rules import AuditPage, Deed, News
from tests.support import builders


async def _day(shop: Shop, clock: SteppedClock) -> tuple[Person, Person, Order]:
    """Boss sets the rate and makes Sokha staff, who prepares Dara's order; a minute between any two."""
    boss = await builders.worker(shop, Role.OWNER, 9001, "Boss")
    clock.move(timedelta(minutes=1))
    await settings.change(shop.db, shop.clock, "riel_rate", 4050, boss.id)
    clock.move(timedelta(minutes=1))
    done = await team.add(shop, boss, 2001, "Sokha", Role.STAFF)
    clock.move(timedelta(minutes=1))
    order = await builders.order(shop, await builders.customer(shop), await builders.product(shop))
    clock.move(timedelta(minutes=1))
    sokha = await people.arrive(shop, 2001, "Sokha")
    assert sokha.id == done.person_id
    await builders.moved(shop, sokha, order, Move.PREPARE)
    return boss, sokha, order


def _told(page: AuditPage) -> list[tuple[str, str, str]]:
    return [(one.who, one.what, one.subject) for one in page.deeds]


async def test_everything_newest_first(sqlite_shop: Shop, clock: SteppedClock) -> None:
    """Settings, roles and moves in one list, each once; a customer's own doing stands under their order only."""
    boss, sokha, order = await _day(sqlite_shop, clock)
    number = order.number
    work = [("Sokha", "prepare", number), ("Sokha", "confirm", number)]
    rest = [("Boss", "grant", "Sokha"), ("Boss", "setting", "riel_rate"), ("", "grant", "Boss")]
    assert _told(await audit.read(sqlite_shop, boss)) == [*work, *rest]
    assert _told(await audit.read(sqlite_shop, boss, number.lower())) == [*work, ("Dara", "placed", number)]
    with pytest.raises(NotAllowed):
        await audit.read(sqlite_shop, sokha)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("sokha", ["prepare", "confirm", "grant"]), ("BOSS", ["grant", "setting", "grant"]), ("riel", ["setting"]),
        ("MD99999", []), ("100%_", []), ("nobody at all", []), ("made", ["grant", "grant"]),
    ],
)  # fmt: skip
async def test_searched(sqlite_shop: Shop, clock: SteppedClock, words: str, found: list[str]) -> None:
    """By who did it or to whom, by an order's number, a setting, a word of how it is told; signs are signs."""
    boss, *_ = await _day(sqlite_shop, clock)
    page = await audit.read(sqlite_shop, boss, words, None, lambda word: frozenset({"grant"} if word == "made" else ()))
    assert [one.what for one in page.deeds] == found


async def test_ten_a_page(sqlite_shop: Shop, clock: SteppedClock) -> None:
    """Fifty lines and an order's events come ten at a time, each once, also where more is written meanwhile."""
    boss, _, order = await _day(sqlite_shop, clock)
    for number in range(20):
        await settings.change(sqlite_shop.db, sqlite_shop.clock, "riel_rate", 4001 + number, boss.id)
    seen: list[Deed] = []
    page = await audit.read(sqlite_shop, boss)
    while page.next is not None:
        seen += page.deeds
        assert len(seen) < 30  # else it goes round
        await settings.change(sqlite_shop.db, sqlite_shop.clock, "riel_rate", 5000, boss.id)
        page = await audit.read(sqlite_shop, boss, before=page.next)
    seen += page.deeds
    assert len(seen) == 25
    assert [one.detail["to"] for one in seen[:20]] == list(range(4020, 4000, -1))
    assert [one.what for one in seen[20:]] == ["prepare", "confirm", "grant", "setting", "grant"]
    assert order.number in {one.subject for one in seen}


async def test_what_wrote_nothing_before(sqlite_shop: Shop, clock: SteppedClock) -> None:
    """A talk that staff close and a promo code that is made stand there; a customer's own closing does not."""
    boss, _, _ = await _day(sqlite_shop, clock)
    await builders.with_khqr(sqlite_shop, staff_chat_id=-100)
    await sqlite_shop.refresh()
    dara = await builders.customer(sqlite_shop)
    for number, closer in ((1, boss), (2, dara)):
        await help_service.say(sqlite_shop, dara, Written(1001, number, Media.TEXT, "Hello", None, ""))
        await help_service.close(sqlite_shop, closer, 1)
    await promotions.create(sqlite_shop, "ROSE", PromoKind.PERCENT, 10, by=boss)
    assert _told(await audit.read(sqlite_shop, boss))[:2] == [
        ("Boss", "promo", "ROSE"),
        ("Boss", "talk_closed", "Dara"),
    ]


async def test_who_is_forgotten_has_no_name_there(sqlite_shop: Shop, clock: SteppedClock) -> None:
    """Their lines stand, in nobody's name; the shop's own say so."""
    boss, _, _ = await _day(sqlite_shop, clock)
    await sqlite_shop.db.write(settings_store.write_audit, clock.now(), 999, "hide", "review", 1)
    assert _told(await audit.read(sqlite_shop, boss))[0] == ("?", "hide", "")


def test_nothing_changes_or_removes_a_line() -> None:
    """Of all code only forgetting a person touches a line that stands, to take a number out; one place writes any."""
    found = set()
    for path in (ROOT / "core").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and any(ast.unparse(one) == table.name for one in node.args[:1]):
                found.add((path.relative_to(ROOT / "core").as_posix(), ast.unparse(node.func)))
    changing = {one for one in found if not one[1].startswith("select")}
    assert changing == {("settings/store.py", "insert"), ("privacy/store.py", "update")}


VARYING = {"person.id", "what", "kind", "move", "step.move", "f'order.{what}'", "f'order.{verdict}'",
           "f'order.{done}'", "f'payment.{name}'", "f'group.{heard}'",
           "f'work.{work}'", "f'news.{act}'", "action"}  # fmt: skip
"""How the code names a deed that is one of several: those are listed in the test."""


def _kinds() -> set[str]:
    """Every kind of line and event that the code writes, a constant by what it is, any other as it is written."""
    found = set()
    for path in (ROOT / "core").rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            function = ast.unparse(node.func).rsplit(".", 1)[-1] if isinstance(node, ast.Call) else ""
            if isinstance(node, ast.Call) and function in {"write_audit", "write_event", "_event"}:
                given = node.args[{"write_audit": 3, "write_event": 2, "_event": 4}[function]]
                for one in (given.body, given.orelse) if isinstance(given, ast.IfExp) else (given,):
                    found.add(str(_constant(one, path)))
    return found


def _constant(node: ast.expr, path: Path) -> object:
    if isinstance(node, ast.Constant):
        return node.value
    first, *rest = ast.unparse(node).split(".")
    names = vars(import_module(".".join(path.relative_to(ROOT).with_suffix("").parts)))
    if isinstance(node, ast.Name | ast.Attribute) and first in names:
        return reduce(getattr, rest, names[first])
    return ast.unparse(node)


def test_every_deed_has_its_words() -> None:
    """What the code writes down is told in words; of what is put together, each that there can be."""
    kinds = _kinds() - VARYING
    payments = ("approve", "refund", "reject", "send_refund", "finish_refund")
    varying = {*Move, "order.note", "product.hide", "product.show"}
    varying |= {*(f"payment.{name}" for name in payments), *(f"group.{news}" for news in News)}
    varying |= {*(f"work.{work}" for work in Work), *(f"news.{act}" for act in Act)}
    varying |= {
        f"backup.{did}"
        for did in ("make", "check", "prune", "pin", "unpin", "media", "media_restore", "drill", "from_chat")
    }
    told_by_events = {kind for kind in kinds if kind.startswith("order.")}
    missing = {kind for kind in (kinds - told_by_events) | varying if f"audit.did.{kind}" not in sentences("en")}
    assert missing == set()
    assert len(kinds) > 20
