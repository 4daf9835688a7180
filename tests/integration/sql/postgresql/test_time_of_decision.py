"""A sale is decided by the time after its seats are locked, not that of the request."""

import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.builders import SALES_GRACE, a_show, put_on
from tests.contracts.fixtures import ALL, Fixtures, booked
from tests.integration.sql.postgresql.transaction_client import holding_seat
from ticketing.adapters.sql.engine import clock as process_clock
from ticketing.adapters.sql.open import sql_queries
from ticketing.domain.programme.queries import ShowFilter
from ticketing.domain.programme.show import ShowStatus
from ticketing.domain.sales.errors import SalesClosed, ShowStarted

A_MOMENT = timedelta(seconds=1)
"""The buyer's request arrives within this time, also on a busy machine."""


def time_of(database):
    with database.engine.connect() as connection:
        return connection.scalars(select(database.clock)).one()


class TestTheTimeOfADecision(Fixtures):
    def test_a_sale_that_waited_past_the_end_of_sales_is_refused(
        self, postgresql_url, queries, clock, client, show, customer
    ):
        buyer = client("buyer")
        with holding_seat(postgresql_url, show.id, 1):
            buyer.start(buyer.sales.book, show.id, [1], customer)
            clock.now = show.starts_at + SALES_GRACE
        assert isinstance(buyer.result(), SalesClosed)
        assert booked(queries, show.id) == []

    def test_a_cancellation_that_waited_past_the_start_is_refused(
        self, postgresql_url, queries, clock, client, sales, show, customer, actor
    ):
        booking = sales.book(show.id, [1], customer)
        owner = client("owner")
        with holding_seat(postgresql_url, show.id, 1):
            owner.start(owner.sales.cancel, booking.show.id, booking.id, actor)
            clock.now = show.starts_at
        assert isinstance(owner.result(), ShowStarted)
        assert queries.sales.booking(booking.id) == booking

    def test_the_databases_time_is_read_after_the_wait(
        self, postgresql_url, database, transactions, client, customer
    ):
        """SQL's now() would be stale: it is the start of the transaction."""
        buyer = client("buyer", clock=None, settings="-c lock_timeout=9s")
        end_of_sales = time_of(database) + A_MOMENT
        show = put_on(transactions, a_show(starts_at=end_of_sales - SALES_GRACE))
        with holding_seat(postgresql_url, show.id, 1):
            buyer.start(buyer.sales.book, show.id, [1], customer)
            assert buyer.began() < end_of_sales
            while time_of(database) < end_of_sales:
                time.sleep(0.01)
        assert isinstance(buyer.result(), SalesClosed)
        assert buyer.attempts == 1

    @pytest.mark.parametrize(("minutes", "status"), [(5, ShowStatus.ON_SALE), (20, None)])
    def test_shows_are_listed_by_the_databases_time(
        self, database, transactions, monkeypatch, minutes, status
    ):
        """Whatever the time of the server that lists them."""
        began = time_of(database) - timedelta(minutes=minutes)
        show = put_on(transactions, a_show(starts_at=began))
        for error in (-25, 25):
            wrong = time_of(database) + timedelta(minutes=error)
            monkeypatch.setattr(process_clock, "system_clock", lambda now=wrong: now)
            programme = sql_queries(database, SALES_GRACE).programme
            listed = programme.shows(ShowFilter(), ALL).items
            assert [offer.status for offer in listed] == ([status] if status else [])
            assert programme.show(show.id).status == (status or ShowStatus.CLOSED)
