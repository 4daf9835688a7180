"""Access and refresh tokens: how they are made and read.

A refresh token follows from its session alone, so that a repeated request gets the same one and
none is stored. A token's header names the key that signed it.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

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
"""The application's extension with the keys by their id."""

_CLOCK_SKEW_SECONDS = 10
"""A token that another server has just issued may come from the future."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """``expires_at`` is in seconds since 1970."""

    actor: Actor
    session_id: SessionId
    expires_at: float


@dataclass(frozen=True, slots=True)
class RefreshToken:
    account_id: AccountId
    session_id: SessionId
    generation: int


def tokens_for(login: LogIn) -> dict[str, Any]:
    """Return the access and the refresh token of a session."""
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
    """Return an access token of a session, with its lifetime in seconds."""
    access = create_access_token(
        str(login.account.id),
        additional_claims={"sid": login.session.id, "role": login.account.role.value},
    )
    lifetime = int(config().access_token_lifetime.total_seconds())
    return {"access": access, "token_type": "Bearer", "expires_in": lifetime}


@contextmanager
def _token_errors() -> Iterator[None]:
    """Raise TokenInvalid and TokenExpired instead of the errors of PyJWT."""
    try:
        yield
    except ExpiredSignatureError as error:
        raise TokenExpired() from error
    except (PyJWTError, KeyError, ValueError, RecursionError) as error:
        raise TokenInvalid() from error  # malformed, or signed by an unknown key


@_token_errors()
def read_access_token(token: str) -> AccessToken:
    """Raises TokenInvalid and TokenExpired."""
    claims = _claims(token, "access")
    actor = Actor(AccountId(int(claims["sub"])), Role(claims["role"]))
    return AccessToken(actor, SessionId(claims["sid"]), claims["exp"])


@_token_errors()
def read_refresh_token(token: str, *, allow_expired: bool = False) -> RefreshToken:
    """Raises TokenInvalid and TokenExpired."""
    claims = _claims(token, "refresh", allow_expired=allow_expired)
    if not allow_expired:
        require_future(claims["exp"])
    account_id = AccountId(int(claims["sub"]))
    return RefreshToken(account_id, SessionId(claims["sid"]), int(claims["generation"]))


def _claims(token: str, kind: str, *, allow_expired: bool = False) -> dict[str, Any]:
    """Return the token's claims. Raises PyJWTError, KeyError for an unknown key, TokenInvalid."""
    keys: dict[str, str] = current_app.extensions[VERIFICATION_KEYS]
    header = jwt.get_unverified_header(token)
    tried = [keys[header["kid"]]] if "kid" in header else keys.values()  # tokens of early versions
    options: Options = {"verify_exp": not allow_expired}
    for key in tried:
        with suppress(InvalidSignatureError):
            claims = jwt.decode(token, key, [ALGORITHM], options, leeway=_CLOCK_SKEW_SECONDS)
            if claims["type"] != kind:
                raise TokenInvalid(f"This endpoint requires the {kind} token.")
            return claims
    raise InvalidSignatureError


def require_future(expires_at: float) -> None:
    """Raise TokenExpired, without the leeway for clock skew."""
    if expires_at <= time.time():
        raise TokenExpired()
