"""Logging in and out."""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField, SubmitField
from wtforms.validators import InputRequired

from ticketing.domain.accounts.account import Actor
from ticketing.domain.errors import Forbidden, TooMany, Unauthorised
from ticketing.entrypoints.http.admin.forms import StaffForm
from ticketing.entrypoints.http.admin.guard import own_page
from ticketing.entrypoints.http.admin.rendering import done, page
from ticketing.entrypoints.http.admin.staff_session import forget, remember, staff
from ticketing.entrypoints.http.web.context import office
from ticketing.entrypoints.http.web.rate_limits import LOG_IN, limited

blueprint = Blueprint("sessions", __name__)


class LogInForm(StaffForm):
    shown = (Forbidden, TooMany, Unauthorised)

    name = StringField(
        "Username or e-mail address",
        [InputRequired()],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "autofocus": True},
    )
    password = PasswordField(
        "Password", [InputRequired()], render_kw={"autocomplete": "current-password"}
    )
    log_in = SubmitField("Log in")


@blueprint.route("/log-in", methods=["GET", "POST"])
@limited(LOG_IN)
def log_in() -> Response:
    form = LogInForm()
    home = own_page(request.args.get("next", "")) or url_for("admin.programme.day")
    if answer := form.answer(lambda: _log_in(form), lambda _: redirect(home, 303)):
        return answer
    shown = page("log_in.html", form.status, form=form)
    if "retry_after" in form.refused:
        shown.headers["Retry-After"] = str(form.refused["retry_after"])
    return shown


def _log_in(form: LogInForm) -> None:
    """Raises Forbidden for customers, BadCredentials, and TooMany."""
    login = office().sessions.log_in(
        form.name.data or "", form.password.data or "", request.remote_addr or "", rotates=False
    )
    try:
        Actor(login.account.id, login.account.role).require_staff()
    except Forbidden:
        office().sessions.log_out(login.account.id, login.session.id)
        raise
    remember(login)


@blueprint.route("/log-out", methods=["POST"])
def log_out() -> Response:
    office().sessions.log_out(staff().actor.account_id, staff().session_id)
    forget()
    return done("You are logged out.", url_for("admin.sessions.log_in"))
