"""Attempts to log in: unfinished and failed ones."""

from datetime import timedelta

from tests.builders import NOW
from tests.contracts.concurrent_calls import all_at_once
from tests.contracts.fixtures import Fixtures, roll_back
from ticketing.domain.accounts.ports import Attempts

QUARTER = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)
A_MOMENT = timedelta(microseconds=1)
LATER = NOW + MINUTE


def reserve(transactions, key="maria", now=NOW):
    limits = {"expired": now - QUARTER, "abandoned": now - MINUTE}
    return transactions(lambda uow: uow.failed_log_ins.reserve(key, now, **limits))


def fail(transactions, key="maria"):
    transactions(lambda uow: uow.failed_log_ins.fail(key))


def clear(transactions, key="maria"):
    transactions(lambda uow: uow.failed_log_ins.clear(key))


def fail_attempt(transactions, key="maria", now=NOW):
    reserve(transactions, key, now)
    fail(transactions, key)


class FailedLogInsContract(Fixtures):
    def test_attempts_are_unfinished_until_they_fail(self, transactions):
        assert reserve(transactions) == Attempts(0, 1, NOW)
        assert reserve(transactions) == Attempts(0, 2, NOW)
        fail(transactions)
        assert reserve(transactions) == Attempts(1, 2, NOW)
        fail(transactions)
        fail(transactions)
        assert reserve(transactions) == Attempts(3, 1, NOW)

    def test_each_key_has_its_own_count(self, transactions):
        fail_attempt(transactions)
        assert reserve(transactions, "otto", LATER) == Attempts(0, 1, LATER)
        assert reserve(transactions, now=LATER) == Attempts(1, 1, NOW)

    def test_expired_failures_no_longer_count(self, transactions):
        fail_attempt(transactions)
        just_before = NOW + QUARTER - A_MOMENT
        fail_attempt(transactions, now=just_before)
        assert reserve(transactions, now=just_before) == Attempts(2, 1, NOW)
        assert reserve(transactions, now=NOW + QUARTER) == Attempts(0, 2, NOW + QUARTER)

    def test_failures_count_from_the_first_one(self, transactions):
        reserve(transactions)
        fail_attempt(transactions, now=LATER - A_MOMENT)
        assert reserve(transactions, now=LATER).since == LATER - A_MOMENT

    def test_abandoned_attempts_no_longer_count(self, transactions):
        reserve(transactions)
        last = NOW + MINUTE - A_MOMENT
        assert reserve(transactions, now=last).unfinished == 2
        assert reserve(transactions, now=last + MINUTE).unfinished == 1

    def test_a_success_clears_the_failures_and_no_unfinished_attempt(self, transactions):
        fail_attempt(transactions)
        reserve(transactions)
        reserve(transactions)
        clear(transactions)
        assert reserve(transactions) == Attempts(0, 2, NOW)
        clear(transactions)
        clear(transactions)
        assert reserve(transactions, now=LATER) == Attempts(0, 1, LATER)

    def test_attempts_that_are_not_reserved_change_nothing(self, transactions):
        clear(transactions, "unknown")
        fail(transactions, "unknown")
        assert reserve(transactions, "unknown").failures == 0

    def test_no_attempts_are_negative(self, transactions):
        fail_attempt(transactions)
        fail(transactions)
        assert reserve(transactions) == Attempts(2, 1, NOW)

    def test_a_rolled_back_attempt_is_not_counted(self, transactions):
        fail_attempt(transactions)
        limits = {"expired": LATER, "abandoned": LATER}
        roll_back(transactions, lambda uow: uow.failed_log_ins.reserve("maria", NOW, **limits))
        roll_back(transactions, lambda uow: uow.failed_log_ins.fail("maria"))
        roll_back(transactions, lambda uow: uow.failed_log_ins.clear("maria"))
        assert reserve(transactions) == Attempts(1, 1, NOW)

    def test_old_counts_are_purged(self, transactions):
        for key, now in (("maria", NOW), ("otto", LATER), ("anna", NOW)):
            fail_attempt(transactions, key, now)

        def purge(before):
            return transactions(lambda uow: uow.failed_log_ins.purge_old(before))

        assert purge(NOW) == 0
        assert purge(LATER) == 2
        assert purge(LATER) == 0
        assert reserve(transactions, "otto", LATER).failures == 1
        assert reserve(transactions, now=LATER) == Attempts(0, 1, LATER)

    def test_concurrent_attempts_are_all_counted(self, transactions):
        made = all_at_once(lambda _: reserve(transactions), range(8))
        assert sorted(attempts.unfinished for attempts in made) == [1, 2, 3, 4, 5, 6, 7, 8]
        all_at_once(lambda _: fail(transactions), range(8))
        assert reserve(transactions) == Attempts(8, 1, NOW)
