"""The seats of a show that the staff block: broken ones, or seats kept back."""

from typing import Any

from marshmallow import Schema, fields

from ticketing.domain.programme.show import ShowId
from ticketing.entrypoints.http.api.bookings import BookedSeatSchema, seats_body
from ticketing.entrypoints.http.api.seat_choice import SeatNames
from ticketing.entrypoints.http.api.shows import find_show
from ticketing.entrypoints.http.web.auth import actor, for_staff
from ticketing.entrypoints.http.web.context import office
from ticketing.entrypoints.http.web.openapi import Resource
from ticketing.entrypoints.http.web.request_body import path_errors_first
from ticketing.entrypoints.http.web.schemas import Answer

blueprint = Resource("blocked-seats", __name__, description="Block seats of a show (staff)")


class BlockSeatsSchema(Schema):
    """All seats to block; the staff's other blocked seats are released. May be empty."""

    seats = SeatNames(required=True, metadata={"description": 'Any number of them: `["A5", 6]`'})


class BlockedSeatsSchema(Answer):
    """All blocked seats of a show, those that its plan has out of order included."""

    seats = fields.List(fields.Nested(BookedSeatSchema))


@blueprint.route("/shows/<id:show_id>/blocked-seats", methods=["PUT"])
@for_staff
@path_errors_first(find_show)
@blueprint.arguments(BlockSeatsSchema)
@blueprint.response(200, BlockedSeatsSchema)
@blueprint.alt_response(409, "CONFLICT")
def block_seats(given: dict[str, Any], show_id: int) -> dict[str, Any]:
    """Block seats of a show (staff)

    A blocked seat can be neither booked nor held. 409 `seat_taken` lists `seats` that are sold,
    `seat_held` those that a customer holds, and when the last of them may be free (`held_until`).
    """
    service, by = office().blocked_seats, actor().account_id
    return {"seats": seats_body(service.block(ShowId(show_id), given["seats"], by=by))}
