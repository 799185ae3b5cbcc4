"""The newest backup in the admins' chat: encrypted parts, each read back; brought back by sending its last message."""

import json
from datetime import timedelta

import pyrage
import pytest

from bot.outbox import Outbox
from core.backups import ledger
from core.backups.copies import chat, parts
from core.backups.ledger import Copy
from core.errors import NotAllowed, Refused
from core.i18n import translator
from core.people import service as people
from core.people.rules import Role
from core.settings import service as settings
from tests.support import builders
from tests.support.standing import much, put, stored
from tests.support.talk import BOPHA, DARA, SOKHA, Json, Talk, said

EN = translator("en")
KEY = pyrage.x25519.Identity.generate()


@pytest.fixture
async def admins(sqlite_talk: Talk) -> Talk:
    """A shop with a key to encrypt for, an owner (Dara) whose chat has the copies."""
    shop = sqlite_talk.shop
    shop.config = shop.config.model_copy(update={"backup_recipient": str(KEY.to_public())})
    await people.grant(shop, DARA, "Dara", Role.OWNER)
    await chat.turn(shop, on=True)
    await shop.refresh()
    return sqlite_talk


async def deliver(talk: Talk) -> list[Json]:
    """Let the outbox send all it owes; returns the documents in Dara's chat."""
    while await Outbox(talk.shop, talk.show, "test", lambda _chat: 0.0).send_due():
        pass
    return [message for message in talk.messages(DARA) if "document" in message]


async def the_copy(talk: Talk) -> Copy:
    """The one copy in the chat."""
    (copy,) = await talk.shop.db.read(ledger.standing, chat.CHAT)
    return copy


async def test_parts_then_the_file_that_names_them(admins: Talk):
    """Every part is in the chat, encrypted; the last message names them all; good only when all were read back."""
    name = put(admins.shop, rows=1, text=much())
    assert await chat.send_due(admins.shop) == name
    *sent, last = await deliver(admins)
    named = json.loads(admins.sandbox.world.file_content(file_of(admins, last)))
    assert [part["file_id"] for part in named["parts"]] == [message["document"]["file_id"] for message in sent]
    assert len(sent) > 1
    assert last["document"]["file_name"] == f"{name}.haang.json"
    assert said(sent[0]) == EN("copies.part", name=name, number=1, of=len(sent)).replace("<b>", "").replace("</b>", "")
    assert (await the_copy(admins)).good
    assert not any(".chat" in path for path in stored(admins.shop.config.backup_dir))
    assert await chat.send_due(admins.shop) == ""
    assert dict(admins.sandbox.world.findings) == {}


def file_of(talk: Talk, message: Json):
    """The sandbox's file of a document."""
    return talk.sandbox.world.state.files[message["document"]["file_id"]]


async def test_an_admin_brings_it_back(admins: Talk, tmp_path):
    """Sent to the bot, the last message brings the parts into the backup folder; with the key they are the backup."""
    name = put(admins.shop, rows=1, text=much())
    here = stored(admins.shop.config.backup_dir / name)
    await chat.send_due(admins.shop)
    *_, last = await deliver(admins)
    shown = await send_document(admins, DARA, last)
    assert f"{name}.tar.age" in said(shown[-1])
    back = parts.unpack(admins.shop.config.backup_dir / f"{name}.tar.age", tmp_path / "new", str(KEY))
    assert stored(back) == here
    again = await send_document(admins, DARA, last)
    assert said(again[-1]) == EN("errors.backup_exists", name=f"{name}.tar.age")


async def send_document(talk: Talk, person: int, message: Json) -> list[Json]:
    """Send a document to the bot, as forwarding does; returns what came back."""
    sent = talk.sandbox.people.send(person, person, {"document": message["document"]})["message_id"]
    await talk.work()
    return [one for one in talk.messages(person) if one["message_id"] > sent]


async def test_nobody_else_brings_anything_back(admins: Talk):
    """Staff hear that they may not; for a customer it is a file like any other."""
    name = put(admins.shop)
    await people.grant(admins.shop, SOKHA, "Sokha", Role.STAFF)
    await chat.send_due(admins.shop)
    *_, last = await deliver(admins)
    assert said((await send_document(admins, SOKHA, last))[-1]) == EN("errors.not_allowed")
    await send_document(admins, BOPHA, last)
    assert not (admins.shop.config.backup_dir / f"{name}.tar.age").exists()


async def test_what_was_killed_half_way_goes_on(admins: Talk):
    """With one part owed no more and the process gone, the next look owes that one again, and only that."""
    put(admins.shop, rows=1, text=much())
    await chat.send_due(admins.shop)
    copy = await the_copy(admins)
    await admins.shop.db.write(lambda tx: tx.exec_driver_sql(f"DELETE FROM outbox WHERE subject_id = {copy.id * 1000}"))
    sent = await deliver(admins)
    assert not (await the_copy(admins)).good
    assert not any(message["document"]["file_name"].endswith(parts.MANIFEST_END) for message in sent)
    admins.shop.clock.move(timedelta(hours=3))
    await chat.send_due(admins.shop)
    assert len(await deliver(admins)) == len(sent) + 2
    assert (await the_copy(admins)).good


async def test_what_comes_back_as_another_is_sent_again(admins: Talk):
    """A part whose content is not what was sent is no part of the copy; it is owed until it is."""
    put(admins.shop)
    await chat.send_due(admins.shop)
    copy = await the_copy(admins)
    path = parts.part_path(admins.shop.config.backup_dir / chat.FOLDER / copy.backup, 0)
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    await Outbox(admins.shop, admins.show, "test", lambda _chat: 0.0).send_due()
    assert not (await the_copy(admins)).parts[0][3]
    path.write_bytes(content)
    admins.shop.clock.move(timedelta(minutes=2))
    await deliver(admins)
    assert (await the_copy(admins)).good


async def test_never_without_a_key(sqlite_shop):
    """Without a recipient it cannot be turned on, and what was turned on before sends nothing; staff may not at all."""
    with pytest.raises(Refused, match="copy_no_recipient"):
        await chat.turn(sqlite_shop, on=True)
    await settings.change(sqlite_shop.db, sqlite_shop.clock, "backup_to_chat", 1, None)
    put(sqlite_shop)
    assert await chat.send_due(sqlite_shop) == ""
    assert await sqlite_shop.db.read(ledger.standing) == []
    with pytest.raises(NotAllowed):
        await chat.turn(sqlite_shop, on=True, by=await builders.worker(sqlite_shop))
