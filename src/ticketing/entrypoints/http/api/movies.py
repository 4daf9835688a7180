"""Movies."""

from typing import Any

from flask import url_for
from marshmallow import Schema, fields

from ticketing.domain.paging import Page
from ticketing.domain.programme.movie import (
    MAX_MINUTES,
    Movie,
    MovieId,
    description_fault,
    duration_fault,
    language_fault,
    rating_fault,
    title_fault,
)
from ticketing.domain.text import text_fault
from ticketing.entrypoints.http.web.auth import actor, for_staff
from ticketing.entrypoints.http.web.context import office
from ticketing.entrypoints.http.web.openapi import Resource
from ticketing.entrypoints.http.web.paging import PageArgs, PageQuery
from ticketing.entrypoints.http.web.request_body import (
    MAX_LONG_BODY_BYTES,
    BodyLimits,
    path_errors_first,
)
from ticketing.entrypoints.http.web.response_cache import cached
from ticketing.entrypoints.http.web.schemas import (
    LOCATION_HEADER,
    MovieRefSchema,
    Text,
    WholeNumber,
)
from ticketing.entrypoints.http.web.urls import absolute_url

_MINUTES = {"minimum": 1, "maximum": MAX_MINUTES, "example": 148}

blueprint = Resource("movies", __name__, description="The movies of the cinema")


class MovieChangeSchema(Schema):
    """The fields of a movie to change."""

    body_limits = BodyLimits(MAX_LONG_BODY_BYTES)

    title = Text(title_fault, metadata={"example": "Inception"})
    duration_minutes = WholeNumber(duration_fault, metadata=_MINUTES)
    description = Text(description_fault)
    rating = Text(rating_fault, metadata={"description": "Certificate", "example": "12A"})
    language = Text(language_fault, metadata={"example": "en"})


class NewMovieSchema(MovieChangeSchema):
    """A new movie."""

    title = Text(title_fault, required=True, metadata={"example": "Inception"})
    duration_minutes = WholeNumber(duration_fault, required=True, metadata=_MINUTES)


class MovieSchema(MovieRefSchema):
    """A movie."""

    description = fields.Str(
        metadata={"example": "Thieves break into dreams, to leave an idea there."}
    )
    rating = fields.Str(metadata={"example": "12A"})
    language = fields.Str(metadata={"example": "en"})


class MovieListArgs(PageArgs):
    q = Text(
        lambda text: text_fault(text, max_length=200),
        load_default="",
        metadata={"description": "Only movies whose title contains this text"},
    )


def find_movie(movie_id: int) -> Movie:
    """Return a movie. Raises MovieNotFound."""
    return office().queries.programme.movie(MovieId(movie_id))


@blueprint.route("/movies")
@cached
@blueprint.paginated(MovieSchema, MovieListArgs)
def list_movies(query: PageQuery) -> Page[Movie]:
    """List the movies, by title"""
    return office().queries.programme.movies(query.filters["q"], query.window)


@blueprint.route("/movies/<id:movie_id>")
@blueprint.response(200, MovieSchema)
def get_movie(movie_id: int) -> Movie:
    """Get a movie"""
    return find_movie(movie_id)


@blueprint.route("/movies", methods=["POST"])
@for_staff
@blueprint.arguments(NewMovieSchema)
@blueprint.response(201, MovieSchema, headers=LOCATION_HEADER)
def add_movie(given: dict[str, Any]) -> tuple[Movie, dict[str, str]]:
    """Add a movie (staff)"""
    movie = office().programme.add_movie(Movie(**given).checked(), by=actor().account_id)
    return movie, {"Location": absolute_url(url_for("movies.get_movie", movie_id=movie.id))}


@blueprint.route("/movies/<id:movie_id>", methods=["PATCH"])
@for_staff
@path_errors_first(find_movie)
@blueprint.arguments(MovieChangeSchema)
@blueprint.response(200, MovieSchema)
def change_movie(changes: dict[str, Any], movie_id: int) -> Movie:
    """Change a movie (staff)

    Fields that are not sent remain unchanged.
    """
    return office().programme.change_movie(
        MovieId(movie_id), lambda movie: movie.changed(**changes), by=actor().account_id
    )


@blueprint.route("/movies/<id:movie_id>", methods=["DELETE"])
@for_staff
@blueprint.response(204)
@blueprint.alt_response(409, "CONFLICT")
def remove_movie(movie_id: int) -> None:
    """Delete a movie and its shows (staff)

    409 `show_has_bookings` if one of its shows has ever been booked.
    """
    office().programme.remove_movie(MovieId(movie_id), by=actor().account_id)
