"""Reactions: the bot's as Telegram allows them, people's as updates for a bot that asked and may hear of them."""

from typing import Any

from aiogram import Bot as AiogramBot
from aiogram import types as aiogram
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from telegram.constants import ReactionEmoji

from bot.sandbox.methods.reactions import EMOJI, plain

STAFF = -1001
LIKE = {"type": "emoji", "emoji": "👍"}


async def test_the_bot_reacts(desk: Any) -> None:
    """One reaction of the bot, another in its place, none; the page is shown how many gave which."""
    for given in ([LIKE], [{"type": "emoji", "emoji": "❤️"}]):  # the colourful heart is kept plain
        assert await desk.bot("setMessageReaction", chat_id=1, message_id=1, reaction=given, is_big=True) is True
        assert await desk.bot("setMessageReaction", chat_id=1, message_id=1, reaction=given) is True
    await desk.act("react", person=1, chat=1, message_id=1, emoji="❤")
    shown = (await desk.get("chats/1/messages"))["messages"][0]
    assert shown["reactions"] == [{"emoji": "❤", "count": 2, "people": [1000001, 1]}]
    await desk.bot("setMessageReaction", chat_id=1, message_id=1)
    await desk.act("react", person=1, chat=1, message_id=1, emoji="")
    assert "reactions" not in (await desk.get("chats/1/messages"))["messages"][0]


async def test_refused(desk: Any) -> None:
    """What is no reaction, or too many, is refused in Telegram's words."""
    await desk.bot("pinChatMessage", chat_id=1, message_id=1)
    rows = [
        ({"reaction": "["}, "can't parse reaction types JSON object"),
        ({"reaction": {}}, "expected an Array of ReactionType"),
        ({"reaction": ["👍"]}, "can't parse ReactionType: expected an Object"),
        ({"reaction": [{}]}, "can't parse ReactionType: Can't find field \"type\""),
        ({"reaction": [{"type": "emoji"}]}, "can't parse ReactionType: Can't find field \"emoji\""),
        ({"reaction": [{"type": "paid"}]}, "can't parse ReactionType: invalid reaction type specified"),
        ({"reaction": [LIKE], "message_id": 99}, "message to react not found"),
        ({"reaction": [{"type": "emoji", "emoji": ""}]}, "invalid reaction type specified"),
        ({"reaction": [LIKE, {"type": "emoji", "emoji": "🔥"}]}, "REACTIONS_TOO_MANY"),
        ({"reaction": [{"type": "emoji", "emoji": "🚀"}]}, "REACTION_INVALID"),
        ({"reaction": [{"type": "custom_emoji", "custom_emoji_id": "5368324170671202286"}]}, "REACTION_INVALID"),
        ({"reaction": [LIKE], "message_id": 2}, "REACTION_INVALID"),  # a grey line
    ]
    for parameters, sentence in rows:
        answer = await desk.raw("setMessageReaction", **{"chat_id": 1, "message_id": 1, **parameters})
        assert answer.get("description") == f"Bad Request: {sentence}"
    assert {plain(one.value) for one in ReactionEmoji} == set(EMOJI)


async def test_people_react(desk: Any) -> None:
    """A person's reaction is an update with old and new, for a bot that asked for it; the bot's own is none."""
    await desk.act("react", person=1, chat=1, message_id=1, emoji="🔥")
    assert len(await desk.bot("getUpdates", allowed_updates=["message", "message_reaction"])) == 1
    await desk.act("react", person=1, chat=1, message_id=1, emoji="👍")
    await desk.act("react", person=1, chat=1, message_id=1, emoji="👍")
    await desk.bot("setMessageReaction", chat_id=1, message_id=1, reaction=[LIKE])
    updates = await desk.bot("getUpdates")
    told = updates[-1]["message_reaction"]
    assert len(updates) == 2
    assert (told["old_reaction"], told["new_reaction"]) == ([{"type": "emoji", "emoji": "🔥"}], [LIKE])
    assert (told["user"]["id"], told["chat"]["id"], told["message_id"]) == (1, 1, 1)


async def test_in_groups(desk: Any) -> None:
    """In a group only a bot that leads it hears of reactions; who is not there cannot react."""
    await desk.bot("getUpdates", allowed_updates=["message_reaction"], offset=-1)
    number = (await desk.bot("sendMessage", chat_id=STAFF, text="x"))["message_id"]
    await desk.act("react", person=3, chat=STAFF, message_id=number, emoji="👍")
    await desk.act("members", chat=STAFF, person=1000001, status="member")
    await desk.act("react", person=2, chat=STAFF, message_id=number, emoji="👍")
    told = [one["message_reaction"] for one in await desk.bot("getUpdates") if "message_reaction" in one]
    assert [one["user"]["id"] for one in told] == [3]
    for body, status in (
        ({"person": 1}, 403),
        ({"person": 3, "emoji": "🚀"}, 400),
        ({"person": 3, "message_id": 99}, 404),
    ):
        whole = {"chat": STAFF, "message_id": number, "emoji": "👍", **body}
        async with desk.http.post(f"{desk.address}/sandbox/react", json=whole) as response:
            assert response.status == status


async def test_reactions_survive(opened: Any, tmp_path: Any) -> None:
    """Reactions are there after two restarts (the second reads the shortened journal) and go with their message."""
    async with opened(folder=tmp_path) as desk:
        await desk.act("start", person=1)
        await desk.act("react", person=1, chat=1, message_id=1, emoji="👍")
        before = await desk.get("chats/1/messages")
    async with opened(folder=tmp_path):
        pass
    async with opened(folder=tmp_path) as desk:
        assert await desk.get("chats/1/messages") == before
        assert before["messages"][0]["reactions"][0]["people"] == [1]
        await desk.bot("deleteMessage", chat_id=1, message_id=1)
        assert desk.sandbox.world.state.chats[1].reactions == {}


async def test_in_both_clients(desk: Any) -> None:
    """python-telegram-bot and aiogram react and read the updates."""
    bot = desk.library()
    async with bot:
        assert await bot.set_message_reaction(1, 1, ReactionEmoji.RED_HEART)
        await bot.get_updates(allowed_updates=["message_reaction"])
        await desk.act("react", person=1, chat=1, message_id=1, emoji="🎉")
        assert (await bot.get_updates())[-1].message_reaction.new_reaction[0].emoji == ReactionEmoji.PARTY_POPPER
    server = TelegramAPIServer.from_base(desk.address)
    async with AiogramBot(desk.token, session=AiohttpSession(api=server)) as other:
        assert await other.set_message_reaction(1, 1, [aiogram.ReactionTypeEmoji(emoji="🔥")])
        assert (await other.get_updates())[-1].message_reaction.new_reaction[0].emoji == "🎉"
    assert (await desk.get("findings"))["findings"] == []
