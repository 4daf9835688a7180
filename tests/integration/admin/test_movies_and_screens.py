"""Movies and screens in the staff's pages."""

import re

import pytest

from tests.integration.admin.browser import ALL, announced_by, text_of

INCEPTION = {
    "title": " Inception ",
    "duration_minutes": "148",
    "rating": "12A",
    "language": "en",
    "description": "Dreams.\nMore dreams.",
}


@pytest.fixture
def movies(cinema):
    def listed():
        return list(cinema.office.queries.programme.movies("", ALL).items)

    return listed


def told_last(cinema):
    entry = cinema.office.queries.audit.audit_entries(ALL).items[0]
    return entry.action, entry.account_id


def who(cinema):
    return cinema.office.queries.accounts.account_named("staff").id


def version_of(page):
    """The version that a form was rendered with."""
    [filled_with] = re.findall(r'name="version"[^>]*value="(\w+)"', page.text)
    return filled_with


def test_a_movie_is_added(staff, cinema, movies):
    answer = staff.submit("/admin/movies/new", follow=True, **INCEPTION)

    assert "Inception was added." in text_of(answer)
    [movie] = movies()
    assert (movie.title, movie.duration_minutes, movie.rating) == ("Inception", 148, "12A")
    assert told_last(cinema) == ("movie.added", who(cinema))


def test_omitted_fields_are_empty(staff, movies):
    answer = staff.submit("/admin/movies/new", title="Inception", duration_minutes="148")

    assert answer.status_code == 303
    [movie] = movies()
    assert (movie.rating, movie.language, movie.description) == ("", "", "")


def test_the_lists_of_the_api_include_it_immediately(app, staff):
    def titles():
        return app.test_client().get("/api/movies").get_json()["results"]

    assert not titles()

    staff.submit("/admin/movies/new", **INCEPTION)

    assert [movie["title"] for movie in titles()] == ["Inception"]


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"title": ""}, "This field is required."),
        ({"title": " "}, "This may not be empty."),
        ({"title": "x" * 201}, "At most 200 characters."),
        ({"title": "a\x00b"}, "Control characters"),
        ({"duration_minutes": ""}, "This field is required."),
        ({"duration_minutes": "0"}, "A running time of 1 to 1440 minutes is required."),
        ({"duration_minutes": "two"}, "Not a valid integer value."),
        ({"duration_minutes": "1.5"}, "Not a valid integer value."),
        ({"duration_minutes": "9" * 5000}, "Not a valid integer value."),
        ({"duration_minutes": "9" * 400}, "A running time of 1 to 1440 minutes is required."),
        ({"language": "x" * 36}, "At most 35 characters."),
    ],
)
def test_an_error_is_shown_beside_its_field_and_the_input_is_kept(staff, movies, wrong, fault):
    answer = staff.submit("/admin/movies/new", **INCEPTION | wrong)

    assert answer.status_code == 422
    assert answer.text.count("invalid-feedback") == 1
    [name] = wrong
    assert announced_by(answer, name).startswith(f"invalid: {fault}")
    assert answer.text.index(f'id="{name}"') < answer.text.index("invalid-feedback")
    assert "Dreams.\nMore dreams." in answer.text
    assert not movies()


def test_the_hint_of_a_field_is_announced_with_it(staff):
    assert announced_by(staff.get("/admin/movies/new"), "language") == "For example en or English."


def test_an_error_that_quotes_the_input_is_escaped(staff, cinema):
    answer = staff.submit(f"/admin/shows/{cinema.show().id}", seats="<b>")
    assert announced_by(answer, "seats").startswith("invalid: No such seat: &lt;b&gt;.")


def test_a_movie_is_changed(staff, cinema, movies):
    movie = cinema.movie("Inceptoin")
    assert 'value="Inceptoin"' in staff.get(f"/admin/movies/{movie.id}").text

    answer = staff.submit(f"/admin/movies/{movie.id}", follow=True, **INCEPTION)

    assert "Inception was saved." in text_of(answer)
    assert [movie.title for movie in movies()] == ["Inception"]
    assert told_last(cinema) == ("movie.changed", who(cinema))


def test_a_concurrent_edit_is_not_overwritten_unnoticed(staff, cinema, movies):
    path = f"/admin/movies/{cinema.movie('Inceptoin').id}"
    mine = {"csrf_token": staff.token(path), "version": version_of(staff.get(path))} | INCEPTION
    staff.submit(path, **INCEPTION | {"rating": "12A"})

    refused = staff.post(path, mine | {"rating": "15"})

    assert refused.status_code == 409
    assert "Someone else changed this while you were editing." in text_of(refused)
    assert 'value="15"' in refused.text
    assert [movie.rating for movie in movies()] == ["12A"]
    assert (
        staff.post(path, mine | {"rating": "15", "version": version_of(refused)}).status_code == 303
    )
    assert [movie.rating for movie in movies()] == ["15"]


def test_a_movie_is_deleted_after_confirmation(staff, cinema, movies):
    movie = cinema.movie("Inception")
    question = staff.get(f"/admin/movies/{movie.id}/delete")
    assert "Delete Inception?" in text_of(question)
    assert movies() == [movie]

    answer = staff.submit(f"/admin/movies/{movie.id}/delete", follow=True)

    assert "Inception was deleted." in text_of(answer)
    assert not movies()
    assert told_last(cinema) == ("movie.removed", who(cinema))


def test_a_movie_with_bookings_is_not_deleted(staff, cinema, movies):
    show = cinema.show()
    cinema.booked(show)

    answer = staff.submit(f"/admin/movies/{show.movie.id}/delete")

    assert answer.status_code == 409
    assert "A show with bookings cannot be deleted or rescheduled." in text_of(answer)
    assert len(movies()) == 1


def test_movies_are_searched_and_paginated(staff, cinema):
    for number in range(45):
        cinema.movie(f"Movie {number:02}")
    first = text_of(staff.get("/admin/movies"))
    assert "Movie 19" in first
    assert "Movie 20" not in first
    assert "45 in total, page 1 Next" in first
    last = staff.get("/admin/movies?page=3")
    assert "Movie 44" in last.text
    assert "?page=2" in last.text
    assert "?page=4" not in last.text
    found = text_of(staff.get("/admin/movies?q=MOVIE+1&page=1"))
    assert "10 in total" in found
    assert "q=MOVIE" in staff.get("/admin/movies?q=MOVIE").text  # also in the link to the next page
    assert "No movies found." in staff.get("/admin/movies?q=%25").text
    assert "?page=3" in staff.get("/admin/movies?page=77").text
