"""A booking that is cancelled twice, with another buyer in between."""

from datetime import UTC, datetime
from secrets import token_hex
from uuid import uuid4

import pytest

from tests.builders import SALES_GRACE, a_show, put_on, register, sold_at_once
from tests.contracts.fixtures import Fixtures, booked
from tests.integration.sql.postgresql.transaction_client import COMMIT
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.errors import TooManyKeys
from ticketing.domain.sales.idempotency import MAX_KEYS_PER_OPERATION, Repeatable
from ticketing.domain.sales.selling import SalesPolicy


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


class TestKeysOfCancellations(Fixtures):
    @pytest.fixture
    def booking(self, sales, show, customer):
        return sales.book(show.id, [1, 2], customer)

    def request(self, key):
        return Repeatable(key, "a" * 32, lambda booking: token_hex(1000))

    def test_one_that_changed_nothing_takes_less_than_200_bytes(
        self, sales, admin, booking, show, actor
    ):
        sales.cancel(show.id, booking.id, actor)
        sales.cancel_once(show.id, booking.id, actor, self.request(str(uuid4())))
        admin.execute("SELECT pg_column_size(k.*) FROM idempotency_keys k")
        [(size,)] = admin.fetchall()
        assert size < 200

    def test_concurrent_ones_do_not_exceed_the_maximum(
        self, sales, admin, client, booking, show, actor
    ):
        sales.cancel(show.id, booking.id, actor)
        for number in range(MAX_KEYS_PER_OPERATION - 1):
            sales.cancel_once(show.id, booking.id, actor, self.request(f"{number}"))
        slow, quick = client("slow"), client("quick")
        cancel = show.id, booking.id, actor
        slow.start(slow.sales.cancel_once, *cancel, self.request("slow"), stopping_before=COMMIT)
        quick.start(quick.sales.cancel_once, *cancel, self.request("quick"))
        assert quick.waited
        assert slow.resume() == sales.cancel(*cancel)
        assert isinstance(quick.result(), TooManyKeys)
        admin.execute("SELECT count(*) FROM idempotency_keys")
        assert admin.fetchall() == [(MAX_KEYS_PER_OPERATION,)]

    def test_keys_have_the_time_of_the_database(self, database, admin, transactions, actor):
        show = put_on(transactions, a_show(starts_at=datetime(2100, 1, 1, tzinfo=UTC)))
        in_real_time = BookingService(SqlTransactions(database), SalesPolicy(SALES_GRACE))
        with pytest.MonkeyPatch.context() as patch:
            wrong = datetime(2020, 1, 1, tzinfo=UTC)
            patch.setattr("ticketing.adapters.sql.engine.clock.system_clock", lambda: wrong)
            in_real_time.book_once(show.id, [3], actor.account_id, self.request("k"))
        admin.execute("SELECT now() - created_at < interval '1 minute' FROM idempotency_keys")
        assert admin.fetchall() == [(True,)]
