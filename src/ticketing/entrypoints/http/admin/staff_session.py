"""The staff's session, kept in a signed cookie; log-in and log-out.

The cookie is trusted for the lifetime of an access token, unless its session is revoked. After
that, the session is checked in the database and the cookie is renewed.
"""

import hashlib
import re
import time
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, Request, g, redirect, request, session, url_for
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField, SubmitField
from wtforms.validators import InputRequired

from ticketing.domain.accounts.account import Account, AccountId, Actor, Role
from ticketing.domain.accounts.session import SessionId
from ticketing.domain.accounts.session_service import LogIn
from ticketing.domain.errors import Forbidden, TooMany, Unauthorised
from ticketing.domain.keys import derived_key
from ticketing.entrypoints.http.admin.forms import StaffForm
from ticketing.entrypoints.http.admin.rendering import redirect_with_message
from ticketing.entrypoints.http.web.context import Served, config, office, served
from ticketing.entrypoints.http.web.password_checks import checks_password
from ticketing.entrypoints.http.web.rate_limits import LOG_IN, limited

blueprint = Blueprint("sessions", __name__)

PATH = "/admin"
MAX_IDLE_SECONDS = 2 * 3600

_KEY_PURPOSE = "cookies of the staff"
_FIELD = "who"
_MAX_ADDRESS_LENGTH = 200  # it comes back in Location, and proxies have little room for headers
_STAFF_PAGE = re.compile(rf"{PATH}/[A-Za-z0-9/_-]*(\?[A-Za-z0-9=&_-]*)?")


@dataclass(frozen=True, slots=True)
class Staff:
    """A logged-in member of staff. ``trusted_until`` is in seconds since 1970."""

    actor: Actor
    username: str
    session_id: SessionId
    trusted_until: float


class StaffSessions(SecureCookieSessionInterface):
    """Flask's signed cookies, limited to the staff site so that the API does not pay for them."""

    salt = "staff"
    digest_method = staticmethod(hashlib.sha256)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        is_staff_site = request.path == PATH or request.path.startswith(f"{PATH}/")
        return super().open_session(app, request) if is_staff_site else None


def register(app: Flask, served: Served) -> None:
    signing, *old = served.secrets
    in_production = served.settings.is_production
    app.config.update(
        SECRET_KEY=derived_key(signing, _KEY_PURPOSE),
        SECRET_KEY_FALLBACKS=[derived_key(key, _KEY_PURPOSE) for key in old],
        SESSION_COOKIE_NAME="__Secure-ticketing-staff" if in_production else "staff",
        SESSION_COOKIE_PATH=PATH,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=in_production,
        PERMANENT_SESSION_LIFETIME=MAX_IDLE_SECONDS,  # since the cookie was last written
    )
    app.session_interface = StaffSessions()


def current_staff() -> Staff:
    """The logged-in member of staff, on every page except the log-in page."""
    staff: Staff = g.staff
    return staff


def current_account_id() -> AccountId:
    """The logged-in account, for the audit log."""
    return current_staff().actor.account_id


def start_session(login: LogIn) -> None:
    """Write a new cookie. The content of an earlier one is discarded."""
    session.clear()
    _write(login.account, login.session.id)


def load_staff() -> Staff | None:
    """The member of staff whom the cookie names, if the session is still valid. Raises Busy."""
    staff = _read(session.get(_FIELD))
    if staff is None or staff.session_id in served().revocations:
        return None
    return staff if time.time() < staff.trusted_until else _renewed(staff)


def _renewed(staff: Staff) -> Staff | None:
    """The session as stored now; None if it has ended."""
    try:
        login = office().sessions.reuse(staff.actor.account_id, staff.session_id)
    except Unauthorised:
        return None
    return _write(login.account, staff.session_id)


def _write(account: Account, session_id: SessionId) -> Staff | None:
    lifetime = min(config().access_token_lifetime.total_seconds(), MAX_IDLE_SECONDS / 2)
    trusted_until = time.time() + lifetime
    session[_FIELD] = [account.id, account.role.value, account.username, session_id, trusted_until]
    return _read(session[_FIELD])


def _read(content: Any) -> Staff | None:
    """The staff session in a signed cookie; None for a customer."""
    if content is None:
        return None
    account_id, role, username, session_id, trusted_until = content
    actor = Actor(AccountId(account_id), Role(role))
    return Staff(actor, username, SessionId(session_id), trusted_until) if actor.is_staff else None


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
    """Whether ``address`` is a page of the staff site, and not longer than those are."""
    return len(address) <= _MAX_ADDRESS_LENGTH and _STAFF_PAGE.fullmatch(address) is not None


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


@checks_password
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
    session.clear()
    return redirect_with_message("You are logged out.", url_for("admin.sessions.log_in"))
