"""Movies and screens."""

import random
from dataclasses import replace

import pytest

from tests.builders import a_movie, a_screen, put_on
from tests.contracts.fixtures import NO_TEXT, UNKNOWN, Fixtures, check_busy, wide
from ticketing.domain.programme.errors import (
    MovieNotFound,
    ScreenNameTaken,
    ScreenNotFound,
    ShowHasBookings,
    ShowNotFound,
)
from ticketing.domain.programme.movie import Movie
from ticketing.domain.programme.screen import Screen
from ticketing.domain.programme.screen_service import ScreenService
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid

TEXTS = [
    "Amélie, l'été",
    "千と千尋の神隠し",
    "שלום 🎬 مرحبا",
    "100 % \\ _ \"quoted\" 'twice' -- ; DROP TABLE movies",
    "two\nlines\tand a tab",
    wide("Metropolis"),
]

SQUARED = [chr(code) for code in range(0x3300, 0x3358)]
"""Characters that become up to six characters when normalised."""


def expanding(length: int) -> str:
    """Return text whose comparison key is several times as long and hard to compress."""
    return "".join(random.Random(1).choices(SQUARED, k=length))


class MoviesContract(Fixtures):
    @pytest.mark.parametrize("text", [*TEXTS, pytest.param(expanding(200), id="long")])
    def test_a_movie_is_stored_and_read_back(self, transactions, text):
        movie = Movie(
            title=text,
            duration_minutes=117,
            description=text * 3,
            rating="FSK 12",
            language="zh-Hant-TW",
        ).checked()
        added = transactions(lambda uow: uow.movies.add(movie))
        assert transactions(lambda uow: uow.movies.get(added.id)) == added
        assert added == replace(movie, id=added.id)
        assert added.id > 0

    @pytest.mark.parametrize("movie_id", UNKNOWN)
    def test_an_unknown_movie_is_refused(self, transactions, movie_id):
        with pytest.raises(MovieNotFound):
            transactions(lambda uow: uow.movies.get(movie_id))
        with pytest.raises(MovieNotFound):
            transactions(lambda uow: uow.movies.lock(movie_id))

    def test_a_movie_is_found_by_title_regardless_of_case_and_form(self, transactions):
        movie = transactions(lambda uow: uow.movies.add(a_movie("Das große Café")))
        transactions(lambda uow: uow.movies.add(a_movie("Das große Café")))
        for title in ("Das große Café", " DAS GROSSE CAFE\u0301 ", wide("Das") + " große café"):
            assert transactions(lambda uow, title=title: uow.movies.find_title(title)) == movie
        for title in ("Das große", "", "%", "Das gro_e Café", *NO_TEXT):
            assert transactions(lambda uow, title=title: uow.movies.find_title(title)) is None

    def test_a_changed_movie_is_stored(self, transactions):
        movie = transactions(lambda uow: uow.movies.add(a_movie("M")))
        changed = Movie(
            id=movie.id,
            title="N",
            duration_minutes=12,
            description="about",
            rating="0",
            language="de",
        )
        transactions(lambda uow: uow.movies.save(changed))
        assert transactions(lambda uow: uow.movies.lock(movie.id)) == changed
        assert transactions(lambda uow: uow.movies.find_title("m")) is None
        assert transactions(lambda uow: uow.movies.find_title("n")) == changed

    def test_the_id_of_a_removed_movie_is_not_reused(self, transactions):
        movie = transactions(lambda uow: uow.movies.add(a_movie()))
        transactions(lambda uow: uow.movies.remove(movie.id))
        with pytest.raises(MovieNotFound):
            transactions(lambda uow: uow.movies.get(movie.id))
        assert transactions(lambda uow: uow.movies.add(a_movie())).id > movie.id

    def test_a_movie_that_gets_a_show_concurrently_is_not_removed(self, transactions, show):
        check_busy(transactions, lambda uow: uow.movies.remove(show.movie.id))

    def test_a_movie_is_removed_with_all_its_shows(self, transactions, programme, show):
        programme.remove_movie(show.movie.id)
        with pytest.raises(ShowNotFound):
            transactions(lambda uow: uow.shows.get(show.id))
        with pytest.raises(MovieNotFound):
            programme.remove_movie(show.movie.id)

    def test_a_movie_with_bookings_is_not_removed(
        self, transactions, programme, sales, customer, show
    ):
        first = put_on(transactions, replace(show, id=0))
        sales.book(show.id, [1], customer)
        with pytest.raises(ShowHasBookings):
            programme.remove_movie(show.movie.id)
        assert transactions(lambda uow: uow.shows.of_movie(show.movie.id)) == [show.id, first.id]


class ScreensContract(Fixtures):
    @pytest.mark.parametrize("name", ["Screen 1", *TEXTS, pytest.param(expanding(100), id="long")])
    def test_a_screen_is_stored_and_read_back(self, transactions, queries, name):
        screen = Screen.new(name, 7, 13)
        added = transactions(lambda uow: uow.screens.add(screen))
        assert transactions(lambda uow: uow.screens.get(added.id)) == added
        assert queries.programme.screen(added.id) == added
        assert added == replace(screen, id=added.id)
        assert added.id > 0

    def test_the_last_row_of_a_screen_may_be_shorter(self, transactions):
        screen = a_screen(plan=plain_grid(23))
        added = transactions(lambda uow: uow.screens.add(screen))
        assert transactions(lambda uow: uow.screens.get(added.id)).plan == plain_grid(23)

    @pytest.mark.parametrize("screen_id", UNKNOWN)
    def test_an_unknown_screen_is_refused(self, transactions, queries, screen_id):
        with pytest.raises(ScreenNotFound):
            transactions(lambda uow: uow.screens.get(screen_id))
        with pytest.raises(ScreenNotFound):
            queries.programme.screen(screen_id)

    def test_a_screen_is_found_by_name_regardless_of_case_and_form(self, transactions):
        screen = transactions(lambda uow: uow.screens.add(a_screen("Größe Ⅱ")))
        for name in ("Größe Ⅱ", " GRÖSSE II "):
            assert transactions(lambda uow, name=name: uow.screens.find_name(name)) == screen
        for name in ("Größe", "", "%", *NO_TEXT):
            assert transactions(lambda uow, name=name: uow.screens.find_name(name)) is None

    def test_a_screen_name_taken_concurrently_is_retried(self, transactions):
        transactions(lambda uow: uow.screens.add(a_screen("Screen 1")))
        check_busy(transactions, lambda uow: uow.screens.add(a_screen("SCREEN " + wide("1"))))

    def test_a_second_screen_of_the_same_name_is_refused(self, transactions):
        screens = ScreenService(transactions)
        screens.add(a_screen("Screen 1"))
        with pytest.raises(ScreenNameTaken):
            screens.add(a_screen("screen 1"))
