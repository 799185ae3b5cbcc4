"""The sample shop: complete in both languages, refused when it does not hold together, pictured product by product."""

import re
from statistics import mean

import pytest
from PIL import Image, ImageChops, ImageStat

from core.catalog.sample import SampleProduct, load, photo
from core.catalog.sample.data import parse
from core.catalog.sample.draw import SIZE, draw
from core.catalog.sample.studio.looks import LOOKS, PALETTES

LATIN_ALLOWED = re.compile(r"\b\d+ (?:ml|g)\b|SPF50\+")
FEWEST_PRODUCTS = 40
LARGEST_PHOTO = 60 * 1024
LARGEST_SET = 2_500_000

PHOTOS = [(one.slug, number) for one in load().products for number in range(1, one.photos + 1)]

SHELF = '[[category]]\nslug = "hair"\nname_en = "Hair"\nname_km = "សក់"\nemoji = "💇"\n'


def product_toml(slug: str = "comb", *, sku: str = "HAR-001-1", variant: str = "", category: str = "hair") -> str:
    """Write one correct product; `variant` adds to its only variant."""
    return (
        f'[[product]]\nslug = "{slug}"\ncategory = "{category}"\nname_en = "Comb"\nname_km = "ក្រាស"\n'
        'description_en = "Combs."\ndescription_km = "សិតសក់។"\n'
        f'variants = [{{ sku = "{sku}", price_cents = 100, stock = 1{variant} }}]\n'
    )


def khmer(product: SampleProduct) -> list[str]:
    """Return every Khmer text of a product that is more than a size."""
    texts = [product.name_km, product.description_km, *(v.name_km for v in product.variants)]
    return [bare for text in texts if (bare := LATIN_ALLOWED.sub("", text).strip())]


def test_the_shop_has_six_shelves_and_some_forty_products() -> None:
    """Every shelf has goods; there are badges, sales, low and empty stock to show."""
    shop = load()
    shelves = [p.category for p in shop.products]
    variants = [v for p in shop.products for v in p.variants]
    assert [c.slug for c in shop.categories] == list(dict.fromkeys(shelves))
    assert len(shop.categories) == 6
    assert len(shop.products) >= FEWEST_PRODUCTS
    assert {p.badge for p in shop.products} == {None, "new", "best_seller", "sale", "limited"}
    assert any(v.stock == 0 for v in variants)
    assert any(0 < v.stock < 5 for v in variants)


def test_what_is_badged_sale_was_dearer() -> None:
    """A sale badge and an old price always come together."""
    for product in load().products:
        on_sale = [v.old_price_cents is not None for v in product.variants]
        assert all(on_sale) if product.badge == "sale" else not any(on_sale), product.slug


@pytest.mark.parametrize("product", load().products, ids=lambda p: p.slug)
def test_khmer_is_khmer(product: SampleProduct) -> None:
    """Khmer texts are in Khmer letters: no Latin but units, no leftover spaces, a full stop at the end."""
    for text in khmer(product):
        assert re.search("[\u1780-\u17b3]", text), text
        assert not re.search("[A-Za-z]|  |\u200b", text), text
    assert product.description_km.endswith("។")
    assert product.description_km.count("។") <= 3


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (product_toml() + product_toml(sku="HAR-002-1"), "slug used twice: comb"),
        (product_toml() + product_toml("comb-2"), "SKU used twice: HAR-001-1"),
        (product_toml(category="tools"), "no category tools"),
        (product_toml(sku="comb"), "comb is no SKU"),
        (product_toml(variant=", old_price_cents = 100"), "the old price must be above the price"),
        (product_toml(variant=', name_en = "Red"'), "a choice needs its name in both languages"),
        (product_toml().replace("សិតសក់។", "Combs."), "English and Khmer are both needed"),
        (product_toml().replace('"Combs."', '"សិត"'), "English and Khmer are both needed"),
        (product_toml().replace("price_cents = 100", "price_cents = 0"), "price must be above 0"),
        (re.sub(r"\[\{.*\}\]", "[]", product_toml()), "0 variants, 1 to 6 are allowed"),
        (product_toml() + 'badge = "hot"\n', "'hot' is not a valid Badge"),
    ],
)
def test_a_shop_that_does_not_hold_together_is_refused(text: str, complaint: str) -> None:
    """Each mistake is named; the same shop without it is accepted."""
    assert parse(SHELF + product_toml()).products[0].variants[0].old_price_cents is None
    with pytest.raises(ValueError, match=re.escape(complaint)):
        parse(SHELF + text)


def test_every_product_has_its_look_and_every_shelf_its_colours() -> None:
    """Nothing is drawn that is not sold, and nothing sold is left undrawn."""
    shop = load()
    assert set(LOOKS) == {p.slug for p in shop.products}
    assert set(PALETTES) == {c.slug for c in shop.categories}
    assert {path.name for path in photo("x").parent.glob("*.webp")} == {photo(*one).name for one in PHOTOS}
    assert len(PHOTOS) > len(LOOKS)


@pytest.mark.parametrize(("slug", "number"), PHOTOS)
def test_every_picture_opens(slug: str, number: int) -> None:
    """A picture decodes to 1200 × 1200 with something on it, in at most 60 KB."""
    assert photo(slug, number).stat().st_size <= LARGEST_PHOTO
    with Image.open(photo(slug, number)) as picture:
        picture.load()
        assert (picture.format, picture.size) == ("WEBP", (SIZE, SIZE))
        assert mean(ImageStat.Stat(picture.convert("RGB")).stddev) > 10


def test_the_pictures_together_are_small() -> None:
    """All pictures fit in 2.5 MB."""
    assert sum(photo(*one).stat().st_size for one in PHOTOS) <= LARGEST_SET


def test_a_picture_can_be_drawn_again() -> None:
    """Drawing a product anew gives the committed picture, but for what WebP and the smaller size lose."""
    slug, small = "foundation-brush", 240  # of all the things the fewest faces
    again = draw(slug, "tools", small)
    with Image.open(photo(slug)) as picture:
        kept = picture.convert("RGB").resize((small, small), Image.Resampling.BOX)
    assert mean(ImageStat.Stat(ImageChops.difference(again, kept)).mean) < 1.5
