"""OpenAPI: blueprints that parse requests as they document them, and the whole documents.

Examples of requests and successes are put together from those of the fields: a request's has the
required members and those with an example, so that it can be sent unchanged. Examples of problems
are real errors.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from http import HTTPStatus
from typing import Any

from flask import Flask
from flask_smorest import Api, Blueprint
from marshmallow import Schema
from werkzeug.exceptions import (
    BadRequest,
    RequestHeaderFieldsTooLarge,
    RequestURITooLarge,
    TooManyRequests,
    UnsupportedMediaType,
)

import ticketing
from ticketing.domain.accounts.errors import TokenExpired
from ticketing.domain.errors import Busy, Forbidden, InvalidFields
from ticketing.domain.paging import Page
from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.sales.errors import SeatTaken
from ticketing.entrypoints.http.web.auth import Access, access_to
from ticketing.entrypoints.http.web.paging import (
    PAGINATION_HEADER,
    PageArgs,
    PageQuery,
    PageResponse,
    page_response,
    page_schema,
)
from ticketing.entrypoints.http.web.problems import PROBLEM_JSON, ProblemSchema, problem_of
from ticketing.entrypoints.http.web.rate_limits import family_of
from ticketing.entrypoints.http.web.request_body import (
    INVALID_JSON,
    MAX_BODY_BYTES,
    MAX_ID,
    NOT_JSON,
    BodyTooLarge,
    IdConverter,
    OpaqueIdConverter,
    RequestParser,
    body_limits,
)

ABOUT = """\
A cinema's box office: browse the programme, sign up, log in and book seats.

**Your first booking:** execute the examples of `POST /api/auth/signup` and `POST /api/auth/login`.
Copy the `access` token from the response, press *Authorize* and paste it. Execute
`POST /api/shows/{show_id}/book` with the id of a show from `GET /api/shows`.

Times in responses are in UTC. In requests, a time without an offset and a bare date are in the
cinema's time zone, which is UTC unless configured.

Every error is `application/problem+json` (RFC 9457) with a stable `code`. Lists are paginated:
`page` starts at 1, `page_size` is up to 100. Every path works with and without a trailing slash.

A body has up to 16 KiB (a movie's 64 KiB), 20 levels, and 1,000 members and elements, and is not
compressed. One with a seat plan has up to 1 MiB, and 200,000 members and elements. A URL has up to
8 KiB.

`RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` (seconds) report your rate limit.
After a 429 or a 503, wait for as many seconds as `Retry-After` states.
"""

ABOUT_PREDECESSORS = """\
Paths of earlier systems, for clients written against their documents. They lead to the same
operations as the main document, which new clients should use.
"""

Json = dict[str, Any]
View = Callable[..., Any]

_BODY_ERRORS = (413, 415)
_METHODS = ("get", "post", "put", "patch", "delete")
_RETRY_AFTER = {
    "Retry-After": {
        "description": "Seconds to wait before the next request",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    }
}
_BEARER = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "The `access` token from the log-in",
}
_ERRORS = (
    BadRequest(INVALID_JSON),
    TokenExpired(),
    Forbidden(),
    ShowNotFound(),
    BodyTooLarge(MAX_BODY_BYTES),
    RequestURITooLarge(),
    UnsupportedMediaType(NOT_JSON),
    TooManyRequests(),
    RequestHeaderFieldsTooLarge("The header Cookie exceeds 8192 bytes."),
    SeatTaken(seats=["A5"]),
    InvalidFields(seat_number="Unknown field."),
    Exception(),
    Busy(),
)
"""An example for each status."""


class Resource(Blueprint):
    """The endpoints of one resource.

    An operation has its function's name, ``bookSeats``, and the errors that follow from its path,
    decorators and body; the view adds its own.
    """

    ARGUMENTS_PARSER = RequestParser()

    def arguments(self, schema: Any, *, location: str = "json", **options: Any) -> Any:
        """Parse arguments with one instance of ``schema``: webargs would make one a request.

        A view whose arguments are a body gets its limit as ``max_body_bytes``.
        """
        made = schema() if isinstance(schema, type) else schema
        parse = super().arguments(made, location=location, **options)
        if location != "json":
            return parse

        def decorate(view: View) -> View:
            parsed: View = self.doc(responses=_responses(_BODY_ERRORS))(parse(view))
            parsed.max_body_bytes = body_limits(made).max_bytes  # type: ignore[attr-defined]
            return parsed

        return decorate

    def paginated(self, row: type[Schema], args: type[PageArgs] = PageArgs) -> Any:
        """Decorate a view that gets a PageQuery parsed by ``args`` and returns a Page of rows."""
        parse = self.arguments(args, location="query")
        document = self.response(200, page_schema(row), headers=PAGINATION_HEADER)

        def decorate(view: Callable[..., Page[Any]]) -> View:
            @wraps(view)
            def listed(query: PageQuery, **ids: int) -> PageResponse:
                return page_response(view(query, **ids), query)

            paginated: View = parse(document(listed))
            return paginated

        return decorate

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None, **options: Any
    ) -> None:
        operation_id = options.pop("operation_id", None) or _camel_case(view_func.__name__)
        security: Json = {"security": [{"bearer": []}]} if access_to(view_func) else {}
        errors = _responses(_usual_errors(rule, view_func))
        view = self.doc(operationId=operation_id, responses=errors, **security)(view_func)
        super().add_url_rule(rule, endpoint, view, **options)


def _responses(statuses: Iterable[int]) -> dict[int, str]:
    return {status: HTTPStatus(status).name for status in statuses}


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _usual_errors(rule: str, view: View) -> Iterator[int]:
    if access := access_to(view):
        yield 401
        if access is Access.STAFF:
            yield 403
    if "<" in rule:
        yield 404
    if family_of(view):
        yield 429
    yield from (400, 414, 431, 500, 503)


class BoxOfficeApi(Api):
    ERROR_SCHEMA = ProblemSchema
    DEFAULT_ERROR_RESPONSE_NAME = None


def make_api(app: Flask, title: str, about: str, config_prefix: str = "") -> Api:
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
    api.spec.components.security_scheme("bearer", _BEARER)
    api.spec.components.schemas.pop("PaginationMetadata", None)  # unused
    id_parameter = {
        "type": "integer",
        "format": "int64",
        "minimum": 0,
        "maximum": MAX_ID,
        "example": 1,
    }
    api.register_converter(IdConverter, lambda _converter: id_parameter)
    opaque_id_parameter = {"type": "string", "example": "1-7ZK3M9QX2T4B8D6F"}
    api.register_converter(OpaqueIdConverter, lambda _converter: opaque_id_parameter)
    return api


def complete_document(api: Api) -> Json:
    """Return the document, with errors as problems and with an example of every body."""
    document: Json = api.spec.to_dict()
    schemas = document["components"]["schemas"]
    problems = {
        problem.status: problem.body("/api/shows/1/book", request_id="5f0c9f1e7d")
        for problem in map(problem_of, _ERRORS)
    }
    for name, response in document["components"]["responses"].items():
        status = HTTPStatus[name]
        [content] = response["content"].values()
        response["content"] = {PROBLEM_JSON: {**content, "example": problems[status]}}
        if status in (429, 503):
            response["headers"] = _RETRY_AFTER
    for operation in _operations(document):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in (part for body in bodies for part in body.get("content", {}).values()):
            content.setdefault("example", _example(content["schema"], schemas))
    return document


def _operations(document: Json) -> Iterator[Json]:
    for path in document["paths"].values():
        yield from (path[method] for method in _METHODS if method in path)


def _example(schema: Json, schemas: Json) -> Any:
    if "example" in schema:
        return schema["example"]
    if "$ref" in schema:
        return _example(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            required = schema.get("required", ())
            return {
                name: _example(member, schemas)
                for name, member in schema.get("properties", {}).items()
                if name in required or "example" in member
            }
        case "array":
            return [_example(schema["items"], schemas)]
        case "integer":
            return 1
        case "string":
            return ""
    return None
