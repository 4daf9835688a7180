"""What changed on the seat map of a show, as server-sent events.

A client that comes back sends the id of its last event, which is the ETag of a seat map. The
statuses of recent maps are kept here, a byte a seat, to compare them with those of now.
"""

import json
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Self

from cachetools import LRUCache, TTLCache, cached

from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.queries import SeatMap, SeatStatus
from ticketing.entrypoints.http.web.seat_plan_svg import statuses_of

EVENT_STREAM = "text/event-stream"
STREAM_HEADERS = {
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx passes each event on at once
}
RETRY = b"retry: 2000\n"
"""After how many milliseconds a client comes back when its stream has ended."""

NOTHING_NEW = b":\n\n"
"""A comment, which clients skip."""

MIN_READ_SECONDS = 0.25
"""Between two reads of the same show's map for its streams."""

MAX_MAPS = 100
"""Of a show: at least 25 seconds."""

MAX_EVENT_ID_BYTES = 256

_MAX_BYTES = 8 * 2**20
_MAX_EVENT_BYTES = 4 * 2**20
_BYTES_PER_MAP = 300  # beside its statuses
_STATUSES = tuple(SeatStatus)
_CODES = {status: code for code, status in enumerate(_STATUSES)}
_AVAILABLE, _HELD = _CODES[SeatStatus.AVAILABLE], _CODES[SeatStatus.HELD]


@dataclass(frozen=True, slots=True)
class MapState:
    """The statuses of all seats of a show, by number, a byte each; ``etag`` is the seat map's."""

    etag: str
    statuses: bytes

    @classmethod
    def of(cls, etag: str, seats: SeatMap) -> Self:
        statuses = bytearray([_AVAILABLE]) * seats.plan.total_seats
        for number, status in statuses_of(seats).items():
            statuses[number - 1] = _CODES[status]
        return cls(etag, bytes(statuses))

    @classmethod
    def parse(cls, etag: str, body: bytes) -> Self:
        """Return the state that a seat map in JSON has. Raises ValueError if it is none.

        A status of a newer server counts as ``BLOCKED``.
        """
        blocked = _CODES[SeatStatus.BLOCKED]
        try:
            seats = json.loads(body)["seats"]
            codes = {seat["number"]: _CODES.get(seat["status"], blocked) for seat in seats}
            return cls(etag, bytes(codes[number] for number in range(1, len(codes) + 1)))
        except (KeyError, TypeError) as error:
            raise ValueError("this is not a seat map") from error


def event(old: bytes | None, new: MapState) -> bytes:
    """Return the event for a client that has the statuses ``old``, if any are known."""
    if old is None or len(old) != len(new.statuses):  # the show got another seat plan
        kind, old = b"snapshot", bytes([_AVAILABLE]) * len(new.statuses)
    else:
        kind = b"change"
    return b"event: %b\nid: %b\ndata: %b\n\n" % (kind, new.etag.encode(), _data(old, new.statuses))


_data_cache: LRUCache[Hashable, bytes] = LRUCache(_MAX_EVENT_BYTES, getsizeof=len)


@cached(_data_cache, lock=Lock())
def _data(old: bytes, new: bytes) -> bytes:
    changed = {
        number: _STATUSES[code]
        for number, (was, code) in enumerate(zip(old, new, strict=True), 1)
        if code != was
    }
    counts = {"available_seats": new.count(_AVAILABLE), "held_seats": new.count(_HELD)}
    return json.dumps({**counts, "seats": changed}, separators=(",", ":")).encode()


class RecentMaps:
    """The last ``MAX_MAPS`` maps of each show, up to ``max_bytes`` of all shows together.

    The maps of the show that was used least recently go first.
    """

    def __init__(self, max_bytes: int) -> None:
        self._shows: LRUCache[ShowId, dict[str, bytes]] = LRUCache(max_bytes, getsizeof=_size)
        self._lock = Lock()

    def add(self, show_id: ShowId, state: MapState) -> None:
        with self._lock:
            maps = self._shows.get(show_id, {})
            maps.pop(state.etag, None)
            maps[state.etag] = state.statuses
            if len(maps) > MAX_MAPS:
                del maps[next(iter(maps))]
            self._shows[show_id] = maps  # which has another size now

    def event_since(self, show_id: ShowId, event_id: str, newest: MapState) -> bytes:
        """Return the event for a client whose last one was ``event_id``; empty if it is current."""
        if event_id == newest.etag:
            return b""
        with self._lock:
            old = self._shows.get(show_id, {}).get(event_id)
        return event(old, newest)


def _size(maps: dict[str, bytes]) -> int:
    return sum(map(len, maps.values())) + _BYTES_PER_MAP * len(maps)


class SeatEvents:
    """The events of all shows, for clients that fetch them again and again."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._recent = RecentMaps(_MAX_BYTES)
        self._newest: TTLCache[ShowId, MapState] = TTLCache(
            _MAX_BYTES, MIN_READ_SECONDS, monotonic, lambda state: len(state.statuses)
        )
        self._lock = Lock()

    def since(self, show_id: ShowId, event_id: str, read: Callable[[], MapState]) -> bytes:
        """Return the event for a client whose last one was ``event_id``; empty if it is current.

        ``read`` returns the map as it is now; what it returned within ``MIN_READ_SECONDS`` is used.
        Raises what ``read`` raises.
        """
        with self._lock:
            newest = self._newest.get(show_id)
        if newest is None:
            newest = read()
            self._recent.add(show_id, newest)
            with self._lock:
                self._newest[show_id] = newest
        return self._recent.event_since(show_id, event_id, newest)
