"""Bearer tokens: who may call what."""

import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, g, request
from flask_jwt_extended import JWTManager, get_jwt, verify_jwt_in_request

from ticketing.domain.account import AccountId, Actor, Role
from ticketing.domain.errors import TokenExpired, TokenInvalid, TokenMissing, TokenRevoked
from ticketing.entrypoints.http.context import HttpConfig, served
from ticketing.entrypoints.http.errors import refusal

_CLOCKS_DIFFER_BY = 10
"""Seconds: a token that another server has just issued may come from the future."""

P = ParamSpec("P")
T = TypeVar("T")


def register(app: Flask, config: HttpConfig) -> None:
    """Set flask-jwt-extended up: our key, our refusals, and the sessions that were revoked."""
    app.config.update(
        JWT_SECRET_KEY=config.secret_key,
        JWT_ALGORITHM="HS256",
        JWT_TOKEN_LOCATION=["headers"],
        JWT_ACCESS_TOKEN_EXPIRES=config.access_token_lifetime,
        JWT_ENCODE_NBF=False,
        JWT_DECODE_LEEWAY=_CLOCKS_DIFFER_BY,
        JWT_COOKIE_CSRF_PROTECT=False,  # a random claim; refresh tokens are made again, alike
    )
    manager = JWTManager(app)
    manager.unauthorized_loader(
        lambda reason: refusal(TokenMissing("Send it as Authorization: Bearer <access token>."))
    )
    manager.invalid_token_loader(lambda reason: refusal(TokenInvalid()))
    manager.expired_token_loader(lambda header, claims: refusal(TokenExpired()))
    manager.revoked_token_loader(lambda header, claims: refusal(TokenRevoked()))
    manager.token_in_blocklist_loader(
        lambda header, claims: claims.get("sid") in served().revocations
    )


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
    scheme, blank, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":  # RFC 9110: in any case; flask-jwt-extended knows only this one
        request.environ["HTTP_AUTHORIZATION"] = f"Bearer{blank}{token}"
    try:
        verify_jwt_in_request()
        claims = get_jwt()
        demand_unexpired(claims)
        g.actor = Actor(AccountId(int(claims["sub"])), Role(claims["role"]))
    except (KeyError, ValueError, RecursionError) as error:  # none of ours, or never meant to be
        raise TokenInvalid() from error


def demand_unexpired(claims: Mapping[str, Any]) -> None:
    """Raises TokenExpired: the leeway that tokens are read with is not for this."""
    if claims["exp"] <= time.time():
        raise TokenExpired()


def _described(view: Callable[P, T], **description: Any) -> Callable[P, T]:
    """Add to what the OpenAPI document says of a view."""
    described: Any = view
    described._apidoc = deepcopy(getattr(view, "_apidoc", {}))  # shared with the view inside
    described._apidoc.setdefault("manual_doc", {}).update(description)
    return view
