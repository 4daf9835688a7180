"""Seat maps over HTTP from the servers of the box office."""

import asyncio
import json
import logging
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import urlsplit

from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.programme.show import ShowId
from ticketing.entrypoints.http.web.seat_events import MapState

MAX_READS = 4
"""At a time, so that streams never take more threads of a slow server."""

TIMEOUT_SECONDS = 5.0

logger = logging.getLogger(__name__)


class SeatMapUnavailable(Exception):
    """No server has answered with a seat map."""


class SeatMapClient:
    """Reads from one server as long as it answers, then from the next one.

    ``host`` is the name that the servers answer to, if it is not that in their URLs.
    """

    def __init__(self, servers: Sequence[str], host: str = "") -> None:
        self._servers = deque(servers)
        self._headers = {"Host": host} if host else {}
        self._threads = ThreadPoolExecutor(MAX_READS, "seat-map")
        self._is_available = True

    async def read(self, show_id: ShowId, etag: str) -> MapState | None:
        """Return the show's seat map, or None if it still has that ETag.

        Raises ShowNotFound and SeatMapUnavailable.
        """
        get = partial(self._from_any_server, show_id, etag)
        return await asyncio.get_running_loop().run_in_executor(self._threads, get)

    def _from_any_server(self, show_id: ShowId, etag: str) -> MapState | None:
        faults = []
        for server in tuple(self._servers):
            try:
                state = self._from(server, show_id, etag)
            except (OSError, HTTPException, ValueError) as fault:
                faults.append(f"{server}: {fault or type(fault).__name__}")
                if self._servers[0] == server:  # no other thread has moved on
                    self._servers.rotate(-1)
            else:
                self._report([])
                return state
        self._report(faults)
        raise SeatMapUnavailable

    def _from(self, server: str, show_id: ShowId, etag: str) -> MapState | None:
        """Raise ValueError if the answer is not what a server of the box office answers."""
        url = urlsplit(server)
        kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
        condition = {"If-None-Match": etag} if etag else {}
        with closing(kind(url.hostname or "", url.port, timeout=TIMEOUT_SECONDS)) as connection:
            connection.request(
                "GET", f"/api/shows/{show_id}/seats", headers=self._headers | condition
            )
            answer = connection.getresponse()
            return _state(answer, answer.read())

    def _report(self, faults: Sequence[str]) -> None:
        """Log when the seat maps become unavailable, and when they are available again."""
        if self._is_available and faults:
            logger.warning("Seat maps cannot be read, so streams wait: %s", "; ".join(faults))
        elif faults == [] and not self._is_available:
            logger.warning("Seat maps can be read again.")
        self._is_available = not faults


def _state(answer: HTTPResponse, body: bytes) -> MapState | None:
    if answer.status == 304:
        return None
    if answer.status == 404 and _code_of(body) == ShowNotFound.code:
        raise ShowNotFound
    if answer.status != 200:
        raise ValueError(f"HTTP status {answer.status}")
    return MapState.parse(answer.headers.get("ETag", ""), body)


def _code_of(body: bytes) -> object:
    """Return the code of a problem. Raises ValueError if the body is not JSON."""
    problem = json.loads(body)
    return problem.get("code") if isinstance(problem, dict) else None
