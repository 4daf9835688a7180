"""Movies: list, add, edit, delete."""

from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response
from wtforms import IntegerField, StringField, SubmitField, TextAreaField
from wtforms.validators import InputRequired

from ticketing.domain.programme.movie import Movie, MovieId
from ticketing.entrypoints.http.admin.forms import EditForm, StaffForm, confirm
from ticketing.entrypoints.http.admin.rendering import listing, page, redirect_with_message
from ticketing.entrypoints.http.admin.staff_session import current_account_id
from ticketing.entrypoints.http.web.context import office

blueprint = Blueprint("movies", __name__)

_DETAILS = ("title", "duration_minutes", "rating", "language", "description")


class MovieForm(StaffForm):
    title = StringField("Title", [InputRequired()])
    duration_minutes = IntegerField(
        "Running time in minutes", [InputRequired()], render_kw={"inputmode": "numeric"}
    )
    rating = StringField(
        "Age rating", description="As used in your country, for example 12A.", default=""
    )
    language = StringField("Language", description="For example en or English.", default="")
    description = TextAreaField("Description", render_kw={"rows": 4}, default="")
    save = SubmitField("Save")

    def details(self) -> dict[str, Any]:
        return {name: self[name].data for name in _DETAILS}


class EditMovieForm(EditForm, MovieForm):
    """The form of an existing movie."""


@blueprint.route("/movies")
def index() -> Response:
    title = request.args.get("q", "")
    movies = listing(lambda window: office().queries.programme.movies(title, window))
    return page("movies.html", movies=movies, search=title)


@blueprint.route("/movies/new", methods=["GET", "POST"])
def add() -> Response:
    form = MovieForm()
    return form.submit(
        lambda: office().programme.add_movie(
            Movie(**form.details()).checked(), by=current_account_id()
        ),
        lambda movie: redirect_with_message(f"{movie.title} was added.", url_for(".index")),
    ) or form.page("form.html", title="Add movie", back=url_for(".index"))


@blueprint.route("/movies/<id:movie_id>", methods=["GET", "POST"])
def edit(movie_id: int) -> Response:
    movie = office().queries.programme.movie(MovieId(movie_id))
    form = EditMovieForm(obj=movie)
    return form.submit(
        lambda: office().programme.change_movie(
            movie.id, lambda stored: stored.changed(**form.details()), by=current_account_id()
        ),
        lambda saved: redirect_with_message(f"{saved.title} was saved.", url_for(".index")),
    ) or form.page("movie.html", movie=movie)


@blueprint.route("/movies/<id:movie_id>/delete", methods=["GET", "POST"])
def delete(movie_id: int) -> Response:
    movie = office().queries.programme.movie(MovieId(movie_id))
    return confirm(
        "Delete movie",
        lambda: office().programme.remove_movie(movie.id, by=current_account_id()),
        f"{movie.title} was deleted.",
        url_for(".index"),
        question=f"Delete {movie.title}?",
        effect="Its shows are deleted too. A movie with bookings cannot be deleted.",
        back=url_for(".edit", movie_id=movie.id),
    )
