"""Each server process caches seat plans; another process may have changed them."""

import pytest

from tests.builders import CLEANING, SALES_GRACE, a_show, put_on, register
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.domain.programme.errors import UnknownSeat
from ticketing.domain.programme.programme_service import ProgrammeService
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show_draft import ShowDraft
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.selling import SalesPolicy


def test_a_seat_is_sold_of_a_plan_that_another_process_enlarged(database, transactions, clock):
    show = put_on(transactions, a_show(plan=plain_grid(5)))
    customer = register(transactions)
    sales = BookingService(transactions, SalesPolicy(SALES_GRACE))
    with pytest.raises(UnknownSeat):
        sales.book(show.id, ["A9"], customer)

    elsewhere = ProgrammeService(SqlTransactions(database, clock), CLEANING)
    elsewhere.change_show(show.id, ShowDraft(total_seats=9))

    [seat] = sales.book(show.id, ["A9"], customer).seats
    assert seat.number == 9
