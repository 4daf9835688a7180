"""Which nodes of a Citus cluster each use case asks, as far as PostgreSQL can tell.

``EVERY_NODE`` lists what asks all of them; docs/scaling.md says how often. A new statement without
its shard key fails here.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.builders import (
    A_WEEK,
    ADDRESS,
    PASSWORD,
    Clock,
    a_movie,
    a_screen,
    a_show,
    put_on,
    register,
)
from tests.contracts.sales.batches import BatchesContract
from tests.contracts.sales.best_available import BestAvailableContract
from tests.contracts.sales.bookings import BookingsContract
from tests.contracts.sales.cancellations import CancellationsContract
from tests.contracts.sales.concurrency import ConcurrencyContract
from tests.contracts.sales.holds import HoldsContract
from tests.contracts.sales.idempotency import IdempotencyContract
from tests.contracts.sales.interleavings import InterleavingsContract
from tests.contracts.sales.seat_limits import SeatLimitsContract
from tests.contracts.sales.seats import SeatsContract
from tests.integration.databases import empty
from tests.integration.postgresql_server import Server
from tests.integration.sql.sharded import Recorder, is_atomic, record, sharded_database
from ticketing.adapters.sql.engine.database import Database
from ticketing.bootstrap import open_box_office
from ticketing.domain.accounts.account import AccountId, Actor, Role
from ticketing.domain.accounts.throttle import purge_old_attempts
from ticketing.domain.paging import Window
from ticketing.domain.programme.programme_import import Programme, ShowEntry
from ticketing.domain.programme.queries import ShowFilter
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import Show
from ticketing.domain.programme.show_draft import ShowDraft
from ticketing.domain.rehearsal.rehearsal_service import RehearsalService
from ticketing.domain.sales.batch import sell_batch
from ticketing.domain.sales.best_available.offered_seats import Party
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.hold import Hold
from ticketing.domain.sales.idempotency import Repeatable
from ticketing.domain.sales.orders import BookSeats
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.domain.sales.waiting_list.entry import WaitingListEntry
from ticketing.domain.sales.waiting_list.offers import OfferService
from ticketing.domain.sales.waiting_list.waiting_list_service import WaitingListService
from ticketing.settings import Settings

SCALING = Path(__file__).parents[3] / "docs" / "scaling.md"
INSERT_OF_VALUES = re.compile(r"INSERT INTO \w+\s+\([\w,\s]+\)\s+VALUES ")
MANY = 12  # rows that are never all in one shard
FIRST, SECOND = Window(0, 20), Window(20, 20)


@pytest.fixture(scope="module")
def sharded(postgresql_server: Server) -> Iterator[str]:
    with sharded_database(postgresql_server) as url:
        yield url


@pytest.fixture
def database_url(sharded: str) -> Iterator[str]:
    yield sharded
    empty(sharded)


class TestSales(
    BatchesContract,
    BestAvailableContract,
    BookingsContract,
    CancellationsContract,
    ConcurrencyContract,
    HoldsContract,
    IdempotencyContract,
    InterleavingsContract,
    SeatLimitsContract,
    SeatsContract,
):
    """The statements for Citus sell as the others do, but in batches of one show."""

    test_a_batch_sells_seats_of_several_shows_to_several_customers: Any = None
    test_several_holds_are_added_and_saved_at_once: Any = None


class Cinema:
    """Some rows, and the services over them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        settings = Settings.from_env({})
        self.office = open_box_office(settings, database, clock, secrets=["a secret key"])
        self.clock = clock
        self.show = put_on(self.office.transactions, a_show(plan=plain_grid(12)))
        self.other_show = self.put_on("Screen 2")
        self.maria = self.office.accounts.sign_up("maria", PASSWORD, email="m@example.com").id
        self.otto = register(self.office.transactions, "otto")
        self.booking = self.book(self.maria, 1)
        self.office.bookings.book(self.other_show.id, [1], self.maria)
        self.owner = Actor(self.maria, Role.CUSTOMER)
        self.staff = Actor(self.otto, Role.STAFF)

    def put_on(self, screen: str, **details: Any) -> Show:
        movie = self.show.movie
        show = a_show(movie=movie, screen=a_screen(screen), **details)
        return put_on(self.office.transactions, show)

    def book(self, customer: AccountId, *seats: int) -> Booking:
        return self.office.bookings.book(self.show.id, seats, customer)

    def hold(self, *seats: int) -> Hold:
        return self.office.holds.hold(self.show.id, seats, self.owner)

    def change_hold(self) -> None:
        hold = self.hold(3, 4)
        self.clock.advance(minutes=1)
        self.office.holds.extend(hold.id, self.owner)
        self.office.holds.change(hold.id, [4, 5], self.owner)
        self.book(self.maria, 4)
        self.office.holds.release(hold.id, self.staff)

    def take_over(self) -> None:
        hold = self.hold(3, 4)
        self.clock.now = hold.expires_at
        self.office.holds.hold(self.show.id, [4], self.staff)
        self.office.queries.sales.holds_of(self.maria, self.show.id, FIRST)

    def wait(self) -> WaitingListEntry:
        """Otto waits for the seats of a sold-out show."""
        for seats in (range(2, 7), range(7, 13)):
            self.office.bookings.book(self.show.id, seats, self.maria, is_staff=True)
        lists = WaitingListService(self.office.transactions, SalesPolicy())
        entry = lists.join(self.show.id, 1, True, self.staff)
        assert isinstance(entry, WaitingListEntry)
        return entry

    def leave(self) -> None:
        entry = self.wait()
        queries = self.office.queries.waiting_list
        queries.queue(self.show.id)
        queries.entries_of(self.otto, self.show.id, FIRST)
        queries.entry(entry.id)
        lists = WaitingListService(self.office.transactions, SalesPolicy())
        lists.leave(entry.id, self.staff)

    def offer(self) -> None:
        entry = self.wait()
        self.office.bookings.cancel(self.show.id, self.booking.id, self.owner)
        queries = self.office.queries.waiting_list
        OfferService(self.office.transactions, queries).serve_all()
        assert queries.entry(entry.id).entry.offer

    def book_with_key(self) -> object:
        request = self.repeatable("a")
        return self.office.bookings.book_once(self.show.id, [2], self.maria, request)

    def repeatable(self, key: str) -> Repeatable[Booking]:
        return Repeatable(key, "the same", lambda booking: f"booking {booking.id}")

    def sell_batch(self, *, wait: bool) -> None:
        names = enumerate((self.maria, self.otto, self.maria), 5)
        orders = [
            BookSeats(self.show.id, [seat], customer, self.repeatable(f"batch {seat}"))
            for seat, customer in names
        ]
        policy = SalesPolicy(timedelta(0), per_account=10)
        self.office.transactions(lambda work: sell_batch(work, orders, policy, wait=wait))

    def pick(self) -> None:
        party, request = Party(count=2), self.repeatable("pick")
        self.office.best_available.hold(self.show.id, party, self.owner)
        self.office.best_available.book(self.show.id, party, self.maria, request)

    def try_to_buy_when_sold_out(self) -> None:
        policy = SalesPolicy(timedelta(0), per_booking=12)
        rest, sold = (BookSeats(self.show.id, seats, self.otto) for seats in (range(2, 13), [1]))
        self.office.transactions(lambda work: sell_batch(work, [rest], policy, wait=True))
        self.office.transactions(lambda work: sell_batch(work, [sold], policy, wait=True))

    def log_in(self) -> Any:
        return self.office.sessions.log_in("maria", PASSWORD, ADDRESS)

    def programme(self, count: int) -> Programme:
        """Shows of an existing movie, so that only shows are added."""
        title, start = self.show.movie.title, self.show.starts_at
        return Programme(
            shows=[
                ShowEntry(
                    where=f"line {day}",
                    movie=title,
                    screen="Screen 1",
                    starts_at=start + timedelta(days=day),
                )
                for day in range(1, count + 1)
            ]
        )

    def list_shows(self) -> None:
        for number in range(MANY):
            self.put_on(f"Hall {number}")
        self.office.queries.programme.shows(ShowFilter(), FIRST)

    def request_reset(self) -> None:
        self.office.password_resets.request("maria", ADDRESS)

    def send_messages(self) -> None:
        self.request_reset()
        assert self.office.messages
        self.office.messages.send_due()

    def clean_up(self) -> None:
        self.book_with_key()
        self.office.sessions.log_out(self.maria, self.log_in().session.id)
        self.log_in()
        self.clock.advance(days=9)
        self.office.bookings.purge_answers()
        self.office.holds.purge()
        self.office.sessions.end_excess_sessions()
        self.office.sessions.purge_sessions()
        assert self.office.messages
        self.office.messages.purge()
        purge_old_attempts(self.office.transactions)

    def rehearse(self) -> None:
        service = RehearsalService(self.office.transactions)
        rehearsal = service.on(service.find(self.show.id))
        first, *_ = service.invite(rehearsal, MANY, lambda done: None)
        self.office.bookings.book(rehearsal.show.id, [1], first.id)
        service.stored_sales(rehearsal)
        service.clean_up(rehearsal)


@pytest.fixture
def cinema(database: Database, clock: Clock) -> Cinema:
    return Cinema(database, clock)


@pytest.fixture
def recorder(cinema: Cinema, database: Database) -> Recorder:
    return record(database)


UseCase = Callable[[Cinema], object]

SALES: dict[str, UseCase] = {
    "a sale": lambda c: c.book(c.maria, 2, 3),
    "a sale with a key": lambda c: c.book_with_key(),
    "a batch": partial(Cinema.sell_batch, wait=False),
    "a batch that waits": partial(Cinema.sell_batch, wait=True),
    "a sold-out show": lambda c: c.try_to_buy_when_sold_out(),
    "best available": lambda c: c.pick(),
    "a cancellation with the show": lambda c: c.office.bookings.cancel(
        c.show.id, c.booking.id, c.owner
    ),
    "a cancellation with a key": lambda c: [
        c.office.bookings.cancel_once(c.show.id, c.booking.id, c.owner, c.repeatable("a"))
        for _ in range(2)
    ],
    "a cancellation by staff": lambda c: c.office.bookings.cancel(c.show.id, c.booking.id, c.staff),
    "a hold": lambda c: c.hold(3, 4),
    "a hold that changes and ends": lambda c: c.change_hold(),
    "a hold that is taken over": lambda c: c.take_over(),
    "a booking of a hold": lambda c: c.office.holds.book(c.hold(3).id, c.owner),
    "a hold as its customer sees it": lambda c: c.office.queries.sales.hold(c.hold(3).id),
    "my holds of the show": lambda c: (
        c.hold(3),
        c.office.queries.sales.holds_of(c.maria, c.show.id, FIRST),
        c.office.queries.sales.mine(c.show.id, c.maria),
    ),
    "a waiting list": Cinema.leave,
    "a booking with its show": lambda c: c.office.queries.sales.booking(c.booking.id, c.show.id),
    "a seat map": lambda c: c.office.queries.sales.seat_map(c.show.id),
    "a show": lambda c: c.office.queries.programme.show(c.show.id),
}

OTHERS: dict[str, UseCase] = {
    "a booking by its id alone": lambda c: c.office.queries.sales.booking(c.booking.id),
    "my bookings": lambda c: c.office.queries.sales.bookings(c.maria, None, FIRST),
    "my bookings, a later page": lambda c: c.office.queries.sales.bookings(c.maria, None, SECOND),
    "my holds": lambda c: (
        c.hold(3),
        c.office.queries.sales.holds_of(c.maria, None, FIRST),
    ),
    "my waiting list": lambda c: (
        c.wait(),
        c.office.queries.waiting_list.entries_of(c.otto, None, FIRST),
    ),
    "offers to waiting customers": Cinema.offer,
    "my data": lambda c: (
        c.office.queries.sales.bookings_after(c.maria, c.booking.id, 500),
        c.office.queries.accounts.sessions(c.maria, 100),
        c.office.queries.audit.actions_of(c.maria),
    ),
    "the programme": lambda c: c.list_shows(),
    "movies and screens": lambda c: (
        c.office.queries.programme.movies("", FIRST),
        c.office.queries.programme.screens(FIRST),
    ),
    "the bookings of a show": lambda c: (
        c.office.queries.sales.bookings_of_show(c.show.id, FIRST),
        c.office.queries.sales.sold_seats(c.show.id),
    ),
    "a booking by its reference": lambda c: c.office.queries.sales.bookings_by_reference("7"),
    "the holds of a show": lambda c: (
        c.hold(3),
        c.office.queries.sales.holds_of_show(c.show.id, FIRST),
    ),
    "blocked seats": lambda c: c.office.blocked_seats.block(c.show.id, [7]),
    "the audit log": lambda c: c.office.queries.audit.audit_entries(FIRST),
    "a new show": lambda c: c.office.programme.add_show(
        ShowDraft(
            movie_id=c.show.movie.id,
            screen_name="Screen 1",
            starts_at=c.show.starts_at + timedelta(days=1),
        )
    ),
    "a moved show": lambda c: c.office.programme.change_show(
        c.put_on("Screen 1", starts_at=c.show.starts_at + timedelta(days=2)).id,
        ShowDraft(starts_at=c.show.starts_at + timedelta(days=3)),
    ),
    "a cancelled show": lambda c: c.office.programme.change_show(
        c.show.id, ShowDraft(cancelled=True)
    ),
    "a deleted show": lambda c: c.office.programme.remove_show(
        c.put_on("Screen 1", starts_at=c.show.starts_at + timedelta(days=2)).id
    ),
    "a deleted movie": lambda c: c.office.programme.remove_movie(
        put_on(c.office.transactions, a_show(movie=a_movie("Nosferatu"))).movie.id
    ),
    "an import": lambda c: c.office.programme.load(c.programme(2)),
    "a sign-up": lambda c: c.office.accounts.sign_up("carol", PASSWORD, email="c@example.com"),
    "a sign-up without an address": lambda c: c.office.accounts.sign_up("carol", PASSWORD),
    "a new member of staff": lambda c: c.office.accounts.sign_up(
        "carol", PASSWORD, role=Role.STAFF
    ),
    "a log-in": lambda c: c.log_in(),
    "a renewal": lambda c: c.office.sessions.renew(c.maria, c.log_in().session.id, 0),
    "a log-out": lambda c: c.office.sessions.log_out(c.maria, c.log_in().session.id),
    "a new password": lambda c: c.office.accounts.change_own_password(
        c.maria, PASSWORD, f"{PASSWORD}!", session_id=c.log_in().session.id, address=ADDRESS
    ),
    "a changed role": lambda c: c.office.accounts.change_role("maria", Role.STAFF),
    "a deleted account": lambda c: c.office.accounts.delete(c.maria),
    "a request to reset a password": Cinema.request_reset,
    "messages that are due": Cinema.send_messages,
    "the revoked sessions": lambda c: c.office.queries.accounts.revoked_sessions(A_WEEK),
    "housekeeping": lambda c: c.clean_up(),
    "a rehearsal": lambda c: c.rehearse(),
}

EVERY_NODE: dict[str, set[str]] = {
    "a booking by its id alone": {"select bookings shows"},
    "my bookings": {"select bookings shows"},
    "my bookings, a later page": {"select bookings shows"},
    "my holds": {"select holds shows"},
    "my waiting list": {"select holds shows waiting_list_entries"},
    "offers to waiting customers": {"select shows"},
    "my data": {"select bookings shows", "select audit_entries"},
    "the programme": {"select shows", "select show_seats"},
    "a booking by its reference": {"select bookings shows"},
    "the audit log": {"select audit_entries"},
    "a new show": {"select shows"},
    "a moved show": {"select shows"},
    "a deleted movie": {"select shows"},
    "an import": {"select shows"},
    "a deleted account": {
        "select holds",
        "select holds shows waiting_list_entries",
        "delete account_names",
        "delete show_messages",
    },
    "a cancelled show": {"insert accounts bookings"},
    "a request to reset a password": {"select account_messages"},
    "messages that are due": {"select show_messages", "select account_messages"},
    "the revoked sessions": {"select sessions"},
    "housekeeping": {
        "select idempotency_keys",
        "select holds",
        "select sessions",
        "select failed_log_ins",
        "select show_messages",
        "select account_messages",
    },
    "a rehearsal": {
        "select accounts",
        "delete account_names",
        "delete sessions",
        "delete accounts",
    },
}
"""What each of ``OTHERS`` asks all nodes; docs/scaling.md has the same names."""


@pytest.mark.parametrize("name", SALES)
def test_a_sale_and_what_customers_do_around_it_ask_one_node(cinema, recorder, name):
    SALES[name](cinema)

    assert recorder.statements
    for statement in recorder.statements:
        assert not statement.reaches_several, statement
    for transaction in recorder.transactions:
        assert is_atomic(transaction)


@pytest.mark.parametrize("name", SALES)
def test_inserts_of_sales_have_values_and_stand_alone(cinema, recorder, database, name):
    """Citus takes every other INSERT apart."""
    SALES[name](cinema)

    with database.engine.connect() as connection:
        prepared = connection.exec_driver_sql("SELECT statement FROM pg_prepared_statements")
        texts = [*prepared.scalars(), *(each.text for each in recorder.statements)]
    for text in texts:
        assert "INSERT" not in text or INSERT_OF_VALUES.match(text), text


def test_a_page_of_a_customers_bookings_is_one_statement(cinema, recorder):
    for window in (Window(0, 1), Window(1, 1), SECOND):
        assert cinema.office.queries.sales.bookings(cinema.maria, None, window).total == 2
    assert len(recorder.statements) == 3


def test_what_asks_all_nodes_is_documented():
    _, _, after = SCALING.read_text("utf-8").partition("\n### What asks every node\n")
    table = after.partition("| use case |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| ([a-z][\w ,]*) \|", table, re.MULTILINE)) == EVERY_NODE.keys()


@pytest.mark.parametrize("name", OTHERS)
def test_what_asks_all_nodes_is_known(cinema, recorder, name):
    OTHERS[name](cinema)

    assert recorder.statements
    found = {each.about for each in recorder.statements if each.reaches_several}
    assert found == EVERY_NODE.get(name, set())
    for transaction in recorder.transactions:
        assert is_atomic(transaction), transaction
