"""Periodic jobs of a server process."""

import logging

import pytest

from ticketing.domain.errors import Busy
from ticketing.entrypoints.housekeeping import start_housekeeping


class Stop(Exception):
    """Ends the thread."""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("error", [Busy("The database is away."), ValueError("What is this?")])
def test_a_job_is_repeated_after_any_error(caplog, error):
    runs, pauses = [], []

    def job():
        runs.append("run")
        if len(runs) == 1:
            raise error

    def sleep(seconds):
        if len(runs) == 3:
            raise Stop
        pauses.append(seconds)

    with caplog.at_level(logging.WARNING):
        start_housekeeping(job, sleep=sleep).join(10)

    assert len(runs) == 3
    assert all(1800 <= seconds <= 5400 for seconds in pauses)
    assert len(set(pauses)) == 3
    assert str(error) in caplog.text
