"""A blueprint that reads requests and describes operations our way."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from flask_smorest import Blueprint

from ticketing.entrypoints.http.web.rate_limits import UNLIMITED
from ticketing.entrypoints.http.web.request_body import RequestParser

View = Callable[..., Any]


class Resource(Blueprint):
    """The calls of one resource.

    In the OpenAPI document an operation has its function's name, ``bookSeats``, and the errors
    that any call of its kind may answer with; the view adds those that are its own.
    """

    ARGUMENTS_PARSER = RequestParser()

    def arguments(self, schema: Any, **options: Any) -> Callable[[View], View]:
        """With a schema that is made here, once: webargs would make one for each request."""
        made = schema() if isinstance(schema, type) else schema
        decorate: Callable[[View], View] = super().arguments(made, **options)
        return decorate

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None, **options: Any
    ) -> None:
        operation_id = options.pop("operation_id", None) or _camel_case(view_func.__name__)
        view: Any = self.doc(operationId=operation_id)(view_func)
        answers = view._apidoc.setdefault("response", {}).setdefault("responses", {})
        for status in _usual_errors(rule, view):
            answers.setdefault(status, [HTTPStatus(status).name])
        super().add_url_rule(rule, endpoint, view, **options)


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _usual_errors(rule: str, view: Any) -> Iterator[int]:
    apidoc: dict[str, Any] = view._apidoc
    if "security" in apidoc.get("manual_doc", {}):
        yield 401
    if apidoc.get("manual_doc", {}).get("x-for-staff"):
        yield 403
    if "<" in rule:
        yield 404
    if any(given["in"] == "json" for given in apidoc.get("arguments", {}).get("parameters", [])):
        yield from (400, 413, 415)
    if view.__name__ not in UNLIMITED:
        yield 429
    yield from (500, 503)
