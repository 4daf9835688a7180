"""Privacy: export my data, delete my account."""

from collections.abc import Iterator

from flask import Response, current_app
from marshmallow import fields

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.sales.booking import BookingId
from ticketing.entrypoints.http.api.accounts import MeSchema
from ticketing.entrypoints.http.api.bookings import BookingSchema, booking_json, compact_json
from ticketing.entrypoints.http.api.holds import HoldSchema, hold_body
from ticketing.entrypoints.http.api.waiting_list import WaitingListEntrySchema, entry_body
from ticketing.entrypoints.http.web.auth import actor, authenticated
from ticketing.entrypoints.http.web.context import office
from ticketing.entrypoints.http.web.openapi import Resource
from ticketing.entrypoints.http.web.schemas import Answer, Moment

blueprint = Resource("privacy", __name__, description="Export your data or delete your account")

_BATCH_SIZE = 500
_MAX_SESSIONS = 1000
"""All open ones, and some that have ended, which are kept for about an hour."""

_WHEN = {"example": "2030-05-31T18:04:12Z"}


class OwnAccountSchema(MeSchema):
    """The data of an account, without the hash of its password."""

    created_at = Moment(metadata=_WHEN)


class OwnSessionSchema(Answer):
    """A session of the account."""

    renewed_at = Moment(metadata=_WHEN)
    expires_at = Moment(metadata=_WHEN)
    ended_at = Moment(allow_none=True, attribute="revoked_at")


class ActionSchema(Answer):
    """A change that the account made as staff."""

    at = Moment(metadata=_WHEN)
    action = fields.Str(metadata={"example": "show.cancelled"})
    subject = fields.Str(metadata={"example": "show 5"})
    details = fields.Dict(keys=fields.Str())


class OwnDataSchema(Answer):
    """All data stored about an account.

    Bookings, holds and entries in waiting lists include ended ones, oldest first.
    """

    account = fields.Nested(OwnAccountSchema)
    sessions = fields.List(fields.Nested(OwnSessionSchema))
    actions = fields.List(fields.Nested(ActionSchema))
    bookings = fields.List(fields.Nested(BookingSchema))
    holds = fields.List(fields.Nested(HoldSchema))
    waiting_list = fields.List(fields.Nested(WaitingListEntrySchema))


@blueprint.route("/auth/me/export")
@authenticated
@blueprint.response(200, OwnDataSchema)
def export_my_data() -> Response:
    """Export all data about my account as a file"""
    queries, own = office().queries, actor().account_id
    data = {
        "account": OwnAccountSchema().dump(queries.accounts.account(own)),
        "sessions": OwnSessionSchema(many=True).dump(queries.accounts.sessions(own, _MAX_SESSIONS)),
        "actions": ActionSchema(many=True).dump(queries.audit.actions_of(own)),
    }
    begun = current_app.json.dumps(data).removesuffix("}")
    read = {"bookings": _bookings(own), "holds": _holds(own), "waiting_list": _waiting_list(own)}
    lists = "".join(f',"{name}":[{",".join(items)}]' for name, items in read.items())
    body = f"{begun}{lists}}}\n"
    attachment = {"Content-Disposition": 'attachment; filename="my-data.json"'}
    return Response(body, content_type="application/json", headers=attachment)


def _bookings(customer: AccountId) -> Iterator[str]:
    """Yield the bookings as JSON, read in batches to keep memory small."""
    last = BookingId(0)
    while batch := office().queries.sales.bookings_after(customer, last, _BATCH_SIZE):
        yield from map(booking_json, batch)
        last = batch[-1].id


def _holds(customer: AccountId) -> Iterator[str]:
    """Yield the holds as JSON, likewise."""
    last = None
    while batch := office().queries.sales.holds_after(customer, last, _BATCH_SIZE):
        yield from (compact_json(hold_body(timed)) for timed in batch)
        last = batch[-1].hold


def _waiting_list(customer: AccountId) -> Iterator[str]:
    """Yield the entries in waiting lists as JSON, likewise."""
    last = None
    while batch := office().queries.waiting_list.entries_after(customer, last, _BATCH_SIZE):
        yield from (compact_json(entry_body(timed)) for timed in batch)
        last = batch[-1].entry


@blueprint.route("/auth/me", methods=["DELETE"])
@authenticated
@blueprint.response(204)
def delete_my_account() -> None:
    """Delete my account

    Deletes username, e-mail address and password at once and ends all sessions, holds and entries
    in waiting lists; others can take the username. Bookings remain without a name. Active bookings
    keep their seats: cancel them first, since only staff can cancel them later.
    """
    office().accounts.delete(actor().account_id)
