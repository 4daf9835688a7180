"""The largest seat plans and long lists of shows need few statements."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from tests.builders import TOMORROW, a_booking, a_movie, a_screen, a_show, put_on
from tests.contracts.fixtures import ALL
from ticketing.domain.programme.queries import ShowFilter
from ticketing.domain.programme.seat_plans.numbers import MAX_SEATS
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid


@pytest.fixture
def counted(database):
    """Count the statements of a call."""
    statements: list[str] = []

    @event.listens_for(database.engine, "before_cursor_execute")
    def count(connection, cursor, statement, *_):
        statements.append(statement)

    def counted(act) -> int:
        statements.clear()
        act()
        return len([each for each in statements if not each.startswith("BEGIN")])

    return counted


def test_a_show_of_20_000_seats_is_created_with_few_statements(transactions, queries, counted):
    large, small = plain_grid(MAX_SEATS), plain_grid(1)
    show, _ = (put_on(transactions, a_show(plan=plan)) for plan in (large, small))
    assert queries.programme.show(show.id).available_seats == MAX_SEATS
    taken = [
        counted(lambda plan=plan: put_on(transactions, a_show(plan=plan)))
        for plan in (large, small)
    ]
    assert taken[0] == taken[1] <= 8


def test_a_show_of_20_000_seats_is_cancelled_with_few_statements(transactions, counted):
    large, small = (put_on(transactions, a_show(plan=plain_grid(n))) for n in (MAX_SEATS, 1))

    def call_off(show):
        transactions(lambda uow: uow.shows.save(uow.shows.lock(show.id).cancelled(TOMORROW)))

    taken = counted(lambda: call_off(large))
    assert taken == counted(lambda: call_off(small)) <= 6


def test_lists_of_any_length_need_the_same_few_statements(transactions, queries, counted):
    def one_more(turn: int) -> None:
        def work(uow):
            show = uow.shows.add(
                a_show(
                    movie=uow.movies.add(a_movie(f"Movie {turn}")),
                    screen=uow.screens.add(a_screen(f"Screen {turn}")),
                    starts_at=TOMORROW + timedelta(hours=turn),
                )
            )
            _, seats, _ = uow.seats.lock(show.id, [1], show.plan)
            uow.bookings.add(a_booking(show, [seat.seat.number for seat in seats]))
            return show

        transactions(work)

    lists = {
        "shows": lambda: queries.programme.shows(ShowFilter(), ALL),
        "movies": lambda: queries.programme.movies("", ALL),
        "screens": lambda: queries.programme.screens(ALL),
        "bookings": lambda: queries.sales.bookings(a_booking().customer, None, ALL),
    }

    def statements() -> dict[str, int]:
        return {name: counted(ask) for name, ask in lists.items()}

    one_more(0)
    statements()  # reads the seat plan, which is then cached
    of_one = statements()
    for turn in range(1, 30):
        one_more(turn)
    assert [ask().total for ask in lists.values()] == [30] * 4
    assert statements() == of_one == {"shows": 2, "movies": 1, "screens": 1, "bookings": 1}
