"""The OpenAPI documents: flask-smorest's, completed by what holds for every call."""

from http import HTTPStatus
from typing import Any

from flask import Flask
from flask_smorest import Api

import ticketing
from ticketing.entrypoints.http.web.problems import PROBLEM_JSON, ProblemSchema
from ticketing.entrypoints.http.web.request_body import LARGEST_ID, IdConverter

ABOUT = """\
A cinema's box office. Look at the programme, sign up, log in, book seats.

**A first booking:** execute `POST /api/auth/signup` and `POST /api/auth/login` as they stand. Copy
the `access` token of the answer, press *Authorize* and paste it. Execute
`POST /api/shows/{show_id}/book` with the id of a show from `GET /api/shows`.

Times are answered in UTC. A time without an offset, or a date alone, is in the cinema's zone,
which is UTC unless it was configured.

Every error is `application/problem+json` (RFC 9457) with a stable `code`. Lists come in pages:
`page` from 1, `page_size` up to 100. Every path answers with and without a trailing slash.

`RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` (seconds) tell how often you may ask.
After a 429 or a 503 wait for as many seconds as `Retry-After` says.
"""

ABOUT_PREDECESSORS = """\
Paths of earlier systems, for clients that were written against their documents. They lead to the
same calls as those of the main document, which new clients should use.
"""

_WAIT = {
    "description": "Seconds to wait before the next request",
    "required": True,
    "schema": {"type": "integer", "minimum": 1},
}


class BoxOfficeApi(Api):
    """An ``Api`` whose errors are problems, in the document as on the wire."""

    ERROR_SCHEMA = ProblemSchema
    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_responses(self) -> None:
        self.DEFAULT_RESPONSE_CONTENT_TYPE = PROBLEM_JSON
        super()._register_responses()
        del self.DEFAULT_RESPONSE_CONTENT_TYPE
        for status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
            self.spec.components.responses_lazy[status.name]["headers"] = {"Retry-After": _WAIT}


def make_api(app: Flask, title: str, about: str, config_prefix: str = "") -> BoxOfficeApi:
    """An empty document; blueprints are registered with it."""
    api = BoxOfficeApi(
        app,
        config_prefix=config_prefix,
        spec_kwargs={
            "title": title,
            "version": ticketing.__version__,
            "openapi_version": "3.1.0",
            "info": {"description": about, "license": {"name": "MIT", "identifier": "MIT"}},
        },
    )
    bearer = {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The `access` token of the log-in.",
    }
    api.spec.components.security_scheme("bearer", bearer)
    api.spec.components.schemas.pop("PaginationMetadata", None)  # nothing refers to it
    api.register_converter(IdConverter, _id_parameter)
    return api


def _id_parameter(_converter: IdConverter) -> dict[str, Any]:
    return {"type": "integer", "format": "int64", "minimum": 0, "maximum": LARGEST_ID, "example": 1}
