"""Somebody takes their data along and is forgotten, in Khmer, in a running shop that is killed right after it."""

import asyncio
import json
import re
import sqlite3
from contextlib import closing

from bot.sandbox.client import Desk
from core.i18n import translator
from tests.support.house import House
from tests.support.regulars import acquaint, bring
from tests.support.stories import sokha

NAME, STREET = "សុភាព", "ផ្ទះលេខ 77 ផ្លូវកុលាប"
KM = translator("km")


def everything(house: House) -> str:
    """Every value of every table, as it stands on the disk; JSON holds Khmer as escapes, which are read."""
    with closing(sqlite3.connect(f"file:{house.data / 'haang.sqlite3'}?mode=ro", uri=True)) as database:
        return re.sub(r"\\u([0-9a-f]{4})", lambda sign: chr(int(sign[1], 16)), "\n".join(database.iterdump()))


async def test_a_copy_and_then_nothing(house: House, desk: Desk) -> None:
    """Bought, delivered, a copy that holds it all, deleted after two questions: nothing in the file on the disk."""
    (sopheap,) = await acquaint(house, desk, NAME, language="km", street=STREET)
    (number,), counter = await bring(house, sopheap), sokha(desk)
    card = await counter.expect(number)
    assert NAME in card.text
    await counter.tap("Delivered", on=card)
    await sopheap.expect(f"🎁 {number}")
    before = await sopheap.newest()
    await sopheap.send(STREET)
    await sopheap.expect("", after=before)
    assert everything(house).count(STREET) > 2  # in the book, on the order, as what was looked for

    await sopheap.send("/mydata")
    told = await sopheap.expect(KM("button.export_data"))
    answer = await sopheap.tap(KM("button.export_data"), on=told)
    assert answer.text == KM("privacy.file_comes")
    given = json.loads(await sopheap.file(await sopheap.expect(KM("privacy.file"))))
    assert (given["person"]["name"], given["orders"][0]["number"]) == (NAME, number)
    assert STREET in given["addresses"][0]["street"]

    for words in ("delete_data", "go_on", "delete_all"):
        await sopheap.tap(KM(f"button.{words}"))
    gone = await sopheap.expect("ទិន្នន័យរបស់អ្នកត្រូវបានលុបហើយ")
    assert gone.buttons == []
    await counter.expect("Deleted customer")
    await asyncio.to_thread(house.kill)
    await asyncio.to_thread(house.start)
    left = everything(house)
    theirs = rf"(?<![\w-]){sopheap.id}(?![\w-])"  # four digits stand by chance in a token now and then
    assert [word for word in (NAME, STREET, theirs) if re.search(word, left)] == []
    assert house.rows("SELECT status, recipient, phone FROM orders WHERE number = ?", number) == [("delivered", "", "")]
