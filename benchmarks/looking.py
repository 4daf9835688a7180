"""What is played where nothing is sold, the server's own yardsticks among it.

Each function makes the ``Act`` of one run.
"""

from collections.abc import Sequence
from itertools import cycle

from benchmarks.acts import NOT_MODIFIED, OK, Act
from benchmarks.requests import map_of, request
from benchmarks.stage import HALL, PASSWORD, Stage


def echo(stage: Stage) -> Act:
    seats = range(1, HALL.total_seats + 1)
    return _all_alike(
        stage, [request("POST", "/echo", {"seat_number": each}) for each in seats], OK
    )


def constant(stage: Stage) -> Act:
    return _all_alike(stage, [request("GET", "/constant")], OK)


def movie_list(stage: Stage) -> Act:
    return _all_alike(stage, [request("GET", "/api/movies")], OK)


def show_list(stage: Stage) -> Act:
    return _all_alike(stage, [request("GET", "/api/shows")], OK)


def seat_map(stage: Stage) -> Act:
    return _all_alike(stage, [map_of(stage.programme[0].id)], OK)


def seat_map_unchanged(stage: Stage) -> Act:
    show = stage.programme[0].id
    etag = stage.server.call("GET", f"/api/shows/{show}/seats").headers["ETag"]
    return _all_alike(stage, [map_of(show, if_none_match=etag)], NOT_MODIFIED)


def log_in(stage: Stage) -> Act:
    requests = [cycle([_log_in_as(customer.account.username)]) for customer in stage.customers]
    return Act(requests, frozenset({OK}))


def _log_in_as(username: str) -> bytes:
    return request("POST", "/api/auth/login", {"username": username, "password": PASSWORD})


def _all_alike(stage: Stage, requests: Sequence[bytes], right: int) -> Act:
    return Act([cycle(requests) for _ in stage.customers], frozenset({right}))
