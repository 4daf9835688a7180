"""A request by ASGI, and its answer."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ticketing.entrypoints.http.web.request_log import request_id_of
from ticketing.entrypoints.http.web.security_headers import SECURITY_HEADERS

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Exchange:
    """``given`` are the request's headers by lower-case name, ``headers`` those of any answer."""

    def __init__(self, scope: Message, receive: Receive, send: Send) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.given = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in scope["headers"]
        }
        self.request_id = request_id_of(self.given.get("x-request-id", ""))
        self.headers = dict(SECURITY_HEADERS) | {"X-Request-ID": self.request_id}
        self._receive = receive
        self._send = send

    async def answer(
        self, status: int, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> None:
        await self.start(status, headers or {})
        await self.send(body)

    async def start(self, status: int, headers: Mapping[str, str]) -> None:
        encoded = [
            (name.lower().encode(), value.encode("latin-1"))
            for name, value in {**self.headers, **headers}.items()
        ]
        await self._send({"type": "http.response.start", "status": status, "headers": encoded})

    async def send(self, body: bytes, *, more: bool = False) -> None:
        """Send the body or a part of it. Waits while a slow client has not read what was sent."""
        body = b"" if self.method == "HEAD" else body
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    async def client_has_left(self) -> None:
        """Wait until the client has closed its connection."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
