"""Buy: from "buy now" over the phone to the placed order. What is asked stands in a row, not in memory."""

from dataclasses import replace

from telegram import Contact

from bot import taps
from bot.handlers.customer import orders, places, storefront
from bot.me import Me
from bot.screen import Screen
from bot.screens import entering as entering_screens
from bot.screens import orders as screens
from core.cards import review_card
from core.carts import service as carts
from core.carts.rules import CLOSED, Cart, CartKind, CartState
from core.checkout import entering
from core.checkout import service as checkout
from core.checkout.service import Wish
from core.errors import Refused
from core.orders import service as order_service
from core.payments import service as payments
from core.people import service as people
from core.people.rules import Question, Rank

OfCart = (
    taps.OpenReview
    | taps.ChangeLine
    | taps.AskPromo
    | taps.DropPromo
    | taps.AskNote
    | taps.DropNote
    | taps.SpendPoints
    | taps.PlaceOrder
)


async def buy_now(tap: taps.BuyNow, me: Me) -> Screen:
    """Start buying one thing at once."""
    cart = await carts.buy_now(me.shop, me.person, tap.variant_id)
    return await review(taps.OpenReview(cart.id), me)


async def review(tap: taps.OpenReview | taps.BuyForMyself, me: Me) -> Screen:
    """Show what will be charged, after asking for whatever is still missing; who works here, for whom it is."""
    clerk = me.person.rank >= Rank.STAFF
    own = not clerk or isinstance(tap, taps.BuyForMyself)
    if own and me.person.phone is None:
        await people.ask(me.shop, me.person, "phone", cart_id=tap.cart_id)
        return screens.ask_phone(me.reader.t)
    found = await checkout.review(me.shop, me.person, tap.cart_id)
    if found.cart.state is not CartState.OPEN:
        return await no_review(me, found.cart)
    if found.address is None:
        return await _ask_where(tap.cart_id, me, own=own)
    card = review_card(me.shop, found, me.reader)
    khqr = payments.offered(me.shop.policy)
    return screens.review(me.reader.t, me.shop.policy.shop_name, card, khqr=khqr, clerk=clerk)


async def _ask_where(cart_id: int, me: Me, *, own: bool) -> Screen:
    """Ask where it goes; who works here is asked first whether it is their ``own``."""
    if own:
        return await places.ask_province(cart_id, me, {})
    return entering_screens.for_whom(me.reader.t, me.shop.policy.shop_name, cart_id)


async def change_line(tap: taps.ChangeLine, me: Me) -> Screen:
    """Count a line up or down, in the basket or in the review of a "buy now"."""
    cart = await carts.change(me.shop, me.person, tap.cart_id, tap.variant_id, tap.quantity)
    return await same_cart(taps.OpenReview(cart.id), me)


async def same_cart(tap: OfCart, me: Me) -> Screen:
    """Show the cart as it stands: the basket, or the review of a "buy now".

    One that was ordered or dropped has no review that could be paid: what stands is the order in this message, or none.
    """
    cart = await carts.cart(me.shop, me.person, tap.cart_id)
    if cart.kind is CartKind.BASKET:
        return await storefront.open_cart(taps.OpenCart(), me)
    if cart.state is CartState.OPEN:
        return await review(taps.OpenReview(cart.id), me)
    return await no_review(me, cart)


async def no_review(me: Me, cart: Cart) -> Screen:
    """Show what stands in place of a cart that can be ordered no more: the order in this message, else the front."""
    order = await order_service.standing(me.shop, me.person, me.card)
    screen = await orders.draw(order, me) if order else await storefront.home(taps.Home(), me)
    return screen.saying(me.say(f"errors.{CLOSED[cart.state]}"), alert=True)


async def phone_answered(text: str, me: Me, question: Question) -> Screen:
    """Keep a typed phone and go on."""
    return await _with_phone(text, me, question, confirmed=False)


async def _with_phone(text: str, me: Me, question: Question, *, confirmed: bool) -> Screen:
    """Keep a phone, typed or ``confirmed`` by Telegram, and go on."""
    me = me.speaking(await people.say_phone(me.shop, me.person, text, question, confirmed=confirmed))
    screen = await review(taps.BuyForMyself(int(question.data["cart_id"])), me)
    return replace(screen, thanks=me.say("ask.phone_kept"))


def dialled(contact: Contact) -> str:
    """Write a contact's number with its country, as some apps leave the plus out."""
    number = contact.phone_number
    return number if number.startswith("+") else f"+{number}"


async def contact_shared(contact: Contact, me: Me, question: Question | None) -> Screen:
    """Keep the phone of the person's own contact; another's is not theirs to give."""
    if contact.user_id != me.person.telegram_id:
        raise Refused("phone_not_yours")
    text = dialled(contact)
    if question is not None and question.kind == "phone":
        screen = await _with_phone(text, me, question, confirmed=True)
    else:
        me = me.speaking(await people.say_phone(me.shop, me.person, text, confirmed=True))
        screen = replace(await storefront.home(taps.Home(), me), thanks=me.say("ask.phone_noted"))
    found = await entering.claim(me.shop, me.person)
    return replace(screen, thanks=me.say("enter.found", count=found)) if found else screen


async def ask_promo(tap: taps.AskPromo, me: Me) -> Screen:
    """Ask for a promo code in one typed line."""
    cart = await carts.cart(me.shop, me.person, tap.cart_id)
    if cart.state is not CartState.OPEN:
        return await no_review(me, cart)
    await people.ask(me.shop, me.person, "promo", cart_id=tap.cart_id)
    return screens.ask_promo(me.reader.t, me.shop.policy.shop_name, tap.cart_id)


async def promo_answered(text: str, me: Me, question: Question) -> Screen:
    """Take what a typed code takes off, and show the review."""
    cart_id = int(question.data["cart_id"])
    await checkout.use_promo(me.shop, me.person, cart_id, text, question)
    return replace(await review(taps.OpenReview(cart_id), me), fresh=True)


async def drop_promo(tap: taps.DropPromo, me: Me) -> Screen:
    """Show the review without the code."""
    await checkout.drop_promo(me.shop, me.person, tap.cart_id)
    return (await review(taps.OpenReview(tap.cart_id), me)).saying(me.say("review.promo_dropped"))


async def ask_note(tap: taps.AskNote, me: Me) -> Screen:
    """Ask for a note to the shop in one typed line."""
    cart = await carts.cart(me.shop, me.person, tap.cart_id)
    if cart.state is not CartState.OPEN:
        return await no_review(me, cart)
    await people.ask(me.shop, me.person, "note", cart_id=tap.cart_id)
    return screens.ask_note(me.reader.t, me.shop.policy.shop_name, tap.cart_id)


async def note_answered(text: str, me: Me, question: Question) -> Screen:
    """Keep a typed note, and show the review."""
    cart_id = int(question.data["cart_id"])
    await checkout.leave_note(me.shop, me.person, cart_id, text, question)
    return replace(await review(taps.OpenReview(cart_id), me), fresh=True)


async def drop_note(tap: taps.DropNote, me: Me) -> Screen:
    """Show the review without the note."""
    await checkout.drop_note(me.shop, me.person, tap.cart_id)
    return (await review(taps.OpenReview(tap.cart_id), me)).saying(me.say("review.note_dropped"))


async def spend_points(tap: taps.SpendPoints, me: Me) -> Screen:
    """Spend points on a cart, as many as have a use, or keep them."""
    await checkout.spend_points(me.shop, me.person, tap.cart_id, spend=tap.spend > 0)
    return await review(taps.OpenReview(tap.cart_id), me)


async def place(tap: taps.PlaceOrder, me: Me) -> Screen:
    """Place the order; this message becomes its live card."""
    order = await checkout.place(me.shop, me.person, Wish(tap.cart_id, tap.method, tap.total, me.card))
    screen = await orders.open_order(taps.OpenOrder(order.id), me)
    return screen.saying(me.say("order.placed"))
