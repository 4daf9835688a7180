"""Requests over HTTP/1.1, on connections that are kept alive."""

import json
from collections.abc import Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from time import perf_counter
from typing import Any, Protocol, Self
from urllib.parse import urlsplit

from ticketing.entrypoints.cli.rehearsal.tally import Tally

TIMEOUT = 30.0  # seconds without a word from the server
LIMITED = 429
IN_DOUBT = (502, 504)  # what a proxy says that has lost the server, or its patience


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """``kind`` is what the report calls it. ``key`` is the same for the same request again."""

    kind: str
    method: str
    path: str
    token: str = ""
    key: str = ""
    body: Any = None


@dataclass(frozen=True, slots=True)
class Answer:
    """``content`` is what its JSON says, None where it is none; ``retry_after`` is in seconds."""

    status: int
    content: Any
    retry_after: float = 0.0

    @property
    def settles(self) -> bool:
        """Whether the box office has dealt with the request, and does not ask to repeat it.

        It speaks JSON: anything else comes from something in between, which cannot know.
        """
        return isinstance(self.content, dict) and self.status not in (LIMITED, *IN_DOUBT, 503)

    @property
    def may_have_worked(self) -> bool:
        """Whether the request may have had its effect although this answer does not say so."""
        if self.status in (LIMITED, 503):
            return self.code == "outcome_unknown"
        return not self.settles

    @property
    def code(self) -> str:
        """The stable code of a refusal; "" without any."""
        return str(self.content.get("code", "")) if isinstance(self.content, dict) else ""


class Transport(Protocol):
    def send(self, request: Request, times: int = 1) -> Sequence[Answer | None]:
        """Send it so many times at the same instant; None is where no answer came."""


class HttpTransport:
    """One customer's at a time. What is answered, and how fast, goes into ``tally``."""

    def __init__(self, url: str, tally: Tally) -> None:
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._new = partial(kind, parts.hostname or "", parts.port, timeout=TIMEOUT)
        self._base = parts.path.rstrip("/")
        self._tally = tally
        self._kept = self._new()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()

    def send(self, request: Request, times: int = 1) -> list[Answer | None]:
        """All of them are on their way before the first answer is read.

        All but one go over new connections: kept for the next time, they would be idle for so
        long that the server closes them.
        """
        with ExitStack() as closing_time:
            others = [closing_time.enter_context(closing(self._new())) for _ in range(times - 1)]
            for connection in others:
                with suppress(OSError):  # to read from it will tell
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
        try:
            response = connection.getresponse()
            content = response.read()
        except (OSError, HTTPException):
            connection.close()  # the next request opens it again
            self._tally.lost(request.kind)
            return None
        pause = response.headers.get("Retry-After", "")
        parsed = _parsed(content)
        answer = Answer(response.status, parsed, float(pause) if pause.isdecimal() else 0.0)
        self._tally.answered(request.kind, answer.status, answer.code, perf_counter() - began)
        return answer


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None
