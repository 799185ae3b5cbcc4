"""The bot's name written in another chat: what is offered there, in whose language, and whose link it carries."""

import shutil

import pytest

from bot.dispatch import FAILURES
from bot.fetching import ALLOWED
from bot.offering import CACHED
from bot.sandbox import inline
from core import doors
from core.catalog.rules import PAGE
from core.config import ROOT
from core.doors import Goal
from core.i18n import translator
from core.people import service as people
from core.people import store as people_store
from core.points import service as points
from core.shop import Shop
from tests.support import builders
from tests.support.talk import BOPHA, DARA, OTHER_GROUP, Json, Talk, keys, said

LINK = "https://t.me/madam_da_bot?start="
EVERY = [
    "🌹",
    "ស" * 400,
    "x" * 400,
    "#",
    "#0",
    "#99",
    "# 1",
    "rose #x",
    "\u202e<b>",
    "\x00",
    "'; --",
    "ឥ\u17d2",
    "  \n ",
]


@pytest.fixture
def open_door(shop: Shop) -> Shop:
    """A shop whose bot has a name."""
    shop.door = lambda payload: LINK + payload
    return shop


@pytest.fixture
def photo(shop: Shop) -> str:
    """A product's picture, where products look for theirs."""
    file = shop.config.media_dir / "products" / "rose.webp"
    file.parent.mkdir(parents=True)
    shutil.copyfile(ROOT / "core/catalog/sample/photos/velvet-lipstick.webp", file)
    return "products/rose.webp"


async def _asked(talk: Talk, person: int, line: str, offset: str = "", chat: int = OTHER_GROUP) -> Json:
    """Write the bot's name and a line in a chat; returns the bot's answer as Telegram keeps it."""
    world = talk.sandbox.world
    number = inline.ask(world, person, world.state.chats[chat], line, offset).id
    assert await talk.work() == [True]
    answer = world.state.asked[number].answer
    assert answer is not None
    return dict(answer)


def _titles(answer: Json) -> list[str]:
    return [one["title"] for one in answer["results"]]


def _door(result: Json) -> doors.Door:
    """Where the button of a sent message leads."""
    (link,) = keys(result["message"]).values()
    return doors.read(link.removeprefix(LINK))


async def test_a_product_is_offered_with_the_senders_link(open_door: Shop, talk: Talk) -> None:
    """Name, price in both currencies, one button with the sender's code; for seconds only, and for this person."""
    shop = open_door
    dara, rose = await builders.customer(shop, DARA), await builders.product(shop)
    answer = await _asked(talk, DARA, "rsoe")
    assert (answer["cache_time"], answer["is_personal"], answer["next_offset"]) == (CACHED, True, "")
    (result,) = answer["results"]
    assert (result["type"], result["title"]) == ("article", "Rose Serum ROSE-30")
    assert said(result["message"]) == "Rose Serum ROSE-30\n\n$12.00 / 49,200៛"
    assert list(keys(result["message"])) == ["Order in Telegram"]
    code = (await points.standing(shop, dara)).referral_code
    assert _door(result) == doors.Door(Goal.PRODUCT, (await shop.catalogue.now()).by_variant[rose], code)
    assert talk.calls() == ["answerInlineQuery"]


@pytest.mark.parametrize("site", ["https://shop.example", "http://192.168.1.5", None])
async def test_a_page_is_shown_where_telegram_can_read_it(sqlite_talk: Talk, site: str | None) -> None:
    """Words come with the preview of the product's page; with none where the page is in the shop's own network."""
    shop = sqlite_talk.shop
    shop.config = shop.config.model_copy(update={"public_url": site})
    await builders.product(shop)
    (result,) = (await _asked(sqlite_talk, DARA, "rose"))["results"]
    preview = result["message"]["link_preview_options"]
    page = preview.get("url", "").partition("?")[0]
    seen = bool(site) and str(site).startswith("https")
    assert (page, preview.get("is_disabled")) == ((f"{site}/p/p-rose-30", None) if seen else ("", True))


async def test_a_photo_that_telegram_has_is_sent_as_it_is(open_door: Shop, talk: Talk, photo: str) -> None:
    """Shown once in a chat, it is offered by its file id; forgotten by Telegram, the words are offered instead."""
    shop = open_door
    await people.speak(shop, await builders.customer(shop, DARA), "en")
    rose = await builders.product(shop, photo=photo)
    assert (await _asked(talk, DARA, "rose"))["results"][0]["type"] == "article"
    await talk.say(DARA, f"/start v_{rose}")
    talk.calls()
    (result,) = (await _asked(talk, DARA, "rose"))["results"]
    assert result["type"] == "photo"
    assert result["message"]["photo"]
    assert said(result["message"]).startswith("Rose Serum")
    assert keys(result["message"])
    talk.sandbox.world.state.files.clear()
    (result,) = (await _asked(talk, DARA, "rose"))["results"]
    assert result["type"] == "article"
    assert talk.calls() == ["answerInlineQuery", "answerInlineQuery", "answerInlineQuery"]


async def test_in_the_language_of_whoever_asks(sqlite_talk: Talk) -> None:
    """Who chose one reads that; of somebody who never wrote, the one their Telegram speaks, and no code in the link."""
    talk, shop = sqlite_talk, sqlite_talk.shop
    shop.door = lambda payload: LINK + payload
    await builders.product(shop)
    stranger = (await _asked(talk, BOPHA, "serum"))["results"][0]
    assert stranger["title"].startswith("សេរ៉ូម")
    assert list(keys(stranger["message"])) == [translator("km")("button.order_here")]
    assert _door(stranger).code == ""
    assert await shop.db.read(people_store.by_telegram, BOPHA) is None
    await people.speak(shop, await builders.customer(shop, BOPHA), "en")
    assert (await _asked(talk, BOPHA, "serum"))["results"][0]["title"] == "Rose Serum ROSE-30"


async def test_the_best_of_the_shop_without_a_word(open_door: Shop, talk: Talk) -> None:
    """An empty line offers what is there before what is sold out; a shared line exactly the product it names."""
    for sku, units in (("A", 0), ("B", 3), ("C", 3)):
        await builders.product(open_door, units, sku=sku)
    assert _titles(await _asked(talk, DARA, " ")) == ["Rose Serum B", "Rose Serum C", "Rose Serum A"]
    assert _titles(await _asked(talk, DARA, "Rose Serum A #1")) == ["Rose Serum A"]
    assert _titles(await _asked(talk, DARA, "Rose Serum C #77")) == ["Rose Serum C"]
    assert _titles(await _asked(talk, DARA, "#2", "1")) == []


@pytest.mark.parametrize("line", ["", "candle"])
async def test_pages(sqlite_talk: Talk, line: str) -> None:
    """Forty-one: twenty a page, each once, the last one says that it is; pages that are not there are empty."""
    talk = sqlite_talk
    for number in range(PAGE * 2 + 1):
        await builders.product(talk.shop, sku=f"C{number}", name_en=f"Candle {number}")
    seen, offset = [], ""
    for size in (PAGE, PAGE, 1):
        answer = await _asked(talk, DARA, line, offset)
        assert len(answer["results"]) == size
        seen += _titles(answer)
        offset = answer["next_offset"]
    assert (len(set(seen)), offset) == (PAGE * 2 + 1, "")
    for odd in ("3", "99999", "-1", "x", "٣", "9" * 60):
        answer = await _asked(talk, DARA, line, odd)
        assert len(answer["results"]) in {0, PAGE}, odd
        assert answer["button"] is None


@pytest.mark.parametrize("language", ["en", "km"])
async def test_nothing_found_opens_the_shop(sqlite_talk: Talk, language: str) -> None:
    """A line that means nothing here: no result, and a button in the reader's language that leads to the front."""
    talk = sqlite_talk
    await builders.product(talk.shop)
    await people.speak(talk.shop, await builders.customer(talk.shop, DARA), language)
    answer = await _asked(talk, DARA, "qqqqq")
    words = translator(language)
    assert (answer["results"], answer["button"]["text"]) == ([], words("inline.nothing"))
    front = (await talk.say(DARA, f"/start {answer['button']['start_parameter']}"))[-1]
    assert words("button.my_orders") in keys(front)
    assert words("errors.link_unknown") not in said(front)


async def test_best_sellers_first(sqlite_talk: Talk) -> None:
    """With more marked things than a page holds: best sellers, then new ones, page by page as if all were ranked."""
    talk = sqlite_talk
    for number in range(PAGE * 2 + 5):
        badge = {0: "new", 1: "best_seller"}.get(number % 2) if number < PAGE + 5 else None
        await builders.product(talk.shop, sku=f"C{number}", badge=badge)
    first, second = await _asked(talk, DARA, ""), await _asked(talk, DARA, "", "1")
    sold = [int(title.rpartition("C")[2]) for title in _titles(first) + _titles(second)]
    best, new = range(1, PAGE + 5, 2), range(0, PAGE + 5, 2)
    assert sold == [*best, *new, *range(PAGE + 5, PAGE * 2)]


async def test_odd_lines_are_answered(sqlite_talk: Talk) -> None:
    """Emoji, 400 letters, numbers of no product, marks that turn the writing: each is answered, none is a failure."""
    talk = sqlite_talk
    await builders.product(talk.shop)
    before = FAILURES._value.get()
    for line in EVERY:
        await _asked(talk, DARA, line)
    assert FAILURES._value.get() == before
    assert dict(talk.sandbox.world.findings) == {}


async def test_an_answer_that_comes_too_late_harms_nothing(sqlite_talk: Talk) -> None:
    """A query that Telegram forgot is answered with a refusal nobody sees: the next one is worked."""
    talk = sqlite_talk
    await builders.product(talk.shop)
    world = talk.sandbox.world
    inline.ask(world, DARA, world.state.chats[OTHER_GROUP], "rose", "")
    world.state.asked.clear()
    assert await talk.work() == [True]
    assert len((await _asked(talk, DARA, "rose"))["results"]) == 1


async def test_what_somebody_shares_in_the_bots_own_chat_is_no_line_of_theirs(sqlite_talk: Talk) -> None:
    """An offer sent in the private chat with the bot is not searched for, and answers no question."""
    talk = sqlite_talk
    dara = await builders.customer(talk.shop, DARA)
    await builders.product(talk.shop)
    result = (await _asked(talk, DARA, "rose", chat=DARA))["results"][0]
    await people.ask(talk.shop, dara, "note", cart_id=1)
    world = talk.sandbox.world
    inline.deliver(world, DARA, world.state.chats[DARA], result["message"])
    talk.calls()
    assert await talk.work() == [True]
    assert talk.calls() == []
    assert await people.question(talk.shop, dara) is not None


def test_telegram_is_asked_for_inline_queries() -> None:
    """By long polling and by webhook alike."""
    assert "inline_query" in ALLOWED


async def test_only_where_the_bot_answers_can_be_shared(sqlite_talk: Talk) -> None:
    """The product's Share writes its name and number in another chat; a bot without inline mode has no such button."""
    talk = sqlite_talk
    rose = await builders.product(talk.shop)
    await people.speak(talk.shop, await builders.customer(talk.shop, DARA), "en")
    product = (await talk.say(DARA, f"/start v_{rose}"))[-1]
    assert "📤 Share" not in keys(product)
    talk.shop.inline = True
    product = (await talk.say(DARA, f"/start v_{rose}"))[-1]
    (share,) = [key for row in product["reply_markup"]["inline_keyboard"] for key in row if key["text"] == "📤 Share"]
    assert share["switch_inline_query"] == "Rose Serum ROSE-30 #1"
    assert _titles(await _asked(talk, BOPHA, share["switch_inline_query"])) != []
