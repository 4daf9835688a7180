"""The cached WAL position of the primary."""

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
    """A primary whose position moves before each read."""

    def __init__(self):
        self.reads = 0

    def __call__(self):
        self.reads += 1
        return at(self.reads)


@pytest.fixture
def ticks():
    return Ticks()


def test_the_primary_is_read_at_most_twice_a_second(ticks):
    primary = Primary()
    wal_position = PrimaryWalPosition(primary, ticks)

    for _ in range(3):
        positions = {wal_position() for _ in range(10)}
        ticks.now += FRESH_SECONDS

        assert positions == {at(primary.reads)}
    assert primary.reads == 3


def test_a_primary_without_position_is_not_read_again_at_once(ticks):
    answers = iter([None, at(1)])
    wal_position = PrimaryWalPosition(lambda: next(answers), ticks)

    assert [wal_position(), wal_position()] == [None, None]
    ticks.now += FRESH_SECONDS
    assert wal_position() == at(1)


def test_no_thread_waits_while_another_reads(ticks):
    asked_meanwhile = []

    def slowly():
        asked_meanwhile.append(wal_position())
        return at(1)

    wal_position = PrimaryWalPosition(slowly, ticks)

    assert wal_position() == at(1)
    assert asked_meanwhile == [None]


def test_the_age_counts_from_the_start_of_the_read(ticks):
    def slowly():
        ticks.now += FRESH_SECONDS
        return next(answers)

    answers = iter([at(1), at(2)])
    wal_position = PrimaryWalPosition(slowly, ticks)

    assert [wal_position(), wal_position()] == [at(1), at(2)]


def test_the_position_is_read_again_after_a_change(transactions, ticks):
    wal_position = PrimaryWalPosition(Primary(), ticks)
    assert wal_position() == at(1)

    NotifyingTransactions(transactions, [wal_position.expire])(lambda uow: uow.now())
    ticks.now += 0.001

    assert [wal_position(), wal_position()] == [at(2), at(2)]


def test_a_position_from_before_the_change_is_not_used(transactions, ticks):
    def overtaken():
        ticks.now += 0.001
        NotifyingTransactions(transactions, [wal_position.expire])(lambda uow: uow.now())
        return next(answers)

    answers = iter([at(1), at(2)])
    wal_position = PrimaryWalPosition(overtaken, ticks)

    assert [wal_position(), wal_position()] == [at(1), at(2)]
