"""What an operator sets before the shop starts: ``HAANG_…`` in the environment or ``.env``. Read once, frozen.

What people change while it runs (fees, hours, the exchange rate) lives in the database: ``core/settings``.
"""

import os
import re
import tomllib
from difflib import get_close_matches
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyrage
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, NoDecode, SettingsConfigDict

from core.errors import StartRefused

ROOT = Path(__file__).parent.parent
PREFIX = "HAANG_"
SANDBOX_TOKEN = "7000000001:SANDBOX-not-a-secret-0000000000000"  # noqa: S105 - opens nothing but this desk's sandbox


class Config(BaseSettings):
    """Every setting of the process. docs/settings.md lists them; a test compares."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=ROOT / ".env",
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    bot_token: SecretStr | None = Field(None, description="The bot's token from @BotFather. Empty: the sandbox opens.")
    telegram_api: str = Field("https://api.telegram.org", description="Where the Bot API answers.")
    webhook_secret: SecretStr | None = Field(
        None, description="Receive updates by webhook at `public_url` with this secret; empty: long polling."
    )
    database_url: SecretStr | None = Field(
        None, description="`postgresql://user:password@host/name`. Empty: SQLite in the data folder."
    )
    data_dir: Path = Field(ROOT / "data", description="Database, media and logs.")
    backup_dir: Path = Field(ROOT / "backups", description="Where backups are written.")
    backup_recipient: str | None = Field(
        None, description="The public key, `age1…`, that backups are encrypted for. Empty: they are not."
    )
    backup_store: str | None = Field(
        None, description="Where backups are copied: `s3://bucket/shop`, `gs://…`, `az://…`, `file:///mnt/nas`."
    )
    backup_store_key_id: SecretStr | None = Field(
        None, description="Access key id (S3) or account name (Azure). Empty: the provider's own variables."
    )
    backup_store_secret: SecretStr | None = Field(None, description="The secret that belongs to it.")
    backup_store_endpoint: str | None = Field(
        None, description="Address of an S3-compatible store that is not Amazon's, `https://…`."
    )
    backup_store_region: str | None = Field(None, description="Region of the bucket, where the store wants one.")
    host: str = Field("127.0.0.1", description="Address the site listens on.")
    port: int = Field(8080, ge=0, le=65535, description="Port of the site; in the sandbox, of the chat page.")
    public_url: str | None = Field(
        None, description="The site's address as customers reach it, `https://…`. Empty: no card shows a link."
    )
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        (), description="Networks of reverse proxies whose X-Forwarded-For is believed, comma-separated."
    )
    time_zone: str = Field("Asia/Phnom_Penh", description="The shop's zone: its days, schedule and reports.")
    owner_ids: Annotated[tuple[int, ...], NoDecode] = Field(
        (), description="Telegram ids of the owners, comma-separated."
    )
    staff_chat_id: int | None = Field(None, description="The staff group's chat id.")
    admin_chat_id: int | None = Field(None, description="The chat that receives alerts.")
    bakong_url: str = Field("https://api-bakong.nbc.gov.kh", description="The Bakong Open API.")
    bakong_token: SecretStr | None = Field(None, description="Bakong token (90 days). Empty: staff approve by hand.")
    bakong_email: SecretStr | None = Field(
        None, description="The e-mail the Bakong token is registered with, to renew it."
    )
    bakong_per_second: float = Field(
        5.0, gt=0, le=1000, description="Most questions a second that each process asks the bank."
    )
    heartbeat_url: SecretStr | None = Field(
        None, description="Asked every five minutes while the shop is well, so that somebody outside misses it."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="How much the log says.")

    @field_validator("trusted_proxies", "owner_ids", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("bot_token", "bakong_token", "database_url", "public_url", "webhook_secret", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("public_url", "telegram_api", "bakong_url")
    @classmethod
    def _no_slash(cls, value: str | None) -> str | None:
        return value.rstrip("/") if value else value

    @field_validator("public_url")
    @classmethod
    def _public_address(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None:
            return None
        address = _web_address(value)
        if address is None or address.query or address.fragment or value.endswith(("?", "#")):
            raise ValueError("This is no web address. Write it like https://shop.example, without ? or #.")
        if address.path.strip("/"):
            raise ValueError("The site wants a name of its own, https://shop.example, not a folder below another's.")
        if is_local(address.hostname or "") and not is_local(
            urlsplit(info.data.get("telegram_api", "")).hostname or ""
        ):
            raise ValueError("Telegram refuses buttons to this machine's own name. Write the name customers use.")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _header_word(cls, value: SecretStr | None) -> SecretStr | None:
        """Take what Telegram takes (Bot API, setWebhook)."""
        if value is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value.get_secret_value()):
            raise ValueError("Telegram takes 1 to 256 of A-Z, a-z, 0-9, _ and - only.")
        return value

    @field_validator("heartbeat_url")
    @classmethod
    def _beaten_at(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and _web_address(value.get_secret_value()) is None:
            raise ValueError("This is no web address. Write it like https://monitor.example/ping/…")
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, ZoneInfoNotFoundError, OSError):
            raise ValueError("This is no time zone. Write it like Asia/Phnom_Penh.") from None
        return value

    @field_validator("backup_recipient")
    @classmethod
    def _public_key(cls, value: str | None) -> str | None:
        if not value:
            return None
        if value.strip().upper().startswith("AGE-SECRET-KEY"):
            raise ValueError("This is the secret key, which must not be on this server. Write the public one, age1….")
        try:
            pyrage.x25519.Recipient.from_str(value)
        except pyrage.RecipientError:
            raise ValueError("This is no public key of age. age-keygen shows one, it looks like age1….") from None
        return value

    @field_validator("backup_store")
    @classmethod
    def _store_address(cls, value: str | None) -> str | None:
        """Take the forms that are told of; keys have settings of their own, for an address is shown."""
        if value and not re.fullmatch(r"(s3|gs|az)://[^\s/@?#]+(/[^\s@?#]*)?|file:///[^?#]+", value):
            raise ValueError("Write it like s3://bucket/shop or file:///mnt/nas/shop; keys have settings of their own.")
        return value.rstrip("/") if value else None

    @property
    def zone(self) -> ZoneInfo:
        """The shop's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def media_dir(self) -> Path:
        """Pictures: products, QR codes, hero slides."""
        return self.data_dir / "media"

    @property
    def log_dir(self) -> Path:
        """``app.log`` and ``security.log``."""
        return self.data_dir / "logs"

    @property
    def token(self) -> str:
        """The bot's token, for the one request class that needs it."""
        return self.bot_token.get_secret_value() if self.bot_token else SANDBOX_TOKEN

    @property
    def sandbox(self) -> bool:
        """Whether this is the practice shop: no real token is set."""
        return self.token == SANDBOX_TOKEN


@cache
def version() -> str:
    """Haang's own version, as pyproject.toml says it; empty where that file was not brought along."""
    try:
        said = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    except (OSError, ValueError):
        return ""
    return str(said["project"]["version"])


def is_local(host: str) -> bool:
    """Tell whether a host is not the world's: a name without a dot (Telegram's own measure) or a loopback address."""
    try:
        loopback = ip_address(host).is_loopback
    except ValueError:
        loopback = False
    return loopback or "." not in host.strip(".")


def _web_address(value: str) -> SplitResult | None:
    """Take an http(s) address apart; None for anything else, and for one with a user or a password in it."""
    if re.search(r"[\s<>\"'\\@]", value):
        return None
    try:
        address = urlsplit(value)
        port = address.port
    except ValueError:
        return None
    return address if address.scheme in {"http", "https"} and address.hostname and port != 0 else None


FOR_TESTS = frozenset({"TEST_STRICT", "TEST_SEED", "SCREENSHOTS"})
"""What only the tests read."""


def unknown(env_file: Path = ROOT / ".env") -> list[str]:
    """Point out each ``HAANG_`` name of the environment and ``.env`` that sets nothing, with the nearest that would.

    One sentence each; values are never shown.
    """
    known = {name.upper() for name in Config.model_fields}
    written = {*os.environ, *DotEnvSettingsSource(Config, env_file=env_file).env_vars}
    ours = {name.upper().removeprefix(PREFIX) for name in written if name.upper().startswith(PREFIX)}
    found = []
    for name in sorted(ours - known - FOR_TESTS):
        near = get_close_matches(name, known, n=1)
        hint = f"Did you mean {PREFIX}{near[0]}?" if near else "docs/settings.md lists them."
        found.append(f"{PREFIX}{name} is no setting of the shop. {hint}")
    return found


def read(**overrides: object) -> Config:
    """Read the environment; ``StartRefused`` names each setting that is wrong, never its value."""
    try:
        return Config(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        wrong = {str(each["loc"][0]).upper(): each["msg"].removeprefix("Value error, ") for each in error.errors()}
        lines = "".join(f"\n  HAANG_{name}: {reason}" for name, reason in wrong.items())
        raise StartRefused(f"These settings need another value:{lines}") from None
