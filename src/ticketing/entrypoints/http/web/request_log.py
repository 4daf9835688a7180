"""A request's id, its log line and its metrics."""

import logging
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from flask import Flask, Response, g, has_request_context, request

from ticketing.domain.programme.queries import ShowAvailability

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_NO_ROUTE = "none"
"""The route of all unknown paths, which clients can invent without end."""

_MAX_PATH_LENGTH = 500  # in the log

_NOT_MODIFIED = 304  # for clients that ask many times a second, such as `serve-live`

logger = logging.getLogger("ticketing.requests")


class RequestMeter(Protocol):
    """Collects metrics of requests, within microseconds and without exceptions."""

    def answered(self, method: str, route: str, status: int, seconds: float) -> None: ...

    def refused(self, code: str) -> None: ...

    def exposition(
        self, shows: Sequence[ShowAvailability] | None, numbers: Mapping[str, int]
    ) -> tuple[bytes, str]:
        """Return all metrics and their media type. ``shows`` is None where the store is busy."""


def register(app: Flask, meter: RequestMeter | None) -> None:
    """Register before all other hooks: what is registered first runs last after a request."""

    def record(answer: Response) -> Response:
        answer.headers["X-Request-ID"] = g.request_id
        seconds = time.perf_counter() - g.started
        level = logging.DEBUG if answer.status_code == _NOT_MODIFIED else logging.INFO
        if logger.isEnabledFor(level):
            logger.log(level, "request", extra={"facts": _facts(answer, seconds)})
        if meter is not None:
            meter.answered(request.method, _route(), answer.status_code, seconds)
            if "code" in g:
                meter.refused(g.code)
        return answer

    app.before_request(_begin)
    app.after_request(record)


def _begin() -> None:
    g.started = time.perf_counter()
    g.request_id = request_id_of(request.headers.get("X-Request-ID", ""))


def request_id_of(given: str) -> str:
    """Return the id that the client gave to its request, or a new one if that is none."""
    return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)


def about_request() -> dict[str, Any]:
    """Return what each line logged during a request contains: its id and its user."""
    if not has_request_context():
        return {}
    about = {"request_id": g.request_id} if "request_id" in g else {}
    if (actor := g.get("actor")) is not None:
        about["user"] = actor.account_id
    return about


def _route() -> str:
    """Return the URL rule: one for all shows, not one for each."""
    return request.url_rule.rule if request.url_rule else _NO_ROUTE


def _facts(answer: Response, seconds: float) -> dict[str, Any]:
    """Return what the log line contains: never a query string, header or body."""
    facts = {
        "method": request.method,
        "route": _route(),
        "path": request.path[:_MAX_PATH_LENGTH],
        "status": answer.status_code,
        "duration_ms": round(1000 * seconds, 2),
        "address": request.remote_addr,
    }
    if "code" in g:
        facts["code"] = g.code
    return facts
