"""Settings: what is configured from outside, checked once, at the start.

They come from the environment and from a file ``.env`` in TICKETING_HOME; the environment wins.
A blank value is no value. All faults are reported together.
"""

import difflib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dotenv import dotenv_values

from ticketing.settings.addresses import Network
from ticketing.settings.table import DECLARED, PREFIX, Declared
from ticketing.settings.values import anchored

_NOT_OURS = "TICKETING_TEST_"  # read by the tests


class SettingsError(ValueError):
    """Settings that cannot be used; ``faults`` says of each why. No secret is repeated."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What can be configured. The repr holds no secret."""

    home: Path
    env: str
    database_url: str = field(repr=False)
    read_database_url: str | None = field(repr=False)
    secret_key: str | None = field(repr=False)
    old_secret_keys: tuple[str, ...] = field(repr=False)
    timezone: ZoneInfo
    access_token_lifetime: timedelta
    refresh_token_lifetime: timedelta
    password_min_length: int
    refuse_common_passwords: bool
    sales_grace: timedelta
    cleaning: timedelta
    seats_per_customer: int
    predecessor_paths: bool
    page_size: int
    max_page_size: int
    public_url: str | None
    allowed_hosts: tuple[str, ...]
    smtp_url: str | None = field(repr=False)
    mail_from: str | None
    pool_size: int
    workers: int
    threads: int
    request_seconds: int
    ratelimit: bool
    ratelimit_storage: str = field(repr=False)
    trusted_proxies: tuple[Network, ...]
    cors_origins: tuple[str, ...]
    metrics_token: str | None = field(repr=False)
    tracing: bool
    log_format: str
    log_level: str
    warnings: tuple[str, ...] = ()

    @property
    def is_production(self) -> bool:
        return self.env == "production"

    @property
    def known_hosts(self) -> tuple[str, ...]:
        """The allowed hosts, and that of the public URL."""
        public = urlsplit(self.public_url or "").hostname or ""
        return (*self.allowed_hosts, *filter(None, [f"[{public}]" if ":" in public else public]))

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> "Settings":
        """Raises SettingsError that names every fault. Unknown names are only warned of."""
        faults: list[str] = []
        read: dict[str, Any] = {}
        for field_name, setting in DECLARED.items():
            try:
                text = _given(setting, environment) or setting.default
                read[field_name] = setting.parse(text) if text else None
            except ValueError as fault:
                faults.append(f"{setting.name}: {fault}.")
        faults += _contradictions(read)
        if faults:
            raise SettingsError(faults)
        _fill(read)
        return cls(**read, warnings=tuple(_unknown(environment)))


def environment(process: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What the process was given, over what ``.env`` says. Raises SettingsError."""
    given = {name: value for name, value in process.items() if value.strip()}
    file = Path(given.get("TICKETING_HOME", ""), ".env")
    try:
        file = file.expanduser()
        written = dotenv_values(file, interpolate=False, encoding="utf-8-sig")
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: no home to expand ~ to
        raise SettingsError([f"{file} cannot be read: {error}."]) from error
    return {name: value for name, value in written.items() if value} | given


def _given(setting: Declared, environment: Mapping[str, str]) -> str:
    """The value, from the environment or the file that it names. Raises ValueError."""
    text = environment.get(setting.name, "").strip()
    file = environment.get(setting.file_name, "").strip() if setting.file_name else ""
    if not file:
        return text
    if text:
        raise ValueError(f"{setting.file_name} is given too, and one of them is enough")
    try:
        content = Path(file).expanduser().read_text("utf-8-sig").strip()
    except (OSError, ValueError, RuntimeError):  # what it holds is not for the log
        raise ValueError(f"the file {file!r} cannot be read") from None
    if not content:
        raise ValueError(f"the file {file!r} is empty")
    return content


def _contradictions(read: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong although each setting is right; one that is not is missing in ``read``."""
    if read.get("page_size", 0) > read.get("max_page_size", 1000):
        yield "TICKETING_PAGE_SIZE: this is more than TICKETING_MAX_PAGE_SIZE."
    own = read.get("database_url", "postgresql:") or "sqlite:"
    if read.get("read_database_url") and own.startswith("sqlite:"):
        yield "TICKETING_READ_DATABASE_URL: SQLite has no replicas; set TICKETING_DATABASE_URL."
    if read.get("smtp_url") and read.get("mail_from", "") is None:
        yield "TICKETING_MAIL_FROM: mails that TICKETING_SMTP_URL sends need a sender."
    if read.get("env") != "production":
        return
    if read.get("secret_key", "") is None:
        yield "TICKETING_SECRET_KEY: production needs one, of at least 32 random characters."
    if read.get("public_url", "") is None and read.get("allowed_hosts", "") is None:
        yield "TICKETING_PUBLIC_URL: production needs it, or TICKETING_ALLOWED_HOSTS."
    elif read.get("public_url", "") is None and read.get("smtp_url"):
        yield "TICKETING_PUBLIC_URL: mails that TICKETING_SMTP_URL sends hold links to it."


def _fill(read: dict[str, Any]) -> None:
    """The defaults that depend on the place."""
    home = read["home"] = read["home"] or Path.cwd()
    read["database_url"] = anchored(read["database_url"] or "sqlite:///ticketing.db", home)
    for several in ("allowed_hosts", "old_secret_keys", "trusted_proxies", "cors_origins"):
        read[several] = read[several] or ()
    read["workers"] = read["workers"] or _usable_cores()
    read["log_format"] = read["log_format"] or ("json" if read["env"] == "production" else "text")


def _usable_cores() -> int:
    """Those of this process, which in a container may be fewer than the machine's."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _unknown(environment: Mapping[str, str]) -> Iterator[str]:
    names = [(setting.name, setting.file_name) for setting in DECLARED.values()]
    known = list(filter(None, chain.from_iterable(names)))
    for name in sorted(environment):
        if name.startswith(PREFIX) and not name.startswith(_NOT_OURS) and name not in known:
            meant = difflib.get_close_matches(name, known, 1, cutoff=0.85)
            yield f"{name} is no setting." + (f" Is {meant[0]} meant?" if meant else "")
