"""Server processes that are killed in the middle of a sale, again and again."""

import os
import signal
import time
from pathlib import Path

from tests.integration.faults.crowd import CONFIRMED
from tests.integration.faults.line import PATIENCE
from tests.integration.running_server import RunningServer

WORKERS = 2
KILLS = 4


def test_what_was_told_holds_when_workers_are_killed(server, crowd):
    with crowd.acting():
        for _ in range(KILLS):
            crowd.until(CONFIRMED, times=10)
            os.kill(oldest_of_all(server), signal.SIGKILL)
        crowd.until(CONFIRMED, times=10)
    crowd.check()


def oldest_of_all(server: RunningServer) -> int:
    """Not the one that has just begun: the server pauses before it replaces that."""
    deadline = time.monotonic() + PATIENCE
    while len(workers := server.workers()) < WORKERS:
        assert time.monotonic() < deadline, "nobody replaces the worker"
        time.sleep(0.01)
    return min(workers, key=started)


def started(pid: int) -> int:
    """When a process began, in ticks since the machine did: proc(5), field 22 of its stat."""
    stat = Path(f"/proc/{pid}/stat").read_text()
    return int(stat.rpartition(")")[2].split()[19])
