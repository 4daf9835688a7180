"""Seat plans, and drawings of rooms.

A plan never changes, so clients and proxies keep it for ever. What is drawn is kept here too: a
room of 20,000 seats is 5 MB of JSON, and the overview of an on-sale is the same for all clients.
"""

import hashlib
import json
from collections.abc import Hashable
from dataclasses import dataclass
from dataclasses import fields as fields_of
from functools import partial
from threading import Lock
from typing import Any

from cachetools import LRUCache, cached
from cachetools.keys import hashkey
from flask import Response, request
from marshmallow import Schema, fields

from ticketing.domain.programme.seat_plans.model import Feature, PlanId, Seat, SeatPlan, Side
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.queries import SeatMap
from ticketing.entrypoints.http.api.seats import etag_of
from ticketing.entrypoints.http.web.context import office
from ticketing.entrypoints.http.web.openapi import Resource
from ticketing.entrypoints.http.web.schemas import Answer
from ticketing.entrypoints.http.web.seat_plan_svg import plan_svg, seats_svg, statuses_of

blueprint = Resource("plans", __name__, description="Seat plans and drawings of rooms")

MAX_CACHED_BYTES = 16 * 2**20
"""About 60,000 seats."""

_SEAT_FIELDS = [field.name for field in fields_of(Seat)]
_FOR_EVER = "public, max-age=31536000, immutable"
_SVG = "image/svg+xml"
_DRAWING = {"type": "string", "example": '<svg xmlns="http://www.w3.org/2000/svg"></svg>'}


class PlanSeatSchema(Answer):
    """A seat of a plan. Coordinates have no unit; y grows downwards."""

    number = fields.Int(metadata={"example": 25})
    label = fields.Str(metadata={"example": "C5"})
    section = fields.Str(metadata={"example": "Stalls"})
    row = fields.Str(metadata={"description": "As painted", "example": "C"})
    name = fields.Str(metadata={"description": "As painted", "example": "5"})
    column = fields.Int(metadata={"description": "The place in its row; gaps count", "example": 5})
    level = fields.Str(metadata={"description": "Empty if there is only one", "example": ""})
    x = fields.Float(metadata={"example": 100.0})
    y = fields.Float(metadata={"example": 50.0})
    category = fields.Str(metadata={"example": "Standard"})
    features = fields.List(
        fields.Str(metadata={"enum": list(Feature)}),
        metadata={"description": "In alphabetical order"},
    )
    companion_of = fields.List(
        fields.Int(), metadata={"description": "The numbers of the wheelchair spaces it goes with"}
    )


class CategorySchema(Answer):
    """A kind of seats."""

    name = fields.Str(metadata={"example": "Standard"})
    color = fields.Str(metadata={"description": "`#rgb` or `#rrggbb`", "example": "#3874cb"})


class SectionSchema(Answer):
    """A part of the room, on one level."""

    name = fields.Str(metadata={"example": "Stalls"})
    level = fields.Str(metadata={"example": ""})
    seats = fields.Int(metadata={"description": "How many it has", "example": 80})


class PlanSchema(Answer):
    """A version of a screen's seat plan. It never changes."""

    id = fields.Int(metadata={"example": 1})
    total_seats = fields.Int(metadata={"example": 80})
    stage = fields.Str(
        metadata={
            "enum": list(Side),
            "description": "The side where the screen or the stage is",
            "example": Side.TOP,
        }
    )
    focal_point = fields.List(
        fields.Float(), metadata={"description": "x and y of the best place", "example": [112.5, 5]}
    )
    categories = fields.List(fields.Nested(CategorySchema))
    sections = fields.List(fields.Nested(SectionSchema))
    seats = fields.List(fields.Nested(PlanSeatSchema), metadata={"description": "By number"})


class DrawingArgs(Schema):
    section = fields.Str(
        metadata={
            "description": "Draw only this section. Of a room with more than 3,500 seats, the "
            "drawing without it is an overview of the sections."
        },
    )


@dataclass(frozen=True, slots=True)
class Encoded:
    """A body and its ETag."""

    body: bytes
    etag: str

    @classmethod
    def of(cls, text: str) -> "Encoded":
        body = text.encode()
        return cls(body, hashlib.blake2b(body, digest_size=16).hexdigest())


_cache: LRUCache[Hashable, Encoded] = LRUCache(
    MAX_CACHED_BYTES, getsizeof=lambda encoded: len(encoded.body)
)
_lock = Lock()


def _answer(content_type: str, body: bytes, etag: str, cache_control: str) -> Response:
    """Return the body, or 304 if the client has it."""
    if request.if_none_match.contains_weak(etag):  # proxies that compress weaken it
        answer = Response(status=304)
    else:
        answer = Response(body, content_type=content_type)
    answer.set_etag(etag)
    answer.headers["Cache-Control"] = cache_control
    return answer


def _conditional(view: Any) -> Any:
    """Document ``If-None-Match`` and its 304."""
    header = {"in": "header", "name": "If-None-Match", "schema": {"type": "string"}}
    unchanged = blueprint.alt_response(304, description="Unchanged since `If-None-Match`")
    return unchanged(blueprint.doc(parameters=[header])(view))


_ETAG = {"ETag": {"description": "Of this content", "schema": {"type": "string"}}}


@blueprint.route("/plans/<id:plan_id>")
@blueprint.response(200, PlanSchema, headers=_ETAG)
@_conditional
def get_plan(plan_id: int) -> Response:
    """Get a seat plan

    A plan never changes, so keep it. A show has its own (`plan_id`), which may be older than that
    of its screen.
    """
    plan = office().queries.programme.plan(PlanId(plan_id))
    encoded = _plan_json(plan)
    return _answer("application/json", encoded.body, encoded.etag, _FOR_EVER)


@blueprint.route("/plans/<id:plan_id>/drawing.svg")
@blueprint.arguments(DrawingArgs, location="query", as_kwargs=True)
@blueprint.response(200, _DRAWING, content_type=_SVG, headers=_ETAG)
@_conditional
def draw_plan(plan_id: int, section: str | None = None) -> Response:
    """Draw a seat plan

    The seats as they are in every show. 404 `section_not_found` if the plan has no such section.
    """
    plan = office().queries.programme.plan(PlanId(plan_id))
    encoded = _plan_drawing(plan, section)
    return _answer(_SVG, encoded.body, encoded.etag, _FOR_EVER)


@blueprint.route("/shows/<id:show_id>/seats.svg")
@blueprint.arguments(DrawingArgs, location="query", as_kwargs=True)
@blueprint.response(200, _DRAWING, content_type=_SVG, headers=_ETAG)
@_conditional
def draw_seats(show_id: int, section: str | None = None) -> Response:
    """Draw the seats of a show

    As current as the seat map, and with its ETag. 404 `section_not_found` if the show's plan has no
    such section.
    """
    seats = office().queries.sales.seat_map(ShowId(show_id))
    etag = etag_of(seats)
    return _answer(_SVG, _seats_drawing(seats, section, etag).body, etag, "no-cache")


@cached(_cache, key=partial(hashkey, "plan"), lock=_lock)
def _plan_json(plan: SeatPlan) -> Encoded:
    document = {
        "id": plan.id,
        "total_seats": plan.total_seats,
        "stage": plan.stage,
        "focal_point": plan.focal_point,
        "categories": [{"name": kind.name, "color": kind.color} for kind in plan.categories],
        "sections": [
            {
                "name": section.name,
                "level": section.level,
                "seats": sum(len(row.seats) for row in section.rows),
            }
            for section in plan.sections
        ],
        "seats": [_seat(seat) for seat in plan.seats()],
    }
    return Encoded.of(json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n")


def _seat(seat: Seat) -> dict[str, Any]:
    return {name: getattr(seat, name) for name in _SEAT_FIELDS} | {
        "features": sorted(seat.features)
    }


@cached(_cache, key=partial(hashkey, "plan drawing"), lock=_lock)
def _plan_drawing(plan: SeatPlan, section: str | None) -> Encoded:
    return Encoded.of(plan_svg(plan, None if section is None else plan.section(section)))


@cached(_cache, key=lambda _seats, section, etag: hashkey(section, etag), lock=_lock)
def _seats_drawing(seats: SeatMap, section: str | None, etag: str) -> Encoded:
    plan = seats.plan
    drawn = None if section is None else plan.section(section)
    return Encoded.of(seats_svg(plan, statuses_of(seats), drawn))
