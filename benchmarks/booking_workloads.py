"""Workloads that book seats. Each function returns the ``Workload`` of one run, on new shows."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
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
    hold_booking_request,
    hold_request,
    request,
    seat_map_request,
    with_idempotency_key,
)
from benchmarks.load_generator import Request
from benchmarks.workload import CONFLICT, CREATED, OK, Workload
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import ShowId

MANY_SHOWS, SMALL_PLAN = 200, plain_grid(100)
SHOWS_WITH_READERS = 50
EXPIRING_SEATS = 2000
"""Seats that clients hold and let expire: at any moment, some of them are held."""

Seat = tuple[int, int]
"""The id of a show, and the number of one of its seats."""


def hot(environment: Environment) -> Workload:
    """All clients buy seats of one large show."""
    [show] = environment.new_shows(1, LARGE_PLAN)
    return _sale(environment, [(show, seat) for seat in _shuffled(LARGE_PLAN.total_seats)])


def hot_with_keys(environment: Environment) -> Workload:
    """The same with a new idempotency key in each request."""
    [show] = environment.new_shows(1, LARGE_PLAN)
    seats = [(show, seat) for seat in _shuffled(LARGE_PLAN.total_seats)]
    return _sale(environment, seats, with_idempotency_key)


def hold_then_book(environment: Environment) -> Workload:
    """All clients hold single seats of one large show, and then book their holds."""
    [show] = environment.new_shows(1, LARGE_PLAN)

    def buy(seats: Sequence[int]) -> Iterator[Request]:
        token = ""
        for number, seat in enumerate(seats):
            token = next(tokens) if number % MAX_SEATS_PER_BUYER == 0 else token
            yield hold_request(show, {"seats": [seat]}, token)
            yield partial(hold_booking_request, token=token)

    seats, clients = _shuffled(LARGE_PLAN.total_seats), len(environment.customers)
    tokens = iter(environment.buyer_tokens(len(environment.buyers)))
    requests = [buy(seats[client::clients]) for client in range(clients)]
    return Workload(requests, frozenset({CREATED}), [show])


def best_available(environment: Environment) -> Workload:
    """Half of the clients book for parties of one to six in a show where the others buy seats."""
    [show] = environment.new_shows(1, LARGE_PLAN)
    tokens, clients = environment.buyer_tokens(len(environment.buyers)), _half(environment)

    def pick(tokens: Sequence[str]) -> Iterator[bytes]:
        for token, counts in zip(tokens, cycle([(1, 6), (5, 2), (3, 4)]), strict=False):
            for count in counts:
                choice = {"best_available": {"count": count}}
                yield request("POST", f"/api/shows/{show}/book", choice, token)

    def buy(tokens: Sequence[str]) -> Iterator[bytes]:
        for token in tokens:
            for seat in random.sample(LARGE_PLAN.numbers, MAX_SEATS_PER_BUYER):
                yield booking_request(show, seat, token)

    picking = [pick(tokens[client :: 2 * clients]) for client in range(clients)]
    buying = [buy(tokens[client :: 2 * clients]) for client in range(clients, 2 * clients)]
    return Workload([*picking, *buying], frozenset({CREATED, CONFLICT}), [show], unmeasured=clients)


def expiring_holds(environment: Environment) -> Workload:
    """All clients hold pairs of the same few seats, and let them expire."""
    [show] = environment.new_shows(1, LARGE_PLAN)
    tokens, clients = environment.buyer_tokens(len(environment.buyers)), len(environment.customers)

    def hold(token: str) -> bytes:
        pair = random.sample(range(1, EXPIRING_SEATS + 1), 2)
        return hold_request(show, {"seats": pair}, token)

    requests = [cycle([hold(token) for token in tokens[each::clients]]) for each in range(clients)]
    return Workload(requests, frozenset({CREATED, CONFLICT}), [show])


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


def _sale(
    environment: Environment, seats: Sequence[Seat], prepare: Callable[[bytes], bytes] = bytes
) -> Workload:
    """Divide the seats among the clients. Each seat is bought once, by a prepared request."""
    clients = len(environment.customers)
    divided = [seats[index::clients] for index in range(clients)]
    requests = [list(map(prepare, each)) for each in _booking_requests(environment, divided)]
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
