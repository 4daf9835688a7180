"""Bookings over HTTP."""

import pytest

from tests.integration.api.cinema import book
from ticketing.domain.sales.booking import CROCKFORD_BASE_32
from ticketing.entrypoints.http.web.schemas import rfc3339

pytestmark = pytest.mark.every_store


@pytest.fixture
def show(cinema):
    return cinema.show(seats=50, width=10)


@pytest.fixture
def path(show):
    return f"/api/shows/{show.id}/book"


def test_the_representation_of_a_booking(maria, show, path, clock):
    booked = maria.post(path, json={"seats": ["b2", 6]})

    assert booked.status_code == 201
    assert booked.headers["Location"] == f"http://localhost/api/bookings/{booked.json['id']}"
    assert booked.json == {
        "id": 1,
        "reference": booked.json["reference"],
        "status": "BOOKED",
        "show": {
            "id": show.id,
            "starts_at": rfc3339(show.starts_at),
            "screen_name": "Screen 1",
            "movie": {"id": 1, "title": "Metropolis", "duration_minutes": 153},
        },
        "seats": [{"number": 6, "label": "A6"}, {"number": 12, "label": "B2"}],
        "seat_number": 6,
        "created_at": rfc3339(clock.now),
        "cancelled_at": None,
    }
    assert len(booked.json["reference"]) == 10
    assert set(booked.json["reference"]) <= set(CROCKFORD_BASE_32)
    assert maria.get(booked.headers["Location"]).json == booked.json


@pytest.mark.parametrize("seat", [5, "5", "A5", "a5", " a5 ", "\tA5\n"])
def test_a_seat_can_be_named_in_several_ways(maria, path, seat):
    assert maria.post(path, json={"seat_number": seat}).json["seat_number"] == 5


SEATS_OUTSIDE: list[object] = [
    *(0, -1, 51, 5.0, 5.5, True, False, 10**400, 2**63),
    *("0", "05", "-5", "+5", "5.0", "5e0", " 5 ", "51", "", " ", "A", "A0", "A01", "A11", "F1"),
    *(
        "A 5",
        "5A",
        "Å5",
        "\uff215",
        "\u0665",
        "A\u0665",
        "A5\x00",
        "\ud800",
        "A" * 1000,
        "9" * 5000,
    ),
    *([], [5], {}, {"number": 5}),
]


def test_a_seat_outside_the_seat_plan_is_unknown(maria, guest, show, path):
    for seat in SEATS_OUTSIDE:
        for body in ({"seat_number": seat}, {"seats": [1, seat]}):
            refused = maria.post(path, json=body)
            assert (refused.status_code, refused.json["code"]) == (422, "unknown_seat"), seat
            assert refused.json["valid_numbers"] == [1, 50]
            assert refused.json["valid_labels"] == ["A1", "E10"]
            assert "1 to 50" in refused.json["detail"]
            assert len(refused.json["seats"]) == 1
    assert guest.get(f"/api/shows/{show.id}/seats").json["available_seats"] == 50


@pytest.mark.parametrize("seats", [[5, 5], [5, "5"], ["A5", 5], [1, " a5 ", "A5"]])
def test_naming_a_seat_twice_is_refused(maria, path, seats):
    refused = maria.post(path, json={"seats": seats})

    assert (refused.status_code, refused.json["code"]) == (422, "seat_named_twice")
    assert refused.json["seats"] == ["A5"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"seat_number": 5, "seats": [6]},
        {"seats": []},
        {"seats": list(range(1, 12))},
        {"seats": 5},
        {"seats": "A5"},
        {"seats": {"0": 5}},
        {"seats": None},
        {"seats": [None]},
        {"seat_number": None},
        {"seat": 5},
        {"seat_number": 5, "show_id": 1},
    ],
)
def test_one_to_ten_seats_are_required_in_one_field(maria, path, body):
    refused = maria.post(path, json=body)

    assert (refused.status_code, refused.json["code"]) == (422, "validation_failed")
    assert refused.json["errors"]


def test_ten_seats_can_be_booked_at_once(maria, show):
    assert len(book(maria, show, *range(41, 51))["seats"]) == 10


def test_a_seat_is_sold_once(maria, otto, show, path):
    book(maria, show, 5)

    refused = otto.post(path, json={"seat_number": "A5"})

    assert (refused.status_code, refused.json["code"]) == (409, "seat_taken")
    assert refused.json["detail"] == "Seat already booked"
    assert refused.json["seats"] == ["A5"]


def test_all_seats_are_sold_or_none(maria, otto, guest, show, path):
    book(maria, show, 5, 7)

    refused = otto.post(path, json={"seats": [4, 5, 6, 7]})

    assert refused.json["seats"] == ["A5", "A7"]
    assert guest.get(f"/api/shows/{show.id}/seats").json["available_seats"] == 48
    assert book(otto, show, 4, 6)["seat_number"] == 4


def test_a_full_show_sells_nothing(maria, otto, cinema):
    show = cinema.show(seats=2)
    book(maria, show, 1, 2)

    refused = otto.post(f"/api/shows/{show.id}/book", json={"seat_number": 1})

    assert (refused.status_code, refused.json["code"]) == (409, "show_full")


def test_sales_end_a_quarter_of_an_hour_after_the_start(maria, show, path, clock):
    clock.advance(hours=2, minutes=14, seconds=59)
    assert maria.post(path, json={"seat_number": 1}).status_code == 201

    clock.advance(seconds=1)
    refused = maria.post(path, json={"seat_number": 2})

    assert (refused.status_code, refused.json["code"]) == (409, "sales_closed")


def test_a_cancelled_booking_frees_its_seats_at_once(maria, otto, show, clock):
    booking = book(maria, show, 5, 6)
    clock.advance(minutes=1)

    cancelled = maria.post(f"/api/bookings/{booking['id']}/cancel")

    assert cancelled.status_code == 200
    expected = {**booking, "status": "CANCELLED", "cancelled_at": rfc3339(clock.now)}
    assert cancelled.json == expected
    assert book(otto, show, 5)["seat_number"] == 5
    assert maria.get(f"/api/bookings/{booking['id']}").json == expected


def test_cancelling_twice_changes_nothing(maria, otto, guest, show, clock):
    booking = book(maria, show, 5)
    cancel = f"/api/bookings/{booking['id']}/cancel"
    once = maria.post(cancel)
    rebooked = book(otto, show, 5)
    clock.advance(hours=3)

    again = maria.post(cancel)

    assert (again.status_code, again.json) == (200, once.json)
    assert otto.get(f"/api/bookings/{rebooked['id']}").json["status"] == "BOOKED"
    assert guest.get(f"/api/shows/{show.id}/seats").json["available_seats"] == 49


@pytest.mark.parametrize("who", ["maria", "staff"])
def test_no_booking_is_cancelled_after_the_start(request, maria, show, clock, who):
    booking = book(maria, show, 5)
    cancel = f"/api/bookings/{booking['id']}/cancel"
    clock.advance(hours=2)

    refused = request.getfixturevalue(who).post(cancel)

    assert (refused.status_code, refused.json["code"]) == (409, "show_started")
    assert maria.get(f"/api/bookings/{booking['id']}").json == booking


def test_staff_can_get_and_cancel_any_booking(maria, staff, show):
    booking = book(maria, show, 5)

    assert staff.get(f"/api/bookings/{booking['id']}").json == booking
    cancelled = staff.post(f"/api/bookings/{booking['id']}/cancel")
    assert cancelled.json["status"] == "CANCELLED"


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("POST", "/cancel")])
def test_another_customers_booking_is_forbidden(maria, otto, show, method, path):
    booking = book(maria, show, 5)

    refused = otto.open(f"/api/bookings/{booking['id']}{path}", method=method)

    assert (refused.status_code, refused.json["code"]) == (403, "forbidden")
    assert booking["reference"] not in refused.text
    assert maria.get(f"/api/bookings/{booking['id']}").json["status"] == "BOOKED"


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("POST", "/cancel")])
def test_an_unknown_booking_is_not_found(maria, method, path):
    refused = maria.open(f"/api/bookings/99{path}", method=method)

    assert (refused.status_code, refused.json["code"]) == (404, "booking_not_found")


CALLS_FOR_A_BOOKING = [
    ("GET", "/api/bookings/{}"),
    ("POST", "/api/bookings/{}/cancel"),
    ("POST", "/bookings/{}/cancel"),
    ("DELETE", "/bookings/{}"),
]


@pytest.mark.parametrize(("method", "path"), CALLS_FOR_A_BOOKING)
class TestShowOfABooking:
    """The optional query parameter ``show_id``."""

    @pytest.fixture
    def call(self, method, path):
        def call(client, booking, show_id, **body):
            address = f"{path.format(booking['id'])}?show_id={show_id}"
            return client.open(address, method=method, **body)

        return call

    def test_the_booking_is_found_in_its_show(self, call, maria, staff, otto, show):
        booking = book(maria, show)
        assert call(otto, booking, show.id).status_code == 403
        for client in (maria, staff):
            answer = call(client, booking, show.id)
            assert (answer.status_code, answer.json["id"]) == (200, booking["id"])

    def test_it_is_not_found_in_another_show(self, call, maria, staff, cinema, show):
        booking, other_show = book(maria, show), cinema.show(hours=30)
        for client, show_id in ((maria, other_show.id), (staff, other_show.id), (maria, 99)):
            answer = call(client, booking, show_id)
            assert (answer.status_code, answer.json["code"]) == (404, "booking_not_found")
        assert maria.get(f"/api/bookings/{booking['id']}").json == booking

    def test_a_missing_booking_is_reported_before_an_invalid_body(self, call, maria, cinema, show):
        booking, other_show = book(maria, show), cinema.show(hours=30)
        answer = call(maria, booking, other_show.id, json={"reason": "flu"})
        assert answer.status_code == 404

    def test_a_malformed_id_is_invalid(self, call, maria, otto, show):
        booking = book(maria, show)
        for show_id in ("", "x", "0", "-1", "1.0", 2**63, "%D9%A1"):
            answer = call(maria, booking, show_id)
            assert (answer.status_code, list(answer.json["errors"])) == (422, ["show_id"]), show_id
            assert call(otto, booking, show_id).status_code == 403, show_id
            assert call(maria, {"id": 99}, show_id).status_code == 404, show_id
        assert maria.get(f"/api/bookings/{booking['id']}").json == booking


def test_a_reference_grants_no_access(maria, show):
    reference = book(maria, show)["reference"]

    assert maria.get(f"/api/bookings/{reference}").status_code == 404


@pytest.mark.parametrize("body", [{}, {"data": ""}, {"json": {}}])
def test_cancelling_needs_no_body(maria, show, body):
    booking = book(maria, show)

    assert maria.post(f"/api/bookings/{booking['id']}/cancel", **body).status_code == 200


def test_cancelling_takes_no_fields(maria, show):
    booking = book(maria, show)
    cancel = f"/api/bookings/{booking['id']}/cancel"

    refused = maria.post(cancel, json={"reason": "flu"})

    assert (refused.status_code, list(refused.json["errors"])) == (422, ["reason"])
    assert maria.get(f"/api/bookings/{booking['id']}").json == booking


def test_an_invalid_seat_is_reported_under_the_field_that_was_sent(maria, cinema):
    path = f"/api/shows/{cinema.show().id}/book"

    one = maria.post(path, json={"seat_number": "Z9"}).json
    several = maria.post(path, json={"seats": [1, 999]}).json
    twice = maria.post(path, json={"seats": [1, "A1"]}).json

    assert one["errors"] == {"seat_number": [one["detail"]]}
    assert several["errors"] == {"seats": [several["detail"]]}
    assert twice["errors"] == {"seats": [twice["detail"]]}


class TestSeatLimit:
    def test_an_account_may_have_ten_seats_of_a_show(self, maria, otto, cinema, show, path):
        book(maria, show, *range(1, 9))

        refused = maria.post(path, json={"seats": [9, 10, 11]})

        assert refused.status_code == 409
        assert refused.json["code"] == "seat_limit"
        assert (refused.json["limit"], refused.json["held"]) == (10, 8)
        book(maria, show, 9, 10)
        book(otto, show, 11)
        book(maria, cinema.show(), 1)

    def test_staff_have_no_limit(self, cinema, show, path):
        staff = cinema.staff()
        book(staff, show, *range(1, 11))
        book(staff, show, 11, 12)
        party = {"best_available": {"count": 2}}
        assert staff.post(path, json=party).status_code == 201
        key = {"Idempotency-Key": "once"}
        assert staff.post(path, json={"seats": [40]}, headers=key).status_code == 201

    def test_cancelled_seats_do_not_count(self, maria, show, path):
        booking = book(maria, show, *range(1, 11))
        assert maria.post(path, json={"seats": [11]}).json["code"] == "seat_limit"
        maria.post(f"/api/bookings/{booking['id']}/cancel")
        book(maria, show, *range(11, 21))

    def test_taken_seats_and_closed_sales_are_reported_first(self, maria, otto, show, path, clock):
        book(maria, show, *range(1, 11))
        book(otto, show, 11)
        assert maria.post(path, json={"seats": [11]}).json["code"] == "seat_taken"
        clock.advance(hours=3)
        assert maria.post(path, json={"seats": [12]}).json["code"] == "sales_closed"

    def test_the_limit_can_be_changed_and_switched_off(self, make_app, cinema, show, path):
        few = cinema.of(make_app(MAX_SEATS_PER_SHOW="1")).customer("frida")
        assert few.post(path, json={"seats": [1, 2]}).json["limit"] == 1
        many = cinema.of(make_app(MAX_SEATS_PER_SHOW="0")).customer("karl")
        for first in (1, 11, 21):
            book(many, show, *range(first, first + 10))

    def test_a_repeated_request_gets_the_same_response(self, maria, show, path):
        key = {"Idempotency-Key": "once"}
        for _ in range(2):
            answer = maria.post(path, json={"seats": list(range(1, 11))}, headers=key)
            assert answer.status_code == 201
