"""The OpenAPI documents of flask-smorest, completed by what holds for every endpoint."""

from http import HTTPStatus
from typing import Any

from flask import Flask
from flask_smorest import Api

import ticketing
from ticketing.entrypoints.http.web.problems import PROBLEM_JSON, ProblemSchema
from ticketing.entrypoints.http.web.request_body import MAX_ID, IdConverter

ABOUT = """\
A cinema's box office: browse the programme, sign up, log in and book seats.

**Your first booking:** execute the examples of `POST /api/auth/signup` and `POST /api/auth/login`.
Copy the `access` token from the response, press *Authorize* and paste it. Execute
`POST /api/shows/{show_id}/book` with the id of a show from `GET /api/shows`.

Times in responses are in UTC. In requests, a time without an offset and a bare date are in the
cinema's time zone, which is UTC unless configured.

Every error is `application/problem+json` (RFC 9457) with a stable `code`. Lists are paginated:
`page` starts at 1, `page_size` is up to 100. Every path works with and without a trailing slash.

`RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` (seconds) report your rate limit.
After a 429 or a 503, wait for as many seconds as `Retry-After` states.
"""

ABOUT_PREDECESSORS = """\
Paths of earlier systems, for clients written against their documents. They lead to the same
operations as the main document, which new clients should use.
"""

_WAIT = {
    "description": "Seconds to wait before the next request",
    "required": True,
    "schema": {"type": "integer", "minimum": 1},
}


class BoxOfficeApi(Api):
    """An ``Api`` that documents errors as problems."""

    ERROR_SCHEMA = ProblemSchema
    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_responses(self) -> None:
        self.DEFAULT_RESPONSE_CONTENT_TYPE = PROBLEM_JSON
        super()._register_responses()
        del self.DEFAULT_RESPONSE_CONTENT_TYPE
        for status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
            self.spec.components.responses_lazy[status.name]["headers"] = {"Retry-After": _WAIT}


def make_api(app: Flask, title: str, about: str, config_prefix: str = "") -> BoxOfficeApi:
    """Return an empty document to register blueprints with."""
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
        "description": "The `access` token from the log-in",
    }
    api.spec.components.security_scheme("bearer", bearer)
    api.spec.components.schemas.pop("PaginationMetadata", None)  # unused
    api.register_converter(IdConverter, _id_parameter)
    return api


def _id_parameter(_converter: IdConverter) -> dict[str, Any]:
    return {"type": "integer", "format": "int64", "minimum": 0, "maximum": MAX_ID, "example": 1}
