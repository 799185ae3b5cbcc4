"""Parcels through the bot: labels as picture and PDF, all at once, and what a parcel's code opens for whom."""

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from pydantic import SecretStr

from bot import taps
from core.clock import SteppedClock
from core.doors import Door
from core.i18n import translator
from core.orders.rules import Move, Order, new_token
from core.parcels.rules import GUESSES, SILENCE, Paper
from core.people import service as people
from core.people.rules import Role
from core.storage import store as storage
from tests.support import builders
from tests.support.helping import bring, by_bot
from tests.support.paying import press
from tests.support.talk import BOPHA, DARA, SOKHA, STAFF_GROUP, Json, Talk, keys, said
from tests.unit.core.pictures.test_label import opened, pages, read

EN = translator("en")
SECRETS = ("Dara", "12 000 001", "12000001", "Street 100", "13.50")
"""What a stranger is never told of Dara's order: name, phone, street, sum."""


@pytest.fixture
def security(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """What stands in security.log."""
    caplog.set_level(logging.WARNING)
    return lambda: [record.getMessage() for record in caplog.records if record.name == "haang.security"]


async def _counter(talk: Talk, role: Role = Role.STAFF, language: str = "en") -> tuple[Order, Json]:
    """Dara's cash order of $13.50, and its card in the group; Bopha owns the shop, Sokha works there."""
    shop = talk.shop
    shop.door = lambda payload: f"https://t.me/haang_bot?start={payload}"
    await builders.with_khqr(shop, staff_chat_id=STAFF_GROUP, staff_language=language)
    await shop.refresh()
    for worker, name, rank in ((SOKHA, "Sokha", role), (BOPHA, "Bopha", Role.OWNER)):
        await people.speak(shop, await builders.worker(shop, rank, worker, name), language)
    order = await builders.order(shop, await builders.customer(shop, DARA), await builders.product(shop))
    await people.speak(shop, await builders.customer(shop, DARA), "en")
    await bring(talk)
    return order, next(one for one in by_bot(talk, STAFF_GROUP) if said(one).startswith(order.number))


async def _bopha(talk: Talk, order: Order, *moves: Move) -> Order:
    bopha = await people.known(talk.shop, BOPHA)
    assert bopha is not None
    order = await builders.moved(talk.shop, bopha, order, *moves)
    await bring(talk)
    return order


def _scanned(order: Order) -> str:
    return "/start " + Door(parcel=order.parcel_token).payload


def _document(talk: Talk, message: Json) -> bytes:
    content = talk.sandbox.world.file_content(talk.sandbox.world.state.files[message["document"]["file_id"]])
    assert content is not None
    return content


@pytest.mark.parametrize("language", ["en", "km"])
async def test_a_label_and_a_slip(sqlite_talk: Talk, language: str) -> None:
    """Below the card, as a picture and by one tap as a PDF; the code on both opens the parcel. Uploaded once each."""
    talk, t = sqlite_talk, translator(language)
    order, card = await _counter(talk, language=language)
    order = await _bopha(talk, order, Move.PREPARE)
    link = f"https://t.me/haang_bot?start=k_{order.parcel_token}"
    for words, name in ((t("button.label"), "label"), (t("button.slip"), "slip")):
        await talk.tap(SOKHA, card["message_id"], taps.MoreOfOrder(order.id), STAFF_GROUP)
        uploads = talk.request.uploads
        await press(talk, SOKHA, card, words)
        photo = by_bot(talk, STAFF_GROUP)[-1]
        assert photo["reply_to_message"]["message_id"] == card["message_id"]
        await press(talk, SOKHA, photo, t("button.pdf"))
        file = by_bot(talk, STAFF_GROUP)[-1]
        assert file["document"]["file_name"] == f"{order.number}-{name}.pdf"
        ((page, _),) = pages(_document(talk, file))
        if name == "label":
            assert [read(opened(talk.file(photo))), read(page)] == [link] * 2
        assert talk.request.uploads == uploads + 2
        await press(talk, BOPHA, card, words)
        await press(talk, BOPHA, photo, t("button.pdf"))
        assert talk.request.uploads == uploads + 2
    assert dict(talk.sandbox.world.findings) == {}


async def test_a_changed_order_is_drawn_anew(sqlite_talk: Talk) -> None:
    """A label is known by its order as it was; after a move, a new code or a restart only what stayed is not drawn."""
    talk = sqlite_talk
    order, card = await _counter(talk)
    order = await _bopha(talk, order, Move.PREPARE)
    tap = taps.GetPaper(order.id, Paper.LABEL)
    await talk.tap(SOKHA, card["message_id"], tap, STAFF_GROUP)
    uploads = talk.request.uploads
    again = await Talk.begin(talk.shop, talk.sandbox, talk.address, talk.request, alone=True)
    await again.tap(SOKHA, card["message_id"], tap, STAFF_GROUP)
    assert talk.request.uploads == uploads
    order = await _bopha(again, order, Move.READY)
    await again.tap(SOKHA, card["message_id"], tap, STAFF_GROUP)
    assert talk.request.uploads == uploads + 1
    await again.tap(BOPHA, card["message_id"], taps.NewCode(order.id, order.version), STAFF_GROUP)
    await again.tap(SOKHA, card["message_id"], tap, STAFF_GROUP)
    assert talk.request.uploads == uploads + 2
    new = (await builders.read(talk.shop, order)).parcel_token
    assert read(opened(talk.file(by_bot(talk, STAFF_GROUP)[-1]))).endswith(f"k_{new}")
    assert new != order.parcel_token
    month = talk.shop.clock.now() + timedelta(days=31)
    assert [await talk.shop.db.write(storage.forget_papers, month) for _ in range(2)] == [3, 0]


async def test_who_may_not_print(sqlite_talk: Talk, security: Callable[[], list[str]]) -> None:
    """A courier and a stranger in the group get a sentence and nothing is sent; nor for an order without a parcel."""
    talk = sqlite_talk
    order, card = await _counter(talk, Role.COURIER)
    there = len(talk.messages(STAFF_GROUP))
    for tap in (
        taps.GetPaper(order.id, Paper.LABEL),
        taps.GetPdf(order.id, Paper.SLIP),
        taps.AllPapers(Paper.LABEL, 0),
    ):
        for person in (SOKHA, DARA):
            answer = await talk.tap(person, card["message_id"], tap, STAFF_GROUP)
            assert answer["text"] == EN("errors.not_allowed")
    assert len(security()) == 6
    answer = await talk.tap(BOPHA, card["message_id"], taps.GetPaper(order.id, Paper.LABEL), STAFF_GROUP)
    assert answer["text"] == EN("errors.parcel_none", number=order.number)
    assert len(talk.messages(STAFF_GROUP)) == there


async def test_all_that_are_ready(sqlite_talk: Talk) -> None:
    """/labels: one PDF, a page each, then the slips by one tap; none ready is a sentence."""
    talk = sqlite_talk
    order, _ = await _counter(talk)
    assert said((await talk.say(SOKHA, "/labels"))[-1]) == EN("parcel.none_ready")
    await _bopha(talk, order, Move.PREPARE, Move.READY)
    rose = await builders.product(talk.shop, sku="LIP-1")
    more = await builders.order(talk.shop, await builders.customer(talk.shop, DARA), rose)
    await _bopha(talk, more, Move.PREPARE, Move.READY)
    listed = (await talk.say(SOKHA, "/ready"))[-1]
    assert {EN("button.all_labels"), EN("button.all_slips")} < set(keys(listed))
    file = (await talk.say(SOKHA, "/labels", STAFF_GROUP))[-1]
    assert said(file) == "🏷 Labels of parcels that are ready: 2"
    codes = [read(page).rpartition("k_")[2] for page, _ in pages(_document(talk, file))]
    assert codes == [order.parcel_token, more.parcel_token]
    await press(talk, SOKHA, file, EN("button.all_slips"))
    slips = by_bot(talk, STAFF_GROUP)[-1]
    assert said(slips) == "📋 Packing slips of parcels that are ready: 2"
    assert len(pages(_document(talk, slips))) == 2


async def test_the_way_to_the_print_page(sqlite_talk: Talk) -> None:
    """A Mini App in private, a login link in the group; without an address that Telegram takes there is none."""
    talk = sqlite_talk
    order, _ = await _counter(talk)
    await _bopha(talk, order, Move.PREPARE, Move.READY)
    for site in (None, "http://192.0.2.1"):
        talk.shop.config = talk.shop.config.model_copy(update={"public_url": site, "bot_token": SecretStr("1:made-up")})
        assert EN("button.print_page") not in keys((await talk.say(SOKHA, "/labels"))[-1])
    talk.shop.config = talk.shop.config.model_copy(update={"public_url": "https://shop.example"})
    for chat, way in (
        (SOKHA, {"web_app": {"url": "https://shop.example/desk"}}),
        (STAFF_GROUP, {"url": "https://shop.example/desk/login"}),
    ):
        file = (await talk.say(SOKHA, "/labels", chat))[-1]
        button = next(
            one
            for row in file["reply_markup"]["inline_keyboard"]
            for one in row
            if one["text"] == EN("button.print_page")
        )
        assert way.items() <= button.items()


async def test_what_a_code_opens_at_the_counter(sqlite_talk: Talk) -> None:
    """Scanned by staff and courier at every step: the card, first the move that is theirs; opening moves nothing."""
    talk = sqlite_talk
    order, _ = await _counter(talk, Role.COURIER)
    steps: tuple[tuple[tuple[Move, ...], dict[int, str], dict[int, str]], ...] = (
        ((), {}, {BOPHA: EN("move.claim")}),
        ((Move.PREPARE,), {}, {BOPHA: EN("move.ready")}),
        ((Move.READY,), {SOKHA: EN("move.out")}, {BOPHA: EN("move.out")}),
    )
    for moves, couriers, staffs in steps:
        order = await _bopha(talk, order, *moves)
        for person in (SOKHA, BOPHA):
            card = (await talk.say(person, _scanned(order)))[-1]
            first = {**couriers, **staffs}.get(person)
            assert order.number in said(card)
            if first is None:
                assert said(card).startswith(EN("parcel.nothing"))
            else:
                assert next(iter(keys(card))) == first
        assert await builders.read(talk.shop, order) == order
    card = (await talk.say(SOKHA, _scanned(order)))[-1]
    await press(talk, SOKHA, card, EN("move.out"), SOKHA)
    card = (await talk.say(SOKHA, _scanned(order)))[-1]
    assert list(keys(card))[:3] == ["Delivered · $13.50", "Other amount", "Not accepted"]
    await press(talk, SOKHA, card, "Delivered · $13.50", SOKHA)
    assert said((await talk.say(SOKHA, _scanned(order)))[-1]).startswith(EN("parcel.nothing"))
    await builders.sound(talk.shop)


async def test_what_a_code_opens_for_its_customer(sqlite_talk: Talk) -> None:
    """Their own card, below all else; that one lives from then on."""
    talk = sqlite_talk
    order, _ = await _counter(talk)
    before = by_bot(talk, DARA)[-1]["message_id"]
    await talk.say(DARA, _scanned(order))
    await bring(talk)
    own = by_bot(talk, DARA)[-1]
    assert own["message_id"] > before
    assert said(own).startswith(order.number)
    assert EN("button.cancel_order") in keys(own)
    await _bopha(talk, order, Move.PREPARE)
    assert EN("status.preparing") in said(talk.message(DARA, own["message_id"]))


@pytest.mark.parametrize(("language", "stranger"), [("en", SOKHA), ("km", BOPHA)])
async def test_what_a_code_opens_for_a_stranger(sqlite_talk: Talk, language: str, stranger: int) -> None:
    """Number, status and the way, in their language, without asking for one: no name, phone, street, sum or move."""
    talk, t = sqlite_talk, translator(language)
    boss = await builders.worker(talk.shop, Role.OWNER, 9001, "Boss")
    order = await builders.order(talk.shop, await builders.customer(talk.shop, DARA), await builders.product(talk.shop))
    order = await builders.moved(talk.shop, boss, order, Move.PREPARE)
    shown = (await talk.say(stranger, _scanned(order)))[-1]
    assert said(shown).startswith(f"📦 {order.number} · {t('status.preparing')}\n\n●\N{NO-BREAK SPACE}")
    assert [one for one in SECRETS if one in str(shown)] == []
    assert list(keys(shown)) == [t("button.home")]
    await press(talk, stranger, shown, t("button.home"), stranger)
    assert await builders.read(talk.shop, order) == order


async def test_guessing(sqlite_talk: Talk, clock: SteppedClock, security: Callable[[], list[str]]) -> None:
    """Forged, cut, revoked: one sentence and a line in security.log without the code; the 21st is not answered."""
    talk = sqlite_talk
    order, _ = await _counter(talk)
    old = order.parcel_token
    await talk.tap(BOPHA, 1, taps.NewCode(order.id, order.version), STAFF_GROUP)
    tokens = [old, "x", order.tracking_token, *(new_token() for _ in range(GUESSES - 3))]
    for token in tokens:
        assert [said(one) for one in await talk.say(DARA, f"/start k_{token}")] == [EN("errors.parcel_code")]
    order = await builders.read(talk.shop, order)
    for token in (new_token(), order.parcel_token):
        assert await talk.say(DARA, f"/start k_{token}") == []
    dara = await builders.customer(talk.shop, DARA)
    assert security() == [f"person {dara.id} opened a parcel code that leads nowhere"] * GUESSES
    clock.move(SILENCE + timedelta(seconds=1))
    await talk.say(DARA, _scanned(order))
    await bring(talk)
    assert said(by_bot(talk, DARA)[-1]).startswith(order.number)
    assert said((await talk.say(SOKHA, f"/start k_{old}"))[-1]) == EN("errors.parcel_code")


async def test_a_new_code_by_an_admin(sqlite_talk: Talk) -> None:
    """Asked once more, given, said; back leads back; staff hear that it is not theirs, who is late who was faster."""
    talk = sqlite_talk
    order, card = await _counter(talk)
    order = await _bopha(talk, order, Move.PREPARE)
    await press(talk, SOKHA, card, EN("button.more_of_order"))
    refused = await press(talk, SOKHA, card, EN("button.new_code"))
    assert refused["text"] == EN("errors.not_allowed")
    await press(talk, BOPHA, card, EN("button.more_of_order"))
    await press(talk, BOPHA, card, EN("button.new_code"))
    standing = talk.message(STAFF_GROUP, card["message_id"])
    assert list(keys(standing)) == [EN("button.give_new_code"), EN("button.back")]
    given = await press(talk, BOPHA, card, EN("button.give_new_code"))
    assert given["text"] == EN("parcel.new_code")
    late = await talk.tap(BOPHA, card["message_id"], taps.NewCode(order.id, order.version), STAFF_GROUP)
    assert late["show_alert"] is True
    assert (await builders.read(talk.shop, order)).version == order.version + 1
