"""What every request and answer has: an id, a time when it began, headers."""

import re
import time
import uuid

from flask import Flask, Response, g, request

from ticketing.entrypoints.http.web.context import HttpSettings

ASKED_AT = "ticketing.asked_at"
"""Where a WSGI environment tells since when, by ``perf_counter``, a thread was waited for."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")

_FOR_BROWSERS = (
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),  # but for CORS, which has rules of its own
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("Referrer-Policy", "same-origin"),  # the staff's forms are checked by it
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
)
"""An answer is data, which no browser has to show, frame or execute. Pages say what they need."""

_A_YEAR = 31_536_000


def _open() -> None:
    g.started = request.environ.get(ASKED_AT) or time.perf_counter()
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _close(answer: Response) -> Response:
    answer.headers["X-Request-ID"] = g.request_id
    if "Content-Security-Policy" in answer.headers:
        for name, value in _FOR_BROWSERS:
            answer.headers.setdefault(name, value)
    else:
        answer.headers.extend(_FOR_BROWSERS)  # at a tenth of the price
    if request.method == "POST" or "Authorization" in request.headers:
        answer.headers.setdefault("Cache-Control", "no-store")  # it is somebody's own
    if answer.status_code == 204:
        answer.headers.pop("Content-Type", None)
    return answer


def _only_encrypted(answer: Response) -> Response:
    if request.is_secure:
        answer.headers["Strict-Transport-Security"] = f"max-age={_A_YEAR}"
    return answer


def register(app: Flask, settings: HttpSettings) -> None:
    app.before_request(_open)
    app.after_request(_close)
    if settings.is_production:
        app.after_request(_only_encrypted)
