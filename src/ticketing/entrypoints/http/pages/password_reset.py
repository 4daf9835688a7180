"""Password reset: a form to request a link by email, and the form that the link opens.

Neither needs a cookie or a script. The link holds the token, so the pages are not cached and send
no referrer.
"""

from flask import Blueprint, Flask, Response, make_response, render_template, request

from ticketing.domain.accounts.errors import ResetTokenInvalid
from ticketing.domain.errors import InvalidFields
from ticketing.entrypoints.http.web import problems
from ticketing.entrypoints.http.web.context import office
from ticketing.entrypoints.http.web.password_checks import checks_password
from ticketing.entrypoints.http.web.problems import status_of
from ticketing.entrypoints.http.web.rate_limits import PASSWORD_RESET, limited
from ticketing.entrypoints.http.web.request_body import read_form
from ticketing.entrypoints.http.web.urls import RESET_PAGE

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}

blueprint = Blueprint("password_reset", __name__)


@blueprint.before_request
def _read_form() -> None:
    if request.method == "POST":
        read_form()


@blueprint.route(f"{RESET_PAGE}/request")
def request_form() -> Response:
    return _page("request_form.html")


@blueprint.route(f"{RESET_PAGE}/request", methods=["POST"])
@limited(PASSWORD_RESET)
def send_mail() -> Response:
    office().password_resets.request(request.form.get("name", ""), request.remote_addr or "")
    return _page("link_sent.html")


@blueprint.route(RESET_PAGE)
def password_form() -> Response:
    token = request.args.get("token", "")
    office().password_resets.check(token)
    return _page("password_form.html", token=token)


@blueprint.route(RESET_PAGE, methods=["POST"])
@limited(PASSWORD_RESET)
@checks_password
def set_password() -> Response:
    office().password_resets.confirm(
        request.form.get("token", ""), request.form.get("new_password", "")
    )
    return _page("password_set.html")


@blueprint.errorhandler(ResetTokenInvalid)
def _invalid_link(error: ResetTokenInvalid) -> Response:
    return _page("request_form.html", status_of(error), error=error.detail)


@blueprint.errorhandler(InvalidFields)
def _invalid_password(error: InvalidFields) -> Response:
    """The form for a new password, with the error beside the field."""
    token, [message] = request.form["token"], error.facts["errors"]["new_password"]
    return _page("password_form.html", status_of(error), token=token, error=message)


def _error_page(status: int, title: str, detail: str) -> Response:
    return _page("reset_error.html", status, title=title, detail=detail)


problems.register_pages(blueprint, _error_page)


def _page(template: str, status: int = 200, **values: str) -> Response:
    return make_response(render_template(f"pages/{template}", **values), status, _HEADERS)


def register(app: Flask) -> None:
    app.register_blueprint(blueprint)
