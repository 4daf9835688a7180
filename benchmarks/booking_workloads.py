"""Workloads that book seats. Each function returns the ``Workload`` of one run, on new shows."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain, cycle

from benchmarks.environment import (
    CONTESTED_SEATS,
    LARGE_PLAN,
    MAX_SEATS_PER_BUYER,
    MEDIUM_PLAN,
    Environment,
)
from benchmarks.http_messages import (
    booking_request,
    request,
    seat_map_request,
    with_idempotency_key,
)
from benchmarks.workload import CONFLICT, CREATED, OK, Workload
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import ShowId

MANY_SHOWS, SMALL_PLAN = 200, plain_grid(100)
SHOWS_WITH_READERS = 50

Seat = tuple[int, int]
"""The id of a show, and the number of one of its seats."""


def hot(environment: Environment) -> Workload:
    """All clients buy seats of one large show."""
    [show] = environment.new_shows(1, LARGE_PLAN)
    return _sale(environment, [(show, seat) for seat in _shuffled(LARGE_PLAN.total_seats)])


def hot_with_keys(environment: Environment) -> Workload:
    """The same with a new idempotency key in each request."""
    workload = hot(environment)
    requests = [list(map(with_idempotency_key, each)) for each in workload.requests]
    return replace(workload, requests=requests)


def many(environment: Environment) -> Workload:
    """The clients buy seats of many small shows."""
    shows = environment.new_shows(MANY_SHOWS, SMALL_PLAN)
    seats = _shuffled(SMALL_PLAN.total_seats)
    return _sale(environment, [(show, seat) for seat in seats for show in shows])


def fight(environment: Environment) -> Workload:
    """All clients try to buy the same few seats."""
    [show] = environment.new_shows(1, LARGE_PLAN)
    seats = [[(show, seat) for seat in _shuffled(CONTESTED_SEATS)] for _ in environment.customers]
    requests = [cycle(each) for each in _booking_requests(environment, seats)]
    return Workload(requests, frozenset({CREATED, CONFLICT}), [show])


def sold_out(environment: Environment) -> Workload:
    """All clients try to buy seats of a show that is sold out."""
    show = _sold_out_show(environment)
    seats = range(1, LARGE_PLAN.total_seats + 1)
    requests = [
        cycle(
            [booking_request(show, seat, token) for seat in random.sample(seats, CONTESTED_SEATS)]
        )
        for token in environment.customer_tokens()
    ]
    return Workload(requests, frozenset({CONFLICT}))


@lru_cache(maxsize=1)
def _sold_out_show(environment: Environment) -> int:
    """Sell a show through the booking service. Cached, because it takes a while."""
    [show] = environment.new_shows(1, LARGE_PLAN)
    first_seats = range(1, LARGE_PLAN.total_seats + 1, MAX_SEATS_PER_BUYER)
    for buyer, first in zip(environment.buyers, first_seats, strict=False):
        seats = list(range(first, first + MAX_SEATS_PER_BUYER))
        environment.office.bookings.book(ShowId(show), seats, buyer.id)
    environment.vacuum_and_checkpoint()
    return show


def seat_maps_while_selling(environment: Environment) -> Workload:
    """Half of the clients read the seat maps of shows whose seats the other half buys."""
    shows = environment.new_shows(SHOWS_WITH_READERS, MEDIUM_PLAN)
    seats = _shuffled(MEDIUM_PLAN.total_seats)
    sale = _sale(environment, [(show, seat) for seat in seats for show in shows])
    buyers = sale.requests[: _half(environment)]
    readers = _seat_map_readers(environment, shows)
    return Workload([*readers, *buyers], frozenset({OK, CREATED}), shows, unmeasured=len(buyers))


def seat_maps_while_idle(environment: Environment) -> Workload:
    """The same readers, without buyers."""
    shows = environment.new_shows(SHOWS_WITH_READERS, MEDIUM_PLAN)
    return Workload(_seat_map_readers(environment, shows), frozenset({OK}))


def _seat_map_readers(environment: Environment, shows: Sequence[int]) -> list[Iterable[bytes]]:
    requests = [seat_map_request(show) for show in shows]
    return [cycle(requests) for _ in range(len(environment.customers) - _half(environment))]


def honest_customers(environment: Environment) -> Workload:
    """Half of the clients read lists and seat maps and buy seats, ten requests a second each."""
    shows = environment.new_shows(SHOWS_WITH_READERS, MEDIUM_PLAN)
    seats = _shuffled(MEDIUM_PLAN.total_seats)
    sale = _sale(environment, [(show, seat) for seat in seats for show in shows])
    lists = [request("GET", path) for path in ("/api/movies", "/api/shows")]
    reads = [*lists, seat_map_request(shows[0])]
    requests = [
        chain.from_iterable((*reads, booking) for booking in bookings)
        for bookings in sale.requests[: _half(environment)]
    ]
    return Workload(requests, frozenset({OK, CREATED}), shows, pause_seconds=0.1)


def _half(environment: Environment) -> int:
    return len(environment.customers) // 2


def _sale(environment: Environment, seats: Sequence[Seat]) -> Workload:
    """Divide the seats among the clients. Each seat is bought once."""
    clients = len(environment.customers)
    requests = _booking_requests(environment, [seats[index::clients] for index in range(clients)])
    return Workload(requests, frozenset({CREATED}), sorted({show for show, _ in seats}))


def _booking_requests(
    environment: Environment, seats_of_clients: Sequence[Sequence[Seat]]
) -> list[list[bytes]]:
    """Return the booking requests of each client, which uses one buyer after the other."""
    needed = sum(-(-len(seats) // MAX_SEATS_PER_BUYER) for seats in seats_of_clients)
    tokens = iter(environment.buyer_tokens(needed))
    return [list(_requests_of_client(seats, tokens)) for seats in seats_of_clients]


def _requests_of_client(seats: Sequence[Seat], tokens: Iterator[str]) -> Iterator[bytes]:
    for first in range(0, len(seats), MAX_SEATS_PER_BUYER):
        token = next(tokens)
        for show, seat in seats[first : first + MAX_SEATS_PER_BUYER]:
            yield booking_request(show, seat, token)


def _shuffled(seats: int) -> list[int]:
    """Return the numbers of so many seats in random order."""
    return random.sample(range(1, seats + 1), seats)
