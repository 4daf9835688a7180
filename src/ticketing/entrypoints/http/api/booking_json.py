"""How a booking is written, wherever one is answered."""

import json

from marshmallow import fields

from ticketing.domain.sales.booking import Booking, BookingStatus
from ticketing.entrypoints.http.web.fields import Moment, zulu
from ticketing.entrypoints.http.web.schemas import Answer, MovieRefSchema

_COMPACT = json.JSONEncoder(separators=(",", ":"))


class BookedShowSchema(Answer):
    """The show of a booking."""

    id = fields.Int(required=True, metadata={"example": 1})
    starts_at = Moment(required=True, metadata={"example": "2030-06-01T19:30:00Z"})
    screen_name = fields.Str(
        required=True, attribute="screen.name", metadata={"example": "Screen 1"}
    )
    movie = fields.Nested(MovieRefSchema, required=True)


class BookedSeatSchema(Answer):
    """A seat of a booking."""

    number = fields.Int(required=True, metadata={"example": 5})
    label = fields.Str(required=True, metadata={"example": "A5"})


class BookingSchema(Answer):
    """A booking. `seat_number` is the first of its seats."""

    id = fields.Int(required=True, metadata={"example": 42})
    reference = fields.Str(
        required=True,
        metadata={"description": "For people; authorises nothing", "example": "7ZK3M9QX2T"},
    )
    status = fields.Str(required=True, metadata={"enum": list(BookingStatus)})
    show = fields.Nested(BookedShowSchema, required=True)
    seats = fields.List(fields.Nested(BookedSeatSchema), required=True)
    seat_number = fields.Function(
        lambda booking: booking.seats[0].number,
        required=True,
        metadata={"type": "integer", "example": 5},
    )
    created_at = Moment(required=True, metadata={"example": "2030-05-31T18:04:12Z"})
    cancelled_at = Moment(required=True, allow_none=True)


def booking_json(booking: Booking) -> str:
    """As the schema would dump it, which would take a tenth of a sale's time."""
    show = booking.show
    movie = show.movie
    facts = {
        "id": booking.id,
        "reference": booking.reference,
        "status": booking.status,
        "show": {
            "id": show.id,
            "starts_at": zulu(show.starts_at),
            "screen_name": show.screen.name,
            "movie": {
                "id": movie.id,
                "title": movie.title,
                "duration_minutes": movie.duration_minutes,
            },
        },
        "seats": [{"number": seat.number, "label": seat.label} for seat in booking.seats],
        "seat_number": booking.seats[0].number,
        "created_at": zulu(booking.created_at),
        "cancelled_at": zulu(booking.cancelled_at) if booking.cancelled_at else None,
    }
    return _COMPACT.encode(facts) + "\n"
