"""Holds: taking, reading, changing, extending, releasing and booking them."""

from datetime import datetime, timedelta

import pytest

from tests.builders import a_screen
from tests.integration.api.cinema import book, hold
from tests.unit.programme.seat_plans.rooms import room, section
from ticketing.domain.programme.show import OrphanRule
from ticketing.domain.sales.errors import OrphanSeat
from ticketing.domain.sales.hold import HoldId

pytestmark = pytest.mark.every_store

KEY = {"Idempotency-Key": "a key"}


@pytest.fixture
def show(cinema):
    return cinema.show(seats=50, width=10)


@pytest.fixture
def path(show):
    return f"/api/shows/{show.id}/holds"


def refusal(answer):
    return answer.status_code, answer.json["code"]


def of(held, call=""):
    return f"/api/holds/{held['id']}{call}"


def labels(held):
    return [seat["label"] for seat in held["seats"]]


def status(client, show, *numbers):
    seats = client.get(f"/api/shows/{show.id}/seats").json["seats"]
    return [seats[number - 1]["status"] for number in numbers]


def utc(moment):
    return moment.isoformat().replace("+00:00", "Z")


# --- new holds


def test_a_new_hold(maria, show, path, clock):
    answer = maria.post(path, json={"seats": ["a6", 5]})

    held = answer.json
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"http://localhost/api/holds/{held['id']}"
    assert held == {
        "id": held["id"],
        "status": "ACTIVE",
        "show": {
            "id": show.id,
            "starts_at": utc(show.starts_at),
            "screen_name": "Screen 1",
            "movie": {"id": show.movie.id, "title": "Metropolis", "duration_minutes": 153},
        },
        "seats": [{"number": 5, "label": "A5"}, {"number": 6, "label": "A6"}],
        "together": True,
        "created_at": utc(clock.now),
        "expires_at": utc(clock.now + timedelta(minutes=10)),
        "expires_in": 600,
        "extendable_until": utc(clock.now + timedelta(minutes=30)),
        "is_offer": False,
        "booking": None,
        "warnings": [],
    }
    clock.advance(seconds=100.5)
    assert maria.get(of(held)).json == held | {"expires_in": 499}


def test_seats_apart_are_not_together(maria, show):
    assert not hold(maria, show, "A1", "A3")["together"]
    assert not hold(maria, show, "A10", "B1")["together"]
    assert hold(maria, show, "C1")["together"]


def test_one_seat_may_be_named_as_in_a_booking(maria, path):
    assert labels(maria.post(path, json={"seat_number": "a5"}).json) == ["A5"]


def test_a_held_seat_is_refused_to_others(maria, otto, show, path):
    held = hold(maria, show, 5, 6)

    for answer in (
        otto.post(f"/api/shows/{show.id}/book", json={"seats": [4, 5]}),
        otto.post(path, json={"seats": [4, 5]}),
    ):
        assert refusal(answer) == (409, "seat_held")
        assert answer.json["seats"] == ["A5"]
        assert answer.json["held_until"] == held["expires_at"]
        assert "hold" not in answer.json


def test_a_seat_of_ones_own_hold_is_refused_with_the_hold(maria, show, path):
    held = hold(maria, show, 5)

    answer = maria.post(path, json={"seats": [5, 6]})

    assert refusal(answer) == (409, "seat_held")
    assert answer.json["hold"] == held["id"]


def test_sold_seats_are_named_before_held_ones(maria, otto, show, path):
    hold(maria, show, 5)
    book(maria, show, 6)

    answer = otto.post(path, json={"seats": [5, 6]})

    assert refusal(answer) == (409, "seat_taken")
    assert answer.json["seats"] == ["A6"]


def test_a_show_is_full_when_no_seat_is_available_or_held(maria, otto, cinema, clock):
    show = cinema.show(hours=9, seats=2)
    book(maria, show, 1)
    hold(maria, show, 2)

    def refused():
        return otto.post(f"/api/shows/{show.id}/holds", json={"seats": [1]}).json["code"]

    assert refused() == "seat_taken"
    book(maria, show, 2)
    clock.advance(seconds=1)
    assert refused() == "show_full"


def test_sales_end_holds_too(maria, cinema, clock):
    show = cinema.show(hours=0.1, seats=5)
    end = show.starts_at + timedelta(minutes=15)
    path = f"/api/shows/{show.id}/holds"

    clock.now = end - timedelta(minutes=1)
    held = maria.post(path, json={"seats": [1]}).json
    assert held["expires_at"] == held["extendable_until"] == utc(end)
    clock.now = end
    assert refusal(maria.post(path, json={"seats": [2]})) == (409, "sales_closed")
    assert refusal(maria.post(of(held, "/book"))) == (409, "sales_closed")


def test_holds_and_bookings_count_together_towards_the_limit(make_app, cinema, show, path):
    maria = cinema.of(make_app(MAX_SEATS_PER_SHOW="3")).customer()
    book(maria, show, 1)
    held = hold(maria, show, 2)

    refused = maria.post(path, json={"seats": [3, 4]})

    assert refusal(refused) == (409, "seat_limit")
    assert (refused.json["limit"], refused.json["held"]) == (3, 2)
    assert refusal(maria.patch(of(held), json={"seats": [2, 3, 4]})) == (409, "seat_limit")
    assert maria.post(of(held, "/book")).status_code == 201


def test_a_hold_taken_again_is_no_longer_than_the_first_one(maria, show, path, clock):
    first = hold(maria, show, 1)
    for _ in range(2):
        clock.advance(minutes=9)
        maria.post(of(first, "/extend"))
    maria.delete(of(first))

    again = hold(maria, show, 1)

    assert again["extendable_until"] == first["extendable_until"]
    clock.advance(minutes=12)  # two minutes after it expired
    refused = maria.post(path, json={"seats": [1]})
    assert refusal(refused) == (409, "hold_at_limit")
    assert refused.json["retry_after"] == 480
    clock.advance(minutes=10)
    assert hold(maria, show, 1)["extendable_until"] == utc(clock.now + timedelta(minutes=30))


def test_a_choice_that_leaves_a_seat_alone_is_refused_with_others(maria, staff, cinema):
    show = cinema.show(hours=9, orphan_rule=OrphanRule.ENFORCE)
    path = f"/api/shows/{show.id}/holds"

    refused = maria.post(path, json={"seats": ["A2", "A3"]})

    assert refusal(refused) == (409, "orphan_seat")
    assert refused.json["orphans"] == ["A1"]
    assert ["A1", "A2"] in refused.json["alternatives"]
    held = hold(maria, show, "A1", "A2")
    assert refusal(maria.patch(of(held), json={"seats": ["A2"]})) == (409, "orphan_seat")
    hold(staff, show, "B2")


def test_a_choice_that_leaves_a_seat_alone_gets_a_warning_once(maria, cinema):
    show = cinema.show(hours=9, orphan_rule=OrphanRule.WARN)
    warning = {"code": "orphan_seat", "detail": OrphanSeat.default, "orphans": ["A1"]}

    held = hold(maria, show, "A2", "A3")

    assert held["warnings"] == [warning]
    assert maria.get(of(held)).json == held | {"warnings": []}
    assert maria.patch(of(held), json={"seats": ["A2"]}).json["warnings"] == [warning]
    assert maria.patch(of(held), json={"seats": ["A1"]}).json["warnings"] == []


def test_a_companion_seat_goes_with_its_wheelchair_space(maria, cinema):
    beside = {"rows": "A", "seats": "2", "companion_of": "1"}
    plan = room(section("A: 1+ 2 3 4 5", exceptions=[beside]))
    show = cinema.show(hours=9, plan=plan, screen=a_screen("Hall 2", plan))

    refused = maria.post(f"/api/shows/{show.id}/holds", json={"seats": [2, 3]})

    assert refusal(refused) == (409, "companion_seat")
    assert refused.json["seats"] == ["A2"]
    hold(maria, show, 1, 2)


# --- time


def test_an_expired_hold_counts_for_nothing_from_that_instant_on(maria, otto, show, clock):
    held = hold(maria, show, 5, 6)
    clock.advance(minutes=9, seconds=59.999)
    assert status(otto, show, 5, 6, 7) == ["HELD", "HELD", "AVAILABLE"]

    clock.advance(seconds=0.001)

    assert status(otto, show, 5, 6, 7) == ["AVAILABLE"] * 3
    assert maria.get(of(held)).json["status"] == "EXPIRED"
    assert maria.get(of(held)).json["expires_in"] == 0
    book(otto, show, 5)
    hold(otto, show, 6)


def test_an_expired_hold_is_booked_while_it_has_its_seats(maria, show, clock):
    held = hold(maria, show, 5, 6)
    clock.advance(minutes=20)

    assert [each["id"] for each in maria.get("/api/my-holds").json["results"]] == [held["id"]]
    booking = maria.post(of(held, "/book"))

    assert booking.status_code == 201
    assert labels(booking.json) == ["A5", "A6"]


def test_an_expired_hold_whose_seats_are_gone_is_lost(maria, otto, show, clock):
    held = hold(maria, show, 5, 6)
    clock.advance(minutes=10)
    theirs = book(otto, show, 6)

    lost = maria.post(of(held, "/book"))

    assert refusal(lost) == (409, "hold_lost")
    assert lost.json["seats"] == ["A6"]
    otto.post(f"/api/bookings/{theirs['id']}/cancel")
    assert refusal(maria.post(of(held, "/book"))) == (409, "hold_lost")
    assert maria.get("/api/my-holds").json["results"] == []
    assert maria.get(of(held)).json["status"] == "EXPIRED"


def test_a_hold_is_extended_up_to_its_limit(maria, show, clock):
    held = hold(maria, show, 5)
    start = clock.now
    lasted = []
    for _ in range(3):
        clock.advance(minutes=8)
        lasted.append(maria.post(of(held, "/extend")))

    assert [each.json["expires_at"] for each in lasted] == [
        utc(start + timedelta(minutes=minutes)) for minutes in (18, 26, 30)
    ]
    assert [each.json["expires_in"] for each in lasted] == [600, 600, 360]
    refused = maria.post(of(held, "/extend"), json={})
    assert refusal(refused) == (409, "hold_at_limit")
    clock.advance(minutes=6)
    assert refusal(maria.post(of(held, "/extend"))) == (409, "hold_expired")
    assert refusal(maria.patch(of(held), json={"seats": [1]})) == (409, "hold_expired")


# --- other seats


def test_a_hold_gets_exactly_the_new_seats(maria, otto, show, clock):
    held = hold(maria, show, 5, 6)
    clock.advance(minutes=4)

    answer = maria.patch(of(held), json={"seats": ["A7", "A6"]})

    assert answer.status_code == 200
    assert answer.json == held | {
        "seats": [{"number": 6, "label": "A6"}, {"number": 7, "label": "A7"}],
        "expires_in": 360,
    }
    assert maria.get(of(held)).json == answer.json
    assert status(otto, show, 5, 6, 7) == ["AVAILABLE", "HELD", "HELD"]


def test_a_refused_change_changes_nothing(maria, otto, show):
    held = hold(maria, show, 5)
    hold(otto, show, 6)
    book(otto, show, 7)

    assert refusal(maria.patch(of(held), json={"seats": [5, 6]})) == (409, "seat_held")
    assert refusal(maria.patch(of(held), json={"seats": [7]})) == (409, "seat_taken")
    assert maria.get(of(held)).json == held


# --- the end


def test_a_booked_hold_becomes_a_booking_of_its_seats(maria, show):
    held = hold(maria, show, 5, 6)

    answer = maria.post(of(held, "/book"))

    booking = answer.json
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"http://localhost/api/bookings/{booking['id']}"
    assert maria.get(f"/api/bookings/{booking['id']}").json == booking
    assert booking["seats"] == held["seats"]
    ended = maria.get(of(held)).json
    assert ended == held | {"status": "BOOKED", "booking": booking["id"], "expires_in": 0}
    assert maria.get("/api/my-holds").json["count"] == 0
    for call in (
        maria.post(of(held, "/book")),
        maria.post(of(held, "/extend")),
        maria.patch(of(held), json={"seats": [7]}),
        maria.delete(of(held)),
    ):
        assert refusal(call) == (409, "hold_booked")
        assert call.json["booking"] == booking["id"]


def test_a_released_hold_frees_its_seats(maria, otto, show):
    held = hold(maria, show, 5)

    assert maria.delete(of(held)).status_code == 204
    assert maria.delete(of(held)).status_code == 204

    assert maria.get(of(held)).json == held | {"status": "RELEASED", "expires_in": 0}
    assert maria.get("/api/my-holds").json["count"] == 0
    for call in (
        maria.post(of(held, "/book")),
        maria.post(of(held, "/extend")),
        maria.patch(of(held), json={"seats": [7]}),
    ):
        assert refusal(call) == (409, "hold_released")
    book(otto, show, 5)


def test_seats_that_are_booked_by_name_leave_the_hold(maria, show):
    held = hold(maria, show, 5, 6)

    book(maria, show, 5)
    assert labels(maria.get(of(held)).json) == ["A6"]
    booking = book(maria, show, 6, 7)
    ended = maria.get(of(held)).json
    assert (ended["status"], ended["booking"]) == ("BOOKED", booking["id"])


def test_a_cancelled_show_ends_its_holds(maria, staff, show):
    held = hold(maria, show, 5)

    assert staff.patch(f"/api/shows/{show.id}", json={"status": "CANCELLED"}).status_code == 200

    assert maria.get(of(held)).json["status"] == "RELEASED"
    assert refusal(maria.post(of(held, "/book"))) == (409, "hold_released")


def test_a_deleted_show_takes_its_holds_along(maria, staff, show):
    held = hold(maria, show, 5)

    assert staff.delete(f"/api/shows/{show.id}").status_code == 204

    assert refusal(maria.get(of(held))) == (404, "hold_not_found")


# --- whose hold it is


def test_staff_see_and_end_the_holds_of_customers(maria, otto, staff, show, clock, cinema):
    first = hold(maria, show, 5)
    clock.advance(minutes=1)
    second = hold(otto, show, 6)
    other = cinema.show(hours=9, seats=5)
    hold(otto, other, 1)

    listed = staff.get(f"/api/shows/{show.id}/holds").json
    assert [each["id"] for each in listed["results"]] == [second["id"], first["id"]]
    assert staff.get(of(first)).json == maria.get(of(first)).json
    assert staff.delete(of(first)).status_code == 204
    assert staff.delete(of(first)).status_code == 204

    assert maria.get(of(first)).json["status"] == "RELEASED"
    assert staff.get(f"/api/shows/{show.id}/holds").json["count"] == 1
    [entry] = staff.get("/api/auth/me/export").json["actions"]
    assert (entry["action"], entry["subject"]) == ("hold.ended", f"show {show.id}")
    assert entry["details"] == {"hold": first["id"], "seats": ["A5"]}
    clock.advance(minutes=10)
    assert staff.get(f"/api/shows/{show.id}/holds").json["count"] == 0


def test_only_staff_list_the_holds_of_a_show(maria, guest, staff, path):
    assert maria.get(path).status_code == 403
    assert guest.get(path).status_code == 401
    assert refusal(staff.get("/api/shows/99/holds")) == (404, "show_not_found")
    assert refusal(staff.get("/api/shows/99/holds?page=x")) == (404, "show_not_found")


def test_my_holds(maria, otto, guest, show, cinema, clock):
    other = cinema.show(hours=9, seats=5)
    mine: list[str] = []
    for where, seat in ((show, 1), (other, 2), (show, 3)):
        mine.insert(0, hold(maria, where, seat)["id"])
        clock.advance(seconds=1)
    hold(otto, show, 4)

    def listed(query=""):
        answer = maria.get(f"/api/my-holds{query}").json
        return [each["id"] for each in answer["results"]]

    assert listed() == mine
    assert listed(f"?show_id={show.id}") == [mine[0], mine[2]]
    assert listed("?show_id=99") == []
    assert listed("?page_size=2&page=2") == mine[2:]
    for wrong in ("x", "0", "-1", "1.0", str(2**63)):
        assert maria.get(f"/api/my-holds?show_id={wrong}").status_code == 422
    assert guest.get("/api/my-holds").status_code == 401


# --- repeated requests


def essentials(answer):
    return answer.status_code, answer.headers.get("Location"), answer.data


def test_a_repeated_hold_gets_the_stored_response(maria, show, path, clock):
    first = maria.post(path, json={"seats": [5]}, headers=KEY)
    maria.delete(of(first.json))
    clock.advance(hours=1)

    again = maria.post(path, json={"seats": [5]}, headers=KEY)

    assert first.status_code == 201
    assert essentials(again) == essentials(first)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert maria.get("/api/my-holds").json["count"] == 0
    other = maria.post(path, json={"seats": [6]}, headers=KEY)
    assert refusal(other) == (422, "idempotency_key_reused")


def test_a_repeated_booking_of_a_hold_gets_the_stored_response(maria, show):
    held, other = hold(maria, show, 5), hold(maria, show, 6)

    first = maria.post(of(held, "/book"), headers=KEY)
    again = maria.post(of(held, "/book"), json={}, headers=KEY)

    assert first.status_code == 201
    assert essentials(again) == essentials(first)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert maria.get("/api/my-bookings").json["count"] == 1
    assert maria.post(of(other, "/book"), headers=KEY).status_code == 201  # another operation


# --- the show


def test_a_show_counts_held_seats(maria, guest, cinema, clock):
    show = cinema.show(hours=9, seats=3)

    def counts():
        clock.advance(seconds=1)
        offer = guest.get(f"/api/shows/{show.id}").json
        [listed] = guest.get("/api/shows").json["results"]
        assert listed == offer
        return offer["available_seats"], offer["held_seats"], offer["status"]

    assert counts() == (3, 0, "ON_SALE")
    book(maria, show, 1)
    held = hold(maria, show, 2, 3)
    assert counts() == (0, 2, "ON_SALE")
    clock.now = datetime.fromisoformat(held["expires_at"]) - timedelta(seconds=1)
    assert counts() == (2, 0, "ON_SALE")
    maria.post(of(held, "/book"))
    assert counts() == (0, 0, "SOLD_OUT")


def test_the_answer_has_the_time_of_the_store(maria, show, cinema):
    """The clock of the process may differ: what counts is the clock that the seats follow."""
    held = hold(maria, show, 5)

    found, now = cinema.office.queries.sales.hold(HoldId(held["id"]))

    assert (found.expires_at - now).total_seconds() == held["expires_in"]
