"""The OpenAPI documents: flask-smorest's, completed by what holds for every call."""

from typing import Any

from flask import Flask
from flask_smorest import Api
from werkzeug.exceptions import HTTPException

import ticketing
from ticketing.entrypoints.http.errors import PROBLEM, ProblemSchema, http_error
from ticketing.entrypoints.http.requests import LARGEST_ID, IdConverter

ABOUT = """\
A cinema's box office. Look at the programme, sign up, log in, book seats.

Press *Authorize* and paste the `access` token that `POST /api/auth/login` gave you.

Every error is `application/problem+json` (RFC 9457) with a stable `code`. Lists come in pages:
`page` from 1, `page_size` up to 100. Every path answers with and without a trailing slash.
"""


class BoxOfficeApi(Api):
    """An ``Api`` whose errors are problems, in the document as on the wire."""

    ERROR_SCHEMA = ProblemSchema
    DEFAULT_ERROR_RESPONSE_NAME = None

    def handle_http_exception(self, error: HTTPException) -> Any:
        return http_error(error)

    def _register_responses(self) -> None:
        self.DEFAULT_RESPONSE_CONTENT_TYPE = PROBLEM
        super()._register_responses()
        del self.DEFAULT_RESPONSE_CONTENT_TYPE


def make_api(app: Flask, title: str, config_prefix: str = "") -> BoxOfficeApi:
    """An empty document; blueprints are registered with it."""
    api = BoxOfficeApi(
        app,
        config_prefix=config_prefix,
        spec_kwargs={
            "title": title,
            "version": ticketing.__version__,
            "openapi_version": "3.1.0",
            "info": {"description": ABOUT, "license": {"name": "MIT", "identifier": "MIT"}},
            "servers": [{"url": "/"}],
        },
    )
    bearer = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    api.spec.components.security_scheme("bearer", bearer)
    api.register_converter(IdConverter, _id_parameter)
    return api


def _id_parameter(_converter: IdConverter) -> dict[str, Any]:
    return {"type": "integer", "format": "int64", "minimum": 0, "maximum": LARGEST_ID}
