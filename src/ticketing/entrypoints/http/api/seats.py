"""The seat map of a show."""

import hashlib
import json
from array import array
from functools import lru_cache

from flask import Response, request
from marshmallow import fields

from ticketing.domain.programme.seat_plan import Seat, SeatPlan
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.queries import SeatMap
from ticketing.entrypoints.http.web.context import office
from ticketing.entrypoints.http.web.resource import Resource
from ticketing.entrypoints.http.web.schemas import Answer

blueprint = Resource("seats", __name__, description="Which seats are free")

_FREE, _BOOKED = b',"status":"AVAILABLE"}', b',"status":"BOOKED"}'


class SeatSchema(Answer):
    """A seat of a show."""

    number = fields.Int(required=True, metadata={"example": 5})
    label = fields.Str(required=True, metadata={"example": "A5"})
    row = fields.Str(required=True, metadata={"example": "A"})
    column = fields.Int(required=True, metadata={"example": 5})
    status = fields.Str(
        required=True,
        metadata={"description": "`AVAILABLE` or `BOOKED`; more may follow", "example": "BOOKED"},
    )


class SeatMapSchema(Answer):
    """Every seat of a show, by number."""

    show_id = fields.Int(required=True, metadata={"example": 1})
    total_seats = fields.Int(required=True, metadata={"example": 80})
    available_seats = fields.Int(required=True, metadata={"example": 34})
    seats = fields.List(fields.Nested(SeatSchema), required=True)


@blueprint.route("/shows/<id:show_id>/seats")
@blueprint.response(
    200,
    SeatMapSchema,
    headers={"ETag": {"description": "Changes with every sale", "schema": {"type": "string"}}},
)
@blueprint.alt_response(304, description="Nothing changed since the ETag in `If-None-Match`")
@blueprint.doc(parameters=[{"in": "header", "name": "If-None-Match", "schema": {"type": "string"}}])
def seat_map(show_id: int) -> Response:
    """The seat map of a show

    It contains every sale that was confirmed before the request began. Send the `ETag` of the
    last one as `If-None-Match` to get 304 while nothing has changed.
    """
    seats = office().queries.sales.seat_map(ShowId(show_id))
    etag = _etag(seats)
    if request.if_none_match.contains_weak(etag):  # proxies that compress weaken it
        answer = Response(status=304)
    else:
        answer = Response(_body(seats), content_type="application/json")
    answer.set_etag(etag)
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _etag(seats: SeatMap) -> str:
    """Made from all that the map is made from."""
    plan = seats.plan
    facts = array("q", [seats.show_id, plan.total_seats, plan.seats_per_row, *sorted(seats.booked)])
    return hashlib.blake2b(facts.tobytes(), digest_size=16).hexdigest()


def _body(seats: SeatMap) -> bytes:
    """As the schema would dump it; in a large room that would take most of the request's time."""
    drawn = _drawn_free(seats.plan).copy()
    for number in seats.booked:
        drawn[number - 1] = drawn[number - 1].removesuffix(_FREE) + _BOOKED
    total = seats.plan.total_seats
    return b'{"show_id":%d,"total_seats":%d,"available_seats":%d,"seats":[%b]}\n' % (
        seats.show_id,
        total,
        total - len(seats.booked),
        b",".join(drawn),
    )


@lru_cache(maxsize=16)  # of 20,000 seats each they would take 40 MB
def _drawn_free(plan: SeatPlan) -> list[bytes]:
    """Each seat of a plan as JSON, while it is free."""
    return [_json(seat) for seat in plan.seats()]


def _json(seat: Seat) -> bytes:
    members = {
        "number": seat.number,
        "label": seat.label,
        "row": seat.row,
        "column": seat.column,
    }
    return json.dumps(members, separators=(",", ":")).encode().removesuffix(b"}") + _FREE
