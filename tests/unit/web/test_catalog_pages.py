"""The shop window: what is sold, at what price, in both languages, true at once when it changes."""

import html
import re
from typing import Any

import pytest
from sqlalchemy import Connection, update

from core import changes
from core.catalog import store
from core.database.tables import products, variants
from core.i18n import sentences
from core.settings import service as settings
from core.shop import Shop
from core.stock import store as stock
from tests.support import builders
from tests.support.unread import unread

KM = {"Cookie": "lang=km"}
FOREIGN = {"Telegram", "KHQR", "MADAM", "DA", "English", "SPF"}
"""Latin words that stand on a Khmer page too: names of things."""


def shown(page: str) -> str:
    """What a page shows or reads aloud: its text, and the attributes that are words."""
    spoken = re.findall(
        r'(?:alt|aria-label|title|content|data-lost|data-previous|data-next)="([^"]*)"', page.partition("<body")[2]
    )
    text = re.sub(r"<(script|style|svg).*?</\1>", " ", page, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", " ", text) + " ".join(spoken))


def english(page: str) -> set[str]:
    """Latin words on a page that are no names."""
    words = re.findall(r"[A-Za-z]{2,}", re.sub(r"/[a-z]\S+", " ", shown(page)))
    return set(words) - FOREIGN


async def fill(shop: Shop, count: int = 3, badge: str | None = None) -> list[int]:
    """One shelf with products of two variants each; the last one's second variant is sold out."""

    def write(tx: Connection) -> list[int]:
        now = shop.clock.now()
        shelf = store.add_category(tx, slug="serums", name_en="Serums", name_km="សេរ៉ូម", emoji="🌹")
        changes.note(tx, "product")
        return [_product(tx, shelf, i, now, badge, sold_out=i == count) for i in range(1, count + 1)]

    return await shop.db.write(write)


def _product(tx: Connection, shelf: int, i: int, now: Any, badge: str | None, *, sold_out: bool) -> int:
    made = store.add_product(
        tx, now, category_id=shelf, slug=f"serum-{i}", name_en=f"Rose <b>Serum</b> {i}", name_km=f"សេរ៉ូមកុលាប {i}",
        description_en="Soft & light.", description_km="ទន់ និងស្រាល។", badge=badge, position=i,
    )  # fmt: skip
    small = store.add_variant(tx, made, sku=f"S{i}-S", price=1200, old_price=1500, name_en="Small", name_km="តូច")
    large = store.add_variant(tx, made, sku=f"S{i}-L", price=2000, name_en="Large", name_km="ធំ")
    stock.receive(tx, small, 4, now)
    if not sold_out:
        stock.receive(tx, large, 9, now)
    return made


async def reprice(shop: Shop, product_id: int, cents: int) -> None:
    """Change a product's prices as the admin will: with the bell."""

    def write(tx: Connection) -> None:
        tx.execute(update(variants).where(variants.c.product_id == product_id).values(price=cents, old_price=None))
        changes.note(tx, "product", product_id)

    await shop.db.write(write)


async def read(visit: Any, path: str, **headers: str) -> str:
    """Open a page that is there."""
    async with visit.get(path, headers=headers, allow_redirects=False) as answer:
        assert answer.status == 200, path
        return await answer.text()


async def test_home_shows_the_shelves_and_a_row_of_each_badge(visit, shop):
    """Categories and products stand on the home page, each row under its badge, names escaped."""
    await fill(shop, badge="best_seller")
    page = await read(visit, "/")
    assert 'href="/c/serums"' in page
    assert "Best sellers" in page
    assert "Rose &lt;b&gt;Serum&lt;/b&gt; 1" in page
    assert "$12.00 / 49,200៛" in page
    assert "New in the shop" not in page


async def test_home_without_badges_shows_what_there_is(sqlite_visit, sqlite_shop):
    """A shop whose products carry no badge still shows them; an empty shop says so."""
    assert "being filled" in await read(sqlite_visit, "/")
    await fill(sqlite_shop)
    assert 'href="/p/serum-1"' in await read(sqlite_visit, "/")


async def test_a_name_in_khmer_alone_has_its_letters_on_english_pages(sqlite_visit, sqlite_shop):
    """Its element says that it is Khmer, and the style gives what says so the Khmer font: else it stays blank."""
    (made,) = await fill(sqlite_shop, 1, badge="best_seller")

    def write(tx: Connection) -> None:
        tx.execute(update(products).where(products.c.id == made).values(name_en="", name_km="ស្ករត្នោត"))
        changes.note(tx, "product", made)

    await sqlite_shop.db.write(write)
    for path, element in (("/", "span"), ("/c/serums", "span"), ("/p/serum-1", "h1")):
        assert re.search(rf'<{element}[^>]* lang="km">ស្ករត្នោត</{element}>', await read(sqlite_visit, path)), path
    (style,) = re.findall(r'href="(/static/site\.css[^"]*)"', await read(sqlite_visit, "/"))
    assert re.search(r'main \[lang="km"\] \{[^}]*"Haang Khmer"', await read(sqlite_visit, style))


async def test_product_says_all_of_its_card_and_leads_to_the_bot(visit, shop):
    """Name, both currencies, old price, stock, variants, description, and the deep link with the product's id."""
    ids = await fill(shop)
    page = await read(visit, "/p/serum-2")
    for words in ("$12.00 / 49,200៛", "$15.00", "only 4 left", "Small", "Large"):
        assert words in page
    assert "Soft &amp; light." in page
    assert f"https://t.me/haang_test_bot?start=p_{ids[1]}" in page


async def test_a_variant_has_its_own_price_and_stock(visit, shop):
    """``?v=`` chooses a variant of this product, also in the link to the bot; one that is not its own is a 404."""
    ids = await fill(shop)
    catalogue = await shop.catalogue.now()
    large = catalogue.products[ids[2]].variants[1]
    page = await read(visit, f"/p/serum-3?v={large.id}")
    assert "$20.00 / 82,000៛" in page
    assert f"https://t.me/haang_test_bot?start=v_{large.id}" in page
    assert "sold out" in page
    assert (await visit.get(f"/p/serum-1?v={large.id}")).status == 404


async def test_a_sold_out_product_is_not_offered_for_order(visit, shop):
    """Sold out goes before any badge, and the button no longer says "order"."""
    variant = await builders.product(shop, units=1)
    product_id = (await shop.catalogue.now()).by_variant[variant]
    slug = (await shop.catalogue.now()).products[product_id].slug
    assert "Order in Telegram</span>" in await read(visit, f"/p/{slug}")
    await builders.order(shop, await builders.customer(shop), variant)
    page = await read(visit, f"/p/{slug}")
    assert "Sold out" in page
    assert "Order in Telegram</span>" not in page


async def test_a_change_of_price_is_seen_at_once_everywhere(visit, shop):
    """Pages kept in memory are dropped by the bell: home, shelf, the product and those that show it beside theirs."""
    ids = await fill(shop)
    paths = ("/", "/c/serums", "/p/serum-1", "/p/serum-2")
    for path in paths:
        assert "$12.00" in await read(visit, path)
    await reprice(shop, ids[0], 777)
    for path in paths:
        assert "$7.77" in await read(visit, path), path


async def test_a_product_taken_off_sale_is_gone_at_once(visit, shop):
    """Its page becomes a 404 and no other page leads there."""
    ids = await fill(shop)
    await read(visit, "/p/serum-1")

    def hide(tx: Connection) -> None:
        tx.execute(update(products).where(products.c.id == ids[0]).values(active=False))
        changes.note(tx, "product", ids[0])

    await shop.db.write(hide)
    assert (await visit.get("/p/serum-1")).status == 404
    for path in ("/", "/c/serums", "/p/serum-2"):
        assert "/p/serum-1" not in await read(visit, path)


async def test_settings_are_seen_at_once(visit, shop):
    """A new exchange rate and shop name stand on pages that were kept."""
    await fill(shop)
    assert "49,200៛" in await read(visit, "/p/serum-1")
    await settings.change(shop.db, shop.clock, "riel_rate", 4000, None)
    await settings.change(shop.db, shop.clock, "shop_name", "Lotus & Co", None)
    page = await read(visit, "/p/serum-1")
    assert "48,000៛" in page
    assert "Lotus &amp; Co" in page


async def test_a_shelf_turns_its_pages(sqlite_visit, sqlite_shop):
    """Twenty products a page, each on one page only; what is no page is a 404."""
    await fill(sqlite_shop, 45)
    seen: list[str] = []
    for number in (1, 2, 3):
        page = await read(sqlite_visit, f"/c/serums?page={number}")
        seen += re.findall(r'href="/p/(serum-\d+)"', page)
    assert seen == [f"serum-{i}" for i in range(1, 46)]
    for wrong in ("0", "4", "-1", "x", "9" * 400, "٣", "²"):
        assert (await sqlite_visit.get("/c/serums", params={"page": wrong})).status == 404, wrong


@pytest.mark.parametrize("path", ["/", "/c/serums", "/p/serum-1", "/p/serum-3", "/c/nothing"])
async def test_khmer_pages_speak_khmer_only(sqlite_visit, sqlite_shop, path):
    """No English word is left on a Khmer page, and it says which language it is."""
    await fill(sqlite_shop, badge="new")
    async with sqlite_visit.get(path, headers=KM) as answer:
        page = await answer.text()
    assert '<html lang="km">' in page
    assert not english(page)


async def test_the_bot_may_become_known_later(sqlite_shop, open_site):
    """Without a bot's name no page offers a link; once it is known, pages kept before offer it too."""
    await fill(sqlite_shop)
    known: list[str] = []
    visit = await open_site(sqlite_shop, lambda payload: f"https://t.me/{known[0]}?start={payload}" if known else None)
    page = await read(visit, "/p/serum-1")
    assert "t.me" not in page
    assert "Write to our shop" in page
    known.append("late_bot")
    assert "https://t.me/late_bot?start=p_" in await read(visit, "/p/serum-1")


async def test_previews_and_search_engines_get_whole_addresses(sqlite_config, open_shop, open_site):
    """With a public address: canonical, hreflang and Open Graph in full, a sitemap of every page, robots.txt."""
    config = sqlite_config.model_copy(update={"public_url": "https://shop.example"})
    shop = await open_shop(config)
    await fill(shop)
    visit = await open_site(shop)
    page = await read(visit, "/p/serum-1")
    assert '<link rel="canonical" href="https://shop.example/p/serum-1">' in page
    assert '<link rel="alternate" hreflang="km" href="https://shop.example/p/serum-1?lang=km">' in page
    assert '<meta property="og:url" content="https://shop.example/p/serum-1">' in page
    sitemap = await read(visit, "/sitemap.xml")
    assert {"/", "/c/serums", "/p/serum-3"} <= set(re.findall(r"<loc>https://shop.example([^<]+)</loc>", sitemap))
    robots = await read(visit, "/robots.txt")
    assert "Disallow: /t/" in robots
    assert "Sitemap: https://shop.example/sitemap.xml" in robots


async def test_without_a_public_address_there_is_no_sitemap(sqlite_visit):
    """A sitemap needs whole addresses: without one it is a 404, and no page claims a canonical address."""
    assert (await sqlite_visit.get("/sitemap.xml")).status == 404
    assert "canonical" not in await read(sqlite_visit, "/")


def test_the_sites_sentences_are_the_same_in_both_languages():
    """Same keys and same gaps under [site]."""
    gaps = {
        language: {
            key: sorted(re.findall(r"{(\w+)}", words))
            for key, words in sentences(language).items()
            if key.startswith("site.")
        }
        for language in ("en", "km")
    }
    assert gaps["en"] == gaps["km"]
    assert gaps["en"]


async def test_what_delivery_costs(sqlite_visit, sqlite_shop):
    """The front says both fees, at once when they change; where provinces differ, from the least to the most."""
    shop = sqlite_shop
    assert "Phnom Penh $1.50, provinces $2.50. Free from $50.00." in await read(sqlite_visit, "/")
    await settings.change(shop.db, shop.clock, "province_fees", "12=100 17=200 18=350", None)
    assert "Phnom Penh $1.00, provinces $2.00–$3.50." in await read(sqlite_visit, "/")


async def test_the_first_page_of_a_process(sqlite_visit):
    """What delivery costs stands on it; the list of places that it needs is read in a thread, not before everybody."""
    with unread() as threads:
        assert "provinces $2.50" in await read(sqlite_visit, "/")
    assert [thread.startswith("asyncio_") for thread in threads] == [True]
