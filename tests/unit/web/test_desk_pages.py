"""The counter's pages: who is let in, by what Telegram signed alone, and what nobody else is ever shown."""

import hashlib
import hmac
import io
import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from aiogram.utils.auth_widget import check_integrity
from aiogram.utils.web_app import check_webapp_signature
from PIL import Image
from zxingcpp import read_barcode

from core.clock import SteppedClock
from core.config import SANDBOX_TOKEN as TOKEN
from core.errors import NotAllowed
from core.orders.rules import Move, Order
from core.people import service as people
from core.people.rules import Role
from core.shop import Shop
from tests.support import builders
from tests.support.browser import chromium
from tests.unit.web.conftest import Visitor
from web import login

DARA, SOKHA, RITH = 1001, 2001, 2009
NOW = SteppedClock().now()


def init_data(who: int, token: str = TOKEN, *, at: float = NOW.timestamp(), **more: str) -> str:
    """Sign what a Mini App is opened with, as Telegram does; ``signature`` is signed along."""
    fields = {
        "auth_date": str(int(at)),
        "query_id": "AA",
        "signature": "s",
        "user": json.dumps({"id": who, "first_name": "ដា&="}),
    }
    fields |= more
    key = hmac.digest(b"WebAppData", token.encode(), "sha256")
    signed = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    return urlencode(fields | {"hash": hmac.digest(key, signed.encode(), "sha256").hex()})


def link(user: int, token: str = TOKEN, *, at: float = NOW.timestamp()) -> dict[str, str]:
    """Sign what a login button's link carries, as Telegram does."""
    fields = {"id": str(user), "first_name": "ដា រ៉ា", "auth_date": str(int(at))}
    signed = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    key = hashlib.sha256(token.encode()).digest()
    return fields | {"hash": hmac.digest(key, signed.encode(), "sha256").hex()}


def test_signed_as_others_check_it() -> None:
    """What these tests sign, and what is taken here, another library takes as well."""
    assert check_webapp_signature(TOKEN, init_data(7))
    assert check_integrity(TOKEN, link(7))
    assert login.by_app(init_data(7), TOKEN, NOW) == login.by_link(link(7).items(), TOKEN, NOW) == 7


OLD, AHEAD = NOW.timestamp() - 601, NOW.timestamp() + 120
FORGED_APP = {
    "nothing": "",
    "no fields": "%%%&&&===",
    "another token": init_data(7, "1000002:other"),
    "old": init_data(7, at=OLD),
    "of tomorrow": init_data(7, at=AHEAD),
    "somebody else": init_data(7).replace("%22id%22%3A+7", "%22id%22%3A+8"),
    "twice": init_data(7) + "&user=" + json.dumps({"id": 8}),
    "no user": init_data(7, user=""),
    "no hash": "user=7",
    "a list": init_data(7, user="[1]"),
    "a name for a number": init_data(7, user='{"id": "x"}'),
    "surrogates": "hash=\ud800",
    "long": "a" * 100_000,
}


@pytest.mark.parametrize("way", FORGED_APP)
def test_a_mini_app_forged(way: str) -> None:
    """Not signed by our bot's token, changed, twice, old, of another clock: nobody."""
    with pytest.raises(NotAllowed):
        login.by_app(FORGED_APP[way], TOKEN, NOW)


@pytest.mark.parametrize("changes", [
    {"id": "8"}, {"hash": "0" * 64}, {"hash": ""}, {"extra": "1"}, {"auth_date": str(int(OLD))}, {"hash": "ហ"},
])  # fmt: skip
def test_a_link_forged(changes: dict[str, str]) -> None:
    """Changed anywhere, it is nobody's; so is one that was kept, and what signs a Mini App signs no link."""
    for fields in (link(7) | changes, link(7, at=OLD), link(7, "1000002:other")):
        with pytest.raises(NotAllowed):
            login.by_link(fields.items(), TOKEN, NOW)


def test_a_name_of_several_lines() -> None:
    """Who is called as two fields of a login look cannot sign in as somebody else by cutting their name in two."""
    at = str(int(NOW.timestamp()))
    signed = f"auth_date={at}\nfirst_name=A\nid={SOKHA}\nlast_name=B\nid=666"
    forged = {"auth_date": at, "first_name": "A", "id": str(SOKHA), "last_name": "B\nid=666"}
    forged["hash"] = hmac.digest(hashlib.sha256(TOKEN.encode()).digest(), signed.encode(), "sha256").hex()
    with pytest.raises(NotAllowed):
        login.by_link(forged.items(), TOKEN, NOW)


async def ready(shop: Shop) -> Order:
    """An order of Dara's that is packed."""
    shop.door = lambda payload: f"https://t.me/made_up_bot?start={payload}"
    sokha, variant = await builders.worker(shop), await builders.product(shop)
    order = await builders.order(shop, await builders.customer(shop), variant, 1)
    return await builders.moved(shop, sokha, order, Move.PREPARE, Move.READY)


async def let_in(visitor: Visitor, user: int) -> str:
    """Come in by Mini App; returns the cookie."""
    answer = await visitor.post("/desk/login", data={"init_data": init_data(user)}, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/desk/parcels")
    return answer.headers["Set-Cookie"]


@pytest.mark.soak
async def test_a_label_is_printed_whole(sqlite_visit: Visitor, sqlite_shop: Shop) -> None:
    """On a page of 100 mm nothing of the label is cut off: what clips it is as wide as it is."""
    await ready(sqlite_shop)
    name, _, value = (await let_in(sqlite_visit, SOKHA)).partition(";")[0].partition("=")
    site = str(sqlite_visit.make_url("/desk"))
    async with chromium() as browser:
        tab = await browser.new_context(viewport={"width": 378, "height": 567})
        await tab.add_cookies([{"name": name, "value": value.strip('"'), "url": site}])
        page = await tab.new_page()
        await page.goto(f"{site}/parcels")
        await page.emulate_media(media="print")
        sizes = "figure => [figure.clientWidth, figure.children[0].offsetWidth, figure.offsetLeft]"
        room, label, left = await page.locator(".sheet").evaluate(sizes)
    assert (left, room >= label, label) == (0, True, 378)


async def test_staff_see_what_is_ready(sqlite_visit: Visitor, sqlite_shop: Shop) -> None:
    """Let in by Mini App or link: every ready parcel, its label with a code that is read, in no cache."""
    order = await ready(sqlite_shop)
    cookie = await let_in(sqlite_visit, SOKHA)
    for word in ("HttpOnly", "SameSite=Lax", "Path=/desk"):
        assert word in cookie
    page = await sqlite_visit.get("/desk/parcels")
    assert page.headers["Cache-Control"] == "no-store"
    text = await page.text()
    assert f"/desk/parcels/{order.id}/l.png" in text
    assert f"/desk/parcels/{order.id}/s.png" in await (await sqlite_visit.get("/desk/parcels?paper=s")).text()
    drawn = await sqlite_visit.get(f"/desk/parcels/{order.id}/l.png")
    assert (drawn.status, drawn.headers["Cache-Control"]) == (200, "no-store")
    with Image.open(io.BytesIO(await drawn.read())) as sheet:
        found = read_barcode(sheet)
    assert found is not None
    assert found.text.endswith(order.parcel_token)
    assert (await sqlite_visit.get(f"/desk/parcels/{order.id}/s.png")).status == 200
    sqlite_visit.session.cookie_jar.clear()
    by_link = await sqlite_visit.get("/desk/login", params=link(SOKHA), allow_redirects=False)
    assert by_link.headers["Location"] == "/desk/parcels"
    assert (await sqlite_visit.get("/desk/parcels")).status == 200


async def test_the_page_speaks_as_the_chat_does(sqlite_visit: Visitor, sqlite_shop: Shop) -> None:
    """Who reads Khmer in the chat reads it here, whatever their browser asks for, until they choose on the page."""
    await ready(sqlite_shop)
    await people.speak(sqlite_shop, await builders.worker(sqlite_shop), "km")
    await let_in(sqlite_visit, SOKHA)
    english = {"Accept-Language": "en"}
    slips = await (await sqlite_visit.get("/desk/parcels?paper=s", headers=english)).text()
    assert '<html lang="km"' in slips
    assert "/desk/parcels?paper=s&amp;lang=en" in slips
    chosen = await sqlite_visit.get("/desk/parcels?paper=s&lang=en", headers=english)
    assert (chosen.url.query_string, '<html lang="en"' in await chosen.text()) == ("paper=s", True)


@pytest.mark.parametrize("who", ["nobody", "customer", "courier", "removed", "late", "forged"])
async def test_for_everybody_else_there_is_nothing(sqlite_visit: Visitor, sqlite_shop: Shop, who: str) -> None:
    """No name, street or picture for a stranger, a customer, a courier, who was taken out, nor by an old cookie."""
    order = await ready(sqlite_shop)
    await builders.worker(sqlite_shop, Role.COURIER, RITH, "Rith")
    if who == "forged":
        until = int(sqlite_shop.clock.now().timestamp()) + 1000
        sqlite_visit.session.cookie_jar.update_cookies({login.COOKIE: f"{SOKHA}.{until}.{'0' * 64}"})
    elif who != "nobody":
        await let_in(sqlite_visit, {"customer": DARA, "courier": RITH}.get(who, SOKHA))
    if who == "removed":
        await people.revoke(sqlite_shop, SOKHA)
    if who == "late":
        sqlite_shop.clock.move(login.STAYS + timedelta(seconds=1))
    page = await sqlite_visit.get("/desk/parcels", allow_redirects=False)
    assert (page.status, page.headers["Location"]) == (303, "/desk")
    assert (await sqlite_visit.get(f"/desk/parcels/{order.id}/l.png")).status == 404
    assert order.number not in await (await sqlite_visit.get("/desk/parcels")).text()


async def test_a_refused_login_says_so(sqlite_visit: Visitor) -> None:
    """Forged: a page that says what to do, no cookie; opened plainly the page says how to come in."""
    for answer in (
        await sqlite_visit.post("/desk/login", data={"init_data": init_data(7, "1000002:other")}),
        await sqlite_visit.get("/desk/login", params=link(7) | {"id": "8"}),
        await sqlite_visit.post("/desk/login", data={"other": "x"}),
    ):
        assert answer.status == 403
        assert "Set-Cookie" not in answer.headers
        assert "Telegram did not confirm" in await answer.text()
    plain = await sqlite_visit.get("/desk", headers={"Accept-Language": "km"})
    assert "សម្រាប់បុគ្គលិក" in await plain.text()
