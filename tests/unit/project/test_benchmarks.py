"""The statistics of the benchmarks, and how they parse responses."""

import pytest

from benchmarks.cpu_usage import CpuUsage
from benchmarks.http_messages import ResponseReader
from benchmarks.metrics import Run, median_ratio, medians, percentile, run_of
from benchmarks.results import Ratio, Result
from benchmarks.scenarios import POSTGRESQL, SCENARIOS, SQLITE, Comparison, Scenario, Slowdown

CREATED = b"HTTP/1.1 201 Created\r\nServer: x\r\ncontent-length: 11\r\nX: y\r\n\r\nhello\r\n\r\nyo"
EMPTY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
NOT_MODIFIED = b"HTTP/1.1 304 Not Modified\r\nContent-Length: 30000\r\n\r\n"


def a_run(rate: int = 100, *, latency: float = 5.0, slowest: float = 5.0, errors: int = 0) -> Run:
    """Return a run of one second in which 5 % of the requests are the slowest."""
    slow = rate // 20
    latencies = [latency] * (rate - slow) + [max(latency, slowest)] * slow
    return run_of(latencies, seconds=1.0, errors=errors, usage=CpuUsage(0.5, 0.25, 0.125))


def test_percentiles():
    hundred = [float(number) for number in range(1, 101)]

    assert [percentile(hundred, share) for share in (0.5, 0.95, 0.99, 1)] == [50, 95, 99, 100]
    assert percentile([1.0, 2.0, 3.0], 0.5) == 2
    assert percentile([7.0], 0.01) == percentile([7.0], 0.99) == 7
    assert percentile([], 0.5) == 0


def test_the_metrics_of_a_run():
    metrics = run_of([30.0, 10.0, 20.0], seconds=2.0, errors=1, usage=CpuUsage(0.5)).metrics

    assert (metrics.rate, metrics.p50, metrics.p99) == (1.5, 20, 30)
    assert (metrics.errors, metrics.server, metrics.load) == (1, 0.5, 0)
    assert metrics.spread == 1.5


def test_results_are_medians_but_every_error_counts():
    runs = [a_run(100), a_run(900, errors=2), a_run(200, latency=9, errors=1)]

    middle = medians([run.metrics for run in runs])

    assert (middle.rate, middle.p50, middle.errors, middle.server) == (200, 5, 3, 0.5)


def test_ratios_are_taken_per_round_because_noise_affects_both():
    assert median_ratio([100, 10, 60], [200, 20, 100]) == 0.5
    assert median_ratio([100], [0]) == 0


def test_ratios_are_compared_with_their_targets():
    comparisons = (Comparison("hot", "echo", 0.5), Comparison("hot", "pgbench"))
    scenario = Scenario("hot", comparisons, max_spread=2)
    runs = {
        "hot": [a_run(100, slowest=9)] * 3,
        "echo": [a_run(160), a_run(200), a_run(400)],
        "pgbench": [a_run(400)] * 3,
    }

    assert list(Result(scenario, POSTGRESQL, runs).ratios()) == [
        Ratio("hot / echo", 0.5, ">= 0.50", True),
        Ratio("hot / pgbench", 0.25),
        Ratio("p99 / p50", 1.8, "<= 2.00", True),
    ]
    slow = Result(scenario, POSTGRESQL, runs | {"hot": [a_run(20, slowest=11)] * 3})
    assert [ratio.met for ratio in slow.ratios()] == [False, None, False]


def test_misuse_may_double_the_latency_or_stay_short():
    scenario = Scenario("log-ins", slowdown=Slowdown(to="quiet"))

    def ratio(under_attack: float, quiet: float) -> Ratio:
        runs = {"log-ins": [a_run(latency=under_attack)], "quiet": [a_run(latency=quiet)]}
        [ratio] = Result(scenario, POSTGRESQL, runs).ratios()
        return ratio

    assert ratio(90, 9) == Ratio("p99 / quiet p99", 10, "<= 2.00, or 100 ms", True)
    assert ratio(300, 150).met
    assert not ratio(301, 150).met
    assert scenario.yardsticks == ["quiet"]


def test_sqlite_has_no_targets_of_postgresql():
    hot = SCENARIOS["hot"].on(SQLITE)

    assert hot.comparisons == (Comparison("hot", "echo"),)
    assert hot.max_spread is None
    assert SCENARIOS["sqlite"].on(SQLITE).yardsticks == ["hot-postgresql"]


def test_a_response_may_arrive_in_any_pieces():
    for cut in range(1, len(CREATED)):
        for second in range(cut + 1, len(CREATED) + 1):
            reader = ResponseReader()
            pieces = filter(None, (CREATED[:cut], CREATED[cut:second], CREATED[second:]))
            statuses = [reader.read(piece) for piece in pieces]
            assert statuses[-1] == 201
            assert not any(statuses[:-1])
            assert reader.read(EMPTY) == 200


def test_responses_follow_one_another():
    reader = ResponseReader()

    assert [reader.read(response) for response in (NOT_MODIFIED, CREATED, EMPTY)] == [304, 201, 200]


@pytest.mark.parametrize(
    "response", [b"HTTP/1.1 200 OK\r\nX: y\r\n\r\n", EMPTY + b"more", b"SSH-2.0-x\r\n\r\n"]
)
def test_an_invalid_response_is_refused(response):
    with pytest.raises(ValueError):
        ResponseReader().read(response)
