"""Photos made smaller by an admin's button: said what came out, the rows follow, and staff cannot."""

from sqlalchemy import select

from bot import taps
from core.database.tables import products
from core.i18n import translator
from core.maintenance.rules import Work
from core.people import service as people
from core.people.rules import Role
from core.shop import Shop
from core.storage import quarantine
from tests.support.helping import bring, by_bot
from tests.support.paying import press
from tests.support.shelf_files import audited, photo, shelve
from tests.support.talk import DARA, SOKHA, Talk, said

EN = translator("en")


async def _shown(shop: Shop) -> str:
    """Which photo the product's row names."""
    return str(await shop.db.read(lambda tx: tx.execute(select(products.c.photo)).scalar_one()))


async def test_smaller_photos_by_a_button(sqlite_talk: Talk) -> None:
    """Pressed in the panel: the card says from how much to how little, and the product shows the new picture."""
    talk, shop = sqlite_talk, sqlite_talk.shop
    for number, name, role in ((SOKHA, "Sokha", Role.ADMIN), (DARA, "Dara", Role.STAFF)):
        await people.grant(shop, number, name, role)
        await people.speak(shop, await people.arrive(shop, number, name), "en")
    await shop.db.write(shelve, shop.clock.now(), "products/a.jpg")
    (shop.config.media_dir / "products").mkdir(parents=True, exist_ok=True)
    (shop.config.media_dir / "products/a.jpg").write_bytes(photo(1900, 300, quality=95))
    panel = (await talk.say(SOKHA, "/storage"))[-1]
    own = (await talk.say(DARA, "/start"))[-1]
    await talk.tap(DARA, own["message_id"], taps.StartWork(Work.PHOTOS))
    assert (shop.works, await _shown(shop)) == (set(), "products/a.jpg")
    await press(talk, SOKHA, panel, EN("button.smaller_photos"), SOKHA)
    for task in tuple(shop.works):
        await task
    await bring(talk)
    assert said(by_bot(talk, SOKHA)[-1]).startswith("✅ Photos are smaller: 1 of them")
    assert await _shown(shop) == "products/a.webp"
    assert [one.path for one in quarantine.listing(shop.config)] == ["products/a.jpg"]
    assert [action for action, _, _ in await audited(shop)] == ["work.photos", "storage.aside", "storage.photos"]
    await press(talk, SOKHA, panel, EN("button.smaller_photos"), SOKHA)
    for task in tuple(shop.works):
        await task
    await bring(talk)
    assert said(by_bot(talk, SOKHA)[-1]).startswith("✅ No photo is too large")
