"""Queries. Tests read after all changes, because lists may be up to 1 s stale."""

import pytest

from tests.builders import NOW, a_booking, a_movie, a_screen, a_show, put_on, register
from tests.contracts.fixtures import ALL, NO_TEXT, UNKNOWN, Fixtures, paged, wide
from ticketing.domain.audit import AuditEntry
from ticketing.domain.paging import Window
from ticketing.domain.programme.errors import MovieNotFound, ShowNotFound
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.sales.booking import BookingStatus
from ticketing.domain.sales.errors import BookingNotFound


class QueriesContract(Fixtures):
    def add_movies(self, transactions, *titles):
        return [
            transactions(lambda uow, title=title: uow.movies.add(a_movie(title)))
            for title in titles
        ]

    def test_movies_are_listed_by_title(self, transactions, queries):
        titles = [
            "m",
            "Zulu",
            "Ümit",
            "Metropolis",
            "M",
            wide("a") + "lien",
            "Étoile",
            "10",
            "日本",
        ]
        added = self.add_movies(transactions, *titles)
        m, rfc3339, umit, metropolis, second_m, alien, etoile, ten, japan = added
        expected = [ten, alien, m, second_m, metropolis, rfc3339, etoile, umit, japan]
        assert list(queries.programme.movies("", ALL).items) == expected

    @pytest.mark.parametrize("size", [1, 2, 3, 100])
    def test_pages_skip_and_repeat_no_movie(self, transactions, queries, size):
        added = self.add_movies(transactions, *["Alien"] * 4, "Aliens", *["alien"] * 3)
        expected = [*added[:4], *added[5:], added[4]]
        assert paged(lambda window: queries.programme.movies("", window), size) == expected
        assert queries.programme.movies("", Window(0, 1)).total == 8

    @pytest.mark.parametrize("offset", [3, 100, 10**30])
    def test_a_page_past_the_end_is_empty(self, transactions, queries, offset):
        self.add_movies(transactions, "M", "N", "O")
        page = queries.programme.movies("", Window(offset, 20))
        assert (list(page.items), page.total) == ([], 3)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("", ["100 %", "a_b", "axb", "Back\\slash", "Éire", "Straße"]),
            ("  ", ["100 %", "a_b", "axb", "Back\\slash", "Éire", "Straße"]),
            ("A", ["a_b", "axb", "Back\\slash", "Straße"]),
            ("%", ["100 %"]),
            ("0_%", []),
            ("_", ["a_b"]),
            ("\\", ["Back\\slash"]),
            ("\\%", []),
            ("k\\s", ["Back\\slash"]),
            ("STRASSE", ["Straße"]),
            ("e\u0301IRE", ["Éire"]),
            (wide("stra"), ["Straße"]),
            ("eire", []),
            ("'", []),
        ],
    )
    def test_movies_are_found_by_part_of_their_title(self, transactions, queries, text, expected):
        self.add_movies(transactions, "Straße", "Éire", "Back\\slash", "axb", "a_b", "100 %")
        page = queries.programme.movies(text, ALL)
        assert sorted(movie.title for movie in page.items) == sorted(expected)
        assert page.total == len(expected)

    @pytest.mark.parametrize("text", NO_TEXT)
    def test_invalid_text_matches_nothing(self, transactions, queries, text):
        self.add_movies(transactions, "Maria")
        page = queries.programme.movies(text, ALL)
        assert (list(page.items), page.total) == ([], 0)

    @pytest.mark.parametrize("an_id", UNKNOWN)
    def test_unknown_ids_are_refused(self, queries, an_id):
        for query, refusal in (
            (queries.programme.movie, MovieNotFound),
            (queries.programme.show, ShowNotFound),
            (queries.sales.seat_map, ShowNotFound),
            (queries.sales.booking, BookingNotFound),
        ):
            with pytest.raises(refusal):
                query(an_id)

    @pytest.mark.parametrize("size", [2, 100])
    def test_screens_are_listed_by_name(self, transactions, queries, size):
        names = ["studio", "Screen 2", "Ölberg", "SCREEN 1"]
        added = [
            transactions(lambda uow, name=name: uow.screens.add(a_screen(name))) for name in names
        ]
        studio, second, oelberg, first = added
        assert paged(queries.programme.screens, size) == [first, second, studio, oelberg]
        assert queries.programme.screens(Window(0, 1)).total == 4

    def test_bookings_of_a_customer_are_listed_newest_first(
        self, transactions, queries, sales, customer, actor, show
    ):
        other_customer = register(transactions, "other_customer")
        other = put_on(transactions)
        first = sales.book(show.id, [2, 1], customer)
        theirs = sales.book(show.id, [3], other_customer)
        second = sales.book(other.id, [1], customer)
        third = sales.book(show.id, [4], customer)

        def bookings(status=None, size=100):
            return paged(lambda window: queries.sales.bookings(customer, status, window), size)

        assert bookings() == bookings(size=1) == bookings(size=2) == [third, second, first]
        second = sales.cancel(second.show.id, second.id, actor)
        assert bookings() == [third, second, first]
        assert bookings(BookingStatus.BOOKED) == [third, first]
        assert bookings(BookingStatus.CANCELLED, size=1) == [second]
        assert queries.sales.bookings(customer, None, Window(0, 1)).total == 3
        assert queries.sales.bookings(customer, BookingStatus.BOOKED, Window(5, 1)).total == 2
        assert list(queries.sales.bookings(other_customer, None, ALL).items) == [theirs]
        assert queries.sales.bookings(other_customer, BookingStatus.CANCELLED, ALL).total == 0

    @pytest.mark.parametrize("count", [100, 101, 103])
    def test_every_page_of_many_bookings_can_be_read(self, transactions, queries, customer, count):
        show = put_on(transactions, a_show(plan=plain_grid(count)))
        numbers = range(1, count + 1)

        def work(uow):
            uow.seats.lock(show.id, numbers, show.plan)
            uow.bookings.add_all([a_booking(show, [n], customer=customer) for n in numbers])

        transactions(work)
        newest_first = list(reversed(numbers))
        for offset, size in ((0, 20), (20, 20), (80, 20), (90, 20), (100, 20), (120, 20), (0, 100)):
            page = queries.sales.bookings(customer, None, Window(offset, size))
            seats = [booking.seats[0].number for booking in page.items]
            assert (seats, page.total) == (newest_first[offset : offset + size], count)

    def test_bookings_of_a_customer_can_be_read_from_any_of_them(
        self, transactions, queries, sales, customer, actor, show
    ):
        sales.book(show.id, [9], register(transactions, "other_customer"))
        mine = [sales.book(show.id, [number], customer) for number in (1, 2, 3)]
        mine[1] = sales.cancel(mine[1].show.id, mine[1].id, actor)

        def after(last, limit=100):
            return queries.sales.bookings_after(customer, last, limit)

        assert after(0) == mine
        assert after(0, 2) == mine[:2]
        assert after(mine[1].id, 2) == mine[2:]
        assert after(mine[2].id) == []

    def test_the_actions_of_an_account_are_listed(self, transactions, queries, customer):
        other = register(transactions, "other")
        entries = [
            AuditEntry(
                at=NOW,
                account_id=by,
                action=f"show.{turn}",
                subject_kind="show",
                subject_id=5,
                details={},
            )
            for turn, by in enumerate((customer, other, None, customer))
        ]

        def work(uow):
            for entry in entries:
                uow.audit.append(entry)

        transactions(work)
        assert [entry.action for entry in queries.audit.actions_of(customer)] == [
            "show.0",
            "show.3",
        ]
        assert queries.audit.actions_of(customer + 1000) == []
