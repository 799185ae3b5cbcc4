"""The admins' pages for the gallery: their home, and the rules of the shop."""

from dataclasses import replace
from datetime import date
from itertools import product

from bot.me import Me
from bot.screen import Screen
from bot.screens import admin
from bot.screens import policy as policies
from bot.taps import SaveTyped
from core.i18n import Translator
from core.people.rules import Question
from core.policy.rules import Fee
from core.settings import holidays
from core.settings.known import Group, Rule
from core.settings.rules import Policy
from core.shipping import rules as shipping
from tests.support.furnished import House
from tests.support.talk import DARA

TODAY = date(2026, 11, 22)
CHANGED = Policy(
    holidays="2026-11-21 2026-12-25 2027-04-14 2027-04-15 2027-04-16 2027-05-01 2027-05-14", order_prefix="MD",
    province_fees="17=200 18=350", no_delivery="16", free_delivery_from=0, riel_rate=4000, staff_chat_id=-5,
    khqr_account="1" * 27 + "@1234", reminder_hours=24, points_days=1, backup_to_chat=1, media_limit_mb=700,
)  # fmt: skip


async def screens(house: House, t: Translator) -> list[Screen]:
    """The home as it stands; every group and rule as it is made and changed; what is asked and confirmed."""
    asked = Question("policy", house.shop.clock.now(), {})
    chats = [Me(house.shop, house.dara, house.reader(t.language), chat, private=chat > 0) for chat in (-1, DARA)]
    return [admin.home(t, house.shop.policy.shop_name), policies.groups(t), *_rules(t, chats, asked),
            *_lists(t, chats, asked)]  # fmt: skip


def _rules(t: Translator, chats: list[Me], asked: Question) -> list[Screen]:
    every = [(rule, getattr(policy, rule)) for rule, policy in product(Rule, (Policy(), CHANGED))]
    typed = [(rule, value) for rule, value in every if rule.kind.typed]
    return [
        *(policies.group(t, group, policy, TODAY) for group, policy in product(Group, (Policy(), CHANGED))),
        *(policies.rule(t, rule, value, may=may, private=may) for rule, value in every for may in (True, False)),
        *(policies.rule(t, rule, value, may=True, private=False) for rule, value in every),
        policies.rule(t, Rule.KHQR_NAME, t.pick("Madam Da", "ម៉ាដាម ដា"), may=True, private=True, standard="MADAM DA"),
        *(policies.ask(t, rule, value, chats[0], asked) for rule, value in typed[:4]),
        *(policies.sure(t, rule, rule.standard, value, SaveTyped(1)) for rule, value in every if rule.costs),
    ]


def _lists(t: Translator, chats: list[Me], asked: Question) -> list[Screen]:
    places = shipping.provinces(t.language)
    fees = [Fee.SAME, Fee(200), Fee.NO_DELIVERY, *[Fee.SAME] * 22]
    found = holidays.spans(CHANGED.holidays, TODAY.isoformat())
    chosen = list(zip(places, fees, strict=True))[:3]
    return [
        policies.days_off(t, found), policies.days_off(t, []), policies.provinces(t, places, fees, CHANGED),
        policies.provinces(t, places, [Fee.SAME] * 25, replace(CHANGED, fee_province=0)),
        *(policies.ask_holiday(t, me, asked) for me in chats), policies.ask_province(t, places[1], chats[0], asked),
        *(policies.province(t, place, fee, CHANGED, private=own) for place, fee in chosen for own in (True, False)),
        *(policies.sure_province(t, place, Fee.SAME, fee, SaveTyped(1)) for place, fee in chosen),
    ]  # fmt: skip
