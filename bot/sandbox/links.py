"""Web addresses as Telegram judges them (source: td LinkManager.cpp check_link_impl, tdutils HttpUrl.cpp parse_url).

One explicit exception of the sandbox: addresses of this machine (localhost, 127.0.0.1) pass where Telegram asks for a
dot in the host or for HTTPS, so that a shop without a public address can be tried on a desk.
"""

import re
from urllib.parse import parse_qs, urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_URL = re.compile(
    r"(?:(?P<protocol>[^:/?#@\[\]]*)://)?(?:(?P<user>[^/?#]*)@)?"
    r"(?P<host>\[[^/?#\]]*\]|[^/?#:@]*)(?::(?P<port>[^/?#]*))?(?P<rest>.*)",
    re.DOTALL,
)
_HOST_BAD = re.compile(r"[^a-zA-Z0-9.\-_!$,~*'();&+=%\x80-\U0010ffff]")
_OTHER_SCHEMES = re.compile(r"(tg|ton|tonsite):(//)?", re.IGNORECASE)
_OWN_HOST = re.compile(r"[a-z0-9_-]+")
_SITE_HOST = re.compile(r"[a-z0-9_.-]+")
_LAST_PORT = 65535


class LinkError(ValueError):
    """An address Telegram refuses; the text is Telegram's reason."""


def is_loopback(url: str) -> bool:
    """Say whether an http(s) address points at this machine."""
    try:
        host = urlsplit(url if "://" in url else "http://" + url).hostname
    except ValueError:
        return False
    return host in {"localhost", "127.0.0.1", "::1"}


def checked(url: str, *, https_only: bool = False) -> str:
    """Return the address in Telegram's normal form, or raise LinkError."""
    scheme = _OTHER_SCHEMES.match(url)
    if scheme and not https_only:
        return _own(scheme[1].lower(), url[scheme.end() :])
    found = _URL.fullmatch(url)
    if not found:
        raise LinkError("URL host is empty")
    protocol = (found["protocol"] or "http").lower()
    if protocol not in {"http", "https"}:
        raise LinkError("Unsupported URL protocol")
    port = found["port"]
    if port is not None and not (re.fullmatch(r"0*[0-9]{1,5}", port) and 0 < int(port) <= _LAST_PORT):
        raise LinkError("Wrong port number specified in the URL")
    host = _checked_host(found["host"].lower())
    if https_only and protocol != "https" and host not in LOOPBACK:
        raise LinkError("Only HTTPS links are allowed")
    if "." not in host and not host.startswith("[") and host not in LOOPBACK:
        raise LinkError("Wrong HTTP URL")
    user = f"{found['user']}@" if found["user"] else ""
    return f"{protocol}://{user}{host}{f':{int(port)}' if port else ''}{_path(found['rest'])}"


def _own(scheme: str, rest: str) -> str:
    """Return an address inside Telegram or TON in normal form, or raise LinkError."""
    found = _URL.fullmatch(rest)
    host = found["host"].lower() if found else ""
    if not found or not host:
        raise LinkError("URL host is empty")
    if found["protocol"] or found["user"] or found["port"] is not None or host.startswith("["):
        raise LinkError(f"Wrong {'tg' if scheme == 'tg' else 'ton'} URL")
    if not (_SITE_HOST if scheme == "tonsite" else _OWN_HOST).fullmatch(host):
        raise LinkError("Unallowed characters in URL host")
    path = _path(found["rest"])
    return f"{scheme}://{host}{path[1:] if path.startswith('/?') else path}"


def _checked_host(host: str) -> str:
    if not host:
        raise LinkError("URL host is empty")
    if host == ".":
        raise LinkError("Host is invalid")
    if not host.startswith("[") and _HOST_BAD.search(host):
        raise LinkError("Disallowed character in URL host")
    return host


def _path(rest: str) -> str:
    rest = rest.rstrip()
    if not rest.startswith("/"):
        rest = "/" + rest
    return re.sub(r"[\x00-\x20]", lambda found: f"%{ord(found[0]):02X}", rest)


def user_of(url: str) -> int | None:
    """Return the person a `tg://user?id=…` link names, or None (source: td LinkManager.cpp get_link_user_id)."""
    found = re.fullmatch(r"tg:(?://)?user/?\?([^#]*)(?:#.*)?", url, re.IGNORECASE)
    if not found:
        return None
    number = parse_qs(found[1]).get("id", [""])[0]
    return int(number) if re.fullmatch(r"[0-9]{1,19}", number) else None
