"""Concurrent use of the same name, and concurrent deletion of a referenced row."""

from dataclasses import replace

import pytest

from tests.builders import A_WEEK, NOW, PASSWORD, TOMORROW
from tests.contracts.fixtures import ALL, Fixtures
from tests.integration.sql.postgresql.transaction_client import COMMIT
from ticketing.domain.accounts.errors import EmailTaken, UsernameTaken
from ticketing.domain.errors import InvalidFields
from ticketing.domain.programme.errors import MovieNotFound
from ticketing.domain.programme.movie import Movie
from ticketing.domain.programme.programme_import import MovieEntry, Programme, ShowEntry, Tally
from ticketing.domain.programme.queries import ShowFilter
from ticketing.domain.programme.show_draft import ShowDraft


class TestNames(Fixtures):
    @pytest.mark.parametrize(
        ("name", "email", "refusal"),
        [("MARIA", "other@example.org", UsernameTaken), ("other", "MARIA@example.org", EmailTaken)],
    )
    def test_the_first_of_two_sign_ups_with_one_name_gets_it(
        self, queries, client, name, email, refusal
    ):
        first, second = client("first"), client("second")
        sign_up = ["maria", PASSWORD, "maria@example.org"]
        first.start(first.accounts.sign_up, *sign_up, stopping_before=COMMIT)
        second.start(second.accounts.sign_up, name, PASSWORD, email)
        maria = first.resume()
        assert isinstance(second.result(), refusal)
        assert queries.accounts.account_named(name if name == "MARIA" else email) == maria
        assert (first.attempts, second.attempts + second.rejected) == (1, 2)

    def test_the_first_two_shows_on_a_screen_create_it_once(self, queries, client, show):
        first, second = client("first"), client("second")
        on_a_new_screen = ShowDraft(
            movie_id=show.movie.id, screen_name="Cellar", total_seats=20, starts_at=TOMORROW
        )
        first.start(first.programme.add_show, on_a_new_screen, stopping_before=COMMIT)
        second.start(second.programme.add_show, replace(on_a_new_screen, starts_at=NOW))
        shows = [first.resume(), second.result()]
        [cellar] = [
            screen for screen in queries.programme.screens(ALL).items if screen.name == "Cellar"
        ]
        assert [added.screen for added in shows] == [cellar, cellar]
        assert shows[0].id != shows[1].id
        assert (first.attempts, second.attempts + second.rejected) == (1, 2)

    def test_the_second_of_two_imports_finds_the_rows_of_the_first(self, queries, client):
        first, second = client("first"), client("second")
        movie = MovieEntry("line 1", Movie(title="Arrival", duration_minutes=116))
        programme = Programme(movies=[movie])
        first.start(first.programme.load, programme, stopping_before=COMMIT)
        second.start(second.programme.load, programme)
        assert first.resume().movies == Tally(added=1)
        assert second.result().movies == Tally(known=1)
        assert queries.programme.movies("arrival", ALL).total == 1

    def test_a_movie_may_be_changed_while_shows_of_it_are_imported(self, client, queries, show):
        staff, importer = client("staff"), client("importer")
        title, screen, starts_at = show.movie.title, show.screen.name, show.starts_at + A_WEEK
        entry = ShowEntry(where="line 1", movie=title, screen=screen, starts_at=starts_at)
        rate = staff.programme.change_movie, show.movie.id, lambda movie: movie.changed(rating="U")
        staff.start(*rate, stopping_before="UPDATE movies")
        importer.start(importer.programme.load, Programme(shows=[entry]))
        assert importer.result().shows == Tally(added=1)
        assert staff.resume() == queries.programme.movie(show.movie.id)
        assert (importer.attempts, staff.attempts) == (1, 1)


class TestAMovieThatIsRemoved(Fixtures):
    @pytest.fixture
    def draft(self, show):
        return ShowDraft(movie_id=show.movie.id, screen_id=show.screen.id, starts_at=NOW)

    def test_a_show_that_is_added_during_the_deletion_of_its_movie_is_deleted(
        self, queries, client, show, draft
    ):
        adder, remover = client("adder"), client("remover")
        adder.start(adder.programme.add_show, draft, stopping_before=COMMIT)
        remover.start(remover.programme.remove_movie, show.movie.id)
        adder.resume()
        assert remover.result() is None
        assert queries.programme.shows(ShowFilter(), ALL).total == 0
        assert adder.attempts == 1
        assert remover.attempts + remover.rejected <= 2  # 1 if it began after the adder's commit

    def test_no_show_of_a_deleted_movie_is_added(self, queries, client, show, draft):
        adder, remover = client("adder"), client("remover")
        remover.start(remover.programme.remove_movie, show.movie.id, stopping_before=COMMIT)
        adder.start(adder.programme.add_show, draft)
        remover.resume()
        assert isinstance(adder.result(), InvalidFields)
        with pytest.raises(MovieNotFound):
            queries.programme.movie(show.movie.id)
        assert queries.programme.shows(ShowFilter(), ALL).total == 0
