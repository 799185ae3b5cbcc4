"""Promo codes and promoters in chat: made by taps and lines, changed, seen live, by two admins, across a restart."""

import pytest

from bot import taps
from core.i18n import translator
from core.people import service as people
from core.people.rules import Role
from core.promoters import service as promoters
from core.promotions import service as promotions
from core.promotions.drafting import PromoField
from core.promotions.rules import PromoKind
from core.settings import service as settings
from tests.support import builders
from tests.support.helping import by_bot, picture, reply, send_file
from tests.support.paying import now, press
from tests.support.talk import BOPHA, DARA, OTHER_GROUP, SOKHA, STAFF_GROUP, Json, Talk, keys, said
from tests.unit.bot.conftest import Starting

EN = translator("en")


async def _shop(talk: Talk, language: str = "en") -> Talk:
    """Bopha runs the shop, Sokha helps her; the others' group is the admins'."""
    for number, name, role in ((BOPHA, "Bopha", Role.OWNER), (SOKHA, "Sokha", Role.ADMIN)):
        await people.speak(talk.shop, await builders.worker(talk.shop, role, number, name), language)
    for key, value in (("admin_chat_id", OTHER_GROUP), ("staff_chat_id", STAFF_GROUP), ("staff_language", language)):
        await settings.change(talk.shop.db, talk.shop.clock, key, value, None)
    await talk.shop.refresh()
    return talk


async def _front(talk: Talk, who: int = BOPHA) -> Json:
    return (await talk.say(who, "/promos"))[-1]


async def _tap(talk: Talk, message: Json, *words: str, who: int = BOPHA) -> Json:
    answer: Json = {}
    for one in words:
        answer = await press(talk, who, message, one, who)
    return answer


async def test_a_photo_beside_the_question(sqlite_talk: Talk) -> None:
    """A picture, a voice: what is waited for is named, the question stands; after [Back] the photo is a product.

    In the admins' group the same of a photo with a price; one that only is looked at passes by.
    """
    talk = await _shop(sqlite_talk)
    await _tap(talk, await _front(talk), EN("button.new_promo"))
    send_file(talk, BOPHA, BOPHA, "photo", picture(), caption="Silk 12$")
    await talk.work()
    awaited = EN("awaited.promo_new")
    assert said(by_bot(talk, BOPHA)[-1]) == EN("errors.words_not_goods", what=awaited)
    send_file(talk, BOPHA, BOPHA, "voice", b"OggS")
    await talk.work()
    assert said(by_bot(talk, BOPHA)[-1]) == EN("errors.words_alone", what=awaited)
    (asked,) = await talk.say(BOPHA, "SILK")
    await _tap(talk, asked, EN("button.back"))
    send_file(talk, BOPHA, BOPHA, "photo", picture(), caption="Silk 12$")
    await talk.work()
    assert "Silk" in said(by_bot(talk, BOPHA)[-1])
    await talk.say(BOPHA, "/promos", OTHER_GROUP)
    await press(talk, BOPHA, by_bot(talk, OTHER_GROUP)[-1], EN("button.new_promo"), OTHER_GROUP)
    stood = len(talk.messages(OTHER_GROUP))
    send_file(talk, BOPHA, OTHER_GROUP, "photo", picture(), caption="our new door")
    await talk.work()
    assert len(talk.messages(OTHER_GROUP)) == stood + 1
    send_file(talk, BOPHA, OTHER_GROUP, "photo", picture(), caption="Silk 12$")
    await talk.work()
    assert said(by_bot(talk, OTHER_GROUP)[-1]) == EN("errors.words_not_goods", what=awaited)


@pytest.mark.parametrize("language", ["en", "km"])
async def test_a_code_step_by_step(sqlite_talk: Talk, language: str) -> None:
    """Every question once, tapped or typed, one wrong line asked again; in words, then made; used by a customer."""
    talk, t = await _shop(sqlite_talk, language), translator(language)
    await promoters.add(talk.shop, await builders.worker(talk.shop, Role.OWNER, BOPHA, "Bopha"), "Chan", 1000)
    front = await _front(talk)
    assert t("promo.none") in said(front)
    await _tap(talk, front, t("button.new_promo"))
    (answer,) = await talk.say(BOPHA, "new year")
    assert said(answer) == t("errors.promo_form")
    (asked,) = await talk.say(BOPHA, "new-year")
    assert "NEW-YEAR" in said(asked)
    await _tap(talk, asked, "10%", "$5.00", "$20.00", t("promo_none.start"))
    (asked,) = await talk.say(BOPHA, "31.12.2026")
    await _tap(talk, asked, "100", "1", "Chan", t("promo_none.en"))
    (preview,) = await talk.say(BOPHA, "ឆ្នាំថ្មី")
    words = {"en": "10% off, at most $5.00, from $20.00, until 31 Dec 2026, 100 uses, 1 each"}.get(language)
    assert words is None or words in said(preview)
    assert t("promo.by", name="Chan") in said(preview)
    (answer,) = await talk.say(BOPHA, "and more")
    assert said(answer) == t("errors.promo_tap")
    assert (await _tap(talk, preview, t("button.promo_create")))["text"] == t("promo.made", code="NEW-YEAR")
    late = await talk.tap(BOPHA, preview["message_id"], keys(preview)[t("button.promo_create")])
    assert late["text"] == t("errors.old_button")
    dara = await builders.customer(talk.shop, DARA)
    cart_id = await builders.cart(talk.shop, dara, (await builders.product(talk.shop), 2))
    assert str((await builders.type_promo(talk.shop, dara, cart_id, "new-year")).discount) == "$2.40"
    assert dict(talk.sandbox.world.findings) == {}


async def test_the_usual_for_the_rest(sqlite_talk: Talk) -> None:
    """Three taps make a code: a made-up name, ten percent, the rest as usual; from the preview one field is changed."""
    talk = await _shop(sqlite_talk)
    front = await _front(talk)
    await _tap(talk, front, EN("button.new_promo"), EN("promo_word.any"), "$5.00", EN("button.promo_skip"))
    assert "$5.00 off, no end" in now(talk, front, BOPHA)
    assert EN("promo_field.cap") not in keys(talk.message(BOPHA, front["message_id"]))
    await _tap(talk, front, EN("promo_field.off"), "20%", EN("promo_field.uses"), "50", EN("button.promo_create"))
    (found,) = (await promotions.listing(talk.shop, await _boss(talk))).usages
    assert (found.promo.kind, found.promo.value, found.promo.use_limit) == (PromoKind.PERCENT, 20, 50)
    assert found.promo.code in now(talk, front, BOPHA)


async def _boss(talk: Talk) -> people.Person:
    found = await people.known(talk.shop, BOPHA)
    assert found is not None
    return found


async def test_what_it_did_is_seen_live(sqlite_talk: Talk) -> None:
    """An order is placed while its page is open: Refresh tells it; the orders are listed and lead to their cards."""
    talk = await _shop(sqlite_talk)
    await builders.promo(talk.shop, use_limit=9)
    front = await _front(talk)
    await _tap(talk, front, "🟢 ROSE10")
    assert "Used 0 / 9" in now(talk, front, BOPHA)
    dara = await builders.customer(talk.shop, DARA)
    cart_id = await builders.cart(talk.shop, dara, (await builders.product(talk.shop), 1))
    await builders.type_promo(talk.shop, dara, cart_id, "rose10")
    order = await builders.place(talk.shop, dara, cart_id)
    await _tap(talk, front, EN("button.refresh"))
    assert "Used 1 / 9 · $1.20 given · last 21 Nov 10:00" in now(talk, front, BOPHA)
    await _tap(talk, front, EN("button.promo_uses"))
    assert f"{order.number} · -$1.20" in now(talk, front, BOPHA)
    await _tap(talk, front, order.number)
    assert now(talk, front, BOPHA).startswith(order.number)


async def test_two_admins_in_chat(sqlite_talk: Talk) -> None:
    """Sokha changes what Bopha looks at: her tap and her typed line change nothing, and say who was faster."""
    talk = await _shop(sqlite_talk)
    promo = await builders.promo(talk.shop)
    front, theirs = await _front(talk), await _front(talk, SOKHA)
    await _tap(talk, front, "🟢 ROSE10", EN("promo_field.end"))
    await _tap(talk, theirs, "🟢 ROSE10", EN("promo_field.off"), "15%", who=SOKHA)
    assert "15% off" in now(talk, theirs, SOKHA)
    (answer,) = await talk.say(BOPHA, "31.12.2026")
    assert said(answer) == EN("errors.somebody_faster", name="Sokha")
    front = await _front(talk)
    await _tap(talk, front, "🟢 ROSE10")
    await _tap(talk, theirs, EN("button.promo_off"), who=SOKHA)
    answer = await _tap(talk, front, EN("button.promo_off"))
    assert answer["text"] == EN("errors.somebody_faster", name="Sokha")
    assert EN("promo.is_off") in now(talk, front, BOPHA)
    found = (await promotions.usage(talk.shop, await _boss(talk), promo.id)).promo
    assert (found.value, found.ends_at, found.active) == (15, None, False)


async def test_a_restart_in_between(sqlite_talk: Talk, start_bot: Starting) -> None:
    """The process ends after the second answer; the next one goes on where it was, and the old button still counts."""
    talk = await _shop(sqlite_talk)
    front = await _front(talk)
    await _tap(talk, front, EN("button.new_promo"))
    (asked,) = await talk.say(BOPHA, "SPRING")
    talk = await start_bot(talk.shop, talk)
    await _tap(talk, asked, "10%")
    assert EN("promo_ask.cap").partition("<")[0] in now(talk, asked, BOPHA)
    stale = await talk.tap(BOPHA, asked["message_id"], taps.AnswerPromo(1, PromoField.CAP, "500"))
    assert stale["text"] == EN("errors.old_button")
    older = await talk.tap(BOPHA, front["message_id"], keys(talk.message(BOPHA, front["message_id"]))["Make one up"])
    assert older["text"] == EN("errors.old_button")
    assert "SPRING" in now(talk, front, BOPHA)


async def test_in_the_admins_group(sqlite_talk: Talk) -> None:
    """There a reply to the question answers it, of who was asked; in the staff's group nothing of it is shown."""
    talk = await _shop(sqlite_talk)
    await talk.say(SOKHA, "/promos", OTHER_GROUP)
    front = by_bot(talk, OTHER_GROUP)[-1]
    await press(talk, SOKHA, front, EN("button.new_promo"), OTHER_GROUP)
    await reply(talk, BOPHA, OTHER_GROUP, talk.message(OTHER_GROUP, front["message_id"]), "SPRING")
    assert said(by_bot(talk, OTHER_GROUP)[-1]) == EN("errors.asked_before")
    await reply(talk, SOKHA, OTHER_GROUP, talk.message(OTHER_GROUP, front["message_id"]), "SPRING")
    asked = by_bot(talk, OTHER_GROUP)[-1]
    assert "SPRING" in said(asked)
    await press(talk, SOKHA, asked, "10%", OTHER_GROUP)
    await press(talk, SOKHA, asked, EN("button.promo_skip"), OTHER_GROUP)
    await press(talk, SOKHA, asked, EN("button.promo_create"), OTHER_GROUP)
    assert [one.promo.code for one in (await promotions.listing(talk.shop, await _boss(talk))).usages] == ["SPRING"]
    await talk.say(SOKHA, "/promos", STAFF_GROUP)
    assert said(by_bot(talk, STAFF_GROUP)[-1]) == EN("errors.admin_private")


@pytest.mark.parametrize("anew", [False, True])
async def test_a_promoter_is_added_where_their_code_is_made(sqlite_talk: Talk, *, anew: bool) -> None:
    """From the draft, nobody being there yet, and from a code that stands: name, rate, and the code is theirs."""
    talk = await _shop(sqlite_talk, "en")
    if anew:
        await builders.promo(talk.shop, "OPEN20")
    asked = await _front(talk)
    if anew:
        await _tap(talk, asked, "🟢 OPEN20")
    else:
        await _tap(talk, asked, EN("button.new_promo"))
        (asked,) = await talk.say(BOPHA, "OPEN20")
        await _tap(talk, asked, "20%", EN("button.promo_skip"))
    await _tap(talk, asked, EN("promo_field.by"), EN("button.add_promoter"))
    await talk.say(BOPHA, "Chan")
    (made,) = await talk.say(BOPHA, "7.5")
    assert "Chan" in said(made)
    if not anew:
        await _tap(talk, made, EN("button.promo_create"))
    (one,) = await promoters.listing(talk.shop, await _boss(talk))
    (code,) = (await promotions.listing(talk.shop, await _boss(talk))).usages
    assert (code.promo.code, code.promo.value, code.promo.promoter_id) == ("OPEN20", 10 if anew else 20, one.id)


@pytest.mark.parametrize("language", ["en", "km"])
async def test_a_promoter(sqlite_talk: Talk, language: str) -> None:
    """Name, a rate that is no rate, a rate; phone and commission anew; off; their code stands on their page."""
    talk, t = await _shop(sqlite_talk, language), translator(language)
    front = await _front(talk)
    await _tap(talk, front, t("button.promoters"), t("button.new_promoter"))
    await talk.say(BOPHA, "Chan")
    (answer,) = await talk.say(BOPHA, "101")
    assert said(answer) == t("errors.rate_unread")
    (page,) = await talk.say(BOPHA, "7.5")
    assert "🟢 Chan · 7.5%" in said(page)
    (one,) = await promoters.listing(talk.shop, await _boss(talk))
    await builders.promo(talk.shop, promoter_id=one.id)
    await _tap(talk, page, t("promoter_field.phone"))
    (page,) = await talk.say(BOPHA, "012 345 678")
    assert "+855 12 345 678" in said(page)
    assert "ROSE10" in keys(page)
    await _tap(talk, page, t("promoter_field.rate"), "15%", t("button.promo_off"))
    assert "⚪ Chan · 15%" in now(talk, page, BOPHA)
    assert dict(talk.sandbox.world.findings) == {}
