"""The shop's own rules as values, with their defaults (PRODUCT.md, "Business rules")."""

from dataclasses import dataclass, fields
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    """Amounts are USD cents; ``riel_rate`` is riel for one dollar; times are whole units as named."""

    shop_name: str = "MADAM DA"
    order_prefix: str = "MD"
    riel_rate: int = 4100
    fee_capital: int = 150
    fee_province: int = 250
    free_delivery_from: int = 5000
    khqr_hold_minutes: int = 15
    khqr_silence_minutes: int = 120
    khqr_account: str = ""
    khqr_name: str = "MADAM DA"
    khqr_city: str = "Phnom Penh"
    qr_days: int = 7
    staff_chat_id: int = 0
    admin_chat_id: int = 0
    staff_language: str = "en"
    media_limit_mb: int = 500
    database_limit_mb: int = 100
    logs_limit_mb: int = 50
    total_limit_mb: int = 1024

    @property
    def khqr_hold(self) -> timedelta:
        """How long stock waits for a KHQR payment."""
        return timedelta(minutes=self.khqr_hold_minutes)

    @property
    def khqr_silence(self) -> timedelta:
        """How long an order waits for a bank that does not answer before staff must look."""
        return timedelta(minutes=self.khqr_silence_minutes)


def valid(key: str, value: object) -> bool:
    """Tell whether ``value`` has the type of the rule ``key`` and, for a number that is no chat, is not negative."""
    kinds = {field.name: field.type for field in fields(Policy)}
    if kinds.get(key) is int:
        is_int = isinstance(value, int) and not isinstance(value, bool)
        return is_int and (key.endswith("_chat_id") or value >= (1 if key == "riel_rate" else 0))  # type: ignore[operator]
    return kinds.get(key) is str and isinstance(value, str) and len(value) <= 200  # noqa: PLR2004 - the column's width
