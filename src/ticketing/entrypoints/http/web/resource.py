"""A blueprint that reads requests and documents operations our way."""

from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any

from flask_smorest import Blueprint

from ticketing.entrypoints.http.web.auth import Access, access_to
from ticketing.entrypoints.http.web.rate_limits import family_of
from ticketing.entrypoints.http.web.request_body import RequestParser

View = Callable[..., Any]

_BODY_ERRORS = (400, 413, 415)


class Resource(Blueprint):
    """The endpoints of one resource.

    In the OpenAPI document an operation has its function's name, ``bookSeats``, and the errors
    that follow from its path, decorators and body; the view adds its own.
    """

    ARGUMENTS_PARSER = RequestParser()

    def arguments(self, schema: Any, *, location: str = "json", **options: Any) -> Any:
        """Parse arguments with one instance of ``schema``: webargs would make one a request."""
        made = schema() if isinstance(schema, type) else schema
        parse = super().arguments(made, location=location, **options)
        errors = _BODY_ERRORS if location == "json" else ()
        return lambda view: self._with_errors(parse(view), errors)

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None, **options: Any
    ) -> None:
        operation_id = options.pop("operation_id", None) or _camel_case(view_func.__name__)
        security: dict[str, Any] = {"security": [{"bearer": []}]} if access_to(view_func) else {}
        view = self.doc(operationId=operation_id, **security)(view_func)
        view = self._with_errors(view, _usual_errors(rule, view))
        super().add_url_rule(rule, endpoint, view, **options)

    def _with_errors(self, view: View, statuses: Iterable[int]) -> View:
        for status in statuses:
            view = self.alt_response(status, HTTPStatus(status).name)(view)
        return view


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
    yield from (500, 503)
