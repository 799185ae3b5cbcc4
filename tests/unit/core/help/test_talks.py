"""Talks in rows: kept once, in order, whoever writes at the same moment; owed to the right chat and to no other."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.database import tables
from core.database.tables import help_messages, help_threads, outbox
from core.errors import NotAllowed, NotFound, Refused
from core.help import service, store
from core.help.rules import MOST, STRETCH, WITHIN, Media, Side, Spot, TalkState, Written
from core.messages import store as messages
from core.messages.rules import MessageKind, MessageRef, Owed
from core.people import service as people
from core.people.rules import Person, Role
from core.settings import service as settings
from core.shop import Shop
from tests.conftest import OpenShop
from tests.support import builders

STAFF = builders.STAFF_CHAT
ASKED, ANSWERED, TOLD = MessageKind.HELP_ASKED, MessageKind.HELP_ANSWERED, MessageKind.HELP_TOLD
HELP = tuple(kind for kind in MessageKind if kind.value.startswith("help_"))


async def _open(shop: Shop) -> tuple[Person, Person]:
    """A customer, and somebody at the counter in the staff's chat."""
    await settings.change(shop.db, shop.clock, "staff_chat_id", STAFF, None)
    await shop.refresh()
    return await builders.customer(shop), await builders.worker(shop)


def _line(number: int, text: str = "Hello?", chat: int = 1001, media: Media | None = Media.TEXT) -> Written:
    return Written(chat, number, media, text)


async def _pay(shop: Shop, *kinds: MessageKind) -> list[tuple[int, str]]:
    """Bring everything that is owed, as a worker would; returns (chat, words) in the order it came."""
    came: list[tuple[int, str]] = []
    while owed := await shop.db.write(messages.claim_owed, "me", shop.clock.now()):
        for one in owed:
            piece = await service.next_piece(shop, one) if one.kind.is_talk else None
            if piece is None or (kinds and one.kind not in kinds):
                await shop.db.write(messages.sent, one, shop.clock.now(), None)
                continue
            came.append((one.chat_id, piece.said.text))
            await shop.db.write(service.brought, one, piece.said, 900 + piece.said.id, shop.clock.now())
    return came


async def _spot(shop: Shop, chat: int, message_id: int) -> Spot:
    found = await service.spot(shop, chat, message_id)
    assert found is not None
    return found


async def test_what_is_written_is_owed_to_the_staff_and_answered_to_its_author(shop: Shop) -> None:
    """Three lines wait as one debt and come in order; the answer is owed to the one who asked."""
    dara, sokha = await _open(shop)
    firsts = [(await service.say(shop, dara, _line(n, f"line {n}"))).first for n in (1, 2, 3)]
    assert firsts == [True, False, False]
    assert await builders.owed(shop, *HELP) == [(STAFF, ASKED)]
    assert await _pay(shop) == [(STAFF, "line 1"), (STAFF, "line 2"), (STAFF, "line 3")]
    copy = await _spot(shop, STAFF, 902)
    assert (copy.side, copy.said and copy.said.text) == (Side.SHOP, "line 2")
    await service.answer(shop, sokha, copy, _line(50, "answer", STAFF))
    assert await _pay(shop) == [(1001, "answer")]
    kept = await shop.db.read(lambda tx: tx.execute(select(help_messages).order_by(help_messages.c.id)).all())
    assert [(row.side, row.reply_to, row.copy_chat_id) for row in kept] == [
        ("customer", None, STAFF), ("customer", None, STAFF), ("customer", None, STAFF), ("shop", 2, 1001),
    ]  # fmt: skip


async def test_the_same_message_twice_is_one(shop: Shop) -> None:
    """An update that is worked again adds no row, owes nothing and counts towards no limit."""
    dara, sokha = await _open(shop)
    came = []
    for _ in range(2):
        await service.say(shop, dara, _line(1))
        came += await _pay(shop)
        await service.answer(shop, sokha, await _spot(shop, STAFF, 901), _line(50, "answer", STAFF))
    assert await builders.count(shop, help_messages) == 2
    assert came + await _pay(shop) == [(STAFF, "Hello?"), (1001, "answer")]


async def test_many_at_once_are_one_talk_in_one_order(shop: Shop) -> None:
    """Ten messages of a new customer and ten answers at the same moment: one talk, each once, ids in order of time."""
    dara, sokha = await _open(shop)
    await asyncio.gather(*(service.say(shop, dara, _line(n, str(n))) for n in range(1, 11)))
    assert await builders.count(shop, help_threads) == 1
    assert sorted(await _pay(shop)) == sorted((STAFF, str(n)) for n in range(1, 11))
    spot = await _spot(shop, STAFF, 901)
    await asyncio.gather(*(service.answer(shop, sokha, spot, _line(n, str(n), STAFF)) for n in range(50, 60)))
    assert len({text for _, text in await _pay(shop)}) == 10


async def test_two_processes_bring_each_message_once(shop: Shop, open_shop: OpenShop) -> None:
    """Two workers share the debt of one talk: never two at it at once, every message once, in order."""
    dara, _ = await _open(shop)
    for number in range(1, 8):
        await service.say(shop, dara, _line(number, str(number)))
    other = await open_shop(shop.config)
    ways = await asyncio.gather(_pay(shop), _pay(other))
    assert sorted(ways[0] + ways[1]) == [(STAFF, str(n)) for n in range(1, 8)]
    copied = await shop.db.read(
        lambda tx: tx.execute(select(help_messages.c.copy_message_id).order_by(help_messages.c.id)).scalars().all()
    )
    assert copied == sorted(copied)


async def test_thirty_in_ten_minutes(shop: Shop) -> None:
    """The next is refused and not kept, and leaves a closed talk closed; when the ten minutes are over it is taken."""
    dara, _ = await _open(shop)
    for number in range(1, MOST + 1):
        await service.say(shop, dara, _line(number))
    await service.close(shop, dara, 1)
    with pytest.raises(Refused) as refused:
        await service.say(shop, dara, _line(99))
    assert refused.value.values == {"most": 30, "minutes": 10}
    assert await builders.count(shop, help_messages) == MOST
    assert await builders.count(shop, help_threads, help_threads.c.state == TalkState.CLOSED) == 1
    shop.clock.move(WITHIN)
    assert (await service.say(shop, dara, _line(99))).first is False
    shop.clock.move(STRETCH + timedelta(seconds=1))
    assert (await service.say(shop, dara, _line(100))).first is True


async def test_words_as_no_database_takes_them(shop: Shop) -> None:
    """A null character, half a surrogate pair and turned letters are left out of what is kept; lines stay lines."""
    dara, _ = await _open(shop)
    await service.say(shop, dara, _line(1, "a\x00b\ud800\u202e\nc " + "x" * 5000))
    (text,) = await shop.db.read(lambda tx: tx.execute(select(help_messages.c.text)).scalars().all())
    assert text.startswith("ab\nc x")
    assert len(text) == 4096


async def test_who_may_answer_and_close(shop: Shop) -> None:
    """Nobody without a role answers, nobody but the two sides closes; a talk that is not there cannot be found."""
    dara, sokha = await _open(shop)
    stranger = await builders.customer(shop, 1002, "Bopha")
    await service.say(shop, dara, _line(1))
    await _pay(shop)
    spot = await _spot(shop, STAFF, 901)
    for person in (stranger, dara):
        with pytest.raises(NotAllowed):
            await service.answer(shop, person, spot, _line(60, "forged", STAFF))
    for person, talk in ((stranger, 1), (sokha, 99)):
        with pytest.raises(NotFound):
            await service.close(shop, person, talk)
    assert (await service.close(shop, sokha, 1)).state is TalkState.CLOSED
    assert await builders.owed(shop, ANSWERED, TOLD) == []
    await service.answer(shop, sokha, spot, _line(61, "open again", STAFF))
    assert (await service.close(shop, dara, 1)).state is TalkState.CLOSED
    assert await builders.owed(shop, TOLD) == [(STAFF, TOLD)]


async def test_a_message_of_another_chat_stands_nowhere(shop: Shop) -> None:
    """The same number in another chat, a number nobody wrote, what staff wrote themselves: in no talk."""
    dara, sokha = await _open(shop)
    await service.say(shop, dara, _line(1))
    await _pay(shop)
    await service.answer(shop, sokha, await _spot(shop, STAFF, 901), _line(50, "answer", STAFF))
    await _pay(shop)
    for chat, number in ((1002, 1), (STAFF, 1), (1001, 901), (STAFF, 902), (1002, 902), (STAFF, 50), (STAFF, 12)):
        assert await service.spot(shop, chat, number) is None, (chat, number)
    for chat, number, side in ((1001, 1, Side.CUSTOMER), (1001, 902, Side.CUSTOMER), (STAFF, 901, Side.SHOP)):
        assert (await _spot(shop, chat, number)).side is side
    await shop.db.write(
        messages.remember, MessageKind.HELP_CARD, 1, MessageRef(STAFF, 12, has_photo=False), shop.clock.now()
    )
    assert (await _spot(shop, STAFF, 12)).side is Side.SHOP


async def test_a_talk_is_about_an_order_of_its_customer(shop: Shop) -> None:
    """Their own order is named and stays; another's is left out, and asking about it is refused."""
    dara, _ = await _open(shop)
    other = await builders.customer(shop, 1002, "Bopha")
    mine, theirs = [
        await builders.order(shop, who, await builders.product(shop, sku=f"S-{who.id}")) for who in (dara, other)
    ]
    named = []
    for number, order in ((1, theirs.id), (2, mine.id), (3, theirs.id), (4, None)):
        await service.say(shop, dara, _line(number), order)
        card = await service.card(shop, 1)
        named.append(card.order_number if card else None)
    assert named == ["", mine.number, mine.number, mine.number]
    assert await service.order_of(shop, dara, mine.id) == mine.number
    with pytest.raises(NotFound):
        await service.order_of(shop, dara, theirs.id)


async def test_nobody_at_the_counter(shop: Shop) -> None:
    """With neither group nor owner a message is refused and not kept: it would wait for nobody."""
    dara = await builders.customer(shop)
    with pytest.raises(Refused, match="help_nobody"):
        await service.say(shop, dara, _line(1))
    assert await builders.count(shop, help_messages) == 0
    await builders.worker(shop, Role.OWNER, 3001)
    await service.say(shop, dara, _line(1))
    assert await builders.owed(shop, ASKED) == [(3001, ASKED)]


async def _claimed(shop: Shop, kind: MessageKind) -> Owed:
    return next(one for one in await shop.db.write(messages.claim_owed, "me", shop.clock.now()) if one.kind is kind)


async def test_what_nobody_can_be_given_goes_on_to_the_next(shop: Shop) -> None:
    """Group, admin chat, each owner in turn; after the last nobody, and the words are still there."""
    dara, _ = await _open(shop)
    await settings.change(shop.db, shop.clock, "admin_chat_id", -77, None)
    await shop.refresh()
    for number in (3001, 3002):
        await builders.worker(shop, Role.OWNER, number)
    await service.say(shop, dara, _line(1))
    tried = []
    while await builders.count(shop, outbox, outbox.c.kind == ASKED, outbox.c.state == "pending"):
        owed = await _claimed(shop, ASKED)
        tried.append(owed.chat_id)
        await shop.db.write(service.give_up, shop.policy, owed, "Forbidden", shop.clock.now())
    assert tried == [STAFF, -77, 3001, 3002]
    assert await shop.db.read(store.next_said, 1, Side.CUSTOMER) is not None


async def test_not_to_who_works_here_no_more(shop: Shop) -> None:
    """Alerts came to a colleague's own chat, who left: what a customer writes goes past them, to the owners."""
    dara, _ = await _open(shop)
    left = await builders.worker(shop, Role.ADMIN, 3009, "Left")
    await builders.worker(shop, Role.OWNER, 3001, "Owner")
    await settings.change(shop.db, shop.clock, "admin_chat_id", left.telegram_id, None)
    await people.revoke(shop, 3009)
    await shop.refresh()
    await service.say(shop, dara, _line(1))
    tried = []
    while await builders.count(shop, outbox, outbox.c.kind == ASKED, outbox.c.state == "pending"):
        owed = await _claimed(shop, ASKED)
        tried.append(owed.chat_id)
        await shop.db.write(service.give_up, shop.policy, owed, "Forbidden", shop.clock.now())
    assert tried == [STAFF, 3001]


async def test_answers_wait_for_who_blocked_the_bot(shop: Shop) -> None:
    """Given up with news to the staff; known as blocked, only the news; back again, all of it in order."""
    dara, sokha = await _open(shop)
    await service.say(shop, dara, _line(1))
    await _pay(shop)
    spot = await _spot(shop, STAFF, 901)
    await service.answer(shop, sokha, spot, _line(50, "one", STAFF))
    await shop.db.write(service.give_up, shop.policy, await _claimed(shop, ANSWERED), "Forbidden", shop.clock.now())
    await people.blocked(shop, 1001)
    assert await builders.count(shop, outbox, outbox.c.kind == TOLD, outbox.c.state == "pending") == 1
    await service.answer(shop, sokha, spot, _line(51, "two", STAFF))
    assert await _pay(shop) == []
    back = await people.arrive(shop, 1001, "Dara")
    await service.say(shop, back, _line(2, "back"))
    assert sorted(await _pay(shop), key=lambda one: one[0]) == [(STAFF, "back"), (1001, "one"), (1001, "two")]


async def test_who_is_forgotten_gets_no_answer(shop: Shop) -> None:
    """Their talk is a shell: an answer to it is refused, and nothing of it is kept or owed."""
    dara, sokha = await _open(shop)
    await service.say(shop, dara, _line(1))
    await _pay(shop)
    await shop.db.write(lambda tx: tx.execute(tables.people.update().where(tables.people.c.id == dara.id).values(
        telegram_id=None, name="")))  # fmt: skip
    with pytest.raises(Refused, match="help_gone"):
        await service.answer(shop, sokha, await _spot(shop, STAFF, 901), _line(50, "answer", STAFF))
    assert await builders.count(shop, help_messages) == 1
    assert await builders.owed(shop, ANSWERED, TOLD) == []


async def test_one_that_cannot_be_brought_holds_up_none(shop: Shop) -> None:
    """It is given up, the staff are told, and what comes after it is owed at once."""
    dara, _ = await _open(shop)
    for number in (1, 2):
        await service.say(shop, dara, _line(number, f"line {number}"))
    owed = await _claimed(shop, ASKED)
    piece = await service.next_piece(shop, owed)
    assert piece is not None
    await shop.db.write(service.lost, shop.policy, owed, piece.said, shop.clock.now())
    assert await builders.owed(shop, TOLD) == [(STAFF, TOLD)]
    assert await _pay(shop) == [(STAFF, "line 2")]


async def test_a_poll_is_refused(sqlite_shop: Shop) -> None:
    """What no talk brings over is refused for both sides, before anything is kept."""
    dara, _ = await _open(sqlite_shop)
    with pytest.raises(Refused, match="help_kind"):
        await service.say(sqlite_shop, dara, _line(1, media=None))
    assert await builders.count(sqlite_shop, help_threads) == 0
