"""Bounded bodies, JSON objects and forms, and ids in paths.

A body is read when a view needs it, so 401, 403 and 429 come before, and never further than its
limit. ``unread_body`` discards what no view has read.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar

import marshmallow as ma
from flask import Flask, Request, request
from webargs.flaskparser import FlaskParser, is_json_request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.routing import BaseConverter

from ticketing.domain.errors import Invalid, InvalidFields
from ticketing.domain.programme.seat_plans.numbers import MAX_SEATS

P = ParamSpec("P")
T = TypeVar("T")

_KIB = 1024
MAX_BODY_BYTES = 16 * _KIB
"""The limit of every call whose schema has no other ``body_limits``, and of customers' forms."""

MAX_LONG_BODY_BYTES = 64 * _KIB
"""For a movie's description: 5,000 characters are up to 60,000 bytes in a form."""

MAX_UPLOAD_BYTES = 1024 * _KIB
"""For a form with a file, and for a seat plan."""

MAX_DEPTH = 20
MAX_MEMBERS = 1000
"""Members of all objects and elements of all arrays of a JSON body, or fields of a form."""

MAX_PLAN_MEMBERS = 10 * MAX_SEATS
"""Each seat is an element, with its name, its coordinates, and a few features."""

MAX_UNKNOWN_FIELDS = 20
_MAX_NAME_LENGTH = 80
MAX_ID = 2**63 - 1
INVALID_JSON = "The body is not valid JSON."
NOT_JSON = "The body must be JSON (Content-Type: application/json)."
_FORM = "application/x-www-form-urlencoded"
_FORM_WITH_FILES = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """The limits of a JSON body. ``advice`` is what to do instead of sending a larger one."""

    max_bytes: int = MAX_BODY_BYTES
    max_members: int = MAX_MEMBERS
    advice: str = ""


USUAL_LIMITS = BodyLimits()


def register(app: Flask) -> None:
    app.url_map.converters["id"] = IdConverter
    app.url_map.converters["opaque"] = OpaqueIdConverter


class IdConverter(BaseConverter):
    """An id in a path. A number that is too large becomes 0, which is no id."""

    regex = "[0-9]+"

    def to_python(self, value: str) -> int:
        number = int(value[:20])
        return number if number <= MAX_ID else 0


class OpaqueIdConverter(BaseConverter):
    """An id in a path that may be any text: clients know nothing about its form."""


class BodyTooLarge(RequestEntityTooLarge):
    def __init__(self, max_bytes: int, advice: str = "") -> None:
        super().__init__(f"The body exceeds {max_bytes // _KIB} KiB. {advice}".strip())


class CompressedBody(UnsupportedMediaType):
    """The body has a Content-Encoding; the response states that none is accepted (RFC 9110)."""

    description = "The body must not be compressed (Content-Encoding)."

    def get_headers(self, *args: Any) -> list[tuple[str, str]]:
        return [*super().get_headers(*args), ("Accept-Encoding", "identity")]


def read_body(max_bytes: int = MAX_BODY_BYTES, advice: str = "") -> bytes:
    """Return the request's body.

    Raises BodyTooLarge, before anything is read if Content-Length states it; CompressedBody; and
    BadRequest if the client hangs up before the end.
    """
    if request.environ.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        raise CompressedBody
    length = request.content_length
    if length is None:  # a chunked body, or none
        request.max_content_length = max_bytes + 1  # to notice one that was cut there
    elif length > max_bytes:
        raise BodyTooLarge(max_bytes, advice)
    body = request.get_data()
    if len(body) > max_bytes:
        raise BodyTooLarge(max_bytes, advice)
    if len(body) < (length or 0):
        raise BadRequest("The body is incomplete.")
    return body


def accepts_files(view: Callable[P, T]) -> Callable[P, T]:
    """Decorate a view of a form that may have files, and be as large."""
    view.max_body_bytes = MAX_UPLOAD_BYTES  # type: ignore[attr-defined]
    return view


def read_form(max_bytes: int = MAX_BODY_BYTES, *, with_files: bool = False) -> None:
    """Read the body as a form before ``request.form`` is used. Raises as ``read_body`` does."""
    body = read_body(max_bytes)
    types = [_FORM, _FORM_WITH_FILES] if with_files else [_FORM]
    if body and request.mimetype not in types:
        raise UnsupportedMediaType(f"A form must be {' or '.join(types)}.")
    if request.mimetype == _FORM and body.count(b"&") >= MAX_MEMBERS:
        raise BadRequest(f"A form has at most {MAX_MEMBERS} fields.")


def json_object(limits: BodyLimits = USUAL_LIMITS) -> dict[str, Any]:
    """Return the request's body. Raises as ``read_body`` does."""
    body = read_body(limits.max_bytes, limits.advice)
    if (body or request.content_type) and not is_json_request(request):
        raise UnsupportedMediaType(NOT_JSON)
    try:
        parsed = json.loads(body.decode("utf-8-sig"), parse_constant=_no_json)
    except (ValueError, RecursionError):  # RecursionError: nested thousands of levels deep
        raise BadRequest(INVALID_JSON) from None
    if not isinstance(parsed, dict):
        raise BadRequest("The body must be a JSON object.")
    if not (_is_short(body, limits.max_members) or _is_bounded(parsed, limits.max_members)):
        raise BadRequest(
            f"A body has at most {MAX_DEPTH} levels and {limits.max_members} members and elements."
        )
    return parsed


def _no_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not valid JSON.")


def _is_short(body: bytes, max_members: int) -> bool:
    """Whether brackets and commas alone show that the body is bounded, as they nearly always do."""
    brackets = body.count(b"{") + body.count(b"[")
    return brackets <= MAX_DEPTH and brackets + body.count(b",") <= max_members


def _is_bounded(parsed: Any, max_members: int) -> bool:
    """Count level by level, and stop where there are too many."""
    level, members = [parsed], 0
    for _ in range(MAX_DEPTH):
        members += sum(map(len, level))
        if members > max_members:
            return False
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
    return not level


class RequestParser(FlaskParser):
    """webargs with our rules for bodies and our errors."""

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        limits = body_limits(schema)
        is_empty = not schema.fields
        return {} if is_empty and not read_body(limits.max_bytes) else json_object(limits)

    def handle_error(
        self, error: ma.ValidationError, req: Request, schema: ma.Schema, **options: Any
    ) -> NoReturn:
        """Report all known fields, and the first of the unknown ones."""
        assert isinstance(error.messages, dict)
        faults = {name: found for part in error.messages.values() for name, found in part.items()}
        known = {field.data_key or name for name, field in schema.fields.items()}
        unknown = [name for name in error.data or () if name in faults and name not in known]
        omitted = set(unknown[MAX_UNKNOWN_FIELDS:])
        refusal = InvalidFields.naming(
            {_cut(name): found for name, found in faults.items() if name not in omitted}
        )
        if omitted:
            refusal.facts["errors_omitted"] = len(omitted)
        raise refusal from error


def body_limits(schema: ma.Schema) -> BodyLimits:
    """Return the limits that ``schema`` declares, or the usual ones."""
    declared: BodyLimits = getattr(schema, "body_limits", USUAL_LIMITS)
    return declared


def _cut(name: str) -> str:
    return name if len(name) <= _MAX_NAME_LENGTH else name[:_MAX_NAME_LENGTH] + "…"


def path_errors_first(find: Callable[..., object]) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Decorate a view: 403 and 404 for what its path names come before 422 for its body.

    ``find`` gets the ids in the path. It is called only where the body is invalid.
    """

    def decorate(view: Callable[P, T]) -> Callable[P, T]:
        @wraps(view)
        def checked(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                return view(*args, **kwargs)
            except Invalid:
                find(**kwargs)
                raise

        return checked

    return decorate
