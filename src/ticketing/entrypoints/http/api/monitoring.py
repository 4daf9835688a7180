"""Health checks, and metrics for Prometheus behind a token of their own."""

from collections.abc import Mapping, Sequence
from hmac import compare_digest

from flask import Flask, Response
from marshmallow import fields

from ticketing.domain.accounts.errors import TokenInvalid
from ticketing.domain.errors import Busy, NotReady
from ticketing.domain.paging import Window
from ticketing.domain.programme.queries import ShowAvailability, ShowFilter
from ticketing.entrypoints.http.web.auth import bearer
from ticketing.entrypoints.http.web.context import office, served
from ticketing.entrypoints.http.web.openapi import Resource
from ticketing.entrypoints.http.web.rate_limits import unlimited
from ticketing.entrypoints.http.web.request_log import RequestMeter
from ticketing.entrypoints.http.web.schemas import Answer

blueprint = Resource("health", __name__, description="Health checks for operators")

_SHOWS = Window(offset=0, limit=100)
"""The next shows: each adds a few time series, which Prometheus keeps."""


class HealthSchema(Answer):
    """The service works."""

    status = fields.Str(metadata={"example": "ok"})


@blueprint.route("/healthz")
@unlimited
@blueprint.response(200, HealthSchema)
def is_alive() -> dict[str, str]:
    """Check that the process is alive"""
    return {"status": "ok"}


@blueprint.route("/readyz")
@unlimited
@blueprint.response(200, HealthSchema)
def is_ready() -> dict[str, str]:
    """Check that the database is available and migrated

    503 `not_ready` if it is not migrated, `busy` if it does not respond.
    """
    if served().is_ready():
        return {"status": "ok"}
    raise NotReady()


def register_metrics(app: Flask, meter: RequestMeter, token: str) -> None:
    expected = token.encode()

    @app.get("/metrics")
    @unlimited
    def metrics() -> Response:
        if not compare_digest(bearer().encode(), expected):
            raise TokenInvalid()
        exposition, media_type = meter.exposition(*_store())
        return Response(exposition, content_type=media_type)


def _store() -> tuple[Sequence[ShowAvailability] | None, Mapping[str, int]]:
    """Return the shows on sale, and other numbers of the store; None and none if it is busy."""
    queries = office().queries
    try:
        next_ones = queries.programme.shows(ShowFilter(), _SHOWS).items
        messages = queries.messages.message_counts()
        numbers = {
            "live_holds": queries.sales.live_holds(),
            "waiting_entries": queries.waiting_list.number_waiting(),
            "waiting_messages": messages.waiting,
            "failed_messages": messages.failed,
        }
    except Busy:
        return None, {}
    return [offer for offer in next_ones if offer.show.cancelled_at is None], numbers
