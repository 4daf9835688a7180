"""Rendered pages, redirects with a message, and lists that span several pages."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ticketing.domain.paging import Page, Window
from ticketing.entrypoints.http.web.context import config

_MAX_PAGE = 10**9


def page(template: str, status: int = 200, **values: object) -> Response:
    return make_response(render_template(f"admin/{template}", **values), status)


def redirect_with_message(message: str, address: str) -> BaseResponse:
    """Redirect to a page that shows ``message`` at its top."""
    flash(message, "success")
    return redirect(address, 303)


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list, with the addresses of the previous and the next one."""

    items: Any
    total: int
    number: int
    previous: str | None
    next: str | None


def listing(query: Callable[[Window], Page[Any]]) -> Listing:
    """Return the page of a list that ``?page=`` requests."""
    number, size = request.args.get("page", 1, type=int), config().page_size
    if not 0 < number < _MAX_PAGE:
        number = 1
    found = query(Window((number - 1) * size, size))
    last = -(-found.total // size)
    return Listing(
        items=found.items,
        total=found.total,
        number=number,
        previous=_address(min(number - 1, last)) if number > 1 and last else None,
        next=_address(number + 1) if number < last else None,
    )


def _address(number: int) -> str:
    assert request.endpoint is not None
    arguments = {**request.args.to_dict(), **(request.view_args or {}), "page": number}
    return url_for(request.endpoint, **arguments)
