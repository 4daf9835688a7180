"""All transactions lock seats in the same order, so there are no deadlocks.

The order is that of the numbers, not of the request, and not that of the rows on the
disk: a seat that was sold and cancelled has moved to the end.
"""

import pytest

from tests.builders import register
from tests.contracts.fixtures import Fixtures
from tests.integration.sql.postgresql.transaction_client import holding_seat
from ticketing.domain.programme.show_draft import ShowDraft
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.errors import SalesClosed, SeatTaken

BY_NUMBER = "-c enable_seqscan=off -c enable_bitmapscan=off"
AS_THEY_LIE = "-c enable_indexscan=off -c enable_bitmapscan=off"
WAYS = [pytest.param(BY_NUMBER, id="by number"), pytest.param(AS_THEY_LIE, id="as they lie")]


class TestTheOrderOfSeats(Fixtures):
    @pytest.fixture(autouse=True)
    def seat_1_lies_last(self, sales, show, customer, actor):
        sales.cancel(show.id, sales.book(show.id, [1], customer).id, actor)

    @pytest.mark.parametrize("mine", WAYS)
    @pytest.mark.parametrize("theirs", WAYS)
    def test_two_sales_of_seats_in_opposite_order_do_not_deadlock(
        self, transactions, postgresql_url, client, show, customer, mine, theirs
    ):
        first, second = client("first", settings=mine), client("second", settings=theirs)
        other_customer = register(transactions, "other_customer")
        with holding_seat(postgresql_url, show.id, 2):
            first.start(first.sales.book, show.id, [1, 2, 3], customer)
            second.start(second.sales.book, show.id, [3, 1], other_customer)
        assert isinstance(first.result(), Booking)
        assert isinstance(second.result(), SeatTaken)
        assert (first.attempts, second.attempts) == (1, 1)

    @pytest.mark.parametrize("way", WAYS)
    def test_a_sale_and_a_change_of_the_show_do_not_deadlock(
        self, postgresql_url, client, show, customer, way
    ):
        staff, buyer = client("staff", settings=way), client("buyer", settings=BY_NUMBER)
        with holding_seat(postgresql_url, show.id, 25):
            staff.start(staff.programme.change_show, show.id, ShowDraft(cancelled=True))
            buyer.start(buyer.sales.book, show.id, [1, 3], customer)
        assert staff.result().cancelled_at
        assert isinstance(buyer.result(), SalesClosed)
        assert (staff.attempts, buyer.attempts) == (1, 1)
