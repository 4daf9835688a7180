"""Every error of every layer as a problem (RFC 9457).

``problem_of`` describes an error; the response is JSON or a page. The status follows from the kind
of a refusal, so a new rule of the domain needs no change here.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Blueprint, Flask, Response, g, jsonify, request
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
    root_cause,
)
from ticketing.entrypoints.http.web.schemas import Answer, rfc3339

PROBLEM_JSON = "application/problem+json"
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
_HTTP_ERRORS: dict[int, tuple[str, str | None]] = {
    400: ("bad_request", None),
    404: ("not_found", "This path does not exist."),
    405: ("method_not_allowed", "This path does not support this method."),
    413: ("body_too_large", None),
    414: ("url_too_long", "The URL exceeds 8 KiB."),
    415: ("unsupported_media_type", None),
    429: ("rate_limited", "Too many requests. Wait for as many seconds as Retry-After states."),
    431: ("header_too_large", None),
    501: ("method_not_implemented", "This method is not implemented."),
}
_PAGE_TEXTS = {
    "not_found": ("Not found", "This page does not exist."),
    "body_too_large": (
        "Too much text",
        "This is more than a form may hold. Please go back and shorten your text.",
    ),
    "rate_limited": (
        "Too many requests",
        "Nothing was changed. Please wait a few minutes, then go back and try again.",
    ),
    "internal_error": (
        "Internal error",
        "Something went wrong on our side. Please try again later.",
    ),
}
"""Title and detail, where those of the API do not suit a page."""

_KEPT_HEADERS = ("Accept-Encoding", "Allow", "Retry-After")

_OPTIONAL = ("errors", "error_count", "errors_omitted", "retry_after")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as the client sees it. ``facts`` become further members of the JSON body."""

    status: int
    code: str
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return self.code.replace("_", " ").capitalize()

    def body(self, instance: str, request_id: str) -> dict[str, Any]:
        return {
            "type": f"urn:ticketing:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            "code": self.code,
            "request_id": request_id,
            **{name: _as_json(fact) for name, fact in self.facts.items()},
        }


def _as_json(fact: Any) -> Any:
    return rfc3339(fact) if isinstance(fact, datetime) else fact


class ProblemSchema(Answer):
    """An error (RFC 9457). Its `code` may bring further members, such as the `seats` taken."""

    type = fields.Str(metadata={"example": "urn:ticketing:problem:seat_taken"})
    title = fields.Str(metadata={"example": "Seat taken"})
    status = fields.Int(metadata={"example": 409})
    detail = fields.Str(metadata={"description": "Explanation for people"})
    instance = fields.Str(metadata={"example": "/api/shows/1/book"})
    code = fields.Str(
        metadata={"description": "Stable identifier for programs", "example": "seat_taken"}
    )
    request_id = fields.Str(metadata={"description": "Same as `X-Request-ID`"})
    errors = fields.Dict(
        keys=fields.Str(),
        metadata={"description": "The messages for each invalid field (422 only)"},
    )
    error_count = fields.Int(
        metadata={"description": "How many faults the plan has; 100 are listed (`invalid_plan`)"}
    )
    errors_omitted = fields.Int(
        metadata={"description": "How many further unknown fields there are (422 only)"}
    )
    retry_after = fields.Int(
        metadata={"description": "Seconds to wait (`too_many_…`, `hold_at_limit`)"}
    )

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        field_obj.required = field_name not in _OPTIONAL


def problem_of(error: Exception) -> Problem:
    """Return how ``error`` is presented; any unexpected exception is an internal error."""
    if isinstance(error, DomainError):
        return _refusal(error)
    if isinstance(error, HTTPException):
        return _http_error(error)
    return Problem(500, "internal_error", "An internal error occurred.")


def rename_fields(**names: str) -> None:
    """Report a field of the domain under the name that the client used in this request."""
    g.field_names = names


def status_of(error: DomainError) -> int:
    return next(status for kind, status in _STATUSES.items() if isinstance(error, kind))


def _refusal(error: DomainError) -> Problem:
    headers, facts = {}, error.facts
    if isinstance(error, TooMany):
        headers = {"Retry-After": str(facts["retry_after"])}
    elif isinstance(error, Busy):
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    elif isinstance(error, Invalid) and error.field and "errors" not in facts:
        name = g.get("field_names", {}).get(error.field, error.field)
        facts = {**facts, "errors": {name: [error.detail]}}
    return Problem(status_of(error), error.code, error.detail, headers, facts)


def _http_error(error: HTTPException) -> Problem:
    """Describe what Flask refuses: an unknown path, a wrong method, a body too large …"""
    status = error.code or 500
    code, detail = _HTTP_ERRORS.get(status, (f"http_{status}", None))
    given = error.get_response().headers
    headers = {name: given[name] for name in _KEPT_HEADERS if name in given}
    return Problem(status, code, detail or error.description or error.name, headers)


def register(app: Flask | Blueprint, render: Callable[[Problem], Response] | None = None) -> None:
    """Have ``app`` answer every error with its problem, as JSON unless ``render`` is given."""

    def answer(error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.code and error.code < 400:
            return Response(status=error.code, headers=error.get_response().headers)
        problem = problem_of(error)
        g.code = problem.code  # for the request log and the metrics
        _log(error, problem)
        response = (render or _json)(problem)
        response.headers.update(problem.headers)
        return response

    for kind in (HTTPException, Exception):
        app.register_error_handler(kind, answer)


def register_pages(pages: Blueprint, page: Callable[[int, str, str], Response]) -> None:
    """Have ``pages`` answer every error with ``page(status, title, detail)``."""

    def render(problem: Problem) -> Response:
        texts = _PAGE_TEXTS.get(problem.code, (problem.title, problem.detail))
        return page(problem.status, *texts)

    register(pages, render)


def _log(error: Exception, problem: Problem) -> None:
    """Log faults of ours and of the store, whose causes the client does not learn."""
    if problem.status == 500:
        logger.error("Unhandled error", exc_info=error)
    elif isinstance(error, Busy):
        cause = f" ({root_cause(error)})" if error.__cause__ else ""
        logger.warning("%s: %s%s", error.code, error.detail, cause)


def _json(problem: Problem) -> Response:
    response = jsonify(problem.body(request.path, g.get("request_id", "")))
    response.status_code = problem.status
    response.content_type = PROBLEM_JSON
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
