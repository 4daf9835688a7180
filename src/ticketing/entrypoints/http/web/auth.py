"""Bearer tokens: who may call what."""

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
from ticketing.entrypoints.http.web.tokens import ALGORITHM, VERIFICATION_KEYS, read_access_token

_MOST_REMEMBERED = 10_000
"""Tokens, of about a kilobyte each: all who buy in the same few minutes."""

_READER = "ticketing.access_tokens"

P = ParamSpec("P")
T = TypeVar("T")


class Access(Enum):
    """Whose access token a view requires."""

    CUSTOMER = "customer"
    STAFF = "staff"


def register(app: Flask, served: Served) -> None:
    """Set flask-jwt-extended up, and the application's own memory of tokens.

    To verify a signature takes longer than all else that is done before a view is called, so
    what was read from a good token is remembered. What may change meanwhile is not: whether it
    has expired and whether its session has ended is asked each time.
    """
    app.config.update(
        JWT_SECRET_KEY=served.secrets[0],
        JWT_ALGORITHM=ALGORITHM,
        JWT_ACCESS_TOKEN_EXPIRES=served.settings.access_token_lifetime,
        JWT_ENCODE_NBF=False,
        JWT_COOKIE_CSRF_PROTECT=False,  # a random claim; refresh tokens are made again, alike
    )
    app.extensions[VERIFICATION_KEYS] = {key_id(key): key for key in served.secrets}
    own = {"kid": key_id(served.secrets[0])}
    JWTManager(app).additional_headers_loader(lambda _identity: dict(own))
    app.extensions[_READER] = lru_cache(_MOST_REMEMBERED)(read_access_token)


def account_shown() -> AccountId | None:
    """Whose access token the request shows, where it is well signed and has not expired.

    Whether its session has ended is not asked: this tells people apart, and lets nobody in.
    """
    try:
        token = current_app.extensions[_READER](bearer())
        token.demand_unexpired()
    except Unauthorised:
        return None
    known: AccountId = token.actor.account_id
    return known


def actor() -> Actor:
    """Who asks, in a view that is ``authenticated`` or ``for_staff``."""
    known: Actor = g.actor
    return known


def session_id() -> SessionId:
    """By which session they ask, in such a view."""
    known: SessionId = g.session_id
    return known


def authenticated(view: Callable[P, T]) -> Callable[P, T]:
    """Only with an access token. Goes outermost, so that 401 comes before anything else."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        _identify()
        return view(*args, **kwargs)

    return _marked(guarded, Access.CUSTOMER)


def for_staff(view: Callable[P, T]) -> Callable[P, T]:
    """Only with an access token of the cinema's staff. Goes outermost, as ``authenticated``."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        actor().require_staff()
        return view(*args, **kwargs)

    return _marked(authenticated(guarded), Access.STAFF)


def access_to(view: Callable[..., Any]) -> Access | None:
    """Return whose access token ``view`` requires; None if it requires none."""
    access: Access | None = getattr(view, "access", None)
    return access


def _marked(view: Callable[P, T], access: Access) -> Callable[P, T]:
    view.access = access  # type: ignore[attr-defined]
    return view


def _identify() -> None:
    token = current_app.extensions[_READER](bearer())
    token.demand_unexpired()
    if token.session_id in served().revocations:
        raise TokenRevoked()
    g.actor, g.session_id = token.actor, token.session_id


def bearer() -> str:
    """The token of the request. Raises TokenMissing."""
    scheme, _, credentials = request.headers.get("Authorization", "").strip().partition(" ")
    if scheme.lower() != "bearer":  # RFC 9110: in any case
        raise TokenMissing("Send it as Authorization: Bearer <access token>.")
    return credentials.strip()
