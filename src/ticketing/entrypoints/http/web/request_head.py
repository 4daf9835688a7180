"""The head of a request: a known method, and bounded fields.

The server bounds the whole head. Here are the fields that someone parses, at some microseconds a
byte, before any view is called.
"""

from collections.abc import Iterable
from http import HTTPMethod
from typing import Any

from flask import Flask, abort, request
from werkzeug.exceptions import (
    HTTPException,
    RequestHeaderFieldsTooLarge,
    RequestURITooLarge,
)

from ticketing.entrypoints.http.web.proxies import Wsgi
from ticketing.entrypoints.http.web.seat_events import MAX_EVENT_ID_BYTES

MAX_URL_BYTES = 8192
_NAMED_PATH_BYTES = 200
_MAX_FIELD_BYTES = {
    "CONTENT_TYPE": 256,
    "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": 1024,
    "HTTP_COOKIE": 8192,  # several of 4 KiB, which other sites of the domain may set
    "HTTP_IF_NONE_MATCH": 1024,
    "HTTP_LAST_EVENT_ID": MAX_EVENT_ID_BYTES,
}
_METHODS = {*HTTPMethod, "QUERY"}
"""Those in general use: a path that does not support one of them is 405."""

_REFUSAL = "ticketing.refusal"


def register(app: Flask) -> None:
    app.before_request(_refuse)


class BoundedHead:
    """WSGI middleware that empties what is too long, so that nothing parses it."""

    def __init__(self, app: Wsgi) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if len(environ["PATH_INFO"]) + len(environ["QUERY_STRING"]) > MAX_URL_BYTES:
            environ["PATH_INFO"] = environ["PATH_INFO"][:_NAMED_PATH_BYTES]  # in the problem
            environ["QUERY_STRING"] = ""
            environ[_REFUSAL] = RequestURITooLarge()
        for name, max_bytes in _MAX_FIELD_BYTES.items():
            if name in environ and len(environ[name]) > max_bytes:
                environ[name] = ""
                environ[_REFUSAL] = _too_large(name, max_bytes)
        return self._app(environ, start_response)


def _too_large(name: str, max_bytes: int) -> HTTPException:
    header = name.removeprefix("HTTP_").replace("_", "-").title()
    return RequestHeaderFieldsTooLarge(f"The header {header} exceeds {max_bytes} bytes.")


def _refuse() -> None:
    """Raise what the middleware found, in a hook so that it is answered and logged as usual."""
    if (refusal := request.environ.get(_REFUSAL)) is not None:
        raise refusal
    if request.environ["REQUEST_METHOD"] not in _METHODS:  # methods are case-sensitive
        abort(501)
