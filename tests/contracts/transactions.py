"""Transactions: all or nothing, and retried while the store is busy."""

import pytest

from tests.builders import NOW, a_movie, a_screen, an_account, put_on
from tests.contracts.fixtures import ALL, Fixtures, RolledBack, roll_back
from ticketing.domain.errors import Busy, OutcomeUnknown, StorageFull


class TransactionsContract(Fixtures):
    def test_a_transaction_returns_the_result_of_its_work(self, transactions):
        assert transactions(lambda uow: "done") == "done"

    def test_changes_are_committed(self, transactions, queries):
        movie = transactions(lambda uow: uow.movies.add(a_movie()))
        assert transactions(lambda uow: uow.movies.get(movie.id)) == movie
        assert queries.programme.movie(movie.id) == movie

    def test_work_sees_its_own_changes(self, transactions):
        def work(uow):
            movie = uow.movies.add(a_movie("Die Nibelungen"))
            changed = movie.changed(title="Siegfried")
            uow.movies.save(changed)
            return uow.movies.get(movie.id), uow.movies.find_title("Siegfried"), changed

        got, found, changed = transactions(work)
        assert got == found == changed

    def test_a_failure_rolls_everything_back(self, transactions, queries):
        show = put_on(transactions)

        def work(uow):
            uow.movies.add(a_movie("M"))
            uow.screens.add(a_screen("Cellar"))
            uow.accounts.add(an_account())
            uow.movies.save(show.movie.changed(title="changed"))
            uow.shows.remove(uow.shows.lock(show.id).id)

        roll_back(transactions, work)
        assert queries.programme.movies("", ALL).items == [show.movie]
        assert queries.programme.screens(ALL).items == [show.screen]
        assert queries.programme.show(show.id).show == show
        assert queries.accounts.account_named("maria") is None

    def test_the_store_works_after_a_failure(self, transactions):
        roll_back(transactions, lambda uow: uow.movies.add(a_movie()))
        assert transactions(lambda uow: uow.movies.add(a_movie())).id > 0

    def test_unsaved_changes_are_not_stored(self, transactions, queries):
        movie = transactions(lambda uow: uow.movies.add(a_movie()))
        transactions(lambda uow: uow.movies.lock(movie.id).changed(title="unsaved"))
        assert queries.programme.movie(movie.id) == movie

    def test_work_is_repeated_from_the_start_while_the_store_is_busy(self, transactions, queries):
        attempts = []

        def work(uow):
            attempts.append(uow)
            movie = uow.movies.add(a_movie(f"attempt {len(attempts)}"))
            if len(attempts) < 3:
                raise Busy()
            return movie

        movie = transactions(work)
        assert movie.title == "attempt 3"
        assert queries.programme.movies("", ALL).items == [movie]

    def test_a_store_that_stays_busy_raises_busy(self, short_retry, queries):
        def work(uow):
            uow.movies.add(a_movie())
            raise Busy()

        with pytest.raises(Busy):
            short_retry(work)
        assert queries.programme.movies("", ALL).total == 0

    @pytest.mark.parametrize("failure", [OutcomeUnknown, StorageFull, RolledBack])
    def test_other_failures_are_not_retried(self, transactions, failure):
        attempts = []

        def work(uow):
            attempts.append(uow)
            raise failure()

        with pytest.raises(failure):
            transactions(work)
        assert len(attempts) == 1

    def test_a_transaction_returns_the_time(self, transactions, clock):
        assert transactions(lambda uow: uow.now()) == NOW
        clock.advance(minutes=3)
        assert transactions(lambda uow: uow.now()) == clock.now
