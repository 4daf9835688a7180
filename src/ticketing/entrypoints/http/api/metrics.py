"""Metrics for Prometheus, behind a token of their own."""

from collections.abc import Sequence
from hmac import compare_digest

from flask import Flask, Response

from ticketing.domain.accounts.errors import TokenInvalid
from ticketing.domain.errors import Busy
from ticketing.domain.paging import Window
from ticketing.domain.programme.queries import ShowAvailability, ShowFilter
from ticketing.entrypoints.http.web.auth import bearer
from ticketing.entrypoints.http.web.context import office
from ticketing.entrypoints.http.web.rate_limits import unlimited
from ticketing.entrypoints.http.web.request_log import RequestMeter

_SHOWS = Window(offset=0, limit=100)
"""The next shows: each adds a few time series, which Prometheus keeps."""


def register(app: Flask, meter: RequestMeter, token: str) -> None:
    expected = token.encode()

    @app.get("/metrics")
    @unlimited
    def metrics() -> Response:
        if not compare_digest(bearer().encode(), expected):
            raise TokenInvalid()
        exposition, media_type = meter.exposition(_on_sale())
        return Response(exposition, content_type=media_type)


def _on_sale() -> Sequence[ShowAvailability] | None:
    """Return the shows on sale; None where the store is busy."""
    try:
        next_ones = office().queries.programme.shows(ShowFilter(), _SHOWS).items
    except Busy:
        return None
    return [offer for offer in next_ones if offer.show.cancelled_at is None]
