"""A bot on the sandbox, in one process and over real HTTP: people write and tap, the dispatch works what comes."""

import json
from dataclasses import dataclass
from typing import Any

from telegram.ext import ExtBot
from telegram.request import RequestData

from bot.dispatch import Dispatch
from bot.fetching import ALLOWED
from bot.pictures import Pictures
from bot.request import AiohttpRequest
from bot.sandbox import GroupSeed, PersonSeed, Sandbox
from bot.show import Show
from bot.taps import Tap
from core.shop import Shop
from tests.support.patience import PATIENCE

TOKEN = "1000001:made-up-token"
BOT_ID = 1000001
DARA, BOPHA, SOKHA = MEMBERS = (1001, 1002, 2001)
STAFF_GROUP, OTHER_GROUP = -100200300, -100200399
PEOPLE = (PersonSeed(DARA, "Dara"), PersonSeed(BOPHA, "Bopha", language_code="km"), PersonSeed(SOKHA, "Sokha"))
GROUPS = (GroupSeed(STAFF_GROUP, "Staff", MEMBERS, ()), GroupSeed(OTHER_GROUP, "Others", MEMBERS, ()))
Json = dict[str, Any]


class CountingRequest(AiohttpRequest):
    """Counts the calls that carry a file; has patience with a machine that is busy with others."""

    uploads = 0

    def __init__(self) -> None:
        super().__init__(read_timeout=PATIENCE, connect_timeout=PATIENCE, pool_timeout=PATIENCE)

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *more: Any, **times: Any
    ) -> tuple[int, bytes]:
        """Call, and count."""
        self.uploads += bool(request_data and request_data.contains_files)
        return await super().do_request(url, method, request_data, *more, **times)


@dataclass
class Talk:
    """One process of the bot; ``sandbox`` is its Telegram, at ``address``."""

    shop: Shop
    sandbox: Sandbox
    address: str
    request: CountingRequest
    bot: ExtBot[None]
    pictures: Pictures
    show: Show
    dispatch: Dispatch

    @classmethod
    async def begin(
        cls, shop: Shop, sandbox: Sandbox, address: str, request: CountingRequest, *, alone: bool
    ) -> "Talk":
        """Start a process of the bot on a running sandbox, knowing what the shop's database knows."""
        bot: ExtBot[None] = ExtBot(
            TOKEN, base_url=f"{address}/bot", base_file_url=f"{address}/file/bot", request=request,
            get_updates_request=request,
        )  # fmt: skip
        pictures = Pictures(shop, BOT_ID)
        await pictures.load()
        show = Show(bot, pictures, alone=alone)
        return cls(shop, sandbox, address, request, bot, pictures, show, Dispatch(shop, bot, show))

    async def arrived(self) -> list[Json]:
        """Every update that came, as it is."""
        asked = f"{self.address}/bot{TOKEN}/getUpdates?allowed_updates={json.dumps(ALLOWED)}"
        raw: Any = await self.request.post(asked)
        self.sandbox.world.updates.drop_all()
        return list(raw)

    async def work(self) -> list[bool]:
        """Work every update that came; False for each that failed."""
        return [await self.dispatch.work(update) for update in await self.arrived()]

    async def say(self, person: int, text: str, chat: int | None = None) -> list[Json]:
        """Write as a person; returns the messages that came back."""
        written = self.sandbox.people.write(person, chat or person, text)["message_id"]
        await self.work()
        return [message for message in self.messages(chat or person) if message["message_id"] > written]

    async def tap(self, person: int, message_id: int, tap: Tap | str, chat: int | None = None) -> Json:
        """Press a button of a message; returns the answer, {} for none."""
        data = tap if isinstance(tap, str) else tap.pack()
        number = self.sandbox.people.tap(person, chat or person, message_id, data)
        await self.work()
        return self.sandbox.world.state.queries[number].answer or {}

    def messages(self, chat: int) -> list[Json]:
        """All that stands in a chat, the oldest first."""
        return list(self.sandbox.world.state.chats[chat].messages.values())

    def message(self, chat: int, message_id: int) -> Json:
        """One message as it stands now."""
        return self.sandbox.world.state.chats[chat].messages[message_id]

    def calls(self) -> list[str]:
        """Which methods were called since this was asked last, but for getUpdates and the look for topics."""
        found = [call["method"] for call in self.sandbox.world.calls]
        self.sandbox.world.calls.clear()
        return [name for name in found if name not in {"getUpdates", "getChat"}]

    def file(self, message: Json) -> bytes:
        """The largest size of a message's photo."""
        world = self.sandbox.world
        content = world.file_content(world.state.files[message["photo"][-1]["file_id"]])
        assert content is not None
        return content


def said(message: Json) -> str:
    """What a message says."""
    return str(message.get("text") or message.get("caption") or "")


def keys(message: Json) -> dict[str, str]:
    """Its buttons: what each carries, by its words."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return {key["text"]: key.get("callback_data") or key.get("url", "") for row in rows for key in row}
