"""Settings, each declared once as a field of ``Settings`` and checked at the start.

They come from environment variables and from the file ``.env`` in TICKETING_HOME; the environment
wins, and a blank value counts as not set. All faults are reported at once.
``python -m ticketing.settings`` writes their reference.
"""

# ruff: noqa: RUF009 - `setting` returns a new field at each call

import difflib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dotenv import dotenv_values

from ticketing.settings import parsers
from ticketing.settings.parsers import Network, choice, days, minutes, seconds, switch, whole_number


class SettingsError(ValueError):
    """Raised with all ``faults`` of the settings. It contains no secret."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


@dataclass(frozen=True, slots=True)
class Setting:
    """The declaration of a setting.

    ``default`` is parsed like a given text if the setting is not set; if it is empty, the value is
    ``unset``. A ``secret`` can also be given in a file, which another variable names.
    """

    name: str
    parse: Callable[[str], Any]
    default: str
    help: str
    unset: object
    secret: bool

    @property
    def file_name(self) -> str:
        """The variable that names the file; empty if there is none."""
        return f"{self.name}_FILE" if self.secret else ""

    def read(self, environment: Mapping[str, str]) -> Any:
        """Return the parsed value. Raises ValueError."""
        text, file = (environment.get(name, "").strip() for name in (self.name, self.file_name))
        if text and file:
            raise ValueError(f"set either this or {self.file_name}, not both")
        text = (_content(file) if file else text) or self.default
        return self.parse(text) if text else self.unset


def _content(file: str) -> str:
    try:
        content = Path(file).expanduser().read_text("utf-8-sig").strip()
    except (OSError, ValueError, RuntimeError):  # the error may quote the content
        raise ValueError(f"the file {file!r} cannot be read") from None
    if not content:
        raise ValueError(f"the file {file!r} is empty")
    return content


def setting(
    suffix: str,
    parse: Callable[[str], Any],
    default: str,
    help: str,
    *,
    unset: object = None,
    secret: bool = False,
) -> Any:
    """Declare the setting TICKETING_``suffix`` as a field of ``Settings``."""
    declared = Setting(f"TICKETING_{suffix}", parse, default, help, unset, secret)
    return field(repr=not secret, metadata={"setting": declared})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. The repr contains no secret."""

    # fmt: off
    home: Path = setting("HOME", parsers.directory, ".",
        "Directory of `.env` and of a relative SQLite file. `dev.py` sets it to its own directory.")
    env: str = setting("ENV", choice("development", "production"), "development",
        "`development` or `production`. Production requires a secret key and a public URL.")
    database_url: str = setting("DATABASE_URL", parsers.database_url, "sqlite:///ticketing.db",
        "`postgresql://user:password@host/database` or `sqlite:///file`.", secret=True)
    read_database_url: str | None = setting("READ_DATABASE_URL", parsers.postgresql_url, "",
        "URL of a PostgreSQL replica, to read the programme from.", secret=True)
    secret_key: str | None = setting("SECRET_KEY", parsers.secret, "",
        "Key that signs tokens, at least 32 random characters. If not set, development makes one.",
        secret=True)
    old_secret_keys: tuple[str, ...] = setting("OLD_SECRET_KEYS", parsers.secrets, "",
        "Earlier secret keys, comma-separated. Tokens signed with them stay valid.",
        unset=(), secret=True)
    cinema_name: str = setting("CINEMA_NAME", parsers.display_name, "Cinema",
        "Name of the cinema, as customers see it.")
    timezone: ZoneInfo = setting("TIMEZONE", parsers.timezone, "UTC",
        "Time zone of the cinema, such as `Europe/London`.")
    access_token_lifetime: timedelta = setting("ACCESS_TOKEN_MINUTES", minutes(1, 1440), "15",
        "Lifetime of an access token, in minutes.")
    refresh_token_lifetime: timedelta = setting("REFRESH_TOKEN_DAYS", days(1, 365), "7",
        "Lifetime of a refresh token, in days.")
    sessions_per_account: int = setting("MAX_SESSIONS", whole_number(1, 1000), "100",
        "Maximum number of open sessions per account. The least recently used one ends.")
    password_min_length: int = setting("PASSWORD_MIN_LENGTH", whole_number(1, 128), "8",
        "Minimum number of characters of a new password.")
    refuse_common_passwords: bool = setting("COMMON_PASSWORDS", switch("refuse", "allow"), "refuse",
        "`refuse` or `allow` new passwords that are widely used.")
    sales_grace: timedelta = setting("SALES_GRACE_MINUTES", minutes(0, 1440), "15",
        "How long a show can be booked after its start, in minutes.")
    cleaning: timedelta = setting("CLEANING_MINUTES", minutes(0, 240), "15",
        "Minimum break between two shows on a screen, in minutes.")
    seats_per_customer: int = setting("MAX_SEATS_PER_SHOW", whole_number(0, 20_000), "10",
        "Maximum number of seats per account and show. `0` means no limit.")
    hold_duration: timedelta = setting("HOLD_SECONDS", seconds(1, 3600), "600",
        "How long seats are held for a customer who decides, and by an extension, in seconds.")
    max_hold_duration: timedelta = setting("HOLD_MAX_SECONDS", seconds(1, 86_400), "1800",
        "How long seats are held at most, from the start of the hold, in seconds.")
    predecessor_paths: bool = setting("PREDECESSOR_PATHS", switch("on", "off"), "on",
        "`on` or `off`: serve the paths of earlier systems.")
    page_size: int = setting("PAGE_SIZE", whole_number(1, 1000), "20",
        "Default number of entries on a page of a list.")
    max_page_size: int = setting("MAX_PAGE_SIZE", whole_number(1, 1000), "100",
        "Maximum number of entries that a client can request with `page_size`.")
    public_url: str | None = setting("PUBLIC_URL", parsers.public_url, "",
        "URL at which clients reach the server, such as `https://tickets.example.org`.")
    allowed_hosts: tuple[str, ...] = setting("ALLOWED_HOSTS", parsers.hosts, "",
        "Host names to serve besides that of the public URL, comma-separated.", unset=())
    smtp_url: str | None = setting("SMTP_URL", parsers.smtp_url, "",
        "Mail server: `smtp://user:password@host:587` or `smtps://user:password@host`.",
        secret=True)
    mail_from: str | None = setting("MAIL_FROM", parsers.email_address, "",
        "Sender of mails, such as `tickets@example.org`.")
    pool_size: int = setting("POOL_SIZE", whole_number(1, 1000), "10",
        "Maximum number of database connections per worker.")
    database_seconds: int = setting("DATABASE_SECONDS", whole_number(1, 600), "15",
        "Maximum time that a request waits for a PostgreSQL that does not answer, in seconds.")
    workers: int = setting("WORKERS", whole_number(1, 256), "",
        "Number of server processes. If not set, one per core.")
    threads: int = setting("THREADS", whole_number(1, 256), "16",
        "Number of threads per server process. Orders that wait in them share a transaction.")
    max_password_checks: int = setting("MAX_PASSWORD_CHECKS", whole_number(1, 256), "",
        "Maximum number of threads per server process that check passwords; one client address "
        "uses half of them at most. If not set, three quarters of the threads.")
    max_lock_waits: int = setting("MAX_LOCK_WAITS", whole_number(1, 256), "",
        "Maximum number of threads per server process that wait for longer than 250 ms for what "
        "another transaction has locked, such as seats; one show uses half of them at most. "
        "If not set, a quarter of the threads.")
    request_seconds: int = setting("REQUEST_SECONDS", whole_number(1, 600), "10",
        "Timeout for the head of a request, in seconds.")
    ratelimit: bool = setting("RATELIMIT", switch("on", "off"), "on",
        "`on` or `off`: limit requests and log-in attempts.")
    ratelimit_storage: str = setting("RATELIMIT_STORAGE", parsers.rate_limit_storage, "memory",
        "`memory` counts in each process, `redis://host:6379/0` in all processes together.",
        secret=True)
    server_urls: tuple[str, ...] = setting("SERVER_URLS", parsers.server_urls,
        "http://127.0.0.1:8000",
        "Servers whose seat maps `ticketing serve-live` streams, comma-separated. It reads from "
        "one as long as that answers.")
    trusted_proxies: tuple[Network, ...] = setting("TRUSTED_PROXIES", parsers.networks, "",
        "Addresses and networks of your proxies, comma-separated, such as `10.0.0.0/8`.", unset=())
    cors_origins: tuple[str, ...] = setting("CORS_ORIGINS", parsers.origins, "",
        "Sites whose pages may call the API, comma-separated, such as `https://shop.example.org`.",
        unset=())
    metrics_token: str | None = setting("METRICS_TOKEN", parsers.secret, "",
        "Bearer token for `/metrics`, at least 32 characters. If not set, there is no `/metrics`.",
        secret=True)
    tracing: bool = setting("TRACING", switch("on", "off"), "off",
        "`on` or `off`: OpenTelemetry, which the `OTEL_…` variables configure.")
    log_format: str = setting("LOG_FORMAT", choice("json", "text"), "",
        "`json` or `text`. If not set, `json` in production and `text` in development.")
    log_level: str = setting("LOG_LEVEL", choice("debug", "info", "warning", "error"), "info",
        "`debug`, `info`, `warning` or `error`.")
    # fmt: on
    warnings: tuple[str, ...] = ()

    @property
    def is_production(self) -> bool:
        return self.env == "production"

    @property
    def sends_mails(self) -> bool:
        """Whether there is a mail server. In development, mails are sent to the log without one."""
        return self.smtp_url is not None or not self.is_production

    @property
    def known_hosts(self) -> tuple[str, ...]:
        """The allowed hosts and the host of the public URL."""
        public = urlsplit(self.public_url or "").hostname or ""
        return (*self.allowed_hosts, *filter(None, [f"[{public}]" if ":" in public else public]))

    @classmethod
    def from_env(cls, environment: Mapping[str, str], *, signs_tokens: bool = True) -> "Settings":
        """Read the settings. Raises SettingsError; an unknown name is only a warning.

        A process that signs no tokens needs no secret key.
        """
        faults: list[str] = []
        values: dict[str, Any] = {}
        for attribute, declared in DECLARED.items():
            try:
                values[attribute] = declared.read(environment)
            except ValueError as fault:
                faults.append(f"{declared.name}: {fault}.")
        faults += _conflicts(values, signs_tokens)
        if faults:
            raise SettingsError(faults)
        values["database_url"] = _anchored(values["database_url"], values["home"])
        values["workers"] = values["workers"] or _usable_cores()
        threads = values["threads"]
        values["max_password_checks"] = values["max_password_checks"] or max(1, 3 * threads // 4)
        values["max_lock_waits"] = values["max_lock_waits"] or max(1, threads // 4)
        values["log_format"] = values["log_format"] or (
            "json" if values["env"] == "production" else "text"
        )
        return cls(**values, warnings=tuple(_unknown_names(environment)))


DECLARED: dict[str, Setting] = {
    one.name: one.metadata["setting"] for one in fields(Settings) if one.metadata
}
"""The settings by their attribute of ``Settings``."""


def environment(process: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the variables of ``.env`` and of the process, which win. Raises SettingsError."""
    variables = {name: value for name, value in process.items() if value.strip()}
    file = Path(variables.get("TICKETING_HOME", ""), ".env")
    try:
        file = file.expanduser()
        written = dotenv_values(file, interpolate=False, encoding="utf-8-sig")
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: no home to expand ~ to
        raise SettingsError([f"{file} cannot be read: {error}."]) from error
    return {name: value for name, value in written.items() if value} | variables


def _conflicts(values: Mapping[str, Any], signs_tokens: bool) -> Iterator[str]:
    """Yield faults between settings. A setting with a fault of its own is not in ``values``."""
    missing = {attribute for attribute, value in values.items() if value in (None, ())}
    if values.get("page_size", 0) > values.get("max_page_size", 1000):
        yield "TICKETING_PAGE_SIZE: this is more than TICKETING_MAX_PAGE_SIZE."
    if values.get("hold_duration", timedelta()) > values.get("max_hold_duration", timedelta.max):
        yield "TICKETING_HOLD_MAX_SECONDS: this is less than TICKETING_HOLD_SECONDS."
    if values.get("read_database_url") and values.get("database_url", "").startswith("sqlite:"):
        yield "TICKETING_READ_DATABASE_URL: set TICKETING_DATABASE_URL to PostgreSQL, too."
    if values.get("smtp_url") and "mail_from" in missing:
        yield "TICKETING_MAIL_FROM: required with TICKETING_SMTP_URL."
    if values.get("env") != "production":
        return
    if signs_tokens and "secret_key" in missing:
        yield "TICKETING_SECRET_KEY: required in production, with at least 32 random characters."
    if {"public_url", "allowed_hosts"} <= missing:
        yield "TICKETING_PUBLIC_URL: required in production, or TICKETING_ALLOWED_HOSTS."
    elif "public_url" in missing and values.get("smtp_url"):
        yield "TICKETING_PUBLIC_URL: required with TICKETING_SMTP_URL, for the links in mails."


def _anchored(database_url: str, home: Path) -> str:
    """Return the URL with a relative path of an SQLite file resolved against ``home``."""
    prefix = "sqlite:///"
    if not database_url.startswith(prefix):
        return database_url
    path, question_mark, options = database_url.removeprefix(prefix).partition("?")
    return f"{prefix}{home / path}{question_mark}{options}"


def _usable_cores() -> int:
    """The cores that this process may use: in a container often fewer than the machine has."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _unknown_names(environment: Mapping[str, str]) -> Iterator[str]:
    known = [name for one in DECLARED.values() for name in (one.name, one.file_name) if name]
    for name in sorted(environment.keys() - known):
        if name.startswith("TICKETING_") and not name.startswith("TICKETING_TEST_"):
            similar = difflib.get_close_matches(name, known, 1, cutoff=0.85)
            yield f"{name} is not a setting." + (f" Did you mean {similar[0]}?" if similar else "")
