"""A cache of lists that are the same for all clients.

In an on-sale all clients read the same few lists, and counting their entries takes long. Lists may
be up to 1 s stale, so each process reads one about twice a second.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec

from cachetools import TLRUCache
from flask import Flask, Response, current_app, request

KEPT_SECONDS = 0.5
"""Half of the staleness allowed: the replica that is read may need the other half."""

MAX_BYTES = 4 * 2**20

_EXTENSION = "ticketing.response_cache"

Key = tuple[str, str, str, bytes]
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class CachedResponse:
    body: bytes
    headers: list[tuple[str, str]]
    size: int
    """In bytes, with its key."""
    read_at: float


class ResponseCache:
    """Keeps responses for KEPT_SECONDS after their request began, up to MAX_BYTES of them."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Delete all responses. Those being read now are not added later."""
        self._responses: TLRUCache[Key, CachedResponse, float] = TLRUCache(
            MAX_BYTES,
            ttu=lambda _key, response, _now: response.read_at + KEPT_SECONDS,
            timer=self._monotonic,
            getsizeof=lambda response: response.size,
        )

    def get(self, key: Key, read: Callable[[], Response]) -> CachedResponse:
        """Return the cached response or that of ``read``, whose exceptions are not cached."""
        responses = self._responses
        with self._lock:
            cached = responses.get(key)
        if cached is not None:
            return cached
        read_at = self._monotonic()
        response = read()
        body = response.get_data()
        size = len(body) + sum(map(len, key))
        cached = CachedResponse(body, list(response.headers), size, read_at)
        with self._lock, suppress(ValueError):  # larger than the cache
            responses[key] = cached
        return cached


def register(app: Flask, cache: ResponseCache) -> None:
    app.extensions[_EXTENSION] = cache


def cached(view: Callable[P, Response]) -> Callable[P, Response]:
    """Cache a response that is the same for all clients. Access checks go outside of this."""

    @wraps(view)
    def cached_view(*args: P.args, **kwargs: P.kwargs) -> Response:
        cache: ResponseCache = current_app.extensions[_EXTENSION]
        key = (request.scheme, request.host, request.path, request.query_string)
        response = cache.get(key, lambda: view(*args, **kwargs))
        return Response(response.body, headers=response.headers)

    return cached_view
