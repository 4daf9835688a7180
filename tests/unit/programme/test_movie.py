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
    movie = a_movie(" M ", description=" A city seeks.\n", rating=" 12A ", language=" de ")
    assert movie.checked() == a_movie("M", description="A city seeks.", rating="12A", language="de")


def test_every_invalid_field_is_reported():
    movie = Movie(
        title=" ",
        duration_minutes=0,
        description="x" * 5001,
        rating="x" * 21,
        language="x" * 36,
    )
    assert faulty_fields(movie.checked) == [
        "description",
        "duration_minutes",
        "language",
        "rating",
        "title",
    ]


@pytest.mark.parametrize("title", ["", " \n", "x" * 201, "nul\x00", "\ud800"])
def test_a_title_is_one_to_two_hundred_characters_of_text(title):
    assert faulty_fields(a_movie(title).checked) == ["title"]
    assert a_movie("x" * 200).checked().title == "x" * 200


@pytest.mark.parametrize("minutes", [0, -1, 24 * 60 + 1, 10**20])
def test_a_movie_lasts_at_most_a_day(minutes):
    assert faulty_fields(a_movie(duration_minutes=minutes).checked) == ["duration_minutes"]
    assert a_movie(duration_minutes=24 * 60).checked().duration_minutes == 24 * 60


def test_only_the_given_fields_are_changed():
    movie = a_movie(id=7, description="silent", rating="0", language="de")
    assert movie.changed() == movie
    assert movie.changed(title="M") == a_movie(
        "M", id=7, description="silent", rating="0", language="de"
    )
    blank = movie.changed(description="", rating="", language="")
    assert blank == a_movie(id=7)


def test_a_changed_movie_is_checked():
    assert faulty_fields(lambda: a_movie().changed(title="", duration_minutes=0)) == [
        "duration_minutes",
        "title",
    ]


def test_only_title_and_duration_are_required():
    assert Movie(title="M", duration_minutes=1).checked() == Movie(
        title="M", duration_minutes=1, description="", rating="", language=""
    )
