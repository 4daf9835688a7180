"""Two concurrent purchases of one account, neither of which sees the other's seats."""

import pytest

from tests.builders import SALES_GRACE, register
from tests.contracts.fixtures import Fixtures, booked
from tests.integration.sql.postgresql.transaction_client import COMMIT, SELLING
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.errors import SeatLimit
from ticketing.domain.sales.selling import SalesPolicy


class TestTwoCarts(Fixtures):
    @pytest.fixture
    def buyer(self, client):
        def with_limit(name):
            buyer = client(name)
            buyer.sales = BookingService(
                buyer.transactions, SalesPolicy(SALES_GRACE, per_account=2)
            )
            return buyer

        return with_limit

    @pytest.mark.parametrize("half_way", [SELLING, COMMIT])
    def test_the_second_counts_what_the_first_bought(
        self, queries, buyer, show, customer, half_way
    ):
        first, second = buyer("first"), buyer("second")
        first.start(first.sales.book, show.id, [1, 2], customer, stopping_before=half_way)
        second.start(second.sales.book, show.id, [3, 4], customer)
        assert first.resume().id
        refusal = second.result()
        assert isinstance(refusal, SeatLimit)
        assert refusal.facts == {"limit": 2, "held": 2}
        assert booked(queries, show.id) == [1, 2]

    def test_two_accounts_do_not_wait_for_each_other(self, transactions, buyer, show, customer):
        first, second = buyer("first"), buyer("second")
        first.start(first.sales.book, show.id, [1], customer, stopping_before=COMMIT)
        second.start(second.sales.book, show.id, [2], register(transactions, "other"))
        assert second.result().id
        assert not second.waited
        assert first.resume().id
