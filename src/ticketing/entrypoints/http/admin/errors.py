"""Every refusal and error as a page, that of a stale form too."""

from flask import Blueprint, Response, g
from flask_wtf.csrf import CSRFError

from ticketing.entrypoints.http.admin.rendering import page
from ticketing.entrypoints.http.web import error_pages

_STALE = (
    "This form was open for too long, or in a browser that keeps no cookies. Nothing was changed: "
    "go back, load the page again, and send it once more."
)


def register(pages: Blueprint) -> None:
    error_pages.register(pages, _page)
    pages.register_error_handler(CSRFError, lambda error: _page(400, "Stale form", _STALE))


def _page(status: int, title: str, detail: str) -> Response:
    g.setdefault("staff", None)  # refused before anybody asked who it is
    return page("error.html", status, title=title, detail=detail)
