"""How requests are read: JSON bodies and query strings, and the ids in paths."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

import marshmallow as ma
from flask import Flask, Request, request
from webargs.flaskparser import FlaskParser, is_json_request
from werkzeug.exceptions import (
    BadRequest,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)
from werkzeug.routing import BaseConverter

from ticketing.domain.errors import InvalidFields
from ticketing.entrypoints.http.web.auth import actor
from ticketing.entrypoints.http.web.context import office

LARGEST_BODY = 2**20
LARGEST_ID = 2**63 - 1


def register(app: Flask) -> None:
    app.before_request(_read_body)


def _read_body() -> None:
    """Read the body before anything is answered: an early answer would break the connection.

    Raises BadRequest if the client hangs up before its end.
    """
    length = request.content_length or 0
    if 0 < length <= LARGEST_BODY:
        if len(request.get_data()) < length:
            raise BadRequest("The body is incomplete.")
    elif "Transfer-Encoding" in request.headers:
        request.get_data()


class IdConverter(BaseConverter):
    """An id in a path. A number that no id can be is 0, which is nobody's."""

    regex = "[0-9]+"

    def to_python(self, value: str) -> int:
        number = int(value[:20])
        return number if number <= LARGEST_ID else 0


def json_object(request: Request) -> dict[str, Any]:
    """The request's body. Raises UnsupportedMediaType, BadRequest, RequestEntityTooLarge."""
    if (request.content_length or 0) > LARGEST_BODY:
        raise RequestEntityTooLarge
    if request.content_type and not is_json_request(request):
        raise UnsupportedMediaType("The body must be JSON (Content-Type: application/json).")
    body = request.get_data()  # of a body in chunks, no more than the most that Flask takes
    if len(body) > LARGEST_BODY:
        raise RequestEntityTooLarge
    if body and not request.content_type:
        raise UnsupportedMediaType("Content-Type: application/json is wanted.")
    try:
        parsed = json.loads(body.decode("utf-8-sig"), parse_constant=_no_json)
    except (ValueError, RecursionError):  # RecursionError: nested thousands of levels deep
        raise BadRequest("The body is not valid JSON.") from None
    if not isinstance(parsed, dict):
        raise BadRequest("The body must be a JSON object.")
    return parsed


def _no_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON.")


class RequestParser(FlaskParser):
    """Has webargs read bodies and refuse them the way the contract says."""

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        nothing_wanted = not schema.fields
        return {} if nothing_wanted and not req.get_data() else json_object(req)

    def handle_error(
        self,
        error: ma.ValidationError,
        req: Request,
        schema: ma.Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        refuse_unknown(req.view_args or {})
        assert isinstance(error.messages, dict)
        raise InvalidFields.naming(
            {field: faults for part in error.messages.values() for field, faults in part.items()}
        ) from error


def refuse_unknown(view_args: Mapping[str, Any]) -> None:
    """What the path names comes before what is faulty in the body: 403, 404, then 422."""
    if "show_id" in view_args:
        office().queries.programme.show(view_args["show_id"])
    if "movie_id" in view_args:
        office().queries.programme.movie(view_args["movie_id"])
    if "booking_id" in view_args:
        actor().require_own(office().queries.sales.booking(view_args["booking_id"]).customer)
    if "user_id" in view_args:
        actor().require_own(view_args["user_id"])
        office().queries.accounts.account(view_args["user_id"])
