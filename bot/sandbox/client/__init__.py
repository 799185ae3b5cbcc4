"""People at a sandbox, from Python: they write, tap and look, and the bot they talk to may run in another process.

async with Desk("http://127.0.0.1:8080") as sandbox:
    dara = sandbox.person("Dara")
    await dara.send("/start")
    await dara.tap("Buy now")
    await dara.expect("Delivered", within=5)

Everything goes over the control routes. Nothing sleeps: an expectation looks again whenever the sandbox tells of a
change, and when its time is over says what stood in the chat instead. It imports nothing but aiohttp.
"""

from bot.sandbox.client.desk import ActRefused, Desk
from bot.sandbox.client.message import Answer, Message
from bot.sandbox.client.person import NotSeen, Person

__all__ = ["ActRefused", "Answer", "Desk", "Message", "NotSeen", "Person"]
