"""What is decided is decided by the time at which the seats are held, not when it was asked."""

import time
from datetime import timedelta

from sqlalchemy import select

from tests.builders import SALES_GRACE, a_show, put_on
from tests.contracts.stage import Stage, booked
from tests.integration.sql.postgresql.person import holding_seat
from ticketing.domain.sales.errors import SalesClosed, ShowStarted

A_MOMENT = timedelta(seconds=1)
"""Within which the buyer asks, on a machine that is busy too."""


def time_of(database):
    with database.engine.connect() as connection:
        return connection.scalars(select(database.clock)).one()


class TestTheTimeOfADecision(Stage):
    def test_a_sale_that_waited_past_the_end_of_sales_is_refused(
        self, postgresql_url, queries, clock, person, show, customer
    ):
        buyer = person("buyer")
        with holding_seat(postgresql_url, show.id, 1):
            buyer.does(buyer.sales.book, show.id, [1], customer)
            clock.now = show.starts_at + SALES_GRACE
        assert isinstance(buyer.is_told(), SalesClosed)
        assert booked(queries, show.id) == []

    def test_a_cancellation_that_waited_past_the_start_is_refused(
        self, postgresql_url, queries, clock, person, sales, show, customer, actor
    ):
        booking = sales.book(show.id, [1], customer)
        owner = person("owner")
        with holding_seat(postgresql_url, show.id, 1):
            owner.does(owner.sales.cancel, booking.id, actor)
            clock.now = show.starts_at
        assert isinstance(owner.is_told(), ShowStarted)
        assert queries.sales.booking(booking.id) == booking

    def test_the_database_tells_the_time_after_the_wait(
        self, postgresql_url, database, transactions, person, customer
    ):
        """SQL's now() would be stale: it stands still from the transaction's beginning on."""
        buyer = person("buyer", clock=None, settings="-c lock_timeout=9s")
        end_of_sales = time_of(database) + A_MOMENT
        show = put_on(transactions, a_show(starts_at=end_of_sales - SALES_GRACE))
        with holding_seat(postgresql_url, show.id, 1):
            buyer.does(buyer.sales.book, show.id, [1], customer)
            assert buyer.began() < end_of_sales
            while time_of(database) < end_of_sales:
                time.sleep(0.01)
        assert isinstance(buyer.is_told(), SalesClosed)
        assert buyer.attempts == 1
