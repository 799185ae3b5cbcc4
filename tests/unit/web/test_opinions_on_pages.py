"""A product's page: its photos in a strip that needs no script, what buyers say, true at once when it changes."""

import re
import shutil

import pytest
from sqlalchemy import update

from core import changes
from core.catalog import store
from core.config import ROOT
from core.database.tables import products
from core.i18n import translator
from core.people import service as people
from core.privacy import service as privacy
from core.reviews import service
from core.shop import Shop
from tests.support import builders, opinions
from tests.unit.web.test_catalog_pages import KM, english, read, shown

PAGE = "/p/p-rose-30"


async def _said(shop: Shop, count: int, text: str = "Soft <i>& light</i> {}") -> int:
    """A rose with so many opinions of four stars; returns its variant."""
    rose = await builders.product(shop, 20)
    for i in range(count):
        who = await builders.customer(shop, 3000 + i, f"Dara{'abcdefgh'[i]} Sok")
        await opinions.opinion(shop, who, rose, 4, text.format(i))
    return rose


async def test_average_count_and_the_newest(visit, shop):
    """The newest six by first name, escaped; average and count of all; nothing more of who they are."""
    await builders.product(shop, sku="MILK-30")
    assert "opinions" not in await read(visit, "/p/p-milk-30")
    await _said(shop, 7)
    page = shown(await read(visit, PAGE))
    assert "4.0" in page
    assert "Reviews: 7" in page
    assert re.findall(r"light</i> (\d)", page) == ["6", "5", "4", "3", "2", "1"]
    assert "<i>" not in re.sub(r"<i>& light</i>", "", page)
    assert "Darag" in page
    assert not any(secret in page for secret in ("Sok", "+855", "3000"))


async def test_who_is_forgotten_is_named_no_more(visit, shop):
    """A page that was kept has their words still, and their name no longer."""
    await _said(shop, 1)
    assert "Daraa" in await read(visit, PAGE)
    dara = await people.arrive(shop, 3000, "Daraa Sok")
    await privacy.forget_me(shop, dara, int(shop.clock.now().timestamp()))
    page = shown(await read(visit, PAGE))
    assert "Daraa" not in page
    assert translator("en")("reviews.somebody") in page
    assert "light</i> 0" in page


async def test_seen_at_once(visit, shop):
    """A page that was kept shows new stars, other words, what was hidden, and what is shown again."""
    staff, rose = await builders.worker(shop), await _said(shop, 1)
    assert "Reviews: 1" in await read(visit, PAGE)
    bopha = await builders.customer(shop, 1002, "Bopha")
    made = await opinions.opinion(shop, bopha, rose, 1)
    assert "2.5" in await read(visit, PAGE)
    await opinions.say(shop, bopha, made.id, rose, "Rude")
    assert "Rude" in await read(visit, PAGE)
    await service.hide(shop, staff, 2, hidden=True)
    page = await read(visit, PAGE)
    assert "Rude" not in page
    assert "4.0" in page
    await service.hide(shop, staff, 2, hidden=False)
    assert "Rude" in await read(visit, PAGE)


async def test_in_khmer(sqlite_visit, sqlite_shop):
    """All around the words is Khmer; who has no first name is called a customer."""
    rose = await builders.product(sqlite_shop, name_km="សេរ៉ូម")
    nameless = await builders.customer(sqlite_shop, 3000, "012345678")
    await people.speak(sqlite_shop, nameless, "km")
    await opinions.opinion(sqlite_shop, nameless, rose, 5, "ល្អណាស់")
    async with sqlite_visit.get(PAGE, headers=KM) as answer:
        page = await answer.text()
    assert "អតិថិជនម្នាក់" in page
    assert "ល្អណាស់" in page
    assert not english(page)


async def test_khmer_words_on_an_english_page(sqlite_visit, sqlite_shop):
    """They say which language they are, so that the page's Khmer letters are fetched for them; English ones do not."""
    rose = await builders.product(sqlite_shop)
    await opinions.opinion(sqlite_shop, await builders.customer(sqlite_shop, 3000, "សុខ ដារ៉ា"), rose, 5, "ល្អណាស់")
    await opinions.opinion(sqlite_shop, await builders.customer(sqlite_shop, 3001, "Dara"), rose, 5, "Good")
    page = await read(sqlite_visit, PAGE)
    assert '<p class="said" lang="km">ល្អណាស់</p>' in page
    assert '<strong lang="km">សុខ</strong>' in page
    assert '<p class="said">Good</p>' in page


async def _photographed(shop: Shop, further: int) -> None:
    """A rose with a photo and ``further`` ones; of the last the file is not there."""
    folder = shop.config.media_dir / "products"
    folder.mkdir(parents=True)
    for i in range(further):
        shutil.copyfile(ROOT / "core/catalog/sample/photos/velvet-lipstick.webp", folder / f"{i}.webp")

    await builders.product(shop)

    def write(tx):
        tx.execute(update(products).values(photo="products/0.webp"))
        changes.note(tx, "product", 1)

    await shop.db.write(write)
    for i in range(1, further + 1):
        await shop.db.write(store.add_photo, 1, f"products/{i}.webp", i)


async def test_a_strip_of_photos(visit, shop):
    """Each photo that is there, in its order, the later ones read when they come near; a row of links to each."""
    await _photographed(shop, 3)
    page = await read(visit, PAGE)
    strip = page.partition('class="photos"')[2].partition('<ul class="thumbs"')
    assert re.findall(r'src="/media/products/(\d)\.webp', strip[0]) == ["0", "1", "2"]
    assert strip[0].count('loading="lazy"') == 2
    assert re.findall(r'id="photo-(\d)"', strip[0]) == re.findall(r'href="#photo-(\d)"', strip[2]) == ["1", "2", "3"]
    assert "Photo 3: Rose Serum" in page
    assert "<script" not in page


@pytest.mark.parametrize("further", [0, 1])
async def test_one_photo_is_no_strip(sqlite_visit, sqlite_shop, further):
    """With one photo, or one that is there, nothing scrolls and there are no links to it."""
    await _photographed(sqlite_shop, further)
    page = await read(sqlite_visit, PAGE)
    assert 'class="photos"' not in page
    assert 'class="thumbs"' not in page
    assert page.count("/media/products/0.webp?w=1080") == (2 if further else 0)
