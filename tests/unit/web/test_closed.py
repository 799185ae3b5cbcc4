"""The page of a shop that stands aside, as a browser takes it."""

import re
from base64 import b64encode
from hashlib import sha256

import pytest
from aiohttp.test_utils import TestClient, TestServer

from core.i18n import LANGUAGES, translator
from web import closed


@pytest.mark.parametrize("language", LANGUAGES)
async def test_its_style_is_the_one_that_the_policy_allows(language: str) -> None:
    """The sentence in the reader's language, in the house's colours: the policy names that very style, no other."""
    async with TestClient(TestServer(closed.build(sandbox=False))) as client:
        answer = await client.get("/any", headers={"Accept-Language": language})
        page = await answer.text()
    assert answer.status == 503
    assert translator(language)("closed.title") in page
    (style,) = re.findall(r"<style>(.*?)</style>", page)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}';" in answer.headers["Content-Security-Policy"]
    assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"]
