"""A question that was left is closed; the share-my-phone keyboard goes; a left cart is not offered again."""

from bot import taps
from bot.handlers.customer import addresses, buying
from bot.handlers.customer import orders as order_handlers
from bot.me import Me
from core.messages import store as messages
from core.messages.rules import MessageKind, MessageRef
from core.people import service as people
from core.shop import Shop, reader
from tests.support import builders

CHAT = 1001


async def test_a_standing_question_is_known_with_the_person(shop: Shop) -> None:
    """Asked, everybody who looks at the person knows it; forgotten, the next line is no answer."""
    who = await builders.customer(shop, CHAT, "Dara")
    assert not who.asked
    await people.ask(shop, who, "street", cart_id=1, district="1201")
    assert (await people.arrive(shop, CHAT, "Dara")).asked
    await people.forget_question(shop, who)
    assert not (await people.arrive(shop, CHAT, "Dara")).asked
    assert await people.question(shop, who) is None


async def test_an_ordered_cart_shows_its_order_and_no_pay_button(sqlite_shop: Shop) -> None:
    """Old buttons of a cart that was ordered show the order in that message and say so."""
    shop = sqlite_shop
    who = await builders.customer(shop, CHAT, "Dara")
    order = await builders.order(shop, who, await builders.product(shop))
    card = MessageRef(CHAT, 7, has_photo=True)
    await shop.db.write(messages.remember, MessageKind.ORDER_CARD, order.id, card, shop.clock.now())
    me = Me(shop, who, reader(who), CHAT, private=True, card=card)
    for screen in (
        await buying.review(taps.OpenReview(order.cart_id), me),
        await addresses.choose_address(taps.Addresses(order.cart_id), me),
    ):
        packed = [button.tap.pack() for row in screen.rows for button in row if button.tap]
        assert order.number in screen.text
        assert screen.alert
        assert not [value for value in packed if value.startswith("o:")]


async def test_the_card_opened_last_is_the_one_that_lives(sqlite_shop: Shop) -> None:
    """An order opened from a note or a list: that message is the live card from then on."""
    shop = sqlite_shop
    who = await builders.customer(shop, CHAT, "Dara")
    order = await builders.order(shop, who, await builders.product(shop))
    me = Me(shop, who, reader(who), CHAT, private=True, card=MessageRef(CHAT, 99, has_photo=False))
    await order_handlers.open_order(taps.OpenOrder(order.id), me)
    lives = await shop.db.read(messages.ref, CHAT, MessageKind.ORDER_CARD, order.id)
    assert lives == MessageRef(CHAT, 99, has_photo=True)
