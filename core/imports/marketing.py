"""Promoters, promo codes, who wants news by mail, and the hero slides, as the ancestor had them."""

from typing import Any

from core.errors import Refused
from core.imports import store
from core.imports.files import Pictures
from core.imports.rules import Row, Trouble, cents, line, moment, phone, switch, text, whole
from core.imports.taking import Taking
from core.people.rules import clean_name
from core.promotions import store as promotions
from core.promotions.rules import PromoKind, normalised

_KIND = {"percentage": PromoKind.PERCENT, "percent": PromoKind.PERCENT, "%": PromoKind.PERCENT,
         "fixed": PromoKind.FIXED, "fixed_amount": PromoKind.FIXED, "amount": PromoKind.FIXED}  # fmt: skip
WHOLE = 100
KHMER = range(0x1780, 0x1800)


def take_promoters(taking: Taking) -> None:
    """Take in who brings customers, with their rate in hundredths of a percent."""

    def values(row: Row) -> dict[str, Any]:
        rate = cents(row.fields, "commission_rate", 0)
        if not 0 <= rate <= WHOLE * WHOLE:
            raise Trouble("rate", str(row.fields.get("commission_rate"))[:20])
        return {
            "name": clean_name(text(row.fields, "name", 200)), "phone": phone(row.fields, "phone"), "rate": rate,
            "email": line(row.fields, "email", 200), "active": switch(row.fields, "is_active", otherwise=True),
            "note": text(row.fields, "notes", 300),
        }  # fmt: skip

    _plain(taking, "promoter", values)


def take_codes(taking: Taking) -> None:
    """Take promo codes in, in capitals and with their limits; one that stands here already stays as it is."""

    def values(row: Row) -> dict[str, Any]:
        found = _worth(row) | {
            "minimum": max(cents(row.fields, "min_purchase", 0), 0),
            "starts_at": moment(row.fields, "valid_from", taking.zone),
            "ends_at": moment(row.fields, "valid_until", taking.zone),
            "use_limit": whole(row.fields, "usage_limit", 0) or None,
            "active": switch(row.fields, "is_active", otherwise=True),
            "promoter_id": taking.id_of("promoter", row.fields.get("promoter")),
            "description_en": text(row.fields, "description", 300),
            "description_km": text(row.fields, "description_kh", 300),
        }
        if row.fields.get("promoter") and found["promoter_id"] is None:
            taking.remark("promocode", row.key, "promoter_gone")
        return found

    def make(row: Row) -> int:
        code = _code(row)
        if promotions.by_code(taking.tx, code) is not None:
            raise Trouble("code_taken", code)
        used = max(whole(row.fields, "used_count", 0), 0)
        at = taking.date(row, "created_at", "updated_at")
        return store.add(taking.tx, "promocode", code=code, used=used, created_at=at, **values(row))

    def change(row: Row, promo_id: int) -> None:
        store.change(taking.tx, "promocode", promo_id, **values(row))

    def said(row: Row) -> Any:  # how often it was used is told by orders here
        return {name: value for name, value in row.fields.items() if name not in {"used_count", "updated_at"}}

    taking.each("promocode", taking.dump.rows["promocode"], make, change, said)


def _code(row: Row) -> str:
    try:
        return normalised(str(row.fields.get("code") or ""))
    except Refused:
        raise Trouble("code", line(row.fields, "code", 40)) from None


def _worth(row: Row) -> dict[str, Any]:
    """What a code takes off: whole percent, or cents; ``Trouble("code_worth")`` for what no code here can be."""
    kind = _KIND.get(line(row.fields, "discount_type", 20).lower())
    value, cap = cents(row.fields, "discount_value"), cents(row.fields, "max_discount", 0)
    if kind is PromoKind.PERCENT:
        if value % WHOLE or not 0 < value <= WHOLE * WHOLE:
            raise Trouble("code_worth", str(row.fields.get("discount_value"))[:20])
        value //= WHOLE
    if kind is None or value <= 0:
        raise Trouble("code_worth", line(row.fields, "discount_type", 20))
    return {"kind": kind, "value": value, "cap": cap if cap > 0 else None}


def take_subscribers(taking: Taking) -> None:
    """Take in who wants news by mail; an address that is here already is that same subscriber."""

    def values(row: Row) -> dict[str, Any]:
        email, number = line(row.fields, "email", 200).lower(), phone(row.fields, "phone")
        if not (email or number):
            raise Trouble("unreachable")
        return {
            "email": email, "phone": number, "name": line(row.fields, "name", 200),
            "active": switch(row.fields, "is_active", otherwise=True),
            "unsubscribed_at": moment(row.fields, "unsubscribed_at", taking.zone),
        }  # fmt: skip

    def make(row: Row) -> int:
        found = values(row)
        there = store.subscriber(taking.tx, found["email"]) if found["email"] else None
        if there is not None:
            taking.remark("newsletter", row.key, "same_email")
            return there
        at = taking.date(row, "subscribed_at", "created_at")
        return store.add(taking.tx, "newsletter", subscribed_at=at, **found)

    def change(row: Row, subscriber_id: int) -> None:
        store.change(taking.tx, "newsletter", subscriber_id, **values(row))

    taking.each("newsletter", taking.dump.rows["newsletter"], make, change)


def take_slides(taking: Taking, pictures: Pictures) -> None:
    """Take hero slides in with their files; one that has nothing to show waits until its file comes along."""

    def values(row: Row) -> dict[str, Any]:
        url = line(row.fields, "external_url", 2000)
        video, image = pictures.of(row, "video"), pictures.of(row, "image")
        kind = "video" if video else "image" if image else "url"
        if kind == "url" and not url.lower().startswith(("https://", "http://")):
            raise Trouble("slide_empty")
        return _titles(row) | {
            "kind": kind, "file": video or image, "url": url, "position": whole(row.fields, "order", 0),
            "active": switch(row.fields, "is_active", otherwise=True),
        }  # fmt: skip

    _plain(taking, "heroslide", values)


def _titles(row: Row) -> dict[str, str]:
    """Title and subtitle, in the language they are written in."""
    found: dict[str, str] = {}
    for name, length in (("title", 200), ("subtitle", 300)):
        said = line(row.fields, name, length)
        khmer = any(ord(letter) in KHMER for letter in said)
        found |= {f"{name}_en": "" if khmer else said, f"{name}_km": said if khmer else ""}
    return found


def _plain(taking: Taking, model: str, values: Any) -> None:
    """Take in the rows of a model that is one row here, too."""

    def make(row: Row) -> int:
        at = taking.date(row, "created_at", "updated_at")
        return store.add(taking.tx, model, created_at=at, **values(row))

    def change(row: Row, row_id: int) -> None:
        store.change(taking.tx, model, row_id, **values(row))

    taking.each(model, taking.dump.rows[model], make, change, _said)


def _said(row: Row) -> Any:
    return {name: value for name, value in row.fields.items() if name != "updated_at"}
