"""Goods that come in, in chat: by a pasted list, a file, pictures of the codes on boxes."""

import io

import zxingcpp
from PIL import Image

from core.i18n import translator
from tests.support import builders
from tests.support.paying import press
from tests.support.talk import BOPHA, Talk, keys, said
from tests.unit.bot.test_products import CAPTION, goods, opened, picture, send

EN = translator("en")


def codes(*texts: str, kind: zxingcpp.BarcodeFormat = zxingcpp.BarcodeFormat.Code128) -> bytes:
    """A photo of labels, one below the other."""
    sheet, drawn = Image.new("L", (900, 260 * len(texts)), 255), io.BytesIO()
    for row, text in enumerate(texts):
        code = zxingcpp.create_barcode(text, kind).to_image(scale=3)
        sheet.paste(Image.fromarray(code), (40, 40 + 260 * row))
    sheet.save(drawn, "PNG")
    return drawn.getvalue()


async def test_goods_come_in_by_a_list(sqlite_talk: Talk) -> None:
    """Shown as a table, a bad line named by its number; sent whole again, taken in by one tap."""
    talk = await opened(sqlite_talk)
    await builders.product(talk.shop)
    await talk.say(BOPHA, "/receive")
    (table,) = [one for one in await talk.say(BOPHA, "ROSE-30 +20\nNONE +3") if one["from"]["is_bot"]]
    assert "Line 2" in said(table)
    assert list(keys(table)) == [EN("button.not_now")]
    (table,) = [one for one in await talk.say(BOPHA, "from: Sokha\nROSE-30 +20 $4") if one["from"]["is_bot"]]
    assert "ROSE-30: +20 (10 → 30)" in said(table)
    await press(talk, BOPHA, table, EN("button.take_delivery", count=20), BOPHA)
    assert (await goods(talk))[0].variants[0].on_hand == 30
    await builders.sound(talk.shop)


async def test_goods_come_in_by_pictures_of_their_codes(sqlite_talk: Talk) -> None:
    """Each label counts one, a number below the only one more; unknown ones are named; nothing there is said."""
    talk = await opened(sqlite_talk)
    for sku in ("ROSE-30", "LIP-RED"):
        await builders.product(talk.shop, sku=sku)
    await talk.say(BOPHA, "/receive")
    (none,) = await send(talk, picture())
    assert said(none) == EN("errors.scan_nothing")
    (table,) = await send(talk, codes("ROSE-30", "LIP-RED", "ROSE-30"), kind="document", mime_type="image/png")
    assert "ROSE-30: +2 (10 → 12)" in said(table)
    assert "LIP-RED: +1 (10 → 11)" in said(table)
    (many,) = await send(talk, codes("ROSE-30", "LIP-RED"), caption="20 pcs", kind="document", mime_type="image/png")
    assert said(many) == EN("errors.scan_several")
    (table,) = await send(talk, codes("LIP-RED"), caption="20 pcs")
    assert "LIP-RED: +21 (10 → 31)" in said(table)
    lines = codes("from: Sokha\nROSE-30 +5", kind=zxingcpp.BarcodeFormat.QRCode)
    (unknown,) = await send(talk, codes("8850001234567"), kind="document", mime_type="image/png")
    assert EN("button.take_delivery", count=23) not in keys(unknown)
    assert "8850001234567" in said(unknown)
    await press(talk, BOPHA, unknown, EN("button.not_now"), BOPHA)
    await talk.say(BOPHA, "/receive")
    (table,) = await send(talk, lines)
    await press(talk, BOPHA, table, EN("button.take_delivery", count=5), BOPHA)
    assert [one.variants[0].on_hand for one in await goods(talk)] == [15, 10]
    await talk.say(BOPHA, "/receive")
    (draft,) = await send(talk, picture(), caption=CAPTION)
    assert "$12.00" in said(draft)
    await builders.sound(talk.shop)


async def test_goods_come_in_by_a_file(sqlite_talk: Talk) -> None:
    """By number or by name, each row by its number in the file; other lists are what they were, so is no question."""
    talk = await opened(sqlite_talk)
    for sku in ("ROSE-30", "LIP-RED"):
        await builders.product(talk.shop, sku=sku)
    await talk.say(BOPHA, "/receive")
    listed = "Code,Name,Qty,Cost\nROSE-30,,20,$4.50\n,Rose Serum LIP-RED,5,\n,Nobody knows it,3,\n"
    (table,) = await send(talk, listed.encode(), kind="document", name="came.csv")
    assert ["ROSE-30: +20 (10 → 30)" in said(table), "LIP-RED: +5" in said(table), "Line 4" in said(table)] == [
        True
    ] * 3
    (table,) = await send(talk, "លេខកូដ\tចំនួន\nROSE-30\t20\n".encode(), kind="document", name="came.tsv")
    await press(talk, BOPHA, table, EN("button.take_delivery", count=20), BOPHA)
    assert (await goods(talk))[0].variants[0].on_hand == 30
    await talk.say(BOPHA, "/receive")
    (difference,) = await send(talk, b"sku,price\nROSE-30,11.00\n", kind="document", name="list.csv")
    assert "price: 12.00 → 11.00" in said(difference)
