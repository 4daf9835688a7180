"""The Flask application: every resource, put together."""

from flask import Flask
from flask.json.provider import DefaultJSONProvider

from ticketing.entrypoints.http.admin import site as admin
from ticketing.entrypoints.http.api import (
    accounts,
    bookings,
    docs,
    health,
    metrics,
    movies,
    own_data,
    passwords,
    predecessors,
    screens,
    seats,
    shows,
)
from ticketing.entrypoints.http.pages import password_reset
from ticketing.entrypoints.http.web import auth, cors, response_cache, urls
from ticketing.entrypoints.http.web import headers as envelope
from ticketing.entrypoints.http.web import problems as errors
from ticketing.entrypoints.http.web import rate_limiter as limiter
from ticketing.entrypoints.http.web import request_body as requests
from ticketing.entrypoints.http.web import request_log as observation
from ticketing.entrypoints.http.web.context import Served
from ticketing.entrypoints.http.web.openapi import ABOUT, ABOUT_PREDECESSORS, make_api
from ticketing.entrypoints.http.web.proxies import TrustedProxies
from ticketing.entrypoints.http.web.request_body import LARGEST_BODY, IdConverter


class InOrder(DefaultJSONProvider):
    """Members in the order in which the schemas name them, and no blanks between them."""

    sort_keys = False
    compact = True


API = (movies, shows, seats, accounts, passwords, own_data, bookings, screens)


def create_app(served: Served) -> Flask:
    """The application that serves a box office. Nothing is connected or read before a request."""
    app = Flask(__name__, static_folder=None, static_url_path="/static")  # Bootstrap's ends so
    app.extensions["ticketing"] = served
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY + 1  # so that a body cut there is seen to be
    app.json = InOrder(app)
    app.url_map.strict_slashes = False  # with and without, never by redirect
    app.url_map.merge_slashes = False
    app.url_map.converters["id"] = IdConverter
    observation.register(app, served.meter)
    envelope.register(app, served.config)
    requests.register(app)
    urls.register(app)
    auth.register(app, served.config)
    response_cache.register(app, served.monotonic)
    _register_calls(app, with_predecessors=served.config.predecessor_paths)
    admin.register(app, served.config)
    password_reset.register(app)
    errors.register(app)
    if served.meter and served.config.metrics_token:
        metrics.register(app, served.meter, served.config.metrics_token)
    if origins := served.config.cors_origins:
        cors.register(app, origins)
    if proxies := served.config.trusted_proxies:
        app.wsgi_app = TrustedProxies(app.wsgi_app, proxies)  # type: ignore[method-assign]
    if served.config.ratelimit:
        limiter.register(app, served)
    return app


def _register_calls(app: Flask, *, with_predecessors: bool) -> None:
    api = make_api(app, "Ticketing", ABOUT)
    for resource in API:
        api.register_blueprint(resource.blueprint, url_prefix="/api")
    api.register_blueprint(health.blueprint)
    documents = {"/schema/": api}
    if with_predecessors:
        old = make_api(app, "Ticketing: earlier paths", ABOUT_PREDECESSORS, "PREDECESSORS")
        old.register_blueprint(predecessors.blueprint)
        documents["/schema/predecessors/"] = old
    docs.register(app, documents)
