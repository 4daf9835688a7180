"""Workloads that sell nothing, the server's own yardsticks included.

Each function returns the ``Workload`` of one run.
"""

from collections.abc import Sequence
from itertools import cycle

from benchmarks.environment import LARGE_PLAN, PASSWORD, Environment
from benchmarks.http_messages import request, seat_map_request
from benchmarks.workload import NOT_MODIFIED, OK, Workload


def echo(environment: Environment) -> Workload:
    seats = range(1, LARGE_PLAN.total_seats + 1)
    requests = [request("POST", "/echo", {"seat_number": seat}) for seat in seats]
    return _same_for_all(environment, requests, OK)


def constant(environment: Environment) -> Workload:
    return _same_for_all(environment, [request("GET", "/constant")], OK)


def movie_list(environment: Environment) -> Workload:
    return _same_for_all(environment, [request("GET", "/api/movies")], OK)


def show_list(environment: Environment) -> Workload:
    return _same_for_all(environment, [request("GET", "/api/shows")], OK)


def seat_map(environment: Environment) -> Workload:
    return _same_for_all(environment, [seat_map_request(environment.programme[0].id)], OK)


def unchanged_seat_map(environment: Environment) -> Workload:
    show = environment.programme[0].id
    etag = environment.server.call("GET", f"/api/shows/{show}/seats").headers["ETag"]
    requests = [seat_map_request(show, if_none_match=etag)]
    return _same_for_all(environment, requests, NOT_MODIFIED)


def log_in(environment: Environment) -> Workload:
    requests = [cycle([_log_in_as(each.account.username)]) for each in environment.customers]
    return Workload(requests, frozenset({OK}))


def _log_in_as(username: str) -> bytes:
    return request("POST", "/api/auth/login", {"username": username, "password": PASSWORD})


def _same_for_all(environment: Environment, requests: Sequence[bytes], expected: int) -> Workload:
    return Workload([cycle(requests) for _ in environment.customers], frozenset({expected}))
