"""A local server that speaks the Telegram Bot API, with a chat page in the browser; it imports nothing of the shop.

sandbox = Sandbox(token="1000001:sandbox", people=[PersonSeed(1, "Dara")])
address = await sandbox.start()
"""

from bot.sandbox.server import GroupSeed, PersonSeed, Sandbox

__all__ = ["GroupSeed", "PersonSeed", "Sandbox"]
