"""Topics: every kind that a group is owed has its own, and a group's threads are remembered, one each."""

from core.messages.rules import MessageKind
from core.orders.notices import FOR_ADMINS, FOR_STAFF
from core.shop import Shop
from core.topics import store
from core.topics.rules import TOPIC_OF, Topic

GROUP = -1001


def test_every_kind_for_a_group_has_its_topic() -> None:
    """What the counter or the admins must see stands in no General; what is for one person has no topic."""
    talk = {MessageKind.HELP_CARD, MessageKind.HELP_ASKED, MessageKind.HELP_TOLD}
    assert set(TOPIC_OF) >= FOR_STAFF | FOR_ADMINS | talk | {MessageKind.BOARD}
    assert not {MessageKind.ORDER_CARD, MessageKind.HELP_ANSWERED, MessageKind.MY_DATA} & set(TOPIC_OF)
    assert set(TOPIC_OF.values()) == set(Topic)


async def test_a_thread_is_remembered_once(shop: Shop) -> None:
    """The second process that begins a topic is told the first one's; a deleted one makes room, another stays."""
    now = shop.clock.now()
    assert await shop.db.read(store.thread, GROUP, Topic.ORDERS) is None
    assert await shop.db.write(store.remember, GROUP, Topic.ORDERS, 7, now) == 7
    assert await shop.db.write(store.remember, GROUP, Topic.ORDERS, 9, now) == 7
    assert await shop.db.write(store.remember, GROUP, Topic.REPORTS, 8, now) == 8
    await shop.db.write(store.forget, GROUP, Topic.ORDERS, 9)
    assert await shop.db.read(store.thread, GROUP, Topic.ORDERS) == 7
    await shop.db.write(store.forget, GROUP, Topic.ORDERS, 7)
    assert await shop.db.write(store.remember, GROUP, Topic.ORDERS, 9, now) == 9
    await shop.db.write(store.forget_all, GROUP)
    assert await shop.db.read(store.thread, GROUP, Topic.REPORTS) is None
