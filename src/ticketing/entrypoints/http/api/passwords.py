"""Passwords: another one, and one for who forgot theirs."""

from flask import request
from marshmallow import fields

from ticketing.entrypoints.http.api.credentials import NewPasswordSchema, SomebodySchema
from ticketing.entrypoints.http.web.auth import actor, authenticated, session_id
from ticketing.entrypoints.http.web.context import office
from ticketing.entrypoints.http.web.rate_limits import PASSWORD, PASSWORD_RESET, limited
from ticketing.entrypoints.http.web.resource import Resource
from ticketing.entrypoints.http.web.schemas import Answer
from ticketing.entrypoints.http.web.urls import password_reset_link

blueprint = Resource("passwords", __name__, description="Change a password, or set a forgotten one")


class ChangePasswordSchema(NewPasswordSchema):
    """The present password and the new one, which `new_password2` may repeat."""

    current_password = fields.Str(required=True, metadata={"example": "a long pass phrase"})


class ForgottenPasswordSchema(SomebodySchema):
    """Who forgot it: `username` or `email`, not both."""


class ResetPasswordSchema(NewPasswordSchema):
    """The token of the mail and a new password, which `new_password2` may repeat."""

    token = fields.Str(required=True, metadata={"example": "7.1767225600.b8tN…"})


class AcceptedSchema(Answer):
    """What happens next, if anything."""

    detail = fields.Str(required=True, metadata={"example": "If there is such an account, …"})


@blueprint.route("/auth/password", methods=["POST"])
@authenticated
@blueprint.arguments(ChangePasswordSchema)
@blueprint.response(204)
@limited(PASSWORD)
def change_password(given: dict[str, str]) -> None:
    """Change one's password

    All other sessions end; this one goes on, and its refresh token stays good. 422
    `wrong_password` where the present one is wrong, which counts as a log-in that failed.
    """
    office().own_accounts.change_password(
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
    """Ask for a mail to set a forgotten password

    The answer is the same whether or not there is such an account, or it has an address. The link
    in the mail is good for half an hour and for one use.
    """
    office().password_resets.request(given["name"], password_reset_link())
    return {"detail": "If there is such an account, and it has an address, a mail is on its way."}


@blueprint.route("/auth/password/reset/confirm", methods=["POST"])
@blueprint.arguments(ResetPasswordSchema)
@blueprint.response(204)
@limited(PASSWORD_RESET)
def reset_password(given: dict[str, str]) -> None:
    """Set a forgotten password

    All sessions end. 422 `reset_token_invalid` where the token is too old, was used, or the
    password was changed since.
    """
    office().password_resets.confirm(given["token"], given["new_password"])
