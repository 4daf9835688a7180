"""Sales of several customers in one transaction."""

import pytest

from tests.builders import SALES_GRACE, put_on, register
from tests.contracts.fixtures import ALL, Fixtures, booked
from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.batch import sell_batch
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.errors import SeatLimit, SeatTaken
from ticketing.domain.sales.idempotency import Repeatable, Replay
from ticketing.domain.sales.orders import BookSeats
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.domain.unit_of_work import POSTPONED

POLICY = SalesPolicy(SALES_GRACE, per_account=3)


def request(key):
    return Repeatable(key, "the same", lambda booking: f"booking {booking.id}")


class BatchesContract(Fixtures):
    @pytest.fixture
    def other_customer(self, transactions):
        return register(transactions, "other_customer")

    @pytest.fixture(params=[False, True], ids=["brief", "waiting"])
    def sell(self, transactions, request):
        def sell(*orders):
            return transactions(lambda work: sell_batch(work, orders, POLICY, wait=request.param))

        return sell

    def test_a_batch_sells_seats_of_several_shows_to_several_customers(
        self, transactions, queries, sell, show, customer, other_customer
    ):
        other = put_on(transactions)
        sold = sell(
            BookSeats(other.id, [3], customer),
            BookSeats(show.id, ["A2", "A1"], other_customer),
            BookSeats(show.id, [50], customer, request("key")),
        )
        assert [queries.sales.booking(booking.id) for booking in sold] == sold
        assert [booking.customer for booking in sold] == [customer, other_customer, customer]
        assert [booking.seat_numbers for booking in sold] == [[3], [1, 2], [50]]
        assert (booked(queries, other.id), booked(queries, show.id)) == ([3], [1, 2, 50])

    def test_refused_orders_store_nothing(
        self, transactions, queries, sell, show, customer, other_customer
    ):
        sell(BookSeats(show.id, [1, 2], customer))
        outcomes = sell(
            BookSeats(ShowId(987_654), [1], other_customer),
            BookSeats(show.id, [2, 3], other_customer, request("key")),
            BookSeats(show.id, [4, 5], customer),
            BookSeats(show.id, [3], other_customer),
        )
        expected = [ShowNotFound, SeatTaken, SeatLimit, Booking]
        assert [type(outcome) for outcome in outcomes] == expected
        assert booked(queries, show.id) == [1, 2, 3]
        [sold] = sell(
            BookSeats(show.id, [6], other_customer, request("key"))
        )  # its key was released
        assert isinstance(sold, Booking)

    def test_keys_of_earlier_and_of_later_orders_are_replayed(
        self, queries, sell, show, customer, other_customer
    ):
        [first] = sell(BookSeats(show.id, [1], customer, request("key")))
        replayed, theirs, repeated = sell(
            BookSeats(show.id, [1], customer, request("key")),
            BookSeats(show.id, [2], other_customer, request("key")),
            BookSeats(show.id, [2], other_customer, request("key")),
        )
        assert replayed == Replay(f"booking {first.id}")
        assert repeated is POSTPONED
        [again] = sell(BookSeats(show.id, [2], other_customer, request("key")))
        assert again == Replay(f"booking {theirs.id}")
        assert list(queries.sales.bookings(other_customer, None, ALL).items) == [theirs]

    def test_a_refused_order_releases_its_key_when_another_is_replayed(
        self, sell, show, customer, other_customer
    ):
        sell(BookSeats(show.id, [1], customer, request("key")))
        replayed, refused = sell(
            BookSeats(show.id, [1], customer, request("key")),
            BookSeats(show.id, [1], other_customer, request("key")),
        )
        assert (type(replayed), type(refused)) == (Replay, SeatTaken)
        [sold] = sell(BookSeats(show.id, [2], other_customer, request("key")))
        assert isinstance(sold, Booking)

    def test_a_batch_counts_what_a_customer_bought_before(self, sell, show, customer):
        sell(BookSeats(show.id, [1, 2], customer))
        outcomes = sell(BookSeats(show.id, [3], customer), BookSeats(show.id, [4], customer))
        assert [type(outcome) for outcome in outcomes] == [Booking, SeatLimit]
        assert outcomes[1].facts == {"limit": 3, "held": 3}

    def test_the_largest_batch_is_sold(self, queries, transactions, sell, customer):
        show = put_on(transactions)
        buyers = [register(transactions, f"buyer-{number}") for number in range(32)]
        sold = sell(*(BookSeats(show.id, [n + 1], buyer) for n, buyer in enumerate(buyers)))
        assert [booking.customer for booking in sold] == buyers
        assert booked(queries, show.id) == list(range(1, 33))
