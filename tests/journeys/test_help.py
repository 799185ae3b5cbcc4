"""A customer and the shop talk in their two chats, in Khmer, with a picture and a voice, over a restart in between."""

import asyncio
import io
from collections.abc import Callable

from PIL import Image

from bot.sandbox.client import Desk, Message, Person
from core.i18n import translator
from tests.support.house import House
from tests.support.stories import come_in, english_on, order, sokha, vanna

KM = translator("km")
QUESTION, CAPTION = "តើសេរ៉ូមនេះសមនឹងស្បែកស្ងួតទេ?", "ស្បែករបស់ខ្ញុំ"


def drawn(colour: tuple[int, int, int]) -> bytes:
    """A picture."""
    picture = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(picture, "PNG")
    return picture.getvalue()


async def came(person: Person, field: str, after: int) -> Message:
    """Wait for a message of the bot's that holds a file of a kind."""
    while True:
        turn = person.desk.turn(person.place)
        for message in await person.messages():
            if field in message and message.id > after and message["from"]["is_bot"]:
                return message
        async with asyncio.timeout(person.desk.patience):
            await turn.wait()


async def test_both_ways_with_a_picture_and_a_voice(house: House, desk: Desk) -> None:
    """Text, picture and voice come below one card, in order; each is answered with its like after a restart."""
    sophea, counter = await come_in(desk, "សុភា", "km"), sokha(desk)
    before = await counter.newest()
    await sophea.tap(KM("button.help"))
    await sophea.expect(KM("help.ask", shop="MADAM DA").partition("\n\n")[2])
    await sophea.send(QUESTION)
    await sophea.photo(drawn((200, 80, 80)), CAPTION)
    await sophea.voice(b"a question, spoken")
    await sophea.expect(KM("help.sent"))
    asked = await counter.expect(QUESTION, after=before)
    shown = await came(counter, "photo", before)
    spoken = await came(counter, "voice", before)
    assert shown.text == CAPTION
    assert before < asked.id < shown.id < spoken.id
    card = await counter.expect("សុភា", after=before)
    assert {one["reply_to_message"]["message_id"] for one in (asked, shown, spoken)} == {card.id}
    assert (await asyncio.to_thread(house.stop))[0] == 0
    await asyncio.to_thread(house.start)
    seen = await sophea.newest()
    await counter.send("សមណាស់បង!", reply_to=asked.id)
    await counter.photo(drawn((80, 200, 80)), "មួយនេះក៏ល្អដែរ", reply_to=shown.id)
    await counter.voice(b"an answer, spoken", reply_to=spoken.id)
    answer = await sophea.expect("សមណាស់បង!", after=seen)
    picture, voice = await came(sophea, "photo", seen), await came(sophea, "voice", seen)
    assert [one.text for one in (answer, picture, voice)] == [
        "💬 MADAM DA\nសមណាស់បង!", "💬 MADAM DA\nមួយនេះក៏ល្អដែរ", "💬 MADAM DA",
    ]  # fmt: skip
    assert seen < answer.id < picture.id < voice.id
    assert Image.open(io.BytesIO(await sophea.file(picture))).getpixel((5, 5)) == (80, 200, 80)
    await sophea.tap(KM("button.solved"), on=voice)
    await sophea.expect(KM("help.thanked"))
    await counter.expect("has what they asked for", after=before)
    assert english_on(sophea.read) == []


async def test_two_customers_and_two_at_the_counter(desk: Desk, regular: Callable[[], Person]) -> None:
    """Each customer hears the answers to their own words only, whoever of the staff writes them; an order is named."""
    rith, lina = regular(), regular()
    placed = await order(rith)
    seen = await sokha(desk).newest()
    await rith.tap("💬 Help", on=placed)
    await rith.expect("About your order")
    await lina.send("/help")
    await lina.expect("Write to MADAM DA")
    await asyncio.gather(rith.send("rith asks"), lina.send("lina asks"))
    for name, person, colleague in (("rith", rith, sokha(desk)), ("lina", lina, vanna(desk))):
        copy = await colleague.expect(f"{name} asks", after=seen)
        await colleague.send(f"an answer to {name}", reply_to=copy.id)
        await person.expect(f"an answer to {name}")
    await rith.never("an answer to lina")
    await lina.never("an answer to rith")
    number = next(word for word in placed.text.split() if word.startswith("MD"))
    await sokha(desk).expect(f" · {number}\nTo answer", after=seen)
