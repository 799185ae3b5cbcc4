"""What Telegram signs with the bot's token: a Mini App's `initData`, and the address behind a login button.

Sources: https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app and
https://core.telegram.org/widgets/login#checking-authorization. The field `signature`, which Telegram adds for third
parties and signs with its own Ed25519 key, is left out: nobody else has that key.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

VERSION = "8.0"  # of the Mini Apps platform the chat page speaks
PLATFORM = "web"
THEMES: dict[str, dict[str, str]] = {
    "light": {
        "bg_color": "#ffffff",
        "secondary_bg_color": "#f0f0f0",
        "text_color": "#222222",
        "hint_color": "#a8a8a8",
        "link_color": "#2678b6",
        "button_color": "#50a8eb",
        "button_text_color": "#ffffff",
        "header_bg_color": "#527da3",
        "accent_text_color": "#1c93e3",
        "section_bg_color": "#ffffff",
        "section_header_text_color": "#3a95d5",
        "subtitle_text_color": "#82868a",
        "destructive_text_color": "#cc2929",
    },
    "dark": {
        "bg_color": "#17212b",
        "secondary_bg_color": "#232e3c",
        "text_color": "#f5f5f5",
        "hint_color": "#708499",
        "link_color": "#6ab3f3",
        "button_color": "#5288c1",
        "button_text_color": "#ffffff",
        "header_bg_color": "#17212b",
        "accent_text_color": "#6ab2f2",
        "section_bg_color": "#17212b",
        "section_header_text_color": "#6ab3f3",
        "subtitle_text_color": "#708499",
        "destructive_text_color": "#ec3942",
    },
}


def web_app_data(token: str, fields: Mapping[str, str]) -> str:
    """Return `initData`: the fields as a query string with their hash."""
    key = hmac.new(b"WebAppData", token.encode(), hashlib.sha256).digest()
    return urlencode({**fields, "hash": _hash(key, fields)}, quote_via=quote, safe="")


def user_field(user: Mapping[str, Any], *, writable: bool) -> str:
    """Return the `user` field: a User as Telegram writes it there, slashes escaped."""
    shown = {"id": user["id"], "first_name": user["first_name"], "last_name": user.get("last_name", "")}
    shown |= {name: user[name] for name in ("username", "language_code") if name in user}
    if writable:
        shown["allows_write_to_pm"] = True
    return _compact(shown).replace("/", "\\/")


def app_address(url: str, data: str, *, theme: Mapping[str, str], start_param: str = "") -> str:
    """Return the address a Mini App is opened at; `data` is its initData, "" where Telegram tells nothing of the user.

    The start parameter stands in the query too, so that the app can choose its first view before any script runs.
    """
    launch = {"tgWebAppData": data} if data else {}
    launch |= {"tgWebAppVersion": VERSION, "tgWebAppPlatform": PLATFORM, "tgWebAppThemeParams": _compact(dict(theme))}
    address, _, fragment = url.partition("#")
    if fragment:
        fragment += "&" if "?" in fragment or "=" in fragment else "?"
    added = {"tgWebAppStartParam": start_param} if start_param else {}
    return f"{_asking(address, added)}#{fragment}{urlencode(launch, quote_via=quote, safe='')}"


def login_address(token: str, url: str, user: Mapping[str, Any], at: int) -> str:
    """Return the address a login button opens once the person agreed: their data and its hash in the query."""
    fields = {name: str(user[name]) for name in ("id", "first_name", "last_name", "username") if name in user}
    fields["auth_date"] = str(at)
    key = hashlib.sha256(token.encode()).digest()
    address, mark, fragment = url.partition("#")
    return _asking(address, {**fields, "hash": _hash(key, fields)}) + mark + fragment


def _hash(key: bytes, fields: Mapping[str, str]) -> str:
    checked = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()))
    return hmac.new(key, checked.encode(), hashlib.sha256).hexdigest()


def _asking(address: str, added: Mapping[str, str]) -> str:
    """Return an address without a fragment with more in its query."""
    if not added:
        return address
    joint = "&" if "?" in address and not address.endswith(("?", "&")) else "" if "?" in address else "?"
    return f"{address}{joint}{urlencode(added, quote_via=quote, safe='')}"


def _compact(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
