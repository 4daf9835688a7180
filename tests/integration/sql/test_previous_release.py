"""Servers of the previous release beside this one, on the new schema.

They know neither plans nor holds: they write two numbers for a plan, and sell held seats.
"""

import pytest

from tests.builders import CLEANING, SALES_GRACE, a_show, put_on, register
from ticketing.adapters.sql.engine.database import Database
from ticketing.domain.accounts.account import Actor, Role
from ticketing.domain.programme.programme_service import ProgrammeService
from ticketing.domain.programme.screen_service import ScreenService
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show_draft import ShowDraft
from ticketing.domain.sales.blocked_seats_service import BlockedSeatsService
from ticketing.domain.sales.errors import HoldLost, SeatTaken
from ticketing.domain.sales.hold_service import HoldService
from ticketing.domain.sales.selling import SalesPolicy


@pytest.fixture
def show(transactions):
    return put_on(transactions, a_show(plan=plain_grid(4, 2)))


@pytest.fixture
def maria(transactions):
    return Actor(register(transactions, "maria"), Role.CUSTOMER)


@pytest.fixture
def otto(transactions):
    return Actor(register(transactions, "otto"), Role.CUSTOMER)


@pytest.fixture
def holds(transactions):
    return HoldService(transactions, SalesPolicy(SALES_GRACE))


@pytest.fixture
def screens(transactions):
    return ScreenService(transactions)


def run(database: Database, script: str) -> None:
    with database.engine.begin() as connection:
        for statement in script.split(";"):
            connection.exec_driver_sql(statement)


def test_holds_of_seats_that_the_previous_release_replaced_are_read_but_not_booked(
    database, transactions, queries, show, holds, maria
):
    """It does not end them with the show as it was."""
    made = [holds.hold(show.id, [number], maria) for number in (2, 4)]
    run(
        database,
        f"""
        UPDATE shows SET total_seats = 2, seats_per_row = 2 WHERE id = {show.id};
        DELETE FROM show_seats WHERE show_id = {show.id};
        INSERT INTO show_seats (show_id, number) VALUES ({show.id}, 1), ({show.id}, 2)
        """,
    )

    def seats():
        return [queries.sales.hold(hold.id).hold.seats for hold in made]

    assert seats() == [hold.seats for hold in made]
    assert not queries.sales.seat_map(show.id).held
    with pytest.raises(HoldLost):
        holds.book(made[0].id, maria)
    programme = ProgrammeService(transactions, CLEANING)
    assert programme.change_show(show.id, ShowDraft(total_seats=9)).plan == plain_grid(9)
    assert seats() == [hold.seats for hold in made]


def test_a_seat_that_the_previous_release_sold_is_sold_whatever_it_carries(
    database, transactions, queries, show, holds, screens, maria, otto
):
    hold = holds.hold(show.id, [1, 2], maria)
    BlockedSeatsService(transactions).block(show.id, [4])
    run(
        database,
        f"""
        INSERT INTO bookings (show_id, id, reference, account_id, seat_numbers, created_at) VALUES
         ({show.id}, 1000, 'AAAA-1111', {otto.account_id}, '[2, 4]', '2026-05-04 18:00:00+00:00');
        UPDATE show_seats SET booking_id = 1000 WHERE show_id = {show.id} AND number IN (2, 4)
        """,
    )

    seat_map = queries.sales.seat_map(show.id)
    assert set(seat_map.booked) == {2, 4}
    assert queries.programme.show(show.id).available_seats == 1
    with pytest.raises(HoldLost):
        holds.book(hold.id, maria)
    with pytest.raises(SeatTaken):
        holds.hold(show.id, [2], otto)
    change = screens.change_plan(show.screen.id, plain_grid(9))
    assert [each.seats for each in change.shows_kept] == [["A1", "A2", "B2"]]
    holds.release(hold.id, maria)
    change = screens.change_plan(show.screen.id, plain_grid(9))
    assert [each.seats for each in change.shows_kept] == [["A2", "B2"]]
    [seat, last] = queries.sales.booking(1000).seats
    assert (seat.label, last.label) == ("A2", "B2")
