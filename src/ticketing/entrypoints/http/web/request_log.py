"""What is told of each request: a line in the log, and figures where somebody collects them."""

import logging
import time
from collections.abc import Sequence
from typing import Any, Protocol

from flask import Flask, Response, g, has_request_context, request

from ticketing.domain.programme.queries import ShowAvailability

NO_ROUTE = "none"
"""The route of all paths that lead nowhere: there are as many as somebody cares to make up."""

_LONGEST_PATH = 500  # characters of a path in the log

logger = logging.getLogger("ticketing.requests")


class RequestMeter(Protocol):
    """Collects figures of requests. It takes microseconds, and raises nothing."""

    def answered(self, method: str, route: str, status: int, seconds: float) -> None: ...

    def refused(self, code: str) -> None: ...

    def exposition(self, shows: Sequence[ShowAvailability] | None) -> tuple[bytes, str]:
        """All figures and their media type. ``shows`` is None where the store cannot tell."""


def register(app: Flask, meter: RequestMeter | None) -> None:
    """Goes before all others: what is registered first comes last after a request."""

    def tell(answer: Response) -> Response:
        seconds = time.perf_counter() - g.started
        if logger.isEnabledFor(logging.INFO):
            logger.info("request", extra={"facts": _facts(answer, seconds)})
        if meter is not None:
            meter.answered(request.method, _route(), answer.status_code, seconds)
            if "code" in g:
                meter.refused(g.code)
        return answer

    app.after_request(tell)


def about_request() -> dict[str, Any]:
    """What belongs into each line that is logged while a request is answered."""
    if not has_request_context():
        return {}
    about = {"request_id": g.request_id} if "request_id" in g else {}
    if (actor := g.get("actor")) is not None:
        about["user"] = actor.account_id
    return about


def _route() -> str:
    """The rule that led to the view: one for all shows, not one for each."""
    return request.url_rule.rule if request.url_rule else NO_ROUTE


def _facts(answer: Response, seconds: float) -> dict[str, Any]:
    """Never a query string, header or body: they hold what no log should."""
    facts = {
        "method": request.method,
        "route": _route(),
        "path": request.path[:_LONGEST_PATH],
        "status": answer.status_code,
        "duration_ms": round(1000 * seconds, 2),
        "address": request.remote_addr,
    }
    if "code" in g:
        facts["code"] = g.code
    return facts
