"""One's own data: all that is kept of it, and the end of that."""

from collections.abc import Iterator

from flask import Response, current_app
from marshmallow import fields

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.sales.booking import BookingId
from ticketing.entrypoints.http.api.bookings import BookingSchema, booking_json
from ticketing.entrypoints.http.web.auth import actor, authenticated
from ticketing.entrypoints.http.web.context import office
from ticketing.entrypoints.http.web.fields import Moment
from ticketing.entrypoints.http.web.resource import Resource
from ticketing.entrypoints.http.web.schemas import Answer

blueprint = Resource("privacy", __name__, description="Take it along, or have it deleted")

_AT_ONCE = 500
"""Bookings that are read together."""

_WHEN = {"example": "2030-05-31T18:04:12Z"}


class OwnAccountSchema(Answer):
    """What is known of somebody. Of the password only a hash is kept, which tells nothing."""

    id = fields.Int(required=True, metadata={"example": 7})
    username = fields.Str(required=True, metadata={"example": "alice"})
    email = fields.Str(required=True, allow_none=True, metadata={"example": "alice@example.com"})
    role = fields.Str(
        required=True, metadata={"enum": ["customer", "staff", "admin"], "example": "customer"}
    )
    created_at = Moment(required=True, metadata=_WHEN)


class OwnSessionSchema(Answer):
    """A time that they were logged in."""

    renewed_at = Moment(required=True, metadata=_WHEN)
    expires_at = Moment(required=True, metadata=_WHEN)
    ended_at = Moment(required=True, allow_none=True, attribute="revoked_at")


class ActionSchema(Answer):
    """What somebody of the staff did."""

    at = Moment(required=True, metadata=_WHEN)
    action = fields.Str(required=True, metadata={"example": "show.cancelled"})
    subject = fields.Str(required=True, metadata={"example": "show 5"})
    details = fields.Dict(keys=fields.Str(), required=True)


class OwnDataSchema(Answer):
    """All that is kept of an account. Bookings, cancelled ones too, from the oldest on."""

    account = fields.Nested(OwnAccountSchema, required=True)
    sessions = fields.List(fields.Nested(OwnSessionSchema), required=True)
    actions = fields.List(fields.Nested(ActionSchema), required=True)
    bookings = fields.List(fields.Nested(BookingSchema), required=True)


@blueprint.route("/auth/me/export")
@authenticated
@blueprint.response(200, OwnDataSchema)
def export_my_data() -> Response:
    """All that is kept of one's account, as one file"""
    queries, own = office().queries, actor().account_id
    told = {
        "account": OwnAccountSchema().dump(queries.accounts.account(own)),
        "sessions": OwnSessionSchema(many=True).dump(queries.accounts.sessions(own)),
        "actions": ActionSchema(many=True).dump(queries.audit.actions_of(own)),
    }
    begun = current_app.json.dumps(told).removesuffix("}")
    body = f'{begun},"bookings":[{",".join(_bookings(own))}]}}\n'
    attached = {"Content-Disposition": 'attachment; filename="my-data.json"'}
    return Response(body, content_type="application/json", headers=attached)


def _bookings(customer: AccountId) -> Iterator[str]:
    """As JSON. Some at a time: only their texts are ever in memory together."""
    last = BookingId(0)
    while some := office().queries.sales.bookings_after(customer, last, _AT_ONCE):
        yield from map(booking_json, some)
        last = some[-1].id


@blueprint.route("/auth/me", methods=["DELETE"])
@authenticated
@blueprint.response(204)
def delete_my_account() -> None:
    """Delete one's account

    Username, e-mail address and password go at once, and all sessions end; the name is free for
    anybody. Bookings stay in the cinema's books without a name. Those that have not been cancelled
    stand, and their seats stay sold: cancel them first, for nobody but the staff can do so later.
    """
    office().own_accounts.delete(actor().account_id)
