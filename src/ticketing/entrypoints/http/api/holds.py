"""Holds: seats that are kept for a customer who is deciding, for a limited time."""

from functools import partial
from typing import Any

from flask import Response
from marshmallow import Schema, fields

from ticketing.domain.paging import Page
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.errors import OrphanSeat
from ticketing.domain.sales.hold import Hold, HoldId, HoldStatus, TimedHold
from ticketing.entrypoints.http.api.bookings import (
    BookedSeatSchema,
    BookedShowSchema,
    BookingSchema,
    NothingSchema,
    booked,
    compact_json,
    seats_body,
    show_body,
)
from ticketing.entrypoints.http.api.seat_choice import (
    ONE_TO_TEN,
    SeatChoiceSchema,
    SeatNames,
    faults_of_party,
)
from ticketing.entrypoints.http.api.shows import find_show
from ticketing.entrypoints.http.web.auth import actor, authenticated, for_staff
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
from ticketing.entrypoints.http.web.rate_limits import BUYING, HOLDING, limited
from ticketing.entrypoints.http.web.request_body import path_errors_first
from ticketing.entrypoints.http.web.schemas import LOCATION_HEADER, Answer, QueryId, rfc3339
from ticketing.entrypoints.http.web.urls import absolute_url

blueprint = Resource("holds", __name__, description="Hold seats while the customer decides")

_TIME = {"format": "date-time"}


class HeldSeatsSchema(Schema):
    """The seats that a hold shall have, 1 to 10: those it has now and not here are given up."""

    seats = SeatNames(required=True, metadata=ONE_TO_TEN)


class WarningSchema(Answer):
    """What the customer may want to change about the choice of seats."""

    code = fields.Str(metadata={"example": OrphanSeat.code})
    detail = fields.Str(metadata={"example": OrphanSeat.default})
    orphans = fields.List(
        fields.Str(), metadata={"description": "The seats left alone", "example": ["A7"]}
    )


class HoldSchema(Answer):
    """A hold. Its times and its status are those of the store's clock."""

    id = fields.Str(metadata={"description": "Opaque", "example": "1-7ZK3M9QX2T4B8D6F"})
    status = fields.Str(
        metadata={
            "enum": list(HoldStatus),
            "description": "An `EXPIRED` hold can still be booked as long as no one else has taken "
            "any of its seats.",
        }
    )
    show = fields.Nested(BookedShowSchema)
    seats = fields.List(fields.Nested(BookedSeatSchema))
    together = fields.Bool(metadata={"description": "Whether the seats are side by side"})
    created_at = fields.Str(metadata={**_TIME, "example": "2030-05-31T18:04:12Z"})
    expires_at = fields.Str(metadata={**_TIME, "example": "2030-05-31T18:14:12Z"})
    expires_in = fields.Int(
        metadata={"description": "Seconds that are left, 0 for an ended one", "example": 600}
    )
    extendable_until = fields.Str(
        metadata={
            **_TIME,
            "description": "However often it is extended, it expires then",
            "example": "2030-05-31T18:34:12Z",
        }
    )
    is_offer = fields.Bool(
        metadata={
            "description": "Whether it was made for a waiting customer: such a hold is neither "
            "extended, changed, nor booked after its end"
        }
    )
    booking = fields.Int(
        allow_none=True, metadata={"description": "The booking's id, where it was booked"}
    )
    warnings = fields.List(
        fields.Nested(WarningSchema),
        metadata={"description": "About the seats just chosen; empty when the hold is read later"},
    )


class HoldListArgs(PageArgs):
    show_id = QueryId(metadata={"description": "Only holds of this show"})


def hold_body(timed: TimedHold) -> dict[str, Any]:
    """Return the hold as ``HoldSchema`` describes it."""
    hold, now = timed
    is_active = hold.is_active(now)
    orphans = [seat.label for seat in hold.orphans]
    warning = {"code": OrphanSeat.code, "detail": OrphanSeat.default, "orphans": orphans}
    return {
        "id": hold.id,
        "status": hold.status(now),
        "show": show_body(hold.show),
        "seats": seats_body(hold.seats),
        "together": hold.together,
        "created_at": rfc3339(hold.created_at),
        "expires_at": rfc3339(hold.expires_at),
        "expires_in": int((hold.expires_at - now).total_seconds()) if is_active else 0,
        "extendable_until": rfc3339(hold.extendable_until),
        "is_offer": hold.is_offer,
        "booking": hold.booking_id,
        "warnings": [warning] if orphans else [],
    }


def _held(hold: Hold, holds_url: str) -> Success:
    """Return the response to a new hold."""
    body = compact_json(hold_body(TimedHold(hold, hold.created_at))) + "\n"
    return Success(201, body, f"{holds_url}/{hold.id}")


def find_hold(hold_id: str) -> TimedHold:
    """Return a hold of the caller, or of any customer for staff.

    Raises HoldNotFound and Forbidden.
    """
    found = office().queries.sales.hold(HoldId(hold_id))
    actor().require_own(found.hold.customer)
    return found


def find_own_hold(hold_id: str) -> TimedHold:
    """Return a hold of the caller. Raises HoldNotFound and Forbidden, the latter also for staff."""
    found = office().queries.sales.hold(HoldId(hold_id))
    actor().require_owner(found.hold.customer)
    return found


@blueprint.route("/shows/<id:show_id>/holds", methods=["POST"])
@authenticated
@path_errors_first(find_show)
@blueprint.arguments(SeatChoiceSchema)
@blueprint.response(201, HoldSchema, headers={**LOCATION_HEADER, **REPLAYED_HEADER})
@blueprint.alt_response(409, "CONFLICT")
@blueprint.doc(parameters=[KEY_PARAMETER])
@limited(HOLDING)
def hold_seats(given: dict[str, Any], show_id: int) -> Response:
    """Hold seats of a show

    Holds all of the seats or none, until `expires_at`: no one else can book or hold them. A
    replayed response may describe a hold that has ended since.

    409, in this order: `sales_closed`; `show_full`; `seat_taken` lists the `seats` that are sold or
    blocked; `seat_held` lists the `seats` in other holds, `held_until`, when the last of them may
    be free, and your own `hold` if it has them; `companion_seat`: `seats` are kept for companions
    of a wheelchair user; `seat_limit`: an account may have `limit` seats of a show and has `held`
    already, holds included; `hold_at_limit`: you have held seats of this show for as long as
    allowed, and can again in `retry_after` seconds; `orphan_seat`: the choice would leave single
    seats, `orphans`, alone, and `alternatives` lists choices that do not.

    With `best_available` we choose, as for a booking: 409 `sales_closed`, `no_seats`, `seat_limit`
    or `hold_at_limit`.
    """
    service, id_, caller = office().holds, ShowId(show_id), actor()
    # The URL is that of this request, though another's thread may render the response.
    render = partial(_held, holds_url=absolute_url("/api/holds"))
    request = repeatable(render)
    if party := given.get("best_available"):
        with faults_of_party():
            hold = office().best_available.hold(id_, party, caller, request)
        return respond(hold, render)
    if request:
        return respond(service.hold_once(id_, given["seats"], caller, request), render)
    return respond(service.hold(id_, given["seats"], caller), render)


@blueprint.route("/shows/<id:show_id>/holds")
@for_staff
@path_errors_first(find_show)
@blueprint.paginated(HoldSchema)
def list_holds_of_show(query: PageQuery, show_id: int) -> Page[dict[str, Any]]:
    """List the active holds of a show, newest first (staff)"""
    show = find_show(show_id).show
    return _bodies(office().queries.sales.holds_of_show(show.id, query.window))


@blueprint.route("/my-holds")
@authenticated
@blueprint.paginated(HoldSchema, HoldListArgs)
def list_my_holds(query: PageQuery) -> Page[dict[str, Any]]:
    """List my holds, newest first

    Those that are active, and expired ones that can still be booked because no one else has taken
    their seats.
    """
    show_id = query.filters.get("show_id")
    return _bodies(office().queries.sales.holds_of(actor().account_id, show_id, query.window))


def _bodies(page: Page[TimedHold]) -> Page[dict[str, Any]]:
    return Page([hold_body(timed) for timed in page.items], page.total)


@blueprint.route("/holds/<opaque:hold_id>")
@authenticated
@blueprint.response(200, HoldSchema)
@blueprint.alt_response(403, "FORBIDDEN")
def get_hold(hold_id: str) -> dict[str, Any]:
    """Get a hold (its owner and staff)

    Also one that has ended, for a day at least.
    """
    return hold_body(find_hold(hold_id))


@blueprint.route("/holds/<opaque:hold_id>", methods=["PATCH"])
@authenticated
@path_errors_first(find_own_hold)
@blueprint.arguments(HeldSeatsSchema)
@blueprint.response(200, HoldSchema)
@blueprint.alt_response(403, "FORBIDDEN")
@blueprint.alt_response(409, "CONFLICT")
@limited(BUYING)
def change_hold(given: dict[str, Any], hold_id: str) -> dict[str, Any]:
    """Change the seats of a hold (its owner)

    The hold gets exactly these seats, or nothing is changed. It expires when it would have; with
    other seats, `extendable_until` may become sooner, as for a new hold. 409 `hold_booked` with the
    `booking`, `hold_released`, `hold_expired`, `hold_is_offer`, and the refusals of a new hold.
    """
    return hold_body(office().holds.change(HoldId(hold_id), given["seats"], actor()))


@blueprint.route("/holds/<opaque:hold_id>/extend", methods=["POST"])
@authenticated
@path_errors_first(find_own_hold)
@blueprint.arguments(NothingSchema, required=False)
@blueprint.response(200, HoldSchema)
@blueprint.alt_response(403, "FORBIDDEN")
@blueprint.alt_response(409, "CONFLICT")
@limited(BUYING)
def extend_hold(_nothing: dict[str, Any], hold_id: str) -> dict[str, Any]:
    """Extend a hold (its owner)

    It then lasts as long from now as a new hold does, but not beyond `extendable_until`. 409
    `hold_at_limit` where it lasts until then already, as an offer does, `hold_booked` with the
    `booking`, `hold_released`, `hold_expired`.
    """
    return hold_body(office().holds.extend(HoldId(hold_id), actor()))


@blueprint.route("/holds/<opaque:hold_id>", methods=["DELETE"])
@authenticated
@blueprint.response(204)
@blueprint.alt_response(403, "FORBIDDEN")
@blueprint.alt_response(409, "CONFLICT")
@limited(BUYING)
def release_hold(hold_id: str) -> None:
    """Release a hold (its owner and staff)

    Its seats are available at once, unless others wait for them. An offer is declined. Repeating it
    is no error. 409 `hold_booked` with the `booking`.
    """
    office().holds.release(HoldId(hold_id), actor())


@blueprint.route("/holds/<opaque:hold_id>/book", methods=["POST"])
@authenticated
@path_errors_first(find_own_hold)
@blueprint.arguments(NothingSchema, required=False)
@blueprint.response(201, BookingSchema, headers={**LOCATION_HEADER, **REPLAYED_HEADER})
@blueprint.alt_response(403, "FORBIDDEN")
@blueprint.alt_response(409, "CONFLICT")
@blueprint.doc(parameters=[KEY_PARAMETER])
@limited(BUYING)
def book_hold(_nothing: dict[str, Any], hold_id: str) -> Response:
    """Book the seats of a hold (its owner)

    Books exactly the seats of the hold. An expired hold can be booked too, unless someone else has
    taken any of its seats: 409 `hold_lost` lists these `seats`. An expired offer cannot: 409
    `hold_expired`. Also 409 `hold_booked` with the `booking`, `hold_released`, `sales_closed`, and
    `seat_limit` for an expired hold.
    """
    service, id_, caller = office().holds, HoldId(hold_id), actor()
    render = partial(booked, bookings_url=absolute_url("/api/bookings"))
    if request := repeatable(render):
        return respond(service.book_once(id_, caller, request), render)
    return respond(service.book(id_, caller), render)
