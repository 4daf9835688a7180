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
    TooMany,
    Unauthorised,
)
from ticketing.entrypoints.http.web.schemas import Answer

PROBLEM = "application/problem+json"
RETRY_AFTER_SECONDS = 1

_STATUSES: dict[type[DomainError], int] = {
    NotFound: 404,
    Invalid: 422,
    Conflict: 409,
    Forbidden: 403,
    Unauthorised: 401,
    TooMany: 429,
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
    429: "rate_limited",
}
_HTTP_DETAILS = {
    404: "There is nothing at this path.",
    405: "This path does not take this method.",
    413: "The body may have 1 MiB at most.",
    429: "Too many requests: go on after as many seconds as Retry-After says.",
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
    shows = fields.List(
        fields.Int(), metadata={"description": "The shows that are in the way (`show_overlaps`)"}
    )
    limit = fields.Int(
        metadata={"description": "Seats that an account may have for a show (`seat_limit`)"}
    )
    held = fields.Int(metadata={"description": "Seats that it has already (`seat_limit`)"})
    retry_after = fields.Int(
        metadata={"description": "Seconds to wait, as in `Retry-After` (`too_many_attempts`)"}
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
    g.code = code  # for the log and the figures
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


def status_of(error: DomainError) -> int:
    return next(status for kind, status in _STATUSES.items() if isinstance(error, kind))


def refusal(error: DomainError) -> Response:
    if isinstance(error, Busy):
        cause = str(error.__cause__ or error).strip().partition("\n")[0]
        logger.warning("%s: %s", error.code, cause)
    status = status_of(error)
    facts = dict(error.facts)
    if isinstance(error, Invalid) and error.field:
        facts["errors"] = {g.get("called", {}).get(error.field, error.field): [error.detail]}
    wait = {"Retry-After": str(facts["retry_after"])} if isinstance(error, TooMany) else None
    return problem(status, error.code, error.detail, wait, **facts)


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
    logger.error("Unhandled error", exc_info=error)
    return problem(500, "internal_error", "Something went wrong on our side.")


def register(app: Flask) -> None:
    app.register_error_handler(DomainError, refusal)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, crash)
