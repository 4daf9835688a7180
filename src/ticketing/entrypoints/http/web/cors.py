"""CORS: the API for browser pages on the origins that the operator allows.

They send a bearer token in a header, as every client does, never cookies. The pages of the staff
and the customers are for our own origin only.
"""

import re

from flask import Flask, Response
from flask_cors import CORS

_REQUEST_HEADERS = [
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-None-Match",
    "X-Request-ID",
]
_RESPONSE_HEADERS = [
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
_PAGES = "admin|bootstrap|docs|pages|password-reset|redoc|swagger"
_PROBES = "healthz|metrics|readyz"

_HOUR_SECONDS = 3600


def register(app: Flask, origins: tuple[str, ...]) -> None:
    """Allow ``origins`` to call the API."""
    CORS(
        app,
        resources=[rf"^/(?!({_PAGES}|{_PROBES})(/|$))."],
        origins=[re.compile(re.escape(origin) + r"\Z") for origin in origins],
        allow_headers=_REQUEST_HEADERS,
        expose_headers=_RESPONSE_HEADERS,
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
