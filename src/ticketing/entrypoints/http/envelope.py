"""What every request and answer has: an id, a line in the log, headers."""

import logging
import re
import time
import uuid

from flask import Flask, Response, g, request

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")

logger = logging.getLogger("ticketing.requests")


def _open() -> None:
    g.started = time.perf_counter()
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _close(answer: Response) -> Response:
    answer.headers["X-Request-ID"] = g.request_id
    answer.headers["X-Content-Type-Options"] = "nosniff"
    if request.method == "POST" or "Authorization" in request.headers:
        answer.headers.setdefault("Cache-Control", "no-store")  # it is somebody's own
    if answer.status_code == 204:
        answer.headers.pop("Content-Type", None)
    if logger.isEnabledFor(logging.INFO):
        logger.info(
            "%s %s %d %.1fms request_id=%s",
            request.method,
            ascii(request.path)[1:-1],  # no line breaks or escape codes in the log
            answer.status_code,
            1000 * (time.perf_counter() - g.started),
            g.request_id,
        )
    return answer


def register(app: Flask) -> None:
    app.before_request(_open)
    app.after_request(_close)
