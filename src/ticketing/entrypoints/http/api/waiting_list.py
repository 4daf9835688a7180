"""The waiting list of a show: customers who are offered seats that come free."""

from functools import partial
from typing import Any

from flask import Response
from marshmallow import Schema, fields

from ticketing.domain.paging import Page
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.waiting_list.entry import (
    EntryId,
    EntryStatus,
    TimedEntry,
    WaitingListEntry,
)
from ticketing.entrypoints.http.api.bookings import BookedShowSchema, compact_json, show_body
from ticketing.entrypoints.http.api.seat_choice import SeatCount
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
from ticketing.entrypoints.http.web.rate_limits import BUYING, HOLDING, limited
from ticketing.entrypoints.http.web.request_body import path_errors_first
from ticketing.entrypoints.http.web.schemas import (
    LOCATION_HEADER,
    Answer,
    QueryId,
    TrueOrFalse,
    rfc3339,
)
from ticketing.entrypoints.http.web.urls import absolute_url

blueprint = Resource("waiting-list", __name__, description="Wait for seats of a sold-out show")

_TIME = {"format": "date-time"}


class WaitingPartySchema(Schema):
    """The seats that the customer waits for."""

    count = SeatCount(required=True, metadata={"description": "The number of seats", "example": 2})
    together = TrueOrFalse(
        load_default=False,
        metadata={"description": "Only seats side by side. Default: false", "example": True},
    )


class OfferSchema(Answer):
    """The hold that keeps the offered seats for the customer. Book it to accept the offer."""

    hold = fields.Str(metadata={"description": "The hold's id", "example": "1-7ZK3M9QX2T4B8D6F"})
    expires_at = fields.Str(metadata={**_TIME, "example": "2030-05-31T18:34:12Z"})


class WaitingListEntrySchema(Answer):
    """A customer's place in the waiting list of a show."""

    id = fields.Str(metadata={"description": "Opaque", "example": "1-4B8D6F7ZK3M9QX2T"})
    show = fields.Nested(BookedShowSchema)
    count = fields.Int(metadata={"example": 2})
    together = fields.Bool(metadata={"example": True})
    status = fields.Str(
        metadata={
            "enum": list(EntryStatus),
            "description": "`OFFERED` until the hold of the `offer` ends: `ACCEPTED` if it was "
            "booked, `DECLINED` if it was released, or `EXPIRED`. Leaving the list is `DECLINED` "
            "too. `CLOSED` where the customer still waited two hours before the start, or when the "
            "show was cancelled.",
        }
    )
    created_at = fields.Str(metadata={**_TIME, "example": "2030-05-31T18:04:12Z"})
    offer = fields.Nested(OfferSchema, allow_none=True)


class WaitingListArgs(PageArgs):
    show_id = QueryId(metadata={"description": "Only entries for this show"})


def entry_body(timed: TimedEntry) -> dict[str, Any]:
    """Return the entry as ``WaitingListEntrySchema`` describes it."""
    entry, now = timed
    offer = entry.offer
    return {
        "id": entry.id,
        "show": show_body(entry.show),
        "count": entry.count,
        "together": entry.together,
        "status": entry.status(now),
        "created_at": rfc3339(entry.created_at),
        "offer": offer and {"hold": offer.id, "expires_at": rfc3339(offer.expires_at)},
    }


def _joined(entry: WaitingListEntry, entries_url: str) -> Success:
    """Return the response to a new entry."""
    body = compact_json(entry_body(TimedEntry(entry, entry.created_at))) + "\n"
    return Success(201, body, f"{entries_url}/{entry.id}")


def find_entry(entry_id: str) -> TimedEntry:
    """Return an entry of the caller, or of any customer for staff.

    Raises EntryNotFound and Forbidden.
    """
    found = office().queries.waiting_list.entry(EntryId(entry_id))
    actor().require_own(found.entry.customer)
    return found


@blueprint.route("/shows/<id:show_id>/waiting-list", methods=["POST"])
@authenticated
@path_errors_first(find_show)
@blueprint.arguments(WaitingPartySchema)
@blueprint.response(201, WaitingListEntrySchema, headers={**LOCATION_HEADER, **REPLAYED_HEADER})
@blueprint.alt_response(409, "CONFLICT")
@blueprint.doc(parameters=[KEY_PARAMETER])
@limited(HOLDING)
def join_waiting_list(given: dict[str, Any], show_id: int) -> Response:
    """Join the waiting list of a show

    When seats come free, they are offered to those who wait, in the order in which they joined: a
    hold is made for you, which you book to accept the offer, or release to decline it. It lasts 30
    minutes, or 10 within a day before the start. An entry for which the seats are too few keeps its
    place. No offers are made in the last two hours before the start.

    409, in this order: `sales_closed`, also in these two hours; `seats_available`: best available
    finds such seats now; `already_waiting`: `entry` is your active one for this show;
    `seat_limit`: an account may have `limit` seats of a show and has `held` already, holds and
    seats that it waits for included.
    """
    service, id_, caller = office().waiting_list, ShowId(show_id), actor()
    render = partial(_joined, entries_url=absolute_url("/api/waiting-list"))
    done = service.join(id_, given["count"], given["together"], caller, repeatable(render))
    return respond(done, render)


@blueprint.route("/my-waiting-list")
@authenticated
@blueprint.paginated(WaitingListEntrySchema, WaitingListArgs)
def list_my_waiting_list(query: PageQuery) -> Page[dict[str, Any]]:
    """List my entries in waiting lists, newest first

    Also those that have ended, for a day at least.
    """
    show_id = query.filters.get("show_id")
    page = office().queries.waiting_list.entries_of(actor().account_id, show_id, query.window)
    return Page([entry_body(timed) for timed in page.items], page.total)


@blueprint.route("/waiting-list/<opaque:entry_id>")
@authenticated
@blueprint.response(200, WaitingListEntrySchema)
@blueprint.alt_response(403, "FORBIDDEN")
def get_waiting_list_entry(entry_id: str) -> dict[str, Any]:
    """Get an entry of a waiting list (its owner and staff)

    Also one that has ended, for a day at least.
    """
    return entry_body(find_entry(entry_id))


@blueprint.route("/waiting-list/<opaque:entry_id>", methods=["DELETE"])
@authenticated
@blueprint.response(204)
@blueprint.alt_response(403, "FORBIDDEN")
@limited(BUYING)
def leave_waiting_list(entry_id: str) -> None:
    """Leave a waiting list (its owner and staff)

    Declines the offer, if there is one; its seats are offered to the next. An entry that has ended
    stays as it is. Repeating it is no error.
    """
    office().waiting_list.leave(EntryId(entry_id), actor())
