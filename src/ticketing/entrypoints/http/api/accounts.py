"""Accounts: sign up, log in and out."""

from typing import Any

from flask import request
from marshmallow import Schema, ValidationError, fields, validates, validates_schema

from ticketing.domain.accounts.account import Account, username_fault
from ticketing.entrypoints.http.api.passwords import (
    NEW_PASSWORD,
    REPEATED_PASSWORD,
    AccountNameSchema,
    require_repeated,
)
from ticketing.entrypoints.http.web.auth import actor, authenticated
from ticketing.entrypoints.http.web.context import office
from ticketing.entrypoints.http.web.openapi import Resource
from ticketing.entrypoints.http.web.password_checks import checks_password
from ticketing.entrypoints.http.web.rate_limits import LOG_IN, RENEWAL, SIGN_UP, limited
from ticketing.entrypoints.http.web.schemas import Answer, Text
from ticketing.entrypoints.http.web.tokens import read_refresh_token, tokens_for

blueprint = Resource("accounts", __name__, description="Sign up, log in and out")


_USERNAME = {
    "description": "3 to 150 ASCII letters, digits, dots, underscores and hyphens",
    "example": "alice",
}


class SignUpSchema(Schema):
    """A new account. `password2` is optional and must repeat the password."""

    username = Text(username_fault, required=True, metadata=_USERNAME)
    password = fields.Str(required=True, metadata=NEW_PASSWORD)
    password2 = fields.Str(metadata=REPEATED_PASSWORD)
    email = fields.Str(allow_none=True, metadata={"example": "alice@example.com"})

    @validates("email")
    def is_an_address(self, value: str | None, data_key: str) -> None:
        if value is not None and (fault := office().accounts.names.email_fault(value)):
            raise ValidationError(fault)

    @validates_schema(skip_on_field_errors=False)
    def has_a_valid_password(self, data: dict[str, Any], **kwargs: Any) -> None:
        if "password" not in data:
            return
        password, username = data["password"], data.get("username", "")
        if fault := office().accounts.passwords.fault(password, username):
            raise ValidationError(fault, "password")

    @validates_schema(skip_on_field_errors=False)
    def repeats_the_password(self, data: dict[str, Any], **kwargs: Any) -> None:
        require_repeated(data, "password")


class AccountSchema(Answer):
    """An account, for its owner."""

    id = fields.Int(metadata={"example": 7})
    username = fields.Str(metadata={"example": "alice"})
    email = fields.Str(allow_none=True, metadata={"example": "alice@example.com"})


class MeSchema(AccountSchema):
    """My account and its role."""

    role = fields.Str(metadata={"enum": ["customer", "staff", "admin"], "example": "customer"})


class LogInSchema(AccountNameSchema):
    """`username` or `email`, not both. Each takes a username or an e-mail address."""

    password = fields.Str(required=True, metadata={"example": "a long pass phrase"})


class RefreshSchema(Schema):
    """A refresh token."""

    refresh = fields.Str(required=True, metadata={"example": "eyJhbGciOiJIUzI1NiIs…"})


class TokensSchema(Answer):
    """An access token, valid for `expires_in` seconds, and a refresh token to renew it."""

    access = fields.Str(metadata={"example": "eyJhbGciOiJIUzI1NiIs…"})
    refresh = fields.Str(metadata={"example": "eyJhbGciOiJIUzI1NiIs…"})
    token_type = fields.Str(metadata={"example": "Bearer"})
    expires_in = fields.Int(metadata={"description": "Seconds", "example": 900})


@blueprint.route("/auth/signup", methods=["POST"])
@blueprint.arguments(SignUpSchema)
@blueprint.response(201, AccountSchema)
@blueprint.alt_response(409, "CONFLICT")
@limited(SIGN_UP)
@checks_password
def sign_up(given: dict[str, Any]) -> Account:
    """Sign up

    409 `username_taken` or `email_taken` if another account has it, ignoring case. An address is
    taken however it is written: `x@例え.jp` is `x@xn--r8jz45g.jp`.
    """
    return office().accounts.sign_up(given["username"], given["password"], given.get("email"))


@blueprint.route("/auth/login", methods=["POST"])
@blueprint.arguments(LogInSchema)
@blueprint.response(200, TokensSchema)
@blueprint.alt_response(401, "UNAUTHORIZED")
@limited(LOG_IN)
@checks_password
def log_in(given: dict[str, Any]) -> dict[str, Any]:
    """Log in

    Send the access token with each request: `Authorization: Bearer <access>`. 429
    `too_many_attempts` after ten wrong passwords within 15 minutes. 503 `busy` while too many
    log-ins are being verified.
    """
    return tokens_for(office().sessions.log_in(**given, address=request.remote_addr or ""))


@blueprint.route("/auth/token/refresh", methods=["POST"])
@blueprint.arguments(RefreshSchema)
@blueprint.response(200, TokensSchema)
@blueprint.alt_response(401, "UNAUTHORIZED")
@limited(RENEWAL)
def refresh_tokens(given: dict[str, str]) -> dict[str, Any]:
    """Renew the tokens

    Each refresh token is valid for one use. A repeat within 30 seconds returns the same tokens as
    long as the new refresh token is unused; any other second use ends the session.
    """
    token = read_refresh_token(given["refresh"])
    renewed = office().sessions.renew(token.account_id, token.session_id, token.generation)
    return tokens_for(renewed)


@blueprint.route("/auth/logout", methods=["POST"])
@blueprint.arguments(RefreshSchema)
@blueprint.response(204)
@blueprint.alt_response(401, "UNAUTHORIZED")
def log_out(given: dict[str, str]) -> None:
    """Log out

    Ends the session of the refresh token, and its access tokens. Repeating it is no error.
    """
    token = read_refresh_token(given["refresh"], allow_expired=True)
    office().sessions.log_out(token.account_id, token.session_id)


@blueprint.route("/auth/me")
@authenticated
@blueprint.response(200, MeSchema)
def me() -> Account:
    """Get my account"""
    return office().queries.accounts.account(actor().account_id)
