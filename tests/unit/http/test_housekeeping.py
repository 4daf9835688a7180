"""What a server does now and then."""

import logging

import pytest

from ticketing.domain.errors import Busy
from ticketing.entrypoints.http.web.housekeeping import keep_house


class Enough(Exception):
    """Ends the thread that would go on for ever."""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("error", [Busy("The database is away."), ValueError("What is this?")])
def test_the_chore_is_done_again_and_again_whatever_went_wrong(caplog, error):
    done, pauses = [], []

    def chore():
        done.append("once more")
        if len(done) == 1:
            raise error

    def wait(seconds):
        if len(done) == 3:
            raise Enough
        pauses.append(seconds)

    with caplog.at_level(logging.WARNING):
        keep_house(chore, wait=wait).join(10)

    assert len(done) == 3
    assert all(1800 <= seconds <= 5400 for seconds in pauses)
    assert len(set(pauses)) == 3
    assert str(error) in caplog.text
