"""Every rule of the shop as people meet it: on which page it stands, how it is written, whose it is to change. Pure."""

from enum import StrEnum
from typing import Self

from core.i18n import LANGUAGES
from core.settings.rules import ALLOWED, Policy


class Group(StrEnum):
    """The pages on which the rules stand."""

    SHOP = "shop"
    HOURS = "hours"
    DELIVERY = "delivery"
    MONEY = "money"
    POINTS = "points"
    CHECKS = "checks"
    COUNTER = "counter"
    STORAGE = "storage"


class Kind(StrEnum):
    """How a value is written: what is typed for it, what is shown."""

    NAME = "name"
    PREFIX = "prefix"
    ACCOUNT = "account"
    LANGUAGE = "language"
    SWITCH = "switch"
    CHAT = "chat"
    CLOCK = "clock"
    DAYS_OFF = "days_off"
    PROVINCES = "provinces"
    DOLLARS = "dollars"
    RATE = "rate"
    COUNT = "count"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    PERCENT = "percent"
    MEGABYTES = "megabytes"

    @property
    def typed(self) -> bool:
        """Whether a new value is typed; the others are tapped, or have a page of their own."""
        return self not in {Kind.LANGUAGE, Kind.SWITCH, Kind.CHAT, Kind.DAYS_OFF, Kind.PROVINCES}


class Rule(StrEnum):
    """A rule by its name in :class:`Policy`, its page, how it is written; then the values that are often chosen."""

    group: Group
    kind: Kind
    common: tuple[str | int, ...]

    def __new__(cls, key: str, group: Group, kind: Kind, *common: str | int) -> Self:
        """Make one."""
        made = str.__new__(cls, key)
        made._value_, made.group, made.kind, made.common = key, group, kind, common
        return made

    SHOP_NAME = "shop_name", Group.SHOP, Kind.NAME
    ORDER_PREFIX = "order_prefix", Group.SHOP, Kind.PREFIX
    STAFF_LANGUAGE = "staff_language", Group.SHOP, Kind.LANGUAGE, *LANGUAGES
    STAFF_CHAT_ID = "staff_chat_id", Group.SHOP, Kind.CHAT
    ADMIN_CHAT_ID = "admin_chat_id", Group.SHOP, Kind.CHAT
    OPENS = "opens", Group.HOURS, Kind.CLOCK, "07:00", "08:00", "09:00"
    CLOSES = "closes", Group.HOURS, Kind.CLOCK, "18:00", "20:00", "22:00"
    HOLIDAYS = "holidays", Group.HOURS, Kind.DAYS_OFF
    QUIET_FROM = "quiet_from", Group.HOURS, Kind.CLOCK, "20:00", "21:00", "22:00"
    QUIET_UNTIL = "quiet_until", Group.HOURS, Kind.CLOCK, "06:00", "07:00", "08:00"
    FEE_CAPITAL = "fee_capital", Group.DELIVERY, Kind.DOLLARS, 0, 100, 150, 200
    FEE_PROVINCE = "fee_province", Group.DELIVERY, Kind.DOLLARS, 0, 200, 250, 300
    FREE_DELIVERY_FROM = "free_delivery_from", Group.DELIVERY, Kind.DOLLARS, 0, 3000, 5000, 10_000
    PROVINCE_FEES = "province_fees", Group.DELIVERY, Kind.PROVINCES
    NO_DELIVERY = "no_delivery", Group.DELIVERY, Kind.PROVINCES
    RIEL_RATE = "riel_rate", Group.MONEY, Kind.RATE, 4000, 4100
    KHQR_ACCOUNT = "khqr_account", Group.MONEY, Kind.ACCOUNT, ""
    KHQR_NAME = "khqr_name", Group.MONEY, Kind.NAME
    KHQR_CITY = "khqr_city", Group.MONEY, Kind.NAME
    KHQR_HOLD_MINUTES = "khqr_hold_minutes", Group.MONEY, Kind.MINUTES, 10, 15, 30
    KHQR_SILENCE_MINUTES = "khqr_silence_minutes", Group.MONEY, Kind.MINUTES, 60, 120, 240
    POINTS_PER_DOLLAR = "points_per_dollar", Group.POINTS, Kind.COUNT, 0, 1, 2
    POINTS_FOR_DOLLAR = "points_for_dollar", Group.POINTS, Kind.COUNT, 50, 100, 200
    POINTS_DAYS = "points_days", Group.POINTS, Kind.DAYS, 180, 365, 730
    REFERRAL_POINTS = "referral_points", Group.POINTS, Kind.COUNT, 0, 50, 100
    FRIEND_POINTS = "friend_points", Group.POINTS, Kind.COUNT, 0, 25, 50
    SUSPICIOUS_TOTAL = "suspicious_total", Group.CHECKS, Kind.DOLLARS, 0, 50_000, 100_000
    SUSPICIOUS_FIRST = "suspicious_first", Group.CHECKS, Kind.DOLLARS, 0, 5000, 10_000
    SUSPICIOUS_IN_HOUR = "suspicious_in_hour", Group.CHECKS, Kind.COUNT, 0, 3, 5
    SUSPICIOUS_NAMES = "suspicious_names", Group.CHECKS, Kind.COUNT, 0, 1, 2, 3
    LOW_STOCK = "low_stock", Group.COUNTER, Kind.COUNT, 0, 3, 5, 10
    NUDGE_UNCLAIMED_MINUTES = "nudge_unclaimed_minutes", Group.COUNTER, Kind.MINUTES, 0, 10, 30
    NUDGE_PREPARING_MINUTES = "nudge_preparing_minutes", Group.COUNTER, Kind.MINUTES, 0, 60, 120
    NUDGE_READY_MINUTES = "nudge_ready_minutes", Group.COUNTER, Kind.MINUTES, 0, 240, 480
    NUDGE_OUT_MINUTES = "nudge_out_minutes", Group.COUNTER, Kind.MINUTES, 0, 720, 1440
    REMINDER_HOURS = "reminder_hours", Group.COUNTER, Kind.HOURS, 0, 3, 24
    QR_DAYS = "qr_days", Group.STORAGE, Kind.DAYS, 7, 14, 30
    KEEP_DAILY = "keep_daily", Group.STORAGE, Kind.DAYS, 7, 14, 30
    KEEP_WEEKLY = "keep_weekly", Group.STORAGE, Kind.COUNT, 0, 4, 8
    KEEP_MONTHLY = "keep_monthly", Group.STORAGE, Kind.COUNT, 0, 12, 24
    BACKUP_TO_CHAT = "backup_to_chat", Group.STORAGE, Kind.SWITCH, 1, 0
    MEDIA_LIMIT_MB = "media_limit_mb", Group.STORAGE, Kind.MEGABYTES, 500, 1024, 2048
    DATABASE_LIMIT_MB = "database_limit_mb", Group.STORAGE, Kind.MEGABYTES, 100, 200, 500
    LOGS_LIMIT_MB = "logs_limit_mb", Group.STORAGE, Kind.MEGABYTES, 50, 100
    TOTAL_LIMIT_MB = "total_limit_mb", Group.STORAGE, Kind.MEGABYTES, 1024, 2048, 5120
    WARN_PERCENT = "warn_percent", Group.STORAGE, Kind.PERCENT, 70, 80
    CRITICAL_PERCENT = "critical_percent", Group.STORAGE, Kind.PERCENT, 85, 90
    EMERGENCY_PERCENT = "emergency_percent", Group.STORAGE, Kind.PERCENT, 95, 98
    REVIEW_ORDERS = "review_orders", Group.STORAGE, Kind.COUNT, 1000, 5000

    @property
    def standard(self) -> str | int:
        """What is in force until somebody changes it."""
        value: str | int = getattr(Policy(), self.value)
        return value

    @property
    def owners(self) -> bool:
        """Whether owners alone change it: where the money goes, and who hears everything."""
        return self in {Rule.KHQR_ACCOUNT, Rule.KHQR_NAME, Rule.KHQR_CITY} or self.kind is Kind.CHAT

    @property
    def costs(self) -> bool:
        """Whether it touches money: then before and after are shown, and confirmed."""
        return self.group in {Group.DELIVERY, Group.MONEY, Group.POINTS}

    @property
    def stops(self) -> bool:
        """Whether 0 says "never" or "none" rather than a figure."""
        return self in STOPPED

    @property
    def bounds(self) -> tuple[int, int] | None:
        """The least and the most that fit, where it is a number."""
        allowed = ALLOWED[self.value]
        return (allowed[0], allowed[-1]) if isinstance(allowed, range) else None


STOPPED = frozenset({
    Rule.FREE_DELIVERY_FROM, Rule.POINTS_PER_DOLLAR, Rule.REFERRAL_POINTS, Rule.FRIEND_POINTS, Rule.SUSPICIOUS_TOTAL,
    Rule.SUSPICIOUS_FIRST, Rule.SUSPICIOUS_IN_HOUR, Rule.SUSPICIOUS_NAMES, Rule.NUDGE_UNCLAIMED_MINUTES,
    Rule.NUDGE_PREPARING_MINUTES, Rule.NUDGE_READY_MINUTES, Rule.NUDGE_OUT_MINUTES, Rule.REMINDER_HOURS,
    Rule.KEEP_WEEKLY, Rule.KEEP_MONTHLY,
})  # fmt: skip


NAMED = {rule.value: rule for rule in Rule}
"""Each by its name in :class:`Policy`."""


def of(group: Group) -> tuple[Rule, ...]:
    """The rules of a page, as they stand on it."""
    return tuple(rule for rule in Rule if rule.group is group)
