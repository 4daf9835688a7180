"""What a request works with: the services, the settings and the state of the process."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from flask import current_app

from ticketing.domain.box_office import BoxOffice
from ticketing.entrypoints.http.web.request_log import RequestMeter
from ticketing.entrypoints.http.web.response_cache import ResponseCache
from ticketing.entrypoints.http.web.revocations import Revocations
from ticketing.entrypoints.http.web.seat_events import SeatEvents
from ticketing.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A box office and all that is needed to serve it.

    ``secrets`` are the keys that verify tokens, the one that signs first. ``is_ready`` returns
    whether the database answers and is migrated. ``lists`` are to be cleared by changes.
    ``password_checks`` holds a place for a client address, or raises Overloaded.
    """

    office: BoxOffice
    settings: Settings
    secrets: tuple[str, ...] = field(repr=False)
    revocations: Revocations
    lists: ResponseCache
    seat_events: SeatEvents
    password_checks: Callable[[str], AbstractContextManager[None]]
    is_ready: Callable[[], bool]
    monotonic: Callable[[], float]
    meter: RequestMeter | None = None


def served() -> Served:
    """Return what the current application serves."""
    extension: Served = current_app.extensions["ticketing"]
    return extension


def office() -> BoxOffice:
    return served().office


def config() -> Settings:
    return served().settings
