"""The state that a connection must not carry through the pool."""

from contextlib import suppress

import pytest
from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from tests.builders import SALES_GRACE
from tests.contracts.fixtures import Fixtures, booked
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.selling import SalesPolicy


@pytest.fixture
def database(opening):
    return opening(pool_size=1)


def own(database, statement):
    """An action on the only connection of the pool."""
    with database.engine.connect() as connection:
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize("statement", ["BEGIN", "BEGIN; SELECT FROM shows FOR UPDATE"])
def test_a_transaction_that_was_left_open_ends_with_its_connection(database, statement):
    own(database, statement)
    with database.engine.connect() as connection:
        status = connection.connection.dbapi_connection.get_transaction_status()
    assert status == TRANSACTION_STATUS_IDLE


@pytest.mark.parametrize("error", [None, ValueError])
def test_a_change_that_sent_nothing_leaves_no_transaction_to_the_next(database, error):
    def work(uow):
        if error:
            raise error

    with suppress(ValueError):
        SqlTransactions(database)(work)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        status = connection.connection.dbapi_connection.get_transaction_status()
    assert status == TRANSACTION_STATUS_IDLE


class TestSalesContinue(Fixtures):
    @pytest.fixture
    def sales(self, transactions):
        return BookingService(transactions, SalesPolicy(SALES_GRACE))

    @pytest.fixture
    def transactions(self, database, clock):
        return SqlTransactions(database, clock)

    @pytest.mark.parametrize("reset", ["DISCARD ALL", "DEALLOCATE ALL"])
    def test_after_the_session_was_reset(self, database, queries, sales, customer, show, reset):
        sales.book(show.id, [1], customer)
        own(database, reset)
        sales.book(show.id, [2], customer)
        assert booked(queries, show.id) == [1, 2]

    def test_after_a_column_got_another_type(self, admin, queries, sales, customer, show):
        sales.book(show.id, [1], customer)
        admin.execute("ALTER TABLE movies ALTER duration_minutes TYPE bigint")
        try:
            sales.book(show.id, [2], customer)
        finally:
            admin.execute("ALTER TABLE movies ALTER duration_minutes TYPE integer")
        assert booked(queries, show.id) == [1, 2]
