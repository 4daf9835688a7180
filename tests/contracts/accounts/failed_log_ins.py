"""Counts of failed log-ins."""

from datetime import timedelta

from tests.builders import NOW
from tests.contracts.concurrent_calls import all_at_once
from tests.contracts.fixtures import Fixtures, roll_back
from ticketing.domain.accounts.ports import Failures

QUARTER = timedelta(minutes=15)
LATER = NOW + timedelta(minutes=1)


def count_attempt(transactions, key="maria", now=NOW):
    return transactions(lambda uow: uow.failed_log_ins.count(key, now, expired=now - QUARTER))


class FailedLogInsContract(Fixtures):
    def test_attempts_are_counted_from_the_first(self, transactions):
        counts = [
            count_attempt(transactions, now=NOW + timedelta(seconds=second)) for second in range(4)
        ]
        assert counts == [Failures(count, NOW) for count in (1, 2, 3, 4)]

    def test_each_key_has_its_own_count(self, transactions):
        count_attempt(transactions)
        assert count_attempt(transactions, "otto", LATER) == Failures(1, LATER)
        assert count_attempt(transactions, now=LATER) == Failures(2, NOW)

    def test_an_expired_count_starts_again(self, transactions):
        count_attempt(transactions)
        just_before = NOW + QUARTER - timedelta(microseconds=1)
        assert count_attempt(transactions, now=just_before) == Failures(2, NOW)
        assert count_attempt(transactions, now=NOW + QUARTER) == Failures(1, NOW + QUARTER)
        assert count_attempt(transactions, now=NOW + QUARTER) == Failures(2, NOW + QUARTER)

    def test_a_cleared_count_starts_again(self, transactions):
        for key in ("maria", "otto"):
            count_attempt(transactions, key)
        transactions(lambda uow: uow.failed_log_ins.clear("maria"))
        transactions(lambda uow: uow.failed_log_ins.clear("unknown"))
        assert count_attempt(transactions).count == 1
        assert count_attempt(transactions, "otto").count == 2

    def test_a_rolled_back_attempt_is_not_counted(self, transactions):
        count_attempt(transactions)
        roll_back(transactions, lambda uow: uow.failed_log_ins.count("maria", NOW, expired=LATER))
        roll_back(transactions, lambda uow: uow.failed_log_ins.clear("maria"))
        assert count_attempt(transactions).count == 2

    def test_old_counts_are_purged(self, transactions):
        for key, now in (("maria", NOW), ("otto", LATER), ("anna", NOW)):
            count_attempt(transactions, key, now)

        def purge(before):
            return transactions(lambda uow: uow.failed_log_ins.purge_old(before))

        assert purge(NOW) == 0
        assert purge(LATER) == 2
        assert purge(LATER) == 0
        assert count_attempt(transactions, "otto", LATER).count == 2
        assert count_attempt(transactions, now=LATER) == Failures(1, LATER)

    def test_concurrent_attempts_are_all_counted(self, transactions):
        counts = all_at_once(lambda _: count_attempt(transactions), range(8))
        assert sorted(failures.count for failures in counts) == [1, 2, 3, 4, 5, 6, 7, 8]
