"""Seat maps to read, and browsers that follow them."""

import asyncio
import json
from collections import Counter

from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.queries import SeatMap
from ticketing.entrypoints.http.web.seat_events import MapState

SHOW = ShowId(1)
PLAN = plain_grid(6)


class Cinema:
    """The seat maps of shows, each with one seat held: the one with the number of ``held``."""

    def __init__(self, *shows):
        self.held = dict.fromkeys(shows or [SHOW], SeatNumber(1))
        self.fault = None
        self.reads = []

    async def read(self, show_id, etag):
        self.reads.append((asyncio.get_running_loop().time(), show_id))
        if self.fault:
            raise self.fault
        if show_id not in self.held:
            raise ShowNotFound
        now = f'"{self.held[show_id]}"'
        if now == etag:
            return None
        return MapState.of(now, SeatMap(show_id, PLAN, frozenset(), {self.held[show_id]}))

    def reads_by_show(self):
        return Counter(show_id for _, show_id in self.reads)


class Browser:
    """A client of one request. It reads what is sent unless it ``is_slow``."""

    def __init__(self, app, path="/api/shows/1/seats/stream", method="GET", **headers):
        self._messages = []
        self._left = asyncio.Event()
        self.reads = asyncio.Event()
        self.reads.set()
        named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "headers": [(name.encode(), value.encode()) for name, value in named.items()],
        }
        self._task = asyncio.create_task(app(scope, self._receive, self._send))

    async def _receive(self):
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message):
        self._messages.append(message)
        await self.reads.wait()

    async def leave(self):
        self._left.set()
        await self._task

    async def answered(self):
        """Wait for the end of the answer."""
        await self._task
        return self

    @property
    def status(self):
        return self._messages[0]["status"] if self._messages else None

    @property
    def headers(self):
        return {name.decode(): value.decode() for name, value in self._messages[0]["headers"]}

    @property
    def has_ended(self):
        return bool(self._messages) and not self._messages[-1].get("more_body", True)

    @property
    def text(self):
        return b"".join(message["body"] for message in self._messages[1:]).decode()

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def comments(self):
        return self.text.split("\n").count(":")

    @property
    def events(self):
        """The kind, the id and the seats of each event."""
        found = []
        for block in self.text.split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
            if "event" in fields:
                seats = json.loads(fields["data"])["seats"]
                found.append((fields["event"], fields["id"], seats))
        return found
