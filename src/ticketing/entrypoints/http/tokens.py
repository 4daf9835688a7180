"""What a session's tokens are made of, and what is read from a refresh token.

A refresh token is made from nothing but its session, so whoever has to get the same one again
does: nothing of it is stored.
"""

from dataclasses import dataclass
from typing import Any

from flask_jwt_extended import create_access_token, create_refresh_token, decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt import ExpiredSignatureError, PyJWTError

from ticketing.domain.account import AccountId
from ticketing.domain.account_service import LogIn
from ticketing.domain.errors import TokenExpired, TokenInvalid
from ticketing.domain.session import SessionId
from ticketing.entrypoints.http.auth import demand_unexpired
from ticketing.entrypoints.http.context import config


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


def read_refresh_token(token: str, *, allow_expired: bool = False) -> RefreshToken:
    """Raises TokenInvalid and TokenExpired."""
    try:
        claims = decode_token(token, allow_expired=allow_expired)
        if not allow_expired:
            demand_unexpired(claims)
        if claims["type"] != "refresh":
            raise TokenInvalid("This is not a refresh token.")
        account_id = AccountId(int(claims["sub"]))
        return RefreshToken(account_id, SessionId(claims["sid"]), int(claims["generation"]))
    except ExpiredSignatureError as error:
        raise TokenExpired() from error
    except (PyJWTError, JWTExtendedException, KeyError, ValueError, RecursionError) as error:
        raise TokenInvalid() from error
