"""The house's own care through the bot: alerts and what is said to them, work by a button, the admins' panel."""

import os
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot import taps
from core.backups import service as backups
from core.database.tables import outbox
from core.i18n import translator
from core.maintenance import store as runs
from core.maintenance import watch, works
from core.maintenance.rules import Work
from core.messages.rules import MessageKind
from core.people import service as people
from core.people.rules import Role
from core.settings import service as settings
from core.shop import Shop
from core.storage.figures import readable
from core.storage.watching import Concern
from tests.support import builders
from tests.support.gate import Gate
from tests.support.helping import bring, by_bot
from tests.support.paying import now, press
from tests.support.talk import BOPHA, DARA, OTHER_GROUP, SOKHA, STAFF_GROUP, Json, Talk, keys, said

EN = translator("en")
HOUR = timedelta(hours=1)
KIB = 1024


async def _opened(talk: Talk, language: str = "en", chat: int = OTHER_GROUP) -> Shop:
    """Sokha runs the shop, whose admin chat is a group; Dara works here, Bopha does not."""
    shop = talk.shop
    await people.grant(shop, SOKHA, "Sokha", Role.ADMIN)
    await people.grant(shop, DARA, "Dara", Role.STAFF)
    for key, value in (("staff_language", language), ("staff_chat_id", STAFF_GROUP), ("admin_chat_id", chat),
                       ("logs_limit_mb", 1)):  # fmt: skip
        await settings.change(shop.db, shop.clock, key, value, None)
    for number, name in ((SOKHA, "Sokha"), (DARA, "Dara")):
        await people.speak(shop, await people.arrive(shop, number, name), "en")
    await shop.refresh()
    return shop


async def _look(talk: Talk, percent: int, times: int = 2) -> None:
    """The logs are so full at so many looks, an hour apart; what is owed is brought each time."""
    folder = talk.shop.config.log_dir
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "app.log").write_bytes(b"x" * (percent * KIB * KIB // 100))
    for _ in range(times):
        await watch.check_storage(talk.shop)
        await bring(talk)
        talk.shop.clock.move(HOUR)


def _alerts(talk: Talk, chat: int = OTHER_GROUP) -> list[Json]:
    return [one for one in by_bot(talk, chat) if EN("watch.name.logs") in said(one) or "កំណត់ហេតុ" in said(one)]


async def _finished(talk: Talk) -> None:
    """Wait until all work that was begun is done, and bring what came out."""
    for task in tuple(talk.shop.works):
        await task
    await bring(talk)


@pytest.mark.parametrize("language", ["en", "km"])
async def test_an_alert_stands_once_grows_and_is_over(sqlite_talk: Talk, language: str) -> None:
    """One message; a higher level is a new one; over: the last is edited, one word says so, and nothing more comes."""
    t, talk = translator(language), sqlite_talk
    await _opened(talk, language)
    await _look(talk, 85)
    (first,) = _alerts(talk)
    assert t("alert.level.warning") in said(first)
    await _look(talk, 97, 1)
    last = _alerts(talk)[-1]
    assert last["message_id"] != first["message_id"]
    assert (t("alert.level.emergency") in said(last), t("watch.full", percent=97, when="").strip() in said(last)) == (
        True, True)  # fmt: skip
    await _look(talk, 1, 4)
    *_, over = _alerts(talk)
    assert said(over) == t("alert.recovered", metric=t("watch.name.logs"), percent=1)
    assert now(talk, last, OTHER_GROUP).startswith("✅")
    assert keys(talk.message(OTHER_GROUP, last["message_id"])) == {}


async def test_seen_by_one_is_seen_by_all(sqlite_talk: Talk) -> None:
    """Sokha looks after it: her name stands there, no reminder comes for a day; Dara may not; what is over is over."""
    talk = sqlite_talk
    await _opened(talk)
    await _look(talk, 97, 1)
    (alert,) = _alerts(talk)
    assert list(keys(alert)) == [
        EN(f"button.{key}") for key in ("emergency", "alert_files", "alert_seen", "alert_snooze")
    ]
    refused = await press(talk, DARA, alert, EN("button.alert_seen"), OTHER_GROUP)
    assert refused["text"] == EN("errors.not_allowed")
    answer = await press(talk, SOKHA, alert, EN("button.alert_seen"), OTHER_GROUP)
    assert answer["text"] == EN("watch.acknowledged")
    assert "👀 Sokha" in now(talk, alert, OTHER_GROUP)
    await _look(talk, 97, 5)
    assert len(_alerts(talk)) == 1
    await press(talk, SOKHA, talk.message(OTHER_GROUP, alert["message_id"]), EN("button.alert_snooze"), OTHER_GROUP)
    await press(talk, SOKHA, talk.message(OTHER_GROUP, alert["message_id"]), EN("watch.hours.1"), OTHER_GROUP)
    assert now(talk, alert, OTHER_GROUP).splitlines()[-1].startswith("🔕")
    await _look(talk, 1, 4)
    late = await talk.tap(SOKHA, alert["message_id"], taps.AcknowledgeAlert(Concern.LOGS), OTHER_GROUP)
    assert (late["text"], late["show_alert"]) == (EN("errors.alert_over"), True)


async def test_what_waited_for_a_chat_says_what_is_true_when_it_is_back(sqlite_talk: Talk) -> None:
    """The admin chat is gone and nobody else can be reached: kept, not twice; back: one message with the level of now.

    An alert that was over meanwhile is not sent at all.
    """
    talk = sqlite_talk
    shop = await _opened(talk, chat=-100999)
    talk.sandbox.people.block(SOKHA, blocked=True)
    await talk.work()
    await _look(talk, 85, 3)
    assert (await _waiting(shop), _alerts(talk)) == (1, [])
    await settings.change(shop.db, shop.clock, "admin_chat_id", OTHER_GROUP, None)
    await shop.refresh()
    await _look(talk, 97, 1)
    await bring(talk)
    assert [EN("alert.level.emergency") in said(one) for one in _alerts(talk)] == [True]


async def test_well_again_is_said_only_while_it_is(sqlite_talk: Talk) -> None:
    """The word "recovered" waits for Telegram while the logs fill up again: it is not sent, the new alert is."""
    talk = sqlite_talk
    shop = await _opened(talk)
    await _look(talk, 97, 1)
    for percent in (1, 1, 1, 97):
        (shop.config.log_dir / "app.log").write_bytes(b"x" * (percent * KIB * KIB // 100))
        await watch.check_storage(shop)
        shop.clock.move(HOUR)
    assert await builders.count(shop, outbox, outbox.c.kind == MessageKind.ALERT) == 1
    await bring(talk)
    assert [EN("alert.level.emergency") in said(one) for one in _alerts(talk)] == [True, True]


async def _waiting(shop: Shop) -> int:
    """How many alerts wait to be sent."""
    return await builders.count(shop, outbox, outbox.c.kind == MessageKind.WATCH, outbox.c.state == "pending")


@pytest.mark.skipif(os.name == "nt", reason="pipes with a name are POSIX")
async def test_work_by_a_button(sqlite_talk: Talk, gate: Gate) -> None:
    """Back up now: answered at once, its card below is edited into the result; a second tap meanwhile hears so.

    The result names the size that the list of backups names.
    """
    talk = sqlite_talk
    shop = await _opened(talk)
    panel = (await talk.say(SOKHA, "/storage"))[-1]
    answer = await press(talk, SOKHA, panel, EN("button.alert_backup"), SOKHA)
    assert answer["text"] == EN("work.started", work=EN("work.backup"))
    again = await press(talk, SOKHA, panel, EN("button.alert_backup"), SOKHA)
    assert (again["text"], again["show_alert"]) == (EN("errors.work_runs", name="Sokha"), True)
    await bring(talk)
    card = by_bot(talk, SOKHA)[-1]
    assert said(card).startswith("⏳ Backing up")
    gate.open()
    await _finished(talk)
    assert "read back" in now(talk, card, SOKHA)
    assert len(await backups.listing(shop)) == 1
    assert by_bot(talk, SOKHA)[-1]["message_id"] == card["message_id"]
    listed = await press(talk, SOKHA, panel, EN("button.backups"), SOKHA)
    assert listed.get("show_alert") is not True
    size = readable((await backups.listing(shop))[0].standing.bytes)
    assert size in now(talk, panel, SOKHA)
    assert size in now(talk, card, SOKHA)
    await press(talk, SOKHA, talk.message(SOKHA, panel["message_id"]), EN("button.pin", place=1), SOKHA)
    assert "📌" in now(talk, panel, SOKHA).splitlines()[1]


async def test_work_that_is_broken_off_says_so(sqlite_talk: Talk) -> None:
    """A process died with it: a minute later its card says so, it can be started again, and the old card stays."""
    talk = sqlite_talk
    shop = await _opened(talk)
    sokha = await people.arrive(shop, SOKHA, "Sokha")
    at = shop.clock.now()
    asked = {"chat": SOKHA, "by": sokha.id}
    run = await shop.db.write(runs.take, Work.BACKUP, "a dead one", at, at + works.LEASE, asked)
    assert run is not None
    assert await works.sweep(shop) == 0
    shop.clock.move(2 * works.LEASE)
    assert await works.sweep(shop) == 1
    await bring(talk)
    card = by_bot(talk, SOKHA)[-1]
    assert EN("errors.work_broken") in said(card)
    await press(talk, SOKHA, card, EN("button.retry"), SOKHA)
    await _finished(talk)
    assert EN("errors.work_broken") in now(talk, card, SOKHA)
    assert "read back" in said(by_bot(talk, SOKHA)[-1])


async def test_a_full_disk_breaks_no_work_off(sqlite_talk: Talk) -> None:
    """The database takes nothing while room is being made: the work goes on, and the next look keeps its lease."""
    shop = await _opened(sqlite_talk)
    at = shop.clock.now()
    asked = {"chat": SOKHA, "by": 1}
    run = await shop.db.write(runs.take, Work.EMERGENCY, "me", at, at + works.LEASE, asked)
    assert run is not None
    await shop.db.write(lambda tx: tx.execute(text("PRAGMA query_only=1")) and None)
    assert await works._kept(shop, run)


async def test_the_emergency_plan_does_what_was_seen(sqlite_talk: Talk) -> None:
    """Previewed with its sizes, run by one button; what changed since is not touched, and the plan of now is shown."""
    talk = sqlite_talk
    shop = await _opened(talk)
    old = shop.config.data_dir / "quarantine" / "20261101"
    old.mkdir(parents=True)
    (old / "a.webp").write_bytes(b"x" * 3 * KIB * KIB)
    panel = (await talk.say(SOKHA, "/storage"))[-1]
    await press(talk, SOKHA, panel, EN("button.emergency"), SOKHA)
    assert EN("storage.part.quarantine") in now(talk, panel, SOKHA)
    seen = talk.message(SOKHA, panel["message_id"])
    await press(talk, SOKHA, seen, EN("button.emergency_go"), SOKHA)
    await _finished(talk)
    assert "3.0 MB" in said(by_bot(talk, SOKHA)[-1])
    assert not old.exists()
    old.mkdir()
    (old / "b.webp").write_bytes(b"y")
    shop.clock.move(timedelta(seconds=1))
    await press(talk, SOKHA, seen, EN("button.emergency_go"), SOKHA)
    await _finished(talk)
    assert EN("errors.emergency_changed") in said(by_bot(talk, SOKHA)[-1])
    assert (old / "b.webp").exists()


@pytest.mark.parametrize("button", ["clean", "alert_files", "emergency", "backups", "doctor", "refresh"])
async def test_every_page_of_the_panel(sqlite_talk: Talk, button: str) -> None:
    """Each opens in the panel's own message and leads back; in the staff's group the panel is not shown."""
    talk = sqlite_talk
    await _opened(talk)
    panel = (await talk.say(SOKHA, "/storage"))[-1]
    await press(talk, SOKHA, panel, EN(f"button.{button}"), SOKHA)
    page = talk.message(SOKHA, panel["message_id"])
    assert (said(page) != said(panel)) == (button != "refresh")
    if button != "refresh":
        await press(talk, SOKHA, page, EN("button.back"), SOKHA)
    assert now(talk, panel, SOKHA).startswith("💾")
    assert [said(one) for one in await talk.say(SOKHA, "/storage", STAFF_GROUP)] == [EN("errors.storage_private")]
    assert [said(one) for one in await talk.say(BOPHA, "/storage")] != []


async def test_what_is_set_aside_comes_back_by_a_button(sqlite_talk: Talk) -> None:
    """The file is where it was; tapped again, or with another file in its place by now, nothing moves; staff may not.

    A link in the folder of what is set aside is no file of it, and one on the way back leads nowhere else.
    """
    talk = sqlite_talk
    config = (await _opened(talk)).config
    media, day = config.media_dir / "products", config.data_dir / "quarantine" / "20261121" / "products"
    for place in (media, day, config.data_dir / "elsewhere"):
        place.mkdir(parents=True, exist_ok=True)
    for name in ("a.webp", "b.webp", "c.webp", "links/d.webp"):
        (day / name).parent.mkdir(exist_ok=True)
        (day / name).write_bytes(name.encode())
    (day / "z.webp").symlink_to(config.data_dir / "haang.db")
    (media / "b.webp").write_bytes(b"another")
    (media / "links").symlink_to(config.data_dir / "elsewhere")
    page = (await talk.say(SOKHA, "/help"))[-1]
    await talk.tap(SOKHA, page["message_id"], taps.PreviewCleanup())
    await press(talk, SOKHA, page, EN("button.aside"), SOKHA)
    assert ("a.webp" in now(talk, page, SOKHA), "z.webp" in now(talk, page, SOKHA)) == (True, False)
    buttons = keys(talk.message(SOKHA, page["message_id"]))
    first, taken, _, led_away = (buttons[EN("button.bring_back", place=place)] for place in range(1, 5))
    refused = await talk.tap(DARA, (await talk.say(DARA, "/help"))[-1]["message_id"], first)
    assert refused["text"] == EN("errors.not_allowed")
    answers = [await talk.tap(SOKHA, page["message_id"], one) for one in (first, first, taken, led_away)]
    assert [one["text"] for one in answers] == [
        EN("storage.back", name="products/a.webp"), EN("errors.aside_gone"),
        *(EN("errors.quarantine_taken", name=f"products/{name}") for name in ("b.webp", "links/d.webp")),
    ]  # fmt: skip
    assert [(media / name).read_bytes() for name in ("a.webp", "b.webp")] == [b"a.webp", b"another"]
    assert list((config.data_dir / "elsewhere").iterdir()) == []
    assert EN("storage.one_aside", place=1, size="6 B", path="", until="").split(" · ")[0] in now(talk, page, SOKHA)
