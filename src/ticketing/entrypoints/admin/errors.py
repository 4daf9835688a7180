"""Every refusal and error as a page. What it is, and what the log is told, the API decides."""

from flask import Blueprint, Response, g
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from ticketing.domain.errors import DomainError
from ticketing.entrypoints.admin.pages import page
from ticketing.entrypoints.http.errors import crash, http_error, refusal

_STALE = (
    "This form was open for too long, or in a browser that keeps no cookies. Nothing was changed: "
    "go back, load the page again, and send it once more."
)
_KEPT_HEADERS = ("Allow", "Retry-After")


def register(pages: Blueprint) -> None:
    pages.register_error_handler(DomainError, lambda error: _as_page(refusal(error)))
    pages.register_error_handler(HTTPException, lambda error: _as_page(http_error(error)))
    pages.register_error_handler(CSRFError, lambda error: _page(400, "Stale form", _STALE))
    pages.register_error_handler(Exception, lambda error: _as_page(crash(error)))


def _as_page(problem: Response) -> Response:
    if problem.status_code < 400:
        return problem
    told = problem.get_json()
    answer = _page(problem.status_code, told["title"], told["detail"])
    kept = {name: problem.headers[name] for name in _KEPT_HEADERS if name in problem.headers}
    answer.headers.update(kept)
    return answer


def _page(status: int, title: str, detail: str) -> Response:
    g.setdefault("staff", None)  # refused before anybody asked who it is
    return page("error.html", status, title=title, detail=detail)
