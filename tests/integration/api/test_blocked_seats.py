"""Seats of a show that the staff block."""

import pytest

from tests.integration.api.cinema import book, hold

pytestmark = pytest.mark.every_store


@pytest.fixture
def show(cinema):
    return cinema.show(seats=10, width=5)


@pytest.fixture
def path(show):
    return f"/api/shows/{show.id}/blocked-seats"


def blocked(client, show):
    seats = client.get(f"/api/shows/{show.id}/seats").json["seats"]
    return [seat["label"] for seat in seats if seat["status"] == "BLOCKED"]


def test_exactly_these_seats_are_blocked(staff, guest, show, path):
    answer = staff.put(path, json={"seats": ["b1", 2]})

    assert answer.status_code == 200
    assert answer.json == {"seats": [{"number": 2, "label": "A2"}, {"number": 6, "label": "B1"}]}
    assert blocked(guest, show) == ["A2", "B1"]
    assert staff.put(path, json={"seats": ["B1", "B2"]}).status_code == 200
    assert blocked(guest, show) == ["B1", "B2"]
    assert staff.put(path, json={"seats": []}).json == {"seats": []}
    assert blocked(guest, show) == []


def test_a_blocked_seat_is_sold_and_held_to_nobody(staff, maria, show, path):
    staff.put(path, json={"seats": [1]})

    for call in ("book", "holds"):
        refused = maria.post(f"/api/shows/{show.id}/{call}", json={"seats": [1, 2]})
        assert (refused.status_code, refused.json["code"]) == (409, "seat_taken")
        assert refused.json["seats"] == ["A1"]


def test_sold_and_held_seats_are_not_blocked(staff, maria, guest, show, path, clock):
    staff.put(path, json={"seats": [5]})
    book(maria, show, 1)
    held = hold(maria, show, 2)

    taken = staff.put(path, json={"seats": [1, 2, 3]})
    assert (taken.status_code, taken.json["code"]) == (409, "seat_taken")
    assert taken.json["seats"] == ["A1"]
    refused = staff.put(path, json={"seats": [2, 3]})
    assert (refused.status_code, refused.json["code"]) == (409, "seat_held")
    assert (refused.json["seats"], refused.json["held_until"]) == (["A2"], held["expires_at"])
    assert blocked(guest, show) == ["A5"]
    clock.advance(minutes=10)
    assert staff.put(path, json={"seats": [2, 3]}).status_code == 200
    lost = maria.post(f"/api/holds/{held['id']}/book")
    assert (lost.json["code"], lost.json["seats"]) == ("hold_lost", ["A2"])


def test_a_change_is_audited_once(staff, path):
    for _ in range(2):
        staff.put(path, json={"seats": [1]})

    actions = staff.get("/api/auth/me/export").json["actions"]
    assert [entry["action"] for entry in actions] == ["show.seats_blocked"]
    assert actions[0]["details"] == {"seats": [[], ["A1"]]}


@pytest.mark.parametrize(
    "body",
    [{}, {"seats": None}, {"seats": 1}, {"seats": ["Z9"]}, {"seats": [1, "A1"]}, {"seats": [True]}],
    ids=str,
)
def test_an_invalid_body_changes_nothing(staff, maria, guest, show, path, body):
    staff.put(path, json={"seats": [5]})

    assert staff.put(path, json=body).status_code == 422
    assert maria.put(path, json=body).status_code == 403
    assert guest.put(path, json=body).status_code == 401
    assert staff.put("/api/shows/99/blocked-seats", json=body).status_code == 404
    assert blocked(guest, show) == ["A5"]
