"""What the contract tests share."""

from collections.abc import Callable
from typing import TypeVar

import pytest

from tests.builders import CLEANING, SALES_GRACE, put_on, register
from ticketing.domain.accounts.account import AccountId, Actor, Role
from ticketing.domain.box_office import Queries, UnitOfWork
from ticketing.domain.errors import Busy
from ticketing.domain.paging import Page, Window
from ticketing.domain.programme.programme_service import ProgrammeService
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.domain.unit_of_work import Transactions

T = TypeVar("T")

ALL = Window(0, 100)

UNKNOWN = [0, 987_654, -1, 2**63, 10**30]
"""Ids that nothing has: some are more than a database can count."""

NO_TEXT = ["\x00", "maria\x00", "\x1fmaria", "\ud800"]
"""What no database can keep, or compares with no name."""


def wide(text: str) -> str:
    """ASCII as East Asian typewriters have it: the same text, once it is normalised."""
    return "".join(chr(ord(character) + 0xFEE0) for character in text)


class Fixtures:
    """A customer, and a show to be sold to them."""

    @pytest.fixture
    def customer(self, transactions: Transactions[UnitOfWork]) -> AccountId:
        return register(transactions, "customer")

    @pytest.fixture
    def actor(self, customer: AccountId) -> Actor:
        return Actor(customer, Role.CUSTOMER)

    @pytest.fixture
    def show(self, transactions: Transactions[UnitOfWork]) -> Show:
        return put_on(transactions)

    @pytest.fixture
    def sales(self, transactions: Transactions[UnitOfWork]) -> BookingService:
        return BookingService(transactions, SalesPolicy(SALES_GRACE))

    @pytest.fixture
    def programme(self, transactions: Transactions[UnitOfWork]) -> ProgrammeService:
        return ProgrammeService(transactions, CLEANING)


class RolledBack(Exception):
    """Ends a unit of work that is not to be kept."""


def roll_back(transactions: Transactions[UnitOfWork], work: Callable[[UnitOfWork], object]) -> None:
    """Run ``work``, and undo it."""

    def undone(uow: UnitOfWork) -> None:
        work(uow)
        raise RolledBack

    with pytest.raises(RolledBack):
        transactions(undone)


def check_busy(
    transactions: Transactions[UnitOfWork], work: Callable[[UnitOfWork], object]
) -> None:
    """``work`` meets a busy store, which is not asked again."""

    def once(uow: UnitOfWork) -> None:
        with pytest.raises(Busy):
            work(uow)

    roll_back(transactions, once)


def booked(queries: Queries, show_id: ShowId) -> list[int]:
    """The seats that are sold, as the seat map has them."""
    return sorted(queries.sales.seat_map(show_id).booked)


def paged(ask: Callable[[Window], Page[T]], size: int) -> list[T]:
    """A list as a client reads it, page by page, past its end."""
    items: list[T] = []
    for offset in range(0, 100, size):
        items += ask(Window(offset, size)).items
    return items
