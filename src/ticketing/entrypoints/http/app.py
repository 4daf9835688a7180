"""The Flask application: every resource, put together."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.json.provider import DefaultJSONProvider

from ticketing.entrypoints.http.admin import site as admin
from ticketing.entrypoints.http.api import (
    accounts,
    blocked_seats,
    bookings,
    cinema,
    docs,
    holds,
    monitoring,
    movies,
    own_data,
    passwords,
    plans,
    predecessors,
    screens,
    seat_stream,
    seats,
    shows,
    waiting_list,
)
from ticketing.entrypoints.http.pages import password_reset
from ticketing.entrypoints.http.pages import site as pages
from ticketing.entrypoints.http.web import (
    auth,
    problems,
    rate_limiter,
    request_body,
    request_head,
    request_log,
    response_cache,
    security_headers,
    urls,
)
from ticketing.entrypoints.http.web.context import Served
from ticketing.entrypoints.http.web.openapi import ABOUT, ABOUT_PREDECESSORS, make_api
from ticketing.entrypoints.http.web.proxies import TrustedProxies, Wsgi
from ticketing.entrypoints.http.web.request_head import BoundedHead
from ticketing.entrypoints.http.web.security_headers import SecurityHeaders
from ticketing.entrypoints.http.web.unread_body import UnreadBody
from ticketing.settings import Settings

API = (
    *(cinema, movies, shows, seats, seat_stream, plans, accounts, passwords, own_data),
    *(bookings, holds, waiting_list, screens, blocked_seats),
)


class OrderedJson(DefaultJSONProvider):
    """JSON whose members keep the order of the schemas, without blanks between them."""

    sort_keys = False
    compact = True


class BoxOfficeApp(Flask):
    json_provider_class = OrderedJson

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return ``func``. No view is a coroutine, and looking costs each request eight checks."""
        return func


def create_app(served: Served, instrument: Callable[[Flask], None] | None = None) -> Flask:
    """Return the application that serves a box office. It reads nothing before a request.

    ``instrument`` adds hooks that run before all others.
    """
    # Below the static path are Bootstrap's files.
    app = BoxOfficeApp(__name__, static_folder=None, static_url_path="/static")
    if instrument:
        instrument(app)
    settings = served.settings
    app.extensions["ticketing"] = served
    app.url_map.strict_slashes = False  # with and without, never by redirect
    app.url_map.merge_slashes = False
    request_log.register(app, served.meter)
    security_headers.register(app, settings)
    request_head.register(app)
    request_body.register(app)
    urls.register(app)
    auth.register(app, served)
    response_cache.register(app, served.lists)
    _register_api(app, with_predecessors=settings.predecessor_paths)
    admin.register(app, served)
    pages.register(app)
    password_reset.register(app)
    problems.register(app)
    if served.meter and settings.metrics_token:
        monitoring.register_metrics(app, served.meter, settings.metrics_token)
    if settings.ratelimit:
        rate_limiter.register(app, served)
    app.wsgi_app = _with_middleware(app.wsgi_app, settings)  # type: ignore[method-assign]
    return app


def _with_middleware(app: Wsgi, settings: Settings) -> UnreadBody:
    """Return ``app`` with its middleware; what is added last gets a request first."""
    app = BoundedHead(SecurityHeaders(app, settings.is_production))
    if settings.trusted_proxies:
        app = TrustedProxies(app, settings.trusted_proxies)
    return UnreadBody(app)


def _register_api(app: Flask, *, with_predecessors: bool) -> None:
    api = make_api(app, "Ticketing", ABOUT)
    for resource in API:
        api.register_blueprint(resource.blueprint, url_prefix="/api")
    api.register_blueprint(monitoring.blueprint)
    documents = {"/schema/": api}
    if with_predecessors:
        old = make_api(app, "Ticketing: earlier paths", ABOUT_PREDECESSORS, "PREDECESSORS")
        old.register_blueprint(predecessors.blueprint)
        documents["/schema/predecessors/"] = old
    docs.register(app, documents)
