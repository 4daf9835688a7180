"""How often somebody was wrong."""

from datetime import timedelta

from tests.builders import NOW
from tests.contracts.concurrent_calls import all_at_once
from tests.contracts.fixtures import Fixtures, roll_back
from ticketing.domain.accounts.ports import Failures

QUARTER = timedelta(minutes=15)
LATER = NOW + timedelta(minutes=1)


def one_more(transactions, key="maria", now=NOW):
    return transactions(lambda uow: uow.failed_log_ins.count(key, now, anew=now - QUARTER))


class FailedLogInsContract(Fixtures):
    def test_they_are_counted_from_the_first_on(self, transactions):
        told = [one_more(transactions, now=NOW + timedelta(seconds=second)) for second in range(4)]
        assert told == [Failures(count, NOW) for count in (1, 2, 3, 4)]

    def test_every_key_has_a_count_of_its_own(self, transactions):
        one_more(transactions)
        assert one_more(transactions, "otto", LATER) == Failures(1, LATER)
        assert one_more(transactions, now=LATER) == Failures(2, NOW)

    def test_what_is_over_begins_anew(self, transactions):
        one_more(transactions)
        just_before = NOW + QUARTER - timedelta(microseconds=1)
        assert one_more(transactions, now=just_before) == Failures(2, NOW)
        assert one_more(transactions, now=NOW + QUARTER) == Failures(1, NOW + QUARTER)
        assert one_more(transactions, now=NOW + QUARTER) == Failures(2, NOW + QUARTER)

    def test_what_is_forgotten_begins_anew(self, transactions):
        for key in ("maria", "otto"):
            one_more(transactions, key)
        transactions(lambda uow: uow.failed_log_ins.forget("maria"))
        transactions(lambda uow: uow.failed_log_ins.forget("unknown"))
        assert one_more(transactions).count == 1
        assert one_more(transactions, "otto").count == 2

    def test_what_is_rolled_back_was_not_counted(self, transactions):
        one_more(transactions)
        roll_back(transactions, lambda uow: uow.failed_log_ins.count("maria", NOW, anew=LATER))
        roll_back(transactions, lambda uow: uow.failed_log_ins.forget("maria"))
        assert one_more(transactions).count == 2

    def test_old_counts_are_dropped(self, transactions):
        for key, now in (("maria", NOW), ("otto", LATER), ("anna", NOW)):
            one_more(transactions, key, now)

        def forget(before):
            return transactions(lambda uow: uow.failed_log_ins.forget_old(before))

        assert forget(NOW) == 0
        assert forget(LATER) == 2
        assert forget(LATER) == 0
        assert one_more(transactions, "otto", LATER).count == 2
        assert one_more(transactions, now=LATER) == Failures(1, LATER)

    def test_of_many_at_once_each_is_counted(self, transactions):
        told = all_at_once(lambda _: one_more(transactions), range(8))
        assert sorted(failures.count for failures in told) == [1, 2, 3, 4, 5, 6, 7, 8]
