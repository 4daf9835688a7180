"""The seats that a customer chooses, to book or to hold them."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validates_schema

from ticketing.entrypoints.http.web.problems import rename_fields

ONE_TO_TEN = {"description": '1 to 10 of them: `["A5", 6]`', "minItems": 1, "maxItems": 10}

_SEAT = {
    "type": ["integer", "string"],
    "description": 'A seat\'s number or label: 5, "5", "A5" and "a5" may be the same seat',
    "example": "A5",
}
_WAYS = ("seat_number", "seats")


class SeatNames(fields.List[Any]):
    """Names of seats: numbers and labels, which the plan of the show knows."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(fields.Raw(metadata=_SEAT), **kwargs)


class SeatChoiceSchema(Schema):
    """`seat_number` for one seat or `seats` for 1 to 10 of them, not both."""

    seat_number = fields.Raw(metadata=_SEAT)
    seats = SeatNames(metadata=ONE_TO_TEN)

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def chooses_one_way(self, data: Any, given: dict[str, Any], **kwargs: Any) -> None:
        if sum(way in given for way in _WAYS) != 1:
            raise ValidationError("Either seat_number or seats is required, not both.", "seats")

    @post_load
    def list_seats(self, data: dict[str, Any], **kwargs: Any) -> Any:
        if "seat_number" in data:
            rename_fields(seats="seat_number")
            data["seats"] = [data.pop("seat_number")]
        return data
