"""What is known of where the primary's log ends."""

import pytest

from tests.builders import Ticks
from ticketing.adapters.sql.replica import (
    FRESH_SECONDS,
    PrimaryWalPosition,
    WalPosition,
)
from ticketing.domain.unit_of_work import NotifyingTransactions


def at(position: int) -> WalPosition:
    return WalPosition(f"0/{position}", "00000001", "2026-05-04 18:00:00+00")


class Primary:
    """Writes before each time that it is asked."""

    def __init__(self):
        self.asked = 0

    def __call__(self):
        self.asked += 1
        return at(self.asked)


@pytest.fixture
def ticks():
    return Ticks()


def test_the_primary_is_asked_twice_a_second_at_most(ticks):
    primary = Primary()
    wal_position = PrimaryWalPosition(primary, ticks)

    for _ in range(3):
        told = {wal_position() for _ in range(10)}
        ticks.now += FRESH_SECONDS

        assert told == {at(primary.asked)}
    assert primary.asked == 3


def test_one_that_cannot_tell_is_not_asked_at_once_again(ticks):
    answers = iter([None, at(1)])
    wal_position = PrimaryWalPosition(lambda: next(answers), ticks)

    assert [wal_position(), wal_position()] == [None, None]
    ticks.now += FRESH_SECONDS
    assert wal_position() == at(1)


def test_nobody_waits_for_somebody_who_asks(ticks):
    asked_meanwhile = []

    def slowly():
        asked_meanwhile.append(wal_position())
        return at(1)

    wal_position = PrimaryWalPosition(slowly, ticks)

    assert wal_position() == at(1)
    assert asked_meanwhile == [None]


def test_its_age_counts_from_when_it_was_asked(ticks):
    def slowly():
        ticks.now += FRESH_SECONDS
        return next(answers)

    answers = iter([at(1), at(2)])
    wal_position = PrimaryWalPosition(slowly, ticks)

    assert [wal_position(), wal_position()] == [at(1), at(2)]


def test_after_a_change_it_is_asked_anew(transactions, ticks):
    wal_position = PrimaryWalPosition(Primary(), ticks)
    assert wal_position() == at(1)

    NotifyingTransactions(transactions, [wal_position.expire])(lambda uow: uow.now())
    ticks.now += 0.001

    assert [wal_position(), wal_position()] == [at(2), at(2)]


def test_an_answer_from_before_the_change_counts_no_more(transactions, ticks):
    def overtaken():
        ticks.now += 0.001
        NotifyingTransactions(transactions, [wal_position.expire])(lambda uow: uow.now())
        return next(answers)

    answers = iter([at(1), at(2)])
    wal_position = PrimaryWalPosition(overtaken, ticks)

    assert [wal_position(), wal_position()] == [at(1), at(2)]
