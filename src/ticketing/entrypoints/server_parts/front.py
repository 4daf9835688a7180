"""What stands before the application: its threads are given requests with their bodies.

A body that is too large is not read, and one that is late is waited for no longer; the
application, which is WSGI, says so to the client.
"""

from asyncio import AbstractEventLoop, CancelledError, to_thread
from collections.abc import Awaitable
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any

from granian.rsgi import HTTPProtocol, ProtocolClosed, Scope  # type: ignore[attr-defined]

from ticketing.entrypoints.http.web.headers import ASKED_AT
from ticketing.entrypoints.http.web.request_body import FAULT_OF_BODY, MAX_BODY_BYTES, FaultOfBody
from ticketing.entrypoints.server_parts.environ import wsgi_environ
from ticketing.entrypoints.server_parts.loop import RequestLoop, in_pool
from ticketing.entrypoints.server_parts.unread import UnreadAnswers

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


_MOST_CHUNKS = 4096  # each takes a hundred times as long as its bytes

_AT_ONCE = ("/healthz", "/healthz/")
"""The process lives, also while all its threads wait for a database that is away."""


class Front:
    """Serves ``app`` by granian's RSGI; ``seconds`` are what a client has to send a body."""

    def __init__(self, app: "WSGIApplication", seconds: float, unread: UnreadAnswers) -> None:
        self._app = app
        self._seconds = seconds
        self._unread = unread
        self._deadlines: dict[Any, float] = {}
        self._has_pool = False

    def __rsgi_init__(self, loop: AbstractEventLoop) -> None:
        """Any loop will do; where workers are not forked, they have granian's own."""
        self._has_pool = isinstance(loop, RequestLoop)
        self._look_after_slow_ones(loop)

    async def __call__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        try:
            body = await self._body(scope, protocol)
        except CancelledError:
            body = FaultOfBody.LATE
        except ProtocolClosed:
            body = FaultOfBody.BROKEN
        asked_at = perf_counter()
        if not self._has_pool:
            await to_thread(self._answer, scope, protocol, body, asked_at)
            return
        if scope.path not in _AT_ONCE:
            await in_pool()
        self._answer(scope, protocol, body, asked_at)

    async def _body(self, scope: Scope, protocol: HTTPProtocol) -> bytes | FaultOfBody:
        """Raises CancelledError when it is late, and ProtocolClosed when the client is gone."""
        if "transfer-encoding" in scope.headers:
            return await self._chunks(protocol)
        length = int(scope.headers.get("content-length", 0))
        if length > MAX_BODY_BYTES:
            return FaultOfBody.TOO_LARGE
        return await self._in_time(protocol(), monotonic() + self._seconds) if length else b""

    async def _chunks(self, protocol: HTTPProtocol) -> bytes | FaultOfBody:
        content, deadline, chunks = bytearray(), monotonic() + self._seconds, aiter(protocol)
        has_ended = False
        for _ in range(_MOST_CHUNKS):
            try:
                chunk = await self._in_time(anext(chunks), deadline)
            except StopAsyncIteration:
                return bytes(content)
            if has_ended:  # one that is empty tells the end, two a lost connection (or trailers)
                return FaultOfBody.BROKEN
            has_ended = not chunk
            content += chunk
            if len(content) > MAX_BODY_BYTES:
                break
        return FaultOfBody.TOO_LARGE

    async def _in_time(self, awaited: Awaitable[bytes], deadline: float) -> bytes:
        self._deadlines[awaited] = deadline
        try:
            return await awaited
        finally:
            del self._deadlines[awaited]

    def _look_after_slow_ones(self, loop: AbstractEventLoop) -> None:
        loop.call_later(self._seconds / 10, self._look_after_slow_ones, loop)
        self._unread.end_old_ones()
        now = monotonic()
        for awaited, deadline in list(self._deadlines.items()):
            if deadline < now:
                awaited.cancel()

    def _answer(
        self, scope: Scope, protocol: HTTPProtocol, body: bytes | FaultOfBody, asked_at: float
    ) -> None:
        fault = body if isinstance(body, FaultOfBody) else None
        environ = wsgi_environ(scope, b"" if isinstance(body, FaultOfBody) else body)
        environ |= {FAULT_OF_BODY: fault, ASKED_AT: asked_at}
        status, headers, content = self._call(environ)
        if fault:  # the rest of the body may be under way: granian hangs up, and not always says so
            headers.append(("Connection", "close"))
        protocol.response_bytes(status, headers, content)

    def _call(self, environ: "WSGIEnvironment") -> tuple[int, list[tuple[str, str]], bytes]:
        begun: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], _fault: Any = None) -> Any:
            begun[:] = int(status[:3]), headers

        parts = self._app(environ, start)
        try:
            content = b"".join(parts)
        finally:
            if hasattr(parts, "close"):
                parts.close()
        status, headers = begun
        return status, headers, content
