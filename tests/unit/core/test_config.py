"""Settings: each is in the docs, a wrong one is named without its value, and secrets are never shown."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from core import config
from core.config import ROOT, SANDBOX_TOKEN, Config, read, unknown
from core.errors import StartRefused

pytestmark = pytest.mark.usefixtures("no_settings")

DOCS = ROOT / "docs" / "settings.md"


def _default(value: object) -> str:
    if isinstance(value, Path):
        return f"`{value.relative_to(ROOT).as_posix()}/`"
    return f"`{value}`" if value not in (None, ()) else "empty"


def table() -> str:
    """The table that docs/settings.md holds, as the settings say it themselves."""
    rows = ["| Setting | Default | What it says |", "|---|---|---|"]
    for name, field in Config.model_fields.items():
        rows.append(f"| `HAANG_{name.upper()}` | {_default(field.default)} | {field.description} |")
    return "\n".join(rows)


def test_every_setting_is_in_the_docs() -> None:
    """docs/settings.md holds the table that the settings make, word for word."""
    assert table() in DOCS.read_text("utf-8"), f"put this into {DOCS.name}:\n{table()}"


def test_defaults_open_the_sandbox() -> None:
    """Nothing set: the practice shop, on this machine only, in the shop's own zone."""
    found = read(_env_file=None)
    assert found.sandbox
    assert found.token == SANDBOX_TOKEN
    assert (found.host, str(found.zone), found.database_url) == ("127.0.0.1", "Asia/Phnom_Penh", None)
    assert found.media_dir.parent == found.log_dir.parent == found.data_dir


def test_what_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists are split, slashes dropped, empty is unset; a real token leaves the sandbox."""
    for name, value in {
        "BOT_TOKEN": "123:made-up", "OWNER_IDS": " 11, 12,", "TRUSTED_PROXIES": "10.0.0.0/8, 2001:db8::/32",
        "PUBLIC_URL": "https://shop.example/", "DATABASE_URL": "", "STAFF_CHAT_ID": "-100200300", "PORT": "0",
        "ADMIN_CHAT_ID": "", "LOG_LEVEL": "",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"HAANG_{name}", value)
    found = read(_env_file=None)
    assert (found.token, found.sandbox) == ("123:made-up", False)
    assert found.owner_ids == (11, 12)
    assert [str(network) for network in found.trusted_proxies] == ["10.0.0.0/8", "2001:db8::/32"]
    assert (found.public_url, found.database_url, found.staff_chat_id) == ("https://shop.example", None, -100200300)
    assert (found.admin_chat_id, found.log_level) == (None, "INFO")


def test_a_dot_env_file_is_read(tmp_path: Path) -> None:
    """What the wizard writes is read; names of other programs are left alone."""
    env = tmp_path / ".env"
    env.write_text("HAANG_PORT=8123\nOTHER=1\nHAANG_UNKNOWN=2\n")
    assert read(_env_file=env).port == 8123


def test_a_misspelt_name_is_pointed_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In the environment or ``.env``, whatever the case: one sentence, the nearest name, no value; known ones none."""
    env = tmp_path / ".env"
    env.write_text("HAANG_PORT=1\nHAANG_BOT_TOKN=hunter2\nOTHER=1\nHAANG_WEATHER=hunter2\n")
    for name in ("HAANG_OWNER_ID", "haang_databse_url", "HAANG_HOST", "HAANG_TEST_STRICT", "HANG_PORT"):
        monkeypatch.setenv(name, "hunter2")
    assert unknown(env) == [
        "HAANG_BOT_TOKN is no setting of the shop. Did you mean HAANG_BOT_TOKEN?",
        "HAANG_DATABSE_URL is no setting of the shop. Did you mean HAANG_DATABASE_URL?",
        "HAANG_OWNER_ID is no setting of the shop. Did you mean HAANG_OWNER_IDS?",
        "HAANG_WEATHER is no setting of the shop. docs/settings.md lists them.",
    ]
    for name in ("HAANG_OWNER_ID", "haang_databse_url"):
        monkeypatch.delenv(name)
    assert unknown(tmp_path / "none") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "hunter2"), ("PORT", "-1"), ("PORT", "65536"), ("OWNER_IDS", "11,hunter2"),
     ("TRUSTED_PROXIES", "10.0.0.0/8,hunter2"), ("TRUSTED_PROXIES", "10.0.0.1/8"), ("TIME_ZONE", "hunter2"),
     ("TIME_ZONE", "/etc/hunter2"), ("TIME_ZONE", "../hunter2"), ("STAFF_CHAT_ID", "hunter2"),
     ("BAKONG_PER_SECOND", "0"), ("BAKONG_PER_SECOND", "nan"), ("BAKONG_PER_SECOND", "inf"), ("LOG_LEVEL", "hunter2")],
)  # fmt: skip
def test_a_bad_value_is_named_not_shown(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """The sentence has the variable as the operator wrote it and the reason; the value stays out of it."""
    monkeypatch.setenv(f"HAANG_{name}", value)
    with pytest.raises(StartRefused) as refused:
        read(_env_file=None)
    lines = str(refused.value).splitlines()
    assert lines[0] == "These settings need another value:"
    assert [line.split(":")[0].strip() for line in lines[1:]] == [f"HAANG_{name}"]
    assert "hunter2" not in str(refused.value)
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    "value",
    ["shop.example", "ftp://shop.example", "https://", "https:///shop", "https://shop.example/?hunter2=1",
     "https://shop.example/#hunter2", "https://shop.example?", "https://shop.example#", "https://u:hunter2@shop.example",
     "https://shop.example:99999", "https://shop.example:0", "https://shop .example", "https://[::1", "javascript:1",
     "http://localhost:8080", "http://localhost.:8080", "http://shop", "http://127.0.0.1:8080", "http://[::1]:8080",
     "https://shop.example/haang"],
)  # fmt: skip
def test_an_address_that_no_customer_can_open_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """No web address, a folder (each page links from the root), this machine's own name: said before the start."""
    monkeypatch.setenv("HAANG_PUBLIC_URL", value)
    with pytest.raises(StartRefused, match="HAANG_PUBLIC_URL: ") as refused:
        read(_env_file=None)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("value", "kept"),
    [("https://shop.example/", "https://shop.example"), ("http://shop.example:8443", "http://shop.example:8443"),
     ("HTTPS://Shop.Example", "HTTPS://Shop.Example"),
     ("https://198.51.100.7", "https://198.51.100.7")],
)  # fmt: skip
def test_an_address_that_customers_can_open(value: str, kept: str) -> None:
    """With a port, by number: taken as it is, without the last slash."""
    assert read(_env_file=None, public_url=value).public_url == kept


@pytest.mark.parametrize(("value", "taken"), [("a-Z_9", True), ("x" * 256, True), ("x" * 257, False), ("សម្ងាត់", False)])
def test_a_secret_that_telegram_takes(value: str, taken: bool) -> None:  # noqa: FBT001 - a column of the table
    """What Telegram would refuse as a webhook's secret is named before the start, without its value."""
    if taken:
        assert read(_env_file=None, webhook_secret=value).webhook_secret
        return
    with pytest.raises(StartRefused, match="HAANG_WEBHOOK_SECRET: Telegram takes") as refused:
        read(_env_file=None, webhook_secret=value)
    assert value not in str(refused.value)


@pytest.mark.parametrize("api", ["http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9"])
def test_a_telegram_of_this_machine_opens_its_own_addresses(api: str) -> None:
    """A stand-in on loopback takes what Telegram would refuse: this machine's own name."""
    for value in ("http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080"):
        assert read(_env_file=None, telegram_api=api, public_url=value).public_url == value


def test_secrets_are_not_shown() -> None:
    """Tokens and the database's address stand in no text that could be logged."""
    secret = {"bot_token": "1:hunter2", "webhook_secret": "hunter2", "bakong_token": "hunter2",
              "bakong_email": "hunter2@shop.example", "database_url": "postgresql://u:hunter2@h/d",
              "backup_store_key_id": "hunter2", "backup_store_secret": "hunter2"}  # fmt: skip
    found = Config(_env_file=None, **secret)
    with pytest.raises(ValidationError) as refused:
        Config(_env_file=None, port="hunter2")
    assert "hunter2" not in str(refused.value)
    assert "hunter2" not in repr(found) + str(found) + repr(found.model_dump())
    for name in Config.model_fields:
        if "token" in name or "secret" in name or name in {"database_url", "bakong_email", "backup_store_key_id"}:
            assert isinstance(getattr(found, name), SecretStr), name


def test_settings_do_not_change_while_it_runs() -> None:
    """Read once, frozen."""
    with pytest.raises(ValidationError):
        Config(_env_file=None).port = 1
    assert config.ROOT.joinpath("pyproject.toml").is_file()
