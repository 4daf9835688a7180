"""Concurrent changes of the programme."""

import pytest

from tests.builders import NOW
from tests.contracts.concurrent_calls import ConcurrentCall
from tests.contracts.fixtures import ALL, Fixtures
from ticketing.domain.errors import InvalidFields
from ticketing.domain.programme.errors import MovieNotFound
from ticketing.domain.programme.queries import ShowFilter
from ticketing.domain.programme.show import Show
from ticketing.domain.programme.show_draft import ShowDraft


class ProgrammeInterleavingsContract(Fixtures):
    def test_a_movie_removed_concurrently_keeps_no_show(
        self, transactions, queries, programme, show
    ):
        draft = ShowDraft(movie_id=show.movie.id, screen_id=show.screen.id, starts_at=NOW)
        concurrent = ConcurrentCall(programme.add_show, draft)

        def removal(uow):
            movie = uow.movies.lock(show.movie.id)
            for show_id in uow.shows.of_movie(movie.id):
                uow.shows.remove(uow.shows.lock(show_id).id)
            concurrent.start()
            uow.movies.remove(movie.id)

        transactions(removal)
        assert isinstance(concurrent.result(), InvalidFields | Show)  # refused, or removed too
        assert queries.programme.shows(ShowFilter(starts_from=NOW), ALL).total == 0
        with pytest.raises(MovieNotFound):
            queries.programme.movie(show.movie.id)

    def test_concurrent_changes_of_a_movie_are_serialised(
        self, transactions, queries, programme, show
    ):
        concurrent = ConcurrentCall(
            programme.change_movie, show.movie.id, lambda movie: movie.changed(title="M")
        )

        def change(uow):
            movie = uow.movies.lock(show.movie.id)
            concurrent.start()
            uow.movies.save(movie.changed(rating="12"))

        transactions(change)
        concurrent.result()
        assert queries.programme.movie(show.movie.id) == show.movie.changed(title="M", rating="12")
