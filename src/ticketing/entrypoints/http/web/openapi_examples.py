"""Examples in the OpenAPI documents, of whole bodies.

They are put together from the examples of the fields: what is sent has the members that have to
be there and those with an example, so that it can be sent as it stands.
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from ticketing.entrypoints.http.web.problems import PROBLEM, problem_body

Json = dict[str, Any]

_PROBLEMS: dict[int, Json] = {
    400: {"code": "bad_request", "detail": "The body is not valid JSON."},
    401: {"code": "token_expired", "detail": "The token has expired."},
    403: {"code": "forbidden", "detail": "You may not do this."},
    404: {"code": "show_not_found", "detail": "There is no such show."},
    409: {"code": "seat_taken", "detail": "Seat already booked", "seats": ["A5"]},
    413: {"code": "body_too_large", "detail": "The body may have 1 MiB at most."},
    415: {"code": "unsupported_media_type", "detail": "The body must be JSON."},
    422: {
        "code": "validation_failed",
        "detail": "Some fields are not valid.",
        "errors": {"seats": ["Either seat_number or seats is wanted."]},
    },
    429: {
        "code": "rate_limited",
        "detail": "Too many requests: go on after as many seconds as Retry-After says.",
    },
    500: {"code": "internal_error", "detail": "Something went wrong on our side."},
    503: {"code": "busy", "detail": "Too busy right now, try again."},
}


def add_examples(document: Json) -> None:
    """Give every body in ``document`` an example."""
    schemas = document["components"]["schemas"]
    for name, answer in document["components"]["responses"].items():
        answer["content"][PROBLEM]["example"] = _problem(HTTPStatus[name])
    for operation in _operations(document):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in (part for body in bodies for part in body.get("content", {}).values()):
            content.setdefault("example", _example(content["schema"], schemas))


def _operations(document: Json) -> Iterator[Json]:
    for path in document["paths"].values():
        yield from (path[method] for method in ("get", "post", "patch", "delete") if method in path)


def _problem(status: HTTPStatus) -> Json:
    return problem_body(
        status, instance="/api/shows/1/book", request_id="5f0c9f1e7d", **_PROBLEMS[status]
    )


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
