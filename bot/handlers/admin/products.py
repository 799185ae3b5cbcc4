"""Products as admins see them: the list, one of them, its fields, variants and photos."""

from dataclasses import replace

from bot import taps
from bot.handlers.admin.home import must_run
from bot.me import Me
from bot.screen import Screen
from bot.screens import products as screens
from core.catalog import service
from core.catalog.goods import Change, Field, Goods
from core.catalog.rules import Badge
from core.errors import NotFound, OutOfDate
from core.people import service as people
from core.people.rules import Question

LIST, FIELD, PHOTO, VARIANT = "goods_list", "goods_field", "goods_photo", "goods_variant"
About = taps.OpenGoods | taps.SetBadge | taps.SetShelf | taps.PutGoods | taps.DropPhoto | taps.EditGoods


# ── the list ─────────────────────────────────────────────────────────────────────────────────────────────────────────
async def command(text: str, me: Me) -> Screen:
    """Show all products, or those that the words behind the command name."""
    return await _listed(text, 0, me)


async def found(text: str, me: Me, _question: Question) -> Screen:
    """Look for the next line."""
    return await _listed(text, 0, me)


async def turn(tap: taps.ListGoods, me: Me) -> Screen:
    """Show another page, of all or of what was looked for last."""
    must_run(me)
    asked = await people.question(me.shop, me.person)
    mine = asked if asked is not None and asked.kind == LIST and asked.stamp == tap.asked else None
    if tap.asked and mine is None:
        raise OutOfDate("search_gone")
    return await _listed(mine.data["line"] if mine else "", tap.page, me, mine)


async def _listed(line: str, number: int, me: Me, asked: Question | None = None) -> Screen:
    must_run(me)
    page = await service.listing(me.shop, me.person, line, number)
    asked = asked or await people.ask(me.shop, me.person, "goods_list", chat_id=me.chat_id, line=line)
    screen = screens.listing(me.reader.t, page, asked.stamp)
    return replace(screen, fresh=_in_a_photo(me))


# ── one product ──────────────────────────────────────────────────────────────────────────────────────────────────────
async def open_goods(tap: About, me: Me) -> Screen:
    """Show a product."""
    must_run(me)
    return await _page(await service.look(me.shop, me.person, tap.product_id), me)


async def _page(goods: Goods, me: Me) -> Screen:
    shelves = await service.shelves(me.shop, me.person)
    return replace(screens.goods(me.reader.t, goods, shelves), fresh=_in_a_photo(me))


def _in_a_photo(me: Me) -> bool:
    """Tell whether the tapped message has a picture, below which a page of words does not belong."""
    return me.card is not None and me.card.has_photo


async def open_stocked(tap: taps.OpenStocked | taps.PutGoods, me: Me) -> Screen:
    """Show one of its variants."""
    must_run(me)
    goods = await service.look(me.shop, me.person, tap.product_id)
    one = goods.variant(tap.variant_id)
    if one is None:
        raise NotFound("product_gone")
    return screens.stocked(me.reader.t, goods, one)


async def ask_field(tap: taps.EditGoods, me: Me) -> Screen:
    """Ask what a field should be: by buttons where there are few answers, else in one line."""
    must_run(me)
    goods = await service.look(me.shop, me.person, tap.product_id)
    if tap.field is Field.SHELF:
        return screens.ask_shelf(me.reader.t, goods, await service.shelves(me.shop, me.person))
    if tap.field in {Field.BADGE, Field.PHOTOS}:
        return screens.ask_badge(me.reader.t, goods)
    was = goods.value(tap.field, tap.variant_id)
    about = {"product_id": goods.id, "variant_id": tap.variant_id, "field": tap.field.value, "was": was}
    asked = await people.ask(me.shop, me.person, "goods_field", chat_id=me.chat_id, **about)
    return screens.ask_field(me.reader.t, goods, tap, was, me, asked)


async def field_answered(text: str, me: Me, question: Question) -> Screen:
    """Write what was typed; where somebody was faster, it is shown as it is now, and nothing is asked any more."""
    must_run(me)
    try:
        goods, change = await service.answer(me.shop, me.person, question, text)
    except OutOfDate as late:
        await people.forget_question(me.shop, me.person)
        now = await service.look(me.shop, me.person, int(question.data["product_id"]))
        return (await _page(now, me)).telling(me.reader.t(late.key, **late.values))
    return screens.changed(me.reader.t, change, await _page(goods, me))


async def set_badge(tap: taps.SetBadge, me: Me) -> Screen:
    """Give it another badge, or none."""
    must_run(me)
    was, badge = (Badge(word) if word in set(Badge) else None for word in (tap.before, tap.badge))
    goods, _ = await service.edit(me.shop, me.person, tap.product_id, 0, Change(Field.BADGE, was, badge))
    return (await _page(goods, me)).saying(me.say("goods.saved"))


async def set_shelf(tap: taps.SetShelf, me: Me) -> Screen:
    """Put it on another shelf."""
    must_run(me)
    change = Change(Field.SHELF, tap.before, tap.category_id)
    goods, _ = await service.edit(me.shop, me.person, tap.product_id, 0, change)
    return (await _page(goods, me)).saying(me.say("goods.saved"))


async def put(tap: taps.PutGoods, me: Me) -> Screen:
    """Show or hide it, or one of its variants."""
    must_run(me)
    on_sale = bool(tap.on_sale)
    goods = await service.put(me.shop, me.person, tap.product_id, on_sale=on_sale, variant_id=tap.variant_id)
    screen = await (open_stocked(tap, me) if tap.variant_id else _page(goods, me))
    return screen.saying(me.say("goods.shown" if on_sale else "goods.hidden"))


async def ask_variant(tap: taps.AddStocked, me: Me) -> Screen:
    """Ask for one more variant, in one line."""
    must_run(me)
    goods = await service.look(me.shop, me.person, tap.product_id)
    asked = await people.ask(me.shop, me.person, "goods_variant", chat_id=me.chat_id, product_id=goods.id)
    return screens.ask_variant(me.reader.t, goods, me, asked)


async def variant_answered(text: str, me: Me, question: Question) -> Screen:
    """Add it; the question stays open for the next line."""
    must_run(me)
    goods = await service.add_variant(me.shop, me.person, question, text)
    asked = await people.ask(me.shop, me.person, "goods_variant", chat_id=me.chat_id, product_id=goods.id)
    return screens.more_variants(me.reader.t, await _page(goods, me), me, asked)


# ── photos ───────────────────────────────────────────────────────────────────────────────────────────────────────────
async def photos(tap: taps.OpenPhotos | taps.DropPhoto | taps.MovePhoto | taps.AddPhoto, me: Me) -> Screen:
    """Show one of its photos."""
    must_run(me)
    goods = await service.look(me.shop, me.person, tap.product_id)
    photo = getattr(tap, "photo_id", 0)
    return replace(screens.photos(me.reader.t, goods, photo), fresh=not _in_a_photo(me))


async def ask_photo(tap: taps.AddPhoto, me: Me) -> Screen:
    """Ask for one more photo."""
    must_run(me)
    goods = await service.look(me.shop, me.person, tap.product_id)
    await people.ask(me.shop, me.person, "goods_photo", chat_id=me.chat_id, product_id=goods.id)
    return replace(screens.ask_photo(me.reader.t, goods), fresh=_in_a_photo(me))


async def photo_came(path: str, me: Me, question: Question) -> Screen:
    """Hang a photo that came."""
    goods = await service.hang(me.shop, me.person, int(question.data["product_id"]), path)
    return screens.photos(me.reader.t, goods, goods.album[-1].id)


async def photo_in_words(_text: str, _me: Me, _question: Question) -> Screen:
    """A photo is sent, not typed: say so."""
    raise OutOfDate("photo_wanted")


async def drop_photo(tap: taps.DropPhoto, me: Me) -> Screen:
    """Take a photo out."""
    must_run(me)
    await service.take_down(me.shop, me.person, tap.product_id, tap.photo_id, tap.seen)
    screen = await photos(taps.OpenPhotos(tap.product_id, 0), me)
    return screen.saying(me.say("goods.saved"))


async def move_photo(tap: taps.MovePhoto, me: Me) -> Screen:
    """Bring a photo to another place, and show it there."""
    must_run(me)
    goods, place = await service.move_photo(me.shop, me.person, tap.product_id, tap.photo_id, tap.seen, tap.way)
    return await photos(taps.OpenPhotos(goods.id, goods.album[place].id), me)
