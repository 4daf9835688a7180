"""A booking that is cancelled twice, with another buyer in between."""

import pytest

from tests.builders import register, sold_at_once
from tests.contracts.fixtures import Fixtures, booked
from tests.integration.sql.postgresql.transaction_client import COMMIT


def selling_seat_1(show, customer):
    """Return a sale that waits for the seat, while others would report it as taken."""

    def sale(uow):
        current, seats, _ = uow.seats.lock(show.id, [1], show.plan)
        return uow.bookings.add(sold_at_once(current, seats, customer, uow.now()))

    return sale


class TestCancellingTwice(Fixtures):
    @pytest.fixture
    def booking(self, sales, show, customer):
        return sales.book(show.id, [1, 2], customer)

    @pytest.fixture
    def other_customer(self, transactions):
        return register(transactions, "other_customer")

    @pytest.mark.parametrize(
        "half_way",
        [
            pytest.param("FOR UPDATE", id="before the seats are locked"),
            pytest.param("UPDATE bookings", id="after it was decided"),
            pytest.param("UPDATE show_seats", id="after it was written"),
            pytest.param(COMMIT, id="before it is committed"),
        ],
    )
    def test_the_buyer_in_between_keeps_the_seat(
        self, queries, clock, client, show, booking, other_customer, actor, half_way
    ):
        slow, quick, buyer = client("slow"), client("quick"), client("buyer")
        slow.start(slow.sales.cancel, booking.show.id, booking.id, actor, stopping_before=half_way)
        clock.advance(minutes=1)
        quick.start(quick.sales.cancel, booking.show.id, booking.id, actor)
        clock.advance(minutes=1)
        buyer.start(buyer.transactions, selling_seat_1(show, other_customer))
        answers = [slow.resume(), quick.result()]
        assert answers == [queries.sales.booking(booking.id)] * 2
        bought = buyer.result()
        assert queries.sales.booking(bought.id) == bought
        assert booked(queries, show.id) == [1]
        assert [slow.attempts, quick.attempts, buyer.attempts] == [1, 1, 1]
