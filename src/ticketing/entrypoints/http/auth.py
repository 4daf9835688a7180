"""Bearer tokens: who may call what."""

from collections.abc import Callable
from copy import deepcopy
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, current_app, g, request
from flask_jwt_extended import JWTManager

from ticketing.domain.account import Actor
from ticketing.domain.errors import TokenMissing, TokenRevoked
from ticketing.entrypoints.http.context import HttpConfig, served
from ticketing.entrypoints.http.tokens import read_access_token

_CLOCKS_DIFFER_BY = 10
"""Seconds: a token that another server has just issued may come from the future."""

_MOST_REMEMBERED = 10_000
"""Tokens, of about a kilobyte each: all who buy in the same few minutes."""

_READER = "ticketing.access_tokens"

P = ParamSpec("P")
T = TypeVar("T")


def register(app: Flask, config: HttpConfig) -> None:
    """Set flask-jwt-extended up, and the application's own memory of tokens.

    To verify a signature takes longer than all else that is done before a view is called, so
    what was read from a good token is remembered. What may change meanwhile is not: whether it
    has expired and whether its session has ended is asked each time.
    """
    app.config.update(
        JWT_SECRET_KEY=config.secret_key,
        JWT_ALGORITHM="HS256",
        JWT_ACCESS_TOKEN_EXPIRES=config.access_token_lifetime,
        JWT_ENCODE_NBF=False,
        JWT_DECODE_LEEWAY=_CLOCKS_DIFFER_BY,
        JWT_COOKIE_CSRF_PROTECT=False,  # a random claim; refresh tokens are made again, alike
    )
    JWTManager(app)
    app.extensions[_READER] = lru_cache(_MOST_REMEMBERED)(read_access_token)


def actor() -> Actor:
    """Who asks, in a view that is ``authenticated`` or ``for_staff``."""
    known: Actor = g.actor
    return known


def authenticated(view: Callable[P, T]) -> Callable[P, T]:
    """Only with an access token. Goes outermost, so that 401 comes before anything else."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        _identify()
        return view(*args, **kwargs)

    return _described(guarded, security=[{"bearer": []}])


def for_staff(view: Callable[P, T]) -> Callable[P, T]:
    """Only with an access token of the cinema's staff. Goes outermost, as ``authenticated``."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        actor().require_staff()
        return view(*args, **kwargs)

    return _described(authenticated(guarded), **{"x-for-staff": True})


def _identify() -> None:
    token = current_app.extensions[_READER](_bearer())
    token.demand_unexpired()
    if token.session_id in served().revocations:
        raise TokenRevoked()
    g.actor = token.actor


def _bearer() -> str:
    """The token of the request. Raises TokenMissing."""
    scheme, _, credentials = request.headers.get("Authorization", "").strip().partition(" ")
    if scheme.lower() != "bearer":  # RFC 9110: in any case
        raise TokenMissing("Send it as Authorization: Bearer <access token>.")
    return credentials.strip()


def _described(view: Callable[P, T], **description: Any) -> Callable[P, T]:
    """Add to what the OpenAPI document says of a view."""
    described: Any = view
    described._apidoc = deepcopy(getattr(view, "_apidoc", {}))  # shared with the view inside
    described._apidoc.setdefault("manual_doc", {}).update(description)
    return view
