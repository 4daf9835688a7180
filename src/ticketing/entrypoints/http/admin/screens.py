"""Screens: list, add."""

from flask import Blueprint, url_for
from werkzeug.wrappers import Response
from wtforms import IntegerField, StringField, SubmitField
from wtforms.validators import InputRequired

from ticketing.domain.programme.screen import Screen
from ticketing.entrypoints.http.admin.forms import StaffForm
from ticketing.entrypoints.http.admin.rendering import listing, page, redirect_with_message
from ticketing.entrypoints.http.admin.staff_session import current_account_id
from ticketing.entrypoints.http.web.context import office

blueprint = Blueprint("screens", __name__)


class ScreenForm(StaffForm):
    name = StringField("Name", [InputRequired()])
    rows = IntegerField("Rows", [InputRequired()], render_kw={"inputmode": "numeric"})
    seats_per_row = IntegerField(
        "Seats per row", [InputRequired()], render_kw={"inputmode": "numeric"}
    )
    save = SubmitField("Save")

    def screen(self) -> Screen:
        """Raises InvalidFields."""
        assert self.name.data and self.rows.data is not None
        assert self.seats_per_row.data is not None
        return Screen.new(self.name.data, self.rows.data, self.seats_per_row.data)


@blueprint.route("/screens")
def index() -> Response:
    return page("screens.html", screens=listing(office().queries.programme.screens))


@blueprint.route("/screens/new", methods=["GET", "POST"])
def add() -> Response:
    form = ScreenForm()
    return form.submit(
        lambda: office().screens.add(form.screen(), by=current_account_id()),
        lambda screen: redirect_with_message(f"{screen.name} was added.", url_for(".index")),
    ) or form.page("form.html", title="Add screen", back=url_for(".index"))
