"""Every error of every layer as problem+json (RFC 9457).

The kind of a refusal makes the status, so a new rule of the domain needs no change here.
"""

import logging
from typing import Any

from flask import Flask, Response, g, jsonify, request
from marshmallow import fields
from werkzeug.exceptions import HTTPException

from ticketing.domain.errors import (
    Busy,
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    Unauthorised,
)
from ticketing.entrypoints.http.schemas import Answer

PROBLEM = "application/problem+json"
RETRY_AFTER_SECONDS = 1

_STATUSES: dict[type[DomainError], int] = {
    NotFound: 404,
    Invalid: 422,
    Conflict: 409,
    Forbidden: 403,
    Unauthorised: 401,
    Busy: 503,
}
_HEADERS = {
    401: {"WWW-Authenticate": "Bearer"},
    503: {"Retry-After": str(RETRY_AFTER_SECONDS)},
}
_HTTP_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
}
_HTTP_DETAILS = {
    404: "There is nothing at this path.",
    405: "This path does not take this method.",
    413: "The body may have 1 MiB at most.",
}
_KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")

logger = logging.getLogger(__name__)


class ProblemSchema(Answer):
    """A refusal (RFC 9457). Facts of the case may follow, such as `seats` that are taken."""

    type = fields.Str(required=True, metadata={"example": "urn:ticketing:problem:seat_taken"})
    title = fields.Str(required=True, metadata={"example": "Seat taken"})
    status = fields.Int(required=True, metadata={"example": 409})
    detail = fields.Str(required=True, metadata={"example": "Seat already booked"})
    instance = fields.Str(required=True, metadata={"example": "/api/shows/1/book"})
    code = fields.Str(
        required=True, metadata={"description": "Stable, for programs", "example": "seat_taken"}
    )
    request_id = fields.Str(required=True, metadata={"description": "As in `X-Request-ID`"})
    seats = fields.List(
        fields.Str(), metadata={"description": "The seats that are taken, unknown or named twice"}
    )
    valid_numbers = fields.List(
        fields.Int(), metadata={"description": "The first and the last seat's (`unknown_seat`)"}
    )
    valid_labels = fields.List(
        fields.Str(), metadata={"description": "The first and the last seat's (`unknown_seat`)"}
    )
    errors = fields.Dict(
        keys=fields.Str(),
        metadata={"description": "The faulty fields, each with its faults (only with 422)"},
    )


def problem(
    status: int, code: str, detail: str, headers: dict[str, str] | None = None, **facts: Any
) -> Response:
    """The answer to a request that is refused."""
    request_id = g.get("request_id", "")
    answer = jsonify(problem_body(status, code, detail, request.path, request_id, **facts))
    answer.status_code = status
    answer.content_type = PROBLEM
    answer.headers.update({**_HEADERS.get(status, {}), **(headers or {})})
    return answer


def problem_body(
    status: int, code: str, detail: str, instance: str, request_id: str, **facts: Any
) -> dict[str, Any]:
    return {
        "type": f"urn:ticketing:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        "instance": instance,
        "code": code,
        "request_id": request_id,
        **facts,
    }


def refusal(error: DomainError) -> Response:
    if isinstance(error, Busy):
        cause = str(error.__cause__ or error).strip().partition("\n")[0]
        logger.warning("%s: %s request_id=%s", error.code, cause, g.get("request_id", ""))
    status = next(status for kind, status in _STATUSES.items() if isinstance(error, kind))
    facts = dict(error.facts)
    if isinstance(error, Invalid) and error.field:
        facts["errors"] = {g.get("called", {}).get(error.field, error.field): [error.detail]}
    return problem(status, error.code, error.detail, **facts)


def called(**names: str) -> None:
    """Remember that the client calls a field of the domain by another name."""
    g.called = names


def http_error(error: HTTPException) -> Response:
    """What Flask itself refuses: an unknown path, a wrong method, a body too large …"""
    status = error.code or 500
    answer = error.get_response()
    if status < 400:
        return Response(status=status, headers=answer.headers)
    kept = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
    code = _HTTP_CODES.get(status, f"http_{status}")
    detail = _HTTP_DETAILS.get(status, error.description or error.name)
    return problem(status, code, detail, kept)


def crash(error: Exception) -> Response:
    """A fault of ours: told in the log, not to the client."""
    logger.error("Unhandled error, request_id=%s", g.get("request_id", ""), exc_info=error)
    return problem(500, "internal_error", "Something went wrong on our side.")


def register(app: Flask) -> None:
    app.register_error_handler(DomainError, refusal)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, crash)
