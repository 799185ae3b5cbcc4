"""For those who look after the shop: is it well, and how busy is it."""

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from core.doctor import rules
from core.doctor.outside import MARK, mark
from core.doctor.rules import State
from core.errors import NotFound
from core.storage.health import Health
from web import clients
from web.site import SITE

WELL, ILL = 200, 503


async def health(request: web.Request) -> web.Response:
    """``/health``: 200 when the database takes a row and gives it back, 503 with one word when not."""
    site = request.app[SITE]
    felt = await site.pulse.feel()
    headers = {"Cache-Control": "no-store", MARK: mark(site.shop.config.token)}  # whose it is: `setup --check` asks
    return web.json_response({"status": felt}, status=WELL if felt is Health.OK else ILL, headers=headers)


async def examined(request: web.Request) -> web.Response:
    """``/health/full``: each line of the doctor's list for who may see metrics; 503 where one failed. Kept a minute."""
    site = request.app[SITE]
    if not clients.is_local(request, site.shop.config.trusted_proxies):
        raise NotFound
    found = await site.examination.ask()
    ill = rules.worst(found) is State.FAILED
    return web.json_response(
        rules.plain(found, site.words("en")), status=ILL if ill else WELL, headers={"Cache-Control": "no-store"}
    )


async def metrics(request: web.Request) -> web.Response:
    """``/metrics`` in Prometheus' form, for this machine and the operator's networks; nobody else learns of it."""
    site = request.app[SITE]
    if not clients.is_local(request, site.shop.config.trusted_proxies):
        raise NotFound
    registry = CollectorRegistry(auto_describe=False)
    registry.register(site.measures)
    return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
