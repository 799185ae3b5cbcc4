"""Orders with their lines, money and dates, as they were charged; open ones so that the counter goes on with them.

Nobody is written to: no outbox row is owed, and what is over opens no debt, hold or reminder.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from core.imports import mapping, store
from core.imports.folk import Folk
from core.imports.mapping import Figures, Item, Standing
from core.imports.rules import Row, Trouble, line, moment, phone, switch, text, whole
from core.imports.shelves import StandIns
from core.imports.taking import Taking
from core.money import usd
from core.orders import rules as order_rules
from core.orders import store as orders
from core.orders.rules import NOTHING, Destination, Line, Order, PaymentMethod, Status
from core.people.rules import clean_name
from core.points import rules as point_rules
from core.points.rules import EntryKind
from core.promoters import store as promoters
from core.promotions import store as promotions
from core.settlements import store as settlements
from core.settlements.rules import CaseKind, CaseState, Kind, Outcome
from core.shipping import rules as shipping
from core.stock import rules as stock_rules
from core.stock import store as stock
from core.stock.rules import HoldState
from core.storage import store as storage

IMPORTED = "imported"
"""The event that says where an order came from, with the ancestor's own figures where they did not add up."""
NAMELESS = "?"
"""What stands for goods that nobody wrote down."""
_WAY = (HoldState.ACTIVE, HoldState.COMMITTED, HoldState.SHIPPED)


class Selling:
    """The orders of the file, each with its lines."""

    def __init__(self, taking: Taking, folk: Folk) -> None:
        self._taking, self._tx, self._folk = taking, taking.tx, folk
        self._items = taking.dump.grouped("orderitem", "order", "order")
        self._gone, self._skus = StandIns(taking), dict[int, str]()
        self._brings = dict[int, dict[str, Any]]()

    def take(self) -> None:
        """Take orders in, then let ours be numbered after the highest of them."""
        rows = self._taking.dump.rows["order"]
        self._taking.each("order", rows, self._make, self._change, self._said)
        for row in self._items.get("", ()):
            self._taking.skip("orderitem", row.key, "order_gone")
        numbers = [int(digits) for row in rows if (digits := _digits(row)) and ("order", row.key) in self._taking.ids]
        self._taking.report.last_number = storage.go_on_from(self._tx, max(numbers, default=0))

    def _said(self, row: Row) -> object:
        lines = [dict(item.fields) for item in self._items.get(row.key, ())]
        return [{name: value for name, value in row.fields.items() if name != "updated_at"}, lines]

    # ── a new one ────────────────────────────────────────────────────────────────────────────────────────────────────
    def _make(self, row: Row) -> int:
        number = line(row.fields, "order_number", 21).upper()
        if not number or len(number) > 20:  # noqa: PLR2004 - the column's length
            raise Trouble("number", "order_number")
        if number in self._taking.taken["number"]:
            raise Trouble("number_taken", number)
        how = mapping.method(row)
        at = mapping.standing(mapping.status(row), how, received=switch(row.fields, "payment_received"))
        person_id = self._folk.of_order(row)
        if person_id in self._taking.gone:
            raise Trouble("forgotten")
        items = self._lines_of(row)
        figures = mapping.figures(row, sum(item.price * item.quantity for item in items))
        order = self._write(row, number, how, at, person_id, figures, self._lines(row, items, figures))
        self._promise(order, at)
        self._settle(row, order, at)
        self._tell(row, order, at, figures)
        self._taking.taken["number"].add(number)
        return order.id

    def _lines_of(self, row: Row) -> list[Item]:
        found = []
        for one in self._items.get(row.key, ()):
            try:
                key = self._taking.dump.key_of("product", one.fields.get("product")) or ""
                found.append(mapping.item(one, key if ("product", key) in self._taking.ids else ""))
            except Trouble as trouble:
                self._taking.skip("orderitem", one.key, trouble.cause, trouble.about)
        return found

    def _lines(self, row: Row, items: list[Item], figures: Figures) -> tuple[Line, ...]:
        """The lines as they were sold; what is gone is stood in for, an order without any by one for all of it."""
        if not items:
            self._taking.remark("order", row.key, "no_lines")
            items = [Item("", NAMELESS, figures.subtotal, 1)]
        prices: dict[str, int] = {}
        return mapping.folded(self._line(row, item, prices) for item in items)

    def _line(self, row: Row, item: Item, prices: dict[str, int]) -> Line:
        product = self._taking.dump.row("product", item.product)
        khmer = line(product.fields, "name_kh", 200) if product else ""
        if item.product and prices.setdefault(item.product, item.price) == item.price:
            variant_id = self._taking.ids["product", item.product]
            sku = self._skus.get(variant_id) or self._skus.setdefault(variant_id, store.sku(self._tx, variant_id))
        else:  # gone, or a second time at another price: an order has each variant once
            if not item.product and item.name is not NAMELESS:
                self._taking.remark("order", row.key, "product_gone", item.name)
            variant_id, sku = self._gone.variant(item.name, item.price)
        return Line(variant_id, sku, item.name, khmer, "", "", usd(item.price), item.quantity)

    def _write(
        self, row: Row, number: str, how: PaymentMethod, at: Standing, person_id: int, figures: Figures,
        lines: tuple[Line, ...],
    ) -> Order:  # fmt: skip
        placed, points = self._taking.date(row, "created_at", "updated_at"), whole(row.fields, "loyalty_points_used", 0)
        worth = point_rules.worth(max(points, 0), self._taking.policy).amount
        promo_id = self._taking.id_of("promocode", row.fields.get("promo_code"))
        off = figures.discount if promo_id is None and points > 0 else min(worth, figures.discount)
        policy = self._taking.policy
        order = orders.add(
            self._tx, lines, _destination(row), number=number, cart_id=store.cart(self._tx, person_id, placed),
            person_id=person_id, tracking_token=order_rules.new_token(), parcel_token=order_rules.new_token(),
            status=at.status, payment_method=how, payment_status=at.payment, currency="USD", subtotal=figures.subtotal,
            discount=figures.discount, promo_code=self._code(row), points_used=max(points, 0), points_discount=off,
            delivery_fee=figures.fee, total=figures.total, riel_rate=policy.riel_rate, language=policy.staff_language,
            note=text(row.fields, "notes", 300), placed_at=placed, updated_at=_moved(self._taking, row, placed),
            **_ends(self._taking, row, at.status, placed), **self._brought(promo_id),
        )  # fmt: skip
        self._use(order, promo_id, figures.discount - off)
        return order

    def _brought(self, promo_id: int | None) -> dict[str, Any]:
        """Who brought its customer, at the rate they have there now: what it was on that day nobody wrote down."""
        if promo_id is None:
            return {}
        if promo_id not in self._brings:
            promo = promotions.by_id(self._tx, promo_id)
            self._brings[promo_id] = promoters.terms(self._tx, promo.promoter_id if promo else None, whoever=True)
        return self._brings[promo_id]

    def _code(self, row: Row) -> str:
        key = self._taking.dump.key_of("promocode", row.fields.get("promo_code"))
        found = self._taking.dump.row("promocode", key)
        return line(found.fields, "code", 32).upper() if found else ""

    def _use(self, order: Order, promo_id: int | None, discount: int) -> None:
        """Write what an order used: its code, and of an open one the points, so that a cancel gives them back."""
        if promo_id is not None:
            over = order.updated_at if order.status is Status.CANCELLED else None
            used = {"promo_id": promo_id, "person_id": order.person_id, "order_id": order.id, "discount": discount}
            self._taking.later["use"].append(used | {"used_at": order.placed_at, "returned_at": over})
        if order.points_used and order.status in mapping.HOLDS:
            for kind, points, mine in (
                (EntryKind.ADJUSTED, order.points_used, None), (EntryKind.REDEEMED, -order.points_used, order.id),
            ):  # fmt: skip
                store.write_points(self._tx, order.person_id, kind, points, order.placed_at, order_id=mine)

    def _promise(self, order: Order, at: Standing) -> None:
        """Promise an open order its goods: the ancestor took them off the shelf already, so they come in first."""
        way = mapping.HOLDS.get(at.status, ())
        if not way:
            return
        wanted, now = stock_rules.wanted((one.variant_id, one.quantity) for one in order.lines), self._taking.now
        for variant_id, units in wanted.items():
            stock.receive(self._tx, variant_id, units, now)
        stock.hold(self._tx, order.id, wanted, now)
        for state in way[1:]:
            stock.turn(self._tx, order.id, state, now)

    def _settle(self, row: Row, order: Order, at: Standing) -> None:
        """Write the ledger and, where somebody must look, the case; what was paid is booked on the day it was."""
        when = self._paid_at(row, order)
        if at.booked is not None and order.total.amount:
            amount = {"amount": order.total.amount, "currency": order.total.currency, "at": when}
            self._taking.later["settlement"].append(
                {"order_id": order.id, "kind": Kind.RECEIVED, "source": at.booked} | amount
            )
        if at.asked:
            settlements.open_case(self._tx, order.id, CaseKind.CLAIMED, NOTHING, when, CaseState.OPEN)

    def _paid_at(self, row: Row, order: Order) -> datetime:
        return moment(row.fields, "payment_received_at", self._taking.zone) or order.updated_at

    def _tell(self, row: Row, order: Order, at: Standing, figures: Figures) -> None:
        """Write what happened when, and count the money."""
        self._happened(order, "placed", order.placed_at, to=Status.PENDING)
        self._moved(order, at.status, order.updated_at)
        if verdict := mapping.verdict(row):
            when = moment(row.fields, "verified_at", self._taking.zone) or order.updated_at
            found = {"order_id": order.id, "flags": [], "verdict": verdict, "at": when, "decided_at": when}
            self._taking.later["check"].append(found)
        names = ("subtotal", "shipping_fee", "discount_amount", "total")
        odd = {name: str(row.fields.get(name))[:20] for name in names} if figures.gap or figures.lines else None
        self._happened(order, IMPORTED, self._taking.now, detail=odd)
        self._count(row, at, figures)

    def _happened(self, order: Order, kind: str, at: datetime, source: str | None = None, to: str | None = None,
               detail: dict[str, str] | None = None) -> None:  # fmt: skip
        row = {"order_id": order.id, "kind": kind, "from_status": source, "to_status": to, "actor_name": ""}
        self._taking.later["event"].append(row | {"detail": detail, "at": at})

    def _moved(self, order: Order, to: Status, at: datetime) -> None:
        move, source = mapping.CAME_BY.get(to, (None, None))
        if move is not None:
            self._happened(order, move, at, source, to)

    def _count(self, row: Row, at: Standing, figures: Figures) -> None:
        money = self._taking.report.money
        money.charged += figures.total
        money.paid += figures.total if at.booked else 0
        if figures.gap:
            money.differing += 1
            money.gap += abs(figures.gap)
            self._taking.remark("order", row.key, "total", str(usd(figures.gap)))
        elif figures.lines:
            self._taking.remark("order", row.key, "lines")
        if at.unseen:
            money.unseen += 1
            money.unseen_cents += figures.total
            self._taking.remark("order", row.key, "unseen", str(usd(figures.total)))
        if at.kept:
            money.kept_though_cancelled += 1
            money.kept_cents += figures.total
            self._taking.remark("order", row.key, "kept", str(usd(figures.total)))

    # ── one that moved on there ──────────────────────────────────────────────────────────────────────────────────────
    def _change(self, row: Row, order_id: int) -> None:
        """Follow an order that nobody touched here to where it stands there; its amounts stay as they were taken in."""
        order = orders.by_id(self._tx, order_id)
        if order is None:  # pragma: no cover - orders are never removed
            raise Trouble("order_gone")
        received = switch(row.fields, "payment_received")
        at = mapping.standing(mapping.status(row), order.payment_method, received=received)
        self._turn(order, at.status)
        moved = _moved(self._taking, row, self._taking.now)
        values = {"status": at.status, "payment_status": at.payment} | _ends(self._taking, row, at.status, moved)
        orders.compare_and_set(self._tx, order, self._taking.now, **values)
        if at.status is not order.status:
            self._moved(order, at.status, moved)
        self._follow_money(row, order, at)
        if mapping.figures(row, order.subtotal.amount).total != order.total.amount:
            self._taking.remark("order", row.key, "amount_kept", str(order.total))

    def _follow_money(self, row: Row, order: Order, at: Standing) -> None:
        """Book what was paid since, once; end the question whether it was, or ask it."""
        if settlements.of_order(self._tx, order.id):
            at = replace(at, booked=None)
        waiting = [one for one in settlements.cases(self._tx, order.id) if one.state is CaseState.OPEN]
        self._settle(row, order, replace(at, asked=at.asked and not waiting))
        for case in waiting if not at.asked else ():
            settlements.turn(self._tx, case, self._taking.now, CaseState.DONE, outcome=Outcome.ANSWERED)

    def _turn(self, order: Order, to: Status) -> None:
        """Let the goods that were promised follow; ``Trouble("went_back")`` where no order here goes that way."""
        holds, now = stock.of_order(self._tx, order.id), self._taking.now
        if to is order.status or not holds:
            if to is not order.status and (to in mapping.HOLDS or order.status is Status.CANCELLED):
                raise Trouble("went_back", to)
            return
        if to is Status.CANCELLED:
            stock.turn(self._tx, order.id, HoldState.RELEASED, now)
            return
        here, there = _WAY.index(holds[0].state), len(mapping.HOLDS.get(to, _WAY)) - 1
        if there < here:
            raise Trouble("went_back", to)
        for state in _WAY[here + 1 : there + 1]:
            stock.turn(self._tx, order.id, state, now)


def _digits(row: Row) -> str:
    """The number in an order's number, where it can be one of ours."""
    digits = line(row.fields, "order_number", 20).lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return digits if digits.isascii() and digits.isdigit() and len(digits) <= 9 else ""  # noqa: PLR2004 - counted so far


def _moved(taking: Taking, row: Row, otherwise: datetime) -> datetime:
    return moment(row.fields, "updated_at", taking.zone) or otherwise


def _ends(taking: Taking, row: Row, at: Status, otherwise: datetime) -> dict[str, datetime | None]:
    """When an order was delivered, and when its customer said that it came."""
    came = moment(row.fields, "customer_received_at", taking.zone) if switch(row.fields, "customer_received") else None
    if at is not Status.DELIVERED:
        return {"delivered_at": None, "received_at": None}
    return {"delivered_at": came or _moved(taking, row, otherwise), "received_at": came}


def _destination(row: Row) -> Destination:
    """Where it went, as it was written; a phone that cannot be dialled stays as it is."""
    named = line(row.fields, "customer_province", 60)
    province = mapping.province(named)
    street = line(row.fields, "customer_address", 300)
    street = mapping.street(street, named) if province else ", ".join(part for part in (street, named) if part)
    english, khmer = shipping.written(province, "", street)
    number = phone(row.fields, "customer_phone") or line(row.fields, "customer_phone", 20)
    recipient = clean_name(text(row.fields, "customer_name", 200))
    return Destination(recipient, number, province, "", street, english, khmer)
