"""Ask Telegram whose a token is, before anything is written down."""

from telegram import Bot

from bot.app import reached
from bot.request import AiohttpRequest


async def hello(api: str, token: str) -> tuple[str, str]:
    """Tell a bot's name and username; ``StartRefused`` where the token is void or Telegram is not reached."""
    async with AiohttpRequest() as calling:
        bot = Bot(token, f"{api}/bot", request=calling, get_updates_request=calling)
        with reached():
            me = await bot.get_me()
    return me.full_name, me.username or ""
