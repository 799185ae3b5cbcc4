"""Every screen of the bot, from real cards of a real shop: what the tests of screens walk through.

A new screen is drawn by one of the functions here; the test of its completeness names one that is not.
"""

import html
import re
from dataclasses import replace
from itertools import product

from markupsafe import Markup

from bot import taps
from bot.me import Me
from bot.screen import Screen
from bot.screens import backlog as folding
from bot.screens import boards as boarding
from bot.screens import cash as cashing
from bot.screens import counter, history, payments, privacy, settings, staff
from bot.screens import helping as talking
from bot.screens import orders as buying
from bot.screens import places as placing
from bot.screens import reviews as judging
from bot.screens import shop as storefront
from bot.screens import team as teaming  # noqa: F401 - its shelf stands in a file of its own
from bot.taps import Home
from core import cards
from core.backlog.rules import Digest, NamedOrder
from core.backups.drill import Outcome as Drilled
from core.boards.rules import Counts, Found, Listed, Listing, Page
from core.carts.rules import Cart, CartKind, CartState
from core.cash.rules import Cash, Collection, HandIn, Holding, Purse, Till, by_day, together
from core.catalog.rules import Photo
from core.checkout import service as checkout
from core.checkout.rules import Again, Change, Changed
from core.errors import NotFound, Refused
from core.fulfilment.inbox import Seen, Waiting
from core.help.rules import Media, News, Said, Side, Talk, TalkCard, TalkState
from core.i18n import Translator, translator
from core.money import Currency, Money, usd
from core.orders.rules import (
    CUSTOMERS_REASONS,
    STAFFS_REASONS,
    CancelReason,
    OrderPage,
    PaymentMethod,
    PaymentStatus,
    ReturnReason,
    Status,
)
from core.people.rules import AddressPart, Question, Role
from core.points.rules import Redemption, Standing
from core.privacy.rules import Hindrance, Unfinished
from core.promotions.rules import Promo, PromoKind
from core.reviews.rules import Delivered, Judged, Opinion, OpinionPage
from core.settlements.rules import Act, Case, CaseKind, CaseState, Outcome
from core.shipping import rules as shipping
from core.shop import Reader
from tests.support import (
    admin_shelf,
    card_shelf,
    change_shelf,
    copy_shelf,
    delivery_shelf,
    figures_shelf,
    news_shelf,
    parcel_shelf,
    products_shelf,
    promo_shelf,
    reminder_shelf,
    setup_shelf,
    sheet_shelf,
    team_shelf,
    upkeep_shelf,
)
from tests.support.furnished import EN, KM, ODD, House
from tests.support.furnished import furnish as furnish  # noqa: PLC0414 - tests take it from here
from tests.support.talk import DARA


async def shop_screens(house: House, t: Translator) -> list[Screen]:
    """Front, shelves, products, basket, points."""
    shop, name = house.shop, house.shop.policy.shop_name
    catalogue, who = await shop.catalogue.now(), house.reader(t.language)
    found = catalogue.variant(house.variant)
    assert found is not None
    (shelf,) = catalogue.categories.values()
    card = cards.product_card(shop, replace(found[0], badge=None), who)
    sold_out = cards.product_card(shop, replace(found[0], variants=(replace(found[1], left=0),) * 2), who)
    was = replace(card, old_price="$15.00", badge=t("badge.sale"), kept=True)
    waited_for = replace(sold_out, waits=True, units=2970)
    kept = replace(catalogue.page(shelf.id, 0), number=1, pages=3)
    review = cards.review_card(shop, await checkout.review(shop, house.dara, house.cart), who)
    photo = storefront.photo(card, t, name)
    points = Standing(320, usd(320), 20, shop.clock.now(), 3, "x")
    return [
        storefront.languages(t, name), storefront.home(t, name, [shelf], None),
        storefront.home(t, name, [], "https://x.y", 2970, carries=True, runs=True),
        storefront.shelf(t, name, shelf, replace(catalogue.page(shelf.id, 0), number=1, pages=3)),
        storefront.found(t, name, ODD, replace(catalogue.page(shelf.id, 0), number=1, pages=3), 10**13),
        storefront.nothing_found(t, name, ODD, [shelf]),
        *(storefront.product(t, one, Home(), photo, "Rose #1") for one in (card, sold_out, was, waited_for)),
        storefront.favourites(t, name, kept), storefront.favourites(t, name, replace(kept, products=[])),
        storefront.back_in_stock(t, card, photo),
        storefront.cart(t, name, review), storefront.cart(t, name, None), storefront.lost(t, name),
        *(storefront.heard(t, private=private) for private in (True, False)),
        storefront.points(t, shop.policy, points, "01.01.2027", "1"),
        storefront.points(t, shop.policy, replace(points, friends=0), "", None),
        storefront.refused(t, Refused("phone_invalid")), storefront.refused(t, NotFound()),
    ]  # fmt: skip


async def _buying_screens(house: House, t: Translator) -> list[Screen]:
    shop, name = house.shop, house.shop.policy.shop_name
    who = house.reader(t.language)
    found = await checkout.review(shop, house.dara, house.cart)
    code = Promo(1, "KHQR", PromoKind.PERCENT, 10)
    promo = replace(
        found, promo=code, points=Redemption(5, usd(5)), discount=usd(9), cart=replace(found.cart, note=ODD)
    )
    reviews = [cards.review_card(shop, one, who) for one in (found, replace(found, address=None, gone=1), promo)]
    moved = replace(found, lines=(replace(found.lines[0], fits=False), replace(found.lines[0], moved=True)))
    return [
        buying.ask_phone(t), buying.ask_promo(t, name, 1), buying.ask_note(t, name, 1),
        buying.review(t, name, replace(reviews[0], closed=t("review.closed", when="1")), khqr=False),
        *(buying.review(t, name, one, khqr=True) for one in (*reviews, cards.review_card(shop, moved, who))),
    ]  # fmt: skip


async def place_screens(house: House, t: Translator) -> list[Screen]:
    """Where a parcel goes."""
    name, lists = house.shop.policy.shop_name, shipping.provinces(t.language)
    capital, way = lists[0], shipping.path("120101")
    districts, communes = shipping.districts("12", t.language), shipping.communes("1201", t.language)
    written = [(one, t.pick(*shipping.written(one.province_code, one.district_code, ODD))) for one in house.book]
    return [
        *(placing.provinces(t, name, 1, lists, Home(), pinned=pinned) for pinned in (True, False)),
        placing.districts(t, name, 1, capital, districts, 0), placing.communes(t, name, 1, way[:2], communes),
        placing.street(t, name, 1, way), placing.street(t, name, 1, way[:2]), placing.book(t, name, 1, written),
        placing.address(t, name, 1, *written[0]),
        *(placing.ask_part(t, name, 1, house.book[0], part) for part in AddressPart),
    ]  # fmt: skip


async def _order_screens(house: House, t: Translator) -> list[Screen]:
    name, card = house.shop.policy.shop_name, house.card(t.language)
    to_pay = cards.order_card(house.shop, house.order, house.reader(t.language), house.attempt)
    paid = house.card(t.language, status=Status.DELIVERED, payment_status=PaymentStatus.PAID)
    cancelled = house.card(t.language, status=Status.CANCELLED, cancel_reason=CancelReason.WRONG_ADDRESS)
    received = house.card(t.language, status=Status.OUT, received_at=house.order.placed_at)
    standing = buying.order(t, name, card)
    who = house.reader(t.language)
    basket = cards.review_card(house.shop, await checkout.review(house.shop, house.dara, house.cart), who)
    return [
        buying.order(t, name, to_pay), buying.order(t, name, replace(card, can_renew=True)),
        *(buying.order(t, name, house.card(t.language, status=status)) for status in Status),
        *(staff.order(t, house.card(t.language, Role.OWNER, status=status)) for status in Status),
        *(staff.more(t, house.card(t.language, Role.OWNER, status=status)) for status in Status),
        *(buying.ask_cancel(t, house.order, standing, why) for why in (CUSTOMERS_REASONS, STAFFS_REASONS)),
        *(history.my_orders(t, name, page, house.shop.config.zone) for page in _pages(house)),
        *[history.again(t, name, found, cards.again_notes(found, who), basket) for found in _bought_again(house)],
        *(buying.order(t, name, one) for one in (cancelled, received)),
        *(staff.order(t, one) for one in (cancelled, received)), buying.note(t, "closed", cancelled),
        *(buying.note(t, note, card) for note in ("paid", "out", "delivered", "closed", "not_found")),
        buying.receipt(t, name, paid),
    ]  # fmt: skip


def _pages(house: House) -> list[OrderPage]:
    """No order, and a page in the middle of many."""
    ended = replace(house.order, status=Status.EXPIRED)
    return [OrderPage(()), OrderPage((house.order, *(ended,) * 9), newer=True, older=True)]


def _bought_again(house: House) -> list[Again]:
    """Nothing changed, everything changed, nothing of it is sold."""
    line = house.order.lines[0]
    changes = tuple(Change(kind, line, left=1, price=usd(1300)) for kind in Changed)
    found = Again(house.order, Cart(1, 1, CartKind.BASKET, CartState.OPEN, None, house.order.placed_at, ()))
    return [found, replace(found, changes=changes), replace(found, changes=(Change(Changed.GONE, line),))]


async def opinion_screens(house: House, t: Translator) -> list[Screen]:
    """What buyers say: the lines to judge, the stars, what others said, the counter's note."""
    shop, name, now = house.shop, house.shop.policy.shop_name, house.shop.clock.now()
    found = (await shop.catalogue.now()).variant(house.variant)
    assert found is not None
    card = replace(cards.product_card(shop, found[0], house.reader(t.language)), rating="4.8", rated=12)
    fresh = Judged(1, house.variant, 1, EN, KM, "30 ml", "៣០ មល")
    judged = [fresh, replace(fresh, stars=5), replace(fresh, stars=3, text=ODD)]
    order = Delivered(1, "MD00001", 1, now, tuple(judged))
    said = Opinion(1, 1, 4, ODD, False, now, ODD, "", "MD00001", EN, KM, "", "")  # noqa: FBT003 - shown
    page = OpinionPage((said, replace(said, text="")), 1, 3)
    photo = storefront.photo(card, t, name)
    return [
        judging.lines(t, name, order),
        *(judging.line(t, name, order, one, still=still) for one in judged for still in (True, False)),
        judging.line(t, name, replace(order, lines=(fresh,)), fresh, still=True),
        judging.about(t, card, photo, page), judging.about(t, card, photo, replace(page, opinions=())),
        judging.staff(t, said), judging.staff(t, replace(said, hidden=True)),
        storefront.product(t, replace(card, album=(Photo(0, ""), Photo(7, ""))), taps.Home(), photo),
    ]  # fmt: skip


async def _alerts(_house: House, t: Translator) -> list[Screen]:
    told = [{"metric": metric, "level": level, "percent": 91.4}
            for metric, level in product(("disk", "total"), ("ok", "warning", "critical", "emergency"))]  # fmt: skip
    reasons = [{"metric": "payment", "level": "warning", "number": "MD00001", "reason": reason}
               for reason in ("refund", "review", "earlier")]  # fmt: skip
    drills = [{"metric": outcome, "level": "ok", "name": "db_backup_20261122_030000", "rows": "41,000",
               "seconds": "2.4", "why": "backup_damaged" if outcome == "drill_failed" else "",
               "values": {"name": "db_backup_20261122_030000"}} for outcome in Drilled]  # fmt: skip
    others = [{"metric": "staff_chat", "level": "", "number": "MD1"},
              {"metric": "copies", "level": "critical", "days": 3}]  # fmt: skip
    return [staff.alert(t, data) for data in [*told, *reasons, *drills, *others]]


async def _settings_screens(house: House, t: Translator) -> list[Screen]:
    name, card = house.shop.policy.shop_name, house.card(t.language)
    lines = (card.lines * 5)[:5]
    return [
        *(settings.settings(t, name, replace(house.dara, wants_news=on, wants_reminders=on)) for on in (True, False)),
        *(settings.stopped(t, sentence) for sentence in ("stopped", "reminders_stopped")),
        settings.with_news(t, buying.note(t, "delivered", card), 1), settings.reminder(t, lines),
    ]  # fmt: skip


async def _talk_screens(house: House, t: Translator) -> list[Screen]:
    name, talk = house.shop.policy.shop_name, Talk(1, house.dara.id, TalkState.OPEN, house.order.id)
    card = TalkCard(talk, ODD, "en", house.order.number)
    said = Said(1, 1, Side.SHOP, 1, Media.TEXT, ODD, 1, 1, None, house.shop.clock.now())
    answers = [talking.answer(t, name, replace(said, text=text), 1) for text in (ODD, "")]
    return [
        *(talking.ask(t, name, number, opens) for number, opens in (("MD00001", "08:00"), ("", ""))),
        *(talking.sent(t, more=more) for more in (True, False)), talking.thanked(t), talking.no_talk(t, 1),
        talking.nobody(t, 1),
        *(talking.card(t, replace(card, talk=replace(talk, state=state))) for state in TalkState),
        *(talking.told(t, card, news, None) for news in News), *(one for one in answers if isinstance(one, Screen)),
    ]  # fmt: skip


async def _privacy_screens(house: House, t: Translator) -> list[Screen]:
    name, now = house.shop.policy.shop_name, house.shop.clock.now()
    waiting = [Unfinished(1, "MD00001", why) for why in Hindrance]
    gone = replace(house.order.destination, recipient="", phone="", street="")
    forgotten = replace(house.card(t.language, Role.OWNER, destination=gone, note=""), holder="")
    return [
        privacy.my_data(t, name), privacy.ask_delete(t, name), privacy.ask_again(t, name, now),
        privacy.not_yet(t, name, waiting[:1]), privacy.not_yet(t, name, waiting * 9), privacy.deleted(t, name),
        privacy.file(t, "my_data_20261121.json", b"{}"), staff.order(t, forgotten),
    ]  # fmt: skip


def _cases(house: House) -> list[Case]:
    """A case of every kind, in every state and with every end."""
    now, last = house.shop.clock.now(), {"closed_at": house.shop.clock.now(), "reference": ODD}
    fresh = [Case(9, 1, 1, kind, CaseState.OPEN, usd(1000), 1, now, bank_hash="0123456789") for kind in CaseKind]
    riel = replace(fresh[2], amount=Money(55_400, Currency.KHR))
    claimed, unknown = (replace(fresh[i], amount=usd(0)) for i in (8, 2))
    words = [replace(claimed, proof="p", note="MD00002 MD00003"), claimed, replace(unknown, note="MD")]
    states = [replace(fresh[1], state=state, **last) for state in CaseState]
    return [*fresh, riel, *words, *states, *(replace(states[-1], outcome=outcome) for outcome in Outcome)]


async def money_screens(house: House, t: Translator) -> list[Screen]:
    """The payment inbox, and what its cases say to their customer."""
    shop, name, order = house.shop, house.shop.policy.shop_name, replace(house.order, total=usd(1350))
    who = Reader(replace(house.dara, role=Role.OWNER), t)
    found = [Seen(case, order, (usd(100),), ODD, ODD) for case in _cases(house)]
    drawn = [cards.case_card(shop, one, who) for one in found]
    page = Waiting(tuple((one.case, order.number) for one in found[:10]), 3, more=True)
    chats = [Me(shop, house.dara, who, chat, private=chat > 0) for chat in (-1, DARA)]
    asked = Question("reference", shop.clock.now(), {})
    dara, over = house.reader(t.language), replace(house.attempt, expires_at=house.attempt.created_at)
    looked_at = replace(order, payment_status=PaymentStatus.REVIEW)
    own = [cards.order_card(shop, looked_at, dara, over, [one.case]) for one in found]
    rest = cards.order_card(shop, order, dara, house.attempt, [found[0].case])
    return [
        *(payments.case(t, one, taps.Payments(3) if one.acts else None) for one in drawn),
        payments.waiting(t, page), payments.waiting(t, Waiting(())), payments.waiting(t, Waiting((), 3)),
        *(payments.ask_reference(t, drawn[0], act, me, asked) for act in (Act.APPROVE, Act.SEND) for me in chats),
        *(payments.done(t, drawn[0], act, me) for act in (Act.APPROVE, Act.SEND) for me in chats),
        payments.ask_picture(t, name, order), payments.thanked(t, order), *(buying.order(t, name, one) for one in own),
        buying.order(t, name, rest), counter.ask(t, Markup("MD"), house.dara, asked), counter.not_asked(t),
        payments.which_payment(t, [order, replace(order, status=Status.CANCELLED)]),
    ]  # fmt: skip


async def cash_screens(house: House, t: Translator) -> list[Screen]:
    """Cash at the door, in a courier's hand, in the till."""
    now, order, zone = house.shop.clock.now(), replace(house.order, status=Status.OUT), house.shop.config.zone
    chats = [Me(house.shop, house.dara, house.reader(t.language), chat, private=chat > 0) for chat in (DARA, -5)]
    asked, taken = Question("cash_taken", now, {}), Cash(1000, 14_000, ODD)
    brought = HandIn(1, 1, ODD, taken, now)
    missing = replace(brought, counted=replace(taken, riel=4000), confirmed_at=now, confirmed_by=ODD)
    found = [Collection(i, f"MD{i:05d}", 1, ODD, replace(taken, note=ODD * (i % 2)), now) for i in range(50)]
    mine = Purse(1, ODD, together(one.taken for one in found), by_day(found, zone), (brought,), (missing,))
    till = Till((Holding(1, ODD, mine.held, 50),), (brought,) * 9)
    due = house.card(t.language, Role.COURIER, status=Status.OUT, payment_status=PaymentStatus.DUE)
    cod = {"status": Status.DELIVERED, "payment_status": PaymentStatus.PAID, "payment_method": PaymentMethod.COD}
    delivered = [(house.card(t.language, role, **cod), house.reader(t.language, role)) for role in (None, Role.STAFF)]
    own, theirs = (cards.with_cash(house.shop, card, found[1], who) for card, who in delivered)
    back = house.card(t.language, Role.STAFF, status=Status.RETURNED, return_reason=ReturnReason.NO_MONEY)
    return [
        staff.order(t, due), staff.order(t, theirs), staff.order(t, back),
        buying.order(t, house.shop.policy.shop_name, own), buying.receipt(t, "MADAM DA", own),
        cashing.ask_return(t, order, staff.order(t, due), tuple(ReturnReason)),
        *(cashing.ask_taken(t, due, me, asked) for me in chats), *(cashing.took(t, order, taken, me) for me in chats),
        *(cashing.ask_counted(t, brought, me, asked) for me in chats),
        *(cashing.purse(t, one, zone, own=own) for one in (mine, Purse(1, ODD, Cash(), ())) for own in (True, False)),
        *(cashing.till(t, one, zone, own=own) for one in (till, Till((), ())) for own in (True, False)),
        *(cashing.hand_in(t, one, zone, alone=alone) for one in (brought, missing) for alone in (True, False)),
        *(cashing.counted(t, one) for one in (missing, replace(missing, counted=taken))),
    ]  # fmt: skip


async def digest_screens(house: House, t: Translator) -> list[Screen]:
    """Many new orders named together: none of their cards there, some, all."""
    found = [replace(house.order, id=i, number=f"MD{i:05d}") for i in range(20)]
    stand = ((False,) * 20, (True, False) * 10, (True,) * 20)
    named = (tuple(NamedOrder(order, there) for order, there in zip(found, all_, strict=True)) for all_ in stand)
    return [folding.digest(t, Digest(orders, 120)) for orders in named]


async def board_screens(house: House, t: Translator) -> list[Screen]:
    """The counter's lists, what was found, the board."""
    found = tuple(Listed(i, f"MD{i:05d}", status, usd(1350), ODD, ODD) for i, status in enumerate(Status))
    listed = [(Page(found, 3, more=True), True), (Page(()), False), (Page((), 3), False)]
    counts = Counts(dict.fromkeys(Listing, 12), 7, house.shop.clock.now(), 2, 3)
    return [
        *(boarding.orders(t, one, page, own=own, prints=own) for one in Listing for page, own in listed),
        *(boarding.found(t, ODD, one, 1, 5) for one in (Found(found, 4, more=True), Found(()))),
        *(boarding.board(t, one, house.shop.config.zone) for one in (counts, Counts())),
    ]  # fmt: skip


SHELVES = (
    admin_shelf.screens,
    products_shelf.screens,
    card_shelf.screens,
    change_shelf.screens,
    change_shelf.entered,
    delivery_shelf.screens,
    copy_shelf.screens,
    figures_shelf.screens,
    parcel_shelf.screens,
    promo_shelf.screens,
    reminder_shelf.screens,
    setup_shelf.screens,
    sheet_shelf.screens,
    news_shelf.screens,
    team_shelf.team_screens,
    upkeep_shelf.screens,
    board_screens,
    digest_screens,
    cash_screens,
    money_screens,
    shop_screens,
    _buying_screens,
    place_screens,
    _order_screens,
    opinion_screens,
    _alerts,
    _settings_screens,
    _privacy_screens,
    _talk_screens,
)


async def everything(house: House, language: str) -> list[Screen]:
    """Every screen there is, in one language."""
    drawn = [screen for shelf in SHELVES for screen in await shelf(house, translator(language))]
    assert None not in drawn
    return drawn


def wording(screen: Screen) -> str:
    """All that a person reads on it: text, buttons, what the keyboard below says."""
    sharing = [screen.sharing.text, screen.sharing.placeholder] if screen.sharing else []
    buttons = [button.text for row in screen.rows for button in row]
    return "\n".join([plain(screen.text), *buttons, *sharing])


def plain(text: Markup) -> str:
    """Take a text as it is read."""
    return html.unescape(re.sub(r"<[^<>]*>", "", text))
