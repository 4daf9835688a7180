"""Server processes that are killed repeatedly in the middle of a sale."""

import os
import signal
import time
from pathlib import Path

from tests.integration.faults.client_pool import CONFIRMED
from tests.integration.faults.http_connection import TIMEOUT_SECONDS
from tests.integration.running_server import RunningServer

WORKERS = 2
KILLS = 4


def test_responses_stay_true_when_workers_are_killed(server, pool):
    with pool.acting():
        for _ in range(KILLS):
            pool.until(CONFIRMED, times=10)
            os.kill(oldest_of_all(server), signal.SIGKILL)
        pool.until(CONFIRMED, times=10)
    pool.check()


def oldest_of_all(server: RunningServer) -> int:
    """Not the newest one: the server pauses before it replaces that."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while len(workers := server.workers()) < WORKERS:
        assert time.monotonic() < deadline, "the worker is not replaced"
        time.sleep(0.01)
    return min(workers, key=started)


def started(pid: int) -> int:
    """When a process began, in ticks since the machine did: proc(5), field 22 of its stat."""
    stat = Path(f"/proc/{pid}/stat").read_text()
    return int(stat.rpartition(")")[2].split()[19])
