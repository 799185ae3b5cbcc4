"""How the bot shows itself: names and descriptions by language, rights asked for, commands each person sees."""

from typing import Any

from aiogram import Bot as AiogramBot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from telegram import BotCommand, BotCommandScopeChatMember, ChatAdministratorRights

DARA, SOKHA, ADMIN = 1, 2, 3
STAFF = -1001


async def refused(desk: Any, method: str, **parameters: Any) -> str:
    """The sentence a call is refused with."""
    answer = await desk.raw(method, **parameters)
    assert not answer["ok"], (method, parameters)
    return str(answer["description"]).removeprefix("Bad Request: ")


async def seen(desk: Any, person: int, chat: int) -> list[str]:
    """The commands a person is offered in a chat."""
    found = await desk.get(f"commands?person={person}&chat={chat}")
    return [one["command"] for one in found["commands"]]


async def test_texts_by_language(desk: Any) -> None:
    """Each text has one for all and one for a language, which goes before; an empty one takes it back."""
    for what in ("Name", "Description", "ShortDescription"):
        field = {"Name": "name", "Description": "description", "ShortDescription": "short_description"}[what]
        assert await desk.bot(f"setMy{what}", **{field: "Shop"}) is True
        assert await desk.bot(f"setMy{what}", **{field: "ហាង"}, language_code="km") is True
        assert await desk.bot(f"getMy{what}", language_code="km") == {field: "ហាង"}
        assert await desk.bot(f"getMy{what}", language_code="en") == {field: "Shop"}
        assert await desk.bot(f"setMy{what}", **{field: ""}, language_code="km") is True
        assert await desk.bot(f"getMy{what}", language_code="km") == {field: "Shop"}


async def test_the_name_is_worn(opened: Any, tmp_path: Any) -> None:
    """What the bot is called stands in getMe and under new messages; opened again the sandbox says the same of all."""

    async def names(desk: Any) -> list[str]:
        return [one["from"]["first_name"] for one in (await desk.get(f"chats/{STAFF}/messages"))["messages"]]

    async with opened(folder=tmp_path) as desk:
        assert await desk.bot("getMyName") == {"name": "Sandbox bot"}
        await desk.bot("sendMessage", chat_id=STAFF, text="x")
        await desk.bot("setMyName", name="Madam Da")
        assert (await desk.bot("sendMessage", chat_id=STAFF, text="x"))["from"]["first_name"] == "Madam Da"
        assert await names(desk) == ["Sandbox bot", "Madam Da"]
    async with opened(folder=tmp_path) as desk:
        assert await names(desk) == ["Sandbox bot", "Madam Da"]
        assert (await desk.bot("getMe"))["first_name"] == "Madam Da"
        await desk.bot("setMyName", name="")
        assert (await desk.bot("getMe"))["first_name"] == "Sandbox bot"


async def test_refused_texts(desk: Any) -> None:
    """The language is looked at before the length; lengths are Telegram's, to the character."""
    rows: list[tuple[str, dict[str, Any], str]] = [
        ("setMyName", {"name": "x" * 65, "language_code": "KHM"}, "invalid language code specified"),
        ("getMyName", {"language_code": "khm"}, "invalid language code specified"),
        ("setMyName", {"name": "x" * 65}, "BOT_TITLE_INVALID"),
        ("setMyDescription", {"description": "x" * 513}, "DESCRIPTION_TOO_LONG"),
        ("setMyShortDescription", {"short_description": "x" * 121}, "ABOUT_TOO_LONG"),
        ("setMyDefaultAdministratorRights", {"rights": "{"}, "can't parse ChatAdministratorRights JSON object"),
        (
            "setMyDefaultAdministratorRights",
            {"rights": [1]},
            "can't parse ChatAdministratorRights: ChatAdministratorRights must be an Object",
        ),
        (
            "setMyDefaultAdministratorRights",
            {"rights": {"can_pin_messages": "x"}},
            'can\'t parse ChatAdministratorRights: Field "can_pin_messages" must be of type Boolean',
        ),
    ]
    for method, parameters, sentence in rows:
        assert await refused(desk, method, **parameters) == sentence, (method, parameters)
    assert await desk.bot("setMyName", name="x" * 64) is True
    assert await desk.bot("setMyDescription", description="ហ" * 512) is True
    assert await desk.bot("setMyShortDescription", short_description="ហ" * 120) is True


async def test_default_rights(desk: Any) -> None:
    """Rights asked for in groups and in channels are two things, none until set, taken back by nothing."""
    none = await desk.bot("getMyDefaultAdministratorRights")
    assert set(none.values()) == {False}
    assert "can_post_messages" not in none
    await desk.bot("setMyDefaultAdministratorRights", rights={"can_pin_messages": True})
    await desk.bot("setMyDefaultAdministratorRights", rights={"can_post_messages": True}, for_channels=True)
    group = await desk.bot("getMyDefaultAdministratorRights")
    channel = await desk.bot("getMyDefaultAdministratorRights", for_channels=True)
    assert [name for name, value in group.items() if value] == ["can_pin_messages"]
    assert [name for name, value in channel.items() if value] == ["can_post_messages"]
    await desk.bot("setMyDefaultAdministratorRights")
    assert await desk.bot("getMyDefaultAdministratorRights") == none


async def test_commands_as_a_person_sees_them(desk: Any) -> None:
    """The narrowest scope with commands wins, in it the person's language; who leads sees more."""
    group = [
        {"type": "default"},
        {"type": "all_group_chats"},
        {"type": "all_chat_administrators"},
        {"type": "chat", "chat_id": STAFF},
        {"type": "chat_administrators", "chat_id": STAFF},
        {"type": "chat_member", "chat_id": STAFF, "user_id": ADMIN},
    ]
    for number, scope in enumerate(group):
        name = scope["type"]
        await desk.bot("setMyCommands", commands=[{"command": name, "description": "x"}], scope=scope)
        leading = name
        plain = {2: "all_group_chats", 4: "chat", 5: "chat"}.get(number, name)
        assert (await seen(desk, ADMIN, STAFF), await seen(desk, SOKHA, STAFF)) == ([leading], [plain]), name
    assert await seen(desk, DARA, DARA) == ["default"]
    private = [{"type": "all_private_chats"}, {"type": "chat", "chat_id": DARA}]
    for scope in private:
        km = [{"command": scope["type"] + "_km", "description": "x"}]
        await desk.bot("setMyCommands", commands=[{"command": scope["type"], "description": "x"}], scope=scope)
        await desk.bot("setMyCommands", commands=km, scope=scope, language_code="km")
        assert await seen(desk, DARA, DARA) == [scope["type"] + "_km"]  # Dara reads Khmer
    assert await seen(desk, SOKHA, SOKHA) == ["all_private_chats"]
    await desk.bot("deleteMyCommands", scope=private[1], language_code="km")
    assert await seen(desk, DARA, DARA) == ["chat"]
    await desk.bot("deleteMyCommands", scope=private[1])
    assert await seen(desk, DARA, DARA) == ["all_private_chats_km"]
    async with desk.http.get(f"{desk.address}/sandbox/commands?person=9&chat=1") as response:
        assert response.status == 404


async def test_clients_read_the_profile(desk: Any) -> None:
    """python-telegram-bot and aiogram set and read every part of the bot's page."""
    async with desk.library() as bot:
        assert await bot.set_my_name("Madam Da")
        assert (await bot.get_my_name()).name == "Madam Da"
        assert await bot.set_my_description("A shop")
        assert (await bot.get_my_description()).description == "A shop"
        assert await bot.set_my_short_description("Shop")
        assert (await bot.get_my_short_description()).short_description == "Shop"
        rights = ChatAdministratorRights.all_rights()
        assert await bot.set_my_default_administrator_rights(rights)
        assert (await bot.get_my_default_administrator_rights()).can_pin_messages is True
        scope = BotCommandScopeChatMember(STAFF, ADMIN)
        assert await bot.set_my_commands([BotCommand("orders", "Orders")], scope=scope)
        assert [one.command for one in await bot.get_my_commands(scope=scope)] == ["orders"]
    server = TelegramAPIServer.from_base(desk.address)
    async with AiogramBot(desk.token, session=AiohttpSession(api=server)) as other:
        assert (await other.get_my_name()).name == "Madam Da"
        assert (await other.get_my_default_administrator_rights(for_channels=True)).can_post_messages is False
        assert (await other.get_my_description()).description == "A shop"
