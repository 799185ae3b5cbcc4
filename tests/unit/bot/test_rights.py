"""Who may do what at the counter: every button and command, by everybody who may not; forged, replayed, forwarded.

Rights are the services': a button in the right chat proves nothing. Whoever may not is answered, written down without a
name, and no row changes.
"""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pytest
from markupsafe import Markup
from sqlalchemy import select

from bot import routes, taps
from bot.routes import afterwards
from bot.routes import news as news_taps
from bot.routes import policy as policy_taps
from bot.routes import products as products_taps
from bot.routes import promos as promo_taps
from bot.routes import setup as setup_taps
from bot.routes import sheets as sheet_taps
from bot.routes import shop as shop_taps
from bot.routes import storage as storage_taps
from bot.sandbox.acts.messages import forward
from bot.screen import Button, Screen
from core.database.tables import metadata, roles
from core.fulfilment import settle
from core.help import service as help_service
from core.help.rules import Media, Written
from core.i18n import translator
from core.orders.rules import CancelReason, Order, Status
from core.people import service as people
from core.people.rules import Role
from core.team import service as team
from core.team.rules import Fate
from tests.support import builders
from tests.support.helping import bring, by_bot
from tests.support.paying import at_desk
from tests.support.talk import BOPHA, DARA, OTHER_GROUP, SOKHA, STAFF_GROUP, Json, Talk, keys, said

EN, KM = translator("en"), translator("km")
REFUSED = {EN(f"errors.{key}"): key for key in ("not_allowed", "not_found", "old_button", "team_private",
                                                "cash_private", "moved_on", "search_gone", "team_gone")}  # fmt: skip
LINE = re.compile(r"person \d+ may not (/?\w+|answer a customer)|\w+ by person \d+ in a chat where it does not belong")


@dataclass
class Counter:
    """A counter with one of everything that a button could be about."""

    talk: Talk
    order: Order
    values: dict[str, Any]
    card: int

    @classmethod
    async def open(cls, talk: Talk) -> "Counter":
        """Dara's new order, money that does not fit, cash handed in, a talk, an invitation; Sokha works here."""
        shop = talk.shop
        await builders.with_khqr(shop, staff_chat_id=STAFF_GROUP)
        await shop.refresh()
        boss = await builders.worker(shop, Role.OWNER, 9001, "Boss")
        await builders.worker(shop, Role.STAFF, SOKHA)
        for number in (DARA, BOPHA):
            await people.speak(shop, await people.arrive(shop, number, f"Buyer {number}"), "en")
        waiting, attempt = await builders.khqr_order(shop)
        now = shop.clock.now()
        await shop.db.write(settle.settle, shop.policy, waiting.id, attempt.id, builders.money(attempt, now, amount=1),
                            now)  # fmt: skip
        dara, rose = await builders.customer(shop, DARA), waiting.lines[0].variant_id
        order = await builders.order(shop, dara, rose)
        await help_service.say(shop, dara, Written(DARA, 1, Media.TEXT, "Hello", None, ""))
        await team.invite(shop, boss, Role.COURIER)
        sokha = await people.arrive(shop, SOKHA, "Sokha")
        values = {"order_id": order.id, "version": order.version, "person_id": sokha.id, "variant_id": rose,
                  "was": Role.STAFF, "fate": Fate.OUT, "reason": CancelReason.UNREACHABLE}  # fmt: skip
        sent = await talk.show.send(STAFF_GROUP, Screen(EN.html("staff.state", status="", payment="")))
        return cls(talk, order, values, sent.message_id)

    def tap(self, kind: type[taps.Tap], **more: Any) -> taps.Tap:
        """A button as it would stand there: about what there is, at the version it has."""
        found = {}
        for name, field in kind.__dataclass_fields__.items():
            if name == "prefix":
                continue
            first = next(iter(field.type)) if isinstance(field.type, type) and issubclass(field.type, Enum) else 1
            given = self.values.get(name, first) if not (name == "reason" and kind is taps.ReturnOrder) else first
            found[name] = more.get(name, str(given) if field.type is str else given)
        return kind(**found)

    async def rows(self) -> dict[str, list[Any]]:
        """All that stands in the database."""
        return await self.talk.shop.db.read(
            lambda tx: {name: [tuple(row) for row in tx.execute(select(table))] for name, table in
                        metadata.tables.items()}
        )  # fmt: skip


ADMINS = frozenset({
    taps.OpenTill, taps.OpenPurse, taps.OpenHandIn, taps.ConfirmCash, taps.AskCounted, taps.TakeOverCash, taps.OpenTeam,
    taps.OpenMember, taps.AskRole, taps.AskMember, taps.ChangeMember, taps.AddMember, taps.ChooseWay, taps.PickMember,
    taps.InviteMember, taps.ShutInvitation, taps.TurnAudit, taps.HideLow, taps.ShowLow, taps.AskNewCode, taps.NewCode,
    *storage_taps.TAPS, *news_taps.TAPS, *products_taps.TAPS, *promo_taps.TAPS, *policy_taps.TAPS, *setup_taps.TAPS,
    *sheet_taps.TAPS,
})  # fmt: skip
"""What only those do who run the shop; staff do all the rest."""
COURIERS = frozenset({
    taps.CloseHelp, taps.OpenOrder, taps.AskCancel, taps.OrderList, taps.BoardList, taps.OpenListed, taps.OpenFound,
    taps.TurnFound, taps.CallUp, taps.MoreOfOrder, taps.UndoMove, taps.NoteOrder, taps.AskTaken, taps.AskReturn,
    taps.ReturnOrder, taps.MyCash, taps.HandInCash, taps.MyParcels,
})  # fmt: skip
"""What couriers do as well; whether this order is theirs to move is another matter."""
ANYBODYS = frozenset({taps.NotNow, taps.FollowNews, taps.StopNews})
"""Who is asked nothing there hears that it is an old button; below news in a group, that they are a preview."""
ADMINS_SAY = {"admin", "audit", "link", "news", "products", "promos", "receive", "setup", "storage"}
SAID = {None: frozenset[str](), Role.COURIER: {"orders", "ready", "out", "order", "cash", "parcels", "team"},
        Role.STAFF: routes.COUNTER_COMMANDS.keys() - ADMINS_SAY}  # fmt: skip
"""The commands that each may say; in the group some are asked for in private."""


def _forbidden(role: Role | None, *, group: bool) -> list[type[taps.Tap]]:
    """The counter's buttons that are not for them. A new one is for staff alone until it is named above."""
    own = {*shop_taps.TAPS, *afterwards.TAPS} - {kind for kind, route in afterwards.TAPS.items() if route.group}
    counters = [kind for kind, route in routes.TAPS.items() if kind not in own and (route.group or not group)]
    free = {None: ANYBODYS, Role.COURIER: ANYBODYS | COURIERS, Role.STAFF: counters if role is Role.STAFF else ()}
    return [kind for kind in counters if kind not in free[role] or (role is Role.STAFF and kind in ADMINS)]


@pytest.mark.parametrize("group", [True, False], ids=["group", "private"])
@pytest.mark.parametrize("role", [None, Role.COURIER, Role.STAFF])
async def test_every_button_and_command_by_who_may_not(
    sqlite_talk: Talk, caplog: pytest.LogCaptureFixture, role: Role | None, *, group: bool
) -> None:
    """Each is answered with a refusal, each is a line in security.log that names nobody, and no row changes."""
    counter, talk = await Counter.open(sqlite_talk), sqlite_talk
    front = (await talk.say(BOPHA, "/start"))[-1]["message_id"]
    if role is not None:
        await builders.worker(talk.shop, role, BOPHA, "Bopha")
    chat, message = (STAFF_GROUP, counter.card) if group else (BOPHA, front)
    await talk.tap(BOPHA, message, taps.NotNow(1), chat)
    before, refused = await counter.rows(), set()
    caplog.clear()
    for kind in _forbidden(role, group=group):
        answer = await talk.tap(BOPHA, message, counter.tap(kind), chat)
        key = REFUSED.get(answer.get("text", ""))
        assert key is not None, (kind, answer)
        assert key == "not_allowed" or role is None, (kind, key)
        if key == "not_allowed" or group:
            refused.add(kind.__name__)
    for name in routes.COUNTER_COMMANDS.keys() - SAID[role] - (routes.COMMANDS.keys() if not group else set()):
        answers = [said(one) for one in await talk.say(BOPHA, f"/{name}", chat)]
        assert answers in [[EN(f"errors.{key}")] for key in ("not_allowed", "not_understood")], name
        refused.add(f"/{name}")
    after = await counter.rows()
    assert {name for name in before if before[name] != after[name]} == set()
    logged = {record.getMessage() for record in caplog.records if record.name == "haang.security"}
    bopha = await people.known(talk.shop, BOPHA)
    assert bopha is not None
    assert logged == {f"person {bopha.id} may not {one}" for one in refused}
    assert all(LINE.fullmatch(line) for line in logged)
    assert len(refused) > 15


async def test_the_same_buttons_do_something_for_an_owner(sqlite_talk: Talk) -> None:
    """The walk above proves something: tapped by an owner many of the very same buttons change a row."""
    counter, talk = await Counter.open(sqlite_talk), sqlite_talk
    await builders.worker(talk.shop, Role.OWNER, BOPHA, "Bopha")
    changed, before = [], await counter.rows()
    for kind in sorted(_forbidden(None, group=True), key=lambda kind: kind is taps.CancelOrder):
        counter.values["version"] = (await builders.read(talk.shop, counter.order)).version
        await talk.tap(BOPHA, counter.card, counter.tap(kind), STAFF_GROUP)
        after = await counter.rows()
        changed += [kind.__name__] if {name for name in before if before[name] != after[name]} - {"questions"} else []
        before = after
    assert len(changed) > 7, changed


# ── what the issue names ─────────────────────────────────────────────────────────────────────────────────────────────
async def _card(talk: Talk) -> tuple[Order, Json]:
    """Dara's new order, and its card in the staff's group as Telegram has it; Sokha works here, Bopha does not."""
    await at_desk(talk)
    await people.revoke(talk.shop, BOPHA)
    order = await builders.order(talk.shop, await builders.customer(talk.shop, DARA), await builders.product(talk.shop))
    await bring(talk)
    return order, by_bot(talk, STAFF_GROUP)[-1]


async def _untouched(talk: Talk, order: Order) -> None:
    found = await builders.read(talk.shop, order)
    assert (found.status, found.version, found.holder_id) == (order.status, order.version, order.holder_id)


def _log(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "haang.security"]


async def test_a_stranger_in_the_group(sqlite_talk: Talk, caplog: pytest.LogCaptureFixture) -> None:
    """Bopha joined the staff's group and works nowhere: card, command and reply refused, written down, nothing done."""
    talk = sqlite_talk
    order, card = await _card(talk)
    answer = await talk.tap(BOPHA, card["message_id"], keys(card)["Claim & prepare"], STAFF_GROUP)
    assert (answer["text"], answer["show_alert"]) == (KM("errors.not_allowed"), True)
    opened = await talk.tap(BOPHA, card["message_id"], taps.OpenOrder(order.id), STAFF_GROUP)
    assert opened["text"] == KM("errors.not_found")
    (told,) = await talk.say(BOPHA, "/payments", STAFF_GROUP)
    assert (said(told), told["reply_to_message"]["from"]["id"]) == (KM("errors.not_allowed"), BOPHA)
    bopha = await people.known(talk.shop, BOPHA)
    assert bopha is not None
    assert _log(caplog) == [f"person {bopha.id} may not {what}" for what in ("MoveOrder", "OpenOrder", "/payments")]
    await _untouched(talk, order)


async def test_a_stranger_whose_order_it_is(sqlite_talk: Talk) -> None:
    """Dara is in the group and works nowhere: her own order's button turns no message of the counter into its card."""
    talk = sqlite_talk
    order, _ = await _card(talk)
    board = await talk.show.send(STAFF_GROUP, Screen(Markup("The board"), ((Button("x", taps.OpenOrder(1)),),)))
    answer = await talk.tap(DARA, board.message_id, taps.OpenOrder(order.id), STAFF_GROUP)
    assert answer["text"] in {EN("errors.not_allowed"), KM("errors.not_allowed")}
    assert said(talk.message(STAFF_GROUP, board.message_id)) == "The board"


async def test_a_forwarded_card(sqlite_talk: Talk, caplog: pytest.LogCaptureFixture) -> None:
    """The counter's card is carried into another group: it has no buttons there, and their values do nothing."""
    talk = sqlite_talk
    order, card = await _card(talk)
    given = {"person": SOKHA, "from_chat": STAFF_GROUP, "message_id": card["message_id"], "chat": OTHER_GROUP}
    forward(talk.sandbox.world, talk.sandbox.people, given)
    await talk.work()
    (copy,) = talk.messages(OTHER_GROUP)
    assert (said(copy), [data for data in keys(copy).values() if data]) == (said(card), [])
    posted = await talk.show.send(OTHER_GROUP, Screen(Markup("A card"), ((Button("x", taps.OpenOrder(1)),),)))
    for person in (SOKHA, BOPHA):
        answer = await talk.tap(person, posted.message_id, keys(card)["Claim & prepare"], OTHER_GROUP)
        assert answer["show_alert"] is True
    assert [line.partition(" by ")[0] for line in _log(caplog)] == ["MoveOrder", "MoveOrder"]
    await _untouched(talk, order)


async def test_a_replayed_tap(sqlite_talk: Talk) -> None:
    """The same update worked twice, and the same button pressed long after: once done, then told how it stands."""
    talk = sqlite_talk
    order, card = await _card(talk)
    data = keys(card)["Claim & prepare"]
    talk.sandbox.people.tap(SOKHA, STAFF_GROUP, card["message_id"], data)
    updates = await talk.arrived()
    for update in (*updates, *updates):
        assert await talk.dispatch.work(update)
    found = await builders.read(talk.shop, order)
    late = await talk.tap(SOKHA, card["message_id"], data, STAFF_GROUP)
    assert late["text"] == EN("errors.done_already")
    await _untouched(talk, found)
    assert found.status is Status.PREPARING
    await builders.sound(talk.shop)


async def test_a_forged_token(sqlite_talk: Talk, caplog: pytest.LogCaptureFixture) -> None:
    """Made-up values in every chat, an invitation nobody made: refused, written down without what was sent."""
    talk = sqlite_talk
    order, card = await _card(talk)
    own = (await talk.say(BOPHA, "/start"))[-1]["message_id"]
    forged = ("ov:1:deliver:1:9", "ov:1:own:1", "tc:1:owner:boss", "zz:012 345 678", "ov:99999999999999999999:ready:1")
    for data in forged:
        for person, chat, message in ((BOPHA, BOPHA, own), (SOKHA, STAFF_GROUP, card["message_id"])):
            answer = await talk.tap(person, message, data, chat)
            assert answer["show_alert"] is True, data
    await talk.say(BOPHA, "/start i_" + "x" * 22)
    lines = _log(caplog)
    assert {re.sub(r"\d+", "N", line) for line in lines} == {
        "forged or outdated tap by person N", "person N may not /start (invite_unknown)"
    }  # fmt: skip
    assert not any(secret in line for line in lines for secret in ("owner", "345", "xxx"))
    await _untouched(talk, order)
    assert await builders.count(talk.shop, roles) == 1
