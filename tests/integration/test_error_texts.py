"""Errors are logged: they name the fault and contain no personal data."""

import traceback

import pytest

from tests.builders import a_movie, an_account, register
from ticketing.adapters.sql.engine.retry import Retry
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.domain.errors import Busy

SECRET = "Entrusted"


def logged_text(failure: "pytest.ExceptionInfo[BaseException]") -> str:
    """Return the error with all its causes, as it is logged."""
    return "".join(traceback.format_exception(failure.value)).casefold()


@pytest.fixture
def hasty(database):
    return SqlTransactions(database, retry=Retry(0.0))


def test_the_text_of_an_integrity_error(hasty):
    movie = a_movie(SECRET, duration_minutes=0)
    with pytest.raises(Exception) as failure:
        hasty(lambda uow: uow.movies.add(movie))
    assert "ck_movies_duration_positive" in logged_text(failure)
    assert SECRET.casefold() not in logged_text(failure)


def test_the_text_of_a_taken_name(hasty):
    account = an_account(SECRET, email=f"{SECRET}@example.org")
    register(hasty, SECRET)
    with pytest.raises(Busy) as failure:
        hasty(lambda uow: uow.accounts.add(account))
    assert "account_names" in logged_text(failure)
    assert SECRET.casefold() not in logged_text(failure)


def test_the_text_of_an_invalid_value(hasty):
    account = an_account(password_hash=f"{SECRET}\ud800")
    with pytest.raises(Exception) as failure:
        hasty(lambda uow: uow.accounts.add(account))
    assert SECRET.casefold() not in logged_text(failure)
