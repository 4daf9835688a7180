"""Screens."""

from typing import Any

from marshmallow import Schema, fields

from ticketing.domain.paging import Page
from ticketing.domain.programme.screen import Screen, ScreenId, screen_name_fault, side_fault
from ticketing.entrypoints.http.web.auth import actor, for_staff
from ticketing.entrypoints.http.web.context import office
from ticketing.entrypoints.http.web.openapi import Resource
from ticketing.entrypoints.http.web.paging import PageQuery
from ticketing.entrypoints.http.web.schemas import Answer, Moment, Text, TrueOrFalse, WholeNumber

blueprint = Resource("screens", __name__, description="The screens of the cinema (staff)")


_SIDE = "null unless all rows but the last are of one length"


class NewScreenSchema(Schema):
    """A new screen with full rows A, B … Z, AA …; 20,000 seats at most."""

    name = Text(screen_name_fault, required=True, metadata={"example": "Screen 5"})
    rows = WholeNumber(side_fault, required=True, metadata={"example": 8})
    seats_per_row = WholeNumber(side_fault, required=True, metadata={"example": 10})


class ScreenSchema(Answer):
    """A screen. Its last row may be shorter than the others."""

    id = fields.Int(metadata={"example": 1})
    name = fields.Str(metadata={"example": "Screen 1"})
    rows = fields.Int(allow_none=True, metadata={"description": _SIDE, "example": 8})
    seats_per_row = fields.Int(allow_none=True, metadata={"description": _SIDE, "example": 10})
    total_seats = fields.Int(attribute="plan.total_seats", metadata={"example": 80})
    plan_id = fields.Int(attribute="plan.id", metadata={"example": 1})
    retired_at = Moment(allow_none=True, metadata={"example": "2030-06-01T19:30:00Z"})


class ScreenChangeSchema(Schema):
    """The fields of a screen to change."""

    name = Text(screen_name_fault, metadata={"example": "Screen 5"})
    retired = TrueOrFalse(
        metadata={"description": "A retired screen gets no new shows", "example": False},
    )


@blueprint.route("/screens")
@for_staff
@blueprint.paginated(ScreenSchema)
def list_screens(query: PageQuery) -> Page[Screen]:
    """List the screens, by name (staff)"""
    return office().queries.programme.screens(query.window)


@blueprint.route("/screens", methods=["POST"])
@for_staff
@blueprint.arguments(NewScreenSchema)
@blueprint.response(201, ScreenSchema)
@blueprint.alt_response(409, "CONFLICT")
def add_screen(given: dict[str, Any]) -> Screen:
    """Add a screen (staff)

    409 `screen_name_taken` if another screen has this name, ignoring case.
    """
    return office().screens.add(Screen.new(**given), by=actor().account_id)


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
