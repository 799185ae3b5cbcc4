"""Copies in a bucket: a real S3 server on this machine (moto's), spoken to over HTTP."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from urllib.request import Request, urlopen

import pytest
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

from core.backups import ledger
from core.backups.copies import service as copies
from core.backups.copies.remote import KEY, open_remote
from core.backups.copies.service import Sent
from core.backups.media import service as media_service
from core.database import tables as t
from core.errors import Refused
from core.shop import Shop
from tests.support.standing import put, stored, with_store

SECRET = "never-to-be-seen-anywhere"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """One S3 server with a bucket; its address."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    urlopen(Request(f"http://{host}:{port}/shop", method="PUT")).close()
    yield f"http://{host}:{port}"
    running.stop()


def keyed(shop: Shop, server: str, address: str) -> None:
    """Give the shop a place in the bucket, and keys."""
    keys = {"backup_store_key_id": SecretStr("AKIDEXAMPLE"), "backup_store_secret": SecretStr(SECRET)}
    with_store(shop, address, backup_store_endpoint=server, backup_store_region="us-east-1", **keys)


async def test_there_and_back(sqlite_shop, server, tmp_path):
    """Database and pictures are sent, read back, listed, verified, and fetched by a server that has nothing."""
    keyed(sqlite_shop, server, "s3://shop/there and/ហាង".replace(" ", "-"))
    name = put(sqlite_shop, rows=200_000)
    photo = sqlite_shop.config.media_dir / "products" / "rose.jpg"
    photo.parent.mkdir(parents=True)
    photo.write_bytes(b"\xff\xd8" * 3_000_000)  # more than one part of an upload
    photos = (await media_service.backup_media(sqlite_shop)).manifest.name
    sent = await copies.send(sqlite_shop)
    assert (set(sent.sent), sent.failed) == ({name, photos}, ())
    assert await copies.verify(sqlite_shop, name) > 0
    assert await copies.verify(sqlite_shop, photos) > photo.stat().st_size
    await sqlite_shop.db.write(lambda tx: tx.execute(t.backup_copies.delete()) and None)
    assert set((await copies.listing(sqlite_shop)).there) == {name, photos}
    bare = sqlite_shop.config.model_copy(update={"backup_dir": tmp_path / "new"})
    for one in (name, photos):
        await copies.fetch(bare, one)
    here = stored(sqlite_shop.config.backup_dir)
    assert stored(bare.backup_dir) == {path: content for path, content in here.items() if not path.endswith(".lock")}


async def test_contents_are_sent_once(sqlite_shop, server):
    """A second media backup sends its manifest and nothing that is there; the first one goes where no rule keeps it."""
    keyed(sqlite_shop, server, "s3://shop/twice")
    photos = sqlite_shop.config.media_dir / "products"
    photos.mkdir(parents=True)
    for name in ("kept", "gone"):
        (photos / name).write_bytes(name.encode())
    first = (await media_service.backup_media(sqlite_shop)).manifest.name
    await copies.send_due(sqlite_shop)
    remote = open_remote(sqlite_shop.config)
    before = {one.key: one.at for one in await remote.list("media/blobs/")}
    sqlite_shop.clock.move(timedelta(hours=1))
    (photos / "gone").unlink()
    second = (await media_service.backup_media(sqlite_shop)).manifest.name
    assert await copies.send_due(sqlite_shop) == Sent((second,), (), (first,))
    assert {one.key: one.at for one in await remote.list("media/blobs/")} == before, "new contents wait"
    assert await remote.names("media/") == ("blobs", f"{second}.json")


@pytest.mark.parametrize(
    ("address", "endpoint", "word"),
    [("s3://nobodys/x", "", "copy_missing"), ("s3://shop/x", "http://127.0.0.1:9", "copy_unreachable")],
)
async def test_trouble_is_one_word_without_secrets(sqlite_shop, server, caplog, address, endpoint, word):
    """A bucket that is not there, a server that does not answer: a sentence, kept as one word; keys stand nowhere."""
    keyed(sqlite_shop, endpoint or server, address)
    name = put(sqlite_shop)
    assert (await copies.send(sqlite_shop)).failed == ((name, word),)
    (row,) = await sqlite_shop.db.read(ledger.standing)
    with pytest.raises(Refused) as refused:
        await copies.fetch(sqlite_shop.config, "db_backup_20260101_000000")
    said = f"{row} {refused.value!r} {refused.value.values} {caplog.text} {sqlite_shop.config!r}"
    assert SECRET not in said
    assert "127.0.0.1" not in f"{row}{refused.value!r}{refused.value.values}"


@pytest.mark.parametrize("key", ["../up", "/root", "a//b", "a/../b", "a/.hidden", "a\\b", "", "a/", "ក"])
def test_names_that_are_not_ours_are_passed_over(key):
    """Nothing in a store can lead out of the folder it is fetched into."""
    assert KEY.fullmatch(key) is None
