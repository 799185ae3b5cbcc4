"""Products as admins see them, for the gallery: drafts, the list, one of them, photos, shelves, goods that come in."""

from dataclasses import replace
from itertools import product

from bot import taps
from bot.me import Me
from bot.screen import Screen
from bot.screens import products, receiving
from core.catalog.captions import Caption, Counting
from core.catalog.goods import Change, Draft, Field, Goods, Proposal, Stocked, propose
from core.catalog.rules import Badge, Category, Photo
from core.catalog.service import GoodsPage
from core.i18n import Translator, sentences
from core.people.rules import Question
from core.receiving.rules import Delivery, Line, Trouble
from core.shop import Reader
from tests.support.furnished import ODD, House
from tests.support.talk import DARA

SHELVES = [(Category(i, f"s{i}", ODD, ODD, "🌹" * (i % 2)), bool(i % 2)) for i in range(1, 5)]
ONE = Stocked(1, 1, ODD, ODD, ODD, 1200, 1500, 700, 20, 18)
TWO = replace(ONE, id=2, sku=ODD, price=100, old_price=None, cost=700, active=False)
GOODS = Goods(1, 1, ODD, ODD, ODD, ODD, Badge.BEST_SELLER, "a.jpg", True, (ONE,), (Photo(3, "b.jpg"),))  # noqa: FBT003 - shown
FEW = replace(GOODS, variants=(ONE, TWO) * 3, name_km="", badge=None, active=False, photo="", photos=())
SAID = Caption(ODD, ODD, ODD, ODD, 1200, 1500, 700, 20, Counting.THERE, "s1", Badge.NEW, ODD)


def _drafts(t: Translator, asked: Question) -> list[Screen]:
    drafts = [Draft(SAID, ("a.jpg", "c.jpg")), Draft(replace(SAID, sku=""), ("a.jpg",), 2), Draft()]
    found = [propose(draft, goods, 1) for draft, goods in product(drafts, (None, GOODS, FEW))]
    words = [key.rpartition(".")[2] for key in sentences("en") if key.startswith("goods.problem.")]
    every = [Proposal(drafts[0], GOODS, ONE, (), (word,), ()) for word in words]
    shown = [products.draft(t, one, SHELVES, asked) for one in (*found, *every)]
    named = [products.draft_new_shelf(t, shown[0], asked), *(products.draft_saved(t, one) for one in (GOODS, FEW))]
    return [*shown, *named, *(products.draft_shelf(t, shown[0], some, asked) for some in (SHELVES, ()))]


def _pages(t: Translator, me: Me, asked: Question) -> list[Screen]:
    page = GoodsPage((GOODS, FEW), 1, 3, 42)
    asks = [products.ask_field(t, GOODS, taps.EditGoods(1, int(what.of_variant), what), GOODS.value(what), me, asked)
            for what in Field if what not in {Field.SHELF, Field.BADGE, Field.PHOTOS}]  # fmt: skip
    return [
        *(products.listing(t, one, 1) for one in (page, replace(page, words=ODD), GoodsPage((), 0, 1, 0))),
        *(products.goods(t, one, SHELVES) for one in (GOODS, FEW)), products.stocked(t, FEW, TWO), *asks,
        products.changed(t, Change(Field.PRICE, 1200, None), products.goods(t, GOODS, SHELVES)),
        *(products.ask_badge(t, one) for one in (GOODS, FEW)), products.ask_shelf(t, GOODS, SHELVES),
        products.ask_variant(t, GOODS, me, asked), products.ask_photo(t, GOODS),
        products.more_variants(t, products.goods(t, GOODS, SHELVES), me, asked),
        *(products.photos(t, one, 3) for one in (GOODS, FEW)),
    ]  # fmt: skip


def _deliveries(t: Translator, me: Me, asked: Question) -> list[Screen]:
    whys = ("unread", "unknown", "twice", "cost", "many")
    troubles = tuple(Trouble(i, ODD, why) for i, why in enumerate(whys, 1))
    lines = (Line(ONE, 20, 350), Line(replace(TWO, cost=None), 5, 300), Line(ONE, 3, None))
    found = [Delivery(lines * 15, (), ODD), Delivery(lines, troubles), Delivery((), ())]
    first = SHELVES[0][0]
    return [
        receiving.ask(t, me, asked), *(receiving.delivery(t, one, asked) for one in found),
        receiving.taken(t, found[0]), *(receiving.shelves(t, some) for some in (SHELVES, [])),
        *(receiving.shelf(t, [(replace(first, name_km=""), True), *SHELVES[1:]], one) for one in (1, 2)),
        *(receiving.ask_shelf(t, one, me, asked) for one in (first, None)),
    ]  # fmt: skip


async def screens(house: House, t: Translator) -> list[Screen]:
    """All of them, in private and in the admin chat."""
    asked = Question("goods_draft", house.shop.clock.now(), {})
    drawn = _drafts(t, asked)
    for chat in (-1, DARA):
        me = Me(house.shop, house.dara, Reader(house.dara, t), chat, private=chat > 0)
        drawn += [*_pages(t, me, asked), *_deliveries(t, me, asked)]
    return drawn
