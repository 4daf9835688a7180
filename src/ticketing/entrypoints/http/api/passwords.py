"""Passwords: change one, or set a forgotten one."""

from typing import Any

from flask import request
from marshmallow import Schema, ValidationError, fields, post_load, validates_schema

from ticketing.entrypoints.http.web.auth import actor, authenticated, session_id
from ticketing.entrypoints.http.web.context import office
from ticketing.entrypoints.http.web.openapi import Resource
from ticketing.entrypoints.http.web.password_checks import checks_password
from ticketing.entrypoints.http.web.rate_limits import PASSWORD, PASSWORD_RESET, limited
from ticketing.entrypoints.http.web.schemas import Answer

blueprint = Resource("passwords", __name__, description="Change a password, or set a forgotten one")


NEW_PASSWORD = {
    "description": "8 to 128 characters unless configured otherwise; no common password, not the "
    "username",
    "example": "a long pass phrase",
}
REPEATED_PASSWORD = {"description": "Optional repetition of the password"}


class AccountNameSchema(Schema):
    """`username` or `email`, not both. Each takes a username or an e-mail address."""

    username = fields.Str(metadata={"example": "alice"})
    email = fields.Str(metadata={"description": "Instead of the username"})

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def has_one_name(self, data: Any, given: dict[str, Any], **kwargs: Any) -> None:
        if ("username" in given) == ("email" in given):
            raise ValidationError("Either username or email is required, not both.", "username")

    @post_load
    def named(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        [name] = [data.pop(field) for field in ("username", "email") if field in data]
        return {"name": name, **data}


class NewPasswordSchema(Schema):
    """`new_password2` is optional and must repeat the password."""

    new_password = fields.Str(required=True, metadata=NEW_PASSWORD)
    new_password2 = fields.Str(metadata=REPEATED_PASSWORD)

    @validates_schema(skip_on_field_errors=False)
    def repeats_the_password(self, data: dict[str, Any], **kwargs: Any) -> None:
        require_repeated(data, "new_password")


def require_repeated(given: dict[str, Any], field: str) -> None:
    """Raise ValidationError where the password is repeated differently."""
    again = f"{field}2"
    if given.get(again, given.get(field)) != given.get(field):
        raise ValidationError("The passwords differ.", again)


class ChangePasswordSchema(NewPasswordSchema):
    """The current password and the new one."""

    current_password = fields.Str(required=True, metadata={"example": "a long pass phrase"})


class ForgottenPasswordSchema(AccountNameSchema):
    """The account: `username` or `email`, not both."""


class ResetPasswordSchema(NewPasswordSchema):
    """The token from the mail and a new password."""

    token = fields.Str(required=True, metadata={"example": "7.1767225600.b8tN…"})


class AcceptedSchema(Answer):
    """What happens next."""

    detail = fields.Str(metadata={"example": "If the account exists, …"})


@blueprint.route("/auth/password", methods=["POST"])
@authenticated
@blueprint.arguments(ChangePasswordSchema)
@blueprint.response(204)
@limited(PASSWORD)
@checks_password
def change_password(given: dict[str, str]) -> None:
    """Change my password

    Ends all other sessions; the refresh token of this one remains valid. 422 `wrong_password` if
    the current password is wrong, which counts as a failed log-in.
    """
    office().accounts.change_own_password(
        actor().account_id,
        given["current_password"],
        given["new_password"],
        session_id=session_id(),
        address=request.remote_addr or "",
    )


@blueprint.route("/auth/password/reset", methods=["POST"])
@blueprint.arguments(ForgottenPasswordSchema)
@blueprint.response(202, AcceptedSchema)
@limited(PASSWORD_RESET)
def request_password_reset(given: dict[str, str]) -> dict[str, str]:
    """Request a mail to reset a forgotten password

    The response is the same whether or not the account exists and has an e-mail address. The link
    in the mail is valid for 30 minutes and for one use.
    """
    office().password_resets.request(given["name"], request.remote_addr or "")
    return {"detail": "If the account exists and has an e-mail address, a mail is on its way."}


@blueprint.route("/auth/password/reset/confirm", methods=["POST"])
@blueprint.arguments(ResetPasswordSchema)
@blueprint.response(204)
@limited(PASSWORD_RESET)
@checks_password
def reset_password(given: dict[str, str]) -> None:
    """Reset a forgotten password

    Ends all sessions. 422 `reset_token_invalid` if the token has expired, was used, or the
    password has changed since.
    """
    office().password_resets.confirm(given["token"], given["new_password"])
