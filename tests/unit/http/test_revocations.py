"""Revoked sessions whose access tokens have not expired."""

from datetime import timedelta

import pytest

from tests.builders import Ticks, a_session, register
from ticketing.domain.accounts.session import SessionId
from ticketing.domain.errors import Busy
from ticketing.entrypoints.http.web.revocations import (
    FULL_READ_SECONDS,
    OVERLAP,
    REFRESH_SECONDS,
    Revocations,
)

REACH = timedelta(minutes=15)


class Counted:
    """Record how far back the store is read; it raises Busy while it is away."""

    def __init__(self, queries):
        self._queries, self.asked, self.is_away = queries, [], False

    def revoked_sessions(self, within):
        self.asked.append(within)
        if self.is_away:
            raise Busy()
        return self._queries.revoked_sessions(within)


@pytest.fixture
def ticks():
    return Ticks()


@pytest.fixture
def counted(queries):
    return Counted(queries.accounts)


@pytest.fixture
def revocations(counted, ticks):
    return Revocations(counted, REACH, ticks)


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
    assert len(counted.asked) == 3


def test_a_read_asks_for_what_was_revoked_since_the_last_one(revocations, counted, ticks):
    for pause in (1, 1, 7):
        assert "unknown" not in revocations
        ticks.now += pause
    assert "unknown" not in revocations
    recent = [OVERLAP + timedelta(seconds=pause) for pause in (1, 1, 7)]
    assert counted.asked == [REACH, *recent]


def test_once_a_minute_all_are_read(revocations, counted, ticks):
    for _ in range(int(FULL_READ_SECONDS / REFRESH_SECONDS) + 1):
        assert "unknown" not in revocations
        ticks.now += REFRESH_SECONDS
    assert [asked for asked in counted.asked if asked == REACH] == [REACH] * 2
    assert counted.asked[-1] == REACH


def test_after_an_outage_all_are_read(transactions, revocations, counted, session, clock, ticks):
    assert session.id not in revocations
    counted.is_away = True
    revoke(transactions, session, clock)
    for _ in range(3):
        ticks.now += REFRESH_SECONDS
        with pytest.raises(Busy):
            assert session.id in revocations
    counted.is_away = False
    ticks.now += REFRESH_SECONDS
    assert session.id in revocations
    assert counted.asked[-1] == REACH


def test_a_revocation_that_is_committed_late_is_seen(
    transactions, revocations, session, clock, ticks
):
    decided = session.revoked(clock.now)
    for _ in range(5):
        clock.advance(seconds=1)
        ticks.now += REFRESH_SECONDS
        assert session.id not in revocations
    transactions(lambda uow: uow.sessions.save(decided))
    ticks.now += REFRESH_SECONDS
    assert session.id in revocations


def test_a_session_is_kept_while_its_access_tokens_are_valid(
    transactions, revocations, session, clock, ticks
):
    revoke(transactions, session, clock)
    for _ in range(15):
        clock.advance(minutes=1)
        ticks.now += 60
        assert session.id in revocations
    clock.advance(seconds=1)
    ticks.now += 60
    assert session.id not in revocations


def test_an_unavailable_store_is_not_tried_again_within_a_second(revocations, counted, ticks):
    counted.is_away = True
    for _ in range(3):
        with pytest.raises(Busy):
            assert SessionId("one") in revocations
    assert len(counted.asked) == 1

    ticks.now += REFRESH_SECONDS
    with pytest.raises(Busy):
        assert SessionId("one") in revocations
    assert len(counted.asked) == 2
