"""What browsers may do with a response: security headers, and CORS."""

import re
from collections.abc import Iterable
from typing import Any

from flask import Flask, Response
from flask_cors import CORS

from ticketing.entrypoints.http.web.proxies import Wsgi
from ticketing.settings import Settings

SECURITY_HEADERS = (
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),  # CORS has rules of its own
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("Referrer-Policy", "same-origin"),  # the CSRF check of the staff's forms needs it
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
)
"""For data, which no browser shows, frames or executes. Pages set what they need."""

_NO_CORS = (
    "account|admin|bootstrap|docs|password-reset|redoc|static|swagger|shows/[0-9]+(?=/?$)"
    "|healthz|metrics|readyz"
)
_CORS_REQUEST_HEADERS = [
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-None-Match",
    "Last-Event-ID",
    "X-Request-ID",
    "baggage",
    "traceparent",
    "tracestate",
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
    if settings.cors_origins:
        _allow_origins(app, settings.cors_origins)


class SecurityHeaders:
    """WSGI middleware that adds the headers a response does not have yet.

    Not a hook of Flask's, whose checked and copied headers cost a short response a tenth of its
    time.
    """

    def __init__(self, app: Wsgi, is_production: bool) -> None:
        self._app = app
        self._is_production = is_production

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            if status.startswith("204"):
                headers = [header for header in headers if header[0] != "Content-Type"]
            names = {name for name, _ in headers}
            headers.extend(header for header in self._headers(environ) if header[0] not in names)
            return start_response(status, headers, *error)

        return self._app(environ, start)

    def _headers(self, environ: dict[str, Any]) -> Iterable[tuple[str, str]]:
        yield from SECURITY_HEADERS
        if environ["REQUEST_METHOD"] == "POST" or "HTTP_AUTHORIZATION" in environ:
            yield "Cache-Control", "no-store"  # the response is private
        if self._is_production and environ["wsgi.url_scheme"] == "https":
            yield "Strict-Transport-Security", f"max-age={_YEAR_SECONDS}"


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
        methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
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
