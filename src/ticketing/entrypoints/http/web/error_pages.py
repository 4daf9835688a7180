"""Errors as pages."""

from collections.abc import Callable

from flask import Blueprint, Response

from ticketing.entrypoints.http.web import problems
from ticketing.entrypoints.http.web.problems import Problem

_PAGE_TEXTS = {
    "not_found": ("Not found", "This page does not exist."),
    "body_too_large": (
        "Too much text",
        "A form may hold 1 MiB at most. Please go back and shorten your text.",
    ),
    "rate_limited": (
        "Too many requests",
        "Nothing was changed. Please wait a few minutes, then go back and try again.",
    ),
    "internal_error": (
        "Internal error",
        "Something went wrong on our side. Please try again later.",
    ),
}
"""Title and detail, where those of the API do not suit a page."""


def register(pages: Blueprint, page: Callable[[int, str, str], Response]) -> None:
    """Have ``pages`` answer every error with ``page(status, title, detail)``."""

    def render(problem: Problem) -> Response:
        texts = _PAGE_TEXTS.get(problem.code, (problem.title, problem.detail))
        return page(problem.status, *texts)

    problems.register(pages, render)
