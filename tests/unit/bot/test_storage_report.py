"""The month's storage report: owed once to who runs the shop, drawn with the figures of the moment it is sent."""

import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from PIL import Image

from bot.outbox import Outbox
from bot.taps import OpenStorage
from core.jobs import JOBS
from core.people.rules import Role
from core.settings import service as settings
from core.storage import monthly, store
from core.storage import service as storage
from core.storage.figures import MediaFile
from core.storage.rules import MB
from tests.support import builders
from tests.support.talk import BOPHA, Talk, keys, said

ADMINS = -100500


async def test_it_comes_once_with_what_is_true_then(sqlite_talk: Talk) -> None:
    """Run twice it is one message, with picture and the way to the panel; the figures are those of when it is sent."""
    talk, shop = sqlite_talk, sqlite_talk.shop
    await builders.worker(shop, Role.OWNER, BOPHA, "Bopha")
    assert [await monthly.tell(shop), await monthly.tell(shop)] == [1, 1]
    await storage.usage(shop)
    video = MediaFile("hero_slides/videos/a.mp4", 450 * MB, shop.clock.now())
    await shop.db.write(store.media_written, [video])
    while await Outbox(shop, talk.show, "one", lambda _chat: 0.0).send_due():
        pass
    (message,) = [one for one in talk.messages(BOPHA) if one.get("photo")]
    assert "Storage report" in said(message)
    assert "Photos and videos: 90% of 500 MB" in said(message)
    assert "Last verified backup: none yet" in said(message)
    assert list(keys(message).values()) == [OpenStorage().pack()]
    with Image.open(io.BytesIO(talk.file(message))) as picture:
        assert picture.width == 1080


async def test_the_admin_chat_hears_it_where_there_is_one(sqlite_talk: Talk) -> None:
    """One message for the admins' group in place of one for each owner, in the group's language."""
    shop = sqlite_talk.shop
    await builders.worker(shop, Role.OWNER, BOPHA, "Bopha")
    await settings.change(shop.db, shop.clock, "admin_chat_id", ADMINS, None)
    assert await monthly.tell(shop) == 1


def test_it_is_told_on_the_first_at_nine() -> None:
    """The 1st, nine in the morning in Phnom Penh, once across processes and made up for after downtime."""
    (job,) = [job for job in JOBS if job.name == "storage_report"]
    zone = ZoneInfo("Asia/Phnom_Penh")
    assert job.ledger
    assert job.when.last_due(datetime(2026, 12, 24, tzinfo=UTC), zone) == datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
    assert job.when.last_due(datetime(2026, 12, 1, 1, 59, tzinfo=UTC), zone) == datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
