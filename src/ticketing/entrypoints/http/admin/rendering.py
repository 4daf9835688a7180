"""How a page is answered."""

from dataclasses import dataclass
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ticketing.domain.paging import Page, Window
from ticketing.entrypoints.http.web.context import config

_MAX_DIGITS = 9


def page(template: str, status: int = 200, **values: object) -> Response:
    return make_response(render_template(f"admin/{template}", **values), status)


def done(told: str, address: str) -> BaseResponse:
    """Say that something was done, on the page to see next."""
    flash(told, "success")
    return redirect(address, 303)


def number_asked(name: str) -> int | None:
    """A whole number in the query string; what is none, or has too many digits, is not there."""
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS else None


def window() -> Window:
    """The part of a list that ``?page=`` asks for."""
    size = config().page_size
    return Window((_page_number() - 1) * size, size)


def _page_number() -> int:
    return number_asked("page") or 1


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list, and where the others are."""

    items: Any
    total: int
    number: int
    previous: str | None
    next: str | None


def listing(found: Page[Any]) -> Listing:
    number, size = _page_number(), config().page_size
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
    asked = {**request.args.to_dict(), **(request.view_args or {}), "page": number}
    return url_for(request.endpoint, **asked)
