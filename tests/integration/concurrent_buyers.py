"""Concurrent buyers of the same seats, in a module that spawned processes can import."""

import random
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier

from tests.builders import SALES_GRACE
from tests.contracts.concurrent_calls import all_at_once, answer
from tests.integration.databases import opened
from ticketing.adapters.sql.engine.retry import Retry
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.domain.accounts.account import AccountId, Actor, Role
from ticketing.domain.errors import DomainError
from ticketing.domain.programme.seat_plans.model import SeatPlan
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.selling import SalesPolicy

ROUNDS = 15
TIMEOUT_SECONDS = 30.0  # seconds for a process to start, or for a sale to succeed


def new_processes(number: int) -> ProcessPoolExecutor:
    """Return a pool of processes that start to work together.

    They are forked from one that has imported this module, and that has no threads or connections.
    """
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return ProcessPoolExecutor(number, context, _wait_for_others, (context.Barrier(number),))


def _wait_for_others(start: Barrier) -> None:
    start.wait(TIMEOUT_SECONDS)


@dataclass
class Outcome:
    """The results of one buyer: bookings kept, bookings cancelled again, and refusals."""

    kept: list[Booking] = field(default_factory=list)
    cancelled: list[Booking] = field(default_factory=list)
    refusals: list[DomainError] = field(default_factory=list)


def race(url: str, show_id: ShowId, plan: SeatPlan, buyers: list[AccountId]) -> list[Outcome]:
    """Run each buyer in a thread. All share one connection pool."""
    with opened(url, pool_size=len(buyers)) as database:
        long_retry = SqlTransactions(
            database, retry=Retry(TIMEOUT_SECONDS)
        )  # the machine may be slow
        sales = BookingService(long_retry, SalesPolicy(SALES_GRACE))
        return all_at_once(lambda buyer: buy(sales, show_id, plan, buyer), buyers)


def buy(sales: BookingService, show_id: ShowId, plan: SeatPlan, buyer: AccountId) -> Outcome:
    """Book two to four random seats at a time. Cancel about every third booking; some buyers
    always cancel their first one."""
    draw = random.Random(buyer)
    outcome = Outcome()
    for _ in range(ROUNDS):
        seats = draw.sample(plan.numbers, draw.randint(2, 4))
        booking = answer(sales.book, show_id, seats, buyer)
        if not isinstance(booking, Booking):
            outcome.refusals.append(booking)
        elif draw.randrange(3) and (outcome.cancelled or buyer % 4):
            outcome.kept.append(booking)
        else:
            outcome.cancelled.append(booking)
            cancel_twice(sales, booking)
    return outcome


def cancel_twice(sales: BookingService, booking: Booking) -> None:
    """Cancel twice at the same time, while other buyers wait for the seats."""
    owner = Actor(booking.customer, Role.CUSTOMER)
    with ThreadPoolExecutor(2) as threads:
        for cancelled in threads.map(
            lambda _: sales.cancel(booking.show.id, booking.id, owner), range(2)
        ):
            assert not cancelled.is_active
