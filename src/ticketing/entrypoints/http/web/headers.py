"""Request ids and the headers of every response."""

import re
import time
import uuid

from flask import Flask, Response, g, request

from ticketing.entrypoints.http.web.context import HttpSettings

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")

_SECURITY_HEADERS = (
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),  # CORS has rules of its own
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("Referrer-Policy", "same-origin"),  # the CSRF check of the staff's forms needs it
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
)
"""For data, which no browser shows, frames or executes. Pages set what they need."""

_YEAR_SECONDS = 31_536_000


def _begin() -> None:
    g.started = time.perf_counter()
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _add_headers(answer: Response) -> Response:
    answer.headers["X-Request-ID"] = g.request_id
    if "Content-Security-Policy" in answer.headers:
        for name, value in _SECURITY_HEADERS:
            answer.headers.setdefault(name, value)
    else:
        answer.headers.extend(_SECURITY_HEADERS)  # ten times as fast
    if request.method == "POST" or "Authorization" in request.headers:
        answer.headers.setdefault("Cache-Control", "no-store")  # the response is private
    if answer.status_code == 204:
        answer.headers.pop("Content-Type", None)
    return answer


def _require_https(answer: Response) -> Response:
    if request.is_secure:
        answer.headers["Strict-Transport-Security"] = f"max-age={_YEAR_SECONDS}"
    return answer


def register(app: Flask, settings: HttpSettings) -> None:
    app.before_request(_begin)
    app.after_request(_add_headers)
    if settings.is_production:
        app.after_request(_require_https)
