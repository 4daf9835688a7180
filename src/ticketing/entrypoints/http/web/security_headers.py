"""What browsers may do with a response: security headers, and CORS."""

import re

from flask import Flask, Response, request
from flask_cors import CORS

from ticketing.settings import Settings

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

_NO_CORS = "admin|bootstrap|docs|pages|password-reset|redoc|swagger|healthz|metrics|readyz"
_CORS_REQUEST_HEADERS = [
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-None-Match",
    "X-Request-ID",
]
_CORS_RESPONSE_HEADERS = [
    "ETag",
    "Idempotent-Replayed",
    "Location",
    "RateLimit-Limit",
    "RateLimit-Policy",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "Retry-After",
    "X-Pagination",
    "X-Request-ID",
]

_HOUR_SECONDS = 3600
_YEAR_SECONDS = 31_536_000


def register(app: Flask, settings: Settings) -> None:
    app.after_request(_add_headers)
    if settings.is_production:
        app.after_request(_require_https)
    if settings.cors_origins:
        _allow_origins(app, settings.cors_origins)


def _add_headers(answer: Response) -> Response:
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


def _allow_origins(app: Flask, origins: tuple[str, ...]) -> None:
    """Let browser pages on ``origins`` call the API, with a bearer token and without cookies.

    The pages of the staff and the customers are for our own origin only.
    """
    CORS(
        app,
        resources=[rf"^/(?!({_NO_CORS})(/|$))."],
        origins=[re.compile(re.escape(origin) + r"\Z") for origin in origins],
        allow_headers=_CORS_REQUEST_HEADERS,
        expose_headers=_CORS_RESPONSE_HEADERS,
        methods=["GET", "HEAD", "POST", "PATCH", "DELETE"],
        max_age=_HOUR_SECONDS,
        supports_credentials=False,
        always_send=False,
        vary_header=False,
    )
    app.after_request(_vary_by_origin)


def _vary_by_origin(answer: Response) -> Response:
    """Vary also the responses without CORS headers, which caches must not serve to others."""
    answer.vary.add("Origin")
    return answer
