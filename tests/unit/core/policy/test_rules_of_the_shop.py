"""The rules of the shop, changed by those who run it: compared, checked together, audited, in force everywhere."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from core.checkout import service as checkout
from core.config import Config
from core.database.tables import audit
from core.errors import NotAllowed, NotFound, OutOfDate, Refused
from core.fulfilment.rules import Wanted, propose
from core.money import usd
from core.payments import khqr
from core.payments import service as payments
from core.payments import store as attempts
from core.people import service as people
from core.people.rules import Person, Role
from core.policy import service
from core.policy.rules import Fee, stamp
from core.settings import store as settings_store
from core.settings.known import Kind, Rule
from core.settings.rules import Policy
from core.shipping import rules as shipping
from core.shop import Shop
from core.suspicion import store as suspicion
from core.suspicion.rules import Flag
from core.suspicion.rules import Rule as Suspicion
from tests.conftest import OpenShop
from tests.support import builders
from tests.support.patience import PATIENCE

NOW = stamp(150)


async def _lines(shop: Shop) -> list[tuple[Any, ...]]:
    rows = await shop.db.read(lambda tx: tx.execute(select(audit).where(audit.c.action == "setting")).all())
    return [(row.actor_id, row.subject, row.detail["from"], row.detail["to"]) for row in rows]


async def _boss(shop: Shop, role: Role = Role.OWNER, number: int = 9001) -> Person:
    return await builders.worker(shop, role, number)


async def test_two_processes_and_two_at_once(postgres_config: Config, open_shop: OpenShop) -> None:
    """Both admins saw $1.50: one of two processes changes it, the other hears what it is by now, and charges it.

    The order that was placed keeps its fee and its rate.
    """
    one, two = await open_shop(postgres_config), await open_shop(postgres_config)
    boss, dara, rose = await _boss(one), await builders.customer(two), await builders.product(two)
    before = await builders.order(two, dara, rose)
    await service.change(one, boss, Rule.LOW_STOCK, 5, stamp(3))
    with two.changes.bell("settings") as rung:
        done = await asyncio.gather(
            service.change(one, boss, Rule.FEE_CAPITAL, 200, NOW),
            service.change(two, boss, Rule.FEE_CAPITAL, 200, NOW), return_exceptions=True,
        )  # fmt: skip
        await asyncio.wait_for(rung.wait(), PATIENCE)
    assert sorted(type(found).__name__ for found in done) == ["Changed", "OutOfDate"]
    (late,) = [found for found in done if isinstance(found, OutOfDate)]
    assert (late.key, late.values) == ("errors.setting_moved", {"now": "$2.00"})
    assert (await _lines(one))[1:] == [(boss.id, "fee_capital", 150, 200)]
    await service.change(one, boss, Rule.RIEL_RATE, 4000, stamp(4100))
    after, kept = await builders.order(two, dara, rose), await builders.read(two, before)
    assert [(order.delivery_fee.amount, order.riel_rate) for order in (kept, after)] == [(150, 4100), (200, 4000)]


async def test_an_answer_and_its_question_end_together(sqlite_shop: Shop) -> None:
    """What was typed is taken and asked no more in one transaction: a kill between the two loses neither."""
    shop, boss = sqlite_shop, await _boss(sqlite_shop)
    asked = await people.ask(shop, boss, "province", code="17")
    with pytest.raises(OutOfDate):
        await service.set_province(shop, boss, "17", Fee(300), stamp("200"), asked)
    assert await people.question(shop, boss) == asked
    await service.set_province(shop, boss, "17", Fee(300), stamp("same"), asked)
    assert await people.question(shop, boss) is None
    asked = await people.ask(shop, boss, "holiday")
    with pytest.raises(Refused):
        await service.add_holidays(shop, boss, "soon", asked)
    assert await people.question(shop, boss) == asked
    await service.add_holidays(shop, boss, "14.04.2027", asked)
    assert await people.question(shop, boss) is None
    asked = await people.ask(shop, boss, "policy", rule="fee_capital")
    await service.change(shop, boss, Rule.FEE_CAPITAL, 200, NOW, asked)
    assert await people.question(shop, boss) is None


async def test_as_it_was_made(sqlite_shop: Shop) -> None:
    """Back to the default: the row goes, the audit says from what to what; the value it has already changes nothing."""
    shop, boss = sqlite_shop, await _boss(sqlite_shop)
    await service.change(shop, boss, Rule.FEE_CAPITAL, 200, NOW)
    assert shop.policy.fee_capital == 200
    await service.change(shop, boss, Rule.FEE_CAPITAL, 200, stamp(200))
    done = await service.change(shop, boss, Rule.FEE_CAPITAL, None, stamp(200))
    assert (done.before, done.after, shop.policy.fee_capital) == (200, 150, 150)
    assert "fee_capital" not in await shop.db.read(settings_store.load)
    assert await _lines(shop) == [(boss.id, "fee_capital", 150, 200), (boss.id, "fee_capital", 200, 150)]


async def test_the_khqr_follows_the_shops_name(sqlite_shop: Shop) -> None:
    """The QR shown before stays as it was, the next names the shop anew; what an owner set on purpose stays.

    Nobody said a name for it: it is the shop's, which an older release wrote nowhere. Back by default: the shop's.
    """
    shop, boss = sqlite_shop, await _boss(sqlite_shop)
    await builders.with_khqr(shop)
    order, shown = await builders.khqr_order(shop)
    await service.change(shop, boss, Rule.SHOP_NAME, "Kampot Pepper 🌶", stamp("MADAM DA"))
    assert (boss.id, "khqr_name", "MADAM DA", "Kampot Pepper") in await _lines(shop)
    assert (await shop.db.read(attempts.of_order, order.id))[-1] == shown
    fresh = await shop.db.write(payments.present, shop.policy, order, shop.clock.now())
    assert [khqr.parse(one.payload).name for one in (shown, fresh)] == ["MADAM DA", "Kampot Pepper"]
    await service.change(shop, boss, Rule.KHQR_NAME, "Da Trading", stamp("Kampot Pepper"))
    await service.change(shop, boss, Rule.SHOP_NAME, "Salt", stamp("Kampot Pepper 🌶"))
    assert shop.policy.khqr_name == "Da Trading"
    done = await service.change(shop, boss, Rule.KHQR_NAME, None, stamp("Da Trading"))
    assert (done.after, shop.policy.khqr_name) == ("Salt", "Salt")


async def test_an_admins_name_for_the_shop_leaves_the_khqrs(shop: Shop) -> None:
    """Who is paid is the owners' to say: where an admin renames the shop it stays, unwritten until then or not.

    The audit tells of the shop's name alone. Nobody said the name that stayed: it goes along with an owner's next one.
    """
    boss, admin = await _boss(shop), await _boss(shop, Role.ADMIN, 9002)
    await builders.with_khqr(shop)
    await service.change(shop, admin, Rule.SHOP_NAME, "Kampot", stamp("MADAM DA"))
    assert (shop.policy.shop_name, shop.policy.khqr_name) == ("Kampot", "MADAM DA")
    await service.change(shop, admin, Rule.SHOP_NAME, None, stamp("Kampot"))
    await service.change(shop, admin, Rule.SHOP_NAME, "Salt", stamp("MADAM DA"))
    assert (shop.policy.shop_name, shop.policy.khqr_name) == ("Salt", "MADAM DA")
    assert {line[1] for line in await _lines(shop)} == {"shop_name"}
    await service.change(shop, boss, Rule.SHOP_NAME, "Pepper", stamp("Salt"))
    assert shop.policy.khqr_name == "Pepper"
    assert (boss.id, "khqr_name", "MADAM DA", "Pepper") in await _lines(shop)


async def test_without_an_account_any_name_is_the_khqrs_too(shop: Shop) -> None:
    """Nobody is paid by it yet, so an admin's name goes there; what an owner said stays also then."""
    boss, admin = await _boss(shop), await _boss(shop, Role.ADMIN, 9002)
    await service.change(shop, admin, Rule.SHOP_NAME, "Rose Beauty", stamp("MADAM DA"))
    await service.change(shop, boss, Rule.KHQR_ACCOUNT, builders.ACCOUNT, stamp(""))
    assert shop.policy.khqr_name == "Rose Beauty"
    await service.change(shop, boss, Rule.SHOP_NAME, "Rose Two", stamp("Rose Beauty"))
    assert shop.policy.khqr_name == "Rose Two"
    await service.change(shop, boss, Rule.KHQR_NAME, "Da Trading", stamp("Rose Two"))
    await service.change(shop, boss, Rule.KHQR_ACCOUNT, None, stamp(builders.ACCOUNT))
    await service.change(shop, admin, Rule.SHOP_NAME, "Salt", stamp("Rose Two"))
    assert shop.policy.khqr_name == "Da Trading"


@pytest.mark.parametrize("name", ["Rose", "MADAM DA"])
async def test_what_an_owner_said_stays_on_the_khqr(sqlite_shop: Shop, name: str) -> None:
    """Also where the shop is called so in between, by an admin or them, and where it stood there already.

    "As the shop" lets it go along again, also behind a name of emoji, of which a KHQR takes nothing.
    """
    shop, boss, admin = sqlite_shop, await _boss(sqlite_shop), await _boss(sqlite_shop, Role.ADMIN, 9002)
    await builders.with_khqr(shop)
    await service.change(shop, boss, Rule.KHQR_NAME, name, stamp("MADAM DA"))
    for by, before, after in ((admin, "MADAM DA", "Rose"), (boss, "Rose", "Salt"), (boss, "Salt", "MADAM DA")):
        await service.change(shop, by, Rule.SHOP_NAME, after, stamp(before))
        assert shop.policy.khqr_name == name
    await service.change(shop, boss, Rule.SHOP_NAME, "Kampot", stamp("MADAM DA"))
    await service.change(shop, boss, Rule.KHQR_NAME, None, stamp(name))
    for before, after, payee in (("Kampot", "🌹", "Kampot"), ("🌹", "Pepper", "Pepper")):
        await service.change(shop, boss, Rule.SHOP_NAME, after, stamp(before))
        assert shop.policy.khqr_name == payee


async def test_who_may(sqlite_shop: Shop) -> None:
    """Admins change what is no account; staff change and read nothing; chats and lists are not changed like that."""
    shop = sqlite_shop
    admin, staff = await _boss(shop, Role.ADMIN, 9002), await _boss(shop, Role.STAFF, 9003)
    for rule in Rule:
        allowed = not rule.owners
        with pytest.raises((NotAllowed, NotFound, Refused, OutOfDate)) as refused:
            await service.change(shop, admin, rule, rule.standard, "x")
        assert isinstance(refused.value, NotAllowed) is not allowed, rule
        with pytest.raises(NotAllowed):
            await service.change(shop, staff, rule, rule.standard, stamp(rule.standard))
        with pytest.raises(NotAllowed):
            await service.seen(shop, staff, rule)
    with pytest.raises(Refused) as linked:
        await service.change(shop, await _boss(shop), Rule.STAFF_CHAT_ID, -5, stamp(0))
    assert linked.value.key == "errors.setting_linked"
    for of_staff in (service.add_holidays(shop, staff, "14.04.2027"), service.province(shop, staff, "17"),
                     service.set_province(shop, staff, "17", Fee(1), stamp("same"))):  # fmt: skip
        with pytest.raises(NotAllowed):
            await of_staff
    assert await _lines(shop) == []
    assert {rule for rule in Rule if rule.owners} == {
        Rule.KHQR_ACCOUNT, Rule.KHQR_NAME, Rule.KHQR_CITY, *(rule for rule in Rule if rule.kind is Kind.CHAT),
    }  # fmt: skip


async def test_rules_that_clash_name_each_other(sqlite_shop: Shop) -> None:
    """A warning above "critical", opening as it closes: refused with the name of the other, nothing changed."""
    shop, boss = sqlite_shop, await people.speak(sqlite_shop, await _boss(sqlite_shop), "en")
    for rule, value, other in ((Rule.WARN_PERCENT, 90, "Emergency from"), (Rule.OPENS, "20:00", "Closes")):
        with pytest.raises(Refused) as refused:
            await service.change(shop, boss, rule, value, stamp(rule.standard))
        assert (refused.value.key, refused.value.values) == ("errors.setting_clash", {"rule": other})
    with pytest.raises(Refused) as beyond:
        await service.change(shop, boss, Rule.RIEL_RATE, 41, stamp(4100))
    assert beyond.value.key == "errors.setting_beyond"
    assert (await _lines(shop), shop.policy) == ([], Policy())


async def test_holidays(sqlite_shop: Shop) -> None:
    """Ranges are added and taken out, what is over goes with the next change, a hundred days are the most."""
    shop, boss = sqlite_shop, await _boss(sqlite_shop)
    await shop.db.write(settings_store.save, "holidays", "2026-11-20 2026-12-25", shop.clock.now())
    await service.add_holidays(shop, boss, "14.04.2027 - 16.04.2027")
    assert shop.policy.holidays == "2026-12-25 2027-04-14 2027-04-15 2027-04-16"
    days = [service.today(shop).replace(year=2027, month=4, day=day) for day in (14, 15)]
    await service.remove_holidays(shop, boss, *days)
    assert shop.policy.holidays == "2026-12-25 2027-04-16"
    with pytest.raises(OutOfDate):
        await service.remove_holidays(shop, boss, *days)
    with pytest.raises(Refused) as full:
        await service.add_holidays(shop, boss, "2027-06-01 - 2027-09-07")
    assert full.value.key == "errors.holiday_many"
    assert [line[1] for line in await _lines(shop)] == ["holidays"] * 2


async def test_a_province_of_its_own(sqlite_shop: Shop) -> None:
    """Its fee is charged, and kept when the order changes; free above the sum; no delivery: refused at the end too."""
    shop, boss = sqlite_shop, await _boss(sqlite_shop)
    dara, rose = await builders.customer(shop, province="17"), await builders.product(shop)
    assert await service.set_province(shop, boss, "17", Fee(325), stamp("same")) == Fee.SAME
    order = await builders.order(shop, dara, rose)
    assert order.delivery_fee.amount == 325
    assert (shop.policy.province_fees, shop.policy.no_delivery) == ("17=325", "")
    with pytest.raises(OutOfDate) as late:
        await service.set_province(shop, boss, "17", Fee(1), stamp("same"))
    assert late.value.values == {"now": "$3.25"}
    await service.set_province(shop, boss, "17", Fee.NO_DELIVERY, stamp("325"))
    assert (shop.policy.province_fees, shop.policy.no_delivery) == ("", "17")
    with pytest.raises(Refused) as refused:
        await builders.order(shop, dara, rose)
    assert refused.value.key == "errors.no_zone"
    found = await checkout.review(shop, dara, await builders.cart(shop, dara, (rose, 1)))
    assert (found.ready, found.address is not None) == (False, True)
    await service.set_province(shop, boss, "17", Fee.SAME, stamp("none"))
    assert (await builders.order(shop, dara, rose)).delivery_fee.amount == 250
    assert [line[1:] for line in await _lines(shop)] == [
        ("province_fees", "", "17=325"), ("province_fees", "17=325", ""), ("no_delivery", "", "17"),
        ("no_delivery", "17", ""),
    ]  # fmt: skip
    with pytest.raises(NotFound):
        await service.province(shop, boss, "26")


def test_the_fee_of_a_place() -> None:
    """Its own before its zone's, the capital's too, none above the free sum; what the provinces cost in all."""
    policy = Policy(province_fees="12=100 17=0 18=350", no_delivery="16")
    told = [shipping.fee(code, usd(1000), policy).amount for code in ("12", "17", "18", "16", "01")]
    assert told == [100, 0, 350, 250, 250]
    assert shipping.fee("18", usd(5000), policy).amount == 0
    assert [shipping.delivers(code, policy) for code in ("16", "1601", "160101", "17")] == [False, False, False, True]
    assert [money.amount for money in shipping.province_fees(policy)] == [0, 350]


async def test_an_order_is_not_moved_to_where_nothing_is_sent(sqlite_shop: Shop) -> None:
    """Another province that is closed is refused; an order that goes there already is changed as ever."""
    shop = sqlite_shop
    dara, rose = await builders.customer(shop), await builders.product(shop)
    order = await builders.order(shop, dara, rose)
    closed = Policy(no_delivery="16")
    with pytest.raises(Refused) as refused:
        propose(order, Wanted(where={"place": "160101"}), {}, None, closed, {})
    assert refused.value.key == "errors.no_zone"
    found = propose(order, Wanted(where={"place": "120102"}), {}, None, Policy(no_delivery="12"), {})
    assert found.total.delivery == order.delivery_fee


async def test_what_is_suspicious_is_a_rule(sqlite_shop: Shop) -> None:
    """A first order of $12 is looked at where the rule says $10; 0 is never, however large."""
    shop, boss = sqlite_shop, await _boss(sqlite_shop)
    rose, gold = await builders.product(shop), await builders.product(shop, cents=200_000, sku="GOLD")
    await service.change(shop, boss, Rule.SUSPICIOUS_TOTAL, 0, stamp(100_000))
    await service.change(shop, boss, Rule.SUSPICIOUS_FIRST, 1000, stamp(10_000))
    dara = await builders.customer(shop)
    found = await shop.db.read(suspicion.check, (await builders.order(shop, dara, rose)).id)
    assert found is not None
    assert found.flags == (Flag(Suspicion.FIRST),)
    assert await shop.db.read(suspicion.check, (await builders.order(shop, dara, gold)).id) is None
