"""Queries of shows and their seats."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import NOW, SALES_GRACE, TOMORROW, a_screen, a_show, put_on
from tests.contracts.fixtures import ALL, Fixtures, booked, paged
from ticketing.domain.paging import Window
from ticketing.domain.programme.queries import ShowAvailability, ShowFilter
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import ShowStatus

DAY = timedelta(days=1)
A_MOMENT = timedelta(microseconds=1)


class ShowQueriesContract(Fixtures):
    @pytest.mark.parametrize("size", [1, 2, 100])
    def test_shows_are_listed_soonest_first(self, transactions, queries, size):
        tomorrow, again = put_on(transactions), put_on(transactions)
        today = put_on(transactions, a_show(starts_at=NOW))
        third = put_on(transactions)
        offers = paged(lambda window: queries.programme.shows(ShowFilter(), window), size)
        assert [offer.show for offer in offers] == [today, tomorrow, again, third]
        assert queries.programme.shows(ShowFilter(), Window(0, 1)).total == 4

    def test_shows_are_filtered_by_time_movie_and_screen(self, transactions, queries):
        first = put_on(transactions)
        past = put_on(transactions, replace(first, starts_at=NOW - DAY))
        cellar = a_show(screen=a_screen("Cellar"), starts_at=NOW + 2 * DAY)
        later = put_on(transactions, cellar)

        def chosen(**conditions):
            page = queries.programme.shows(ShowFilter(**conditions), ALL)
            assert page.total == len(page.items)
            return [offer.show for offer in page.items]

        assert chosen() == [first, later]
        assert chosen(starts_from=NOW - DAY) == [past, first, later]
        assert chosen(starts_from=NOW - DAY + A_MOMENT) == [first, later]
        assert chosen(starts_before=TOMORROW) == []
        assert chosen(starts_before=TOMORROW + A_MOMENT) == [first]
        assert chosen(starts_from=TOMORROW, starts_before=NOW + 2 * DAY) == [first]
        assert chosen(starts_from=NOW + 3 * DAY, starts_before=NOW) == []
        assert chosen(movie_id=first.movie.id) == [first]
        assert chosen(movie_id=first.movie.id, starts_from=NOW - DAY) == [past, first]
        assert chosen(screen_id=later.screen.id) == [later]
        assert chosen(movie_id=first.movie.id, screen_id=later.screen.id) == []
        assert chosen(movie_id=10**30) == chosen(screen_id=10**30) == []

    def test_shows_can_be_filtered_by_any_time_of_the_calendar(self, transactions, queries):
        put_on(transactions)
        first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
        assert (
            queries.programme.shows(ShowFilter(starts_from=first, starts_before=last), ALL).total
            == 1
        )
        assert (
            queries.programme.shows(ShowFilter(starts_from=last, starts_before=first), ALL).total
            == 0
        )

    def test_a_show_is_listed_with_its_free_seats(
        self, transactions, queries, sales, customer, show
    ):
        full = put_on(transactions, a_show(plan=plain_grid(2), starts_at=TOMORROW + DAY))
        sales.book(show.id, [1, 50], customer)
        sales.book(full.id, [1, 2], customer)
        offers = [
            ShowAvailability(show, 48, ShowStatus.ON_SALE, 0, 2),
            ShowAvailability(full, 0, ShowStatus.SOLD_OUT, 0, 2),
        ]
        assert list(queries.programme.shows(ShowFilter(), ALL).items) == offers
        assert [queries.programme.show(show.id), queries.programme.show(full.id)] == offers

    def test_seats_of_a_cancelled_booking_are_free_again(
        self, queries, sales, customer, actor, show
    ):
        sales.cancel(show.id, sales.book(show.id, [1, 2], customer).id, actor)
        assert queries.programme.show(show.id).available_seats == 50

    def test_ended_shows_are_listed_only_on_request(self, transactions, queries):
        ended = put_on(transactions, a_show(starts_at=NOW - SALES_GRACE))
        late = put_on(transactions, a_show(starts_at=NOW - SALES_GRACE + A_MOMENT))
        off = put_on(transactions, a_show(cancelled_at=NOW))
        off_and_over = put_on(transactions, a_show(starts_at=NOW - DAY, cancelled_at=NOW - DAY))

        def listed(conditions):
            return [
                (offer.show, offer.status)
                for offer in queries.programme.shows(conditions, ALL).items
            ]

        current = [(late, ShowStatus.ON_SALE), (off, ShowStatus.CANCELLED)]
        over = [(off_and_over, ShowStatus.CANCELLED), (ended, ShowStatus.CLOSED)]
        assert listed(ShowFilter()) == current
        assert listed(ShowFilter(starts_from=NOW - DAY)) == over + current
        assert queries.programme.show(ended.id).status == ShowStatus.CLOSED

    def test_the_seat_map_contains_every_sale(self, queries, sales, customer, actor, show):
        assert queries.sales.seat_map(show.id).show_id == show.id
        assert queries.sales.seat_map(show.id).plan == show.plan
        assert booked(queries, show.id) == []
        booking = sales.book(show.id, [50, 2, 10], customer)
        assert booked(queries, show.id) == [2, 10, 50]
        sales.book(show.id, [3], customer)
        assert booked(queries, show.id) == [2, 3, 10, 50]
        sales.cancel(booking.show.id, booking.id, actor)
        assert booked(queries, show.id) == [3]
