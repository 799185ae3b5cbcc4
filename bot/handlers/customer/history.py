"""Orders of before: the list, page by page, and the same once more."""

from dataclasses import replace

from bot import taps
from bot.me import Me
from bot.screen import Screen
from bot.screens import history as screens
from core.cards import again_notes, review_card
from core.checkout import service as checkout
from core.orders import service as orders


async def my_orders(_tap: taps.MyOrders, me: Me) -> Screen:
    """Show the person's newest orders."""
    found = await orders.mine(me.shop, me.person)
    return screens.my_orders(me.reader.t, me.shop.policy.shop_name, found, me.shop.config.zone)


async def turn(tap: taps.TurnOrders, me: Me) -> Screen:
    """Show the orders older or newer than one of theirs."""
    found = await orders.mine(me.shop, me.person, tap.way, tap.order_id)
    return screens.my_orders(me.reader.t, me.shop.policy.shop_name, found, me.shop.config.zone)


async def buy_again(tap: taps.BuyAgain, me: Me) -> Screen:
    """Put what an order had into the basket; what changed since stands above it, in a message of its own."""
    again = await checkout.buy_again(me.shop, me.person, tap.order_id, me.update_id)
    review = await checkout.review(me.shop, me.person, again.cart.id)
    card, notes = review_card(me.shop, review, me.reader), again_notes(again, me.reader)
    screen = screens.again(me.reader.t, me.shop.policy.shop_name, again, notes, card)
    count = sum(line.quantity for line in again.cart.lines)
    return replace(screen, fresh=True).saying(me.say("cart.added", count=count))
