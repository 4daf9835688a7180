"""What the log says about a store that is busy."""

from itertools import pairwise

import pytest
from flask import Flask

from ticketing.domain.errors import Busy, OutcomeUnknown, StorageFull
from ticketing.entrypoints.http.web import problems


def chained(*errors):
    """Return the last error, caused by the one before it, and so on."""
    for cause, error in pairwise(errors):
        error.__cause__ = cause
    return errors[-1]


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (Busy(), f"busy: {Busy.default}"),
        (
            chained(OSError("No space left on device\nDETAIL: Maria"), Busy(), StorageFull()),
            f"busy: {Busy.default} (No space left on device)",
        ),
        (
            chained(OSError("server closed the connection"), OutcomeUnknown()),
            f"outcome_unknown: {OutcomeUnknown.default} (server closed the connection)",
        ),
    ],
)
def test_the_text_and_the_first_line_of_the_root_cause_are_logged_once(caplog, error, line):
    app = Flask(__name__)
    problems.register(app)

    @app.get("/")
    def fail():
        raise error

    assert app.test_client().get("/").status_code == 503
    assert caplog.messages == [line]
