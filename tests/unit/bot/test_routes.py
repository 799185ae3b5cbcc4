"""The table of contents is complete, and a tap is worked only in the chat where its button belongs."""

import ast
import inspect
import logging
import re
from collections.abc import Callable

import pytest
from markupsafe import Markup

from bot import dispatch, routes, taps
from bot.outbox import Outbox
from bot.routes import card, cash, changing, courier, news, nudges, parcels, policy, products, promos, storage, team
from bot.screen import Button, Screen
from bot.taps import Tap
from core.config import ROOT
from core.doors import Goal
from core.i18n import LANGUAGES, translator
from core.orders.rules import Move, Order, PaymentMethod, Status, Turn
from core.people.rules import AddressPart, Role, Topic
from core.setup.rules import Goal as Linked
from tests.support import builders
from tests.support.talk import BOPHA, DARA, OTHER_GROUP, SOKHA, STAFF_GROUP, Json, Talk, keys, said

GROUP_TAPS = (taps.OpenOrder, taps.MoveOrder, taps.AskCancel, taps.CancelOrder, taps.HideOpinion, taps.CloseHelp,
              taps.CallUp, taps.NotNow, taps.Payments, taps.OpenCase, taps.OrderBelow, taps.ActOnCase, *card.TAPS,
              *(tap for tap in courier.TAPS if tap is not taps.MyParcels), *nudges.TAPS, *parcels.TAPS, *changing.TAPS,
              *storage.TAPS, *news.TAPS, *products.TAPS, *promos.TAPS, *policy.TAPS,
              taps.OpenSetup, taps.CheckSetup, taps.OpenSheets, taps.ExportSheet, taps.FollowNews, taps.StopNews,
              taps.OrderList, taps.BoardList, taps.BoardPayments, taps.OpenListed, taps.OpenFound, taps.TurnFound,
              *(tap for tap in team.TAPS if tap not in {taps.AddMember, taps.ChooseWay, taps.PickMember,
                                                        taps.InviteMember}),
              *(tap for tap in cash.TAPS if tap not in {taps.MyCash, taps.HandInCash}))  # fmt: skip
OLD = translator("en")("errors.old_button")


# ── complete ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_every_tap_has_a_route_and_every_route_is_a_tap() -> None:
    """A button without a handler, or a handler without a button, is found here and not by a customer."""
    assert set(routes.TAPS) == set(taps.KINDS.values())


def test_every_handler_waits_and_takes_a_tap_and_me() -> None:
    """Each handler, and each second one, is a coroutine function of two parameters; commands and answers likewise."""
    handlers = [one for route in routes.TAPS.values() for one in (route.handler, route.refused) if one]
    assert [one for one in handlers if not inspect.iscoroutinefunction(one)] == []
    assert {len(inspect.signature(one).parameters) for one in handlers} == {2}
    assert {len(inspect.signature(one).parameters) for one in routes.COMMANDS.values()} == {2}
    assert all(inspect.iscoroutinefunction(one) for one in routes.ANSWERS.values())
    assert {len(inspect.signature(one).parameters) for one in routes.ANSWERS.values()} == {3}


def test_a_handler_takes_the_taps_it_is_routed_from() -> None:
    """The annotation of each handler's first parameter names the tap that its row leads from."""
    takes = {
        tap: next(iter(inspect.signature(route.handler).parameters.values())) for tap, route in routes.TAPS.items()
    }
    assert [tap for tap, first in takes.items() if tap.__name__ not in str(first.annotation)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_has_its_words(language: str) -> None:
    """Each command is one Telegram takes and has a description in both languages."""
    for name in routes.COMMANDS:
        assert re.fullmatch(r"[a-z0-9_]{1,32}", name)
        assert 3 <= len(translator(language)(f"command.{name}")) <= 256


def test_what_the_outbox_draws_too_is_drawn_once_in_a_full_group() -> None:
    """A handler in a group that says where its tap was shown owes the counter that card: its row names it."""
    grouped = [(tap, route) for tap, route in routes.TAPS.items() if route.group]
    owing = [tap for tap, route in grouped if "shown_in=" in inspect.getsource(route.handler)]
    assert len(owing) > 10
    assert [tap for tap in owing if routes.TAPS[tap].owed is None] == []


def test_every_question_that_is_asked_has_an_answer() -> None:
    """The kinds of question in the handlers' code are exactly those that a typed line can answer."""
    asked = set()
    for path in (ROOT / "bot" / "handlers").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "people.ask":
                asked.add(ast.literal_eval(node.args[2]))
    assert asked == set(routes.ANSWERS)


def test_a_group_works_orders_only() -> None:
    """Of all buttons only an order's card and moves, cash but one's own, money, and hiding an opinion work there."""
    assert {tap for tap, route in routes.TAPS.items() if route.group} == set(GROUP_TAPS)


# ── where a tap belongs ──────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def security(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """What stands in security.log, as it stands there."""
    return lambda: [record.getMessage() for record in caplog.records if record.name == "haang.security"]


async def _counter(talk: Talk) -> tuple[Order, Json]:
    """Dara's cash order, and its card as the outbox sent it to the staff group; Sokha is staff."""
    shop = talk.shop
    await builders.with_khqr(shop, staff_chat_id=STAFF_GROUP)
    await shop.refresh()
    await builders.worker(shop, telegram_id=SOKHA)
    order = await builders.order(shop, await builders.customer(shop, DARA), await builders.product(shop))
    await Outbox(shop, talk.show, "test", lambda _chat: 0.0).send_due()
    (card,) = talk.messages(STAFF_GROUP)
    talk.calls()
    return order, card


async def _posted(talk: Talk, tap: Tap, chat: int) -> Json:
    """Any button of ours in a chat, as if a message of ours had been there."""
    sent = await talk.show.send(chat, Screen(Markup("A card"), ((Button("A button", tap),),)))
    talk.calls()
    return talk.message(chat, sent.message_id)


def _storefront() -> list[Tap]:
    """One of every tap that no group may work."""
    values = {"method": PaymentMethod.COD, "language": "en", "code": "12", "part": AddressPart.PHONE, "goal": Goal.BUY,
              "way": Turn.OLDER, "topic": Topic.NEWS, "role": Role.STAFF, "link": Linked.STAFF}  # fmt: skip
    return [
        kind(**{name: values.get(name, 1) for name in kind.__match_args__})
        for kind in routes.TAPS
        if kind not in GROUP_TAPS
    ]


async def test_a_storefront_tap_in_the_staff_group_changes_nothing(
    sqlite_talk: Talk, security: Callable[[], list[str]]
) -> None:
    """Each in the counter's group, by staff: a sentence, the card as it was, one line in security.log with no value."""
    talk = sqlite_talk
    _, card = await _counter(talk)
    storefront = _storefront()
    for tap in storefront:
        answer = await talk.tap(SOKHA, card["message_id"], tap, STAFF_GROUP)
        assert (answer["text"], answer["show_alert"], talk.calls()) == (OLD, True, ["answerCallbackQuery"]), tap
    assert talk.messages(STAFF_GROUP) == [card]
    assert security() == [f"{type(tap).__name__} by person 1 in a chat where it does not belong" for tap in storefront]


async def test_an_orders_tap_in_another_group_changes_nothing(talk: Talk, security: Callable[[], list[str]]) -> None:
    """A group that is no counter, even with staff in it: no card is shown there, no move is made."""
    order, _ = await _counter(talk)
    for tap in (taps.OpenOrder(order.id), taps.MoveOrder(order.id, Move.PREPARE, order.version), taps.AskCancel(1)):
        before = await _posted(talk, tap, OTHER_GROUP)
        answer = await talk.tap(SOKHA, before["message_id"], tap, OTHER_GROUP)
        assert (answer["text"], talk.messages(OTHER_GROUP)[-1]) == (OLD, before), tap
    assert (await builders.read(talk.shop, order)).status is Status.PENDING
    assert len(security()) == len(talk.messages(OTHER_GROUP)) == 3


async def test_a_forged_value_in_a_group_changes_nothing(sqlite_talk: Talk, security: Callable[[], list[str]]) -> None:
    """No shop front replaces the counter's card, and what was sent is not repeated in the log."""
    _, card = await _counter(sqlite_talk)
    answer = await sqlite_talk.tap(SOKHA, card["message_id"], "x:+855 12 000 001", STAFF_GROUP)
    assert (answer["text"], sqlite_talk.messages(STAFF_GROUP)) == (OLD, [card])
    assert security() == ["forged or outdated tap by person 1"]


async def test_the_counter_moves_an_order_in_its_group(talk: Talk) -> None:
    """Sokha claims it on the group's card: the card moves on where it stands, and she hears what it is now."""
    order, card = await _counter(talk)
    answer = await talk.tap(SOKHA, card["message_id"], keys(card)["Claim & prepare"], STAFF_GROUP)
    assert answer["text"] == "MD00001: Being prepared"
    (card,) = talk.messages(STAFF_GROUP)
    assert "Being prepared" in said(card)
    assert "Ready" in keys(card)
    found = await builders.read(talk.shop, order)
    assert (found.status, found.holder_name) == (Status.PREPARING, "Sokha")


async def test_the_admins_chat_is_a_counter_too(sqlite_talk: Talk) -> None:
    """Where the staff group is lost the card stands in the admins' chat, and works there."""
    order, _ = await _counter(sqlite_talk)
    await builders.with_khqr(sqlite_talk.shop, admin_chat_id=OTHER_GROUP)
    tap = taps.MoveOrder(order.id, Move.PREPARE, order.version)
    card = await _posted(sqlite_talk, tap, OTHER_GROUP)
    assert (await sqlite_talk.tap(SOKHA, card["message_id"], tap, OTHER_GROUP))["text"] == "MD00001: Being prepared"


async def test_a_stranger_in_the_group_may_do_nothing(talk: Talk, security: Callable[[], list[str]]) -> None:
    """Bopha, who works nowhere, taps the counter's card: told that it is for others, logged, nothing moved."""
    order, card = await _counter(talk)
    for tap in (keys(card)["Claim & prepare"], keys(card)["⋯ More"], taps.AskCancel(order.id).pack()):
        answer = await talk.tap(BOPHA, card["message_id"], tap, STAFF_GROUP)
        assert answer["text"] == translator("km")("errors.not_allowed")
    assert (await builders.read(talk.shop, order)).status is Status.PENDING
    assert security() == [f"person 3 may not {one}" for one in ("MoveOrder", "MoreOfOrder", "AskCancel")]
    assert "Claim & prepare" in keys(talk.messages(STAFF_GROUP)[0])


async def test_home_below_leaves_the_live_card(sqlite_talk: Talk) -> None:
    """From an order's card the shop opens as a new message: the live card stays what it was."""
    talk = sqlite_talk
    await builders.order(talk.shop, await builders.customer(talk.shop, DARA), await builders.product(talk.shop))
    (listing,) = await talk.say(DARA, "/orders")
    await talk.tap(DARA, listing["message_id"], taps.OpenOrder(1))
    card = talk.message(DARA, listing["message_id"])
    assert keys(card)["⌂ Shop"] == taps.HomeBelow().pack()
    await talk.tap(DARA, listing["message_id"], taps.HomeBelow())
    assert talk.message(DARA, listing["message_id"]) == card
    front = talk.messages(DARA)[-1]
    assert front["message_id"] > listing["message_id"]
    assert "Choose a shelf" in said(front)


def test_the_logger_of_these_tests_is_the_shops() -> None:
    """What these tests read as security.log is the logger that writes it."""
    assert logging.getLogger("haang.security") is dispatch.security
