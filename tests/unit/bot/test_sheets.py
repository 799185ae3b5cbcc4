"""Lists in the chat: a file sent is told as a difference, one tap takes it in once; lists to take; nobody else's."""

from typing import Any

from sqlalchemy import select

from bot import taps
from bot.sandbox.acts.messages import send_files
from bot.sandbox.call import Upload
from core.database.tables import import_files, variants
from core.i18n import translator
from core.people import service as people
from core.people.rules import Role
from core.sheets.rules import Format, Kind
from tests.support import builders
from tests.support.helping import bring, by_bot
from tests.support.paying import press
from tests.support.talk import BOPHA, DARA, SOKHA, Json, Talk, keys, said

EN = translator("en")
LIST = b"sku,price\nROSE-30,11.00\n"


async def team(talk: Talk) -> None:
    """Sokha and Bopha run the shop, Dara works in it; a rose stands on the shelf."""
    for number, name, role in ((SOKHA, "Sokha", Role.ADMIN), (BOPHA, "Bopha", Role.ADMIN), (DARA, "Dara", Role.STAFF)):
        await people.grant(talk.shop, number, name, role)
        await people.speak(talk.shop, await people.arrive(talk.shop, number, name), "en")
    await builders.product(talk.shop)


async def sent(talk: Talk, person: int, content: bytes, name: str = "list.csv") -> Json:
    """Send a file; returns what came back."""
    given = {"person": person, "chat": person}
    send_files(talk.sandbox.world, talk.sandbox.people, given, [("document", Upload(name, content))])
    await talk.work()
    return by_bot(talk, person)[-1]


async def done(talk: Talk) -> None:
    """Let the work come to its end, and be told of."""
    for task in tuple(talk.shop.works):
        await task
    await bring(talk)


async def column(talk: Talk, what: Any) -> list[Any]:
    """One column of a table."""
    return await talk.shop.db.read(lambda tx: list(tx.execute(select(what)).scalars()))


async def test_a_file_is_told_then_taken_in_once(sqlite_talk: Talk) -> None:
    """Sent, told before and after, nothing changed; one tap takes it in; the second is the same import."""
    talk = sqlite_talk
    await team(talk)
    shown = await sent(talk, SOKHA, LIST)
    assert "price: 12.00 → 11.00" in said(shown)
    assert (list(keys(shown)), await column(talk, variants.c.price)) == (["Import 1 change", "✕ Not now"], [1200])
    await press(talk, SOKHA, shown, "Import 1 change", SOKHA)
    await done(talk)
    assert (
        said(by_bot(talk, SOKHA)[-1]) == "✅ Imported: 0 new, 1 changed, 0 hidden.\nThe same as before: 0. Left out: 0."
    )
    assert (await column(talk, variants.c.price), await column(talk, import_files.c.state)) == ([1100], ["applied"])
    answer = await press(talk, SOKHA, shown, "Import 1 change", SOKHA)
    assert (answer["text"], talk.shop.works) == (EN("errors.sheet_done"), set())
    assert said(talk.message(SOKHA, shown["message_id"])) == "✅ list.csv was imported."


async def test_what_changed_meanwhile_is_shown_anew(sqlite_talk: Talk) -> None:
    """Another admin was faster: nothing is taken in, the message shows what it would do now, and then does that."""
    talk = sqlite_talk
    await team(talk)
    shown = await sent(talk, SOKHA, b"sku,price,stock\nROSE-30,11.00,7\n")
    faster = await sent(talk, BOPHA, LIST)
    await press(talk, BOPHA, faster, "Import 1 change", BOPHA)
    await done(talk)
    answer = await press(talk, SOKHA, shown, "Import 1 change", SOKHA)
    assert (answer["text"], await column(talk, variants.c.price)) == (EN("errors.sheet_moved"), [1100])
    now = talk.message(SOKHA, shown["message_id"])
    assert ("stock: 10 → 7" in said(now), "price" in said(now)) == (True, False)
    await press(talk, SOKHA, now, "Import 1 change", SOKHA)
    await done(talk)
    assert (await column(talk, import_files.c.state)) == ["applied", "applied"]


async def test_many_bad_rows_come_as_a_file_and_no_is_no(sqlite_talk: Talk) -> None:
    """The first are named, all are attached; what is left is still offered; "not now" ends it, and takes the file."""
    talk = sqlite_talk
    await team(talk)
    shown = await sent(talk, SOKHA, LIST + b"".join(b"BAD-%d,x\n" % i for i in range(9)))
    assert "cannot be read and are left out: 9" in said(shown)
    file = talk.sandbox.world.file_content(talk.sandbox.world.state.files[shown["document"]["file_id"]])
    assert file is not None
    assert file.decode("utf-8-sig").splitlines()[1] == "3,price,no price in dollars: write it as 12.50"
    await press(talk, SOKHA, shown, "✕ Not now", SOKHA)
    assert said(talk.message(SOKHA, shown["message_id"])) == "list.csv was not imported."
    assert not [one for one in (talk.shop.config.data_dir / "imports").iterdir() if one.is_file()]
    assert await column(talk, variants.c.price) == [1200]


async def test_only_who_runs_the_shop_brings_and_takes_lists(sqlite_talk: Talk) -> None:
    """Staff who send a list bring nothing; what cannot be read is a sentence; lists to take are files for admins."""
    talk = sqlite_talk
    await team(talk)
    await sent(talk, DARA, LIST)
    broken = await sent(talk, SOKHA, b"PK\x03\x04broken", "list.xlsx")
    assert (said(broken), await column(talk, import_files.c.id)) == (EN("errors.sheet_broken"), [])
    home = (await talk.say(SOKHA, "/admin"))[-1]
    await press(talk, SOKHA, home, EN("button.sheets"), SOKHA)
    await press(talk, SOKHA, home, "Products · CSV", SOKHA)
    assert by_bot(talk, SOKHA)[-1]["document"]["file_name"] == "products-2026-11-21.csv"
    own = (await talk.say(DARA, "/start"))[-1]
    answer = await talk.tap(DARA, own["message_id"], taps.ExportSheet(Kind.PRODUCTS, Format.CSV))
    assert answer["text"] == EN("errors.not_allowed")
