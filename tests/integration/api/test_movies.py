"""Movies over HTTP."""

import pytest

from tests.integration.api.cinema import book

DUNE = {
    "title": "Dune",
    "duration_minutes": 155,
    "description": "Sand.",
    "rating": "12A",
    "language": "en",
}


def test_staff_add_a_movie(staff, guest):
    added = staff.post("/api/movies", json=DUNE)

    assert added.status_code == 201
    assert added.json == {"id": 1, **DUNE}
    assert added.headers["Location"] == "http://localhost/api/movies/1"
    assert guest.get(added.headers["Location"]).json == added.json


def test_texts_of_a_movie_are_trimmed_and_optional(staff):
    added = staff.post("/api/movies", json={"title": " Dune ", "duration_minutes": 155})

    assert added.json == {
        "id": 1,
        "title": "Dune",
        "duration_minutes": 155,
        "description": "",
        "rating": "",
        "language": "",
    }


def test_a_change_leaves_other_fields_unchanged(staff):
    staff.post("/api/movies", json=DUNE)

    changed = staff.patch("/api/movies/1", json={"rating": "15", "title": "Dune: Part One"})

    assert changed.status_code == 200
    assert changed.json == {"id": 1, **DUNE, "rating": "15", "title": "Dune: Part One"}
    assert staff.get("/api/movies/1").json == changed.json


def test_a_deleted_movie_takes_its_shows_and_its_id_is_never_reused(staff, cinema):
    show = cinema.show()

    assert staff.delete("/api/movies/1").status_code == 204
    assert staff.get("/api/movies/1").status_code == 404
    assert staff.get(f"/api/shows/{show.id}").status_code == 404
    assert staff.post("/api/movies", json=DUNE).json["id"] == 2


def test_a_movie_with_bookings_cannot_be_deleted(staff, cinema, maria):
    booking = book(maria, cinema.show())
    maria.post(f"/api/bookings/{booking['id']}/cancel")

    refused = staff.delete("/api/movies/1")

    assert (refused.status_code, refused.json["code"]) == (409, "show_has_bookings")
    assert staff.get("/api/movies/1").status_code == 200


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": " \n "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"duration_minutes": 0}, "duration_minutes"),
        ({"duration_minutes": 1441}, "duration_minutes"),
        ({"duration_minutes": 90.0}, "duration_minutes"),
        ({"duration_minutes": "90"}, "duration_minutes"),
        ({"description": "x" * 5001}, "description"),
        ({"rating": "x" * 21}, "rating"),
        ({"language": None}, "language"),
        ({"director": "Villeneuve"}, "director"),
        ({"id": 7}, "id"),
    ],
)
def test_an_invalid_movie_names_its_field(staff, cinema, wrong, field):
    cinema.movie()

    for refused in (
        staff.post("/api/movies", json=DUNE | wrong),
        staff.patch("/api/movies/1", json=wrong),
    ):
        assert refused.status_code == 422
        assert list(refused.json["errors"]) == [field]
    assert staff.get("/api/movies/1").json["title"] == "Metropolis"


def test_all_invalid_fields_are_named_at_once(staff):
    refused = staff.post("/api/movies", json={"title": "", "rating": 5, "x": 1})

    assert set(refused.json["errors"]) == {"title", "duration_minutes", "rating", "x"}
