"""Log in and log out."""

import re

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField, SubmitField
from wtforms.validators import InputRequired

from ticketing.domain.accounts.account import Actor
from ticketing.domain.errors import Forbidden, TooMany, Unauthorised
from ticketing.entrypoints.http.admin.forms import StaffForm
from ticketing.entrypoints.http.admin.rendering import redirect_with_message
from ticketing.entrypoints.http.admin.staff_session import (
    PATH,
    current_account_id,
    current_staff,
    end_session,
    start_session,
)
from ticketing.entrypoints.http.web.context import office
from ticketing.entrypoints.http.web.rate_limits import LOG_IN, limited

blueprint = Blueprint("sessions", __name__)

_STAFF_PAGE = re.compile(rf"{PATH}/[A-Za-z0-9/_-]*(\?[A-Za-z0-9=&_-]*)?")


class LogInForm(StaffForm):
    handled_errors = (Forbidden, TooMany, Unauthorised)

    name = StringField(
        "Username or email address",
        [InputRequired()],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "autofocus": True},
    )
    password = PasswordField(
        "Password", [InputRequired()], render_kw={"autocomplete": "current-password"}
    )
    log_in = SubmitField("Log in")


def is_safe_redirect(address: str) -> bool:
    """Whether ``address`` is a page of the staff site."""
    return _STAFF_PAGE.fullmatch(address) is not None


@blueprint.route("/log-in", methods=["GET", "POST"])
@limited(LOG_IN)
def log_in() -> Response:
    form = LogInForm()
    requested = request.args.get("next", "")
    target = requested if is_safe_redirect(requested) else url_for("admin.programme.day")
    if response := form.submit(lambda: _log_in(form), lambda _: redirect(target, 303)):
        return response
    shown = form.page("log_in.html")
    if "retry_after" in form.error_facts:
        shown.headers["Retry-After"] = str(form.error_facts["retry_after"])
    return shown


def _log_in(form: LogInForm) -> None:
    """Start a staff session. Raises BadCredentials, TooMany, and Forbidden for customers."""
    login = office().sessions.log_in(
        form.name.data or "", form.password.data or "", request.remote_addr or "", rotates=False
    )
    try:
        Actor(login.account.id, login.account.role).require_staff()
    except Forbidden:
        office().sessions.log_out(login.account.id, login.session.id)
        raise
    start_session(login)


@blueprint.route("/log-out", methods=["POST"])
def log_out() -> Response:
    office().sessions.log_out(current_account_id(), current_staff().session_id)
    end_session()
    return redirect_with_message("You are logged out.", url_for("admin.sessions.log_in"))
