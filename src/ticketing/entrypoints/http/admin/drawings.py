"""Drawings of rooms in pages: of a large room, an overview, and one of each section."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request, url_for

from ticketing.domain.programme.seat_plans.model import SeatPlan, Section
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.sales.booking import BookingId
from ticketing.domain.sales.queries import SeatMap
from ticketing.entrypoints.http.web.seat_plan_svg import (
    MAX_DRAWN_SEATS,
    plan_svg,
    seats_svg,
    statuses_of,
)

_MAX_NARROW_COLUMNS = 24


@dataclass(frozen=True, slots=True)
class Drawing:
    """An SVG, with names escaped. It ``is_wide`` if it cannot be read on a phone without scrolling.

    ``sections`` are the names of those that have drawings of their own, ``section`` is the one that
    is drawn, if any.
    """

    svg: str
    is_wide: bool
    sections: Sequence[str]
    section: str | None


def drawing_of_plan(plan: SeatPlan) -> Drawing:
    section = _requested_section(plan)
    return _drawing(plan, section, plan_svg(plan, section))


def drawing_of_show(seats: SeatMap, sold: Mapping[SeatNumber, BookingId]) -> Drawing:
    """Return the drawing of a show's seats; those that are ``sold`` are links to their bookings."""
    section = _requested_section(seats.plan)
    address = url_for("admin.bookings.booking", booking_id=0)[:-1]
    links = {seat: f"{address}{id_}?show_id={seats.show_id}" for seat, id_ in sold.items()}
    svg = seats_svg(seats.plan, statuses_of(seats), section, links)
    return _drawing(seats.plan, section, svg)


def _drawing(plan: SeatPlan, section: Section | None, svg: str) -> Drawing:
    is_large = plan.total_seats > MAX_DRAWN_SEATS
    has_seats = section is not None or not is_large
    return Drawing(
        svg=svg,
        is_wide=has_seats and plan.longest_row > _MAX_NARROW_COLUMNS,
        sections=[each.name for each in plan.sections] if is_large else [],
        section=section.name if section else None,
    )


def _requested_section(plan: SeatPlan) -> Section | None:
    """The section of ``?section=``, if it exists."""
    name = request.args.get("section")
    return next((section for section in plan.sections if section.name == name), None)
