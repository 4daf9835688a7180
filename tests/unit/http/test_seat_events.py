"""The events about the seats of a show."""

import json

import pytest

from tests.unit.http.test_response_cache import Ticks
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.queries import SeatMap
from ticketing.entrypoints.http.api.seats import body_of
from ticketing.entrypoints.http.web.seat_events import (
    MAX_MAPS,
    MIN_READ_SECONDS,
    MapState,
    RecentMaps,
    SeatEvents,
    event,
)

SHOW, OTHER = ShowId(1), ShowId(2)
PLAN = plain_grid(6)


def seats(booked=(), held=(), blocked=(), plan=PLAN):
    return SeatMap(SHOW, plan, frozenset(booked), frozenset(held), frozenset(blocked))


def state(etag='"new"', **statuses):
    return MapState.of(etag, seats(**statuses))


def parsed(sent):
    """Return the kind, the id and the data of one event."""
    kind, event_id, data, *rest = sent.decode().split("\n")
    assert rest == ["", ""]
    assert (kind[:7], event_id[:4], data[:6]) == ("event: ", "id: ", "data: ")
    return kind[7:], event_id[4:], json.loads(data[6:])


def test_a_snapshot_has_every_seat_that_is_not_available():
    assert parsed(event(None, state(booked=[1], held=[3, 4], blocked=[6]))) == (
        "snapshot",
        '"new"',
        {
            "available_seats": 2,
            "held_seats": 2,
            "seats": {"1": "BOOKED", "3": "HELD", "4": "HELD", "6": "BLOCKED"},
        },
    )


def test_a_change_has_every_seat_that_changed():
    old = state(booked=[1], held=[3, 4], blocked=[6])
    new = state(booked=[1, 3], held=[5], blocked=[6])

    assert parsed(event(old.statuses, new)) == (
        "change",
        '"new"',
        {
            "available_seats": 2,
            "held_seats": 1,
            "seats": {"3": "BOOKED", "4": "AVAILABLE", "5": "HELD"},
        },
    )


def test_another_seat_plan_is_a_snapshot():
    old = state(booked=[1], plan=plain_grid(5))
    kind, _, data = parsed(event(old.statuses, state(booked=[1])))

    assert (kind, data["seats"]) == ("snapshot", {"1": "BOOKED"})


class TestParsing:
    def test_the_seat_map_over_http_has_the_same_state(self):
        found = seats(booked=[1], held=[3, 4], blocked=[6])

        assert MapState.parse('"x"', body_of(found)) == MapState.of('"x"', found)

    def test_a_status_of_a_newer_server_is_blocked(self):
        body = body_of(seats(booked=[2])).replace(b"BOOKED", b"RESERVED")

        assert MapState.parse('"x"', body) == state('"x"', blocked=[2])

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"<html>",
            b"[]",
            b"null",
            b"{}",
            b'{"seats": 1}',
            b'{"seats": [{"number": 1}]}',
            b'{"seats": [{"number": 2, "status": "HELD"}]}',
            b'{"seats": [{"number": [], "status": "HELD"}]}',
        ],
    )
    def test_anything_else_is_no_seat_map(self, body):
        with pytest.raises(ValueError):
            MapState.parse('"x"', body)


class TestRecentMaps:
    def test_the_last_maps_of_a_show_are_known(self):
        recent = RecentMaps(2**20)
        for number in range(MAX_MAPS + 1):
            recent.add(SHOW, state(f'"{number}"', held=[1]))

        def kind_since(event_id):
            return parsed(recent.event_since(SHOW, event_id, state()))[0]

        assert kind_since('"0"') == "snapshot"
        assert kind_since('"1"') == "change"
        assert recent.event_since(SHOW, '"new"', state()) == b""

    def test_a_map_that_comes_again_is_recent_again(self):
        recent = RecentMaps(2**20)
        for number in (*range(MAX_MAPS), 0, MAX_MAPS):
            recent.add(SHOW, state(f'"{number}"'))

        assert recent.event_since(SHOW, '"0"', state()).startswith(b"event: change")
        assert recent.event_since(SHOW, '"1"', state()).startswith(b"event: snapshot")

    @pytest.mark.parametrize("event_id", ["", "new", "é\udcff", "x" * 10_000])
    def test_unknown_ids_get_a_snapshot(self, event_id):
        recent = RecentMaps(2**20)
        recent.add(SHOW, state())

        assert recent.event_since(SHOW, event_id, state()).startswith(b"event: snapshot")

    def test_each_show_has_maps_of_its_own(self):
        recent = RecentMaps(2**20)
        recent.add(SHOW, state('"old"'))

        assert recent.event_since(OTHER, '"old"', state()).startswith(b"event: snapshot")

    def test_large_rooms_do_not_fill_the_memory(self):
        recent = RecentMaps(50_000)
        large = MapState('"old"', bytes(20_000))
        for show_id in (SHOW, OTHER, ShowId(3)):
            recent.add(show_id, large)

        known = [recent.event_since(each, '"old"', MapState('"new"', bytes(20_000)))
                 for each in (SHOW, OTHER, ShowId(3))]  # fmt: skip
        assert [sent[:10] for sent in known] == [b"event: sna", b"event: cha", b"event: cha"]


class TestSeatEvents:
    @pytest.fixture
    def ticks(self):
        return Ticks()

    @pytest.fixture
    def events(self, ticks):
        return SeatEvents(ticks)

    def test_a_client_that_comes_back_gets_what_changed(self, events, ticks):
        first = events.since(SHOW, "", lambda: state('"1"', held=[2]))
        assert parsed(first)[0] == "snapshot"

        ticks.now += 2
        assert events.since(SHOW, '"1"', lambda: state('"1"', held=[2])) == b""
        ticks.now += 2
        second = parsed(events.since(SHOW, '"1"', lambda: state('"2"', booked=[2])))
        assert (second[:2], second[2]["seats"]) == (("change", '"2"'), {"2": "BOOKED"})

    def test_clients_share_what_is_read(self, events, ticks):
        def never():
            raise AssertionError

        expected = events.since(SHOW, "", lambda: state('"1"'))
        ticks.now += MIN_READ_SECONDS - 0.01
        assert events.since(SHOW, "", never) == expected
        ticks.now += 0.01
        with pytest.raises(AssertionError):
            events.since(SHOW, "", never)
