"""The staff's session: what the cookie says, and whether it still holds.

The cookie is signed, not kept. For as long as an access token lives it is believed as one is:
unless its session was revoked. After that the store is asked, and it is made out anew.
"""

import hashlib
import time
from dataclasses import dataclass
from typing import Any

from flask import Flask, Request, g, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from ticketing.domain.accounts.account import Account, AccountId, Actor, Role
from ticketing.domain.accounts.session import SessionId
from ticketing.domain.accounts.session_service import LogIn
from ticketing.domain.errors import Unauthorised
from ticketing.domain.keys import derived_key
from ticketing.entrypoints.http.web.context import Served, config, office, served

PATH = "/admin"
LONGEST_IDLE_SECONDS = 2 * 3600

_PURPOSE = "cookies of the staff"
_WHO = "who"


@dataclass(frozen=True, slots=True)
class Staff:
    """Who is logged in. ``good_until`` is in seconds since 1970."""

    actor: Actor
    username: str
    session_id: SessionId
    good_until: float


class StaffSessions(SecureCookieSessionInterface):
    """Flask's signed cookies, for the staff's pages only: the API pays nothing for them."""

    salt = "staff"
    digest_method = staticmethod(hashlib.sha256)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        is_ours = request.path == PATH or request.path.startswith(f"{PATH}/")
        return super().open_session(app, request) if is_ours else None


def register(app: Flask, served: Served) -> None:
    signing, *old = served.secrets
    in_production = served.settings.is_production
    app.config.update(
        SECRET_KEY=derived_key(signing, _PURPOSE),
        SECRET_KEY_FALLBACKS=[derived_key(key, _PURPOSE) for key in old],
        SESSION_COOKIE_NAME="__Secure-ticketing-staff" if in_production else "staff",
        SESSION_COOKIE_PATH=PATH,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=in_production,
        PERMANENT_SESSION_LIFETIME=LONGEST_IDLE_SECONDS,  # of any cookie, since it was made out
    )
    app.session_interface = StaffSessions()


def staff() -> Staff:
    """Who asks, in any page but the log-in's."""
    known: Staff = g.staff
    return known


def by() -> AccountId:
    """Who asks, for the audit trail."""
    return staff().actor.account_id


def remember(login: LogIn) -> None:
    """Have the cookie name who logged in; what an earlier one held is dropped."""
    session.clear()
    _make_out(login.account, login.session.id)


def forget() -> None:
    session.clear()


def who() -> Staff | None:
    """Who asks, if anybody who is logged in. Raises Busy."""
    known = _read(session.get(_WHO))
    if known is None or known.session_id in served().revocations:
        return None
    return known if time.time() < known.good_until else _renewed(known)


def _renewed(known: Staff) -> Staff | None:
    """As the store has it now; the session may have ended longer ago than anybody remembers."""
    try:
        login = office().sessions.reuse(known.actor.account_id, known.session_id)
    except Unauthorised:
        return None
    return _make_out(login.account, known.session_id)


def _make_out(account: Account, session_id: SessionId) -> Staff | None:
    believed = min(config().access_token_lifetime.total_seconds(), LONGEST_IDLE_SECONDS / 2)
    good_until = time.time() + believed
    session[_WHO] = [account.id, account.role.value, account.username, session_id, good_until]
    return _read(session[_WHO])


def _read(told: Any) -> Staff | None:
    """What a cookie of ours says. Customers get none."""
    if told is None:
        return None
    account_id, role, username, session_id, good_until = told
    actor = Actor(AccountId(account_id), Role(role))
    return Staff(actor, username, SessionId(session_id), good_until) if actor.is_staff else None
