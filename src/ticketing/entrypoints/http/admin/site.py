"""The staff site under ``/admin``: access, CSRF protection, headers and error pages."""

from typing import Any, NoReturn

from flask import Blueprint, Flask, Response, current_app, flash, g, redirect, request, url_for
from flask_bootstrap import Bootstrap5
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from ticketing.entrypoints.http.admin import (
    audit,
    bookings,
    days,
    movies,
    occupancy,
    programme,
    screens,
    seat_plans,
    seats,
    shows,
    staff_session,
)
from ticketing.entrypoints.http.admin.rendering import page
from ticketing.entrypoints.http.web import problems
from ticketing.entrypoints.http.web.context import Served
from ticketing.entrypoints.http.web.request_body import MAX_LONG_BODY_BYTES, read_form

SECTIONS = (
    staff_session,
    programme,
    shows,
    seats,
    movies,
    screens,
    seat_plans,
    bookings,
    occupancy,
    audit,
)

_CHANGES = ["POST", "PUT", "PATCH", "DELETE"]
_PUBLIC_ENDPOINTS = ("admin.static", "admin.sessions.log_in")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; "
        "img-src 'self' data:; "  # Bootstrap's style sheet embeds its icons
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
_EXPIRED_FORM = (
    "This form has expired, or your browser blocks cookies. Nothing was changed. "
    "Go back, reload the page and submit the form again."
)

csrf = CSRFProtect()
site = Blueprint(
    "admin",
    __name__,
    url_prefix=staff_session.PATH,
    template_folder="templates",
    static_folder="static",
)


def register(app: Flask, served: Served) -> None:
    """Serve the staff site and its style sheets from this server."""
    staff_session.register(app, served)
    app.config.update(
        BOOTSTRAP_SERVE_LOCAL=True,
        WTF_CSRF_CHECK_DEFAULT=False,  # the API authenticates by header, not by cookie
        WTF_CSRF_HEADERS=[],  # accept the token from forms only
        WTF_CSRF_TIME_LIMIT=None,  # valid as long as the session
    )
    Bootstrap5(app)
    csrf.init_app(app)
    app.register_blueprint(site)


@site.before_request
def _check_access() -> BaseResponse | None:
    """Redirect to the log-in page unless staff are logged in. Raises CSRFError."""
    staff = g.staff = None if request.endpoint == "admin.static" else staff_session.load_staff()
    if staff is not None:
        g.actor = staff.actor  # for the request log
    elif request.endpoint not in _PUBLIC_ENDPOINTS:
        if request.method == "POST":
            flash("You were logged out, so your changes were not saved.", "warning")
        return redirect(url_for("admin.sessions.log_in", next=_address_after_log_in()))
    if request.method in _CHANGES:
        view = current_app.view_functions[request.endpoint or ""]
        max_upload_bytes = getattr(view, "max_body_bytes", None)
        read_form(max_upload_bytes or MAX_LONG_BODY_BYTES, with_files=bool(max_upload_bytes))
    csrf.protect()
    return None


def _address_after_log_in() -> str | None:
    """The requested page; none for a form, whose content is lost."""
    address = request.full_path.rstrip("?")
    is_page = request.method == "GET" and staff_session.is_safe_redirect(address)
    return address if is_page else None


@site.after_request
def _add_headers(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.headers.update(_HEADERS)
    return response


def _error_page(status: int, title: str, detail: str) -> Response:
    g.setdefault("staff", None)  # an error may come before the access check
    return page("error.html", status, title=title, detail=detail)


@site.errorhandler(CSRFError)
def _expired_form(error: CSRFError) -> Response:
    return _error_page(400, "Form expired", _EXPIRED_FORM)


@site.context_processor
def _template_context() -> dict[str, Any]:
    return {
        "staff": g.staff,
        "clock": days.clock,
        "day_and_clock": days.day_and_clock,
        "day_of": lambda moment: days.local_time(moment).date().isoformat(),
    }


@site.route("/", methods=_CHANGES)
@site.route("/<path:unknown>", methods=["GET", *_CHANGES])
def _unknown(unknown: str = "") -> NoReturn:
    """Match every other path, so that the access check comes before the 404."""
    raise NotFound


problems.register_pages(site, _error_page)
for section in SECTIONS:
    site.register_blueprint(section.blueprint)
