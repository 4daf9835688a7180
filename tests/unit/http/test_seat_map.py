"""The cache of free seats as JSON."""

from ticketing.domain.programme.seat_plan import MAX_CACHED_SEATS, MAX_SEATS, SeatPlan
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.queries import SeatMap
from ticketing.entrypoints.http.api import seats


def test_large_plans_do_not_fill_the_memory():
    for number in range(4):
        plan = SeatPlan(MAX_SEATS - number)
        seats.body_of(SeatMap(ShowId(1), plan, booked=frozenset()))
        assert seats.free_seats_cache.currsize <= MAX_CACHED_SEATS
