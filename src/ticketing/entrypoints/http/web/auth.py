"""Authentication by bearer token."""

from collections.abc import Callable
from enum import Enum
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, current_app, g, request
from flask_jwt_extended import JWTManager

from ticketing.domain.accounts.account import AccountId, Actor
from ticketing.domain.accounts.errors import TokenMissing, TokenRevoked
from ticketing.domain.accounts.session import SessionId
from ticketing.domain.errors import Unauthorised
from ticketing.domain.keys import key_id
from ticketing.entrypoints.http.web.context import Served, served
from ticketing.entrypoints.http.web.tokens import (
    ALGORITHM,
    VERIFICATION_KEYS,
    AccessToken,
    read_access_token,
    require_future,
)

_MAX_CACHED_TOKENS = 10_000
"""About 1 KiB each: those of all customers who buy within a few minutes."""

_READER = "ticketing.access_tokens"

P = ParamSpec("P")
T = TypeVar("T")


class Access(Enum):
    """Whose access token a view requires."""

    CUSTOMER = "customer"
    STAFF = "staff"


def register(app: Flask, served: Served) -> None:
    """Set up flask-jwt-extended and a cache of verified tokens.

    Verifying a signature takes longer than everything else before a view is called. Whether a
    token has expired or its session has ended is checked for each request.
    """
    app.config.update(
        JWT_SECRET_KEY=served.secrets[0],
        JWT_ALGORITHM=ALGORITHM,
        JWT_ACCESS_TOKEN_EXPIRES=served.settings.access_token_lifetime,
        JWT_ENCODE_NBF=False,
        JWT_COOKIE_CSRF_PROTECT=False,  # else a random claim: refresh tokens must be reproducible
    )
    app.extensions[VERIFICATION_KEYS] = {key_id(key): key for key in served.secrets}
    own = {"kid": key_id(served.secrets[0])}
    JWTManager(app).additional_headers_loader(lambda _identity: dict(own))
    app.extensions[_READER] = lru_cache(_MAX_CACHED_TOKENS)(read_access_token)


def account_of_token() -> AccountId | None:
    """Return the account of the request's access token; None without a valid one.

    Does not check whether the session has ended: for rate limits, not for access.
    """
    try:
        return _access_token().actor.account_id
    except Unauthorised:
        return None


def actor() -> Actor:
    """Return the caller, in a view that is ``authenticated`` or ``for_staff``."""
    known: Actor = g.actor
    return known


def session_id() -> SessionId:
    """Return the caller's session, in such a view."""
    known: SessionId = g.session_id
    return known


def known_actor() -> Actor | None:
    """Return the caller of a view that is open to everyone; None without a good access token."""
    try:
        _identify()
    except Unauthorised:
        return None
    return actor()


def authenticated(view: Callable[P, T]) -> Callable[P, T]:
    """Decorate a view to require an access token. Goes outermost: 401 comes first."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        _identify()
        return view(*args, **kwargs)

    guarded.access = Access.CUSTOMER  # type: ignore[attr-defined]
    return guarded


def for_staff(view: Callable[P, T]) -> Callable[P, T]:
    """Decorate a view to require an access token of staff. Goes outermost."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        _identify()
        actor().require_staff()
        return view(*args, **kwargs)

    guarded.access = Access.STAFF  # type: ignore[attr-defined]
    return guarded


def access_to(view: Callable[..., Any]) -> Access | None:
    """Return whose access token ``view`` requires; None if it requires none."""
    access: Access | None = getattr(view, "access", None)
    return access


def _identify() -> None:
    token = _access_token()
    if token.session_id in served().revocations:
        raise TokenRevoked()
    g.actor, g.session_id = token.actor, token.session_id


def _access_token() -> AccessToken:
    """Return the request's access token. Raises TokenMissing, TokenInvalid and TokenExpired."""
    token: AccessToken = current_app.extensions[_READER](bearer())
    require_future(token.expires_at)
    return token


def bearer() -> str:
    """Return the request's bearer token. Raises TokenMissing."""
    scheme, _, credentials = request.headers.get("Authorization", "").strip().partition(" ")
    if scheme.lower() != "bearer":  # RFC 9110: in any case
        raise TokenMissing
    return credentials.strip()
