"""Everybody locks seats in the same order, so that nobody deadlocks.

The order is that of the numbers, not of the wishes, and not that in which the rows lie on the
disk: a seat that was sold and given back has moved to the end.
"""

import pytest

from tests.builders import register
from tests.contracts.stage import Stage
from tests.integration.sql.postgresql.person import holding_seat
from ticketing.domain.programme.show_draft import ShowDraft
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.errors import SalesClosed, SeatTaken

BY_NUMBER = "-c enable_seqscan=off -c enable_bitmapscan=off"
AS_THEY_LIE = "-c enable_indexscan=off -c enable_bitmapscan=off"
WAYS = [pytest.param(BY_NUMBER, id="by number"), pytest.param(AS_THEY_LIE, id="as they lie")]


class TestTheOrderOfSeats(Stage):
    @pytest.fixture(autouse=True)
    def seat_1_lies_last(self, sales, show, customer, actor):
        sales.cancel(sales.book(show.id, [1], customer).id, actor)

    @pytest.mark.parametrize("mine", WAYS)
    @pytest.mark.parametrize("theirs", WAYS)
    def test_two_sales_with_opposite_wishes_do_not_deadlock(
        self, transactions, postgresql_url, person, show, customer, mine, theirs
    ):
        first, second = person("first", settings=mine), person("second", settings=theirs)
        rival = register(transactions, "rival")
        with holding_seat(postgresql_url, show.id, 2):
            first.does(first.sales.book, show.id, [1, 2, 3], customer)
            second.does(second.sales.book, show.id, [3, 1], rival)
        assert isinstance(first.is_told(), Booking)
        assert isinstance(second.is_told(), SeatTaken)
        assert (first.attempts, second.attempts) == (1, 1)

    @pytest.mark.parametrize("way", WAYS)
    def test_a_sale_and_a_change_of_the_show_do_not_deadlock(
        self, postgresql_url, person, show, customer, way
    ):
        staff, buyer = person("staff", settings=way), person("buyer", settings=BY_NUMBER)
        with holding_seat(postgresql_url, show.id, 25):
            staff.does(staff.programme.change_show, show.id, ShowDraft(cancelled=True))
            buyer.does(buyer.sales.book, show.id, [1, 3], customer)
        assert staff.is_told().cancelled_at
        assert isinstance(buyer.is_told(), SalesClosed)
        assert (staff.attempts, buyer.attempts) == (1, 1)
