"""The header Idempotency-Key."""

import pytest

from tests.integration.api.stage import book

pytestmark = pytest.mark.every_store

KEY = {"Idempotency-Key": "a wish"}


@pytest.fixture
def show(stage):
    return stage.show(seats=50, width=10)


@pytest.fixture
def path(show):
    return f"/api/shows/{show.id}/book"


def told(answer):
    """What of an answer is the same each time."""
    return answer.status_code, answer.headers.get("Location"), answer.data


def sold(client, show):
    seats = client.get(f"/api/shows/{show.id}/seats").json["seats"]
    return [seat["number"] for seat in seats if seat["status"] == "BOOKED"]


def test_the_same_again_is_answered_alike(maria, show, path, clock):
    first = maria.post(path, json={"seats": ["a5", 6]}, headers=KEY)
    clock.advance(hours=1)
    again = maria.post(path, json={"seats": ["a5", 6]}, headers=KEY)

    assert first.status_code == 201
    assert "Idempotent-Replayed" not in first.headers
    assert told(again) == told(first)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.content_type == first.content_type == "application/json"
    assert sold(maria, show) == [5, 6]


def test_whichever_path_is_used(maria, show, path):
    first = maria.post(path + "/", json={"seat_number": 5}, headers=KEY)
    for other, named in [
        (f"/shows/{show.id}/book/", {}),
        ("/bookings", {"show_id": show.id}),
        ("/bookings", {"show": show.id}),
    ]:
        again = maria.post(other, json={**named, "seat_number": 5}, headers=KEY)
        assert told(again) == told(first)
        assert again.headers["Idempotent-Replayed"] == "true"


def test_members_may_come_in_any_order(maria, show):
    first = maria.post("/bookings", json={"show_id": show.id, "seats": [5]}, headers=KEY)
    again = maria.post("/bookings", json={"seats": [5], "show_id": show.id}, headers=KEY)
    assert told(again) == told(first)


@pytest.mark.parametrize(
    "body", [{"seat_number": 6}, {"seats": [5]}, {"seat_number": "5"}, {"seat_number": 999}]
)
def test_another_body_is_refused_before_its_seats_are_judged(maria, show, path, body):
    maria.post(path, json={"seat_number": 5}, headers=KEY)

    refused = maria.post(path, json=body, headers=KEY)

    assert (refused.status_code, refused.json["code"]) == (422, "idempotency_key_reused")
    assert list(refused.json["errors"]) == ["Idempotency-Key"]
    assert sold(maria, show) == [5]


def test_a_refusal_is_not_kept(maria, otto, path):
    theirs = otto.post(path, json={"seat_number": 5}).json
    assert maria.post(path, json={"seat_number": 5}, headers=KEY).status_code == 409
    otto.post(f"/api/bookings/{theirs['id']}/cancel")
    assert maria.post(path, json={"seat_number": 5}, headers=KEY).status_code == 201


def test_others_have_keys_of_their_own(maria, otto, path):
    assert maria.post(path, json={"seat_number": 5}, headers=KEY).status_code == 201
    assert otto.post(path, json={"seat_number": 5}, headers=KEY).status_code == 409
    assert otto.post(path, json={"seat_number": 6}, headers=KEY).status_code == 201


def test_a_cancellation_is_answered_alike(maria, show):
    booking = book(maria, show, 5)
    path = f"/api/bookings/{booking['id']}/cancel"

    first = maria.post(path, headers=KEY)
    book(maria, show, 5)
    again = maria.post(path, json={}, headers=KEY)
    by_the_old_path = maria.delete(f"/bookings/{booking['id']}", headers=KEY)

    assert (first.status_code, first.json["status"]) == (200, "CANCELLED")
    assert told(again) == told(by_the_old_path) == told(first)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert sold(maria, show) == [5]


def test_somebody_elses_booking_comes_before_a_key(maria, otto, show):
    booking = book(maria, show, 5)
    path = f"/api/bookings/{booking['id']}/cancel"
    maria.post(path, headers=KEY)
    for key in (KEY, {"Idempotency-Key": "é"}):
        assert otto.post(path, headers=key).status_code == 403


@pytest.mark.parametrize("key", ["", "é", "\x7f", "x" * 256])
def test_a_key_that_is_none(maria, show, path, key):
    refused = maria.post(path, json={"seat_number": 5}, headers={"Idempotency-Key": key})

    assert (refused.status_code, refused.json["code"]) == (422, "validation_failed")
    assert list(refused.json["errors"]) == ["Idempotency-Key"]
    assert sold(maria, show) == []


@pytest.mark.parametrize(
    ("path", "named"), [("/api/shows/999/book", {}), ("/bookings", {"show_id": 999})]
)
def test_an_unknown_show_comes_before_a_key_that_is_none(maria, path, named):
    headers = {"Idempotency-Key": "é"}
    refused = maria.post(path, json={**named, "seat_number": 5}, headers=headers)
    assert (refused.status_code, refused.json["code"]) == (404, "show_not_found")


@pytest.mark.parametrize(
    "key", ["k", "x" * 255, "!~ #\"'\\", "8e03978e-40d5-43e8-bc93-6894a57f9324"]
)
def test_a_key_is_any_printable_text(maria, path, key):
    for _ in range(2):
        answer = maria.post(path, json={"seat_number": 5}, headers={"Idempotency-Key": key})
        assert answer.status_code == 201


def test_a_booking_is_rendered_the_same_everywhere(maria, show):
    booking = book(maria, show, 5, 6)
    path = f"/api/bookings/{booking['id']}"

    for rendered in (booking, maria.post(f"{path}/cancel").json):
        assert list(rendered) == list(maria.get(path).json)
    assert rendered == maria.get(path).json
    assert [rendered] == maria.get("/api/my-bookings").json["results"]
    assert [rendered] == maria.get("/api/auth/me/export").json["bookings"]
