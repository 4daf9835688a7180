"""Pagination of lists."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

from flask import request
from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate

from ticketing.domain.paging import Page, Window
from ticketing.entrypoints.http.web.context import config
from ticketing.entrypoints.http.web.schemas import Answer, QueryWholeNumber
from ticketing.entrypoints.http.web.urls import absolute_url

PageResponse = tuple[dict[str, Any], dict[str, str]]
"""The body and the headers of a page."""

MAX_PAGE = 10**9
"""Stands for all later pages, which are empty: X-Pagination has no room for a longer number."""


@dataclass(frozen=True, slots=True)
class PageQuery:
    """The page to return, and the filters of the query string."""

    page: int
    page_size: int
    filters: dict[str, Any]

    @property
    def window(self) -> Window:
        return Window((self.page - 1) * self.page_size, self.page_size)


def _not_too_many(page_size: int) -> None:
    if not 1 <= page_size <= config().max_page_size:
        raise ValidationError(f"page_size must be 1 to {config().max_page_size}.")


class PageArgs(Schema):
    """The query string of a list. Unknown parameters are ignored."""

    class Meta:
        unknown = EXCLUDE

    page = QueryWholeNumber(
        load_default=1, validate=validate.Range(min=1), metadata={"description": "Starts at 1"}
    )
    page_size = QueryWholeNumber(
        load_default=lambda: config().page_size,
        validate=_not_too_many,
        metadata={"description": "Entries per page: 20 by default, at most 100", "minimum": 1},
    )

    @post_load
    def query(self, data: dict[str, Any], **kwargs: Any) -> PageQuery:
        return PageQuery(min(data.pop("page"), MAX_PAGE), data.pop("page_size"), data)


@cache
def page_schema(row: type[Schema]) -> type[Schema]:
    """Return the schema of a page of ``row``."""
    name = row.__name__.removesuffix("Schema")
    url = {"format": "uri"}
    return Answer.from_dict(
        {
            "count": fields.Int(required=True, metadata={"description": "Entries on all pages"}),
            "next": fields.Str(required=True, allow_none=True, metadata=url),
            "previous": fields.Str(required=True, allow_none=True, metadata=url),
            "results": fields.List(fields.Nested(row), required=True),
        },
        name=f"{name}PageSchema",
    )


PAGINATION_HEADER = {
    "X-Pagination": {
        "description": "JSON with `total`, `total_pages`, `page` and, where they exist, "
        "`first_page`, `last_page`, `previous_page` and `next_page`",
        "schema": {"type": "string"},
    }
}


def page_response(page: Page[Any], query: PageQuery) -> PageResponse:
    last = -(-page.total // query.page_size)
    previous = min(query.page - 1, last) or None
    following = query.page + 1 if query.page < last else None
    body = {
        "count": page.total,
        "next": _url_of(following),
        "previous": _url_of(previous),
        "results": page.items,
    }
    facts = {
        "total": page.total,
        "total_pages": last,
        "page": query.page,
        "first_page": 1 if last else None,
        "last_page": last or None,
        "previous_page": previous,
        "next_page": following,
    }
    known = {name: fact for name, fact in facts.items() if fact is not None}
    return body, {"X-Pagination": json.dumps(known)}


def _url_of(page: int | None) -> str | None:
    if page is None:
        return None
    arguments = {**request.args.to_dict(flat=False), "page": [page]}
    return absolute_url(f"{request.path}?{urlencode(arguments, doseq=True)}")
