"""Customers as people without Telegram, one a phone; their points, and who brought whom."""

from collections import defaultdict
from contextlib import suppress
from datetime import datetime, timedelta

from core.errors import Refused
from core.imports import mapping, store
from core.imports.rules import Row, Trouble, line, moment, phone, switch, text, whole
from core.imports.taking import Taking
from core.orders import store as orders
from core.people import store as people
from core.people.rules import clean_name
from core.points import rules as point_rules
from core.points.rules import EntryKind

_SPENT = ("redeem", "spent", "used", "use", "expire", "deduct", "debit")


class Folk:
    """Whom the customers of the file become here."""

    def __init__(self, taking: Taking) -> None:
        self._taking, self._tx = taking, taking.tx
        self._whose: dict[tuple[int | None, str], int] = {}
        self._earlier: dict[str, list[Row]] = {}

    def take(self) -> None:
        """Take customers in; who is known here by a phone that Telegram confirmed is that very person."""
        self._taking.each("customer", self._taking.dump.rows["customer"], self._make, self._change, _themselves)

    def _make(self, row: Row) -> int:
        number = phone(row.fields, "phone")
        if not number:
            self._taking.remark("customer", row.key, "phone")
        known = people.owner_of(self._tx, number) if number else None
        if known is not None:
            self._taking.remark("customer", row.key, "same_phone")
        person_id = known.id if known else self._new(row, number)
        self._keep_address(row, person_id, number)
        return person_id

    def _new(self, row: Row, number: str) -> int:
        since = self._taking.date(row, "created_at", "updated_at")
        code = line(row.fields, "referral_code", 17)
        if len(code) > 16 or code in self._taking.taken["invitation"]:  # noqa: PLR2004 - the column's length
            self._taking.remark("customer", row.key, "invitation")
            code = ""
        self._taking.taken["invitation"].add(code)
        who = {"name": clean_name(text(row.fields, "name", 200)), "phone": number or None}
        return store.add(self._tx, "customer", **who, created_at=since, seen_at=since, referral_code=code or None)

    def _change(self, row: Row, person_id: int) -> None:
        person, number = people.by_id(self._tx, person_id), phone(row.fields, "phone")
        if person is not None and person.telegram_id is None:
            values = {"name": clean_name(text(row.fields, "name", 200))}
            if number and people.owner_of(self._tx, number) is None:
                values["phone"] = number
            store.change(self._tx, "customer", person_id, **values)
        self._keep_address(row, person_id, number)

    def _keep_address(self, row: Row, person_id: int, number: str) -> None:
        """Put their address into their book where its province is known, there is room, and it is not there yet."""
        where, named = line(row.fields, "address", 300), line(row.fields, "province", 60)
        province = mapping.province(named)
        if not (where and province and number):
            return
        street = mapping.street(where, named)
        if any(one.street == street for one in people.address_book(self._tx, person_id)):
            return
        who = {"recipient": clean_name(text(row.fields, "name", 60)), "phone": number}
        codes = {"province_code": province, "district_code": "", "commune_code": ""}
        try:
            people.save_address(self._tx, person_id, self._taking.now, **who, **codes, street=street)
        except Refused:
            self._taking.remark("customer", row.key, "book_full")

    def of_order(self, row: Row) -> int:
        """Whose an order is: its customer's, else who has its phone, else somebody made known by it."""
        named = self._taking.id_of("customer", row.fields.get("customer"))
        number = phone(row.fields, "customer_phone")
        if (named, number) not in self._whose or not (named or number):
            self._whose[named, number] = self._found(row, named, number)
        return self._whose[named, number]

    def _found(self, row: Row, named: int | None, number: str) -> int:
        person = people.by_id(self._tx, named) if named else None
        if person is not None and (person.phone or person.telegram_id or person.name.strip("?")):
            return person.id
        known = people.owner_of(self._tx, number) if number else None
        if known is not None:
            return known.id
        if person is not None:  # emptied, once all that was theirs was somebody's who wrote to the bot
            return self._who_took_over(row)
        since = self._taking.date(row, "created_at", "updated_at")
        who = {"name": clean_name(text(row.fields, "customer_name", 200)), "phone": number or None}
        return store.add(self._tx, "customer", **who, created_at=since, seen_at=since)

    def _who_took_over(self, row: Row) -> int:
        """Whose the earlier orders of a customer are now; ``Trouble("forgotten")`` where that tells nobody."""
        key = self._taking.dump.key_of("customer", row.fields.get("customer")) or ""
        self._earlier = self._earlier or self._taking.dump.grouped("order", "customer", "customer")
        mine = [
            self._taking.ids[place] for one in self._earlier[key] if (place := ("order", one.key)) in self._taking.ids
        ]
        found = store.whose_order(self._tx, mine[0]) if mine else None
        if found is None:
            raise Trouble("forgotten")
        return found


def take_points(taking: Taking) -> None:
    """Give everybody the points they had there, with the dates that are known of them."""
    rows = taking.dump.grouped("loyaltypoint", "customer", "customer")
    customers = [row for row in taking.dump.rows["customer"] if ("customer", row.key) in taking.ids]
    together: defaultdict[int, int] = defaultdict(int)
    for row in customers:
        together[taking.ids["customer", row.key]] += _balance(row)

    def make(row: Row) -> int:
        person_id = taking.ids["customer", row.key]
        if whole(row.fields, "loyalty_points", 0) < 0:
            taking.remark("customer", row.key, "points_negative")
        _write_lots(taking, person_id, _balance(row), rows.get(row.key, []))
        return person_id

    def change(_row: Row, person_id: int) -> None:
        gap = together[person_id] - store.balances(taking.tx, [person_id])[person_id]
        if gap < 0:
            store.take_points(taking.tx, person_id, -gap)
        ends = point_rules.expiry(taking.now, taking.policy)
        store.write_points(
            taking.tx, person_id, EntryKind.ADJUSTED, gap, taking.now, remaining=max(gap, 0), expires_at=ends
        )

    taking.each("points", customers, make, change, lambda row: row.fields.get("loyalty_points"))


def _balance(row: Row) -> int:
    """What somebody had there; nothing where that is no number, which :func:`whole` says when it is their turn."""
    try:
        return max(whole(row.fields, "loyalty_points", 0), 0)
    except Trouble:
        return 0


def _write_lots(taking: Taking, person_id: int, balance: int, rows: list[Row]) -> None:
    """Write what somebody has as lots: the newest that came are what is left; what no row explains came today.

    A row of an order is written even where nothing of it is left: an order earns once, there or here.
    """
    left, spent = balance, 0
    seen: set[int] = set()
    for row in sorted((one for one in rows if _came(one)), key=lambda one: str(one.fields.get("created_at")))[::-1]:
        order_id = taking.id_of("order", row.fields.get("order"))
        points = whole(row.fields, "points", 0)
        stays = min(points, left)
        if not stays and order_id is None:
            continue
        kind = EntryKind.ADJUSTED if order_id is None or order_id in seen else EntryKind.EARNED
        if "referral" in line(row.fields, "transaction_type", 40).lower():
            kind, order_id = EntryKind.REFERRAL, None
        seen |= {order_id} if order_id else set()
        at = moment(row.fields, "created_at", taking.zone) or taking.now
        store.write_points(
            taking.tx,
            person_id,
            kind,
            points,
            at,
            remaining=stays,
            order_id=order_id,
            expires_at=_ends(taking, row, at),
        )
        left, spent = left - stays, spent + points - stays
    store.write_points(taking.tx, person_id, EntryKind.ADJUSTED, -spent, taking.now)
    ends = point_rules.expiry(taking.now, taking.policy)
    store.write_points(taking.tx, person_id, EntryKind.ADJUSTED, left, taking.now, remaining=left, expires_at=ends)


def _came(row: Row) -> bool:
    said = line(row.fields, "transaction_type", 40).lower()
    return whole(row.fields, "points", 0) > 0 and not any(word in said for word in _SPENT)


def _ends(taking: Taking, row: Row, at: datetime) -> datetime:
    """When a lot expires: as it said there, by the shop's rule where it said nothing; what is over counts from now.

    The ancestor never let a point go, whatever date stood there: its customers saw them all.
    """
    ends = moment(row.fields, "expires_at", taking.zone) or at + timedelta(days=taking.policy.points_days)
    return ends if ends > taking.now else point_rules.expiry(taking.now, taking.policy)


def take_referrals(taking: Taking) -> None:
    """Say who brought whom; whose bringing was rewarded there, and who has had no parcel yet, is rewarded no more."""
    rows, tx = taking.dump.rows["referral"], taking.tx
    done = {
        taking.dump.key_of("customer", row.fields.get("referred_customer"))
        for row in rows
        if switch(row.fields, "is_rewarded")
    }

    def bring(key: str | None, reference: object) -> int:
        friend, by = taking.ids.get(("customer", key or "")), taking.id_of("customer", reference)
        if friend is None or by is None:
            raise Trouble("nobody")
        if key not in done or orders.delivered(tx, friend, but=0):
            store.refer(tx, friend, by)
        return friend

    def make(row: Row) -> int:
        key = taking.dump.key_of("customer", row.fields.get("referred_customer"))
        return bring(key, row.fields.get("referrer"))

    def change(row: Row, _person_id: int) -> None:
        make(row)

    taking.each("referral", rows, make, change)
    for row in taking.dump.rows["customer"]:
        if ("customer", row.key) in taking.fresh and row.fields.get("referred_by"):
            with suppress(Trouble):
                bring(row.key, row.fields["referred_by"])


def _themselves(row: Row) -> dict[str, object]:
    return {name: value for name, value in row.fields.items() if name not in {"loyalty_points", "updated_at"}}
