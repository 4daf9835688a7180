"""The waiting list: joining, offers, accepting and declining them, leaving."""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.integration.api.cinema import book, hold, wait_for
from ticketing.domain.sales.waiting_list.entry import EntryStatus

GUIDE = (Path(__file__).parents[3] / "docs/waiting-list.md").read_text("utf-8")

KEY = {"Idempotency-Key": "a key"}
WRONG_COUNTS: list[object] = [0, -1, 11, True, "2", 2.0, 10**30, None, [2]]
WRONG_SWITCHES: list[object] = [1, 0, "true", None, []]
NO_SUCH_ENTRY = "1-0123456789ABCDEF"


@pytest.fixture
def show(cinema):
    """A show with three seats, in three days."""
    return cinema.show(hours=72, seats=3)


@pytest.fixture
def bookings(staff, show):
    """The bookings that make the show sold out, one for each seat."""
    return [book(staff, show, number) for number in (1, 2, 3)]


@pytest.fixture
def path(show, bookings):
    """Where to join the waiting list of the show, which is sold out."""
    return f"/api/shows/{show.id}/waiting-list"


@pytest.fixture
def cancel(staff, bookings):
    """Cancel the bookings of these seats."""

    def cancel(*numbers):
        for number in numbers:
            booking = bookings[number - 1]["id"]
            assert staff.post(f"/api/bookings/{booking}/cancel").status_code == 200

    return cancel


@pytest.fixture
def offered(cinema, cancel):
    """Free seats and make the offers, as a server does each second."""

    def offer(*numbers):
        cancel(*numbers)
        cinema.office.offers.serve_all()

    return offer


def refusal(answer):
    return answer.status_code, answer.json["code"]


def of(entry):
    return f"/api/waiting-list/{entry['id']}"


def status(client, entry):
    return client.get(of(entry)).json["status"]


def essentials(answer):
    return answer.status_code, answer.headers.get("Location"), answer.data


# --- joining


def test_a_customer_joins(maria, show, path, bookings, clock):
    answer = maria.post(path, json={"count": 2, "together": True})

    entry = answer.json
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"http://localhost/api/waiting-list/{entry['id']}"
    assert entry["id"].startswith(f"{show.id}-")
    assert entry["show"] == bookings[0]["show"]
    assert (entry["count"], entry["together"], entry["status"]) == (2, True, "WAITING")
    assert datetime.fromisoformat(entry["created_at"]) == clock.now
    assert entry["offer"] is None
    assert maria.get(of(entry)).json == entry
    assert maria.get("/api/my-waiting-list").json["results"] == [entry]
    [example, _] = map(json.loads, re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL))
    assert list(example) == list(entry)


def test_seats_need_not_be_together(maria, path):
    assert maria.post(path, json={"count": 2}).json["together"] is False


def test_the_guide_names_every_status():
    [table] = re.findall(r"\| `status` .*?\n\n", GUIDE, re.DOTALL)

    assert re.findall(r"^\| `([A-Z]+)`", table, re.MULTILINE) == list(EntryStatus)


def test_joining_is_refused_in_this_order(maria, staff, cinema, clock):
    show = cinema.show(hours=72, seats=11)
    path = f"/api/shows/{show.id}/waiting-list"

    def joined(count=1):
        answer = maria.post(path, json={"count": count})
        return answer.json["code"], answer.json

    assert maria.post("/api/shows/99/waiting-list", json={"count": 0}).status_code == 404
    assert refusal(maria.post(path, json={"count": 0})) == (422, "validation_failed")
    assert joined()[0] == "seats_available"
    booked = book(maria, show, *range(2, 12))
    assert joined(2)[0] == "seat_limit"  # one seat is available, which is too few
    assert joined(1)[0] == "seats_available"
    maria.post(f"/api/bookings/{booked['id']}/cancel")
    book(maria, show, *range(2, 11))
    book(staff, show, 1, 11)
    code, problem = joined(2)
    assert (code, problem["limit"], problem["held"]) == ("seat_limit", 10, 9)
    entry = wait_for(maria, show)
    code, problem = joined(2)
    assert (code, problem["entry"]) == ("already_waiting", entry["id"])
    clock.now = show.starts_at - timedelta(hours=2)
    code, problem = joined()
    assert code == "sales_closed"
    assert "two hours" in problem["detail"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "count"),
        *(({"count": wrong}, "count") for wrong in WRONG_COUNTS),
        *(({"count": 2, "together": wrong}, "together") for wrong in WRONG_SWITCHES),
        ({"count": 2, "customer": 1}, "customer"),
    ],
    ids=str,
)
def test_an_invalid_body_is_refused(maria, path, body, field):
    answer = maria.post(path, json=body)

    assert refusal(answer) == (422, "validation_failed")
    assert list(answer.json["errors"]) == [field]
    assert maria.get("/api/my-waiting-list").json["count"] == 0


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer e30.e30.e30"}])
def test_a_token_is_required(guest, maria, show, path, headers):
    entry = wait_for(maria, show)

    for method, url in [
        ("POST", path),
        ("GET", "/api/my-waiting-list"),
        ("GET", of(entry)),
        ("DELETE", of(entry)),
    ]:
        answer = guest.open(url, method=method, json={"count": 1}, headers=headers)
        assert answer.status_code == 401
    assert status(maria, entry) == "WAITING"


def test_a_repeated_request_gets_the_stored_response(maria, show, path, offered):
    first = maria.post(path, json={"count": 1}, headers=KEY)
    offered(2)

    again = maria.post(path, json={"count": 1}, headers=KEY)

    assert first.status_code == 201
    assert essentials(again) == essentials(first)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert maria.get("/api/my-waiting-list").json["count"] == 1
    other = maria.post(path, json={"count": 2}, headers=KEY)
    assert refusal(other) == (422, "idempotency_key_reused")
    assert maria.post(path, json={"count": 1}).json["code"] == "already_waiting"


def test_an_invalid_key_is_refused(maria, path):
    answer = maria.post(path, json={"count": 1}, headers={"Idempotency-Key": "é"})

    assert list(answer.json["errors"]) == ["Idempotency-Key"]


# --- offers


@pytest.mark.every_store
def test_an_offer_is_a_hold_to_book(maria, otto, show, path, offered, clock):
    entry = wait_for(maria, show, 2)

    offered(1, 3)

    found = maria.get(of(entry)).json
    held = maria.get("/api/my-holds").json["results"][0]
    assert found == entry | {
        "status": "OFFERED",
        "offer": {"hold": held["id"], "expires_at": held["expires_at"]},
    }
    assert held["is_offer"] is True
    assert [seat["label"] for seat in held["seats"]] == ["A1", "A3"]
    assert held["expires_in"] == 1800
    assert held["extendable_until"] == held["expires_at"]
    rival = otto.post(f"/api/shows/{show.id}/book", json={"seats": [1]})
    assert refusal(rival) == (409, "seat_held")

    booking = maria.post(f"/api/holds/{held['id']}/book")
    assert booking.status_code == 201
    assert maria.get(of(entry)).json == found | {"status": "ACCEPTED"}
    maria.post(f"/api/bookings/{booking.json['id']}/cancel")
    assert status(maria, entry) == "ACCEPTED"


@pytest.mark.every_store
@pytest.mark.parametrize("decline", ["hold", "entry"])
def test_a_declined_offer_passes_on(maria, otto, show, path, offered, decline):
    first, second = wait_for(maria, show), wait_for(otto, show)
    offered(2)
    held = maria.get(of(first)).json["offer"]["hold"]
    assert status(otto, second) == "WAITING"

    declined = f"/api/holds/{held}" if decline == "hold" else of(first)
    assert maria.delete(declined).status_code == 204
    offered()

    assert status(maria, first) == "DECLINED"
    assert status(otto, second) == "OFFERED"
    assert maria.delete(declined).status_code == 204
    assert refusal(maria.post(f"/api/holds/{held}/book")) == (409, "hold_released")


def test_an_expired_offer_passes_on(maria, otto, show, path, offered, clock):
    first, second = wait_for(maria, show), wait_for(otto, show)
    offered(2)
    offer = maria.get(of(first)).json["offer"]

    clock.now = datetime.fromisoformat(offer["expires_at"])
    assert status(maria, first) == "EXPIRED"
    assert refusal(maria.post(f"/api/holds/{offer['hold']}/book")) == (409, "hold_expired")
    offered()

    assert status(otto, second) == "OFFERED"
    assert wait_for(maria, show)["status"] == "WAITING"  # again, at the end


def test_an_offer_is_neither_changed_nor_extended(maria, show, path, offered):
    entry = wait_for(maria, show)
    offered(1, 2)
    held = maria.get(of(entry)).json["offer"]["hold"]

    change = maria.patch(f"/api/holds/{held}", json={"seats": [2]})
    assert refusal(change) == (409, "hold_is_offer")
    assert refusal(maria.post(f"/api/holds/{held}/extend")) == (409, "hold_at_limit")


def test_an_offer_within_a_day_lasts_ten_minutes(maria, show, path, offered, clock):
    entry = wait_for(maria, show)
    clock.now = show.starts_at - timedelta(hours=24)

    offered(1)

    held = maria.get(of(entry)).json["offer"]["hold"]
    assert maria.get(f"/api/holds/{held}").json["expires_in"] == 600


def test_a_seat_that_comes_free_is_kept_for_five_seconds(maria, otto, show, path, cancel, clock):
    wait_for(maria, show, 2)
    cancel(2)

    def counts():
        clock.advance(seconds=1)
        found = otto.get(f"/api/shows/{show.id}").json
        return found["available_seats"], found["held_seats"]

    assert [counts() for _ in range(5)] == [(0, 1)] * 4 + [(1, 0)]
    assert book(otto, show, 2)


# --- lists


def test_my_waiting_list(maria, otto, guest, staff, show, path, cinema, clock):
    other = cinema.show(hours=200, seats=1)
    book(staff, other, 1)
    first = wait_for(maria, show)
    clock.advance(seconds=1)
    second = wait_for(maria, other)
    wait_for(otto, show)

    def listed(query=""):
        answer = maria.get(f"/api/my-waiting-list{query}").json
        return [each["id"] for each in answer["results"]]

    assert listed() == [second["id"], first["id"]]
    assert listed(f"?show_id={show.id}") == [first["id"]]
    assert listed("?show_id=99") == []
    assert listed("?page_size=1&page=2") == [first["id"]]
    for wrong in ("x", "0", "-1", "1.0", str(2**63)):
        assert maria.get(f"/api/my-waiting-list?show_id={wrong}").status_code == 422
    maria.delete(of(first))
    assert listed() == [second["id"], first["id"]]
    assert status(maria, first) == "DECLINED"


# --- whose entry it is, and its show


def test_staff_see_and_end_entries(maria, staff, show, path):
    entry = wait_for(maria, show)

    assert staff.get(of(entry)).json == entry
    assert staff.delete(of(entry)).status_code == 204
    assert staff.delete(of(entry)).status_code == 204

    assert status(maria, entry) == "DECLINED"


def test_others_neither_see_nor_end_an_entry(maria, otto, show, path):
    entry = wait_for(maria, show)

    assert refusal(otto.get(of(entry))) == (403, "forbidden")
    assert refusal(otto.delete(of(entry))) == (403, "forbidden")
    assert maria.get(of(entry)).json == entry


@pytest.mark.parametrize(
    "entry_id",
    [
        *(NO_SUCH_ENTRY, "99-0123456789ABCDEF", "0-0123456789ABCDEF", "1", "x", "-", "9" * 5000),
        *("\u0661-0123456789ABCDEF", "\U0001f4a9", "%00", "%FF", "%20", "1-0123456789ABCDEF%0A"),
    ],
    ids=lambda entry_id: ascii(entry_id)[:24],
)
def test_an_unknown_entry_is_not_found(maria, staff, entry_id):
    for client in (maria, staff):
        for method in ("GET", "DELETE"):
            answer = client.open(f"/api/waiting-list/{entry_id}", method=method)
            assert refusal(answer) == (404, "waiting_list_entry_not_found")


def test_the_id_of_a_hold_is_no_entry(maria, cinema):
    show = cinema.show(hours=9)

    held = hold(maria, show, 5)

    assert refusal(maria.get(of(held))) == (404, "waiting_list_entry_not_found")


def test_a_cancelled_show_closes_its_waiting_list(maria, otto, staff, show, path, offered):
    first, second = wait_for(maria, show), wait_for(otto, show)
    offered(1)

    staff.patch(f"/api/shows/{show.id}", json={"status": "CANCELLED"})

    assert [status(staff, entry) for entry in (first, second)] == ["CLOSED", "CLOSED"]
    assert refusal(maria.post(path, json={"count": 1})) == (409, "sales_closed")
    assert maria.delete(of(first)).status_code == 204


def test_a_deleted_show_takes_its_waiting_list_along(maria, staff, cinema):
    show = cinema.show(hours=72, seats=1)
    held = hold(staff, show, 1)
    entry = wait_for(maria, show)
    staff.delete(f"/api/holds/{held['id']}")

    assert staff.delete(f"/api/shows/{show.id}").status_code == 204

    assert refusal(maria.get(of(entry))) == (404, "waiting_list_entry_not_found")
