"""Screen → Telegram, against the sandbox over HTTP: few calls, pictures once, and what Telegram refuses is survived."""

import asyncio
import html
import io
import logging
import shutil
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape
from PIL import Image
from telegram import CallbackQuery, Update

from bot.sandbox.faults import Fault
from bot.screen import Ask, Banner, Button, KhqrPicture, ProductPhoto, Screen, Sharing
from bot.show import fitted
from bot.taps import Home
from core.config import ROOT
from core.messages.rules import MessageRef
from tests.support.patience import until
from tests.support.talk import DARA, Talk, keys, said

BANNER = Banner("MADAM DA", "Beauty")
PHOTO = ProductPhoto("products/rose.webp")
KEY = ((Button("Shop", Home()),),)
SAMPLE = ROOT / "core/catalog/sample/photos/velvet-lipstick.webp"
Starting = Callable[..., Awaitable[Talk]]
HELD = timedelta(minutes=2)
"""How long a call is held up, by the clock that is moved."""


def _words(text: str) -> Screen:
    return Screen(Markup("<b>{}</b>").format(text), KEY)


def _with_banner(text: str) -> Screen:
    return Screen(escape(text), KEY, BANNER)


def _ref(message: Any, *, photo: bool | None = None) -> MessageRef:
    """Where a message stands; ``photo`` is what is believed of it, perhaps wrongly."""
    return MessageRef(message.chat.id, message.message_id, bool(message.photo) if photo is None else photo)


async def _query(talk: Talk, message_id: int) -> CallbackQuery:
    """A button pressed by Dara."""
    talk.sandbox.people.tap(DARA, DARA, message_id, Home().pack())
    (raw,) = await talk.arrived()
    talk.calls()
    query = Update.de_json(raw, talk.bot).callback_query
    assert query is not None
    return query


# ── few calls ────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("late", ["editMessageText", "answerCallbackQuery"])
async def test_edit_and_answer_leave_together(sqlite_talk: Talk, late: str) -> None:
    """One edit and one answer a tap; whichever is held up, the other does not wait for it."""
    talk = sqlite_talk
    sent = await talk.show.send(DARA, _words("before"))
    query = await _query(talk, sent.message_id)
    talk.sandbox.world.faults.add(Fault(late.lower(), "delay", seconds=HELD.total_seconds()))
    answering = asyncio.create_task(talk.show.answer_tap(query, _ref(sent), _words("after").saying("done")))
    world = talk.sandbox.world
    await until(lambda: not world.faults.shown() and [*world.calls])
    talk.shop.clock.move(HELD)
    world.clock.moved()
    await answering
    calls = talk.calls()
    assert sorted(calls) == ["answerCallbackQuery", "editMessageText"]
    assert calls[-1] == late
    assert said(talk.message(DARA, sent.message_id)) == "after"
    assert talk.sandbox.world.state.queries[query.id].answer["text"] == "done"


async def test_what_is_shown_already_is_not_sent(sqlite_talk: Talk) -> None:
    """The same screen again costs no edit, another answer to the tap notwithstanding; another screen costs one."""
    talk = sqlite_talk
    sent = await talk.show.send(DARA, _words("same"))
    talk.calls()
    await talk.show.edit(_ref(sent), _words("same").saying("a toast"))
    assert talk.calls() == []
    await talk.show.edit(_ref(sent), _words("other"))
    await talk.show.edit(_ref(sent), _words("other"))
    assert talk.calls() == ["editMessageText"]


async def test_beside_other_processes_nothing_is_taken_for_shown(sqlite_talk: Talk, start_bot: Starting) -> None:
    """Several processes: each edits whatever it remembers, and "not modified" is no failure."""
    talk = await start_bot(sqlite_talk.shop, sqlite_talk, alone=False)
    sent = await talk.show.send(DARA, _words("same"))
    talk.calls()
    await talk.show.edit(_ref(sent), _words("same"))
    assert talk.calls() == ["editMessageText"]


async def test_after_a_restart_the_same_screen_is_no_failure(sqlite_talk: Talk, start_bot: Starting) -> None:
    """The next process remembers no screens: Telegram says "not modified", with words and with a picture."""
    before = [await sqlite_talk.show.send(DARA, screen) for screen in (_words("a"), _with_banner("b"))]
    after = await start_bot(sqlite_talk.shop, sqlite_talk)
    for sent, screen in zip(before, (_words("a"), _with_banner("b")), strict=True):
        await after.show.edit(_ref(sent), screen)
    assert [bool(m.get("edit_date")) for m in after.messages(DARA)[-2:]] == [False, False]


async def test_two_edits_of_one_message_keep_their_order(sqlite_talk: Talk) -> None:
    """An edit that is slow on its way does not overwrite the one after it."""
    talk = sqlite_talk
    sent = await talk.show.send(DARA, _words("0"))
    talk.sandbox.world.faults.add(Fault("editmessagetext", "delay", seconds=0.05))
    await asyncio.gather(talk.show.edit(_ref(sent), _words("1")), talk.show.edit(_ref(sent), _words("2")))
    assert said(talk.message(DARA, sent.message_id)) == "2"


# ── words and pictures ───────────────────────────────────────────────────────────────────────────────────────────────
async def test_words_become_a_picture_and_back(sqlite_talk: Talk) -> None:
    """A message of words takes a picture; one with a picture takes other words and keeps a picture."""
    talk = sqlite_talk
    sent = await talk.show.send(DARA, _words("words"))
    await talk.show.edit(_ref(sent), _with_banner("with a banner"))
    shown = talk.message(DARA, sent.message_id)
    assert (said(shown), "photo" in shown) == ("with a banner", True)
    await talk.show.edit(_ref(sent, photo=True), _words("only words"))
    shown = talk.message(DARA, sent.message_id)
    assert (said(shown), "photo" in shown, keys(shown)) == ("only words", True, {"Shop": "h"})


@pytest.mark.parametrize("screen", [_words("one"), _with_banner("one")], ids=["words", "picture"])
async def test_what_is_believed_of_a_message_may_be_wrong(sqlite_talk: Talk, screen: Screen) -> None:
    """Believed to have a picture and having none, or the other way round: the words change all the same."""
    talk = sqlite_talk
    sent = await talk.show.send(DARA, screen)
    await talk.show.edit(_ref(sent, photo=not sent.photo), _words("two"))
    assert said(talk.message(DARA, sent.message_id)) == "two"


async def test_asking_for_a_phone_is_a_new_message(sqlite_talk: Talk) -> None:
    """The keyboard that shares something cannot come by an edit: the screen is sent below."""
    talk = sqlite_talk
    sent = await talk.show.send(DARA, _words("before"))
    asked = Screen(Markup("Your phone?"), sharing=Sharing(Ask.CONTACT, "Share", "012 345 678"))
    await talk.show.answer_tap(await _query(talk, sent.message_id), _ref(sent), asked)
    assert said(talk.message(DARA, sent.message_id)) == "before"
    assert said(talk.messages(DARA)[-1]) == "Your phone?"
    assert talk.sandbox.world.state.chats[DARA].keyboard["keyboard"][0][0]["request_contact"] is True


# ── pictures once ────────────────────────────────────────────────────────────────────────────────────────────────────
def _put_photo(talk: Talk, data: bytes) -> Path:
    file = talk.shop.config.media_dir / PHOTO.path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


async def test_a_picture_is_uploaded_once(talk: Talk, start_bot: Starting) -> None:
    """Sent, edited in, and sent after a restart: a banner and a photo go up once each, then by their file ids."""
    _put_photo(talk, SAMPLE.read_bytes())
    sent = await talk.show.send(DARA, _with_banner("one"))
    await talk.show.send(DARA, Screen(Markup("two"), KEY, PHOTO))
    await talk.show.edit(_ref(sent), Screen(Markup("three"), KEY, PHOTO))
    assert talk.request.uploads == 2
    after = await start_bot(talk.shop, talk)
    await after.show.send(DARA, Screen(Markup("four"), KEY, PHOTO))
    await after.show.edit(_ref(sent), _with_banner("five"))
    assert after.request.uploads == 0
    assert after.file(after.messages(DARA)[-1]) == talk.file(talk.messages(DARA)[-2])


async def test_many_who_want_one_picture_draw_it_once(sqlite_talk: Talk) -> None:
    """Ten at once get one and the same drawing."""
    drawn = await asyncio.gather(*(sqlite_talk.pictures.ready(BANNER) for _ in range(10)))
    assert len({id(one) for one in drawn}) == 1


async def test_a_file_that_telegram_forgot_is_uploaded_again(talk: Talk) -> None:
    """A file id that is refused is not the end: the picture goes up anew, and its new id is kept."""
    await talk.show.send(DARA, _with_banner("one"))
    talk.sandbox.world.state.files.clear()
    sent = await talk.show.send(DARA, _with_banner("two"))
    assert (talk.request.uploads, bool(sent.photo)) == (2, True)
    await talk.show.send(DARA, _with_banner("three"))
    assert talk.request.uploads == 2


@pytest.mark.parametrize("data", [None, b"", b"no picture", SAMPLE.read_bytes()[:700]])
async def test_a_damaged_photo_costs_nobody_the_product(sqlite_talk: Talk, data: bytes | None) -> None:
    """Missing, empty, something else, cut short: a drawn banner stands in until the photo is there, then the photo."""
    talk = sqlite_talk
    if data is not None:
        _put_photo(talk, data)
    for _ in range(2):
        await talk.show.send(DARA, Screen(Markup("a product"), KEY, PHOTO))
    stood_in = Image.open(io.BytesIO(talk.file(talk.messages(DARA)[-1])))
    _put_photo(talk, SAMPLE.read_bytes())
    await talk.show.send(DARA, Screen(Markup("a product"), KEY, PHOTO))
    photo = Image.open(io.BytesIO(talk.file(talk.messages(DARA)[-1])))
    assert (stood_in.width, photo.width) == (1280, 1080)


async def test_a_qr_is_kept_for_support_or_shown_all_the_same(sqlite_talk: Talk) -> None:
    """A QR's picture lies in media/qr_codes; where it cannot be kept the customer sees it all the same."""
    talk = sqlite_talk
    folder = talk.shop.config.media_dir / "qr_codes"
    folder.mkdir(parents=True)
    await talk.show.send(DARA, Screen(Markup("pay"), (), KhqrPicture("MD00001", "0002", "Shop", "$1.00", "4,100៛")))
    assert (folder / "qr_MD00001.png").stat().st_size > 1_000
    shutil.rmtree(folder)
    folder.write_text("in the way")
    sent = await talk.show.send(DARA, Screen(Markup("pay"), (), KhqrPicture("MD2", "0003", "Shop", "$1.00", "4,100៛")))
    assert sent.photo


# ── what Telegram refuses ────────────────────────────────────────────────────────────────────────────────────────────
async def test_a_deleted_message_is_sent_again(sqlite_talk: Talk) -> None:
    """The tapped message went while its tap was under way: the screen comes below, the tap is answered."""
    talk = sqlite_talk
    sent = await talk.show.send(DARA, _words("before"))
    query = await _query(talk, sent.message_id)
    talk.sandbox.world.remove(talk.sandbox.world.state.chats[DARA], [sent.message_id])
    await talk.show.answer_tap(query, _ref(sent), _words("after").saying("done"))
    assert said(talk.messages(DARA)[-1]) == "after"
    assert talk.sandbox.world.state.queries[query.id].answer["text"] == "done"


async def test_a_tap_that_is_too_old_to_answer_still_draws(sqlite_talk: Talk, caplog: pytest.LogCaptureFixture) -> None:
    """After a long downtime Telegram takes no answer any more: the screen is drawn, and a line says so."""
    talk = sqlite_talk
    sent = await talk.show.send(DARA, _words("before"))
    query = await _query(talk, sent.message_id)
    talk.shop.clock.move(timedelta(minutes=10))
    await talk.show.answer_tap(query, _ref(sent), _words("after").saying("done"))
    assert said(talk.message(DARA, sent.message_id)) == "after"
    assert "tap not fully answered: Query is too old" in caplog.text


async def test_an_edit_that_is_refused_leaves_the_answer(sqlite_talk: Talk, caplog: pytest.LogCaptureFixture) -> None:
    """Telegram refuses what should be shown: the person hears the answer to their tap, the log why."""
    talk = sqlite_talk
    sent = await talk.show.send(DARA, _words("before"))
    query = await _query(talk, sent.message_id)
    await talk.show.answer_tap(query, _ref(sent), Screen(Markup("<b>never closed")).saying("done"))
    assert said(talk.message(DARA, sent.message_id)) == "before"
    assert talk.sandbox.world.state.queries[query.id].answer["text"] == "done"
    assert "tap not fully answered" in caplog.text


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "500", "502"])
async def test_a_lost_edit_is_made_once_more(sqlite_talk: Talk, kind: str) -> None:
    """A connection found dead, an answer that never came, a server's error: the message shows the new screen."""
    talk = sqlite_talk
    sent = await talk.show.send(DARA, _words("before"))
    talk.sandbox.world.faults.add(Fault("editmessagetext", kind))
    await talk.show.edit(_ref(sent), _words("after"))
    assert said(talk.message(DARA, sent.message_id)) == "after"


async def test_after_an_unclear_edit_nothing_is_taken_for_shown(sqlite_talk: Talk) -> None:
    """Made, but its answer was lost twice: who goes back to the screen before is not left with the one after it."""
    talk = sqlite_talk
    sent = await talk.show.send(DARA, _words("before"))
    query = await _query(talk, sent.message_id)
    talk.sandbox.world.faults.add(Fault("editmessagetext", "cut_after", times=2))
    await talk.show.answer_tap(query, _ref(sent), _words("after"))
    assert said(talk.message(DARA, sent.message_id)) == "after"
    await talk.show.edit(_ref(sent), _words("before"))
    assert said(talk.message(DARA, sent.message_id)) == "before"


# ── lengths ──────────────────────────────────────────────────────────────────────────────────────────────────────────
async def test_an_answer_is_cut_to_what_telegram_takes(sqlite_talk: Talk) -> None:
    """200 characters: the beginning of the sentence is seen."""
    talk = sqlite_talk
    sent = await talk.show.send(DARA, _words("before"))
    query = await _query(talk, sent.message_id)
    await talk.show.answer_tap(query, _ref(sent), _words("after").saying("ក" * 500, alert=True))
    assert talk.sandbox.world.state.queries[query.id].answer["text"] == "ក" * 200


@pytest.mark.parametrize(("picture", "longest"), [(None, 4096), (BANNER, 1024)])
async def test_no_text_is_too_long_to_send(
    sqlite_talk: Talk, picture: Banner | None, longest: int, caplog: pytest.LogCaptureFixture
) -> None:
    """The net below the screens: head and end are sent, cut in between, and a line says so."""
    bodies = ("&" * 5_000, "<i>x</i> " * 2_500, "ខ្មែរ" * 1_000, "\n" * 6_000 + "end")
    for body in bodies:
        text = Markup("<b>MD00001</b>\n") + escape(body) + Markup("\n<b>Total</b>")
        sent = await sqlite_talk.show.send(DARA, Screen(text, KEY, picture))
        shown = str(sent.text or sent.caption)
        assert len(shown) <= longest
        assert shown.startswith("MD00001\n")
        assert shown.endswith("\nTotal")
    warned = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert ["was cut" in record.getMessage() for record in warned] == [True] * len(bodies)


@given(st.text(max_size=60), st.integers(24, 50))
def test_what_fits_stays_as_it_is(text: str, longest: int) -> None:
    """What Telegram would take is not touched, tags and escapes do not count; what is cut fits and parses as text."""
    given_text = Markup("<b>{}</b>").format(text)
    found = fitted(given_text, longest)
    plain = html.unescape(str(found).replace("<b>", "").replace("</b>", ""))
    assert len(plain) <= longest
    if len(text) <= longest:
        assert found == given_text
