"""The shop window: home, one category, one product. Drawn from the catalogue in memory; opinions are one query."""

from collections.abc import Iterable, Sequence

from aiohttp import web

from core.cards import ProductCard, product_card
from core.catalog.rules import Badge, Catalogue, Category, Page, Product
from core.changes import Change
from core.doors import Door, Goal
from core.errors import NotFound
from core.money import usd
from core.reviews import service as reviews
from core.reviews.rules import Opinion
from core.settings.rules import Policy
from core.shipping import rules as shipping
from core.shipping import service as places
from core.shop import Reader
from web import photos
from web.finished import Finished, finish
from web.memory import Made
from web.pages.serving import serve
from web.render import Frame
from web.site import Site

HTML = "text/html; charset=utf-8"
ON_SHELF = 8
"""Products in each row of the home page."""
SLIDES = 5
OPINIONS = 6
"""The newest of what buyers say stand on a product's page."""
ANY_PRODUCT = frozenset({Change("product")})
DAY = "d MMM y"
_LONGEST_NUMBER = 5


async def home(request: web.Request) -> web.Response:
    """``/``: hero, categories, and what is chosen, liked, new or cheaper."""
    return await serve(request, "home", _home)


async def category(request: web.Request) -> web.Response:
    """``/c/<slug>?page=2``: one shelf, twenty at a time; a page that is not there is a 404."""
    slug, wanted = request.match_info["slug"], request.query.get("page", "1")
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) <= _LONGEST_NUMBER):
        raise NotFound

    async def make(site: Site, language: str) -> Made[Finished]:
        return await _category(site, language, slug, int(wanted))

    return await serve(request, ("category", slug, int(wanted)), make)


async def product(request: web.Request) -> web.Response:
    """``/p/<slug>?v=<variant>``: one product, for its cheapest variant or the one that is chosen."""
    slug, wanted = request.match_info["slug"], request.query.get("v", "0")
    variant = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 19 else 0  # noqa: PLR2004 - int8

    async def make(site: Site, language: str) -> Made[Finished]:
        return await _product(site, language, slug, variant)

    return await serve(request, ("product", slug, variant), make)


async def _home(site: Site, language: str) -> Made[Finished]:
    await places.ready()
    catalogue, reader = await site.catalogue(), site.reader(language)
    shelves = [(shelf, catalogue.page(shelf.id, 0).products) for shelf in catalogue.categories.values()]
    first = [item for _, items in shelves for item in items]
    t, policy = reader.t, site.shop.policy
    frame = Frame("/", t("site.home.title", shop=policy.shop_name), t("site.home.description"))
    page = site.renderer.page(
        "home.html", language, frame, slides=_cards(site, reader, _chosen(shelves)),
        shelves=[(shelf, _name(shelf, reader), items[0].photo) for shelf, items in shelves if items],
        rows=[row for row in _rows(site, reader, first) if row[1]],
        fees={"capital": usd(policy.own_fees.get(shipping.CAPITAL, policy.fee_capital)),
              "province": _provinces(policy), "free": usd(policy.free_delivery_from)},
    )  # fmt: skip
    return finish(page, HTML, shows=ANY_PRODUCT)


def _provinces(policy: Policy) -> str:
    """Write what delivery costs outside the capital: one fee, or from the least to the most."""
    least, most = shipping.province_fees(policy)
    return str(least) if least == most else f"{least}–{most}"


def _chosen(shelves: Iterable[tuple[Category, Sequence[Product]]]) -> list[Product]:
    """Choose the hero's slides: the first of each shelf that has a photo and is there, those with a badge first."""
    best = []
    for _, items in shelves:
        there = sorted((item for item in items if item.photo and item.left), key=lambda item: item.badge is None)
        best += there[:1]
    return best[:SLIDES]


def _rows(site: Site, reader: Reader, items: list[Product]) -> Iterable[tuple[str, list[ProductCard]]]:
    """Give the home page's rows: a title's key and products, one row for each badge, or one of all there is."""
    by_badge = {badge: [item for item in items if item.badge is badge and item.left] for badge in Badge}
    for badge in (Badge.BEST_SELLER, Badge.NEW, Badge.SALE, Badge.LIMITED):
        yield f"site.home.{badge}", _cards(site, reader, _even(by_badge[badge]))
    if not any(by_badge.values()):
        yield "site.home.everything", _cards(site, reader, items[: 2 * ON_SHELF])


def _even(items: list[Product]) -> list[Product]:
    """Take full rows of four, two at most; fewer than four stay as they are."""
    return items[: min(ON_SHELF, len(items) // 4 * 4 or len(items))]


async def _category(site: Site, language: str, slug: str, number: int) -> Made[Finished]:
    catalogue, reader = await site.catalogue(), site.reader(language)
    shelf = next((one for one in catalogue.categories.values() if one.slug == slug), None)
    found = catalogue.page(shelf.id, number - 1) if shelf else None
    if shelf is None or found is None or found.number != number - 1:
        raise NotFound
    name = _name(shelf, reader)
    page = site.renderer.page(
        "category.html", language, _category_frame(site, reader, name, slug, number), name=name, slug=slug,
        cards=_cards(site, reader, found.products), number=number, pages=found.pages,
        count=_count(catalogue, shelf, found), shelves=_links(catalogue, reader),
    )  # fmt: skip
    return finish(page, HTML, shows=ANY_PRODUCT)


def _category_frame(site: Site, reader: Reader, name: str, slug: str, number: int) -> Frame:
    path = f"/c/{slug}?page={number}" if number > 1 else f"/c/{slug}"
    words = {"name": name, "shop": site.shop.policy.shop_name}
    return Frame(path, reader.t("site.category.title", **words), reader.t("site.category.description", **words))


def _count(catalogue: Catalogue, shelf: Category, found: Page) -> int:
    return len(catalogue.shelves.get(shelf.id, found.products))


def _links(catalogue: Catalogue, reader: Reader) -> list[tuple[str, str]]:
    """Name all shelves: slug and name."""
    return [(shelf.slug, _name(shelf, reader)) for shelf in catalogue.categories.values()]


async def _product(site: Site, language: str, slug: str, variant: int) -> Made[Finished]:
    catalogue, reader = await site.catalogue(), site.reader(language)
    item = catalogue.products.get(catalogue.by_slug.get(slug, 0))
    if item is None or (variant and item.variant(variant) is None):
        raise NotFound
    card = product_card(site.shop, item, reader, variant)
    shelf = catalogue.categories.get(item.category_id)
    beside = _beside(catalogue, item)
    said = await _opinions(site, item)
    page = site.renderer.page(
        "product.html", language, _product_frame(site, reader, card), card=card, shelf=shelf,
        shelf_name=_name(shelf, reader) if shelf else "", more=_cards(site, reader, beside),
        door=(Door(Goal.VARIANT, variant) if variant else Door(Goal.PRODUCT, item.id)).payload,
        album=_album(site, card), opinions=[(one, reader.t.when(one.at, site.shop.config.zone, DAY)) for one in said],
    )  # fmt: skip
    return finish(page, HTML, shows=frozenset(Change("product", one.id) for one in (item, *beside)))


async def _opinions(site: Site, item: Product) -> list[Opinion]:
    """Read the newest opinions; none while the database is away, for nothing of them is held in memory."""
    if item.rating.count:
        with site.last_known():
            return await reviews.newest(site.shop, item.id, OPINIONS)
    return []


def _product_frame(site: Site, reader: Reader, card: ProductCard) -> Frame:
    """Name the product to search engines and to chats that show a preview; variants share one address."""
    t, photo = reader.t, photos.picture(site.shop.config.media_dir, card.photo)
    return Frame(
        f"/p/{card.slug}", t("site.product.title", name=card.name, shop=site.shop.policy.shop_name),
        card.description or t("site.product.description", name=card.name, price=card.price),
        photo.at(1080) if photo else "", "product",
    )  # fmt: skip


def _album(site: Site, card: ProductCard) -> list[photos.Picture]:
    """The product's photos that are there, in their order."""
    found = (photos.picture(site.shop.config.media_dir, one.path) for one in card.album)
    return [picture for picture in found if picture]


def _beside(catalogue: Catalogue, item: Product, most: int = 4) -> list[Product]:
    """Choose what else lies on the first part of the product's shelf."""
    return [other for other in catalogue.page(item.category_id, 0).products if other.id != item.id][:most]


def _cards(site: Site, reader: Reader, items: Iterable[Product]) -> list[ProductCard]:
    return [product_card(site.shop, item, reader) for item in items]


def _name(shelf: Category, reader: Reader) -> str:
    return reader.t.pick(shelf.name_en, shelf.name_km)
