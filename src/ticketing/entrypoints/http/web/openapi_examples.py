"""Examples in the OpenAPI documents, of whole bodies.

Those of requests and successes are put together from the examples of the fields: a request's has
the required members and those with an example, so that it can be sent unchanged. Those of problems
are real errors.
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from werkzeug.exceptions import BadRequest, default_exceptions

from ticketing.domain.accounts.errors import TokenExpired
from ticketing.domain.errors import Busy, Forbidden, InvalidFields
from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.sales.errors import SeatTaken
from ticketing.entrypoints.http.web.problems import PROBLEM_JSON, problem_of
from ticketing.entrypoints.http.web.request_body import INVALID_JSON

Json = dict[str, Any]

_ERRORS = (
    BadRequest(INVALID_JSON),
    TokenExpired(),
    Forbidden(),
    ShowNotFound(),
    *(default_exceptions[status]() for status in (413, 415, 429)),
    SeatTaken(seats=["A5"]),
    InvalidFields(seat_number="Unknown field."),
    Exception(),
    Busy(),
)


def add_examples(document: Json) -> None:
    """Give every body in ``document`` an example."""
    schemas = document["components"]["schemas"]
    problems = {
        problem.status: problem.body("/api/shows/1/book", request_id="5f0c9f1e7d")
        for problem in map(problem_of, _ERRORS)
    }
    for name, answer in document["components"]["responses"].items():
        answer["content"][PROBLEM_JSON]["example"] = problems[HTTPStatus[name]]
    for operation in _operations(document):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in (part for body in bodies for part in body.get("content", {}).values()):
            content.setdefault("example", _example(content["schema"], schemas))


def _operations(document: Json) -> Iterator[Json]:
    for path in document["paths"].values():
        yield from (path[method] for method in ("get", "post", "patch", "delete") if method in path)


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
