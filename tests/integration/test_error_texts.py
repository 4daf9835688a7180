"""Errors end up in logs: they tell what went wrong, and nothing of what people entrusted to us."""

import traceback

import pytest

from tests.builders import a_movie, an_account, register
from ticketing.adapters.sql.engine.retry import Retry
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.domain.errors import Busy

SECRET = "Entrusted"


def told(failure: "pytest.ExceptionInfo[BaseException]") -> str:
    """With all causes, as a log has it."""
    return "".join(traceback.format_exception(failure.value)).casefold()


@pytest.fixture
def hasty(database):
    return SqlTransactions(database, retry=Retry(0.0))


def test_a_rule_of_the_database_that_is_broken(hasty):
    movie = a_movie(SECRET, duration_minutes=0)
    with pytest.raises(Exception) as failure:
        hasty(lambda uow: uow.movies.add(movie))
    assert "ck_movies_duration_positive" in told(failure)
    assert SECRET.casefold() not in told(failure)


def test_a_name_that_is_taken(hasty):
    account = an_account(SECRET, email=f"{SECRET}@example.org")
    register(hasty, SECRET)
    with pytest.raises(Busy) as failure:
        hasty(lambda uow: uow.accounts.add(account))
    assert "account_names" in told(failure)
    assert SECRET.casefold() not in told(failure)


def test_a_value_that_the_driver_cannot_send(hasty):
    account = an_account(password_hash=f"{SECRET}\ud800")
    with pytest.raises(Exception) as failure:
        hasty(lambda uow: uow.accounts.add(account))
    assert SECRET.casefold() not in told(failure)
