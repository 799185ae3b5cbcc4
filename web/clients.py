"""Where a request comes from, believing only the proxies the operator named."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from aiohttp import web

Address = IPv4Address | IPv6Address
Networks = Iterable[IPv4Network | IPv6Network]


def address(request: web.Request, trusted: Networks) -> Address | None:
    """Tell the client's address: the nearest in X-Forwarded-For that is no trusted proxy, else the peer.

    None when it cannot be known: a forwarded request from a proxy nobody named, or a header that is no address.
    """
    chain = [part.strip() for line in request.headers.getall("X-Forwarded-For", ()) for part in line.split(",")]
    here = _read(request.remote or "")
    for part in reversed(chain):
        if here is None or not any(here in network for network in trusted):
            return None
        here = _read(part)
    return here


def is_local(request: web.Request, trusted: Networks) -> bool:
    """Tell whether the request was made on this machine or from a network the operator trusts."""
    client = address(request, trusted)
    return client is not None and (client.is_loopback or any(client in network for network in trusted))


def _read(text: str) -> Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found
