"""The seats that a customer chooses, to book or to hold them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from ticketing.domain.errors import InvalidFields
from ticketing.domain.sales.best_available.offered_seats import Party
from ticketing.domain.sales.selling import MAX_SEATS_PER_BOOKING
from ticketing.entrypoints.http.web.problems import rename_fields
from ticketing.entrypoints.http.web.schemas import TrueOrFalse

ONE_TO_TEN = {"description": '1 to 10 of them: `["A5", 6]`', "minItems": 1, "maxItems": 10}

_SEAT = {
    "type": ["integer", "string"],
    "description": 'A seat\'s number or label: 5, "5", "A5" and "a5" may be the same seat',
    "example": "A5",
}


class SeatNames(fields.List[Any]):
    """Names of seats: numbers and labels, which the plan of the show knows."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(fields.Raw(metadata=_SEAT), **kwargs)


class NamedSeatsSchema(Schema):
    """`seat_number` for one seat or `seats` for 1 to 10 of them, not both."""

    seat_number = fields.Raw(metadata=_SEAT)
    seats = SeatNames(metadata=ONE_TO_TEN)

    ways: ClassVar[tuple[str, ...]] = ("seat_number", "seats")
    fault: ClassVar[str] = "Either seat_number or seats is required, not both."

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def chooses_one_way(self, data: Any, given: dict[str, Any], **kwargs: Any) -> None:
        if sum(way in given for way in self.ways) != 1:
            raise ValidationError(self.fault, "seats")

    @post_load
    def list_seats(self, data: dict[str, Any], **kwargs: Any) -> Any:
        if "seat_number" in data:
            rename_fields(seats="seat_number")
            data["seats"] = [data.pop("seat_number")]
        return data


class SeatCount(fields.Integer):
    """How many seats one order is for."""

    def __init__(self, least: int = 1, **kwargs: Any) -> None:
        in_range = validate.Range(least, MAX_SEATS_PER_BOOKING)
        super().__init__(strict=True, validate=in_range, **kwargs)


class PartySchema(Schema):
    """A party of `count`, for which we choose the best seats that are available."""

    count = SeatCount(
        required=True,
        metadata={"description": "The number of seats, wheelchair spaces included", "example": 2},
    )
    wheelchair_spaces = SeatCount(
        least=0,
        metadata={
            "description": "How many of the seats are wheelchair spaces; companion seats beside "
            "them are offered only then. Default: 0"
        },
    )
    section = fields.Str(metadata={"description": "Only seats of this section of the seat plan"})
    category = fields.Str(metadata={"description": "Only seats of this category"})
    together = TrueOrFalse(
        metadata={"description": "Only seats side by side, or none. Default: false"}
    )

    @post_load
    def make_party(self, data: dict[str, Any], **kwargs: Any) -> Party:
        return Party(**data)


class SeatChoiceSchema(NamedSeatsSchema):
    """`seat_number`, `seats` or `best_available`: exactly one of them."""

    best_available = fields.Nested(PartySchema)

    ways = (*NamedSeatsSchema.ways, "best_available")
    fault = "Exactly one of seat_number, seats and best_available is required."


@contextmanager
def faults_of_party() -> Iterator[None]:
    """Report invalid fields of a party where the client wrote them."""
    try:
        yield
    except InvalidFields as refusal:
        raise InvalidFields.naming({"best_available": refusal.facts["errors"]}) from refusal
