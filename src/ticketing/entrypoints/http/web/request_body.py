"""Parsing of JSON bodies, query strings and ids in paths."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar

import marshmallow as ma
from flask import Flask, Request, request
from webargs.flaskparser import FlaskParser, is_json_request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.routing import BaseConverter

from ticketing.domain.errors import InvalidFields

P = ParamSpec("P")
T = TypeVar("T")

MAX_BODY_BYTES = 2**20
MAX_ID = 2**63 - 1
INVALID_JSON = "The body is not valid JSON."


def register(app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES + 1  # to notice a body that was cut there
    app.url_map.converters["id"] = IdConverter
    app.before_request(_read_body)


def _read_body() -> None:
    """Read the body before anything is answered: an early answer would break the connection.

    Raises BadRequest if the client hangs up before its end.
    """
    length = request.content_length or 0
    if 0 < length <= MAX_BODY_BYTES:
        if len(request.get_data()) < length:
            raise BadRequest("The body is incomplete.")
    elif "Transfer-Encoding" in request.headers:
        request.get_data()


class IdConverter(BaseConverter):
    """An id in a path. A number that is too large becomes 0, which is no id."""

    regex = "[0-9]+"

    def to_python(self, value: str) -> int:
        number = int(value[:20])
        return number if number <= MAX_ID else 0


def json_object(request: Request) -> dict[str, Any]:
    """Return the request's body. Raises UnsupportedMediaType, BadRequest, RequestEntityTooLarge."""
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise RequestEntityTooLarge
    if request.content_type and not is_json_request(request):
        raise UnsupportedMediaType
    body = request.get_data()  # of a chunked body, at most MAX_CONTENT_LENGTH
    if len(body) > MAX_BODY_BYTES:
        raise RequestEntityTooLarge
    if body and not request.content_type:
        raise UnsupportedMediaType
    try:
        parsed = json.loads(body.decode("utf-8-sig"), parse_constant=_no_json)
    except (ValueError, RecursionError):  # RecursionError: nested thousands of levels deep
        raise BadRequest(INVALID_JSON) from None
    if not isinstance(parsed, dict):
        raise BadRequest("The body must be a JSON object.")
    return parsed


def _no_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not valid JSON.")


class RequestParser(FlaskParser):
    """webargs with our rules for bodies and our errors."""

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        is_empty = not schema.fields
        return {} if is_empty and not req.get_data() else json_object(req)

    def handle_error(
        self, error: ma.ValidationError, req: Request, schema: ma.Schema, **options: Any
    ) -> NoReturn:
        assert isinstance(error.messages, dict)
        raise InvalidFields.naming(
            {field: faults for part in error.messages.values() for field, faults in part.items()}
        ) from error


def path_errors_first(find: Callable[..., object]) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Decorate a view: 403 and 404 for what its path names come before 422 for invalid fields.

    ``find`` gets the ids in the path. It is called only where fields are invalid.
    """

    def decorate(view: Callable[P, T]) -> Callable[P, T]:
        @wraps(view)
        def checked(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                return view(*args, **kwargs)
            except InvalidFields:
                find(**kwargs)
                raise

        return checked

    return decorate
