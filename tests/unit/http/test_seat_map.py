"""The cache of free seats as JSON."""

from ticketing.domain.programme.seat_plans.numbers import MAX_SEATS
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.queries import SeatMap
from ticketing.entrypoints.http.api import seats


def test_large_plans_do_not_fill_the_memory():
    for number in range(3):
        plan = plain_grid(MAX_SEATS - number)
        seats.body_of(SeatMap(ShowId(1), plan, booked=frozenset()))
        assert seats.free_seats_cache.currsize <= seats.free_seats_cache.maxsize == 50_000
