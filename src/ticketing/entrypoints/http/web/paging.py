"""Lists, page by page."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

from flask import request
from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate

from ticketing.domain.paging import Page, Window
from ticketing.entrypoints.http.web.context import config
from ticketing.entrypoints.http.web.fields import QueryWhole
from ticketing.entrypoints.http.web.schemas import Answer
from ticketing.entrypoints.http.web.urls import absolute_url


@dataclass(frozen=True, slots=True)
class PageWanted:
    """Which page of which size, and what else the query string asked for."""

    page: int
    page_size: int
    filters: dict[str, Any]

    @property
    def window(self) -> Window:
        return Window((self.page - 1) * self.page_size, self.page_size)


def _not_too_many(page_size: int) -> None:
    if not 1 <= page_size <= config().max_page_size:
        raise ValidationError(f"1 to {config().max_page_size} rows a page can be had.")


class PageArgs(Schema):
    """The query string of a list. Unknown parameters are ignored."""

    class Meta:
        unknown = EXCLUDE

    page = QueryWhole(
        load_default=1, validate=validate.Range(min=1), metadata={"description": "From 1"}
    )
    page_size = QueryWhole(
        load_default=lambda: config().page_size,
        validate=_not_too_many,
        metadata={"description": "Rows a page: 20 unless asked for, at most 100", "minimum": 1},
    )

    @post_load
    def wanted(self, data: dict[str, Any], **kwargs: Any) -> PageWanted:
        return PageWanted(data.pop("page"), data.pop("page_size"), data)


@cache
def page_schema(row: type[Schema]) -> type[Schema]:
    """The envelope of a list of ``row``."""
    name = row.__name__.removesuffix("Schema")
    url = {"format": "uri"}
    return Answer.from_dict(
        {
            "count": fields.Int(required=True, metadata={"description": "Rows on all pages"}),
            "next": fields.Str(required=True, allow_none=True, metadata=url),
            "previous": fields.Str(required=True, allow_none=True, metadata=url),
            "results": fields.List(fields.Nested(row), required=True),
        },
        name=f"{name}PageSchema",
    )


PAGINATION_HEADER = {
    "X-Pagination": {
        "description": "`total`, `total_pages`, `page` and, where there are such, `first_page`, "
        "`last_page`, `previous_page`, `next_page`; as JSON",
        "schema": {"type": "string"},
    }
}


def listed(page: Page[Any], wanted: PageWanted) -> tuple[dict[str, Any], dict[str, str]]:
    """The envelope and headers of a page."""
    last = -(-page.total // wanted.page_size)
    previous = min(wanted.page - 1, last) or None
    following = wanted.page + 1 if wanted.page < last else None
    body = {
        "count": page.total,
        "next": _url_of(following),
        "previous": _url_of(previous),
        "results": page.items,
    }
    facts = {
        "total": page.total,
        "total_pages": last,
        "page": wanted.page,
        "first_page": 1 if last else None,
        "last_page": last or None,
        "previous_page": previous,
        "next_page": following,
    }
    told = {name: fact for name, fact in facts.items() if fact is not None}
    return body, {"X-Pagination": json.dumps(told)}


def _url_of(page: int | None) -> str | None:
    if page is None:
        return None
    arguments = {**request.args.to_dict(flat=False), "page": [page]}
    return absolute_url(f"{request.path}?{urlencode(arguments, doseq=True)}")
