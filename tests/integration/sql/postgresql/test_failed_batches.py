"""A batch of which one sale fails, or that fails as a whole: each caller gets its own answer."""

import time
from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Event
from typing import Any

import pytest

from tests.builders import A_WEEK, NOW, SALES_GRACE, Clock, Ticks, a_show, put_on, register
from tests.contracts.fixtures import ALL, Fixtures, booked
from tests.integration.databases import opened
from tests.integration.sql.postgresql.counting_retry import REJECTED, CountingRetry
from tests.integration.sql.postgresql.database_faults import AT_MOST, watch
from tests.integration.sql.postgresql.network_proxy import proxy_to
from tests.integration.sql.postgresql.transaction_client import COMMIT
from ticketing.adapters.group_commit import GroupCommit
from ticketing.adapters.sql.engine.database import Database
from ticketing.adapters.sql.engine.retry import Retry
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.domain.errors import Busy, OutcomeUnknown
from ticketing.domain.programme.errors import ShowHasBookings, ShowNotFound, UnknownSeat
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show_draft import ShowDraft
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.errors import SeatTaken
from ticketing.domain.sales.idempotency import Repeatable, Replay
from ticketing.domain.sales.orders import BookSeats
from ticketing.domain.sales.selling import SalesPolicy

POLICY = SalesPolicy(SALES_GRACE, per_account=10)

FAIL = """
    CREATE SEQUENCE failures;
    CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN IF nextval('failures') <= {times} THEN {what}; END IF; RETURN NEW; END $$;
    {trigger} ON bookings {when} FOR EACH ROW
        WHEN (NEW.seat_numbers::text = '[3]') EXECUTE FUNCTION fail()
"""
AT_ONCE = "CREATE TRIGGER fail BEFORE INSERT", ""
AT_THE_COMMIT = "CREATE CONSTRAINT TRIGGER fail AFTER INSERT", "DEFERRABLE INITIALLY DEFERRED"
LOCKED = "55P03"
DUPLICATE = "NEW.reference = (SELECT max(reference) FROM bookings WHERE show_id = NEW.show_id)"


def answer_to(booking: Booking) -> str:
    return f"booking {booking.id} of {booking.reference}"


def request(key: str = "key") -> Repeatable[Booking]:
    return Repeatable(key, "the same", answer_to)


class Observed(SqlTransactions):
    """Transactions that share their batches' queue and sizes with a test."""

    group: GroupCommit[Any, Any, Any]

    def grouped(
        self, decide: Any, shard: Callable[[Any], Hashable], *, by_shard: bool = False
    ) -> Any:
        self.sizes: list[int] = []
        self.group = GroupCommit(self._run, self._attempt, decide, shard, observe=self.sizes.append)
        return self.group


class Server:
    """The first of its callers leads a batch until the others wait in the queue, in order.

    ``before_lock`` and ``before_commit`` are actions of the next batch, before it locks its seats
    and before it commits.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        retry: Retry | None = None,
        before_lock: Callable[[], object] = lambda: None,
        before_commit: Callable[[], object] = lambda: None,
    ) -> None:
        self._transactions = Observed(database, clock, retry)
        self.sales = BookingService(self._transactions, POLICY)
        self.sizes = self._transactions.sizes
        self._stopped, self._may_go_on = Event(), Event()
        self._actions = [
            ("EXECUTE ticketing_lock_free", lambda: None), (COMMIT, self._stop),
            ("EXECUTE ticketing_lock_free", before_lock), (COMMIT, before_commit),
        ]  # fmt: skip
        watch(database.engine, self._sends)
        self._threads = ThreadPoolExecutor(8)

    def start(
        self, first: BookSeats, *others: BookSeats, between: Callable[[], object] = lambda: None
    ) -> "list[Future[Booking | Replay]]":
        """Start the orders; run ``between`` before each of the ``others`` and after the last."""
        started = [self._start(first)]
        assert self._stopped.wait(AT_MOST)
        for number, order in enumerate(others, start=1):
            between()
            started.append(self._start(order))
            deadline = time.monotonic() + AT_MOST
            while self._transactions.group.waiting < number:
                assert time.monotonic() < deadline
                time.sleep(0.001)
        between()
        self._may_go_on.set()
        return started

    def sell(self, order: BookSeats) -> Booking | Replay:
        wish = order.show_id, order.names, order.customer
        if order.request:
            return self.sales.book_once(*wish, order.request)
        return self.sales.book(*wish)

    def close(self) -> None:
        self._may_go_on.set()
        self._threads.shutdown()

    def _start(self, order: BookSeats) -> "Future[Booking | Replay]":
        return self._threads.submit(self.sell, order)

    def _sends(self, statement: str) -> None:
        if self._actions and self._actions[0][0] in statement:
            self._actions.pop(0)[1]()

    def _stop(self) -> None:
        self._stopped.set()
        assert self._may_go_on.wait(AT_MOST)


def results(futures: "Iterable[Future[Any]]") -> list[Any]:
    return [future.exception(AT_MOST) or future.result() for future in futures]


def seats(sold: Sequence[Booking]) -> list[Sequence[int]]:
    return [booking.seat_numbers for booking in sold]


class Batches(Fixtures):
    @pytest.fixture
    def serve(self, opening, clock):
        servers = []

        def serve(**parts):
            servers.append(Server(opening(pool_size=5), clock, **parts))
            return servers[-1]

        yield serve
        for server in servers:
            server.close()

    @pytest.fixture
    def order(self, transactions, show, customer):
        """Make an order of a customer of its own, with an idempotency key."""

        def order(*names, show=show):
            buyer = register(transactions, f"buyer of {names} in {show.id}")
            return BookSeats(show.id, names, buyer, request())

        return order

    @pytest.fixture
    def fail(self, admin):
        """Fail the sale of seat 3, so many times."""

        def fail(what, times=1, at=AT_ONCE):
            trigger, when = at
            admin.execute(FAIL.format(what=what, times=times, trigger=trigger, when=when))

        yield fail
        admin.execute("DROP FUNCTION fail CASCADE; DROP SEQUENCE failures")


class TestAPoisonedSale(Batches):
    def test_a_duplicate_reference_is_drawn_again(self, serve, order, fail, queries, show):
        fail(DUPLICATE)
        retry = CountingRetry()
        server = serve(retry=retry)
        sold = results(server.start(*(order(number) for number in (1, 2, 3, 4))))
        assert seats(sold) == [[1], [2], [3], [4]]
        assert booked(queries, show.id) == [1, 2, 3, 4]
        assert server.sizes == [1, 3]
        assert "23505" in retry.failures

    def test_a_fault_reaches_its_own_caller_only(self, serve, order, fail, queries, show):
        fail("RAISE check_violation", times=2)
        server = serve()
        poisoned = order(3)
        *sold, fault = results(server.start(order(1), order(2), order(4), poisoned))
        assert seats(sold) == [[1], [2], [4]]
        assert "check_violation" in str(fault)
        assert booked(queries, show.id) == [1, 2, 4]
        assert server.sizes == [1, 3]
        assert isinstance(server.sell(poisoned), Booking)  # its key was not kept

    def test_a_show_that_was_deleted_meanwhile(self, serve, order, programme, transactions):
        deleted = put_on(transactions)
        server = serve()
        known_by(server, deleted)
        first, *others = server.start(
            order(1), order(2), order(3, show=deleted), order(4),
            between=Nth(4, lambda: programme.remove_show(deleted.id)),
        )  # fmt: skip
        before_it, refused, after_it = results(others)
        assert isinstance(refused, ShowNotFound)
        assert seats([*results([first]), before_it, after_it]) == [[1], [2], [4]]
        assert server.sizes == [1, 1, 3]

    def test_a_show_that_is_being_deleted(self, serve, order, client, transactions):
        """The others are answered before the deletion ends."""
        deleted = put_on(transactions)
        server, staff = serve(), client("staff")
        known_by(server, deleted)
        remove = staff.programme.remove_show, deleted.id
        _, first, refused, last = server.start(
            order(1), order(2), order(3, show=deleted), order(4),
            between=Nth(4, lambda: staff.start(*remove, stopping_before=COMMIT)),
        )  # fmt: skip
        assert seats(results([first, last])) == [[2], [4]]
        assert not refused.done()
        removal = staff.resume()
        if staff.rejected and isinstance(removal, ShowHasBookings):  # it had to start again
            assert refused.result(AT_MOST).seat_numbers == [3]
        else:
            assert isinstance(refused.exception(AT_MOST), ShowNotFound)

    def test_a_seat_plan_that_was_changed_meanwhile(
        self, serve, order, programme, transactions, queries
    ):
        changed = put_on(transactions, a_show(plan=plain_grid(50, 5), starts_at=NOW + A_WEEK))
        server = serve()
        known_by(server, changed)
        _, *others = server.start(
            order(1), order(2), order("B1", show=changed), order(4),
            between=Nth(4, lambda: programme.change_show(changed.id, ShowDraft(total_seats=60))),
        )  # fmt: skip
        assert seats(results(others)) == [[2], [11], [4]]  # B1 was seat 6
        assert booked(queries, changed.id) == [11]
        assert server.sizes == [1, 1, 3, 1]


class TestALostAnswerToTheCommit(Batches):
    @pytest.mark.parametrize("heard", [False, True], ids=["nothing done", "done"])
    def test_the_outcome_is_unknown_to_all_and_each_key_resolves_it(
        self, postgresql_url, clock, queries, order, show, heard
    ):
        orders = [order(number) for number in (1, 2, 3, 4)]
        retry = CountingRetry()
        with proxy_to(postgresql_url) as proxy, opened(proxy.url) as database:
            cut = partial(proxy.cut_at, COMMIT.encode(), heard=heard)
            server = Server(database, clock, retry, before_commit=cut)
            first, *unknown = results(server.start(*orders))
            assert [type(outcome) for outcome in unknown] == [OutcomeUnknown] * 3
            assert len({id(outcome) for outcome in unknown}) == 3
            assert (server.sizes, retry.made) == ([1, 3], 4)
            answers = [server.sell(each) for each in orders]
            again = [server.sell(each) for each in orders]
            server.close()
        made = [queries.sales.bookings(each.customer, None, ALL).items for each in orders]
        bookings = [booking for [booking] in made]
        replays = [Replay(answer_to(booking)) for booking in bookings]
        assert bookings[0] == first
        assert again == replays
        assert answers == (replays if heard else [replays[0], *bookings[1:]])
        assert booked(queries, show.id) == [1, 2, 3, 4]


class TestABatchThatFails(Batches):
    @pytest.mark.parametrize(
        ("state", "at"),
        [
            pytest.param(REJECTED, AT_ONCE, id="serialization failure"),
            pytest.param(REJECTED, AT_THE_COMMIT, id="serialization failure of the commit"),
            pytest.param("40P01", AT_ONCE, id="deadlock"),
            pytest.param(LOCKED, AT_ONCE, id="lock timeout"),
        ],
    )
    def test_each_order_is_repeated_alone(self, serve, order, fail, queries, show, state, at):
        fail(f"RAISE SQLSTATE '{state}'", at=at)
        retry = CountingRetry()
        server = serve(retry=retry)
        sold = results(server.start(*(order(number) for number in (1, 2, 3, 4))))
        assert seats(sold) == [[1], [2], [3], [4]]
        assert booked(queries, show.id) == [1, 2, 3, 4]
        assert server.sizes == [1, 3]
        if state != LOCKED:  # those are not counted
            assert retry.failures[:3] == [state] * 3
            assert set(retry.failures[3:]) <= {REJECTED}  # SERIALIZABLE may reject single sales too
        assert retry.made == 1 + 3 + len(retry.failures)

    def test_each_order_has_its_own_time_for_retries(self, serve, order, fail):
        """Those that have waited for too long are refused; later ones are repeated."""
        fail("RAISE SQLSTATE '40001'")
        clock = Ticks()

        def a_second_later():
            clock.now += 1.0

        server = serve(retry=Retry(2.5, monotonic=clock, sleep=lambda _: None))
        _, *others = server.start(
            order(1), order(2), order(3), order(4), order(5), between=a_second_later
        )
        outcomes = results(others)
        assert [type(outcome) for outcome in outcomes] == [Busy, Busy, Booking, Booking]
        assert server.sizes == [1, 4]

    def test_a_key_that_is_used_elsewhere_holds_up_no_other(self, serve, order, client):
        """The batch waits for it only briefly: lock_timeout."""
        orders = [order(number) for number in (1, 2, 3, 4)]
        server, elsewhere = serve(), client("elsewhere")
        twin = orders[2]
        wish = twin.show_id, twin.names, twin.customer, request()
        elsewhere.start(elsewhere.sales.book_once, *wish, stopping_before=COMMIT)
        _, first, waiting, last = server.start(*orders)
        assert seats(results([first, last])) == [[2], [4]]
        assert not waiting.done()
        both = [elsewhere.resume(), waiting.result(AT_MOST)]
        # SERIALIZABLE may reject the one elsewhere, which then repeats the other
        [booking] = [done for done in both if isinstance(done, Booking)]
        assert Replay(answer_to(booking)) in both
        assert server.sizes == [1, 3]

    def test_a_seat_that_is_sold_after_the_batch_began_is_taken(
        self, serve, sales, order, show, customer, queries
    ):
        """SERIALIZABLE rejects the whole batch then."""
        server = serve(before_lock=lambda: sales.book(show.id, [3], customer))
        _, first, refused, last = results(server.start(*(order(n) for n in (1, 2, 3, 4))))
        assert seats([first, last]) == [[2], [4]]
        assert isinstance(refused, SeatTaken)
        assert booked(queries, show.id) == [1, 2, 3, 4]
        assert server.sizes == [1, 3]


class Nth:
    """An action for that call only."""

    def __init__(self, turn: int, act: Callable[[], object]) -> None:
        self._turn, self._act = turn, act

    def __call__(self) -> None:
        self._turn -= 1
        if self._turn == 0:
            self._act()


def known_by(server: Server, show: Any) -> None:
    """Have the server cache the seat plan of the show."""
    with suppress(UnknownSeat):
        server.sales.book(show.id, [10_000], show.id)
