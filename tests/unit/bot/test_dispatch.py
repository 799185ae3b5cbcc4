"""From an update to its answer: refusals become sentences, the truth is drawn, and what breaks harms nobody else."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import timedelta
from enum import Enum
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text

from bot import routes, taps
from bot.sandbox.faults import Fault
from bot.taps import Tap
from core.config import ROOT
from core.database.tables import people
from core.fulfilment import links
from core.i18n import Translator, translator
from core.orders.rules import Move, PaymentMethod
from core.people.rules import AddressPart
from core.shop import Shop
from tests.support import builders
from tests.support.talk import BOPHA, DARA, SOKHA, STAFF_GROUP, Json, Talk, keys, said

LANGUAGE = {DARA: "en", BOPHA: "km"}
STREET = "12 Street 271, Toul Kork"
COD = PaymentMethod.COD
Given = Mapping[str, Any]


# ── refusals ─────────────────────────────────────────────────────────────────────────────────────────────────────────
async def _given(shop: Shop, person: int) -> Given:
    """A customer with a cart, an order, another that Sokha claimed, and a product that is sold out."""
    who = await builders.customer(shop, person, "Customer")
    rose, gone = await builders.product(shop, 10), await builders.product(shop, 0, sku="GONE-1")
    order, claimed = await builders.order(shop, who, rose), await builders.order(shop, who, rose)
    await builders.moved(shop, await builders.worker(shop, telegram_id=SOKHA), claimed, Move.PREPARE)
    cart = await builders.cart(shop, who, (rose, 2))
    return {"rose": rose, "gone": gone, "cart": cart, "order": order.id, "claimed": claimed.id}


Refusal = tuple[Callable[[Given], Tap], str, dict[str, Any], str]
REFUSALS: list[Refusal] = [
    # the tap, the key of its sentence, what fills it, the key of what is drawn instead ("": the message stays)
    (lambda has: taps.BuyNow(has["gone"]), "sold_out", {}, "stock.sold_out"),
    (lambda has: taps.AddToCart(has["gone"]), "only_left", {"left": 0}, "stock.sold_out"),
    (lambda _: taps.BuyNow(999), "product_gone", {}, ""),
    (lambda _: taps.OpenProduct(999, 0), "product_gone", {}, "home.text"),
    (lambda _: taps.OpenCategory(999, 0), "not_found", {}, "home.text"),
    (lambda _: taps.Speak("xx", 0), "not_found", {}, "home.text"),
    (lambda has: taps.ChangeLine(has["cart"], has["rose"], 999), "only_left", {"left": 8}, "review.heading"),
    (lambda has: taps.ChangeLine(has["cart"], has["rose"], -1), "number_wanted", {}, "review.heading"),
    (lambda _: taps.OpenReview(999), "cart_gone", {}, "home.text"),
    (lambda has: taps.PlaceOrder(has["cart"], COD, 1), "price_moved", {"total": "$25.50"}, "review.heading"),
    (lambda has: taps.PlaceOrder(has["cart"], PaymentMethod.KHQR, 2550), "khqr_not_offered", {}, "review.heading"),
    (lambda has: taps.UseAddress(has["cart"], 999), "not_found", {}, "ask.address"),
    (lambda has: taps.ChooseProvince(has["cart"], "99", 0), "not_found", {}, "ask.province"),
    (lambda has: taps.ChooseDistrict(has["cart"], "9999"), "not_found", {}, "ask.province"),
    (lambda has: taps.ChooseCommune(has["cart"], "129999"), "not_found", {}, "ask.province"),
    (lambda has: taps.OpenAddress(has["cart"], 999), "not_found", {}, "ask.address"),
    (lambda has: taps.EditAddress(has["cart"], 999, AddressPart.PHONE), "not_found", {}, "ask.address"),
    (lambda has: taps.RemoveAddress(has["cart"], 999), "not_found", {}, "ask.address"),
    (lambda _: taps.OpenOrder(999), "not_found", {}, ""),
    (lambda _: taps.AskCancel(999), "not_found", {}, ""),
    (lambda _: taps.GetReceipt(999), "not_found", {}, ""),
    (lambda _: taps.IHavePaid(999), "not_found", {}, ""),
    (lambda has: taps.MoveOrder(has["order"], Move.CONFIRM, 1), "not_allowed", {}, "status.pending_cod"),
    (lambda has: taps.MoveOrder(has["order"], Move.CANCEL, 9), "done_already", {}, "status.pending_cod"),
    (
        lambda has: taps.MoveOrder(has["claimed"], Move.CANCEL, 1),
        "somebody_faster",
        {"name": "Sokha"},
        "status.preparing",
    ),
    (lambda has: taps.NewQr(has["order"]), "old_button", {}, "status.pending_cod"),
]


def _line(t: Translator, key: str) -> str:
    """The last line of a sentence, as it is read."""
    return t(key).replace("<b>", "").replace("</b>", "").splitlines()[-1].partition("{")[0]


@pytest.mark.parametrize("person", LANGUAGE)
async def test_every_refusal_is_a_sentence_and_the_truth_is_drawn(talk: Talk, person: int) -> None:
    """In the person's own language, as an alert; the message shows what is true now, or stays what it was."""
    has, t = await _given(talk.shop, person), translator(LANGUAGE[person])
    for make, key, values, drawn in REFUSALS:
        before = (await talk.say(person, "/nothing"))[-1]
        answer = await talk.tap(person, before["message_id"], make(has))
        assert (answer["text"], answer["show_alert"]) == (t(f"errors.{key}", **values), True)
        after = talk.message(person, before["message_id"])
        assert (after == before) if not drawn else (_line(t, drawn) in said(after)), (key, said(after))
    await builders.sound(talk.shop)


def _sample(kind: Any, number: int) -> Any:
    """A number where a tap carries one, a short word for a word, the first of what is one of several."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    return "12" if kind is str else number


async def test_a_tap_with_any_ids_is_answered(talk: Talk) -> None:
    """The largest and smallest numbers in every field of every tap: an answer each, and no update fails."""
    await _given(talk.shop, DARA)
    message = (await talk.say(DARA, "/start"))[-1]["message_id"]
    values: dict[str, Any] = {"method": COD, "move": Move.CANCEL, "language": "en", "code": "12"}
    wrong = translator("en")("errors.went_wrong")
    for number in (10**18 - 1, 1 - 10**18, 0):
        for kind in routes.TAPS:
            tap = kind(**{field.name: values.get(field.name, _sample(field.type, number)) for field in fields(kind)})
            answer = await talk.tap(DARA, message, tap)
            assert answer.get("text", wrong) != wrong, tap
    await builders.sound(talk.shop)


async def test_what_was_written_is_refused_in_words(sqlite_talk: Talk) -> None:
    """No phone, somebody else's contact, a street of 4,000 letters: a sentence each, and the question stands."""
    talk, t = sqlite_talk, translator("km")
    rose = await builders.product(talk.shop)
    (message,) = await talk.say(BOPHA, "/nothing")
    await talk.tap(BOPHA, message["message_id"], taps.BuyNow(rose))
    assert said(talk.messages(BOPHA)[-1]) == t("ask.phone")
    assert [said(one) for one in await talk.say(BOPHA, "hello")] == [t("errors.phone_invalid")]
    contact = {"phone_number": "85512000002", "first_name": "Dara", "user_id": DARA}
    talk.sandbox.people.send(BOPHA, BOPHA, {"contact": contact})
    await talk.work()
    assert said(talk.messages(BOPHA)[-1]) == t("errors.phone_not_yours")
    await talk.say(BOPHA, "012 000 001")
    await talk.tap(BOPHA, talk.messages(BOPHA)[-1]["message_id"], taps.ChooseDistrict(1, "1201"))
    assert [said(one) for one in await talk.say(BOPHA, "a" * 4_000)] == [t("errors.text_too_long", longest=200)]
    assert _line(t, "review.heading") in said((await talk.say(BOPHA, STREET))[-1])


# ── what nobody expected ─────────────────────────────────────────────────────────────────────────────────────────────
def _failures() -> float:
    return REGISTRY.get_sample_value("haang_update_failures_total") or 0.0


def _private(log: str) -> list[str]:
    """What of a person stands in a log."""
    return [word for word in (builders.PHONE, "000001", "Street", "Toul Kork", "Secretary") if word in log]


async def _break(shop: Shop) -> None:
    """Let no address be written: PostgreSQL would quote the whole row in its message."""
    trigger = "CREATE TRIGGER never BEFORE INSERT ON addresses BEGIN SELECT RAISE(ABORT, 'never'); END"
    check = "ALTER TABLE addresses ADD CONSTRAINT never CHECK (street = '') NOT VALID"
    await shop.db.write(lambda tx: tx.execute(text(trigger if shop.db.dialect == "sqlite" else check)))


@pytest.mark.parametrize("person", LANGUAGE)
async def test_an_unexpected_error_is_said_and_logged_without_the_person(
    talk: Talk, caplog: pytest.LogCaptureFixture, person: int
) -> None:
    """A table is gone: the tap hears that it went wrong, it is counted, the log has the trace and nobody in it."""
    who = await builders.customer(talk.shop, person, "Secretary")
    cart = await builders.cart(talk.shop, who, (await builders.product(talk.shop), 1))
    (message,) = await talk.say(person, "/orders")
    await talk.shop.db.write(lambda tx: tx.execute(text("ALTER TABLE addresses RENAME TO nowhere")))
    before = _failures()
    answer = await talk.tap(person, message["message_id"], taps.Addresses(cart))
    assert (answer["text"], answer["show_alert"]) == (translator(LANGUAGE[person])("errors.went_wrong"), True)
    assert _failures() == before + 1
    assert "Traceback" in caplog.text
    assert _private(caplog.text) == []
    assert await talk.say(SOKHA, "/start")


async def test_what_was_written_stays_out_of_the_log(talk: Talk, caplog: pytest.LogCaptureFixture) -> None:
    """The database refuses a row with street and phone: the log says which rule, not which row; the chat hears."""
    shop = talk.shop
    who = await builders.customer(shop, DARA, "Secretary", province="")
    cart = await builders.cart(shop, who, (await builders.product(shop), 1))
    (message,) = await talk.say(DARA, "/orders")
    await talk.tap(DARA, message["message_id"], taps.ChooseDistrict(cart, "1201"))
    await _break(shop)
    (answer,) = await talk.say(DARA, STREET)
    assert said(answer) == translator("en")("errors.went_wrong")
    assert "never" in caplog.text
    assert _private(caplog.text) == []


async def test_an_apology_that_does_not_arrive_is_a_line(sqlite_talk: Talk, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the tap nor its apology gets through: the next update is worked as if nothing had been."""
    talk = sqlite_talk
    (message,) = await talk.say(DARA, "/orders")
    await talk.shop.db.write(lambda tx: tx.execute(text("ALTER TABLE carts RENAME TO nowhere")))
    talk.sandbox.world.faults.add(Fault("answercallbackquery", "500"))
    assert await talk.tap(DARA, message["message_id"], taps.OpenCart()) == {}
    assert "not even that could be said" in caplog.text
    assert await talk.say(DARA, "/start")


@pytest.mark.parametrize("raw", [{"update_id": 7, "callback_query": {"id": "1"}}, {"update_id": 7, "message": 5}])
async def test_an_update_that_cannot_be_read_fails_alone(
    sqlite_talk: Talk, caplog: pytest.LogCaptureFixture, raw: Json
) -> None:
    """A shape of update that the library does not know: counted and logged by its number, and the next is worked."""
    before = _failures()
    assert await sqlite_talk.dispatch.work(raw) is False
    assert _failures() == before + 1
    assert "update 7 failed" in caplog.text
    assert await sqlite_talk.say(DARA, "/start")


async def test_somebody_who_blocked_the_bot_costs_a_line(sqlite_talk: Talk, caplog: pytest.LogCaptureFixture) -> None:
    """Written to and blocked before the answer: no failure; remembered as blocked until they write again."""
    talk = sqlite_talk
    talk.sandbox.people.write(DARA, DARA, "/start")
    talk.sandbox.people.block(DARA, blocked=True)
    assert await talk.work() == [True, True]
    assert "not answered: Forbidden" in caplog.text

    async def blocked() -> int:
        return await builders.count(talk.shop, people, people.c.blocked)

    assert await blocked() == 1
    assert await talk.say(DARA, "/start")
    assert await blocked() == 0


# ── not for us ───────────────────────────────────────────────────────────────────────────────────────────────────────
async def test_the_groups_chatter_is_not_answered(sqlite_talk: Talk) -> None:
    """What people write to each other in a group, commands too: no answer, nobody becomes a customer by it."""
    for line in ("lunch?", "/start", "/orders@sandbox_bot", "012 000 001"):
        assert await sqlite_talk.say(SOKHA, line, STAFF_GROUP) == []
    assert await builders.count(sqlite_talk.shop, people) == 0
    assert sqlite_talk.calls() == []


async def test_what_no_person_sent_is_ignored(sqlite_talk: Talk) -> None:
    """Another bot's message and tap, a channel's post, an unknown kind of update: no answer, no row, no failure."""
    talk = sqlite_talk
    chat = {"id": DARA, "type": "private", "first_name": "B"}
    robot = {"id": 5, "is_bot": True, "first_name": "B"}
    message = {"message_id": 1, "date": 1, "chat": chat, "from": robot, "text": "/start"}
    channel = {"message_id": 1, "date": 1, "chat": {"id": -5, "type": "channel", "title": "C"}, "text": "/start"}
    tap = {"id": "1", "from": robot, "chat_instance": "1", "data": "h", "message": message}
    for body in ({"message": message}, {"callback_query": tap}, {"channel_post": channel}, {"new_kind": {}}):
        assert await talk.dispatch.work({"update_id": 9, **body}) is True
    assert talk.calls() == []
    assert await builders.count(talk.shop, people) == 0


# ── commands and cards ───────────────────────────────────────────────────────────────────────────────────────────────
FRONT, ROSE, GONE = "Choose a shelf", "Rose Serum", "That product is not sold any more."


STARTS = [
    ("", FRONT), ("p_1", ROSE), ("p_១", FRONT), ("p_0", FRONT), ("p_", FRONT), ("p_x", FRONT), ("p_-1", FRONT),
    ("p_²", FRONT), ("P_1", FRONT), ("p_1 2", FRONT), ("ref_1", FRONT), ("<b>&", FRONT), ("x" * 900, FRONT),
    ("p_" + "9" * 900, FRONT), ("p_99", GONE), ("p_99999999999999999", GONE),
]  # fmt: skip


async def test_start_with_any_payload(sqlite_talk: Talk) -> None:
    """Whatever a link says: its product, or the front; a product that is gone is said, with the way to the shop."""
    talk = sqlite_talk
    await builders.product(talk.shop)
    for payload, shown in STARTS:
        new = talk.sandbox.people.add("New", None, "en").id
        (choice,) = await talk.say(new, f"/start {payload}")
        assert "Which language" in said(choice), payload
        await talk.tap(new, choice["message_id"], keys(choice)["English"])
        (answer,) = await talk.say(new, f"/start {payload}")
        assert shown in said(answer), payload
        assert keys(answer)


async def test_commands_as_people_write_them(sqlite_talk: Talk) -> None:
    """In capitals, with the bot's name or words behind: one answer with buttons; an unknown one leads to the shop."""
    for command in ("/START", "/start@sandbox_bot", "/cart", "/Orders", "/language now", "/nothing"):
        (answer,) = await sqlite_talk.say(DARA, command)
        assert keys(answer)
        assert (said(answer) == translator("en")("errors.not_understood")) == (command == "/nothing"), command


async def test_a_qr_that_is_over_is_not_shown_as_payable(sqlite_talk: Talk) -> None:
    """While it lives: the QR and "I have paid". Over: a new one to take, or say it was paid. The hold over: nothing."""
    talk = sqlite_talk
    await builders.with_khqr(talk.shop)
    order, _ = await builders.khqr_order(talk.shop)
    await links.ask_links(talk.shop)
    (message,) = await talk.say(DARA, "/orders")
    pictures, labels = [], []
    for minutes in (0, 5, 11):
        talk.shop.clock.move(timedelta(minutes=minutes))
        await talk.tap(DARA, message["message_id"], taps.OpenOrder(order.id))
        shown = talk.message(DARA, message["message_id"])
        pictures.append(talk.file(shown))
        labels.append({"I have paid", "New QR", "Open bank app"} & set(keys(shown)))
    assert labels == [{"I have paid", "Open bank app"}, {"I have paid", "New QR"}, set()]
    assert pictures[0] != pictures[1] == pictures[2]


def test_the_sentences_are_said_here_only() -> None:
    """Refusals become sentences at one place of the bot: no handler, screen or outbox catches a ``ShopError``."""
    found = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "bot").rglob("*.py")
        if "except ShopError" in path.read_text("utf-8")
    ]
    assert found == ["bot/dispatch.py"]
