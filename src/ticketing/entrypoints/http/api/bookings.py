"""Bookings: what one customer bought at once."""

from typing import Any

from flask import Response
from marshmallow import Schema, ValidationError, fields, post_load, validates_schema

from ticketing.domain.programme.seat_plan import SeatName
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.booking import Booking, BookingId, BookingStatus
from ticketing.entrypoints.http.api.booking_json import BookingSchema, booking_json
from ticketing.entrypoints.http.api.shows import find_show
from ticketing.entrypoints.http.web.auth import actor, authenticated
from ticketing.entrypoints.http.web.context import office
from ticketing.entrypoints.http.web.idempotency import (
    KEY_PARAMETER,
    REPLAYED_HEADER,
    Success,
    repeatable,
    respond,
)
from ticketing.entrypoints.http.web.paging import (
    PAGINATION_HEADER,
    PageArgs,
    PageWanted,
    listed,
    page_schema,
)
from ticketing.entrypoints.http.web.problems import rename_fields
from ticketing.entrypoints.http.web.rate_limits import BUYING, limited
from ticketing.entrypoints.http.web.request_body import path_errors_first
from ticketing.entrypoints.http.web.resource import Resource
from ticketing.entrypoints.http.web.schemas import LOCATION_HEADER
from ticketing.entrypoints.http.web.urls import absolute_url

blueprint = Resource("bookings", __name__, description="Buy seats, and give them back")

_SEAT = {
    "type": ["integer", "string"],
    "description": 'A seat\'s number or label: 5, "5", "A5" and "a5" may be the same seat',
    "example": "A5",
}


class BookSeatsSchema(Schema):
    """`seat_number` for one seat or `seats` for 1 to 10 of them, not both."""

    seat_number = fields.Raw(metadata=_SEAT)
    seats = fields.List(
        fields.Raw(metadata=_SEAT),
        metadata={"description": '1 to 10 of them: `["A5", 6]`', "minItems": 1, "maxItems": 10},
    )

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def names_seats_one_way(self, data: Any, given: dict[str, Any], **kwargs: Any) -> None:
        if ("seat_number" in given) == ("seats" in given):
            raise ValidationError("Either seat_number or seats is wanted.", "seats")

    @post_load
    def wanted(self, data: dict[str, Any], **kwargs: Any) -> Any:
        if "seat_number" in data:
            rename_fields(seats="seat_number")
            data["seats"] = [data.pop("seat_number")]
        return data


class NothingSchema(Schema):
    """No body is needed; an empty object is fine."""


class BookingListArgs(PageArgs):
    status = fields.Enum(BookingStatus, metadata={"description": "Only bookings in this state"})


Listed = tuple[dict[str, Any], dict[str, str]]


def booked(booking: Booking) -> Success:
    """The answer to who bought it."""
    return Success(201, booking_json(booking), absolute_url(f"/api/bookings/{booking.id}"))


def cancelled(booking: Booking) -> Success:
    """The answer to who cancelled it."""
    return Success(200, booking_json(booking))


def find_booking(booking_id: int) -> Booking:
    """Return a booking of the caller, or of any customer for staff.

    Raises BookingNotFound and Forbidden.
    """
    booking = office().queries.sales.booking(BookingId(booking_id))
    actor().require_own(booking.customer)
    return booking


@blueprint.route("/shows/<id:show_id>/book", methods=["POST"])
@authenticated
@path_errors_first(find_show)
@blueprint.arguments(BookSeatsSchema)
@blueprint.response(201, BookingSchema, headers={**LOCATION_HEADER, **REPLAYED_HEADER})
@blueprint.alt_response(409, "CONFLICT")
@blueprint.doc(parameters=[KEY_PARAMETER])
@limited(BUYING)
def book_seats(wanted: dict[str, Any], show_id: int) -> Response:
    """Book seats of a show

    All of them or none. 409 `seat_taken` names those that are gone in `seats`; `show_full` means
    that none is left, `sales_closed` that sales have ended, `seat_limit` that an account may have
    `limit` seats of a show and this one has `held`. 422 `unknown_seat` names the seats that there
    are.
    """
    return sell(wanted["seats"], show_id=show_id)


@path_errors_first(find_show)
def sell(seats: list[SeatName], *, show_id: int) -> Response:
    """Book the seats for the caller. Also for the path whose body names the show."""
    service, id_, customer = office().bookings, ShowId(show_id), actor().account_id
    if request := repeatable(booked):
        return respond(service.book_once(id_, seats, customer, request), booked)
    return respond(service.book(id_, seats, customer), booked)


@blueprint.route("/my-bookings")
@authenticated
@blueprint.arguments(BookingListArgs, location="query")
@blueprint.response(200, page_schema(BookingSchema), headers=PAGINATION_HEADER)
def list_my_bookings(wanted: PageWanted) -> Listed:
    """List one's own bookings, newest first"""
    own = office().queries.sales.bookings(
        actor().account_id, wanted.filters.get("status"), wanted.window
    )
    return listed(own, wanted)


@blueprint.route("/bookings/<id:booking_id>")
@authenticated
@blueprint.response(200, BookingSchema)
@blueprint.alt_response(403, "FORBIDDEN")
def get_booking(booking_id: int) -> Booking:
    """Get a booking (its owner and staff)"""
    return find_booking(booking_id)


@blueprint.route("/bookings/<id:booking_id>/cancel", methods=["POST"])
@authenticated
@path_errors_first(find_booking)
@blueprint.arguments(NothingSchema, required=False)
@blueprint.response(200, BookingSchema, headers=REPLAYED_HEADER)
@blueprint.alt_response(403, "FORBIDDEN")
@blueprint.alt_response(409, "CONFLICT")
@blueprint.doc(parameters=[KEY_PARAMETER])
@limited(BUYING)
def cancel_booking(_nothing: dict[str, Any], booking_id: int) -> Response:
    """Cancel a booking (its owner and staff)

    The seats are free at once. Once more changes nothing. 409 `show_started` after the start.
    """
    service, id_ = office().bookings, BookingId(booking_id)
    if request := repeatable(cancelled):
        return respond(service.cancel_once(id_, actor(), request), cancelled)
    return respond(service.cancel(id_, actor()), cancelled)
