"""The seat map of a show and its ETag."""

import pytest

from tests.integration.api.cinema import book

pytestmark = pytest.mark.every_store


@pytest.fixture
def show(cinema):
    return cinema.show(seats=5, width=3)


@pytest.fixture
def path(show):
    return f"/api/shows/{show.id}/seats"


def seat(number, label, row, column, status):
    return {
        "number": number,
        "label": label,
        "row": row,
        "column": column,
        "section": "Stalls",
        "status": status,
    }


def test_the_map_has_every_seat_by_number(guest, maria, show, path):
    book(maria, show, "B1")

    assert guest.get(path).json == {
        "show_id": show.id,
        "total_seats": 5,
        "available_seats": 4,
        "seats": [
            seat(1, "A1", "A", 1, "AVAILABLE"),
            seat(2, "A2", "A", 2, "AVAILABLE"),
            seat(3, "A3", "A", 3, "AVAILABLE"),
            seat(4, "B1", "B", 1, "BOOKED"),
            seat(5, "B2", "B", 2, "AVAILABLE"),
        ],
    }


def test_every_sale_and_cancellation_changes_the_etag(guest, maria, show, path):
    def etag():
        return guest.get(path).headers["ETag"]

    fresh = etag()
    assert etag() == fresh
    booking = book(maria, show, 2)
    one_sold = etag()
    book(maria, show, 3)
    two_sold = etag()
    maria.post(f"/api/bookings/{booking['id']}/cancel")
    assert len({fresh, one_sold, two_sold, etag()}) == 4


def test_equal_shows_have_different_etags(guest, cinema, show, path):
    other = cinema.show(hours=9, seats=5, width=3)
    wider = cinema.show(hours=12, seats=5, width=5)

    etags = {guest.get(f"/api/shows/{it.id}/seats").headers["ETag"] for it in (show, other, wider)}
    assert len(etags) == 3


@pytest.mark.parametrize(
    "if_none_match", ["{}", "W/{}", '"other", {}', '"other",W/{} , "more"', "*"]
)
def test_a_current_etag_gets_304(guest, path, if_none_match):
    etag = guest.get(path).headers["ETag"]

    answer = guest.get(path, headers={"If-None-Match": if_none_match.format(etag)})

    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] == etag
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "Content-Type" not in answer.headers


@pytest.mark.parametrize("if_none_match", ['"other"', "", "W/", '"', "other", ',,"x"', "é", "{}x"])
def test_another_etag_gets_the_map(guest, path, if_none_match):
    etag = guest.get(path).headers["ETag"]

    answer = guest.get(path, headers={"If-None-Match": if_none_match.format(etag)})

    assert answer.status_code == 200
    assert answer.json["total_seats"] == 5


def test_a_confirmed_sale_is_on_the_map_at_once(guest, maria, show, path):
    etag = guest.get(path).headers["ETag"]
    book(maria, show, 1)

    answer = guest.get(path, headers={"If-None-Match": etag})

    assert answer.status_code == 200
    assert answer.json["seats"][0]["status"] == "BOOKED"
    assert answer.headers["ETag"] != etag


@pytest.mark.parametrize("if_none_match", ["*", '"x"'])
def test_an_unknown_show_has_no_map(guest, if_none_match):
    answer = guest.get("/api/shows/99/seats", headers={"If-None-Match": if_none_match})

    assert (answer.status_code, answer.json["code"]) == (404, "show_not_found")
