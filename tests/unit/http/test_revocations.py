"""Revoked sessions whose access tokens have not expired."""

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import a_session, register
from ticketing.domain.accounts.session import SessionId
from ticketing.domain.errors import Busy
from ticketing.entrypoints.http.web.revocations import REFRESH_SECONDS, Revocations

QUARTER = timedelta(minutes=15)


class Ticks:
    """A monotonic clock."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


class Counted:
    """Count how often the store is read."""

    def __init__(self, queries):
        self._queries, self.asked = queries, 0

    def revoked_sessions(self, since):
        self.asked += 1
        return self._queries.revoked_sessions(since)


@pytest.fixture
def ticks():
    return Ticks()


@pytest.fixture
def counted(queries):
    return Counted(queries.accounts)


@pytest.fixture
def revocations(counted, clock, ticks):
    return Revocations(counted, QUARTER, clock, ticks)


@pytest.fixture
def session(transactions):
    session = a_session(register(transactions))
    transactions(lambda uow: uow.sessions.add(session))
    return session


def revoke(transactions, session, clock):
    transactions(lambda uow: uow.sessions.save(session.revoked(clock.now)))


def test_a_revoked_session_is_refused_within_a_second(
    transactions, revocations, session, clock, ticks
):
    assert session.id not in revocations
    revoke(transactions, session, clock)
    ticks.now += REFRESH_SECONDS
    assert session.id in revocations
    assert "another" not in revocations


def test_the_store_is_read_at_most_once_a_second(revocations, counted, ticks):
    for _ in range(3):
        for _ in range(10):
            assert "unknown" not in revocations
        ticks.now += REFRESH_SECONDS
    assert counted.asked == 3


def test_a_session_is_kept_while_its_access_tokens_are_valid(
    transactions, revocations, session, clock, ticks
):
    revoke(transactions, session, clock)
    clock.now += QUARTER
    assert session.id in revocations
    clock.now += QUARTER
    ticks.now += REFRESH_SECONDS
    assert session.id not in revocations


def test_an_unavailable_store_is_not_tried_again_within_a_second(counted, ticks, clock):
    class Away(Counted):
        def revoked_sessions(self, since):
            super().revoked_sessions(since)
            raise Busy()

    away: Any = Away(counted)
    revocations = Revocations(away, QUARTER, clock, ticks)

    for _ in range(3):
        with pytest.raises(Busy):
            assert SessionId("one") in revocations
    assert away.asked == 1

    ticks.now += REFRESH_SECONDS
    with pytest.raises(Busy):
        assert SessionId("one") in revocations
    assert away.asked == 2
