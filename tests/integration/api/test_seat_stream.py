"""The stream of a show's seats from the application, which ends after its event."""

import json

import pytest

from tests.integration.api.cinema import book, hold


@pytest.fixture
def show(cinema):
    return cinema.show(seats=5)


@pytest.fixture
def path(show):
    return f"/api/shows/{show.id}/seats/stream"


@pytest.fixture
def follow(guest, path, clock):
    """Get what is new since an event, when the maps read before are old."""

    def get(event_id=""):
        clock.advance(seconds=1)
        answer = guest.get(path, headers={"Last-Event-ID": event_id} if event_id else {})
        assert (answer.status_code, answer.content_type) == (200, "text/event-stream")
        first, *lines = answer.text.removesuffix("\n\n").split("\n")
        assert first == "retry: 2000"
        return dict(line.split(": ", 1) for line in lines if line != ":")

    return get


def test_a_page_follows_the_seats(guest, maria, show, path, follow):
    book(maria, show, 1)
    first = follow()
    assert first["event"] == "snapshot"
    assert json.loads(first["data"]) == {
        "available_seats": 4,
        "held_seats": 0,
        "seats": {"1": "BOOKED"},
    }
    assert follow(first["id"]) == {}

    hold(maria, show, 2, 3)
    second = follow(first["id"])
    assert second["event"] == "change"
    assert json.loads(second["data"]) == {
        "available_seats": 2,
        "held_seats": 2,
        "seats": {"2": "HELD", "3": "HELD"},
    }
    assert second["id"] == guest.get(f"/api/shows/{show.id}/seats").headers["ETag"]


def test_the_end_of_a_hold_is_an_event(maria, show, clock, follow):
    hold(maria, show, 2)
    held = follow()
    clock.advance(minutes=10)

    assert json.loads(follow(held["id"])["data"])["seats"] == {"2": "AVAILABLE"}


@pytest.mark.parametrize("event_id", ["0", '"0e57"', "é", "%0A", "a" * 256, "; DROP"], ids=repr)
def test_an_unknown_id_gets_a_snapshot(maria, show, follow, event_id):
    follow()
    hold(maria, show, 2)

    assert follow(event_id)["event"] == "snapshot"


def test_a_longer_id_is_refused(guest, path):
    answer = guest.get(path, headers={"Last-Event-ID": "a" * 257})

    assert (answer.status_code, answer.json["code"]) == (431, "header_too_large")


def test_an_unknown_show_has_no_stream(guest, staff, show, path, follow, clock):
    assert guest.get("/api/shows/99/seats/stream").json["code"] == "show_not_found"

    follow()
    assert staff.delete(f"/api/shows/{show.id}").status_code == 204
    clock.advance(seconds=1)
    assert guest.get(path).status_code == 404


def test_nothing_keeps_or_holds_back_an_event(guest, path):
    answer = guest.get(f"{path}/")

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Accel-Buffering"] == "no"
    assert guest.head(path).headers["Content-Type"] == "text/event-stream"
    assert guest.post(path).status_code == 405
