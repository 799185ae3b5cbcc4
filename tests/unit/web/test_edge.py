"""Around every page: headers, language, errors, what is logged and counted, and input nobody should send."""

import asyncio
import logging
import re
from collections import Counter

import pytest
from pydantic import SecretStr

from tests.support import builders
from tests.unit.web.test_catalog_pages import fill, read
from tests.unit.web.test_tracking_pages import placed
from web.measures import Journal
from web.routes import ROUTES

PATHS = ("/", "/c/serums", "/p/serum-1", "/static/site.css", "/static/fonts/signs.ttf", "/robots.txt", "/health",
         "/metrics", "/nothing", "/media/products/none.webp", "/sitemap.xml", "/t/wrong", "/?lang=km")  # fmt: skip


async def test_every_answer_carries_the_security_headers(sqlite_visit, sqlite_shop):
    """Pages, files, errors, redirects and live streams: all of them."""
    await fill(sqlite_shop)
    order = await placed(sqlite_shop)
    link = f"/t/{order.tracking_token}"
    for path in (*PATHS, link, f"{link}/live"):
        async with sqlite_visit.get(path, allow_redirects=False) as answer:
            assert answer.headers["Referrer-Policy"] == "no-referrer", path
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["Server"] == "Haang"


async def test_only_the_sandbox_may_frame_the_site(sqlite_config, open_shop, open_site):
    """In the sandbox a page of this machine may; a real shop allows nobody."""
    for token, frames in ((None, "http://localhost:* http://127.0.0.1:*"), (SecretStr("12345:made-up"), "'none'")):
        visit = await open_site(await open_shop(sqlite_config.model_copy(update={"bot_token": token})))
        async with visit.get("/") as answer:
            assert f"frame-ancestors {frames}" in answer.headers["Content-Security-Policy"]
            assert ("X-Frame-Options" in answer.headers) is (token is not None)


async def test_pages_need_nothing_from_elsewhere(sqlite_visit, sqlite_shop):
    """No script, style, font or picture comes from another host, and no page holds script or style of its own."""
    await fill(sqlite_shop)
    for path in ("/", "/c/serums", "/p/serum-1", "/static/site.css", "/static/carousel.js", "/static/tracking.js"):
        text = await read(sqlite_visit, path)
        for address in re.findall(r'(?:src|srcset|href)="(https?://[^"]+)"|url\(([^)]+)\)', text):
            assert all(one == "" or one.startswith(('"fonts/', "https://t.me/")) for one in address), address
        assert not re.search(r"<style|<script(?! src)|\son\w+=|\sstyle=", text)


async def test_language_by_cookie_then_browser_then_english(sqlite_visit):
    """A choice wins over the browser's wish, which is read with its weights; an unknown one is English."""
    for headers, language in (
        ({}, "en"),
        ({"Accept-Language": "km-KH,km;q=0.9,en;q=0.8"}, "km"),
        ({"Accept-Language": "en;q=0.5, km;q=0.7"}, "km"),
        ({"Accept-Language": "km;q=0, fr"}, "en"),
        ({"Accept-Language": "km;q=x,,;;q=" + "9" * 5000}, "en"),
        ({"Accept-Language": "km", "Cookie": "a=b; lang=en"}, "en"),
        ({"Cookie": "lang=km"}, "km"),
        ({"Cookie": "notlang=km; lang=fr"}, "en"),
    ):
        page = await read(sqlite_visit, "/", **headers)
        assert f'<html lang="{language}">' in page, headers


async def test_choosing_a_language_leads_to_the_same_clean_page(sqlite_visit, sqlite_shop):
    """``?lang=km`` is kept in a cookie and gone from the address; the rest of the query stays."""
    await fill(sqlite_shop)
    async with sqlite_visit.get("/c/serums?page=1&lang=km", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/c/serums?page=1")
        cookie = answer.headers["Set-Cookie"]
        assert all(part in cookie for part in ("lang=km", "HttpOnly", "SameSite=Lax", "Path=/"))
    async with sqlite_visit.get("/c/serums?lang=fr", allow_redirects=False) as answer:
        assert answer.headers["Location"] == "/c/serums"
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/?lang=km",
        "/\\evil.example?lang=km",
        "/%2F%2Fevil.example?lang=km",
        "http://evil.example/?lang=km",
        "/p/..//evil.example?lang=km",
        "//evil.example/%2e%2e?lang=km",
        "/c/%0d%0aLocation:%20x?lang=km",
    ],
)
async def test_no_open_redirect(sqlite_visit, path):
    """Whatever the address, choosing a language never leads to another host."""
    reader, writer = await _raw(sqlite_visit, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    answer = (await reader.read()).decode("latin-1")
    writer.close()
    for location in re.findall(r"(?im)^location:\s*(.*?)\r$", answer):
        assert re.match(r"/(?![/\\])", location), location


async def _raw(visit, text):
    reader, writer = await asyncio.open_connection(visit.server.host, visit.server.port)
    writer.write(text.encode())
    return reader, writer


async def test_no_get_is_anything_else(sqlite_visit):
    """Every route only reads: anything but GET is refused in words, and says what is allowed."""
    assert [route.path for route in ROUTES if route.method != "GET"] == ["/desk/login"]
    for path in ("/", "/t/" + "A" * 22, "/c/x"):
        async with sqlite_visit.post(path, data={"a": "b"}) as answer:
            assert answer.status == 405
            assert answer.headers["Allow"] == "GET,HEAD" if path != "/" else "GET" in answer.headers["Allow"]
            assert "This page is not here" in await answer.text()


@pytest.mark.parametrize(
    "path", ["/" + "a" * 10_000, "/p/" + "a" * 7_000, "/c/" + "%E1%9E%80" * 800, "/?" + "q" * 10_000]
)
async def test_endless_addresses_do_no_harm(sqlite_visit, path):
    """They are refused, and the shop goes on."""
    async with sqlite_visit.get(path) as answer:
        assert answer.status in {200, 400, 404, 414}
    assert "<html" in await read(sqlite_visit, "/")


async def test_what_is_no_request_leaves_no_trace(sqlite_visit, caplog):
    """Rubbish and endless lines are refused, and the log does not repeat them: they may hold a link."""
    caplog.set_level(logging.INFO)
    for text in ("rubbish \x00\r\n\r\n", f"GET /t/{'S' * 22}?{'q' * 20_000} HTTP/1.1\r\nHost: x\r\n\r\n"):
        reader, writer = await _raw(sqlite_visit, text)
        assert b" 400 " in await reader.readline()
        writer.close()
    assert not re.search("SSSS|rubbish|Traceback", caplog.text)


async def test_a_broken_page_says_so_without_saying_why(sqlite_shop, open_site, caplog):
    """With a table gone a visitor reads a sentence in their language; neither page nor log holds the link.

    The database's error repeats the values it was given, and the tracking token is one of them.
    """
    caplog.set_level(logging.DEBUG)
    visit = await open_site(sqlite_shop)
    token = (await placed(sqlite_shop)).tracking_token
    await sqlite_shop.db.write(lambda tx: tx.exec_driver_sql("ALTER TABLE orders RENAME TO elsewhere"))
    caplog.clear()
    async with visit.get(f"/t/{token}", headers={"Cookie": "lang=km"}) as answer:
        page = await answer.text()
        assert answer.status == 500
    assert "មានបញ្ហាខាងយើង" in page
    assert not re.search(r"Traceback|sqlite|Error|\.py", page)
    assert "/t/{token} failed" in caplog.text
    assert token not in caplog.text


async def test_a_page_while_the_database_is_away(wire, open_shop, open_site, caplog):
    """All visitors read the same sentence; the log has one line for it, not each page's way through the code."""
    shop = await open_shop(wire.config)
    visit, token = await open_site(shop), (await placed(shop)).tracking_token
    wire.cut()
    for _ in range(5):
        async with visit.get(f"/t/{token}") as answer:
            assert (answer.status, "went wrong" in await answer.text()) == (500, True)
    failed = [one.message for one in caplog.records if one.name == "haang.web" and "failed" in one.message]
    assert all(re.fullmatch(r"/t/\{token\} failed: \w+", line) for line in failed)
    assert 1 <= len(failed) == len(set(failed)) < 5  # who comes as it breaks may meet it by another name


async def test_the_log_holds_routes_and_no_links(sqlite_visit, sqlite_shop, caplog):
    """Method, route, status, how many, how long; never the path of a tracking page, right or wrong."""
    caplog.set_level(logging.INFO)
    token = (await placed(sqlite_shop)).tracking_token
    for _ in range(3):
        await read(sqlite_visit, f"/t/{token}")
    await sqlite_visit.get("/t/" + "B" * 22)
    await sqlite_visit.get("/wp-login.php?user=secret")
    await sqlite_visit.close()
    lines = [record.getMessage() for record in caplog.records if record.name == "haang.web"]
    counted: Counter[str] = Counter()
    for line in lines:
        route, count = re.fullmatch(r"(.+): (\d+), mean [\d.]+ ms, longest [\d.]+ ms", line).groups()
        counted[route] += int(count)
    assert counted == {"GET /t/{token} 200": 3, "GET /t/{token} 404": 1, "GET - 404": 1}
    assert not re.search(f"{token}|BBBB|secret", caplog.text)


async def test_answers_of_one_second_are_one_line(caplog):
    """Three of a route and status: how many, their mean and the longest."""
    caplog.set_level(logging.INFO)
    journal = Journal()
    for seconds in (0.001, 0.002, 0.006):
        journal.saw("GET", "/", 200, seconds)
    journal.write()
    assert [one.getMessage() for one in caplog.records] == ["GET / 200: 3, mean 3.0 ms, longest 6.0 ms"]


async def test_health_follows_sqlite(sqlite_visit, sqlite_shop):
    """200 while the database answers, 503 when it does not."""
    async with sqlite_visit.get("/health") as answer:
        assert (answer.status, await answer.json()) == (200, {"status": "ok"})
    await sqlite_shop.db.close()
    async with sqlite_visit.get("/health") as answer:
        assert (answer.status, await answer.json()) == (503, {"status": "database"})


async def test_health_follows_postgresql(sqlite_config, postgres, open_shop, open_site):
    """200 while the server has the database, 503 when it is gone."""
    url = await asyncio.to_thread(postgres.create)
    visit = await open_site(await open_shop(sqlite_config.model_copy(update={"database_url": SecretStr(url)})))
    async with visit.get("/health") as answer:
        assert (answer.status, await answer.json()) == (200, {"status": "ok"})
    await asyncio.to_thread(postgres.drop, url)
    async with visit.get("/health") as answer:
        assert (answer.status, await answer.json()) == (503, {"status": "database"})


async def test_metrics_count_by_route_for_this_machine_only(sqlite_config, open_shop, open_site):
    """Loopback reads them; whoever came through a proxy does not, unless the operator named it."""
    shop = await open_shop(sqlite_config.model_copy(update={"trusted_proxies": ()}))
    visit = await open_site(shop)
    token = (await placed(shop)).tracking_token
    await read(visit, f"/t/{token}")
    text = await read(visit, "/metrics")
    assert 'haang_web_answers_total{route="/t/{token}",status="200"} 1.0' in text
    assert token not in text
    async with visit.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}) as answer:
        assert answer.status == 404


@pytest.mark.parametrize(
    ("forwarded", "status"),
    [("203.0.113.9", 404), ("127.0.0.1, 203.0.113.9", 404), ("10.0.0.7", 200), ("rubbish", 404), ("", 404)],
)
async def test_a_named_proxy_is_believed(sqlite_config, open_shop, open_site, forwarded, status):
    """The nearest address that is no trusted proxy counts, whatever the client wrote before it."""
    config = sqlite_config.model_validate(
        sqlite_config.model_dump() | {"trusted_proxies": "127.0.0.0/8,10.0.0.0/24", "database_url": None}
    )
    visit = await open_site(await open_shop(config))
    async with visit.get("/metrics", headers={"X-Forwarded-For": forwarded}) as answer:
        assert answer.status == status


async def test_a_page_that_is_still_true_costs_no_body(sqlite_visit, sqlite_shop):
    """With its ETag a page is 304 until something on it changes; without gzip it comes plain."""
    await fill(sqlite_shop)
    async with sqlite_visit.get("/p/serum-1") as answer:
        etag = answer.headers["ETag"]
        assert answer.headers["Vary"] == "Accept-Encoding, Accept-Language, Cookie"
    async with sqlite_visit.get("/p/serum-1", headers={"If-None-Match": f'W/"x", {etag}'}) as answer:
        assert (answer.status, await answer.read()) == (304, b"")
    variant = next(iter((await sqlite_shop.catalogue.now()).by_variant))
    await builders.order(sqlite_shop, await builders.customer(sqlite_shop), variant)
    async with sqlite_visit.get("/p/serum-1", headers={"If-None-Match": etag}) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    ("accepts", "packed"),
    [
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip; q=0.00, br", False),
        ("identity", False),
        ("", False),
    ],
)
async def test_gzip_only_for_those_who_take_it(sqlite_visit, accepts, packed):
    """Accept-Encoding is read with its weights, and both forms hold the same page."""
    async with sqlite_visit.get("/", headers={"Accept-Encoding": accepts}) as answer:
        assert (answer.headers.get("Content-Encoding") == "gzip") is packed
        assert "</html>" in await answer.text()


async def test_head_is_get_without_a_body(sqlite_visit):
    """HEAD has the same status and headers."""
    async with sqlite_visit.head("/") as answer:
        assert (answer.status, await answer.read()) == (200, b"")
        assert answer.headers["ETag"]
