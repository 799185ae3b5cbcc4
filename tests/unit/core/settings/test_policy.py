"""The shop's own rules: defaults, what people change, validated, audited, in force in every process."""

import asyncio
from dataclasses import fields
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.config import Config
from core.database.tables import audit
from core.errors import Refused
from core.settings import rules, service, store
from core.settings.rules import Policy
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders
from tests.support.patience import PATIENCE


async def test_a_change_is_in_force_at_once(shop: Shop) -> None:
    """The next use case reads it; the order before keeps what was."""
    dara, rose = await builders.customer(shop), await builders.product(shop)
    before = await builders.order(shop, dara, rose)
    await service.change(shop.db, shop.clock, "fee_capital", 300, None)
    after = await builders.order(shop, dara, rose)
    assert (before.delivery_fee.amount, after.delivery_fee.amount) == (150, 300)


async def test_another_process_hears_of_it(postgres_config: Config, open_shop: OpenShop) -> None:
    """A fee changed in one process is charged by the other."""
    one, two = await open_shop(postgres_config), await open_shop(postgres_config)
    with two.changes.bell("settings") as rung:
        await service.change(one.db, one.clock, "fee_capital", 300, None)
        await asyncio.wait_for(rung.wait(), PATIENCE)
    await two.refresh()
    assert two.policy.fee_capital == 300


async def test_environment_then_people(config: Config, open_shop: OpenShop) -> None:
    """The environment gives the chats until people choose; a saved value that fits nothing any more is left out."""
    config = config.model_copy(update={"staff_chat_id": -5, "admin_chat_id": -6})
    shop = await open_shop(config)
    assert (shop.policy.staff_chat_id, shop.policy.admin_chat_id) == (-5, -6)
    await service.change(shop.db, shop.clock, "staff_chat_id", -7, None)
    for key, value in (("fee_capital", "nonsense"), ("gone_setting", 1)):
        await shop.db.write(store.save, key, value, shop.clock.now())
    policy = service.policy(await shop.db.read(service.saved), config)
    assert (policy.staff_chat_id, policy.admin_chat_id, policy.fee_capital) == (-7, -6, 150)
    await shop.db.write(store.remove, "staff_chat_id")
    assert service.policy(await shop.db.read(service.saved), config).staff_chat_id == -5


@pytest.mark.parametrize(
    ("key", "value"),
    [("fee_capital", -1), ("fee_capital", "150"), ("fee_capital", 1.5), ("fee_capital", True), ("fee_capital", None),
     ("shop_name", 7), ("nothing", 1), ("khqr_hold", 5), ("__class__", "x"), ("staff_language", 1)],
)  # fmt: skip
async def test_a_value_that_does_not_fit(sqlite_shop: Shop, key: str, value: object) -> None:
    """Refused with the setting's name; nothing is saved or audited."""
    with pytest.raises(Refused) as refused:
        await service.change(sqlite_shop.db, sqlite_shop.clock, key, value, None)
    assert refused.value.values == {"setting": key}
    assert await builders.count(sqlite_shop, audit) == 0
    assert await sqlite_shop.db.read(store.load) == {}


@pytest.mark.parametrize(
    ("key", "fitting", "beyond"),
    [("fee_capital", (0, 10**8), (-1, 10**8 + 1)), ("fee_province", (0, 10**8), (-1, 10**8 + 1)),
     ("free_delivery_from", (0, 10**8), (-1, 10**8 + 1)), ("riel_rate", (1000, 100_000), (0, 999, 100_001)),
     ("khqr_hold_minutes", (1, 1440), (0, 1441)), ("khqr_silence_minutes", (1, 10_080), (0, 10_081)),
     ("qr_days", (1, 365), (0, 366)), ("staff_chat_id", (-(2**52), 0, 7), (2**53, 10**30)),
     ("admin_chat_id", (-100_123, 0), (-(2**53),)), ("media_limit_mb", (1, 10**6), (0, -5)),
     ("database_limit_mb", (1,), (0,)), ("logs_limit_mb", (1,), (0,)), ("total_limit_mb", (1,), (0, 10**30)),
     ("warn_percent", (1, 100), (0, 101)), ("critical_percent", (1, 100), (0, 101)),
     ("emergency_percent", (1, 100), (0, 101)),
     ("order_prefix", ("A", "MADAMD"), ("", "md", "TOOLONG", "M D", "M\n", "ÄÖ", "../")),
     ("staff_language", ("en", "km"), ("", "fr", "EN")),
     ("opens", ("00:00", "08:30", "23:59"), ("", "8:30", "24:00", "08:60", "0830", "០៨:៣០")),
     ("closes", ("00:00", "23:59"), ("", "24:00")),
     ("reminder_hours", (0, 3, 72), (-1, 73, "3", True)),
     ("suspicious_names", (0, 2, 100), (-1, 101)), ("suspicious_in_hour", (0, 100), (-1, 101)),
     ("nudge_unclaimed_minutes", (0, 10, 10_080), (-1, 10_081)), ("low_stock", (0, 3, 10_000), (-1, 10_001)),
     ("keep_daily", (1, 7, 366), (0, -1, 367)), ("keep_weekly", (0, 104), (-1,)), ("keep_monthly", (0, 120), (-1,)),
     ("quiet_from", ("21:00",), ("", "21", "24:00")), ("quiet_until", ("08:00",), ("8:00",)),
     ("holidays", ("", "2027-04-14", "2027-04-14 2027-04-15"), ("2027-4-14", "2027-13-01", "tomorrow", " 2027-04-14")),
     ("khqr_account", ("", "madam@devb", "a" * 27 + "@devb"), ("devb", "@devb", "a@", "a@b@c", "a b@c", "a@b\n",
      "a" * 28 + "@devb")),
     ("khqr_name", ("M", "ម៉ាដាម ដា", "x" * 25), ("", "  ", "x" * 26, "Rose 🌹", "two\nlines")),
     ("khqr_city", ("P", "ភ្នំពេញ", "x" * 15), ("", " ", "x" * 16, "🌹", "a\tb")),
     ("shop_name", ("M", "ម៉ាដាម 🌹", "x" * 60), ("", " ", "x" * 61, "two\nlines"))],
)  # fmt: skip
def test_every_rule_has_its_bounds(key: str, fitting: tuple[object, ...], beyond: tuple[object, ...]) -> None:
    """The first and last value that fit, and those just beyond."""
    assert [value for value in fitting if not rules.valid(key, value)] == []
    assert [value for value in beyond if rules.valid(key, value)] == []


@pytest.mark.parametrize(
    ("shop_name", "on_khqr"),
    [("Rose 🌹 House", "Rose House"), ("🌹❤️", "❤"), ("🌹", ""), ("👩\u200d👩\u200d👧", ""),
     ("👨🏻\u200d🍳 Chef", "Chef"), ("\u202eDa\u202c\u200f", "Da"), ("ហាង\u200bដា", "ហាងដា"), ("\u200b", ""),
     ("x" * 60, "x" * 25), ("ម៉ាដាម ដា", "ម៉ាដាម ដា"),
     ("The House of Kampot Pepper", "The House of Kampot"), ("House of Kampot and Pepper", "House of Kampot and"),
     ("ខ្ញុំ" * 6, "ខ្ញុំ" * 5), ("ក្តី" * 7, "ក្តី" * 6)],
)  # fmt: skip
def test_a_shops_name_as_its_khqr_takes_it(shop_name: str, on_khqr: str) -> None:
    """No emoji, 25 characters, cut behind a word or a whole syllable: a banking app shows what the shop is called."""
    assert rules.payee(shop_name) == on_khqr
    assert not on_khqr or rules.valid("khqr_name", on_khqr)


def test_a_name_of_emoji_alone_leaves_the_khqr_its_own() -> None:
    """So too where that was never written down: it would name whoever the shop is by default."""
    before = rules.made({"shop_name": "Kampot"})
    assert rules.made({"shop_name": "🌹"} | rules.following(before, {"shop_name": "🌹"})).khqr_name == "Kampot"


def test_no_rule_is_without_bounds() -> None:
    """A rule that is added must say what it may be set to, or it could not be changed at all."""
    assert set(rules.ALLOWED) == {field.name for field in fields(Policy)}


async def test_a_saved_value_out_of_bounds_gives_way_to_the_default(
    sqlite_shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    """Written by an older Haang: the default is in force, and the log names the setting, not the value."""
    await sqlite_shop.db.write(store.save, "order_prefix", "hunter2", sqlite_shop.clock.now())
    policy = service.policy(await sqlite_shop.db.read(service.saved), sqlite_shop.config)
    assert policy.order_prefix == "MD"
    assert "setting order_prefix" in caplog.text
    assert "hunter2" not in caplog.text


async def test_the_levels_rise(sqlite_shop: Shop) -> None:
    """From warning over critical to emergency each begins above the one before: what would not is refused."""
    db, clock = sqlite_shop.db, sqlite_shop.clock
    for key, value in (("warn_percent", 90), ("critical_percent", 80), ("emergency_percent", 90)):
        with pytest.raises(Refused):
            await service.change(db, clock, key, value, None)
    for key, value in (("emergency_percent", 99), ("critical_percent", 97), ("warn_percent", 96)):
        await service.change(db, clock, key, value, None)
    with pytest.raises(Refused):
        await service.change(db, clock, "critical_percent", 96, None)


async def test_every_change_is_audited(shop: Shop) -> None:
    """Who, what, from, to; the second change knows the first."""
    boss = await builders.worker(shop)
    for value in (200, 300):
        await service.change(shop.db, shop.clock, "fee_capital", value, boss.id)
    rows = await shop.db.read(lambda tx: tx.execute(select(audit).where(audit.c.action == "setting")).all())
    assert [(row.actor_id, row.subject, row.detail) for row in rows] == [
        (boss.id, "fee_capital", {"from": 150, "to": 200}), (boss.id, "fee_capital", {"from": 200, "to": 300}),
    ]  # fmt: skip


def test_the_defaults_are_products() -> None:
    """The figures of PRODUCT's business rules, all of a kind that fits their own rule."""
    policy = Policy()
    assert (policy.fee_capital, policy.fee_province) == (150, 250)
    assert (policy.khqr_hold, policy.khqr_silence) == (timedelta(minutes=15), timedelta(hours=2))
    assert (policy.order_prefix, policy.qr_days) == ("MD", 7)
    assert (policy.points_per_dollar, policy.points_for_dollar, policy.points_days) == (1, 100, 365)
    assert (policy.referral_points, policy.friend_points) == (100, 50)
    assert (policy.suspicious_total, policy.suspicious_first) == (1000_00, 100_00)
    assert (policy.suspicious_in_hour, policy.suspicious_names) == (3, 2)
    assert (policy.keep_daily, policy.keep_weekly, policy.keep_monthly) == (7, 4, 12)
    assert (policy.warn_percent, policy.critical_percent, policy.emergency_percent) == (80, 90, 95)
    assert (policy.total_limit_mb, policy.review_orders) == (1024, 1000)
    assert (policy.database_limit_mb, policy.media_limit_mb, policy.logs_limit_mb) == (100, 500, 50)
    assert all(rules.valid(field.name, getattr(policy, field.name)) for field in fields(Policy))
