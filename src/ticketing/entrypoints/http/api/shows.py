"""Shows: what is on, where and when."""

from typing import Any

from flask import url_for
from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from ticketing.domain.paging import Page
from ticketing.domain.programme.queries import ShowAvailability, ShowFilter
from ticketing.domain.programme.screen import screen_name_fault
from ticketing.domain.programme.seat_plans.numbers import MAX_SEATS, seats_fault
from ticketing.domain.programme.show import OrphanRule, ShowId, ShowStatus
from ticketing.domain.programme.show_draft import ShowDraft
from ticketing.domain.times import end_of, start_of
from ticketing.entrypoints.http.api.movies import find_movie
from ticketing.entrypoints.http.web.auth import actor, for_staff
from ticketing.entrypoints.http.web.context import office
from ticketing.entrypoints.http.web.openapi import Resource
from ticketing.entrypoints.http.web.paging import PageArgs, PageQuery
from ticketing.entrypoints.http.web.request_body import path_errors_first
from ticketing.entrypoints.http.web.response_cache import cached
from ticketing.entrypoints.http.web.schemas import (
    LOCATION_HEADER,
    Answer,
    Id,
    Moment,
    MovieRefSchema,
    QueryId,
    QueryMoment,
    Text,
    WholeNumber,
)
from ticketing.entrypoints.http.web.urls import absolute_url

blueprint = Resource("shows", __name__, description="What is on, where and when")

_START = {"example": "2030-06-01T19:30:00Z"}
_ALIASES = {"screen_id": "screen_name", "starts_at": "date_time"}


class ShowChangeSchema(Schema):
    """The fields of a show to change.

    `screen_id` or `screen_name`; `date_time` is an alias of `starts_at`. If `total_seats` differs
    from the screen's, the show gets a seat plan of its own with rows of ten.
    """

    movie_id = Id(metadata={"example": 1})
    screen_id = Id(metadata={"description": "Instead of `screen_name`"})
    screen_name = Text(screen_name_fault, metadata={"example": "Screen 1"})
    starts_at = Moment(metadata=_START)
    date_time = Moment(metadata={"deprecated": True})
    total_seats = WholeNumber(seats_fault, metadata={"minimum": 1, "maximum": MAX_SEATS})
    orphan_rule = fields.Enum(
        OrphanRule,
        by_value=True,
        metadata={
            "type": "string",
            "description": "About choices of seats that leave a single seat alone",
        },
    )
    status = fields.Str(
        validate=validate.OneOf(["CANCELLED"]),
        metadata={"description": "Cancels the show and all of its bookings"},
    )

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def names_each_thing_once(self, data: Any, given: dict[str, Any], **kwargs: Any) -> None:
        for name, other in _ALIASES.items():
            if name in given and other in given:
                raise ValidationError(f"Either {name} or {other}, not both.", other)

    @post_load
    def draft(self, data: dict[str, Any], **kwargs: Any) -> ShowDraft:
        starts_at = data.pop("date_time", None) or data.pop("starts_at", None)
        cancelled = data.pop("status", None) is not None
        return ShowDraft(**data, starts_at=starts_at, cancelled=cancelled)


class NewShowSchema(ShowChangeSchema):
    """A new show: `movie_id`, a screen and the start time.

    An unknown `screen_name` adds a screen with `total_seats` in rows of ten.
    """

    class Meta:
        exclude = ("status",)

    movie_id = Id(required=True, metadata={"example": 1})

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def names_everything(self, data: Any, given: dict[str, Any], **kwargs: Any) -> None:
        missing = [
            name for name, other in _ALIASES.items() if name not in given and other not in given
        ]
        if missing:
            raise ValidationError({name: ["Missing data for required field."] for name in missing})


class ScreenRefSchema(Answer):
    """The screen of a show."""

    id = fields.Int(metadata={"example": 1})
    name = fields.Str(metadata={"example": "Screen 1"})


class ShowSchema(Answer):
    """A show. In lists, the numbers of seats may be up to 1 s stale."""

    id = fields.Int(attribute="show.id", metadata={"example": 1})
    movie = fields.Nested(MovieRefSchema, attribute="show.movie")
    screen = fields.Nested(ScreenRefSchema, attribute="show.screen")
    screen_name = fields.Str(attribute="show.screen.name", metadata={"example": "Screen 1"})
    starts_at = Moment(attribute="show.starts_at", metadata=_START)
    ends_at = Moment(attribute="show.ends_at", metadata={"example": "2030-06-01T21:58:00Z"})
    total_seats = fields.Int(attribute="show.plan.total_seats", metadata={"example": 80})
    available_seats = fields.Int(
        metadata={"description": "What anybody can buy now", "example": 34}
    )
    plan_id = fields.Int(attribute="show.plan.id", metadata={"example": 1})
    orphan_rule = fields.Str(
        attribute="show.orphan_rule",
        metadata={"enum": list(OrphanRule), "example": OrphanRule.OFF},
    )
    held_seats = fields.Int(
        metadata={"description": "Held by customers who are deciding", "example": 2}
    )
    status = fields.Str(
        metadata={
            "enum": list(ShowStatus),
            "description": "`SOLD_OUT`: no seat is available, and none is held",
            "example": ShowStatus.ON_SALE,
        }
    )


class ShowWindowArgs(PageArgs):
    """Without `from`, shows whose sales have ended are left out."""

    starts_from = QueryMoment(
        start_of,
        data_key="from",
        metadata={
            "description": "ISO date or date-time, inclusive: `2030-06-01`. Without it, shows "
            "whose sales have ended are left out.",
            "format": "date-or-date-time",
        },
    )
    starts_before = QueryMoment(
        end_of,
        data_key="to",
        metadata={
            "description": "ISO date or date-time, exclusive; a bare date includes that day",
            "format": "date-or-date-time",
        },
    )


class ShowListArgs(ShowWindowArgs):
    movie_id = QueryId(metadata={"description": "Only shows of this movie"})
    screen_id = QueryId(metadata={"description": "Only shows on this screen"})


def find_show(show_id: int) -> ShowAvailability:
    """Return a show. Raises ShowNotFound."""
    return office().queries.programme.show(ShowId(show_id))


@blueprint.route("/shows")
@cached
@blueprint.paginated(ShowSchema, ShowListArgs)
def list_shows(query: PageQuery) -> Page[ShowAvailability]:
    """List the shows, soonest first"""
    return office().queries.programme.shows(ShowFilter(**query.filters), query.window)


@blueprint.route("/movies/<id:movie_id>/shows")
@cached
@path_errors_first(find_movie)
@blueprint.paginated(ShowSchema, ShowWindowArgs)
def list_shows_of_movie(query: PageQuery, movie_id: int) -> Page[ShowAvailability]:
    """List the shows of a movie, soonest first"""
    of_movie = ShowFilter(**query.filters, movie_id=find_movie(movie_id).id)
    return office().queries.programme.shows(of_movie, query.window)


@blueprint.route("/shows/<id:show_id>")
@blueprint.response(200, ShowSchema)
def get_show(show_id: int) -> ShowAvailability:
    """Get a show"""
    return find_show(show_id)


@blueprint.route("/shows", methods=["POST"])
@for_staff
@blueprint.arguments(NewShowSchema)
@blueprint.response(201, ShowSchema, headers=LOCATION_HEADER)
@blueprint.alt_response(409, "CONFLICT")
def add_show(draft: ShowDraft) -> tuple[ShowAvailability, dict[str, str]]:
    """Add a show (staff)

    409 `show_overlaps` lists the conflicting `shows` on the screen, cleaning time included;
    `screen_retired` if the screen gets no new shows.
    """
    show = office().programme.add_show(draft, by=actor().account_id)
    location = absolute_url(url_for("shows.get_show", show_id=show.id))
    return office().queries.programme.show(show.id), {"Location": location}


@blueprint.route("/shows/<id:show_id>", methods=["PATCH"])
@for_staff
@path_errors_first(find_show)
@blueprint.arguments(ShowChangeSchema)
@blueprint.response(200, ShowSchema)
@blueprint.alt_response(409, "CONFLICT")
def change_show(draft: ShowDraft, show_id: int) -> ShowAvailability:
    """Change, reschedule or cancel a show (staff)

    Cancelling a show cancels its bookings, and any change but that of `orphan_rule` ends its holds.
    409 `show_has_bookings` if a show that has ever been booked would be rescheduled,
    `show_cancelled` if it is cancelled already, `show_overlaps` if other shows are in the way.
    """
    show = office().programme.change_show(ShowId(show_id), draft, by=actor().account_id)
    return office().queries.programme.show(show.id)


@blueprint.route("/shows/<id:show_id>", methods=["DELETE"])
@for_staff
@blueprint.response(204)
@blueprint.alt_response(409, "CONFLICT")
def remove_show(show_id: int) -> None:
    """Delete a show (staff)

    409 `show_has_bookings` if it has ever been booked.
    """
    office().programme.remove_show(ShowId(show_id), by=actor().account_id)
