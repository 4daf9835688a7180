"""What is played where seats are sold. Each function makes the ``Act`` of one run, on new shows."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import cycle

from benchmarks.acts import CONFLICT, CREATED, OK, Act
from benchmarks.requests import booking, map_of, with_key
from benchmarks.stage import FOUGHT_FOR, HALL, ROOM, SEATS_EACH, Stage
from ticketing.domain.programme.seat_plan import SeatPlan
from ticketing.domain.programme.show import ShowId

MANY, SMALL_ROOM = 200, SeatPlan(100)
LOOKED_AT = 50

Place = tuple[int, int]
"""A show's id and the number of a seat in it."""


def hot(stage: Stage) -> Act:
    [show] = stage.new_shows(1, HALL)
    return _sale(stage, [(show, seat) for seat in _mixed(HALL.total_seats)])


def hot_with_keys(stage: Stage) -> Act:
    """Each request has an idempotency key of its own."""
    act = hot(stage)
    return replace(act, requests=[list(map(with_key, each)) for each in act.requests])


def many(stage: Stage) -> Act:
    shows = stage.new_shows(MANY, SMALL_ROOM)
    return _sale(stage, [(show, seat) for seat in _mixed(SMALL_ROOM.total_seats) for show in shows])


def fight(stage: Stage) -> Act:
    [show] = stage.new_shows(1, HALL)
    wanted = [[(show, seat) for seat in _mixed(FOUGHT_FOR)] for _ in stage.customers]
    requests = [cycle(each) for each in _bookings(stage, wanted)]
    return Act(requests, frozenset({CREATED, CONFLICT}), [show])


def sold_out(stage: Stage) -> Act:
    show = _sold_out_show(stage)
    requests = [
        cycle([booking(show, seat, token) for seat in _mixed(HALL.total_seats)[:FOUGHT_FOR]])
        for token in stage.tokens()
    ]
    return Act(requests, frozenset({CONFLICT}))


@lru_cache(maxsize=1)
def _sold_out_show(stage: Stage) -> int:
    """It takes a while; its seats are sold through the service, as many at once as it allows."""
    [show] = stage.new_shows(1, HALL)
    for buyer, first in zip(stage.buyers, range(1, HALL.total_seats + 1, SEATS_EACH), strict=False):
        seats = range(first, first + SEATS_EACH)
        stage.office.bookings.book(ShowId(show), list(seats), buyer.id)
    stage.settle()
    return show


def maps_while_selling(stage: Stage) -> Act:
    """Half of the customers buy seats of the shows whose maps the others look at."""
    shows = stage.new_shows(LOOKED_AT, ROOM)
    sale = _sale(stage, [(show, seat) for seat in _mixed(ROOM.total_seats) for show in shows])
    buyers = sale.requests[: _half(stage)]
    maps = _looks_at(stage, shows)
    return Act([*maps, *buyers], frozenset({OK, CREATED}), shows, extras=len(buyers))


def maps_while_quiet(stage: Stage) -> Act:
    """The same, but nobody buys."""
    return Act(_looks_at(stage, stage.new_shows(LOOKED_AT, ROOM)), frozenset({OK}))


def _looks_at(stage: Stage, shows: Sequence[int]) -> list[Iterable[bytes]]:
    maps = [map_of(show) for show in shows]
    return [cycle(maps) for _ in range(len(stage.customers) - _half(stage))]


def _half(stage: Stage) -> int:
    return len(stage.customers) // 2


def _sale(stage: Stage, places: Sequence[Place]) -> Act:
    """The clients buy the places in turn, each of them once."""
    clients = len(stage.customers)
    requests = _bookings(stage, [places[turn::clients] for turn in range(clients)])
    return Act(requests, frozenset({CREATED}), sorted({show for show, _ in places}))


def _bookings(stage: Stage, wanted: Sequence[Sequence[Place]]) -> list[list[bytes]]:
    """For each client the requests that book what it wants, for one buyer after the other."""
    needed = sum(-(-len(places) // SEATS_EACH) for places in wanted)
    tokens = iter(stage.buyers_tokens(needed))
    return [list(_bookings_of(places, tokens)) for places in wanted]


def _bookings_of(places: Sequence[Place], tokens: Iterator[str]) -> Iterator[bytes]:
    for first in range(0, len(places), SEATS_EACH):
        token = next(tokens)
        for show, seat in places[first : first + SEATS_EACH]:
            yield booking(show, seat, token)


def _mixed(seats: int) -> list[int]:
    """The seats' numbers, in any order."""
    return random.sample(range(1, seats + 1), seats)
