"""Flask-Limiter with our rate limits: one for each request, by its view and its sender."""

import threading
import time
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from math import ceil
from typing import Any

from flask import Flask, Response, g, request
from flask_limiter import ApplicationLimit, Limiter
from limits.errors import StorageError
from limits.storage import Storage

from ticketing.domain.accounts.throttle import network_of
from ticketing.entrypoints.http.web.auth import account_of_token
from ticketing.entrypoints.http.web.context import Served
from ticketing.entrypoints.http.web.rate_limits import LOADING, WATCHING, Family, family_of

SWEEP_SECONDS = 10.0
MAX_WINDOWS = 100_000  # about 30 MB

_ONLY_READS = {"GET", "HEAD", "OPTIONS"}  # to show a form, or a CORS preflight


def _redis_options() -> dict[str, Any]:
    """A Redis that does not answer delays a request by less than half a second, now and then."""
    from redis.backoff import NoBackoff  # takes a fifth of the start, so only if it is used
    from redis.retry import Retry

    return {
        "socket_connect_timeout": 0.2,
        "socket_timeout": 0.2,
        "retry": Retry(NoBackoff(), 1),  # it may have been restarted since the last request
        "wrap_exceptions": True,
    }


class _ParsedLimit(ApplicationLimit):
    """Parses each limit once: Flask-Limiter would do it for each request, in 25 µs."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._parsed: dict[str, list[Any]] = {}

    def __iter__(self) -> Iterator[Any]:
        text = g.rate_limit
        if text not in self._parsed:
            self._parsed[text] = list(super().__iter__())
        return iter(self._parsed[text])


def register(app: Flask, served: Served) -> None:
    """Limit the requests of all views registered so far.

    While Redis is unavailable, each process counts for itself.
    """
    storage = served.settings.ratelimit_storage
    is_shared = storage != "memory"
    families = {endpoint: family_of(view) for endpoint, view in app.view_functions.items()}
    clock: Any = {"monotonic": served.monotonic}
    limiter = Limiter(
        lambda: g.rate_limit_key,
        request_identifier=partial(_identify, families),
        application_limits=[_ParsedLimit(lambda: g.rate_limit, scope=None)],
        strategy="fixed-window",
        storage_uri=storage if is_shared else Counters.URI,
        storage_options=_redis_options() if is_shared else clock,
        in_memory_fallback_enabled=is_shared,
        swallow_errors=is_shared,  # of requests under way when Redis is first found to be away
    )
    limiter.init_app(app)
    app.after_request(partial(_add_headers, limiter))


def _identify(families: dict[str, Family | None]) -> str:
    """Return the family in which the request counts; empty where it has no limit."""
    family = families.get(request.endpoint or "", WATCHING)
    if family is None:
        return ""
    if request.method in _ONLY_READS and family is not LOADING:
        family = WATCHING
    if family.per_user and (account := account_of_token()):
        g.rate_limit_key, g.rate_limit = f"account:{account}", family.per_user
    else:
        g.rate_limit_key = _network(request.remote_addr or "")
        g.rate_limit = family.per_address
    return family.name


_network = lru_cache(10_000)(network_of)


def _add_headers(limiter: Limiter, answer: Response) -> Response:
    """Add the headers of draft-ietf-httpapi-ratelimit-headers, in the form most clients know."""
    limit = limiter.current_limit
    if limit is None:
        return answer
    try:
        reset_at, remaining = limit.window
    except StorageError:  # Redis failed since the request was counted
        reset_at, remaining = 0, 0
    amount, window = limit.limit.amount, limit.limit.get_expiry()
    seconds = str(max(ceil(reset_at - time.time()), 1))
    answer.headers.extend(
        (
            ("RateLimit-Limit", str(amount)),
            ("RateLimit-Policy", f"{amount};w={window}"),
            ("RateLimit-Remaining", str(remaining)),
            ("RateLimit-Reset", seconds),
        )
    )
    if limit.breached:
        answer.headers["Retry-After"] = seconds
    return answer


class Counters(Storage):
    """The rate limits in the memory of a process. Sweeps expired windows every SWEEP_SECONDS.

    The library's own memory storage scans all keys up to a hundred times a second. That takes 1 ms
    with 10,000 keys and 20 ms with 100,000, as many as two attackers with IPv6 can make.

    Of MAX_WINDOWS, the newest half at most is kept. To start a count again that way takes more
    requests than any limit allows.
    """

    STORAGE_SCHEME = ["process"]  # noqa: RUF012, as the library declares it
    URI = "process://"

    def __init__(self, uri: str, monotonic: Callable[[], float]) -> None:
        super().__init__(uri)
        self._monotonic = monotonic
        self._guard = threading.Lock()
        self._windows: dict[str, tuple[int, float]] = {}
        self._sweep_at = float("-inf")

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        return ()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = self._monotonic()
        with self._guard:
            if now >= self._sweep_at or len(self._windows) >= MAX_WINDOWS:
                self._sweep(now)
            count, until = self._windows.get(key, (0, now))
            if until <= now:
                count, until = 0, now + expiry
            self._windows[key] = count + amount, until
        return count + amount

    def _sweep(self, now: float) -> None:
        open_ones = [(key, window) for key, window in self._windows.items() if window[1] > now]
        if len(self._windows) >= MAX_WINDOWS:  # make room for many, so that this is rare
            open_ones = open_ones[-(MAX_WINDOWS // 2) :]
        self._windows = dict(open_ones)
        self._sweep_at = now + SWEEP_SECONDS

    def get(self, key: str) -> int:
        count, until = self._windows.get(key, (0, 0.0))
        return count if until > self._monotonic() else 0

    def get_expiry(self, key: str) -> float:
        """Return when the window ends, in seconds since the epoch as the library expects."""
        now = self._monotonic()
        _, until = self._windows.get(key, (0, now))
        return time.time() + max(until - now, 0)

    def check(self) -> bool:
        return True

    def reset(self) -> None:
        self._windows.clear()

    def clear(self, key: str) -> None:
        self._windows.pop(key, None)
