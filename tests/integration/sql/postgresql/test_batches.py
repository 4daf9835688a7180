"""Batches of sales meet locks, other batches, and an empty database's statistics."""

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from typing import Any

import psycopg2
import pytest

from tests.builders import SALES_GRACE, put_on, register
from tests.contracts.concurrent_calls import ConcurrentCall, answer
from tests.contracts.fixtures import Fixtures, booked
from tests.integration.sql.postgresql.counting_retry import CountingRetry
from tests.integration.sql.postgresql.transaction_client import holding_seat
from ticketing.adapters.sql.engine.database import connect
from ticketing.adapters.sql.postgresql.sale import prepare_statements
from ticketing.adapters.sql.programme.seat_plan_cache import SeatPlanCache
from ticketing.adapters.sql.unit_of_work import SqlTransactions, SqlUnitOfWork
from ticketing.domain.accounts.account import AccountId, Actor, Role
from ticketing.domain.errors import Busy
from ticketing.domain.sales.batch import sell_batch
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.errors import SalesClosed, SeatTaken
from ticketing.domain.sales.hold import Hold
from ticketing.domain.sales.hold_service import HoldService
from ticketing.domain.sales.idempotency import Repeatable, Replay
from ticketing.domain.sales.orders import BookHold, BookSeats, HoldSeats, Order
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.domain.unit_of_work import POSTPONED

POLICY = SalesPolicy(SALES_GRACE, per_account=10)
ORDERS_EACH = 20  # of 16 threads; tried with 10,000 orders


def request(key="key"):
    return Repeatable(key, "the same", lambda booking: f"booking {booking.id}")


class TestLocksOfOthers(Fixtures):
    @pytest.fixture
    def sell(self, transactions):
        def sell(*orders):
            return transactions(lambda work: sell_batch(work, orders, POLICY, wait=False))

        return sell

    def test_only_the_order_for_a_locked_seat_is_postponed(
        self, postgresql_url, sell, show, customer
    ):
        orders = [BookSeats(show.id, seats, customer) for seats in ([1], [2, 3], [4])]
        with holding_seat(postgresql_url, show.id, 3):
            outcomes = sell(*orders)
        assert outcomes[1] is POSTPONED
        assert [outcomes[0].seat_numbers, outcomes[2].seat_numbers] == [[1], [4]]

    def test_only_the_orders_of_a_customer_who_buys_elsewhere_are_postponed(
        self, transactions, postgresql_url, sell, show, customer
    ):
        other_customer = register(transactions, "other_customer")
        sell(BookSeats(show.id, [1], customer))
        with closing(psycopg2.connect(postgresql_url)) as elsewhere:
            theirs = "SELECT FROM show_customers WHERE account_id = %s FOR UPDATE"
            elsewhere.cursor().execute(theirs, [customer])
            outcomes = sell(
                BookSeats(show.id, [2], customer), BookSeats(show.id, [3], other_customer)
            )
        assert outcomes[0] is POSTPONED
        assert isinstance(outcomes[1], Booking)


class TestASeatLockedForLong(Fixtures):
    def test_the_others_are_answered_meanwhile(
        self, transactions, opening, clock, postgresql_url, show, customer
    ):
        sales = BookingService(SqlTransactions(opening(pool_size=2), clock), POLICY)
        other_customer = register(transactions, "other_customer")
        waiting = ConcurrentCall(sales.book, show.id, [1], customer)
        with holding_seat(postgresql_url, show.id, 1):
            waiting.start()
            others = [sales.book(show.id, [number], other_customer) for number in range(2, 6)]
            assert not waiting.is_done
        assert all(others)
        assert waiting.result().seat_numbers == [1]

    def test_a_show_that_is_being_cancelled_holds_up_no_other(
        self, opening, transactions, clock, show, customer
    ):
        sales = BookingService(SqlTransactions(opening(pool_size=2), clock), POLICY)
        other = put_on(transactions)
        waiting = ConcurrentCall(sales.book, show.id, [1], customer)

        def cancelling(work):
            work.shows.save(work.shows.lock(show.id).cancelled(clock.now))
            waiting.start()
            assert sales.book(other.id, [1], customer)
            assert not waiting.is_done

        transactions(cancelling)
        assert isinstance(waiting.result(), SalesClosed)


class TestDistributedShows(Fixtures):
    """On Citus, each statement names its show; PostgreSQL runs the same text."""

    @pytest.fixture(autouse=True)
    def looks_like_citus(self, admin):
        admin.execute("CREATE TABLE pg_dist_partition ()")
        yield
        admin.execute("DROP TABLE pg_dist_partition")

    def test_shows_are_sold(self, opening, queries, transactions, clock, show, customer):
        sales = BookingService(SqlTransactions(opening(), clock), POLICY)
        other = put_on(transactions)
        booking = sales.book_once(show.id, [1, 2], customer, request())
        assert isinstance(booking, Booking)
        assert sales.book_once(show.id, [1, 2], customer, request()) == Replay(
            f"booking {booking.id}"
        )
        assert isinstance(sales.book(other.id, [1], customer), Booking)
        assert isinstance(answer(sales.book, show.id, [2], customer), SeatTaken)
        assert (booked(queries, show.id), booked(queries, other.id)) == ([1, 2], [1])

    def test_each_lock_names_its_show(self, opening, show):
        with connect(opening().engine) as connection:
            prepare_statements(connection)
            lock = f"EXECUTE ticketing_lock ('{{{show.id},{show.id}}}', '{{1,2}}')"
            assert f"show_id = '{show.id}'" in explained(connection, lock)


class TestManyBatches(Fixtures):
    def test_batches_of_two_servers_never_deadlock(self, opening, transactions, clock, show):
        """At any time, all orders are of the same few shows, new customers and keys."""
        shows = [show, *(put_on(transactions) for _ in range(2))]
        orders = count()
        retry = CountingRetry(budget=60)

        def server():
            database = opening("-c deadlock_timeout=5ms", pool_size=8)  # before lock_timeout
            return BookingService(SqlTransactions(database, clock, retry), POLICY)

        servers = [server(), server()]

        def buy(seed):
            draw = random.Random(seed)
            sales = servers[seed % 2]
            for _ in range(ORDERS_EACH):
                customer = AccountId(10 * (next(orders) // 24) + draw.randint(1, 3))
                seats = draw.sample(show.plan.numbers, draw.randint(1, 3))
                order = draw.choice(shows).id, seats, customer
                key = request(f"key {draw.randint(1, 2)}")
                sold = answer(
                    *((sales.book_once, *order, key) if seed % 3 else (sales.book, *order))
                )
                yield sold
                if isinstance(sold, Booking):
                    yield answer(
                        sales.cancel, sold.show.id, sold.id, Actor(sold.customer, Role.CUSTOMER)
                    )

        with ThreadPoolExecutor(16) as pool:
            buyers = [pool.submit(list, buy(seed)) for seed in range(16)]
        answers = [each for buyer in buyers for each in buyer.result()]
        assert "40P01" not in retry.failures
        assert not any(isinstance(each, Busy) for each in answers)
        assert sum(isinstance(each, Booking) for each in answers) > len(answers) / 2


@pytest.mark.parametrize("filled", [False, True], ids=["just made", "filled"])
class TestPlans(Fixtures):
    """A sale looks its rows up by key, whatever PostgreSQL knows of its tables."""

    @pytest.fixture(autouse=True)
    def bookings(self, filled, transactions, admin, show):
        if filled:
            for each in (show, *(put_on(transactions) for _ in range(9))):
                admin.execute(
                    "INSERT INTO bookings"
                    " (show_id, reference, account_id, seat_numbers, created_at)"
                    " SELECT %s, n::text, n %% 100, '[1]', now() FROM generate_series(1, 1000) n",
                    [each.id],
                )
            admin.execute("ANALYZE")

    @pytest.fixture
    def store(self, opening):
        return opening(pool_size=1)

    @pytest.fixture
    def connection(self, store):
        with connect(store.engine) as connection:
            store.begin(connection)
            yield connection
            store.roll_back(connection)

    def test_a_sale_scans_no_table(self, store, connection, clock, show, customer):
        work = SqlUnitOfWork(store, connection, SeatPlanCache(), clock)
        orders = [BookSeats(show.id, [number], customer, request(f"{number}")) for number in (1, 2)]
        assert all(sell_batch(work, orders, POLICY, wait=False))
        scanned = "SELECT relname FROM pg_stat_xact_user_tables WHERE seq_scan > 0"
        assert connection.exec_driver_sql(scanned).scalars().all() == []

    def test_holds_and_their_bookings_scan_no_table(
        self, store, connection, clock, transactions, show, customer
    ):
        actor = Actor(customer, Role.CUSTOMER)
        policy = SalesPolicy(SALES_GRACE)
        hold = HoldService(transactions, policy).hold(show.id, [1, 2, 3], actor)
        work = SqlUnitOfWork(store, connection, SeatPlanCache(), clock)
        orders: list[Order] = [
            HoldSeats(show.id, [5, 6], actor, request("hold")),
            BookSeats(show.id, [1], customer),
            BookHold(hold.id, actor),
        ]
        outcomes: list[Any] = sell_batch(work, orders[:2], policy, wait=True)
        outcomes += sell_batch(work, orders[2:], policy, wait=True)
        work.holds.save_all([outcomes[0].released(clock.now)])
        work.holds.purge(clock.now)
        assert [outcome.seat_numbers for outcome in outcomes] == [[5, 6], [1], [2, 3]]
        scanned = "SELECT relname FROM pg_stat_xact_user_tables WHERE seq_scan > 0"
        assert connection.exec_driver_sql(scanned).scalars().all() == []

    def test_seats_that_are_held_and_sold_stay_on_their_pages(
        self, store, connection, clock, show, customer
    ):
        """Heap-only updates write no index."""
        actor = Actor(customer, Role.CUSTOMER)
        work = SqlUnitOfWork(store, connection, SeatPlanCache(), clock)
        policy = SalesPolicy(SALES_GRACE)
        [hold] = sell_batch(work, [HoldSeats(show.id, [1, 2], actor)], policy, wait=True)
        assert isinstance(hold, Hold)
        sell_batch(work, [BookHold(hold.id, actor)], policy, wait=True)
        updated = "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_xact_user_tables"
        seats = connection.exec_driver_sql(f"{updated} WHERE relname = 'show_seats'").one()
        assert tuple(seats) == (4, 4)

    def test_the_seats_that_a_customer_owns_are_looked_up_in_their_index(self, connection, show):
        look = f"EXECUTE ticketing_look ('{{{show.id}}}', '{{1}}', '{{7}}', NULL)"
        plan = explained(connection, look)
        assert "ix_bookings_show_id_account_id" in plan
        assert "ix_holds_account_id_show_id" in plan

    def test_without_a_seat_limit_they_are_not_looked_up(self, connection, show):
        look = f"EXECUTE ticketing_look ('{{{show.id}}}', '{{1}}', '{{NULL}}', NULL)"
        plan = explained(connection, look, analyze=True)
        look_ups = [line for line in plan.splitlines() if "using ix_" in line]
        assert len(look_ups) == 2
        assert all("never executed" in line for line in look_ups)


def explained(connection, statement, analyze=False):
    options = "ANALYZE" if analyze else "COSTS off"
    rows = connection.exec_driver_sql(f"EXPLAIN ({options}) {statement}")
    return "\n".join(rows.scalars())
