"""The admins' home, and what answers about the rules of the shop: groups, single rules, holidays, provinces."""

from collections.abc import Awaitable, Callable, Mapping

from bot import taps
from bot.handlers.admin import closing, home, policy, provinces
from bot.routing import Handler, Route
from bot.screen import Screen

TAPS: Mapping[type[taps.Tap], Route] = {
    taps.OpenAdmin: Route(home.open_admin, group=True),
    taps.OpenPolicy: Route(policy.open_policy, group=True),
    taps.OpenGroup: Route(policy.open_group, group=True),
    taps.OpenRule: Route(policy.open_rule, group=True),
    taps.AskRule: Route(policy.ask_rule, policy.open_rule, group=True),
    taps.PutRule: Route(policy.put_rule, policy.open_rule, group=True),
    taps.ConfirmRule: Route(policy.confirm_rule, policy.open_rule, group=True),
    taps.SaveTyped: Route(provinces.save_typed, policy.open_policy, group=True, keeps=True),
    taps.OpenHolidays: Route(closing.open_holidays, group=True),
    taps.AskHoliday: Route(closing.ask_holiday, group=True),
    taps.RemoveHoliday: Route(closing.remove_holiday, closing.open_holidays, group=True),
    taps.OpenProvinces: Route(provinces.open_provinces, group=True),
    taps.OpenProvince: Route(provinces.open_province, group=True),
    taps.AskProvince: Route(provinces.ask_province, group=True),
    taps.PutProvince: Route(provinces.put_province, provinces.open_province, group=True),
}

COMMANDS: Mapping[str, Handler] = {"admin": home.command}

ANSWERS: Mapping[str, Callable[..., Awaitable[Screen | None]]] = {
    "policy": policy.answered,
    "holiday": closing.holiday_answered,
    "province": provinces.province_answered,
    "province_name": provinces.named,
}
