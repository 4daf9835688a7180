"""The header Idempotency-Key."""

import pytest

from tests.integration.api.cinema import book

pytestmark = pytest.mark.every_store

KEY = {"Idempotency-Key": "a key"}


@pytest.fixture
def show(cinema):
    return cinema.show(seats=50, width=10)


@pytest.fixture
def path(show):
    return f"/api/shows/{show.id}/book"


def essentials(answer):
    """Return what a repeated response has in common with the first."""
    return answer.status_code, answer.headers.get("Location"), answer.data


def sold(client, show):
    seats = client.get(f"/api/shows/{show.id}/seats").json["seats"]
    return [seat["number"] for seat in seats if seat["status"] == "BOOKED"]


def test_a_repeated_sale_gets_the_stored_response(maria, show, path, clock):
    first = maria.post(path, json={"seats": ["a5", 6]}, headers=KEY)
    clock.advance(hours=1)
    again = maria.post(path, json={"seats": ["a5", 6]}, headers=KEY)

    assert first.status_code == 201
    assert "Idempotent-Replayed" not in first.headers
    assert essentials(again) == essentials(first)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.content_type == first.content_type == "application/json"
    assert sold(maria, show) == [5, 6]


def test_a_key_is_shared_by_all_paths(maria, show, path):
    first = maria.post(path + "/", json={"seat_number": 5}, headers=KEY)
    for other, named in [
        (f"/shows/{show.id}/book/", {}),
        ("/bookings", {"show_id": show.id}),
        ("/bookings", {"show": show.id}),
    ]:
        again = maria.post(other, json={**named, "seat_number": 5}, headers=KEY)
        assert essentials(again) == essentials(first)
        assert again.headers["Idempotent-Replayed"] == "true"


def test_the_order_of_members_does_not_matter(maria, show):
    first = maria.post("/bookings", json={"show_id": show.id, "seats": [5]}, headers=KEY)
    again = maria.post("/bookings", json={"seats": [5], "show_id": show.id}, headers=KEY)
    assert essentials(again) == essentials(first)


@pytest.mark.parametrize(
    "body", [{"seat_number": 6}, {"seats": [5]}, {"seat_number": "5"}, {"seat_number": 999}]
)
def test_another_body_is_refused_before_its_seats_are_checked(maria, show, path, body):
    maria.post(path, json={"seat_number": 5}, headers=KEY)

    refused = maria.post(path, json=body, headers=KEY)

    assert (refused.status_code, refused.json["code"]) == (422, "idempotency_key_reused")
    assert list(refused.json["errors"]) == ["Idempotency-Key"]
    assert sold(maria, show) == [5]


def test_a_refusal_is_not_stored(maria, otto, path):
    theirs = otto.post(path, json={"seat_number": 5}).json
    assert maria.post(path, json={"seat_number": 5}, headers=KEY).status_code == 409
    otto.post(f"/api/bookings/{theirs['id']}/cancel")
    assert maria.post(path, json={"seat_number": 5}, headers=KEY).status_code == 201


def test_keys_belong_to_an_account(maria, otto, path):
    assert maria.post(path, json={"seat_number": 5}, headers=KEY).status_code == 201
    assert otto.post(path, json={"seat_number": 5}, headers=KEY).status_code == 409
    assert otto.post(path, json={"seat_number": 6}, headers=KEY).status_code == 201


def test_a_repeated_cancellation_gets_the_stored_response(maria, show):
    booking = book(maria, show, 5)
    path = f"/api/bookings/{booking['id']}/cancel"

    first = maria.post(path, headers=KEY)
    book(maria, show, 5)
    again = maria.post(path, json={}, headers=KEY)
    by_the_old_path = maria.delete(f"/bookings/{booking['id']}", headers=KEY)

    assert (first.status_code, first.json["status"]) == (200, "CANCELLED")
    assert essentials(again) == essentials(by_the_old_path) == essentials(first)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert sold(maria, show) == [5]


def test_a_foreign_booking_is_reported_before_the_key(maria, otto, show):
    booking = book(maria, show, 5)
    path = f"/api/bookings/{booking['id']}/cancel"
    maria.post(path, headers=KEY)
    for key in (KEY, {"Idempotency-Key": "é"}):
        assert otto.post(path, headers=key).status_code == 403


@pytest.mark.parametrize("key", ["", "é", "\x7f", "x" * 256])
def test_an_invalid_key_is_refused(maria, show, path, key):
    refused = maria.post(path, json={"seat_number": 5}, headers={"Idempotency-Key": key})

    assert (refused.status_code, refused.json["code"]) == (422, "validation_failed")
    assert list(refused.json["errors"]) == ["Idempotency-Key"]
    assert sold(maria, show) == []


@pytest.mark.parametrize(
    ("path", "named"), [("/api/shows/999/book", {}), ("/bookings", {"show_id": 999})]
)
def test_an_unknown_show_is_reported_before_an_invalid_key(maria, path, named):
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


def test_a_booking_has_the_same_representation_everywhere(maria, show):
    booking = book(maria, show, 5, 6)
    path = f"/api/bookings/{booking['id']}"

    for rendered in (booking, maria.post(f"{path}/cancel").json):
        assert list(rendered) == list(maria.get(path).json)
    assert rendered == maria.get(path).json
    assert [rendered] == maria.get("/api/my-bookings").json["results"]
    assert [rendered] == maria.get("/api/auth/me/export").json["bookings"]


def test_the_twenty_first_key_of_a_cancelled_booking_is_refused(maria, show):
    booking = book(maria, show, 5)
    path = f"/api/bookings/{booking['id']}/cancel"

    first = [maria.post(path, headers={"Idempotency-Key": f"{key}"}) for key in range(20)]
    refused = maria.post(path, headers={"Idempotency-Key": "20"})
    again = [maria.post(path, headers={"Idempotency-Key": f"{key}"}) for key in range(20)]

    assert {response.status_code for response in first} == {200}
    assert (refused.status_code, refused.json["code"]) == (429, "too_many_idempotency_keys")
    assert int(refused.headers["Retry-After"]) == refused.json["retry_after"] == 25 * 3600
    assert list(map(essentials, again)) == list(map(essentials, first))
    assert {response.headers["Idempotent-Replayed"] for response in again} == {"true"}
    assert maria.post(path).status_code == 200  # without a key, as often as needed
