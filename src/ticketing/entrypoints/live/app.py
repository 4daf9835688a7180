"""The ASGI application that keeps streams of seat maps open."""

import asyncio
import json
import re
from collections.abc import Collection

from werkzeug.exceptions import (
    HTTPException,
    MethodNotAllowed,
    NotFound,
    RequestHeaderFieldsTooLarge,
)

from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.programme.show import ShowId
from ticketing.entrypoints.http.web.problems import PROBLEM_JSON, problem_of
from ticketing.entrypoints.http.web.seat_events import (
    EVENT_STREAM,
    MAX_EVENT_ID_BYTES,
    NOTHING_NEW,
    RETRY,
    STREAM_HEADERS,
)
from ticketing.entrypoints.live.exchange import Exchange, Message, Receive, Send
from ticketing.entrypoints.live.feeds import Feed, Feeds, Read

MAX_STREAMS = 2000
COMMENT_SECONDS = 15.0
"""After so long without an event there is a comment, so that no proxy takes it for dead."""

FIRST_MAP_SECONDS = 2.0
"""How long a new stream waits for the map, to be refused where there is no such show."""

_STREAM = re.compile(r"/api/shows/([0-9]+)/seats/stream/?")
_MAX_DIGITS = 20  # of an id
_METHODS = ("GET", "HEAD", "OPTIONS")
_PREFLIGHT_HEADERS = {
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "Last-Event-ID",
    "Access-Control-Max-Age": "3600",
}


class LiveApp:
    """Streams the seat maps that ``read`` returns. Pages on ``origins`` may follow them too."""

    def __init__(self, read: Read, origins: Collection[str] = ()) -> None:
        self._feeds = Feeds(read)
        self._origins = origins
        self._streams = 0
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        self._loop = asyncio.get_running_loop()
        exchange = Exchange(scope, receive, send)
        if self._origins:
            exchange.headers["Vary"] = "Origin"
        if (origin := exchange.given.get("origin", "")) in self._origins:
            exchange.headers["Access-Control-Allow-Origin"] = origin
        try:
            await self._answer(exchange)
        except (HTTPException, ShowNotFound) as error:
            problem = problem_of(error)
            body = json.dumps(problem.body(exchange.path, exchange.request_id)).encode()
            headers = {**problem.headers, "Content-Type": PROBLEM_JSON}
            await exchange.answer(problem.status, headers, body)

    def drain(self) -> None:
        """End all streams: their clients come back, to another process. Thread-safe."""
        if self._loop:
            self._loop.call_soon_threadsafe(self._feeds.end)
        else:
            self._feeds.end()

    async def _answer(self, exchange: Exchange) -> None:
        """Raise HTTPException or ShowNotFound before anything is sent."""
        stream = _STREAM.fullmatch(exchange.path)
        event_id = exchange.given.get("last-event-id", "")
        if not stream and exchange.path != "/healthz":
            raise NotFound
        if exchange.method not in _METHODS:
            raise MethodNotAllowed(_METHODS)
        if len(event_id) > MAX_EVENT_ID_BYTES:
            raise RequestHeaderFieldsTooLarge(
                f"The header Last-Event-ID exceeds {MAX_EVENT_ID_BYTES} bytes."
            )
        if exchange.method == "OPTIONS":
            await exchange.answer(204, _PREFLIGHT_HEADERS)
        elif not stream:
            json_type = {"Content-Type": "application/json"}
            await exchange.answer(200, json_type, b'{"status":"ok"}\n')
        elif self._streams >= MAX_STREAMS:
            await exchange.answer(204)  # at which EventSource stops
        else:
            self._streams += 1
            try:
                await self._stream(exchange, ShowId(int(stream[1][:_MAX_DIGITS])), event_id)
            finally:
                self._streams -= 1

    async def _stream(self, exchange: Exchange, show_id: ShowId, event_id: str) -> None:
        """Send events until the client leaves, the show is deleted, or the process stops."""
        with self._feeds.followed(show_id) as feed:
            if feed.newest is None and not feed.is_over:
                await feed.wait(FIRST_MAP_SECONDS)
            if feed.is_gone:
                raise ShowNotFound
            await exchange.start(200, STREAM_HEADERS | {"Content-Type": EVENT_STREAM})
            if exchange.method == "HEAD":
                await exchange.send(b"")
                return
            sending = asyncio.ensure_future(self._send_events(exchange, show_id, event_id, feed))
            leaving = asyncio.ensure_future(exchange.client_has_left())
            try:
                await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
                if sending.done():
                    sending.result()
            finally:
                sending.cancel()
                leaving.cancel()

    async def _send_events(
        self, exchange: Exchange, show_id: ShowId, event_id: str, feed: Feed
    ) -> None:
        """Send what leads from ``event_id`` to the newest map each time: slow clients skip some."""
        await exchange.send(RETRY + NOTHING_NEW, more=True)
        while True:
            newest = feed.newest
            if newest and newest.etag != event_id:
                event = self._feeds.recent.event_since(show_id, event_id, newest)
                event_id = newest.etag
                await exchange.send(event, more=True)
            elif feed.is_over:
                break
            elif not await feed.wait(COMMENT_SECONDS):
                await exchange.send(NOTHING_NEW, more=True)
        await exchange.send(b"")
