"""What views and their middleware work with: the services and the settings of HTTP."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from ipaddress import IPv4Network, IPv6Network
from typing import Protocol

from flask import current_app

from ticketing.domain.box_office import BoxOffice
from ticketing.entrypoints.http.web.request_log import RequestMeter
from ticketing.entrypoints.http.web.response_cache import ResponseCache
from ticketing.entrypoints.http.web.revocations import Revocations

Network = IPv4Network | IPv6Network


class HttpSettings(Protocol):
    """The settings that HTTP reads. Without ``known_hosts``, localhost and addresses are known."""

    @property
    def access_token_lifetime(self) -> timedelta: ...
    @property
    def timezone(self) -> tzinfo: ...
    @property
    def page_size(self) -> int: ...
    @property
    def max_page_size(self) -> int: ...
    @property
    def public_url(self) -> str | None: ...
    @property
    def known_hosts(self) -> tuple[str, ...]: ...
    @property
    def predecessor_paths(self) -> bool: ...
    @property
    def ratelimit(self) -> bool: ...
    @property
    def ratelimit_storage(self) -> str: ...
    @property
    def trusted_proxies(self) -> tuple[Network, ...]: ...
    @property
    def cors_origins(self) -> tuple[str, ...]: ...
    @property
    def is_production(self) -> bool: ...
    @property
    def metrics_token(self) -> str | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A box office and all that is needed to serve it.

    ``secrets`` are the keys that verify tokens, the one that signs first. ``is_ready`` returns
    whether the database answers and is migrated. ``lists`` are to be cleared by changes.
    """

    office: BoxOffice
    settings: HttpSettings
    secrets: tuple[str, ...] = field(repr=False)
    revocations: Revocations
    lists: ResponseCache
    is_ready: Callable[[], bool]
    monotonic: Callable[[], float]
    meter: RequestMeter | None = None


def served() -> Served:
    """Return what the current application serves."""
    extension: Served = current_app.extensions["ticketing"]
    return extension


def office() -> BoxOffice:
    return served().office


def config() -> HttpSettings:
    return served().settings
