"""Pages of other sites that may call us from a browser: those that the operator names.

They may read and send what any client may, with a bearer token in a header. Cookies are never sent
along, and pages are for our own site only, the staff's as well as the customers'.
"""

import re

from flask import Flask, Response
from flask_cors import CORS

_SENT = ["Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "X-Request-ID"]
_READ = [
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

_AN_HOUR = 3600


def register(app: Flask, origins: tuple[str, ...]) -> None:
    """Nothing of this is there without an origin."""
    CORS(
        app,
        resources=[rf"^/(?!({_PAGES}|{_PROBES})(/|$))."],
        origins=[re.compile(re.escape(origin) + r"\Z") for origin in origins],
        allow_headers=_SENT,
        expose_headers=_READ,
        methods=["GET", "HEAD", "POST", "PATCH", "DELETE"],
        max_age=_AN_HOUR,
        supports_credentials=False,
        always_send=False,
        vary_header=False,
    )
    app.after_request(_differs_by_origin)


def _differs_by_origin(answer: Response) -> Response:
    """Also where nothing is allowed: a cache may not give that answer to a site that is."""
    answer.vary.add("Origin")
    return answer
