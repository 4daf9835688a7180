"""An HTTP/1.1 client that keeps its connection alive and can send a request twice at once."""

import json
from collections.abc import Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from time import perf_counter
from typing import Any, Protocol, Self
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 30.0
TOO_MANY_REQUESTS = 429
PROXY_ERRORS = (502, 504)  # the server may have done its work all the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """``kind`` is its name in the report, ``key`` its idempotency key."""

    kind: str
    method: str = "GET"
    path: str
    token: str = ""
    key: str = ""
    body: Any = None


@dataclass(frozen=True, slots=True)
class Answer:
    """``content`` is the parsed JSON, None if it is not JSON; ``retry_after`` is in seconds."""

    status: int
    content: Any
    retry_after: float = 0.0

    @property
    def is_final(self) -> bool:
        """Whether the box office has answered and does not ask to repeat the request.

        It answers with JSON: anything else comes from a proxy, which cannot know.
        """
        repeatable = (TOO_MANY_REQUESTS, *PROXY_ERRORS, 503)
        return isinstance(self.content, dict) and self.status not in repeatable

    @property
    def may_have_worked(self) -> bool:
        """Whether the request may have worked although this answer does not confirm it."""
        if self.status in (TOO_MANY_REQUESTS, 503):
            return self.code == "outcome_unknown"
        return not self.is_final

    @property
    def code(self) -> str:
        """The stable code of a problem, or ""."""
        return str(self.content.get("code", "")) if isinstance(self.content, dict) else ""


@dataclass(frozen=True, slots=True)
class Measurement:
    """How a request of a ``kind`` ended. ``status`` is 0 if there was no answer.

    ``seconds`` is the time until ``ended_at``, on the clock of ``perf_counter``.
    """

    kind: str
    status: int
    code: str
    seconds: float
    ended_at: float


class Client(Protocol):
    def send(self, request: Request, times: int = 1) -> Sequence[Answer | None]:
        """Send it ``times`` times at the same instant. None stands for no answer."""


class HttpClient:
    """For one customer at a time. Appends to ``measurements``, which threads may share."""

    def __init__(self, url: str, measurements: list[Measurement]) -> None:
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._new = partial(kind, parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
        self._base = parts.path.rstrip("/")
        self._measurements = measurements
        self._kept = self._new()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()

    def send(self, request: Request, times: int = 1) -> list[Answer | None]:
        """Send all requests before reading the first answer.

        All but one use new connections: kept, they would be idle for so long that the server
        closes them.
        """
        with ExitStack() as stack:
            others = [stack.enter_context(closing(self._new())) for _ in range(times - 1)]
            for connection in others:
                with suppress(OSError):  # reading from it fails as well
                    connection.connect()
            sent = [(each, self._write(each, request)) for each in (self._kept, *others)]
            return [self._read(connection, request, began) for connection, began in sent]

    def _write(self, connection: HTTPConnection, request: Request) -> float:
        began = perf_counter()
        headers = {"Content-Type": "application/json"} if request.body is not None else {}
        if request.token:
            headers["Authorization"] = f"Bearer {request.token}"
        if request.key:
            headers["Idempotency-Key"] = request.key
        body = None if request.body is None else json.dumps(request.body).encode()
        try:
            connection.request(request.method, self._base + request.path, body, headers)
        except (OSError, HTTPException):
            connection.close()
        return began

    def _read(self, connection: HTTPConnection, request: Request, began: float) -> Answer | None:
        answer = None
        try:
            response = connection.getresponse()
            content = response.read()
        except (OSError, HTTPException):
            connection.close()  # the next request reopens it
        else:
            pause = response.headers.get("Retry-After", "")
            retry_after = float(pause) if pause.isdecimal() else 0.0
            answer = Answer(response.status, _parsed(content), retry_after)
        ended = perf_counter()
        status, code = (answer.status, answer.code) if answer else (0, "")
        self._measurements.append(Measurement(request.kind, status, code, ended - began, ended))
        return answer


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None
