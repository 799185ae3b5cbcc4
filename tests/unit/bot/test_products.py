"""Products in chat: a photo with a caption becomes one, is corrected, saved; fields, photos, goods that come in."""

import io
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from bot import taps
from bot.sandbox.acts.messages import send_files
from bot.sandbox.call import Upload
from core.catalog import store as catalog
from core.catalog.goods import Goods, Way
from core.help.rules import Media
from core.i18n import translator
from core.people import service as people
from core.people.rules import Role
from core.settings import service as settings
from tests.support import builders
from tests.support.helping import by_bot, reply
from tests.support.paying import press
from tests.support.talk import BOPHA, DARA, SOKHA, STAFF_GROUP, Json, Talk, keys, said
from tests.unit.bot.conftest import Starting

EN, KM = translator("en"), translator("km")
KINDS = {
    key: EN(f"errors.{key}").format(kinds="JPG, PNG, WebP, GIF") for key in ("picture_wrong_format", "picture_broken")
}
CAPTION = "Rose Serum / សេរ៉ូមផ្កាកុលាប\n$12.00 (was $15)\n20 pcs #skin"


def picture(colour: tuple[int, int, int] = (200, 80, 80), kind: str = "JPEG") -> bytes:
    """A small picture; another colour is another one."""
    drawn = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(drawn, kind)
    return drawn.getvalue()


def stamp(message: Json) -> int:
    """Which draft a preview is about."""
    return int(keys(message)[EN("button.not_now")].partition(":")[2])


async def opened(talk: Talk, language: str = "en") -> Talk:
    """Bopha owns the shop, which has a shelf; Sokha is an admin too."""
    boss = await builders.worker(talk.shop, Role.OWNER, BOPHA, "Bopha")
    await people.speak(talk.shop, boss, language)
    sokha = await builders.worker(talk.shop, Role.ADMIN, SOKHA)
    await people.speak(talk.shop, sokha, language)
    await talk.shop.db.write(
        lambda tx: catalog.add_category(tx, slug="skin", name_en="Skin care", name_km="ថែស្បែក", emoji="")
    )
    return talk


async def send(
    talk: Talk,
    *files: bytes,
    caption: str = "",
    person: int = BOPHA,
    chat: int = 0,
    kind: str = "photo",
    name: str = "",
    **more: Any,
) -> list[Json]:
    """Send pictures, several as an album; returns the messages that came back."""
    given = {"person": person, "chat": chat or person, "caption": caption, **more}
    parts = [(kind, Upload(name or f"IMG_{i}.jpg", data)) for i, data in enumerate(files)]
    sent = send_files(talk.sandbox.world, talk.sandbox.people, given, parts)["messages"]
    await talk.work()
    last = sent[-1]["message_id"]
    return [one for one in talk.messages(chat or person) if one["message_id"] > last and one["from"]["is_bot"]]


async def goods(talk: Talk) -> list[Goods]:
    """All that is sold, by id."""
    return await talk.shop.db.read(lambda tx: catalog.goods(tx, range(1, 50)))


@pytest.mark.parametrize("language", ["en", "km"])
async def test_a_photo_with_a_caption_becomes_a_product(sqlite_talk: Talk, language: str) -> None:
    """Preview with all that was read, saved by one tap, on sale with its photo; the same tap again adds nothing."""
    talk, t = await opened(sqlite_talk, language), translator(language)
    (preview,) = await send(talk, picture(), caption=CAPTION)
    assert [words in said(preview) for words in ("Rose Serum", "សេរ៉ូមផ្កាកុលាប", "$12.00", "$15.00", "20")] == [True] * 5
    tap = keys(preview)[t("button.save_goods")]
    answer = await press(talk, BOPHA, preview, t("button.save_goods"), BOPHA)
    assert answer["text"] == t("goods.saved")
    again = await talk.tap(BOPHA, preview["message_id"], tap)
    assert again["text"] == t("errors.draft_closed")
    (made,) = await goods(talk)
    assert (made.name_en, made.variants[0].price, made.variants[0].old_price, made.variants[0].on_hand) == (
        "Rose Serum", 1200, 1500, 20)  # fmt: skip
    (file,) = (talk.shop.config.media_dir / "products").iterdir()
    assert (f"products/{file.name}", "IMG" in file.name) == (made.photo, False)
    assert made.id in (await talk.shop.catalogue.now()).products
    assert dict(talk.sandbox.world.findings) == {}
    await builders.sound(talk.shop)


async def test_a_draft_is_corrected_by_replies(sqlite_talk: Talk, start_bot: Starting) -> None:
    """What is missing or could be two things is said and cannot be saved; lines put it right, after a restart too."""
    talk = await opened(sqlite_talk)
    (preview,) = await send(talk, picture(), caption="Rose Serum $12 $15 #hair")
    told = [EN(f"goods.problem.{key}") for key in ("two_price", "no_such_shelf", "no_price")]
    assert [words.split("<")[0] in said(preview) for words in told] == [True] * 3
    assert EN("goods.missing.no_name_km") in said(preview)
    assert EN("button.save_goods") not in keys(preview)
    forged = await talk.tap(BOPHA, preview["message_id"], taps.SaveDraft(stamp(preview), "0"))
    assert forged["text"] == EN("errors.goods_moved")
    talk = await start_bot(talk.shop, talk)
    await talk.say(BOPHA, "$12 was $15")
    (asked,) = [one for one in await talk.say(BOPHA, "សេរ៉ូមផ្កាកុលាប") if one["from"]["is_bot"]]
    await press(talk, BOPHA, asked, EN("button.goods_shelf"), BOPHA)
    await press(talk, BOPHA, asked, "Skin care", BOPHA)
    await press(talk, BOPHA, asked, EN("button.save_goods"), BOPHA)
    (made,) = await goods(talk)
    assert (made.name_km, made.variants[0].price, made.variants[0].old_price) == ("សេរ៉ូមផ្កាកុលាប", 1200, 1500)


async def test_an_album_is_one_product(sqlite_talk: Talk) -> None:
    """Three photos come one by one: one preview, which counts them; saved in their order; each is known again."""
    talk = await opened(sqlite_talk)
    shots = [picture((i, 80, 80)) for i in (10, 120, 240)]
    (preview,) = await send(talk, *shots, caption=CAPTION)
    assert f"{EN('goods.field.photos')}: 3" in said(preview)
    await press(talk, BOPHA, preview, EN("button.save_goods"), BOPHA)
    (made,) = await goods(talk)
    assert len({photo.path for photo in made.album}) == 3
    await press(talk, BOPHA, preview, EN("button.goods_change"), BOPHA)
    page = talk.messages(BOPHA)[-1]
    await press(talk, BOPHA, page, EN("button.goods_photos", count=3), BOPHA)
    shown = talk.messages(BOPHA)[-1]
    await press(talk, BOPHA, shown, EN("button.drop_photo"), BOPHA)
    (left,) = await goods(talk)
    assert [photo.path for photo in left.album] == [photo.path for photo in made.album[1:]]
    (again,) = await send(talk, shots[2], caption="+3 pcs")
    assert "20 → 23" in said(again)


async def test_photos_change_places_and_go(sqlite_talk: Talk) -> None:
    """One later, the last to the front, one out: customers see the new first one; who saw another order hears it."""
    talk = await opened(sqlite_talk)
    (preview,) = await send(talk, *(picture((i, 80, 80)) for i in (10, 120, 240)), caption=CAPTION)
    await press(talk, BOPHA, preview, EN("button.save_goods"), BOPHA)
    first, second, third = [photo.path for photo in (await goods(talk))[0].album]
    await press(talk, BOPHA, preview, EN("button.goods_change"), BOPHA)
    await press(talk, BOPHA, talk.messages(BOPHA)[-1], EN("button.goods_photos", count=3), BOPHA)
    shown = talk.messages(BOPHA)[-1]
    old = keys(shown)[EN("button.drop_photo")]
    assert EN("button.photo_earlier") not in keys(shown)
    await press(talk, BOPHA, shown, EN("button.photo_later"), BOPHA)
    assert "photo 2 of 3" in said(talk.message(BOPHA, shown["message_id"]))
    answer = await talk.tap(BOPHA, shown["message_id"], old)
    assert answer["text"] == EN("errors.goods_moved")
    await press(talk, BOPHA, shown, "3", BOPHA)
    await press(talk, BOPHA, shown, EN("button.photo_first"), BOPHA)
    (moved,) = await goods(talk)
    assert [photo.path for photo in moved.album] == [third, second, first]
    pixel = Image.open(io.BytesIO(talk.file(talk.message(BOPHA, shown["message_id"])))).convert("RGB").getpixel((9, 9))
    assert abs(pixel[0] - 240) < 9  # type: ignore[index, operator] - three bytes
    await press(talk, BOPHA, shown, "2", BOPHA)
    await press(talk, BOPHA, shown, EN("button.drop_photo"), BOPHA)
    seen = (await talk.shop.catalogue.now()).products[moved.id]
    assert (seen.photo, [photo.path for photo in seen.photos]) == (third, [first])
    order = (await goods(talk))[0].order
    for forged in (taps.MovePhoto(moved.id, 0, order, Way.EARLIER), taps.MovePhoto(moved.id, 9, order, Way.LATER)):
        assert (await talk.tap(BOPHA, shown["message_id"], forged))["show_alert"] is True


async def test_one_tap_gives_the_list(sqlite_talk: Talk) -> None:
    """Below the products, and below the codes, a button that sends all of them; the list goes on being turned."""
    talk = await opened(sqlite_talk)
    (empty,) = await talk.say(BOPHA, "/promos")
    assert EN("button.export_all", format="Excel") not in keys(empty)
    await builders.promo(talk.shop)
    for number in range(21):
        await builders.product(talk.shop, sku=f"ROSE-{number}")
    for command, name in (("/products", "products.xlsx"), ("/promos", "promo-codes.xlsx")):
        (page,) = await talk.say(BOPHA, command)
        await press(talk, BOPHA, page, EN("button.export_all", format="Excel"), BOPHA)
        file = talk.messages(BOPHA)[-1]["document"]
        assert file["file_name"].startswith(name.partition(".")[0])
        assert file["file_name"].endswith("xlsx")
        if command == "/products":
            await press(talk, BOPHA, page, "▶", BOPHA)
            assert "◀" in keys(talk.message(BOPHA, page["message_id"]))


async def test_the_same_photo_again_is_more_of_it(sqlite_talk: Talk) -> None:
    """Known by its photo; a number of units is asked about, then received; cost is never shown to customers."""
    talk = await opened(sqlite_talk)
    (preview,) = await send(talk, picture(), caption=CAPTION + " cost $7")
    await press(talk, BOPHA, preview, EN("button.save_goods"), BOPHA)
    (again,) = await send(talk, picture(), caption="5 pcs", person=SOKHA)
    assert "ROSE-SERUM" in said(again)
    assert EN("button.save_goods") not in keys(again)
    await press(talk, SOKHA, again, EN("button.goods_more", count=5), SOKHA)
    assert "20 → 25" in said(talk.message(SOKHA, again["message_id"]))
    await press(talk, SOKHA, again, EN("button.save_goods"), SOKHA)
    (made,) = await goods(talk)
    assert made.variants[0].on_hand == 25
    assert "+$5.00 (41%)" in said(talk.messages(SOKHA)[-1])
    found = (await talk.say(DARA, "Rose Serum"))[-1]
    assert all("$7" not in said(one) and "41%" not in said(one) for one in (found, *talk.messages(DARA)))
    await builders.sound(talk.shop)


@pytest.mark.parametrize(("data", "why"), [(b"%PDF-1.7 no picture", "wrong_format"), (picture()[:300], "broken")])
async def test_a_bad_picture_is_refused(sqlite_talk: Talk, data: bytes, why: str) -> None:
    """Whatever its file calls itself: a sentence with the reason, no draft, nothing kept."""
    talk = await opened(sqlite_talk)
    (told,) = await send(talk, data, caption=CAPTION, kind="document", mime_type="image/jpeg")
    assert said(told) == EN(f"errors.picture_{why}", kinds="JPG, PNG, WebP, GIF")
    assert not (talk.shop.config.media_dir / "products").exists()


async def test_a_field_is_changed_by_tapping_it(sqlite_talk: Talk) -> None:
    """Asked, answered in one line, before and after said; the second of two admins hears who was faster."""
    talk = await opened(sqlite_talk)
    await builders.product(talk.shop)
    pages = {person: (await talk.say(person, "/products rose"))[-1] for person in (BOPHA, SOKHA)}
    for person, page in pages.items():
        await talk.tap(person, page["message_id"], taps.OpenGoods(1))
        await press(talk, person, page, EN("goods.field.price"), person)
    (wrong,) = [one for one in await talk.say(BOPHA, "49200") if one["from"]["is_bot"]]
    assert said(wrong) == EN("errors.price_unread")
    (done,) = [one for one in await talk.say(BOPHA, "$13.50") if one["from"]["is_bot"]]
    assert "$12.00 → $13.50" in said(done)
    (late,) = [one for one in await talk.say(SOKHA, "14") if one["from"]["is_bot"]]
    assert said(late).startswith(EN("errors.somebody_faster", name="Bopha"))
    assert ("$13.50" in said(late), EN("goods.field.price") in keys(late)) == (True, True)
    await press(talk, BOPHA, done, EN("button.goods_hide"), BOPHA)
    assert (await talk.shop.catalogue.now()).products == {}


async def test_in_the_admin_chat_and_for_nobody_else(sqlite_talk: Talk) -> None:
    """A photo with a price there becomes a draft, corrected by a reply; nobody else's does, nor a chat's picture."""
    talk = await opened(sqlite_talk)
    await settings.change(talk.shop.db, talk.shop.clock, "admin_chat_id", STAFF_GROUP, None)
    await people.grant(talk.shop, SOKHA, "Sokha", Role.STAFF)
    assert await send(talk, picture(), caption="Look at this!", chat=STAFF_GROUP) == []
    assert await send(talk, picture(), caption=CAPTION, person=SOKHA, chat=STAFF_GROUP) == []
    (answer,) = await send(talk, picture(), caption=CAPTION, person=DARA)
    assert said(answer) != EN("errors.not_allowed")
    (preview,) = await send(talk, picture(), caption=CAPTION, chat=STAFF_GROUP)
    await reply(talk, BOPHA, STAFF_GROUP, preview, "$13")
    fixed = by_bot(talk, STAFF_GROUP)[-1]
    assert "$13.00" in said(fixed)
    await press(talk, BOPHA, fixed, EN("button.save_goods"), STAFF_GROUP)
    assert [one.variants[0].price for one in await goods(talk)] == [1300]


async def test_shelves_by_tapping(sqlite_talk: Talk) -> None:
    """One more, moved up, renamed in one language, hidden and back; the slower of two who rename is told so."""
    talk = await opened(sqlite_talk)
    (page,) = await talk.say(BOPHA, "/products")
    await press(talk, BOPHA, page, EN("button.shelves"), BOPHA)
    await press(talk, BOPHA, page, EN("button.add_shelf"), BOPHA)
    (shown,) = [one for one in await talk.say(BOPHA, "Hair / សក់") if one["from"]["is_bot"]]
    await press(talk, BOPHA, shown, EN("button.shelf_up"), BOPHA)
    front = (await talk.shop.catalogue.now()).categories
    assert [one.name_en for one in front.values()] == ["Hair", "Skin care"]
    for person in (SOKHA, BOPHA):
        (page,) = await talk.say(person, "/products")
        await talk.tap(person, page["message_id"], taps.AskShelf(2))
    assert "Hair care" in said((await talk.say(BOPHA, "Hair care"))[-1])
    assert said((await talk.say(SOKHA, "Hair oil"))[-1]) == EN("errors.goods_moved")
    await talk.tap(BOPHA, page["message_id"], taps.OpenShelf(2))
    for words, names in (("button.goods_hide", ["Skin care"]), ("button.goods_show", ["Hair care", "Skin care"])):
        await press(talk, BOPHA, page, EN(words), BOPHA)
        assert [one.name_en for one in (await talk.shop.catalogue.now()).categories.values()] == names
    assert (await talk.shop.catalogue.now()).categories[2].name_km == "សក់"


async def test_one_more_variant_in_one_line(sqlite_talk: Talk) -> None:
    """Asked, answered after a refusal, on sale beside the first; a field of it changed, itself hidden and back."""
    talk = await opened(sqlite_talk)
    await builders.product(talk.shop)
    (page,) = await talk.say(BOPHA, "/products rose")
    await talk.tap(BOPHA, page["message_id"], taps.OpenGoods(1))
    await press(talk, BOPHA, page, EN("button.add_variant"), BOPHA)
    (wrong,) = [one for one in await talk.say(BOPHA, "50 ml") if one["from"]["is_bot"]]
    assert said(wrong).startswith(EN("errors.variant_unread", example="").split("{")[0][:20])
    (shown,) = [one for one in await talk.say(BOPHA, "50 ml / ៥០ មល $18.50 7 pcs") if one["from"]["is_bot"]]
    assert "One more?" in said(shown)
    (shown,) = [one for one in await talk.say(BOPHA, "100 ml $30 +2") if one["from"]["is_bot"]]
    assert [one.name_en for one in (await goods(talk))[0].variants[1:]] == ["50 ml", "100 ml"]
    await press(talk, BOPHA, shown, "50 ml", BOPHA)
    await press(talk, BOPHA, shown, EN("goods.field.price"), BOPHA)
    (shown,) = [one for one in await talk.say(BOPHA, "$19") if one["from"]["is_bot"]]
    one = (await goods(talk))[0].variants[1]
    assert (one.name_en, one.name_km, one.price, one.on_hand, one.sku) == ("50 ml", "50 មល", 1900, 7, "ROSE-30-2")
    await talk.tap(BOPHA, shown["message_id"], taps.OpenStocked(1, one.id))
    for words, many in (("button.goods_hide", 2), ("button.goods_show", 3)):
        await press(talk, BOPHA, shown, EN(words), BOPHA)
        assert len((await talk.shop.catalogue.now()).products[1].variants) == many
    await builders.sound(talk.shop)


@pytest.mark.parametrize("kind", ["policy", "province", "province_name", "holiday"])
async def test_a_photo_beside_an_open_setting_is_a_product(sqlite_talk: Talk, kind: str) -> None:
    """Who looked at the settings and goes on with photos is told of no amount that could not be read."""
    talk = await opened(sqlite_talk)
    owner = await people.known(talk.shop, BOPHA)
    assert owner is not None
    await people.ask(talk.shop, owner, kind, chat_id=BOPHA, rule="fee_capital", seen="", code="17")
    (card,) = await send(talk, picture((9, 80, 80)), caption="Hat $5")
    assert said(card).startswith("🆕 New product\nEnglish name: Hat")


async def test_photos_in_a_row_are_drafts_side_by_side(sqlite_talk: Talk) -> None:
    """Three photos, one after the other: each is put on a shelf, saved or left by its own buttons, in any order."""
    talk = await opened(sqlite_talk)
    cards = []
    for i, name in enumerate(("Hat $5", "Mug $6", "Bag $7")):
        talk.shop.clock.move(timedelta(seconds=1))  # type: ignore[attr-defined]
        cards += await send(talk, picture((i, 80, 80)), caption=name)
    await press(talk, BOPHA, cards[0], EN("button.goods_shelf"), BOPHA)
    await press(talk, BOPHA, cards[0], "Skin care", BOPHA)
    await press(talk, BOPHA, cards[0], EN("button.save_goods"), BOPHA)
    assert "✅ Hat" in said(talk.message(BOPHA, cards[0]["message_id"]))
    await press(talk, BOPHA, cards[1], EN("button.not_now"), BOPHA)
    await press(talk, BOPHA, cards[2], EN("button.goods_shelf"), BOPHA)
    await press(talk, BOPHA, cards[2], "Skin care", BOPHA)
    await press(talk, BOPHA, cards[2], EN("button.save_goods"), BOPHA)
    assert [one.name_en for one in await goods(talk)] == ["Hat", "Bag"]


async def test_a_reply_corrects_the_draft_it_replies_to(sqlite_talk: Talk) -> None:
    """A line below an older preview is about that one, a line alone about the newest."""
    talk = await opened(sqlite_talk)
    (first,) = await send(talk, picture((10, 1, 1)), caption="Hat")
    talk.shop.clock.move(timedelta(seconds=1))  # type: ignore[attr-defined]
    await send(talk, picture((99, 1, 1)), caption="Mug")
    await reply(talk, BOPHA, BOPHA, first, "$5")
    assert ["Hat" in said(talk.messages(BOPHA)[-1]), "$5.00" in said(talk.messages(BOPHA)[-1])] == [True, True]


async def test_the_first_shelf_is_named_at_the_draft(sqlite_talk: Talk) -> None:
    """A shop without shelves: the first photo makes one; the next photo stands on it without a word."""
    talk = sqlite_talk
    await people.speak(talk.shop, await builders.worker(talk.shop, Role.OWNER, BOPHA, "Bopha"), "en")
    (preview,) = await send(talk, picture(), caption="Hat $5")
    await press(talk, BOPHA, preview, EN("button.goods_shelf"), BOPHA)
    await press(talk, BOPHA, preview, EN("button.add_shelf"), BOPHA)
    (asked,) = [one for one in await talk.say(BOPHA, "Clothes / សម្លៀកបំពាក់") if one["from"]["is_bot"]]
    await press(talk, BOPHA, asked, EN("button.save_goods"), BOPHA)
    talk.shop.clock.move(timedelta(seconds=1))  # type: ignore[attr-defined]
    (second,) = await send(talk, picture((1, 2, 3)), caption="Scarf $6")
    assert "Clothes" in said(second)
    assert EN("button.save_goods") in keys(second)


async def test_a_variant_without_a_name_is_pointed_out(sqlite_talk: Talk) -> None:
    """Beside a second one the first needs a name: said where it is changed, and customers see its price meanwhile."""
    talk = await opened(sqlite_talk)
    (preview,) = await send(talk, picture(), caption=CAPTION)
    await press(talk, BOPHA, preview, EN("button.save_goods"), BOPHA)
    await press(talk, BOPHA, preview, EN("button.goods_change"), BOPHA)
    page = talk.messages(BOPHA)[-1]
    assert "has no name" not in said(page)
    await press(talk, BOPHA, page, EN("button.add_variant"), BOPHA)
    (shown,) = [one for one in await talk.say(BOPHA, "Blue / ខៀវ $18 +3") if one["from"]["is_bot"]]
    assert "ROSE-SERUM has no name" in said(shown)
    offered = (await talk.say(BOPHA, "/start p_1"))[-1]
    assert list(keys(offered))[:2] == ["● $12.00", "Blue · $18.00"]


@pytest.mark.parametrize("kind", [Media.DOCUMENT, Media.VIDEO, Media.ANIMATION, Media.VOICE])
async def test_what_is_no_picture_says_so(sqlite_talk: Talk, kind: Media) -> None:
    """A PDF, a video, a moving GIF, a voice from who runs the shop: the reason, and what is asked stands untouched."""
    talk = await opened(sqlite_talk)
    await builders.product(talk.shop)
    await talk.say(BOPHA, "/receive ROSE-30 5")
    asked = await people.question(talk.shop, await people.arrive(talk.shop, BOPHA, "Bopha"))
    (answer,) = await send(talk, b"%PDF-1.7 no picture", kind=kind, name="bill.pdf", caption="Rose Serum $12")
    assert said(answer) == KINDS["picture_wrong_format"]
    assert await people.question(talk.shop, await people.arrive(talk.shop, BOPHA, "Bopha")) == asked
