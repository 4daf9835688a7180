"""The seat map of a show."""

import hashlib
import json
from array import array
from collections.abc import Hashable
from threading import Lock

from cachetools import LRUCache, cached
from flask import Response, request
from marshmallow import fields

from ticketing.domain.programme.seat_plans.model import Seat, SeatPlan
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.queries import SeatMap
from ticketing.entrypoints.http.web.context import office
from ticketing.entrypoints.http.web.openapi import Resource
from ticketing.entrypoints.http.web.schemas import Answer

blueprint = Resource("seats", __name__, description="Which seats are available")

_FIELDS = ("number", "label", "row", "column", "section")
_FREE, _BOOKED = b',"status":"AVAILABLE"}', b',"status":"BOOKED"}'


class SeatSchema(Answer):
    """A seat of a show."""

    number = fields.Int(metadata={"example": 5})
    label = fields.Str(metadata={"example": "A5"})
    row = fields.Str(metadata={"example": "A"})
    column = fields.Int(metadata={"description": "The place in its row; gaps count", "example": 5})
    section = fields.Str(metadata={"example": "Stalls"})
    status = fields.Str(
        metadata={"description": "`AVAILABLE`, `BOOKED`; more may be added", "example": "BOOKED"}
    )


class SeatMapSchema(Answer):
    """All seats of a show, by number."""

    show_id = fields.Int(metadata={"example": 1})
    total_seats = fields.Int(metadata={"example": 80})
    available_seats = fields.Int(metadata={"example": 34})
    seats = fields.List(fields.Nested(SeatSchema))


@blueprint.route("/shows/<id:show_id>/seats")
@blueprint.response(
    200,
    SeatMapSchema,
    headers={"ETag": {"description": "Changes with every sale", "schema": {"type": "string"}}},
)
@blueprint.alt_response(304, description="Unchanged since the ETag in `If-None-Match`")
@blueprint.doc(parameters=[{"in": "header", "name": "If-None-Match", "schema": {"type": "string"}}])
def seat_map(show_id: int) -> Response:
    """Get the seat map of a show

    It includes every sale confirmed before the request began. Send the last `ETag` as
    `If-None-Match` to get 304 as long as nothing has changed.
    """
    seats = office().queries.sales.seat_map(ShowId(show_id))
    etag = _etag(seats)
    if request.if_none_match.contains_weak(etag):  # proxies that compress weaken it
        answer = Response(status=304)
    else:
        answer = Response(body_of(seats), content_type="application/json")
    answer.set_etag(etag)
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _etag(seats: SeatMap) -> str:
    """Return a hash of everything that the map shows."""
    plan = seats.plan
    version = [plan.id, plan.total_seats, plan.longest_row]  # the id is 0 while old servers run
    facts = array("q", [seats.show_id, *version, *sorted(seats.booked)])
    return hashlib.blake2b(facts.tobytes(), digest_size=16).hexdigest()


def body_of(seats: SeatMap) -> bytes:
    """Return the map as JSON. For a large screen, dumping it by the schema would be slow."""
    seats_json = free_seats(seats.plan).copy()
    for number in seats.booked:
        seats_json[number - 1] = seats_json[number - 1].removesuffix(_FREE) + _BOOKED
    total = seats.plan.total_seats
    return b'{"show_id":%d,"total_seats":%d,"available_seats":%d,"seats":[%b]}\n' % (
        seats.show_id,
        total,
        total - len(seats.booked),
        b",".join(seats_json),
    )


_MAX_CACHED_SEATS = 50_000  # 5 to 10 MB
free_seats_cache: LRUCache[Hashable, list[bytes]] = LRUCache(_MAX_CACHED_SEATS, getsizeof=len)


@cached(free_seats_cache, lock=Lock())
def free_seats(plan: SeatPlan) -> list[bytes]:
    """Return each seat of a plan as JSON, as available."""
    return [_json(seat) for seat in plan.seats()]


def _json(seat: Seat) -> bytes:
    shown = {name: getattr(seat, name) for name in _FIELDS}
    return json.dumps(shown, separators=(",", ":")).encode().removesuffix(b"}") + _FREE
