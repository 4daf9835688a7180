"""Sixteen concurrent buyers of fifty seats, in threads and in processes."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import a_show, put_on, register
from tests.contracts.fixtures import ALL, booked
from tests.integration.concurrent_buyers import Outcome, new_processes, race
from ticketing.domain.sales.booking import BookingStatus
from ticketing.domain.sales.errors import SeatTaken, ShowFull

BUYERS = 16
PROCESSES = 4


@pytest.fixture
def show(transactions):
    """A show tomorrow, by the real clock, which the buyers use."""
    return put_on(transactions, a_show(starts_at=datetime.now(UTC) + timedelta(days=1)))


@pytest.fixture
def buyers(transactions):
    return [register(transactions, f"buyer-{turn}") for turn in range(BUYERS)]


@pytest.fixture
def check(queries, show, buyers):
    def check(outcomes: list[Outcome]) -> None:
        refusals = [refusal for one in outcomes for refusal in one.refusals]
        assert refusals, "no two buyers chose the same seat"
        assert {type(refusal) for refusal in refusals} <= {SeatTaken, ShowFull}
        sold = Counter(
            seat.number for one in outcomes for booking in one.kept for seat in booking.seats
        )
        assert set(sold.values()) == {1}
        assert sorted(sold) == booked(queries, show.id)
        assert any(one.cancelled for one in outcomes)
        for buyer, one in zip(buyers, outcomes, strict=True):
            kept = queries.sales.bookings(buyer, BookingStatus.BOOKED, ALL).items
            assert list(kept) == one.kept[::-1]
            back = queries.sales.bookings(buyer, BookingStatus.CANCELLED, ALL).items
            assert [booking.id for booking in back] == [gone.id for gone in one.cancelled[::-1]]

    return check


def test_every_seat_goes_to_one_of_many_threads(database_url, show, buyers, check):
    check(race(database_url, show.id, show.plan, buyers))


def test_every_seat_goes_to_one_of_many_processes(database_url, show, buyers, check):
    each = BUYERS // PROCESSES
    parts = [buyers[start : start + each] for start in range(0, BUYERS, each)]
    with new_processes(PROCESSES) as processes:
        running = [processes.submit(race, database_url, show.id, show.plan, part) for part in parts]
        check([outcomes for done in running for outcomes in done.result()])
