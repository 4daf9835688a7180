"""Screens."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from ticketing.domain.paging import Page
from ticketing.domain.programme.screen import Screen, ScreenId, screen_name_fault, side_fault
from ticketing.domain.programme.seat_plans.faults import InvalidPlan
from ticketing.domain.programme.seat_plans.pretix import Identity
from ticketing.domain.programme.seat_plans.readers import PlanRead, plan_from_document
from ticketing.entrypoints.http.web.auth import actor, for_staff
from ticketing.entrypoints.http.web.context import office
from ticketing.entrypoints.http.web.openapi import Resource
from ticketing.entrypoints.http.web.paging import PageQuery
from ticketing.entrypoints.http.web.request_body import (
    MAX_PLAN_MEMBERS,
    MAX_UPLOAD_BYTES,
    BodyLimits,
    path_errors_first,
)
from ticketing.entrypoints.http.web.schemas import (
    Answer,
    Moment,
    QueryTrueOrFalse,
    Text,
    TrueOrFalse,
    WholeNumber,
)

blueprint = Resource("screens", __name__, description="The screens of the cinema (staff)")


MAX_LISTED = 100
"""Faults, or warnings, of a plan."""

_SIDES = ("rows", "seats_per_row")
_SHOWN = ("id", "name", "rows", "seats_per_row", "plan", "retired_at")
_EITHER = "Either a plan, or rows and seats per row."
_SIDE = "null unless all rows but the last are of one length"


class SeatsSchema(Schema):
    """The seats of a screen: `rows` and `seats_per_row` (rows A, B … Z, AA …), or a `plan`."""

    body_limits = BodyLimits(
        MAX_UPLOAD_BYTES,
        MAX_PLAN_MEMBERS,
        "Import a larger seat plan on the server, with `ticketing import-plan`.",
    )

    rows = WholeNumber(side_fault)
    seats_per_row = WholeNumber(side_fault)
    plan = fields.Raw(
        metadata={
            "type": "object",
            "description": "A seat plan, of our own format or of pretix's, with up to 20,000 seats",
            "example": {"sections": [{"name": "Stalls", "rows": "A: 1..8\nB..H: 1..10"}]},
        }
    )

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def names_seats_once(self, data: Any, given: dict[str, Any], **kwargs: Any) -> None:
        if "plan" in given:
            faults = {"plan": _EITHER} if given.keys() & set(_SIDES) else {}
        else:
            faults = {
                name: "Missing data for required field." for name in _SIDES if name not in given
            }
        if faults:
            raise ValidationError({name: [fault] for name, fault in faults.items()})


class NewScreenSchema(SeatsSchema):
    """A new screen: its name, and `rows` and `seats_per_row` (A, B … Z, AA …), or a `plan`."""

    name = Text(screen_name_fault, required=True, metadata={"example": "Screen 5"})


class PlanArgs(Schema):
    """How a plan is read, and whether it is saved."""

    dry_run = QueryTrueOrFalse(
        load_default=False, metadata={"description": "`true`: check everything, save nothing"}
    )
    identity = fields.Str(
        load_default="guid",
        validate=validate.OneOf(["guid", "uuid"]),
        metadata={"description": "What identifies a seat of a pretix plan"},
    )


class ScreenSchema(Answer):
    """A screen. Its last row may be shorter than the others."""

    id = fields.Int(metadata={"example": 1})
    name = fields.Str(metadata={"example": "Screen 1"})
    rows = fields.Int(allow_none=True, metadata={"description": _SIDE, "example": 8})
    seats_per_row = fields.Int(allow_none=True, metadata={"description": _SIDE, "example": 10})
    total_seats = fields.Int(attribute="plan.total_seats", metadata={"example": 80})
    plan_id = fields.Int(attribute="plan.id", metadata={"example": 1})
    retired_at = Moment(allow_none=True, metadata={"example": "2030-06-01T19:30:00Z"})


_WARNINGS = fields.Dict(
    keys=fields.Str(),
    values=fields.List(fields.Str()),
    metadata={"description": "What to check in the plan, by JSON pointers; the first 100"},
)


class AddedScreenSchema(ScreenSchema):
    """A screen that was added, or would be: then its ids are 0."""

    warnings = _WARNINGS


class KeptShowSchema(Answer):
    """A show that keeps its plan, and its seats that are booked, held or blocked."""

    show = fields.Int(metadata={"example": 1})
    seats = fields.List(fields.Str(), metadata={"example": ["C5"]})


class PlanChangeSchema(Answer):
    """A screen with its new plan, and which of its future shows have it."""

    screen = fields.Nested(ScreenSchema)
    shows_changed = fields.List(fields.Int(), metadata={"description": "Ids", "example": [1]})
    shows_kept = fields.List(fields.Nested(KeptShowSchema))
    warnings = _WARNINGS


class ScreenChangeSchema(Schema):
    """The fields of a screen to change."""

    name = Text(screen_name_fault, metadata={"example": "Screen 5"})
    retired = TrueOrFalse(
        metadata={"description": "A retired screen gets no new shows", "example": False},
    )


def find_screen(screen_id: int) -> Screen:
    """Return a screen. Raises ScreenNotFound."""
    return office().queries.programme.screen(ScreenId(screen_id))


@blueprint.route("/screens")
@for_staff
@blueprint.paginated(ScreenSchema)
def list_screens(query: PageQuery) -> Page[Screen]:
    """List the screens, by name (staff)"""
    return office().queries.programme.screens(query.window)


@blueprint.route("/screens", methods=["POST"])
@for_staff
@blueprint.arguments(PlanArgs, location="query")
@blueprint.arguments(NewScreenSchema)
@blueprint.response(201, AddedScreenSchema)
@blueprint.alt_response(200, schema=AddedScreenSchema, description="What would be added (dry run)")
@blueprint.alt_response(409, "CONFLICT")
def add_screen(options: dict[str, Any], given: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Add a screen (staff)

    409 `screen_name_taken` if another screen has this name, ignoring case. 422 `invalid_plan` lists
    the first 100 faults of the plan (`errors`, by JSON pointers into the plan) and how many there
    are (`error_count`).
    """
    name = given.pop("name")
    read, dry_run = _plan_of(given, options["identity"]), options["dry_run"]
    new = Screen(name=name.strip(), plan=read.plan)
    screen = office().screens.add(new, dry_run=dry_run, by=actor().account_id)
    answer = {name: getattr(screen, name) for name in _SHOWN} | {"warnings": _first(read.warnings)}
    return answer, 200 if dry_run else 201


@blueprint.route("/screens/<id:screen_id>/plan", methods=["PUT"])
@for_staff
@path_errors_first(find_screen)
@blueprint.arguments(PlanArgs, location="query")
@blueprint.arguments(SeatsSchema)
@blueprint.response(200, PlanChangeSchema)
def change_plan(options: dict[str, Any], given: dict[str, Any], screen_id: int) -> dict[str, Any]:
    """Give a screen another seat plan (staff)

    Its future shows follow, each on its own, but for those with seats that are booked, held or
    blocked: they keep the plan that they have. Repeat a call that was interrupted. 422
    `invalid_plan` as for a new screen.
    """
    read = _plan_of(given, options["identity"])
    change = office().screens.change_plan(
        ScreenId(screen_id), read.plan, dry_run=options["dry_run"], by=actor().account_id
    )
    return {
        "screen": change.screen,
        "shows_changed": change.shows_changed,
        "shows_kept": change.shows_kept,
        "warnings": _first(read.warnings),
    }


def _plan_of(given: dict[str, Any], identity: Identity) -> PlanRead:
    """Raises InvalidFields, and InvalidPlan with the first of its faults and their number."""
    if "plan" not in given:
        return PlanRead(Screen.new("any", **given).plan, {})
    try:
        return plan_from_document(given["plan"], identity=identity)
    except InvalidPlan as error:
        faults = error.facts["errors"]
        error.facts = {
            "errors": _first(faults),
            "error_count": sum(map(len, faults.values())),
        }
        raise


def _first(findings: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the first MAX_LISTED faults or warnings of all places: one may have thousands."""
    listed: dict[str, list[str]] = {}
    each = ((where, finding) for where, found in findings.items() for finding in found)
    for where, finding in islice(each, MAX_LISTED):
        listed.setdefault(where, []).append(finding)
    return listed


@blueprint.route("/screens/<id:screen_id>", methods=["PATCH"])
@for_staff
@blueprint.arguments(ScreenChangeSchema)
@blueprint.response(200, ScreenSchema)
@blueprint.alt_response(409, "CONFLICT")
def change_screen(given: dict[str, Any], screen_id: int) -> Screen:
    """Rename or retire a screen (staff)

    A retired screen gets no new shows and keeps those that it has. 409 `screen_name_taken` if
    another screen has this name, ignoring case.
    """
    return office().screens.change(ScreenId(screen_id), **given, by=actor().account_id)
