"""Periodic jobs of a server process."""

import logging

import pytest

from ticketing.domain.errors import Busy
from ticketing.entrypoints.housekeeping import repeat_each_second, start_housekeeping


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


AWAY, STRANGE = Busy("The database is away."), ValueError("What is this?")


@pytest.mark.parametrize(
    ("error", "logged", "level"),
    [
        (AWAY, "The database is away.", "WARNING"),
        (ExceptionGroup("Some failed.", [AWAY, AWAY]), "The database is away.", "WARNING"),
        (STRANGE, "What is this?", "ERROR"),
        (ExceptionGroup("Some failed.", [STRANGE, AWAY]), "What is this?", "ERROR"),
    ],
)
def test_a_job_of_each_second_logs_a_failure_once(caplog, error, logged, level):
    outcomes, pauses = [error, error, None, error, error], []

    def job():
        if failure := outcomes.pop(0):
            raise failure

    def ends_within(seconds):
        pauses.append(seconds)
        return not outcomes

    with caplog.at_level(logging.WARNING):
        repeat_each_second("offers", job, ends_within).join(10)

    assert pauses == [1] * 6
    for record in caplog.records:
        assert record.message.endswith(logged)
        assert record.levelname == level
        assert (record.exc_info is None) == (level == "WARNING")
    assert len(caplog.records) == 2
