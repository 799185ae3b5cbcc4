"""Where a parcel goes, for the customer: province, district, commune, street, and the address book."""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from bot import taps
from bot.screen import Button, Rows, Screen, Style
from bot.screens.room import paired
from bot.screens.shop import banner, cut
from core.i18n import Translator
from core.people.rules import Address, AddressPart, shown_phone
from core.shipping.rules import Place

PAGE = 14
ROOM = 60
"""As many characters of an address a button shows."""
FULL = 86
"""As many stand above the buttons: a full book fits a caption."""


def provinces(
    t: Translator, shop_name: str, cart_id: int, places: Sequence[Place], back: taps.Tap, *, pinned: bool
) -> Screen:
    """Choose a province, all on one page; ``pinned``: the location is known, and only this is missing."""
    buttons = [Button(_name(t, p), taps.ChooseProvince(cart_id, p.code, 0)) for p in places]
    rows = (*paired(buttons, 3), (Button(t("button.back"), back),))
    return Screen(t.html("ask.pinned" if pinned else "ask.province"), rows, banner(t, shop_name))


def districts(
    t: Translator, shop_name: str, cart_id: int, province: Place, places: Sequence[Place], page: int
) -> Screen:
    """Choose a district of the province."""
    buttons = [Button(_name(t, p), taps.ChooseDistrict(cart_id, p.code)) for p in places]
    rows = _paged(buttons, page, lambda number: taps.ChooseProvince(cart_id, province.code, number))
    back = (Button(t("button.back"), taps.NewAddress(cart_id)),)
    return Screen(t.html("ask.district", province=_name(t, province)), (*rows, back), banner(t, shop_name))


def communes(t: Translator, shop_name: str, cart_id: int, way: Sequence[Place], places: Sequence[Place]) -> Screen:
    """Choose a commune of the district ``way`` ends at, or none; a typed street or a location will do without."""
    buttons = [Button(_name(t, p), taps.ChooseCommune(cart_id, p.code)) for p in places]
    last = (Button(t("button.not_sure"), taps.ChooseCommune(cart_id, way[-1].code)),
            Button(t("button.back"), taps.ChooseProvince(cart_id, way[0].code, 0)))  # fmt: skip
    return Screen(t.html("ask.commune", place=_names(t, way)), (*paired(buttons), last), banner(t, shop_name))


def street(t: Translator, shop_name: str, cart_id: int, way: Sequence[Place]) -> Screen:
    """Ask for one typed line, or a shared location."""
    back = (Button(t("button.back"), taps.ChooseDistrict(cart_id, way[1].code)),)
    return Screen(t.html("ask.street", place=_names(t, way)), (back,), banner(t, shop_name))


def _name(t: Translator, place: Place) -> str:
    return t.pick(place.name_en, place.name_km)


def _names(t: Translator, way: Sequence[Place]) -> str:
    return ", ".join(_name(t, place) for place in reversed(way))


def _paged(buttons: list[Button], page: int, turn: Callable[[int], taps.Tap]) -> Rows:
    pages = max(1, -(-len(buttons) // PAGE))
    page = min(max(page, 0), pages - 1)
    rows = paired(buttons[page * PAGE : (page + 1) * PAGE])
    arrows = [Button("‹", turn(page - 1))] * (page > 0) + [Button("›", turn(page + 1))] * (page + 1 < pages)
    return (*rows, tuple(arrows)) if arrows else rows


def book(t: Translator, shop_name: str, cart_id: int, entries: Sequence[tuple[Address, str]]) -> Screen:
    """Choose from the address book, correct an entry, or add to it; a key has no room for what stands above them."""
    known = [(number, one.id, f"{one.recipient} · {written}") for number, (one, written) in enumerate(entries, 1)]
    rows = [
        (Button(cut(f"{number} · {text}", ROOM), taps.UseAddress(cart_id, address_id)),
         Button("✎", taps.OpenAddress(cart_id, address_id)))
        for number, address_id, text in known
    ]  # fmt: skip
    listed = [t.html("ask.listed", number=number, text=cut(text, FULL)) for number, _, text in known]
    last = (
        Button(t("button.new_address"), taps.NewAddress(cart_id)),
        Button(t("button.back"), taps.OpenReview(cart_id)),
    )
    text = Markup("\n").join([t.html("ask.address"), "", *listed])
    return Screen(text, (*rows, last), banner(t, shop_name))


def address(t: Translator, shop_name: str, cart_id: int, entry: Address, written: str) -> Screen:
    """One address of the book, and what can be done with it."""
    change: Callable[[AddressPart], Button] = lambda part: Button(  # noqa: E731 - one place
        t(f"part.{part}"), taps.EditAddress(cart_id, entry.id, part)
    )
    rows = (
        (Button(t("button.use_address"), taps.UseAddress(cart_id, entry.id), style=Style.PRIMARY),),
        tuple(change(part) for part in AddressPart),
        (Button(t("button.remove"), taps.RemoveAddress(cart_id, entry.id), style=Style.DANGER),
         Button(t("button.back"), taps.Addresses(cart_id))),
    )  # fmt: skip
    text = t.html("review.address", name=entry.recipient, phone=shown_phone(entry.phone), address=written)
    return Screen(text, rows, banner(t, shop_name))


def ask_part(t: Translator, shop_name: str, cart_id: int, entry: Address, part: AddressPart) -> Screen:
    """Ask for one part of an address anew, showing what it is now."""
    now = shown_phone(entry.phone) if part is AddressPart.PHONE else getattr(entry, part.value)
    was = [t.html("ask.now", text=now)] if now else []
    back = (Button(t("button.back"), taps.OpenAddress(cart_id, entry.id)),)
    return Screen(Markup("\n\n").join([t.html(f"ask_part.{part}"), *was]), (back,), banner(t, shop_name))
