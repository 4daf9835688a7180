"""Movies."""

import pytest

from tests.builders import a_movie
from ticketing.domain.errors import InvalidFields
from ticketing.domain.programme.movie import Movie


def faulty_fields(act):
    with pytest.raises(InvalidFields) as refusal:
        act()
    return sorted(refusal.value.facts["errors"])


def test_the_texts_of_a_movie_are_trimmed():
    movie = Movie.new(" M ", 111, " A city seeks.\n", " 12A ", " de ")
    assert movie == Movie(
        title="M", duration_minutes=111, description="A city seeks.", rating="12A", language="de"
    )


def test_every_faulty_field_is_named():
    assert faulty_fields(lambda: Movie.new(" ", 0, "x" * 5001, "x" * 21, "x" * 36)) == [
        "description",
        "duration_minutes",
        "language",
        "rating",
        "title",
    ]


@pytest.mark.parametrize("title", ["", " \n", "x" * 201, "nul\x00", "\ud800"])
def test_a_title_is_one_to_two_hundred_characters_of_text(title):
    assert faulty_fields(lambda: Movie.new(title, 90)) == ["title"]
    assert Movie.new("x" * 200, 90).title == "x" * 200


@pytest.mark.parametrize("minutes", [0, -1, 24 * 60 + 1, 10**20])
def test_a_movie_runs_for_a_day_at_most(minutes):
    assert faulty_fields(lambda: Movie.new("Empire", minutes)) == ["duration_minutes"]
    assert Movie.new("Empire", 24 * 60).duration_minutes == 24 * 60


def test_only_what_is_given_is_changed():
    movie = a_movie(id=7, description="silent", rating="0", language="de")
    assert movie.changed() == movie
    assert movie.changed(title="M") == a_movie(
        "M", id=7, description="silent", rating="0", language="de"
    )
    blank = movie.changed(description="", rating="", language="")
    assert blank == a_movie(id=7)


def test_a_change_keeps_the_rules():
    assert faulty_fields(lambda: a_movie().changed(title="", duration_minutes=0)) == [
        "duration_minutes",
        "title",
    ]


def test_a_title_and_a_minute_will_do():
    assert Movie.new("M", 1) == Movie(
        title="M", duration_minutes=1, description="", rating="", language=""
    )
