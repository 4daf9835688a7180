"""Errors of accounts, sessions and passwords."""

from math import ceil

from ticketing.domain.errors import Conflict, Invalid, NotFound, TooMany, Unauthorised


class AccountNotFound(NotFound):
    code = "account_not_found"
    default = "There is no such user."


class UsernameTaken(Conflict):
    code = "username_taken"
    default = "This username is taken."


class EmailTaken(Conflict):
    code = "email_taken"
    default = "This e-mail address belongs to another account."


class InvalidEmail(Invalid):
    """``detail`` says what is wrong with the address."""

    code = "invalid_email"
    field = "email"


class BadCredentials(Unauthorised):
    code = "bad_credentials"
    default = "Unknown user or wrong password."


class TooManyAttempts(TooMany):
    code = "too_many_attempts"

    def __init__(self, retry_after: int) -> None:
        minutes = ceil(retry_after / 60)
        detail = f"Too many attempts. Try again in {minutes} min."
        super().__init__(detail, retry_after=retry_after)


class WrongPassword(Invalid):
    code = "wrong_password"
    field = "current_password"
    default = "The current password is wrong."


class ResetTokenInvalid(Invalid):
    code = "reset_token_invalid"
    field = "token"
    default = "This link is invalid, was already used, or has expired. Request a new one."


class TokenInvalid(Unauthorised):
    code = "token_invalid"
    default = "This token is not valid."


class TokenExpired(Unauthorised):
    code = "token_expired"
    default = "This token has expired."


class TokenMissing(Unauthorised):
    code = "token_missing"
    default = "An access token is required."


class TokenRevoked(Unauthorised):
    code = "token_revoked"
    default = "This session has ended. Please log in again."
