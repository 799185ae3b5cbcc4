"""A local server that speaks the Telegram Bot API, with a chat page in the browser; it imports nothing of the shop.

async with Sandbox(token="1000001:sandbox", people=[PersonSeed(1, "Dara")]) as desk:
    ...  # point a bot at desk.address
    await desk.person("Dara").send("/start")
"""

from bot.sandbox.server import GroupSeed, PersonSeed, Sandbox

__all__ = ["GroupSeed", "PersonSeed", "Sandbox"]
