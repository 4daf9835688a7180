"""Shows and their seats."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.builders import NOW, TOMORROW, a_movie, a_screen, a_show, put_on
from tests.contracts.fixtures import UNKNOWN, Fixtures, check_busy
from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.times import EARLIEST, LATEST


class ShowsContract(Fixtures):
    def test_a_show_is_stored_and_read_back(self, transactions):
        show = put_on(transactions, a_show(plan=plain_grid(23, 8)))
        assert transactions(lambda uow: uow.shows.get(show.id)) == show
        assert show.id > 0

    @pytest.mark.parametrize(
        "starts_at",
        [
            EARLIEST,
            LATEST - timedelta(microseconds=1),
            datetime(2026, 10, 25, 2, 30, 0, 123456, tzinfo=UTC),
            datetime(2026, 5, 4, 20, 15, tzinfo=timezone(timedelta(hours=-9, minutes=-30))),
        ],
    )
    def test_the_start_of_a_show_is_stored_exactly(self, transactions, starts_at):
        show = put_on(transactions, a_show(starts_at=starts_at))
        kept = transactions(lambda uow: uow.shows.get(show.id)).starts_at
        assert kept == starts_at
        assert kept.tzinfo is not None

    @pytest.mark.parametrize("show_id", UNKNOWN)
    def test_an_unknown_show_is_refused(self, transactions, show_id):
        for query in (
            lambda uow: uow.shows.get(show_id),
            lambda uow: uow.seats.plan(show_id),
            lambda uow: uow.shows.lock(show_id),
            lambda uow: uow.seats.lock(show_id, [1], plain_grid(50)),
        ):
            with pytest.raises(ShowNotFound):
                transactions(query)

    def test_a_show_has_the_current_movie(self, transactions, programme, show):
        movie = programme.change_movie(show.movie.id, lambda movie: movie.changed(title="new"))
        for read in (
            lambda uow: uow.shows.get(show.id),
            lambda uow: uow.shows.lock(show.id),
            lambda uow: uow.seats.lock(show.id, [1], show.plan)[0],
            lambda uow: uow.shows.on_screen(show.screen.id, NOW, LATEST)[0],
        ):
            assert transactions(read) == replace(show, movie=movie)

    def test_the_shows_of_a_movie_ascend(self, transactions, show):
        second = put_on(transactions, replace(show, starts_at=NOW))
        put_on(transactions)
        of_movie = transactions(lambda uow: uow.shows.of_movie(show.movie.id))
        assert of_movie == [show.id, second.id]
        assert transactions(lambda uow: uow.shows.of_movie(show.screen.id + 1000)) == []

    def test_shows_on_a_screen_are_found_by_start(self, transactions, show):
        before = put_on(transactions, a_show(starts_at=NOW))
        cancelled = put_on(transactions, a_show(starts_at=NOW, cancelled_at=NOW))
        put_on(transactions, a_show(starts_at=NOW, screen=a_screen("Screen 2")))

        def on_screen(starts_from, starts_before):
            return transactions(
                lambda uow: uow.shows.on_screen(show.screen.id, starts_from, starts_before)
            )

        assert on_screen(NOW, show.starts_at + timedelta(seconds=1)) == [before, cancelled, show]
        assert on_screen(NOW + timedelta(seconds=1), LATEST) == [show]
        in_paris = show.starts_at.astimezone(timezone(timedelta(hours=2)))
        assert on_screen(NOW, in_paris) == [before, cancelled]
        assert on_screen(in_paris, LATEST) == [show]

    def test_a_rescheduled_show_is_stored(self, transactions, show):
        movie = transactions(lambda uow: uow.movies.add(a_movie("M")))
        screen = transactions(lambda uow: uow.screens.add(a_screen("Cellar")))
        moved = replace(show, movie=movie, screen=screen, starts_at=NOW, cancelled_at=TOMORROW)

        def work(uow):
            uow.shows.lock(show.id)
            uow.shows.save(moved)

        transactions(work)
        assert transactions(lambda uow: uow.shows.get(show.id)) == moved

    def test_a_movie_or_screen_removed_concurrently_is_retried(self, transactions, show):
        nowhere = replace(show, screen=replace(show.screen, id=show.screen.id + 1000))
        nothing = replace(show, movie=replace(show.movie, id=show.movie.id + 1000))
        check_busy(transactions, lambda uow: uow.shows.add(nowhere))
        check_busy(transactions, lambda uow: uow.shows.add(nothing))

    def test_the_id_of_a_removed_show_is_not_reused(self, transactions, programme, show):
        programme.remove_show(show.id)
        with pytest.raises(ShowNotFound):
            transactions(lambda uow: uow.shows.get(show.id))
        with pytest.raises(ShowNotFound):
            programme.remove_show(show.id)
        assert put_on(transactions).id > show.id
