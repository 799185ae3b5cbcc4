"""A product's photos, turned in place: round and round, each uploaded once, and what is gone is the first."""

import shutil

from sqlalchemy import Connection, Engine, delete, event, update

from bot import taps
from core import changes
from core.catalog import store
from core.config import ROOT
from core.database.tables import product_photos, products
from core.shop import Shop
from tests.support import builders, opinions
from tests.support.talk import DARA, Json, Talk, keys

SAMPLES = ("velvet-lipstick", "brush-set", "rose-dew-serum")
PATHS = [f"products/{name}.webp" for name in SAMPLES]


async def _rose(shop: Shop, further: int = 2) -> int:
    """A product with one photo and ``further`` ones, ids 1 on; returns its variant."""
    (shop.config.media_dir / "products").mkdir(parents=True)
    for name, path in zip(SAMPLES, PATHS, strict=True):
        shutil.copyfile(ROOT / f"core/catalog/sample/photos/{name}.webp", shop.config.media_dir / path)
    variant = await builders.product(shop)
    await shop.db.write(lambda tx: tx.execute(update(products).values(photo=PATHS[0])))
    for i in range(1, further + 1):
        await shop.db.write(store.add_photo, 1, PATHS[i], i)
    return variant


async def _forget(shop: Shop, photo_id: int) -> None:
    """Take a further photo away, as an admin will: with the bell."""

    def write(tx: Connection) -> None:
        tx.execute(delete(product_photos).where(product_photos.c.id == photo_id))
        changes.note(tx, "product", 1)

    await shop.db.write(write)


async def _open(talk: Talk, variant: int) -> Json:
    (front,) = (await talk.say(DARA, "/start"))[-1:]
    await talk.tap(DARA, front["message_id"], taps.OpenProduct(0, variant))
    return talk.message(DARA, front["message_id"])


async def _turned(talk: Talk, message: Json, label: str) -> Json:
    """Press ‹, › or the number: at most one edit, and one answer."""
    talk.calls()
    await talk.tap(DARA, message["message_id"], keys(message)[label])
    calls = talk.calls()
    assert calls.count("answerCallbackQuery") == 1
    assert len(calls) <= 2
    return talk.message(DARA, message["message_id"])


def _shown(message: Json) -> str:
    """Which of the photos a message shows, as the buttons say."""
    return next(label for label in keys(message) if "/" in label)


async def test_turned_round_and_round(talk: Talk) -> None:
    """2/3, 3/3, then the first again; back from the first is the last; the words stay, the picture is another."""
    message = await _open(talk, await _rose(talk.shop))
    pictures = [talk.file(message)]
    for shown in ("2/3", "3/3"):
        before, message = message["caption"], await _turned(talk, message, "›")
        assert (_shown(message), message["caption"]) == (shown, before)
        pictures.append(talk.file(message))
    assert len(set(pictures)) == 3
    message = await _turned(talk, message, "›")
    assert (_shown(message), talk.file(message)) == ("1/3", pictures[0])
    message = await _turned(talk, message, "‹")
    assert (_shown(message), talk.file(message)) == ("3/3", pictures[2])
    message = await _turned(talk, message, "3/3")
    assert _shown(message) == "3/3"


async def test_each_is_uploaded_once(sqlite_talk: Talk) -> None:
    """Twice round for one person and once for another shows three photos and uploads three."""
    talk = sqlite_talk
    message = await _open(talk, await _rose(talk.shop))
    before = talk.request.uploads
    for _ in range(6):
        message = await _turned(talk, message, "›")
    assert talk.request.uploads == before + 2


async def test_the_photo_stays_while_a_variant_is_chosen(sqlite_talk: Talk) -> None:
    """Another variant of the product is chosen under the photo that is looked at; the photo stays under the variant."""
    talk = sqlite_talk
    rose = await _rose(talk.shop)
    large = await talk.shop.db.write(
        lambda tx: store.add_variant(tx, 1, sku="ROSE-50", price=1800, name_en="50 ml", name_km="៥០ មល")
    )
    second = await _turned(talk, await _open(talk, rose), "›")
    (choice,) = [label for label in keys(second) if label.startswith("50 ml")]
    chosen = await _turned(talk, second, choice)
    assert (_shown(chosen), "● 50 ml" in " ".join(keys(chosen))) == ("2/3", True)
    third = await _turned(talk, chosen, "›")
    assert taps.unpack(keys(third)["3/3"]) == taps.ShowPhoto(1, large, 2)


async def test_a_photo_that_is_gone_is_the_first(sqlite_talk: Talk) -> None:
    """An old button of a photo that was taken away, or of none, shows the first; with one left nothing is turned."""
    talk = sqlite_talk
    rose = await _rose(talk.shop)
    message = await _open(talk, rose)
    await _forget(talk.shop, 1)
    message = await _turned(talk, message, "›")
    assert _shown(message) == "1/2"
    await talk.tap(DARA, message["message_id"], taps.ShowPhoto(1, rose, 99))
    assert _shown(talk.message(DARA, message["message_id"])) == "1/2"
    await _forget(talk.shop, 2)
    alone = await _turned(talk, message, "›")
    assert not {"‹", "›"} & set(keys(alone))


async def test_a_photo_of_another_product_is_not_shown(sqlite_talk: Talk) -> None:
    """A forged button with a photo of another product shows this one's first."""
    talk = sqlite_talk
    rose = await _rose(talk.shop)
    await builders.product(talk.shop, sku="MILK-30")
    await talk.shop.db.write(store.add_photo, 2, PATHS[2], 1)
    message = await _open(talk, rose)
    first = talk.file(message)
    await talk.tap(DARA, message["message_id"], taps.ShowPhoto(1, rose, 3))
    assert talk.file(talk.message(DARA, message["message_id"])) == first


async def _statements(talk: Talk, message: Json, variant: int) -> list[str]:
    """What the database is asked while a product is looked at once more."""
    asked: list[str] = []

    def note(_tx: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    await talk.tap(DARA, message["message_id"], taps.OpenProduct(1, variant))
    event.remove(Engine, "before_cursor_execute", note)
    return asked


async def test_photos_and_opinions_cost_the_tap_nothing(sqlite_talk: Talk) -> None:
    """A product with an album and eight opinions is drawn by the same statements as a bare one."""
    talk, shop = sqlite_talk, sqlite_talk.shop
    rose = await _rose(shop, further=0)
    message = await _open(talk, rose)
    bare = await _statements(talk, message, rose)
    for i in range(8):
        await opinions.opinion(shop, await builders.customer(shop, 3000 + i), rose, 4)
    await shop.db.write(store.add_photo, 1, PATHS[1], 1)
    message = await _open(talk, rose)
    assert {"★ 4.0 (8)", "1/2"} <= set(keys(message))
    assert await _statements(talk, message, rose) == bare
