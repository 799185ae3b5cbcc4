"""The bot's place in the shop's groups is told once; who blocked the bot is left in peace until they let it in."""

from datetime import timedelta

from sqlalchemy import Connection, select

from core.carts import service as carts
from core.clock import SteppedClock
from core.database.tables import outbox
from core.messages.rules import MessageKind
from core.people import service as people
from core.people.rules import Role
from core.reminders import service as reminders
from core.shop import Shop
from core.stock import store as stock
from core.team import membership
from core.team.rules import News, Standing
from core.waiting import service as waiting
from tests.support import builders

STAFF, ADMINS, OWNER, ADMIN = -100, -200, 9001, 3001
OUT, INSIDE, LEADS = Standing.OUT, Standing.INSIDE, Standing.LEADS


async def _house(shop: Shop) -> None:
    await builders.with_khqr(shop, staff_chat_id=STAFF, admin_chat_id=ADMINS)
    await builders.worker(shop, Role.OWNER, OWNER, "Boss")
    await builders.worker(shop, Role.ADMIN, ADMIN, "Admin")
    await builders.worker(shop, Role.STAFF, 2001, "Sokha")


async def _told(shop: Shop) -> list[tuple[int, str, str]]:
    """Which alerts wait; taken out, as if they had been sent."""

    def take(tx: Connection) -> list[tuple[int, str, str]]:
        rows = tx.execute(select(outbox).where(outbox.c.kind == "alert").order_by(outbox.c.id)).all()
        tx.execute(outbox.delete())
        return [(row.chat_id, row.data["metric"], row.data["name"]) for row in rows]

    return await shop.db.write(take)


async def test_put_out_and_let_in_again(sqlite_shop: Shop) -> None:
    """Everybody who runs the shop hears it in private, once for each trouble, and that it is over; others never."""
    shop = sqlite_shop
    await _house(shop)
    assert await membership.moved(shop, STAFF, LEADS, OUT, "Vanna") is News.LOST
    assert await _told(shop) == [(OWNER, "staff_lost", "Vanna"), (ADMIN, "staff_lost", "Vanna")]
    assert await membership.moved(shop, STAFF, LEADS, OUT, "Vanna") is None  # the same update, worked once more
    assert await membership.moved(shop, STAFF, OUT, INSIDE, "Vanna") is News.BACK
    assert [metric for _, metric, _ in await _told(shop)] == ["staff_back"] * 2
    assert await membership.moved(shop, ADMINS, LEADS, INSIDE) is News.DEMOTED
    assert await membership.moved(shop, ADMINS, INSIDE, LEADS) is News.BACK
    assert await membership.moved(shop, STAFF, INSIDE, LEADS) is None
    assert {metric for _, metric, _ in await _told(shop)} == {"admin_demoted", "admin_back"}
    assert await membership.moved(shop, -999, INSIDE, OUT) is None
    assert await _told(shop) == []


async def test_another_group_has_troubles_of_its_own(sqlite_shop: Shop) -> None:
    """Put out of the old group, a new one is linked: to be put out of that one is news again."""
    shop = sqlite_shop
    await _house(shop)
    await membership.moved(shop, STAFF, INSIDE, OUT)
    await builders.with_khqr(shop, staff_chat_id=-300)
    assert await membership.moved(shop, -300, INSIDE, OUT) is News.LOST
    assert await membership.moved(shop, STAFF, OUT, INSIDE) is None


async def test_who_blocked_the_bot_is_left_in_peace(sqlite_shop: Shop, clock: SteppedClock) -> None:
    """No reminder of a basket, no word that it is back, no note of an order while they do; all of it afterwards."""
    shop = sqlite_shop
    rose, dara = await builders.product(shop, 1), await builders.customer(shop)
    gone = await builders.product(shop, 0, sku="GONE")
    await waiting.ask(shop, dara, gone)
    await carts.add(shop, dara, rose)
    await people.blocked(shop, 1001)
    clock.move(timedelta(hours=4))

    async def owed() -> set[str]:
        await reminders.remind(shop)
        await waiting.tell(shop)
        return {kind for chat, kind in await builders.owed(shop) if chat == 1001}

    await shop.db.write(stock.receive, gone, 1, clock.now())
    assert await owed() == set()
    await people.blocked(shop, 1001, blocked=False)
    assert await owed() == {MessageKind.CART_REMINDER, MessageKind.BACK_IN_STOCK}
