"""What is played where seats are sold. Each function makes the ``Act`` of one run, on new shows."""

import random
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import cycle

from benchmarks.acts import CONFLICT, CREATED, OK, Act
from benchmarks.requests import booking, map_of
from benchmarks.stage import HALL, ROOM, Stage
from ticketing.domain.booking import MOST_SEATS_AT_ONCE
from ticketing.domain.seating import SeatPlan
from ticketing.domain.show import ShowId

MANY, SMALL_ROOM = 200, SeatPlan(100)
FOUGHT_FOR = 50
LOOKED_AT = 50

Place = tuple[int, int]
"""A show's id and the number of a seat in it."""


def hot(stage: Stage) -> Act:
    [show] = stage.new_shows(1, HALL)
    return _sale(stage, [(show, seat) for seat in _mixed(HALL.total_seats)])


def many(stage: Stage) -> Act:
    shows = stage.new_shows(MANY, SMALL_ROOM)
    return _sale(stage, [(show, seat) for seat in _mixed(SMALL_ROOM.total_seats) for show in shows])


def fight(stage: Stage) -> Act:
    [show] = stage.new_shows(1, HALL)
    requests = [
        cycle([booking(show, seat, token) for seat in _mixed(FOUGHT_FOR)])
        for token in stage.tokens()
    ]
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
    for first in range(1, HALL.total_seats, MOST_SEATS_AT_ONCE):
        seats = range(first, first + MOST_SEATS_AT_ONCE)
        stage.office.bookings.book(ShowId(show), list(seats), stage.customers[0].account.id)
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
    """The customers buy the places in turn, each of them once."""
    tokens = stage.tokens()
    requests = [
        [booking(show, seat, token) for show, seat in places[turn :: len(tokens)]]
        for turn, token in enumerate(tokens)
    ]
    return Act(requests, frozenset({CREATED}), sorted({show for show, _ in places}))


def _mixed(seats: int) -> list[int]:
    """The seats' numbers, in any order."""
    return random.sample(range(1, seats + 1), seats)
