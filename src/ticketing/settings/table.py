"""The settings there are. ``.env.example`` and the README list the same."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ticketing.settings.addresses import (
    counter_store,
    email_address,
    hosts,
    networks,
    origins,
    public_url,
    smtp_url,
)
from ticketing.settings.values import (
    choice,
    database_url,
    days,
    directory,
    minutes,
    postgresql_url,
    secret,
    secrets,
    switch,
    timezone,
    whole,
)

PREFIX = "TICKETING_"


@dataclass(frozen=True, slots=True)
class Declared:
    """How a setting is called outside, read, preset and explained.

    The default is written as a value would be; "" is none, or what ``help`` says. What may hold
    a ``secret`` can be given in a file as well, named by a variable that ends with _FILE.
    """

    suffix: str
    parse: Callable[[str], Any]
    default: str
    help: str
    secret: bool = False

    @property
    def name(self) -> str:
        return PREFIX + self.suffix

    @property
    def file_name(self) -> str | None:
        """What the variable is called that names a file with the value."""
        return f"{self.name}_FILE" if self.secret else None


DECLARED = {
    "home": Declared(
        "HOME",
        directory,
        "",
        "Where `.env` and SQLite's file are; by default here, or where dev.py is.",
    ),
    "env": Declared(
        "ENV",
        choice("development", "production"),
        "development",
        "Or `production`, which needs a key and hosts.",
    ),
    "database_url": Declared(
        "DATABASE_URL",
        database_url,
        "",
        "`postgresql://…`; if unset, `sqlite:///ticketing.db`.",
        secret=True,
    ),
    "read_database_url": Declared(
        "READ_DATABASE_URL",
        postgresql_url,
        "",
        "A PostgreSQL replica's, to read the programme.",
        secret=True,
    ),
    "secret_key": Declared(
        "SECRET_KEY", secret, "", "Signs tokens: 32 characters or more, random.", secret=True
    ),
    "old_secret_keys": Declared(
        "OLD_SECRET_KEYS",
        secrets,
        "",
        "Keys that signed before, with commas between: still good to verify.",
        secret=True,
    ),
    "timezone": Declared("TIMEZONE", timezone, "UTC", "The cinema's, such as `Europe/London`."),
    "access_token_lifetime": Declared(
        "ACCESS_TOKEN_MINUTES", minutes(1, 1440), "15", "Life of an access token."
    ),
    "refresh_token_lifetime": Declared(
        "REFRESH_TOKEN_DAYS", days(1, 365), "7", "Life of a refresh token."
    ),
    "password_min_length": Declared(
        "PASSWORD_MIN_LENGTH", whole(1, 128), "8", "Fewest characters of a new password."
    ),
    "refuse_common_passwords": Declared(
        "COMMON_PASSWORDS",
        switch("refuse", "allow"),
        "refuse",
        "Or `allow`: widely used passwords.",
    ),
    "sales_grace": Declared(
        "SALES_GRACE_MINUTES",
        minutes(0, 1440),
        "15",
        "How long after its start a show still sells.",
    ),
    "cleaning": Declared(
        "CLEANING_MINUTES", minutes(0, 240), "15", "How long a screen is empty after a show."
    ),
    "seats_per_customer": Declared(
        "MAX_SEATS_PER_SHOW",
        whole(0, 20_000),
        "10",
        "Seats that one account may have for one show; 0 is no limit.",
    ),
    "predecessor_paths": Declared(
        "PREDECESSOR_PATHS", switch("on", "off"), "on", "Or `off`: the predecessors' paths."
    ),
    "page_size": Declared("PAGE_SIZE", whole(1, 1000), "20", "Entries on a page of a list."),
    "max_page_size": Declared(
        "MAX_PAGE_SIZE", whole(1, 1000), "100", "Most entries that a client may ask for."
    ),
    "public_url": Declared(
        "PUBLIC_URL",
        public_url,
        "",
        "Where clients find us, such as `https://tickets.example.org`.",
    ),
    "allowed_hosts": Declared(
        "ALLOWED_HOSTS", hosts, "", "Host names that we answer to, with commas between."
    ),
    "smtp_url": Declared(
        "SMTP_URL",
        smtp_url,
        "",
        "The mail server: `smtp://user:password@host:587`, or `smtps://…`.",
        secret=True,
    ),
    "mail_from": Declared(
        "MAIL_FROM", email_address, "", "Whom mails come from, such as `tickets@example.org`."
    ),
    "pool_size": Declared(
        "POOL_SIZE", whole(1, 1000), "10", "Database connections that a worker may hold."
    ),
    "workers": Declared(
        "WORKERS", whole(1, 256), "", "Server processes; if unset, one for each core."
    ),
    "threads": Declared("THREADS", whole(1, 256), "4", "Threads of each server process."),
    "request_seconds": Declared(
        "REQUEST_SECONDS",
        whole(1, 600),
        "10",
        "Within which the head of a request has to arrive.",
    ),
    "ratelimit": Declared(
        "RATELIMIT", switch("on", "off"), "on", "Or `off`: limits of requests and of log-ins."
    ),
    "ratelimit_storage": Declared(
        "RATELIMIT_STORAGE",
        counter_store,
        "memory",
        "Or `redis://…`, where several processes count together.",
        secret=True,
    ),
    "trusted_proxies": Declared(
        "TRUSTED_PROXIES",
        networks,
        "",
        "Addresses and networks of our own proxies, with commas between.",
    ),
    "cors_origins": Declared(
        "CORS_ORIGINS",
        origins,
        "",
        "Sites whose pages may call us, such as `https://shop.example.org`.",
    ),
    "metrics_token": Declared(
        "METRICS_TOKEN",
        secret,
        "",
        "Opens `/metrics` for Prometheus; if unset, there is none.",
        secret=True,
    ),
    "tracing": Declared(
        "TRACING", switch("on", "off"), "off", "Or `on`: OpenTelemetry, as `OTEL_…` variables say."
    ),
    "log_format": Declared(
        "LOG_FORMAT",
        choice("json", "text"),
        "",
        "`json` or `text`; if unset, `json` in production only.",
    ),
    "log_level": Declared(
        "LOG_LEVEL",
        choice("debug", "info", "warning", "error"),
        "info",
        "Or `debug`, `warning`, `error`.",
    ),
}
"""By the field of Settings that holds it."""
