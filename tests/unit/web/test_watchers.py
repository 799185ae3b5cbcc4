"""Live pages: so many of one order and so many in all; whoever comes then is told so in a sentence."""

import resource
import subprocess
import sys

import pytest
from aiohttp import ClientResponse

from core.config import ROOT
from core.files import most_open
from core.i18n import translator
from core.shop import Shop
from tests.support import builders
from tests.unit.web.conftest import OpenSite, Visitor
from web import live


async def _watching(visit: Visitor, token: str, times: int) -> list[ClientResponse]:
    return [await visit.get(f"/t/{token}/live?v=1") for _ in range(times)]


async def _order(shop: Shop, telegram_id: int) -> str:
    dara = await builders.customer(shop, telegram_id)
    return (await builders.order(shop, dara, await builders.product(shop, sku=f"S-{telegram_id}"))).tracking_token


async def test_so_many_of_one_order(sqlite_shop: Shop, open_site: OpenSite) -> None:
    """The one too many hears a sentence in their language; another order is served; who leaves makes room."""
    visit = await open_site(sqlite_shop)
    mine, other = await _order(sqlite_shop, 1001), await _order(sqlite_shop, 1002)
    open_now = await _watching(visit, mine, live.MOST_EACH)
    (refused,) = await _watching(visit, mine, 1)
    assert (refused.status, refused.headers["Retry-After"]) == (503, "30")
    assert await refused.text() == translator("en")("site.tracking.live_full")
    (served,) = await _watching(visit, other, 1)
    assert served.status == 200
    for answer in (*open_now, served):
        answer.close()


async def test_so_many_in_all(sqlite_shop: Shop, open_site: OpenSite) -> None:
    """Whichever order they watch; the page itself is served all the same, and says what it does without a line."""
    visit = await open_site(sqlite_shop, watchers=2)
    tokens = [await _order(sqlite_shop, number) for number in (1001, 1002, 1003)]
    answers = [(await _watching(visit, token, 1))[0] for token in tokens]
    assert [answer.status for answer in answers] == [200, 200, 503]
    async with visit.get(f"/t/{tokens[2]}") as page:
        assert (page.status, translator("en")("site.tracking.live_full") in await page.text()) == (200, True)
    for answer in answers:
        answer.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows counts no open files")
def test_the_limit_of_open_files_is_raised() -> None:
    """A process that begins with a soft limit of 256 may have as many open as the hard one says."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    asked = "from core.files import most_open; print(most_open(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
    least = f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (256, {min(hard, 4096)})); "
    said = subprocess.run([sys.executable, "-c", least + asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.split() == [str(min(hard, 4096))] * 2
    assert most_open() >= 256
