"""Bookings: seats that a customer bought together."""

import json
from collections.abc import Iterable
from functools import partial
from typing import Any

from flask import Response
from marshmallow import EXCLUDE, Schema, fields

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.paging import Page
from ticketing.domain.programme.seat_plans.model import Seat
from ticketing.domain.programme.seat_plans.numbers import SeatName
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.sales.best_available.offered_seats import Party
from ticketing.domain.sales.booking import Booking, BookingId, BookingStatus
from ticketing.entrypoints.http.api.seat_choice import SeatChoiceSchema, faults_of_party
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
from ticketing.entrypoints.http.web.openapi import Resource
from ticketing.entrypoints.http.web.paging import PageArgs, PageQuery
from ticketing.entrypoints.http.web.rate_limits import BUYING, limited
from ticketing.entrypoints.http.web.request_body import path_errors_first
from ticketing.entrypoints.http.web.schemas import (
    LOCATION_HEADER,
    Answer,
    MovieRefSchema,
    QueryId,
    rfc3339,
)
from ticketing.entrypoints.http.web.urls import absolute_url

blueprint = Resource("bookings", __name__, description="Book seats and cancel bookings")

compact_json = json.JSONEncoder(separators=(",", ":")).encode
_TIME = {"format": "date-time"}


class BookedShowSchema(Answer):
    """The show of a booking or a hold."""

    id = fields.Int(metadata={"example": 1})
    starts_at = fields.Str(metadata={**_TIME, "example": "2030-06-01T19:30:00Z"})
    screen_name = fields.Str(metadata={"example": "Screen 1"})
    movie = fields.Nested(MovieRefSchema)


class BookedSeatSchema(Answer):
    """A seat of a booking or a hold."""

    number = fields.Int(metadata={"example": 5})
    label = fields.Str(metadata={"example": "A5"})


class BookingSchema(Answer):
    """A booking. `seat_number` is the first of its seats."""

    id = fields.Int(metadata={"example": 42})
    reference = fields.Str(
        metadata={"description": "For people to quote; grants no access", "example": "7ZK3M9QX2T"}
    )
    status = fields.Str(metadata={"enum": list(BookingStatus)})
    show = fields.Nested(BookedShowSchema)
    seats = fields.List(fields.Nested(BookedSeatSchema))
    seat_number = fields.Int(metadata={"example": 5})
    created_at = fields.Str(metadata={**_TIME, "example": "2030-05-31T18:04:12Z"})
    cancelled_at = fields.Str(allow_none=True, metadata=_TIME)


class NothingSchema(Schema):
    """No body is required; an empty object is accepted."""


class BookingArgs(Schema):
    """The query string of a booking."""

    class Meta:
        unknown = EXCLUDE

    show_id = QueryId(
        load_default=None,
        metadata={
            "description": "The show of the booking; with another show's id, the booking is not "
            "found. Optional: it makes the look-up cheap where shows are spread over nodes.",
        },
    )


class BookingListArgs(PageArgs):
    status = fields.Enum(BookingStatus, metadata={"description": "Only bookings with this status"})


def booking_body(booking: Booking) -> dict[str, Any]:
    """Return the booking as ``BookingSchema`` describes it.

    Dumping it by the schema would take a tenth of a sale's time.
    """
    return {
        "id": booking.id,
        "reference": booking.reference,
        "status": booking.status,
        "show": show_body(booking.show),
        "seats": seats_body(booking.seats),
        "seat_number": booking.seats[0].number,
        "created_at": rfc3339(booking.created_at),
        "cancelled_at": rfc3339(booking.cancelled_at) if booking.cancelled_at else None,
    }


def show_body(show: Show) -> dict[str, Any]:
    movie = show.movie
    return {
        "id": show.id,
        "starts_at": rfc3339(show.starts_at),
        "screen_name": show.screen.name,
        "movie": {
            "id": movie.id,
            "title": movie.title,
            "duration_minutes": movie.duration_minutes,
        },
    }


def seats_body(seats: Iterable[Seat]) -> list[dict[str, Any]]:
    return [{"number": seat.number, "label": seat.label} for seat in seats]


def booking_json(booking: Booking) -> str:
    return compact_json(booking_body(booking))


def booked(booking: Booking, bookings_url: str) -> Success:
    """Return the response to a sale."""
    return Success(201, booking_json(booking) + "\n", f"{bookings_url}/{booking.id}")


def cancelled(booking: Booking) -> Success:
    """Return the response to a cancellation."""
    return Success(200, booking_json(booking) + "\n")


def find_booking(booking_id: int, show_id: int | None = None) -> Booking:
    """Return a booking of the caller, or of any customer for staff.

    Raises BookingNotFound, also where its show is not ``show_id``, and Forbidden.
    """
    show = None if show_id is None else ShowId(show_id)
    booking = office().queries.sales.booking(BookingId(booking_id), show)
    actor().require_own(booking.customer)
    return booking


@blueprint.route("/shows/<id:show_id>/book", methods=["POST"])
@authenticated
@path_errors_first(find_show)
@blueprint.arguments(SeatChoiceSchema)
@blueprint.response(201, BookingSchema, headers={**LOCATION_HEADER, **REPLAYED_HEADER})
@blueprint.alt_response(409, "CONFLICT")
@blueprint.doc(parameters=[KEY_PARAMETER])
@limited(BUYING)
def book_seats(given: dict[str, Any], show_id: int) -> Response:
    """Book seats of a show

    Books all of the seats or none. Seats that you hold leave your hold. 422 `unknown_seat` gives
    the first and the last seat in `valid_labels` and `valid_numbers`.

    409, in this order: `sales_closed`: sales have ended; `show_full`: no seat is left; `seat_taken`
    lists the `seats` that are sold or blocked; `seat_held` lists the `seats` that others hold, and
    `held_until`, when the last of them may be free; `companion_seat`: `seats` are kept for
    companions of a wheelchair user; `seat_limit`: an account may have `limit` seats of a show and
    has `held` already, holds included.

    With `best_available` we choose: side by side without a single seat left alone, or side by side,
    or in one section, or anywhere; of these the seats nearest to the focal point. 409 `no_seats`
    has the numbers of seats `available` and `held`, and of the `largest_block` side by side.
    """
    if party := given.get("best_available"):
        return _sell_best(party, show_id=show_id)
    return sell(given["seats"], show_id=show_id)


@path_errors_first(find_show)
def _sell_best(party: Party, *, show_id: int) -> Response:
    """Book the best available seats for the caller."""
    render = partial(booked, bookings_url=absolute_url("/api/bookings"))
    request, service, buyer = repeatable(render), office().best_available, actor()
    with faults_of_party():
        booking = service.book(
            ShowId(show_id), party, buyer.account_id, request, is_staff=buyer.is_staff
        )
    return respond(booking, render)


@path_errors_first(find_show)
def sell(seats: list[SeatName], *, show_id: int) -> Response:
    """Book the seats for the caller. Also for the path whose body names the show."""
    service, id_, buyer = office().bookings, ShowId(show_id), actor()
    # The URL is that of this request, though another's thread may render the response.
    render = partial(booked, bookings_url=absolute_url("/api/bookings"))
    if request := repeatable(render):
        once = service.book_once(id_, seats, buyer.account_id, request, is_staff=buyer.is_staff)
        return respond(once, render)
    booking = service.book(id_, seats, buyer.account_id, is_staff=buyer.is_staff)
    return respond(booking, render)


@blueprint.route("/my-bookings")
@authenticated
@blueprint.paginated(BookingSchema, BookingListArgs)
def list_my_bookings(query: PageQuery) -> Page[dict[str, Any]]:
    """List my bookings, newest first"""
    return bookings_of(actor().account_id, query)


def bookings_of(customer: AccountId, query: PageQuery) -> Page[dict[str, Any]]:
    status = query.filters.get("status")
    page = office().queries.sales.bookings(customer, status, query.window)
    return Page([booking_body(booking) for booking in page.items], page.total)


@blueprint.route("/bookings/<id:booking_id>")
@authenticated
@path_errors_first(find_booking)
@blueprint.arguments(BookingArgs, location="query", as_kwargs=True)
@blueprint.response(200, BookingSchema)
@blueprint.alt_response(403, "FORBIDDEN")
def get_booking(booking_id: int, show_id: int | None) -> dict[str, Any]:
    """Get a booking (its owner and staff)"""
    return booking_body(find_booking(booking_id, show_id))


@blueprint.route("/bookings/<id:booking_id>/cancel", methods=["POST"])
@authenticated
@path_errors_first(find_booking)
@blueprint.arguments(BookingArgs, location="query", as_kwargs=True)
@path_errors_first(find_booking)
@blueprint.arguments(NothingSchema, required=False)
@blueprint.response(200, BookingSchema, headers=REPLAYED_HEADER)
@blueprint.alt_response(403, "FORBIDDEN")
@blueprint.alt_response(409, "CONFLICT")
@blueprint.doc(parameters=[KEY_PARAMETER])
@limited(BUYING)
def cancel_booking(_nothing: dict[str, Any], booking_id: int, show_id: int | None) -> Response:
    """Cancel a booking (its owner and staff)

    Its seats are available at once. Repeating it changes nothing. 409 `show_started` after the
    start of the show. 429 `too_many_idempotency_keys` for the 21st key of one booking within a day.
    """
    request = repeatable(cancelled)
    # Found before the transaction, in which such a read of all nodes would prevent Citus from
    # committing in two phases.
    show = find_booking(booking_id).show.id if show_id is None else ShowId(show_id)
    service, id_ = office().bookings, BookingId(booking_id)
    if request:
        return respond(service.cancel_once(show, id_, actor(), request), cancelled)
    return respond(service.cancel(show, id_, actor()), cancelled)
