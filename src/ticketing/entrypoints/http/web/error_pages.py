"""Refusals and errors as pages, for people. What they are, and what the log is told, stays."""

from collections.abc import Callable

from flask import Blueprint, Response
from werkzeug.exceptions import HTTPException

from ticketing.domain.errors import DomainError
from ticketing.entrypoints.http.web.problems import crash, http_error, refusal

_KEPT_HEADERS = ("Allow", "Retry-After")
_IN_OTHER_WORDS = {
    "not_found": ("Not found", "There is no such page."),
    "body_too_large": (
        "Too much text",
        "A form may hold 1 MiB at most. Please go back and shorten what is in it.",
    ),
    "rate_limited": (
        "Too many requests",
        "Nothing was changed. Please wait a few minutes, then go back and try again.",
    ),
    "internal_error": (
        "An error of ours",
        "Something went wrong on our side. Please try again later.",
    ),
}
"""Title and detail, where those for programs would tell people nothing."""


def register(pages: Blueprint, page: Callable[[int, str, str], Response]) -> None:
    """Have ``pages`` answer whatever they refuse by a ``page`` of its status, title and detail."""

    def answer(problem: Response) -> Response:
        if problem.status_code < 400:
            return problem
        told = problem.get_json()
        words = _IN_OTHER_WORDS.get(told["code"], (told["title"], told["detail"]))
        shown = page(problem.status_code, *words)
        kept = {name: problem.headers[name] for name in _KEPT_HEADERS if name in problem.headers}
        shown.headers.update(kept)
        return shown

    pages.register_error_handler(DomainError, lambda error: answer(refusal(error)))
    pages.register_error_handler(HTTPException, lambda error: answer(http_error(error)))
    pages.register_error_handler(Exception, lambda error: answer(crash(error)))
