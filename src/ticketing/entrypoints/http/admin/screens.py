"""Screens: list, show, rename, retire."""

from flask import Blueprint, url_for
from werkzeug.wrappers import Response
from wtforms import StringField, SubmitField
from wtforms.validators import InputRequired

from ticketing.domain.programme.screen import ScreenId
from ticketing.entrypoints.http.admin.drawings import drawing_of_plan
from ticketing.entrypoints.http.admin.forms import EditForm, StaffForm, confirm
from ticketing.entrypoints.http.admin.rendering import listing, page, redirect_with_message
from ticketing.entrypoints.http.admin.staff_session import current_account_id
from ticketing.entrypoints.http.web.context import office

blueprint = Blueprint("screens", __name__)


class NameForm(StaffForm):
    name = StringField("Name", [InputRequired()])


class RenameForm(EditForm, NameForm):
    save = SubmitField("Rename")


@blueprint.route("/screens")
def index() -> Response:
    return page("screens.html", screens=listing(office().queries.programme.screens))


@blueprint.route("/screens/<id:screen_id>", methods=["GET", "POST"])
def screen(screen_id: int) -> Response:
    shown = office().queries.programme.screen(ScreenId(screen_id))
    form = RenameForm(name=shown.name)
    return form.submit(
        lambda: office().screens.change(shown.id, name=form.name.data, by=current_account_id()),
        lambda saved: redirect_with_message(
            f"The screen is called {saved.name} now.", url_for(".screen", screen_id=screen_id)
        ),
    ) or form.page("screen.html", screen=shown, drawing=drawing_of_plan(shown.plan))


@blueprint.route("/screens/<id:screen_id>/retire", methods=["GET", "POST"])
def retire(screen_id: int) -> Response:
    effect = "It gets no new shows. Its shows stay as they are. You can reopen it at any time."
    return _confirm("Retire", screen_id, effect, "is retired", retired=True)


@blueprint.route("/screens/<id:screen_id>/reopen", methods=["GET", "POST"])
def reopen(screen_id: int) -> Response:
    effect = "It can have new shows again."
    return _confirm("Reopen", screen_id, effect, "is open again", retired=False)


def _confirm(verb: str, screen_id: int, effect: str, done: str, *, retired: bool) -> Response:
    shown = office().queries.programme.screen(ScreenId(screen_id))
    address = url_for(".screen", screen_id=screen_id)
    return confirm(
        f"{verb} screen",
        lambda: office().screens.change(shown.id, retired=retired, by=current_account_id()),
        f"{shown.name} {done}.",
        address,
        question=f"{verb} {shown.name}?",
        effect=effect,
        back=address,
    )
