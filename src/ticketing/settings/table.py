"""The settings there are. ``.env.example`` and the README list the same."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ticketing.settings.values import (
    choice,
    database_url,
    days,
    directory,
    hosts,
    minutes,
    postgresql_url,
    public_url,
    secret,
    switch,
    timezone,
    whole,
)

PREFIX = "TICKETING_"


@dataclass(frozen=True, slots=True)
class Declared:
    """How a setting is called outside, read, preset and explained.

    The default is written as a value would be; "" is none, or what ``help`` says.
    """

    suffix: str
    parse: Callable[[str], Any]
    default: str
    help: str

    @property
    def name(self) -> str:
        return PREFIX + self.suffix


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
        "DATABASE_URL", database_url, "", "`postgresql://…`; if unset, `sqlite:///ticketing.db`."
    ),
    "read_database_url": Declared(
        "READ_DATABASE_URL", postgresql_url, "", "A PostgreSQL replica's, to read the programme."
    ),
    "secret_key": Declared(
        "SECRET_KEY", secret, "", "Signs tokens: 32 characters or more, random."
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
    "pool_size": Declared(
        "POOL_SIZE", whole(1, 1000), "10", "Database connections that a worker may hold."
    ),
    "workers": Declared(
        "WORKERS", whole(1, 256), "", "Server processes; if unset, one for each core."
    ),
    "threads": Declared("THREADS", whole(1, 256), "2", "Threads of each server process."),
    "log_level": Declared(
        "LOG_LEVEL",
        choice("debug", "info", "warning", "error"),
        "info",
        "Or `debug`, `warning`, `error`.",
    ),
}
"""By the field of Settings that holds it."""
