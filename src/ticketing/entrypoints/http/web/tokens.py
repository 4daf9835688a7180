"""What a session's tokens are made of, and what is read from them.

A refresh token is made from nothing but its session, so whoever has to get the same one again
does: nothing of it is stored. A token's header names the key that signed it.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import jwt
from flask import current_app
from flask_jwt_extended import create_access_token, create_refresh_token
from jwt import ExpiredSignatureError, InvalidSignatureError, PyJWTError
from jwt.types import Options

from ticketing.domain.accounts.account import AccountId, Actor, Role
from ticketing.domain.accounts.errors import TokenExpired, TokenInvalid
from ticketing.domain.accounts.session import SessionId
from ticketing.domain.accounts.session_service import LogIn
from ticketing.entrypoints.http.web.context import config

ALGORITHM = "HS256"

VERIFICATION_KEYS = "ticketing.verification_keys"
"""Where the application has them, by their id."""

_CLOCKS_DIFFER_BY = 10
"""Seconds: a token that another server has just issued may come from the future."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AccessToken:
    """``expires_at`` is in seconds since 1970."""

    actor: Actor
    session_id: SessionId
    expires_at: float

    def demand_unexpired(self) -> None:
        """Raises TokenExpired."""
        _demand_ahead(self.expires_at)


@dataclass(frozen=True, slots=True)
class RefreshToken:
    account_id: AccountId
    session_id: SessionId
    generation: int


def tokens_for(login: LogIn) -> dict[str, Any]:
    """The access and the refresh token of a session."""
    session = login.session
    refresh = create_refresh_token(
        str(session.account_id),
        expires_delta=False,
        additional_claims={
            "sid": session.id,
            "generation": session.generation,
            "jti": f"{session.id}.{session.generation}",
            "iat": int(session.renewed_at.timestamp()),
            "exp": int(session.expires_at.timestamp()),
        },
    )
    return {**access_token_for(login), "refresh": refresh}


def access_token_for(login: LogIn) -> dict[str, Any]:
    """An access token of a session, and how long it lives, in seconds."""
    access = create_access_token(
        str(login.account.id),
        additional_claims={"sid": login.session.id, "role": login.account.role.value},
    )
    lifetime = int(config().access_token_lifetime.total_seconds())
    return {"access": access, "token_type": "Bearer", "expires_in": lifetime}


def read_access_token(token: str) -> AccessToken:
    """Raises TokenInvalid and TokenExpired."""

    def read(claims: dict[str, Any]) -> AccessToken:
        actor = Actor(AccountId(int(claims["sub"])), Role(claims["role"]))
        return AccessToken(actor, SessionId(claims["sid"]), claims["exp"])

    return _read(token, "access", read)


def read_refresh_token(token: str, *, allow_expired: bool = False) -> RefreshToken:
    """Raises TokenInvalid and TokenExpired."""

    def read(claims: dict[str, Any]) -> RefreshToken:
        if not allow_expired:
            _demand_ahead(claims["exp"])
        account_id = AccountId(int(claims["sub"]))
        return RefreshToken(account_id, SessionId(claims["sid"]), int(claims["generation"]))

    return _read(token, "refresh", read, allow_expired=allow_expired)


def _read(
    token: str, kind: str, read: Callable[[dict[str, Any]], T], *, allow_expired: bool = False
) -> T:
    try:
        claims = _claims(token, allow_expired=allow_expired)
        if claims["type"] != kind:
            raise TokenInvalid(f"The {kind} token is wanted here.")
        return read(claims)
    except ExpiredSignatureError as error:
        raise TokenExpired() from error
    except (PyJWTError, KeyError, ValueError, RecursionError) as error:
        raise TokenInvalid() from error  # none of ours, or never meant to be


def _claims(token: str, *, allow_expired: bool) -> dict[str, Any]:
    """What the token says. Raises PyJWTError, and KeyError where it names no key of ours."""
    keys: dict[str, str] = current_app.extensions[VERIFICATION_KEYS]
    header = jwt.get_unverified_header(token)
    tried = [keys[header["kid"]]] if "kid" in header else keys.values()  # an early token
    options: Options = {"verify_exp": not allow_expired}
    for key in tried:
        with suppress(InvalidSignatureError):
            return jwt.decode(token, key, [ALGORITHM], options, leeway=_CLOCKS_DIFFER_BY)
    raise InvalidSignatureError


def _demand_ahead(expires_at: float) -> None:
    """Raises TokenExpired: the leeway that tokens are read with is not for this."""
    if expires_at <= time.time():
        raise TokenExpired()
