"""The staff's pages, put together."""

from typing import Any, NoReturn

from flask import Blueprint, Flask, g
from flask_bootstrap import Bootstrap5
from werkzeug.exceptions import NotFound

from ticketing.entrypoints.http.admin import audit as trail
from ticketing.entrypoints.http.admin import (
    bookings,
    days,
    errors,
    guard,
    occupancy,
    programme,
    screens,
    sessions,
    shows,
)
from ticketing.entrypoints.http.admin import movies as films
from ticketing.entrypoints.http.admin import staff_session as cookie
from ticketing.entrypoints.http.web.context import Served

PAGES = (sessions, programme, shows, films, screens, bookings, occupancy, trail)
CHANGES = ["POST", "PUT", "PATCH", "DELETE"]


def register(app: Flask, served: Served) -> None:
    """Serve the pages, and what they look like, all from our own disk."""
    cookie.register(app, served)
    app.config.update(
        BOOTSTRAP_SERVE_LOCAL=True,
        WTF_CSRF_CHECK_DEFAULT=False,  # the API's tokens are no cookies
        WTF_CSRF_HEADERS=[],  # forms only: nothing else is ever parsed
        WTF_CSRF_TIME_LIMIT=None,  # good for as long as the session
    )
    Bootstrap5(app)
    guard.csrf.init_app(app)
    app.register_blueprint(_all_pages())


def _all_pages() -> Blueprint:
    pages = Blueprint(
        "admin",
        __name__,
        url_prefix=cookie.PATH,
        template_folder="templates",
        static_folder="static",
    )
    guard.register(pages)
    errors.register(pages)
    pages.context_processor(_for_templates)
    for part in PAGES:
        pages.register_blueprint(part.blueprint)
    pages.add_url_rule("/", "unknown", _unknown, methods=CHANGES)
    pages.add_url_rule("/<path:unknown>", "unknown", _unknown, methods=["GET", *CHANGES])
    return pages


def _for_templates() -> dict[str, Any]:
    return {
        "staff": g.staff,
        "clock": days.clock,
        "day_and_clock": days.day_and_clock,
        "day_of": lambda moment: days.local(moment).date().isoformat(),
    }


def _unknown(unknown: str = "") -> NoReturn:
    """So that nothing is told here, not even what there is not, but to the staff."""
    raise NotFound
