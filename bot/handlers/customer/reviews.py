"""What buyers say: judge what was delivered, read what others say; the counter hides what nobody should read."""

from dataclasses import replace

from bot import taps
from bot.me import Me
from bot.screen import Screen
from bot.screens import reviews as screens
from bot.screens import shop as storefront
from core.cards import product_card
from core.errors import NotFound
from core.people import service as people
from core.people.rules import Question
from core.reviews import service as reviews
from core.reviews.rules import Delivered

OfLine = taps.JudgeLine | taps.GiveStars | taps.DropWords


async def judge_order(tap: taps.JudgeOrder | OfLine, me: Me) -> Screen:
    """Show the lines of a delivered order; the only one there is at once."""
    order = await reviews.of_order(me.shop, me.person, tap.order_id)
    if len(order.lines) == 1:
        return await _line(order, order.lines[0].variant_id, me)
    return screens.lines(me.reader.t, me.shop.policy.shop_name, order)


async def judge_line(tap: taps.JudgeLine, me: Me) -> Screen:
    """Show one delivered line with its stars, to be judged or to be told otherwise."""
    return await _line(await reviews.of_order(me.shop, me.person, tap.order_id), tap.variant_id, me, anew=True)


async def _line(order: Delivered, variant_id: int, me: Me, *, anew: bool = False) -> Screen:
    """Draw a line; where it has its stars and no words yet, or is opened ``anew``, what is typed next is said about it.

    What is typed after the words is none: it would stand in public instead of them, where it is a search.
    """
    line, still = order.line(variant_id), order.open(me.shop.clock.now())
    asking = still and line.stars > 0 and (anew or not line.text)
    if asking:
        await people.ask(me.shop, me.person, "review", order_id=order.order_id, variant_id=variant_id)
    return screens.line(me.reader.t, me.shop.policy.shop_name, order, line, still=still, asking=asking)


async def give_stars(tap: taps.GiveStars, me: Me) -> Screen:
    """Save the stars, and ask for a line about it."""
    order = await reviews.rate(me.shop, me.person, tap.order_id, tap.variant_id, tap.stars)
    return (await _line(order, tap.variant_id, me)).saying(me.say("reviews.saved", stars=screens.stars(tap.stars)))


async def answered(text: str, me: Me, question: Question) -> Screen:
    """Keep what was typed about a line, and show it."""
    order = await reviews.say(me.shop, me.person, question, text)
    return replace(await _line(order, int(question.data["variant_id"]), me), fresh=True)


async def drop_words(tap: taps.DropWords, me: Me) -> Screen:
    """Take back what was written about a line."""
    return await _line(await reviews.unsay(me.shop, me.person, tap.order_id, tap.variant_id), tap.variant_id, me)


async def about(tap: taps.OpenOpinions, me: Me) -> Screen:
    """Show what is said of a product."""
    product = (await me.shop.catalogue.now()).products.get(tap.product_id)
    if product is None:
        raise NotFound("product_gone")
    card = product_card(me.shop, product, me.reader, tap.variant_id)
    page = await reviews.about(me.shop, product.id, tap.page)
    picture = storefront.photo(card, me.reader.t, me.shop.policy.shop_name)
    return screens.about(me.reader.t, card, picture, page)


async def hide(tap: taps.HideOpinion, me: Me) -> Screen:
    """Hide what somebody wrote, or show it again."""
    found = await reviews.hide(me.shop, me.person, tap.opinion_id, hidden=tap.hidden > 0)
    return screens.staff(me.reader.t, found).saying(me.say("reviews.hid" if found.hidden else "reviews.showed"))


async def at_counter(tap: taps.HideOpinion, me: Me) -> Screen:
    """Show the counter's note as it stands; only to staff."""
    return screens.staff(me.reader.t, await reviews.at_counter(me.shop, me.person, tap.opinion_id))
