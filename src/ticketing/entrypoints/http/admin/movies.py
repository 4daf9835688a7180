"""Films: list, add, change, remove."""

from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response
from wtforms import IntegerField, StringField, SubmitField, TextAreaField
from wtforms.validators import InputRequired

from ticketing.domain.programme.movie import Movie, MovieId
from ticketing.entrypoints.http.admin.forms import ConfirmForm, KnownForm, StaffForm
from ticketing.entrypoints.http.admin.rendering import done, listing, page, window
from ticketing.entrypoints.http.admin.staff_session import by
from ticketing.entrypoints.http.web.context import office

blueprint = Blueprint("films", __name__)


class FilmForm(StaffForm):
    title = StringField("Title", [InputRequired()])
    duration_minutes = IntegerField(
        "Running time in minutes", [InputRequired()], render_kw={"inputmode": "numeric"}
    )
    rating = StringField(
        "Certificate", description="As your country writes it, such as 12A.", default=""
    )
    language = StringField("Language", description="Such as en, or a plain name.", default="")
    description = TextAreaField("Description", render_kw={"rows": 4}, default="")
    save = SubmitField("Save")

    def details(self) -> dict[str, Any]:
        return {name: field.data for name, field in self._fields.items() if name in _DETAILS}


class KnownFilmForm(KnownForm, FilmForm):
    """The form of a film that is there."""


_DETAILS = ("title", "duration_minutes", "rating", "language", "description")


@blueprint.route("/films")
def index() -> Response:
    wanted = request.args.get("q", "")
    found = office().queries.programme.movies(wanted, window())
    return page("films.html", films=listing(found), wanted=wanted)


@blueprint.route("/films/new", methods=["GET", "POST"])
def add() -> Response:
    form = FilmForm()
    return form.answer(
        lambda: office().programme.add_movie(Movie.new(**form.details()), by=by()),
        lambda film: done(f"{film.title} was added.", url_for("admin.films.index")),
    ) or page("form.html", form.status, form=form, title="New film", back=url_for(".index"))


@blueprint.route("/films/<id:movie_id>", methods=["GET", "POST"])
def change(movie_id: int) -> Response:
    film = office().queries.programme.movie(MovieId(movie_id))
    form = KnownFilmForm(obj=film)
    return form.answer(
        lambda: office().programme.change_movie(
            film.id, lambda movie: movie.changed(**form.details()), by=by()
        ),
        lambda film: done(f"{film.title} was changed.", url_for("admin.films.index")),
    ) or page("film.html", form.status, form=form, film=film)


@blueprint.route("/films/<id:movie_id>/remove", methods=["GET", "POST"])
def remove(movie_id: int) -> Response:
    film = office().queries.programme.movie(MovieId(movie_id))
    form = ConfirmForm("Remove the film")
    return form.answer(
        lambda: office().programme.remove_movie(film.id, by=by()),
        lambda _: done(f"{film.title} was removed.", url_for("admin.films.index")),
    ) or page(
        "confirm.html",
        form.status,
        form=form,
        question=f"Remove {film.title}?",
        effect="Its shows go with it. If a seat of one was ever sold, nothing is removed.",
        back=url_for(".change", movie_id=film.id),
    )
