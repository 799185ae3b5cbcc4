"""Products as admins see them: a draft beside what there is, the list, one product with its fields, its photos."""

from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from bot import taps
from bot.me import Me
from bot.screen import Button, ProductPhoto, Rows, Screen, Style, grid
from bot.screens import admin, counter
from bot.screens.room import paired
from bot.screens.shop import cut
from core.catalog.captions import VARIANT_LINE, Counting
from core.catalog.goods import MONEY, PHOTOS, Change, Field, Goods, Margin, Proposal, Stocked, Value, Way
from core.catalog.rules import Badge, Category
from core.catalog.service import GoodsPage
from core.i18n import Translator
from core.money import usd
from core.people.rules import Question
from core.sheets.rules import Format, Kind

NAME, LONG, SHELVES, VARIANTS = 40, 120, 30, 12
"""As many characters of a name and of a description, shelves and variants, stand on one screen."""
Shelves = Sequence[tuple[Category, bool]]
OWN = (Field.NAME_EN, Field.NAME_KM, Field.DESCRIPTION_EN, Field.DESCRIPTION_KM, Field.SHELF, Field.BADGE)
EACH = (Field.PRICE, Field.OLD_PRICE, Field.UNITS, Field.COST, Field.SKU)


def title(t: Translator, goods: Goods) -> str:
    """What a product is called."""
    return cut(t.pick(goods.name_en, goods.name_km), NAME)


def shown(t: Translator, what: Field, value: Value, shelves: Shelves) -> str:
    """Write what stands in a field."""
    if value in {None, ""}:
        return "—"
    if what in MONEY and isinstance(value, int):
        return str(usd(value))
    if what is Field.SHELF:
        return next((_shelf(t, one) for one, _ in shelves if one.id == value), "—")
    return t(f"badge.{value}") if what is Field.BADGE else cut(str(value), LONG)


def _shelf(t: Translator, one: Category) -> str:
    return cut(f"{one.emoji} {t.pick(one.name_en, one.name_km)}".strip(), NAME)


def _field(t: Translator, what: Field) -> str:
    return t(f"goods.field.{what.word}")


# ── a draft ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def draft(t: Translator, found: Proposal, shelves: Shelves, asked: Question) -> Screen:
    """What saving it would do, what stands in the way, and what is missing."""
    head = t.html("goods.new")
    if found.goods is not None:
        sku = found.variant.sku if found.variant else "…"
        head = t.html("goods.there", name=title(t, found.goods), sku=sku)
    lines = [_change(t, one, shelves) for one in found.changes]
    notes = [t.html(f"goods.problem.{key}") for key in found.problems]
    notes += [t.html(f"goods.missing.{key}") for key in found.missing if "no_name" not in found.problems]
    blocks = [[head, *lines], notes, [t.html("goods.correct")]]
    text = Markup("\n\n").join(Markup("\n").join(block) for block in blocks if block)
    photo = found.draft.photos[0] if found.draft.photos else ""
    return Screen(text, _draft_rows(t, found, asked), ProductPhoto(photo) if photo else None)


def _change(t: Translator, one: Change, shelves: Shelves) -> Markup:
    after = shown(t, one.what, one.after, shelves)
    if one.before in {None, "", 0}:
        return t.html("goods.will_be", field=_field(t, one.what), after=after)
    before = shown(t, one.what, one.before, shelves)
    return t.html("goods.would_change", field=_field(t, one.what), before=before, after=after)


def _draft_rows(t: Translator, found: Proposal, asked: Question) -> Rows:
    stamp, units = asked.stamp, found.draft.caption.units
    save = Button(t("button.save_goods"), taps.SaveDraft(stamp, found.digest), style=Style.SUCCESS)
    ways = [Button(t("button.goods_shelf"), taps.AskDraftShelf(stamp))]
    if "counting" in found.problems:  # the answers to it first, side by side
        ways = [Button(t("button.goods_more", count=units), taps.DraftUnits(stamp, Counting.MORE), style=Style.PRIMARY),
                Button(t("button.goods_exact", count=units), taps.DraftUnits(stamp, Counting.EXACT)),
                *ways]  # fmt: skip
    leave = (Button(t("button.not_now"), taps.NotNow(stamp)),)
    return (*([] if found.problems else [(save,)]), *paired(ways), leave)


def draft_saved(t: Translator, made: Goods) -> Screen:
    """What a saved draft is now, below its photo; what else can be said of it is one tap away."""
    flags = [t.html(f"goods.missing.no_{name}") for name in ("name_en", "name_km") if not getattr(made, name)]
    text = Markup("\n").join([t.html("goods.is_saved", line=_line(t, made)), *flags])
    change = Button(t("button.goods_change"), taps.OpenGoods(made.id))
    return Screen(text, ((change,),), ProductPhoto(made.photo) if made.photo else None)


def draft_shelf(t: Translator, card: Screen, shelves: Shelves, asked: Question) -> Screen:
    """The draft as it stands, with the question on which shelf."""
    buttons = [Button(_shelf(t, one), taps.DraftShelf(asked.stamp, one.id)) for one, _ in shelves[:SHELVES]]
    question = t.html("goods.ask_shelf") if buttons else t.html("goods.no_shelves")
    buttons.append(Button(t("button.add_shelf"), taps.NameDraftShelf(asked.stamp)))
    leave = (
        Button(t("button.not_now"), taps.NotNow(asked.stamp)),
        Button(t("button.back"), taps.ShowDraft(asked.stamp)),
    )
    return card.opened((*paired(buttons), leave), question)


def draft_new_shelf(t: Translator, card: Screen, asked: Question) -> Screen:
    """The draft as it stands, with the question what its new shelf is called."""
    leave = (
        Button(t("button.not_now"), taps.NotNow(asked.stamp)),
        Button(t("button.back"), taps.ShowDraft(asked.stamp)),
    )
    return card.opened((leave,), t.html("goods.name_shelf"))


# ── the list ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def listing(t: Translator, page: GoodsPage, asked: int) -> Screen:
    """A page of products, each with its price, what is there, and what is earned by one."""
    head = t.html("goods.found", words=page.words, count=page.many) if page.words else t.html(
        "goods.all", count=page.many)  # fmt: skip
    lines = [_line(t, one) for one in page.goods]
    buttons = [Button(("" if one.active else "🙈 ") + title(t, one), taps.OpenGoods(one.id)) for one in page.goods]
    turn = [Button("◀", taps.ListGoods(asked, page.number - 1))] if page.number else []
    turn += [Button("▶", taps.ListGoods(asked, page.number + 1))] if page.number + 1 < page.pages else []
    ways = [Button(t("button.shelves"), taps.ListShelves()), Button(t("button.delivery"), taps.AskDelivery())]
    if page.many:
        ways.append(Button(t("button.export_all", format="Excel"), taps.ExportSheet(Kind.PRODUCTS, Format.XLSX)))
    text = Markup("\n").join([head, t.html("goods.how"), *([Markup()] if lines else []), *lines])
    return Screen(text, (*paired(buttons), *([tuple(turn)] if turn else []), *paired(ways), admin.back(t)))


def _line(t: Translator, one: Goods) -> Markup:
    first = min(one.variants, key=lambda variant: variant.price)
    units = sum(variant.left for variant in one.variants)
    said = t.html("goods.line", name=title(t, one), price=usd(first.price), count=units)
    return said + _margin(t, first.margin)


def _margin(t: Translator, found: Margin | None) -> Markup:
    if found is None:
        return Markup()
    sign = "+" if found.cents >= 0 else ""
    return Markup(" · ") + t.html("goods.margin", amount=f"{sign}{usd(found.cents)}", percent=found.percent)


# ── one product ──────────────────────────────────────────────────────────────────────────────────────────────────────
def goods(t: Translator, one: Goods, shelves: Shelves) -> Screen:
    """All that is known of a product; each field is a button."""
    head = t.html("goods.title", name=title(t, one)) + (Markup() if one.active else t.html("goods.is_hidden"))
    own = [t.html("goods.value", field=_field(t, what), value=shown(t, what, one.value(what), shelves)) for what in OWN]
    lines = [_stocked(t, variant) for variant in one.variants[:VARIANTS]]
    flags = [t.html(f"goods.missing.no_{name}") for name in ("name_en", "name_km") if not getattr(one, name)]
    nameless = [variant for variant in one.variants if not (variant.name_en or variant.name_km)]
    flags += [t.html("goods.missing.no_kind", sku=nameless[0].sku)] if nameless and len(one.variants) > 1 else []
    text = Markup("\n\n").join(Markup("\n").join(block) for block in ([head, *own], lines, flags) if block)
    return Screen(text, _goods_rows(t, one))


def _stocked(t: Translator, one: Stocked) -> Markup:
    name = t.pick(one.name_en, one.name_km)
    was = t.html("goods.was", price=usd(one.old_price)) if one.old_price else Markup()
    cost = Markup() if one.cost is None else t.html("goods.cost", price=usd(one.cost)) + _margin(t, one.margin)
    hidden = Markup() if one.active else t.html("goods.is_hidden")
    named = f"{cut(name, NAME)} · {one.sku}" if name else one.sku
    said = t.html("goods.stocked", name=named, price=usd(one.price), there=one.on_hand, left=one.left)
    return said + was + cost + hidden


def _goods_rows(t: Translator, one: Goods) -> Rows:
    own = [Button(_field(t, what), taps.EditGoods(one.id, 0, what)) for what in OWN]
    photos = Button(t("button.goods_photos", count=len(one.album)), taps.OpenPhotos(one.id, 0))
    rows = [*paired([*own, photos])]
    if len(one.variants) == 1:
        rows += _fields(t, one.variants[0])
    else:
        rows += paired([Button(cut(t.pick(v.name_en, v.name_km) or v.sku, NAME), taps.OpenStocked(one.id, v.id))
                        for v in one.variants[:VARIANTS]])  # fmt: skip
    hide = Button(
        t("button.goods_hide" if one.active else "button.goods_show"), taps.PutGoods(one.id, 0, int(not one.active))
    )
    rows += paired([Button(t("button.add_variant"), taps.AddStocked(one.id)), hide])
    return (*rows, (Button(t("button.back"), taps.ListGoods(0, 0)),))


def _fields(t: Translator, one: Stocked, *more: Field) -> Rows:
    return paired([Button(_field(t, what), taps.EditGoods(one.product_id, one.id, what)) for what in (*more, *EACH)])


def stocked(t: Translator, of: Goods, one: Stocked) -> Screen:
    """One of several variants; each field is a button."""
    text = Markup("\n").join([t.html("goods.title", name=title(t, of)), _stocked(t, one)])
    tap = taps.PutGoods(of.id, one.id, int(not one.active))
    rows = _fields(t, one, Field.VARIANT_EN, Field.VARIANT_KM)
    hide = (Button(t("button.goods_hide" if one.active else "button.goods_show"), tap),)
    return Screen(text, (*rows, hide, (Button(t("button.back"), taps.OpenGoods(of.id)),)))


def ask_field(t: Translator, of: Goods, tap: taps.EditGoods, was: Value, me: Me, asked: Question) -> Screen:
    """Ask for one line."""
    how = t.html(f"goods.ask.{_kind(tap.field)}")
    empty = Markup("\n") + t.html("goods.ask.empty") if tap.field.may_be_empty and was not in {None, ""} else Markup()
    what = t.html("goods.asked", name=title(t, of), field=_field(t, tap.field), value=shown(t, tap.field, was, ()))
    back = taps.OpenStocked(of.id, tap.variant_id) if tap.variant_id and len(of.variants) > 1 else taps.OpenGoods(of.id)
    return counter.ask_either(t, what + Markup("\n\n") + how + empty, me, asked, back)


def _kind(what: Field) -> str:
    if what in MONEY:
        return "money"
    return {Field.UNITS: "units", Field.SKU: "sku"}.get(what, "words")


def changed(t: Translator, change: Change, page: Screen) -> Screen:
    """It is written down: what was before, what is now, and the product below."""
    before, after = (shown(t, change.what, value, ()) for value in (change.before, change.after))
    said = t.html("goods.changed", field=_field(t, change.what), before=before, after=after)
    return Screen(said + Markup("\n\n") + page.text, page.rows)


def ask_badge(t: Translator, of: Goods) -> Screen:
    """Which badge, or none."""
    was = of.badge or ""
    buttons = [Button(t(f"badge.{badge}"), taps.SetBadge(of.id, was, badge)) for badge in Badge if badge != was]
    buttons += [Button(t("button.no_badge"), taps.SetBadge(of.id, was, ""))] if was else []
    text = t.html("goods.asked", name=title(t, of), field=_field(t, Field.BADGE), value=shown(t, Field.BADGE, was, ()))
    return Screen(text, (*paired(buttons), (Button(t("button.back"), taps.OpenGoods(of.id)),)))


def ask_shelf(t: Translator, of: Goods, shelves: Shelves) -> Screen:
    """Which shelf."""
    buttons = [Button(_shelf(t, one), taps.SetShelf(of.id, of.category_id, one.id))
               for one, _ in shelves[:SHELVES] if one.id != of.category_id]  # fmt: skip
    value = shown(t, Field.SHELF, of.category_id, shelves)
    text = t.html("goods.asked", name=title(t, of), field=_field(t, Field.SHELF), value=value)
    return Screen(text, (*paired(buttons), (Button(t("button.back"), taps.OpenGoods(of.id)),)))


def ask_variant(t: Translator, of: Goods, me: Me, asked: Question) -> Screen:
    """Ask for one more variant, in one line."""
    what = t.html("goods.ask_variant", name=title(t, of), example=VARIANT_LINE)
    return counter.ask_either(t, what, me, asked, taps.OpenGoods(of.id))


def more_variants(t: Translator, page: Screen, me: Me, asked: Question) -> Screen:
    """The product after one more variant, with the same question for the next; in a group a reply answers it."""
    text = Markup("\n\n").join([page.text, t.html("goods.next_variant", example=VARIANT_LINE)])
    stop = [] if me.private else [(Button(t("button.not_now"), taps.NotNow(asked.stamp)),)]
    return replace(page, text=text, rows=(*page.rows, *stop))


# ── photos ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def photos(t: Translator, of: Goods, photo_id: int) -> Screen:
    """One photo of a product, with the way to the others."""
    ids = [photo.id for photo in of.album]
    place = ids.index(photo_id) if photo_id in ids else 0
    turn = [
        Button(str(number), taps.OpenPhotos(of.id, one)) for number, one in enumerate(ids, 1) if number != place + 1
    ]
    ways = [Button(t("button.add_photo"), taps.AddPhoto(of.id))] if len(ids) < PHOTOS else []
    ways += [Button(t("button.drop_photo"), taps.DropPhoto(of.id, ids[place], of.order))] if ids else []
    text = t.html("goods.photos" if ids else "goods.no_photos", name=title(t, of), number=place + 1, count=len(ids))
    picture = ProductPhoto(of.album[place].path) if ids else None
    rows = (*grid(turn, 5), *_moves(t, of, place), *paired(ways))
    return Screen(text, (*rows, (Button(t("button.back"), taps.OpenGoods(of.id)),)), picture)


def _moves(t: Translator, of: Goods, place: int) -> Rows:
    """The ways to another place in the album: one back, one on, and to the front where that is further."""
    there = {way: way.of(place, len(of.album)) for way in Way}
    ways = [way for way, to in there.items() if to is not None and not (way is Way.FIRST and place == 1)]
    buttons = [Button(t(f"button.photo_{way.name.lower()}"), taps.MovePhoto(of.id, of.album[place].id, of.order, way))
               for way in ways]  # fmt: skip
    return (tuple(buttons),) if buttons else ()


def ask_photo(t: Translator, of: Goods) -> Screen:
    """Ask for a photo."""
    text = t.html("goods.ask_photo", name=title(t, of))
    return Screen(text, ((Button(t("button.back"), taps.OpenGoods(of.id)),),))
