"""The seat map of a show."""

import hashlib
import json
from array import array
from collections.abc import Hashable, Sequence, Set
from threading import Lock
from typing import Any

from cachetools import LRUCache, cached
from flask import Response, request
from marshmallow import fields

from ticketing.domain.programme.seat_plans.model import Seat, SeatPlan
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.queries import SeatMap, SeatStatus
from ticketing.entrypoints.http.web.auth import known_actor
from ticketing.entrypoints.http.web.context import office
from ticketing.entrypoints.http.web.openapi import Resource
from ticketing.entrypoints.http.web.schemas import Answer

blueprint = Resource("seats", __name__, description="Which seats are available")

_FIELDS = ("number", "label", "row", "column", "section")


def _ending(status: SeatStatus, more: str = "") -> bytes:
    return f',"status":"{status}"{more}}}'.encode()


_AVAILABLE = _ending(SeatStatus.AVAILABLE)


class SeatSchema(Answer):
    """A seat of a show."""

    number = fields.Int(metadata={"example": 5})
    label = fields.Str(metadata={"example": "A5"})
    row = fields.Str(metadata={"example": "A"})
    column = fields.Int(metadata={"description": "The place in its row; gaps count", "example": 5})
    section = fields.Str(metadata={"example": "Stalls"})
    status = fields.Str(
        metadata={
            "description": "`AVAILABLE`, `HELD` by a customer who is deciding, `BOOKED`, or "
            "`BLOCKED`: out of order or kept back; more may be added",
            "example": SeatStatus.BOOKED,
        }
    )
    mine = fields.Bool(
        metadata={"description": "`true` for what the caller holds or booked, else left out"}
    )

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        field_obj.required = field_name != "mine"


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
    headers={
        "ETag": {
            "description": "Changes with every sale, and when a hold begins or ends",
            "schema": {"type": "string"},
        }
    },
)
@blueprint.alt_response(304, description="Unchanged since the ETag in `If-None-Match`")
@blueprint.doc(
    parameters=[{"in": "header", "name": "If-None-Match", "schema": {"type": "string"}}],
    security=[{}, {"bearer": []}],  # optional
)
def seat_map(show_id: int) -> Response:
    """Get the seat map of a show

    It includes every sale confirmed before the request began, and the holds that are active now.
    Send the last `ETag` as `If-None-Match` to get 304 as long as nothing has changed. With a valid
    access token, the seats that you hold or booked have `"mine": true`.
    """
    queries, caller = office().queries.sales, known_actor()
    seats = queries.seat_map(ShowId(show_id))
    mine = queries.mine(seats.show_id, caller.account_id) if caller else frozenset[SeatNumber]()
    etag = etag_of(seats, (caller.account_id, *sorted(mine)) if caller else ())
    if request.if_none_match.contains_weak(etag):  # proxies that compress weaken it
        answer = Response(status=304)
    else:
        answer = Response(body_of(seats, mine), content_type="application/json")
    answer.set_etag(etag)
    answer.headers["Cache-Control"] = "private, no-cache" if caller else "no-cache"
    if caller:
        answer.vary.add("Authorization")
    return answer


def etag_of(seats: SeatMap, own: Sequence[int] = ()) -> str:
    """Return a hash of everything that the map shows; ``own`` is for one customer's eyes."""
    plan = seats.plan
    version = [plan.id, plan.total_seats, plan.longest_row]  # the id is 0 while old servers run
    facts = array("q", [seats.show_id, *version])
    for some in (sorted(seats.booked), sorted(seats.held), sorted(seats.blocked), own):
        facts.extend((len(some), *some))
    return hashlib.blake2b(facts.tobytes(), digest_size=16).hexdigest()


def body_of(seats: SeatMap, mine: Set[SeatNumber] = frozenset()) -> bytes:
    """Return the map as JSON. For a large screen, dumping it by the schema would be slow."""
    seats_json = free_seats(seats.plan).copy()
    for numbers, status in (
        (seats.booked, SeatStatus.BOOKED),
        (seats.held, SeatStatus.HELD),
        (seats.blocked, SeatStatus.BLOCKED),
    ):
        ending, own = _ending(status), _ending(status, ',"mine":true')
        for number in numbers:
            seat = seats_json[number - 1].removesuffix(_AVAILABLE)
            seats_json[number - 1] = seat + (own if number in mine else ending)
    total = seats.plan.total_seats
    return b'{"show_id":%d,"total_seats":%d,"available_seats":%d,"seats":[%b]}\n' % (
        seats.show_id,
        total,
        total - len(seats.booked) - len(seats.held) - len(seats.blocked),
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
    return json.dumps(shown, separators=(",", ":")).encode().removesuffix(b"}") + _AVAILABLE
