"""Where is my order: nothing personal, moved live, and the same 404 for every link that opens nothing."""

import asyncio
import socket
import struct

import aiohttp
import pytest

from core.counter import service as counter
from core.orders.carriers import SITES, Carrier
from core.orders.rules import Move, Order
from core.privacy import service as privacy
from core.shop import Shop
from tests.support import builders
from tests.support.patience import PATIENCE, until
from tests.unit.web.test_catalog_pages import KM, english, read
from web.site import SITE

ALL = (Move.CONFIRM, Move.PREPARE, Move.READY, Move.OUT, Move.DELIVER)
PERSONAL = ("Dara", "Sokha", "85512000001", "12 000 001", "12000001", "Street 100", "Phnom Penh", "ភ្នំពេញ", "1001")


async def placed(shop: Shop) -> Order:
    """A customer's order of two serums."""
    variant = await builders.product(shop, name_en="Rose Serum", name_km="សេរ៉ូមកុលាប")
    return await builders.order(shop, await builders.customer(shop), variant, 2)


async def event(stream: aiohttp.ClientResponse) -> dict[str, str]:
    """Read the next server-sent event: its fields, data joined; {"comment": …} for a sign of life."""
    found: dict[str, str] = {}
    while True:
        line = (await asyncio.wait_for(stream.content.readline(), PATIENCE)).decode()
        if not line:
            return {"closed": "1"}
        if line == "\n":
            if found:
                return found
            continue
        name, _, value = line.rstrip("\n").partition(":")
        name = name or "comment"
        found[name] = f"{found[name]}\n{value.strip()}" if name in found else value.strip()


async def test_it_shows_the_order_and_nothing_personal(visit, shop):
    """Number, way, lines, totals in both currencies and payment; no name, phone, address or holder, ever."""
    order = await placed(shop)
    staff = await builders.worker(shop)
    for move in (None, *ALL):
        if move:
            await builders.moved(shop, staff, order, move)
        page = await read(visit, f"/t/{order.tracking_token}")
        for words in (order.number, "Rose Serum", "$24.00", "$1.50", "$25.50 / 104,600៛"):
            assert words in page
        assert not [word for word in PERSONAL if word in page.partition("<main")[2].partition("</main")[0]]
        assert order.parcel_token not in page
    assert "Cash · paid" in page


async def test_a_carriers_number_is_seen_live_and_no_note_is(sqlite_visit, sqlite_shop):
    """A carrier and its number, with the carrier's own page; while the page is open; what staff noted is nowhere."""
    visit, shop = sqlite_visit, sqlite_shop
    order, staff = await placed(shop), await builders.worker(shop)
    await builders.moved(shop, staff, order, Move.PREPARE)
    held = await builders.read(shop, order)
    async with visit.get(f"/t/{order.tracking_token}/live?v={held.version}") as stream:
        await counter.note(shop, staff, order.id, "Hush gate 9")
        await counter.ship(shop, staff, order.id, Carrier.JT, "860012345678", 0)
        while "860012345678" not in (told := await event(stream)).get("data", ""):
            assert "closed" not in told
    page = await read(visit, f"/t/{order.tracking_token}")
    assert "J&amp;T Express" in page
    assert f'href="{SITES[Carrier.JT]}" rel="noopener noreferrer"' in page
    assert "Hush" not in page + told["data"]


async def test_a_move_is_seen_on_the_next_visit(visit, shop):
    """The page kept in memory is dropped when its order moves."""
    order = await placed(shop)
    path = f"/t/{order.tracking_token}"
    assert "Waiting" in await read(visit, path)
    await builders.moved(shop, await builders.worker(shop), order, Move.CONFIRM, Move.PREPARE)
    assert "Being prepared" in await read(visit, path)


async def test_an_order_that_was_cancelled_says_how_it_ended(sqlite_visit, sqlite_shop):
    """On the page as in the chat: nothing is sent, nothing is to be paid, and what to do now."""
    order = await placed(sqlite_shop)
    await builders.moved(sqlite_shop, await builders.customer(sqlite_shop), order, Move.CANCEL)
    page = await read(sqlite_visit, f"/t/{order.tracking_token}")
    assert "cancelled and nothing will be sent. There is nothing to pay. If you still want it, just order" in page
    assert "Cash · nothing to pay" in page


async def test_the_page_moves_by_itself(visit, shop):
    """An open page gets the new card at every move, in its own language, without asking again."""
    order, staff = await placed(shop), await builders.worker(shop)
    path = f"/t/{order.tracking_token}/live?v={order.version}"
    async with visit.get(path) as english_page, visit.get(path, headers=KM) as khmer_page:
        assert english_page.content_type == "text/event-stream"
        for move, words, ords in ((Move.CONFIRM, "Confirmed", "បានបញ្ជាក់"), (Move.PREPARE, "Being prepared", "កំពុងរៀបចំ")):
            order = await builders.moved(shop, staff, order, move)
            told, khmer = await event(english_page), await event(khmer_page)
            assert (told["event"], told["id"]) == ("card", str(order.version))
            assert f"<h2>{words}</h2>" in told["data"]
            assert f"<h2>{ords}</h2>" in khmer["data"]
            assert "Sokha" not in told["data"]


async def test_a_move_by_another_process_is_seen(postgres_config, open_shop, open_site):
    """On PostgreSQL a bell rung in one process moves pages served by another."""
    shop, other = await open_shop(postgres_config), await open_shop(postgres_config)
    order, staff = await placed(shop), await builders.worker(shop)
    visit = await open_site(other)
    async with visit.get(f"/t/{order.tracking_token}/live?v={order.version}") as page:
        await builders.moved(shop, staff, order, Move.CONFIRM)
        assert "Confirmed" in (await event(page))["data"]


async def test_a_lost_connection_catches_up(sqlite_visit, sqlite_shop):
    """With ``Last-Event-ID`` of an older version the newest card comes at once; of the newest, nothing."""
    order, staff = await placed(sqlite_shop), await builders.worker(sqlite_shop)
    path = f"/t/{order.tracking_token}/live?v={order.version}"
    before = str(order.version)
    order = await builders.moved(sqlite_shop, staff, order, Move.CONFIRM, Move.PREPARE)
    async with sqlite_visit.get(path, headers={"Last-Event-ID": before}) as page:
        assert (await event(page))["id"] == str(order.version)
    async with sqlite_visit.get(path, headers={"Last-Event-ID": str(order.version)}) as page:
        order = await builders.moved(sqlite_shop, staff, order, Move.READY)
        assert (await event(page))["id"] == str(order.version)


async def test_silence_has_signs_of_life_and_a_final_order_an_end(sqlite_shop, open_site):
    """An open order's stream beats; a delivered one says so, ends, and its page no longer asks for one."""
    visit = await open_site(sqlite_shop, heartbeat=0.02)
    order, staff = await placed(sqlite_shop), await builders.worker(sqlite_shop)
    path = f"/t/{order.tracking_token}"
    assert "data-live" in await read(visit, path)
    async with visit.get(f"{path}/live?v={order.version}") as page:
        assert (await event(page))["comment"] == "still here"
        await builders.moved(sqlite_shop, staff, order, *ALL)
        told = [await event(page)]
        while told[-1].get("event") != "end":
            told.append(await event(page))
        assert "Delivered" in [one for one in told if one.get("event") == "card"][-1]["data"]
        assert await event(page) == {"closed": "1"}
    assert "data-live" not in await read(visit, path)


async def test_stopping_lets_everybody_go(sqlite_shop, open_site):
    """Open streams end when the process stops, and are forgotten."""
    visit = await open_site(sqlite_shop)
    order = await placed(sqlite_shop)
    async with visit.get(f"/t/{order.tracking_token}/live?v={order.version}") as page:
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(visit.server.close(), page.read())


async def test_one_move_reaches_many_watchers(sqlite_visit, sqlite_shop):
    """Fifty open pages of one order all move, from one drawing."""
    order, staff = await placed(sqlite_shop), await builders.worker(sqlite_shop)
    path = f"/t/{order.tracking_token}/live?v={order.version}"
    async with asyncio.TaskGroup() as opening:
        pages = [opening.create_task(sqlite_visit.get(path)) for _ in range(50)]
    await builders.moved(sqlite_shop, staff, order, Move.CONFIRM)
    told = await asyncio.gather(*(event(page.result()) for page in pages))
    assert len({one["data"] for one in told}) == 1
    for page in pages:
        page.result().close()


@pytest.mark.parametrize("end", ["", "/live"])
async def test_every_wrong_link_is_the_same_404(visit, shop, end):
    """Unknown, cut short, too long, of other letters, the parcel's token, the number: one answer for all of them."""
    order = await placed(shop)
    token = order.tracking_token
    wrong = ["A" * 22, token[:-1], token + "A", token[:-1] + "%00", token[:-1] + "'", "%F0%9F%8C%B8" * 22, order.number,
             order.parcel_token, "A" * 5000, token.swapcase()]  # fmt: skip
    answers = set()
    for one in wrong:
        async with visit.get(f"/t/{one}{end}") as answer:
            answers.add((answer.status, await answer.text()))
    assert len(answers) == 1
    assert answers.pop()[0] == 404


async def test_it_works_without_javascript_and_stays_out_of_search(sqlite_visit, sqlite_shop):
    """A page without scripts reloads itself; robots are told to stay away, in the page and in a header."""
    order = await placed(sqlite_shop)
    async with sqlite_visit.get(f"/t/{order.tracking_token}") as answer:
        page = await answer.text()
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "og:url" not in page


async def test_khmer_tracking_speaks_khmer_only(sqlite_visit, sqlite_shop):
    """No English is left on the Khmer tracking page at any step, but the order's number."""
    order, staff = await placed(sqlite_shop), await builders.worker(sqlite_shop)
    for move in (None, *ALL):
        if move:
            await builders.moved(sqlite_shop, staff, order, move)
        async with sqlite_visit.get(f"/t/{order.tracking_token}", headers=KM) as answer:
            assert english(await answer.text()) <= {"MD"}


async def test_a_live_page_left_at_once_is_no_failure(sqlite_visit, sqlite_shop, caplog):
    """Visitors who break the line before the first byte leave no failure in the log, and nobody watching."""
    order = await placed(sqlite_shop)
    request = f"GET /t/{order.tracking_token}/live HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    for _ in range(30):
        with socket.create_connection(("127.0.0.1", sqlite_visit.port)) as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close by RST
            line.sendall(request)
    await read(sqlite_visit, f"/t/{order.tracking_token}")
    await until(lambda: not sqlite_visit.app[SITE].moments.watching)
    assert [found.getMessage() for found in caplog.records if found.levelname in {"WARNING", "ERROR"}] == []


async def test_of_somebody_who_was_forgotten(visit, shop):
    """The link still opens: what was bought, and that its customer is gone; the page in memory was dropped for it."""
    order, staff = await placed(shop), await builders.worker(shop)
    await builders.moved(shop, staff, order, *ALL)
    assert "Deleted customer" not in await read(visit, f"/t/{order.tracking_token}")
    person = await shop.db.read(builders.people_store.by_id, order.person_id)
    await privacy.forget_me(shop, person, int(shop.clock.now().timestamp()))
    assert "Deleted customer" in await read(visit, f"/t/{order.tracking_token}")
    assert "អតិថិជនបានលុបទិន្នន័យ" in await read(visit, f"/t/{order.tracking_token}", **KM)
