"""What every view works with: the box office, and how it is served."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from ipaddress import IPv4Network, IPv6Network

from flask import current_app

from ticketing.domain.box_office import BoxOffice
from ticketing.entrypoints.http.web.request_log import RequestMeter
from ticketing.entrypoints.http.web.revocations import Revocations

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpConfig:
    """How the box office is served. No ``allowed_hosts`` means this machine and bare addresses."""

    secret_key: str = field(repr=False)
    old_secret_keys: tuple[str, ...] = field(repr=False)
    access_token_lifetime: timedelta
    timezone: tzinfo
    page_size: int
    max_page_size: int
    public_url: str | None
    allowed_hosts: tuple[str, ...]
    predecessor_paths: bool
    ratelimit: bool
    ratelimit_storage: str = field(repr=False)
    trusted_proxies: tuple[Network, ...]
    cors_origins: tuple[str, ...]
    in_production: bool
    metrics_token: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Served:
    """``is_ready`` tells whether the store answers and is up to date; ``monotonic`` is a clock.

    ``meter`` is there where somebody collects figures.
    """

    office: BoxOffice
    config: HttpConfig
    revocations: Revocations
    is_ready: Callable[[], bool]
    monotonic: Callable[[], float]
    meter: RequestMeter | None = None


def served() -> Served:
    """What the application at hand serves."""
    extension: Served = current_app.extensions["ticketing"]
    return extension


def office() -> BoxOffice:
    return served().office


def config() -> HttpConfig:
    return served().config
