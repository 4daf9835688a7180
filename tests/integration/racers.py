"""Buyers who race for the same seats; importable, so that processes can run them."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.synchronize import Barrier

from tests.builders import SALES_GRACE
from tests.contracts.concurrent_calls import all_at_once, answer
from tests.integration.databases import opened
from ticketing.adapters.sql.engine.retry import Retry
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.domain.accounts.account import AccountId, Actor, Role
from ticketing.domain.errors import DomainError
from ticketing.domain.programme.seat_plan import SeatPlan
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.selling import SalesPolicy

ROUNDS = 15
AT_MOST = 30.0  # seconds for a process to start, or for a sale to succeed


def wait_for_others(start: Barrier) -> None:
    """With everything imported that the race needs."""
    start.wait(AT_MOST)


@dataclass
class Outcome:
    """The results of one buyer: bookings kept, bookings cancelled again, and refusals."""

    kept: list[Booking] = field(default_factory=list)
    cancelled: list[Booking] = field(default_factory=list)
    refusals: list[DomainError] = field(default_factory=list)


def race(url: str, show_id: ShowId, plan: SeatPlan, buyers: list[AccountId]) -> list[Outcome]:
    """Each buyer in a thread of their own, all of them with one pool of connections."""
    with opened(url, pool_size=len(buyers)) as database:
        patient = SqlTransactions(database, retry=Retry(AT_MOST))  # the machine may be slow
        sales = BookingService(patient, SalesPolicy(SALES_GRACE))
        return all_at_once(lambda buyer: buy(sales, show_id, plan, buyer), buyers)


def buy(sales: BookingService, show_id: ShowId, plan: SeatPlan, buyer: AccountId) -> Outcome:
    """Two to four seats at a time, in any order. About every third booking is given back; some
    buyers surely give their first one back."""
    draw = random.Random(buyer)
    outcome = Outcome()
    for _ in range(ROUNDS):
        wish = draw.sample(plan.numbers, draw.randint(2, 4))
        booking = answer(sales.book, show_id, wish, buyer)
        if not isinstance(booking, Booking):
            outcome.refusals.append(booking)
        elif draw.randrange(3) and (outcome.cancelled or buyer % 4):
            outcome.kept.append(booking)
        else:
            outcome.cancelled.append(booking)
            give_back_twice(sales, booking)
    return outcome


def give_back_twice(sales: BookingService, booking: Booking) -> None:
    """At the same time, while rivals wait for the seats. A refusal is a failure."""
    owner = Actor(booking.customer, Role.CUSTOMER)
    with ThreadPoolExecutor(2) as hands:
        for cancelled in hands.map(lambda _: sales.cancel(booking.id, owner), range(2)):
            assert not cancelled.is_active
