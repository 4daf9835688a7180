"""Seat plans: read a file, or rows of equal length, preview the plan, and save it for a screen.

The preview carries its plan, signed, so that what is saved is what was shown.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from flask import Blueprint, current_app, request, url_for
from flask_wtf.file import FileField
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    SelectField,
    SubmitField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import Optional

from ticketing.domain.errors import DomainError, InvalidFields
from ticketing.domain.paging import Window
from ticketing.domain.programme.queries import ShowFilter
from ticketing.domain.programme.screen import Screen, ScreenId
from ticketing.domain.programme.screen_service import PlanChange
from ticketing.domain.programme.seat_plans.faults import InvalidPlan
from ticketing.domain.programme.seat_plans.model import SeatPlan, Side
from ticketing.domain.programme.seat_plans.readers import (
    PlanRead,
    plan_from_document,
    plan_from_file,
)
from ticketing.domain.programme.show import Show, ShowId
from ticketing.entrypoints.http.admin.drawings import drawing_of_plan
from ticketing.entrypoints.http.admin.forms import StaffForm
from ticketing.entrypoints.http.admin.rendering import redirect_with_message
from ticketing.entrypoints.http.admin.screens import NameForm
from ticketing.entrypoints.http.admin.staff_session import current_account_id
from ticketing.entrypoints.http.web.context import office
from ticketing.entrypoints.http.web.request_body import accepts_files

blueprint = Blueprint("seat_plans", __name__)

MAX_LISTED_FAULTS = 100
_MAX_SHOWS = Window(0, 10_000)
_NUMERIC = {"inputmode": "numeric"}


class PlanForm(StaffForm):
    """``faults`` are those of the file, by place."""

    file = FileField(
        "Seat plan",
        description="A file of at most 1 MiB: our TOML or JSON, pretix's JSON, or CSV. "
        "Or choose none, and enter rows of equal length.",
        render_kw={"accept": ".toml,.json,.csv"},
    )
    rows = IntegerField("Rows", [Optional()], render_kw=_NUMERIC)
    seats_per_row = IntegerField("Seats per row", [Optional()], render_kw=_NUMERIC)
    stage = SelectField(
        "Where the screen or the stage is",
        choices=[
            SelectChoice("", "As the file says, else at the top"),
            *(SelectChoice(side, side.capitalize()) for side in Side),
        ],
        default="",
        description="For files only.",
    )
    by_uuid = BooleanField(
        "Identify seats by uuid",
        description="For a file of pretix in which several seats have the same guid.",
    )
    preview = SubmitField("Preview")

    def __init__(self, **initial: Any) -> None:
        super().__init__(**initial)
        self.faults: Mapping[str, Sequence[str]] = {}

    def read(self) -> PlanRead:
        """Raises InvalidFields and InvalidPlan."""
        if self.file.data:
            return plan_from_file(
                self.file.data.read(),
                PurePath(self.file.data.filename).suffix.lower(),
                identity="uuid" if self.by_uuid.data else "guid",
                stage=Side(self.stage.data) if self.stage.data else None,
            )
        if self.rows.data is None or self.seats_per_row.data is None:
            raise InvalidFields(file="Choose a file, or enter rows and seats per row.")
        grid = Screen.new("any", self.rows.data, self.seats_per_row.data)
        return PlanRead(grid.plan, {})

    def _add_error(self, error: DomainError) -> None:
        if isinstance(error, InvalidPlan):
            self.faults = error.facts["errors"]
            count = sum(map(len, self.faults.values()))
            error.facts["errors"] = {"file": [f"Faults in this file: {count}. See the list."]}
        super()._add_error(error)


class NewScreenForm(NameForm, PlanForm):
    """The form of a screen that does not exist yet."""


class SaveForm(StaffForm):
    """The form of a preview: the plan that it shows, and the name of a new screen."""

    name = HiddenField()
    plan = HiddenField()
    save = SubmitField("Save this plan")


@blueprint.route("/seat-plans/new", methods=["GET", "POST"])
@accepts_files
def add() -> Response:
    back = url_for("admin.screens.index")
    if plan := _previewed():
        form = SaveForm()
        new = Screen(name=(form.name.data or "").strip(), plan=plan)
        return form.submit(
            lambda: office().screens.add(new, by=current_account_id()),
            lambda screen: redirect_with_message(
                f"{screen.name} was added.", url_for("admin.screens.screen", screen_id=screen.id)
            ),
        ) or _preview_page(form, plan, new.name, back)
    upload = NewScreenForm()

    def read() -> tuple[Screen, PlanRead]:
        read = upload.read()
        new = Screen(name=(upload.name.data or "").strip(), plan=read.plan)
        return office().screens.add(new, dry_run=True), read

    def preview(found: tuple[Screen, PlanRead]) -> Response:
        new, read = found
        form = SaveForm(name=new.name, plan=_carried(read.plan))
        return _preview_page(form, read.plan, new.name, back, read.warnings)

    return upload.submit(read, preview) or upload.page(
        "seat_plan.html", title="Add screen", back=back, max_faults=MAX_LISTED_FAULTS
    )


@blueprint.route("/seat-plans/<id:screen_id>", methods=["GET", "POST"])
@accepts_files
def change(screen_id: int) -> Response:
    screen = office().queries.programme.screen(ScreenId(screen_id))
    back = url_for("admin.screens.screen", screen_id=screen_id)

    def changed(plan: SeatPlan, *, dry_run: bool) -> PlanChange:
        by = current_account_id()
        return office().screens.change_plan(screen.id, plan, dry_run=dry_run, by=by)

    def saved(change: PlanChange) -> Response:
        message = (
            f"{screen.name} has the new plan. Shows that have it now: "
            f"{len(change.shows_changed)}. Shows that keep theirs: {len(change.shows_kept)}."
        )
        return redirect_with_message(message, back)

    if plan := _previewed():
        form = SaveForm()
        return form.submit(lambda: changed(plan, dry_run=False), saved) or _preview_page(
            form, plan, screen.name, back
        )
    upload = PlanForm()

    def read() -> tuple[PlanRead, PlanChange]:
        read = upload.read()
        return read, changed(read.plan, dry_run=True)

    def preview(found: tuple[PlanRead, PlanChange]) -> Response:
        read, change = found
        form = SaveForm(plan=_carried(read.plan))
        return _preview_page(form, read.plan, screen.name, back, read.warnings, change)

    return upload.submit(read, preview) or upload.page(
        "seat_plan.html",
        title=f"Change the seat plan of {screen.name}",
        back=back,
        max_faults=MAX_LISTED_FAULTS,
    )


def _preview_page(
    form: SaveForm,
    plan: SeatPlan,
    name: str,
    back: str,
    warnings: Mapping[str, Sequence[str]] | None = None,
    change: PlanChange | None = None,
) -> Response:
    return form.page(
        "seat_plan_preview.html",
        name=name,
        plan=plan,
        drawing=drawing_of_plan(plan),
        warnings=warnings or {},
        change=change,
        shows=_upcoming_shows(change.screen.id) if change else {},
        back=back,
    )


def _upcoming_shows(screen_id: ScreenId) -> dict[ShowId, Show]:
    offers = office().queries.programme.shows(ShowFilter(screen_id=screen_id), _MAX_SHOWS).items
    return {offer.show.id: offer.show for offer in offers}


def _carried(plan: SeatPlan) -> str:
    """The plan as its preview carries it: compressed and signed."""
    carried = _serializer().dumps(plan.content)
    return carried if isinstance(carried, str) else carried.decode()


def _previewed() -> SeatPlan | None:
    """The plan that the sent preview carries; None if another form was sent, or none.

    Raises BadRequest.
    """
    if "plan" not in request.form:
        return None
    try:
        content = _serializer().loads(request.form["plan"])
    except BadData:
        raise BadRequest("This preview has expired. Preview the seat plan again.") from None
    return plan_from_document(json.loads(content)).plan


def _serializer() -> URLSafeSerializer:
    keys = [*current_app.config["SECRET_KEY_FALLBACKS"], current_app.config["SECRET_KEY"]]
    return URLSafeSerializer(
        keys, salt="previewed seat plan", signer_kwargs={"digest_method": hashlib.sha256}
    )
