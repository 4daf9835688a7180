"""The seat map of a show and its ETag."""

import pytest

from tests.builders import register
from tests.integration.api.cinema import book, hold

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


# --- the state of each seat, and whose it is


@pytest.fixture
def states(maria, otto, staff, show):
    """Seats in each state; maria has the first two of A."""
    book(maria, show, 1)
    hold(maria, show, 2)
    hold(otto, show, 3)
    assert staff.put(f"/api/shows/{show.id}/blocked-seats", json={"seats": [4]}).status_code == 200
    return ["BOOKED", "HELD", "HELD", "BLOCKED", "AVAILABLE"]


def test_the_map_has_the_state_of_each_seat(guest, states, path):
    found = guest.get(path).json

    assert [seat["status"] for seat in found["seats"]] == states
    assert found["available_seats"] == 1


def test_a_good_token_gets_the_map_with_its_own_seats(guest, maria, otto, states, path):
    public, own = guest.get(path), maria.get(path)

    assert public.json["seats"] == [
        {name: value for name, value in seat.items() if name != "mine"}
        for seat in own.json["seats"]
    ]
    assert [seat.get("mine") for seat in own.json["seats"]] == [True, True, None, None, None]
    assert [seat.get("mine") for seat in otto.get(path).json["seats"]] == [
        *[None] * 2,
        True,
        *[None] * 2,
    ]
    assert own.headers["Cache-Control"] == "private, no-cache"
    assert "Authorization" in own.vary
    etags = {answer.headers["ETag"] for answer in (public, own, otto.get(path))}
    assert len(etags) == 3


def test_a_customer_without_seats_has_a_map_of_ones_own(guest, maria, path):
    public, own = guest.get(path), maria.get(path)

    assert own.json == public.json
    assert own.headers["ETag"] != public.headers["ETag"]
    assert own.headers["Cache-Control"] == "private, no-cache"


def test_a_current_etag_of_ones_own_map_gets_304(guest, maria, states, path):
    etag = maria.get(path).headers["ETag"]

    answer = maria.get(path, headers={"If-None-Match": etag})

    assert answer.status_code == 304
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Authorization" in answer.vary
    assert guest.get(path, headers={"If-None-Match": etag}).status_code == 200


def test_the_change_of_a_hold_to_ones_own_changes_the_etag(maria, otto, show, path):
    def etag():
        return maria.get(path).headers["ETag"]

    held = hold(otto, show, 1)
    before = etag()
    otto.delete(f"/api/holds/{held['id']}")
    hold(maria, show, 1)

    assert etag() != before


@pytest.mark.parametrize("token", ["Bearer nonsense", "Bearer", "Basic bWU6bWU=", "", "x" * 3000])
def test_a_token_that_is_not_good_is_ignored(guest, states, path, token):
    public = guest.get(path)

    answer = guest.get(path, headers={"Authorization": token})

    assert answer.status_code == 200
    assert answer.data == public.data
    assert answer.headers["ETag"] == public.headers["ETag"]
    assert "Authorization" not in answer.vary


def test_the_token_of_an_ended_session_is_ignored(guest, cinema, show, path, clock):
    account = register(cinema.office.transactions, "anna")
    tokens = cinema.tokens(account)
    anna = cinema.bearing(tokens["access"])
    book(anna, show, 1)
    assert anna.get(path).json["seats"][0]["mine"]

    guest.post("/api/auth/logout", json={"refresh": tokens["refresh"]})
    clock.advance(seconds=2)

    assert anna.get(path).data == guest.get(path).data


def test_the_etag_changes_at_the_instant_a_hold_begins_and_ends(guest, maria, show, path, clock):
    def etag():
        return guest.get(path).headers["ETag"]

    fresh = etag()
    held = hold(maria, show, 1)
    while_held = etag()
    clock.advance(minutes=9, seconds=59.999999)
    assert etag() == while_held != fresh
    clock.advance(seconds=0.000001)
    assert etag() == fresh
    maria.post(f"/api/holds/{held['id']}/book")
    assert len({etag(), while_held, fresh}) == 3


def test_equal_numbers_in_another_state_have_another_etag(guest, maria, staff, show, path):
    def etag():
        return guest.get(path).headers["ETag"]

    held = hold(maria, show, 1)
    etags = [etag()]
    maria.delete(f"/api/holds/{held['id']}")
    staff.put(f"/api/shows/{show.id}/blocked-seats", json={"seats": [1]})
    etags.append(etag())
    staff.put(f"/api/shows/{show.id}/blocked-seats", json={"seats": []})
    book(maria, show, 1)
    etags.append(etag())

    assert len(set(etags)) == 3
